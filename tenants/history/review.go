package history

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/entry"
)

// Review is one review of the log (操作履歴の確認): who looked through which days, and what came of it. What a person did
// themselves is not reviewed by them.
type Review struct {
	TenantID int64 // the host
	ID       int64
	At       time.Time
	FromOn   calendar.Date
	ToOn     calendar.Date
	ByID     int64
	ByText   string
	Post     string
	Lines    int64 // of others
	OwnLines int64 // left to another person
	Found    bool  // something out of order
	Findings string
	Measures string

	Corrections correction.History `gorm:"-"` // laid over what stands above
}

var _ = tenants.Constraint("log_review_order", "to_on", "終わりの日は始まりの日以後にしてください。", "The last day cannot be before the first.")

// ReviewInput is a review as it is entered.
type ReviewInput struct {
	FromOn, ToOn calendar.Date
	Found        bool
	Findings     string // what was out of order; required where something was
	Measures     string // what was done about it
}

// recorded is a review as it stands in the operation log.
type recorded struct {
	FromOn   calendar.Date `json:"from_on"`
	ToOn     calendar.Date `json:"to_on"`
	Lines    int64         `json:"lines"`
	OwnLines int64         `json:"own_lines,omitempty"`
	Found    bool          `json:"found"`
	Findings string        `json:"findings,omitempty"`
	Measures string        `json:"measures,omitempty"`
}

// Confirm records that the actor has looked through the log of all towns for these days. Days that are not over cannot be
// reviewed: more may be written in them. The duty hears of it by TakeIn.
func Confirm(_ context.Context, tx *tenants.Tx, in ReviewInput) (Review, error) {
	if err := tx.Permit(tenants.ReviewLog); err != nil {
		return Review{}, err
	}
	h, err := hostOf(tx)
	if err != nil {
		return Review{}, err
	}
	var v tenants.Invalid
	today := calendar.DateOf(tx.Now, h.zone())
	switch {
	case in.FromOn.IsZero():
		v.Add("from_on", "どの日から確認したかを入力してください。", "Enter the first day that was reviewed.")
	case in.ToOn.IsZero():
		v.Add("to_on", "どの日まで確認したかを入力してください。", "Enter the last day that was reviewed.")
	case in.ToOn.Before(in.FromOn):
		v.Add("to_on", "終わりの日は始まりの日以後にしてください。", "The last day cannot be before the first.")
	case !in.ToOn.Before(today):
		v.Add("to_on", "きのうまでの日にしてください。終わっていない日の履歴はまだ増えます。", "Only days that are over, please: today's log still grows.")
	case in.FromOn.Before(h.began()):
		v.Add("from_on", fmt.Sprintf("履歴は%sからです。", h.began().Wareki()), fmt.Sprintf("The log begins on %s.", h.began()))
	}
	in.Findings, in.Measures = entry.Text(&v, "findings", in.Findings, 2000), entry.Text(&v, "measures", in.Measures, 2000)
	said(&v, in.Found, in.Findings, in.Measures)
	if err := v.Err(); err != nil {
		return Review{}, err
	}
	r := Review{TenantID: h.ID, At: tx.Now, FromOn: in.FromOn, ToOn: in.ToOn, ByID: tx.Actor.PersonID, ByText: tx.Actor.Text(), Found: in.Found,
		Findings: in.Findings, Measures: in.Measures}
	for _, p := range tx.Actor.Posts {
		if (tenants.Actor{Posts: []tenants.Post{p}}).May(tenants.ReviewLog) {
			r.Post = string(p)
			break
		}
	}
	towns, err := tx.Reach(tenants.ReadLog)
	if err != nil {
		return Review{}, err
	}
	var count struct{ Lines, Own int64 }
	err = tx.DB.Raw(`SELECT count(*) FILTER (WHERE l.actor_id IS DISTINCT FROM @person) AS lines, count(*) FILTER (WHERE l.actor_id = @person) AS own
		FROM operation_log l WHERE `+tx.Own("l.tenant_id", towns)+` AND l.at >= @from AND l.at < @to`,
		map[string]any{"towns": &towns, "person": r.ByID, "from": in.FromOn.At(0, 0, h.zone()), "to": in.ToOn.AddDays(1).At(0, 0, h.zone())}).Scan(&count).Error
	if err != nil {
		return Review{}, fmt.Errorf("count what was reviewed: %w", err)
	}
	r.Lines, r.OwnLines = count.Lines, count.Own
	err = tx.DB.Raw(`INSERT INTO log_review (tenant_id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures)
		VALUES (@town, @at, @from, @to, @by, @text, @post, @lines, @own, @found, @findings, @measures) RETURNING id`,
		map[string]any{"town": r.TenantID, "at": r.At, "from": r.FromOn, "to": r.ToOn, "by": r.ByID, "text": r.ByText, "post": r.Post, "lines": r.Lines,
			"own": r.OwnLines, "found": r.Found, "findings": r.Findings, "measures": r.Measures}).Scan(&r.ID).Error
	if err != nil {
		return Review{}, fmt.Errorf("record a review: %w", err)
	}
	if err := tx.Wake(tenants.WakeReview, r.TenantID); err != nil {
		return Review{}, err
	}
	return r, tx.Record(tenants.Line{Town: r.TenantID, Act: tenants.ReviewLog, Object: "log_review", ObjectID: r.ID, After: recorded{FromOn: r.FromOn, ToOn: r.ToOn,
		Lines: r.Lines, OwnLines: r.OwnLines, Found: r.Found, Findings: r.Findings, Measures: r.Measures}})
}

// Reviews lists the reviews, the newest first, older than the given id (0: from the newest).
func Reviews(_ context.Context, tx *tenants.Tx, before int64, limit int) ([]Review, error) {
	if err := tx.Permit(tenants.ReviewLog); err != nil {
		return nil, err
	}
	h, err := hostOf(tx)
	if err != nil {
		return nil, err
	}
	return reviews(tx, h.ID, before, limit)
}

func reviews(tx *tenants.Tx, host, before int64, limit int) ([]Review, error) {
	var rows []Review
	err := tx.DB.Raw(`SELECT tenant_id, id, at, from_on, to_on, by_id, by_text, post, lines, own_lines, found, findings, measures FROM log_review
		WHERE tenant_id = @town AND (CAST(@before AS bigint) = 0 OR id < @before) ORDER BY id DESC LIMIT @limit`,
		map[string]any{"town": host, "before": before, "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	return rows, withCorrections(tx, rows)
}

// host is the organisation whose duty the review is.
type host struct {
	ID        int64
	Zone      string
	CreatedAt time.Time
	FirstAt   *time.Time // of the oldest line that is still kept
}

func (h host) zone() *time.Location {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// began is the first day that there is anything to review of.
func (h host) began() calendar.Date {
	if h.FirstAt != nil {
		return calendar.DateOf(*h.FirstAt, h.zone())
	}
	return calendar.DateOf(h.CreatedAt, h.zone())
}

// hostOf is the host of the actor's consortium. Only who acts for it reaches here.
func hostOf(tx *tenants.Tx) (host, error) {
	var rows []host
	err := tx.DB.Raw(`SELECT h.id, h.zone, h.created_at, (SELECT l.at FROM operation_log l WHERE l.tenant_id = h.id ORDER BY l.at, l.id LIMIT 1) AS first_at
		FROM tenant h WHERE h.consortium_id = @consortium AND h.kind = 'host'`, map[string]any{"consortium": tx.Actor.Consortium}).Scan(&rows).Error
	if err != nil {
		return host{}, fmt.Errorf("find the host: %w", err)
	}
	if len(rows) == 0 {
		return host{}, tenants.NotFound()
	}
	return rows[0], nil
}
