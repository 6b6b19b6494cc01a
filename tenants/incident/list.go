package incident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Filter says which incidents to list.
type Filter struct {
	Town   int64   // 0: every town the actor sees
	State  string  // one of the states; "unresolved": open and acknowledged; empty: all
	Before int64   // older than this incident; not with "unresolved"
	Nights *Nights // of these nights only; not with a state that is not over
	Limit  int     // 1 to 500; 0: 50
}

// Nights are from one night to another, both included.
type Nights struct{ From, To calendar.Date }

// Item is an incident in a list: what is wrong, who was told last, who is next, and the newest answer.
type Item struct {
	Incident
	TownName string
	Zone     string    // of the town, to show its times in
	Next     *Telling  `gorm:"-"` // who is told next; while acknowledged, who would be
	Last     *Telling  `gorm:"-"` // who was told last
	Ack      *Answered `gorm:"-"` // the newest answer, also one whose time has passed
}

// Telling is one person and a moment.
type Telling struct {
	Rung   int64
	Post   string
	Name   string
	Phone  string
	ByMail bool // false: there is no address, only the telephone
	At     time.Time
}

// Answered is an answer in short.
type Answered struct {
	ID      int64
	By      string
	Via     string
	Promise string
	At      time.Time
	Until   time.Time

	Corrections correction.History // laid over what stands above
}

// row is an item as the statement gives it.
type row struct {
	Item
	NextID, LastID, AckID                   *int64
	NextPost, NextName, NextPhone, NextMail string
	LastPost, LastName, LastPhone, LastMail string
	NextAt, LastAt, AckAt, AckEnd           *time.Time
	AckBy, AckVia, AckPromise               string
}

func (r row) item() Item {
	if r.NextID != nil {
		r.Next = &Telling{*r.NextID, r.NextPost, r.NextName, r.NextPhone, r.NextMail != "", *r.NextAt}
	}
	if r.LastID != nil {
		r.Last = &Telling{*r.LastID, r.LastPost, r.LastName, r.LastPhone, r.LastMail != "", *r.LastAt}
	}
	if r.AckID != nil {
		r.Ack = &Answered{ID: *r.AckID, By: r.AckBy, Via: r.AckVia, Promise: r.AckPromise, At: *r.AckAt, Until: *r.AckEnd}
	}
	return r.Item
}

const listHead = `
SELECT i.*, t.name AS town_name, t.zone,
	nx.id AS next_id, coalesce(nx.post, '') AS next_post, coalesce(nx.name, '') AS next_name, coalesce(nx.phone, '') AS next_phone,
	coalesce(nx.mail, '') AS next_mail, nx.due_at AS next_at,
	la.id AS last_id, coalesce(la.post, '') AS last_post, coalesce(la.name, '') AS last_name, coalesce(la.phone, '') AS last_phone,
	coalesce(la.mail, '') AS last_mail, la.fired_at AS last_at,
	ak.id AS ack_id, coalesce(ak.by_text, '') AS ack_by, coalesce(ak.via, '') AS ack_via, coalesce(ak.promise, '') AS ack_promise,
	ak.occurred_at AS ack_at, ak.until AS ack_end
FROM (`

const (
	listFrom = `SELECT ` + incidentColumns + ` FROM incident i`
	listRows = listFrom + ` WHERE `
)

const nextRung = `SELECT * FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.state IN ('pending', 'held')
	ORDER BY r.due_at, r.position LIMIT 1`

const listJoins = `) i
JOIN tenant t ON t.id = i.tenant_id
LEFT JOIN LATERAL (` + nextRung + `) nx ON true
LEFT JOIN LATERAL (SELECT * FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.state = 'fired'
	ORDER BY r.fired_at DESC, r.position DESC LIMIT 1) la ON true
LEFT JOIN LATERAL (SELECT * FROM acknowledgement a WHERE a.tenant_id = i.tenant_id AND a.incident_id = i.id ORDER BY a.id DESC LIMIT 1) ak ON true
`

// List gives incidents in two statements, the second for what was corrected of their answers: the newest first, or for "unresolved" the most urgent first: what nobody has
// answered before what somebody has, the critical before the rest, and then by when somebody is told next.
func List(_ context.Context, tx *tenants.Tx, f Filter) ([]Item, error) {
	towns, err := tx.Reach(tenants.ReadIncident)
	if f.Town != 0 {
		towns, err = []int64{f.Town}, tx.Permit(tenants.ReadIncident, f.Town)
	}
	if err != nil {
		return nil, err
	}
	if tx.Actor.Holds(tenants.LinkHolder) {
		return nil, tenants.Forbidden(tenants.ReadIncident) // a link shows its own incident only, see LinkView
	}
	if f.Limit < 1 || f.Limit > 500 {
		f.Limit = 50
	}
	// Only what is shown is joined. What is not over has an index of its own over all towns.
	newest := func(which string) string {
		if f.Nights != nil {
			which += ` AND i.night BETWEEN CAST(@from AS date) AND CAST(@to AS date)`
		}
		return tenants.Newest(listRows+which, "i", len(towns)) + listJoins + `ORDER BY i.id DESC`
	}
	in := `i.tenant_id = ANY (CAST(@towns AS bigint[]))`
	if f.Town == 0 {
		in = tx.Own("i.tenant_id", towns)
	}
	notOver := listRows + `i.state <> 'resolved' AND ` + in
	var from string
	switch f.State {
	case "":
		from = newest(`true`)
	case StateResolved:
		from = newest(`i.state = 'resolved'`)
	case StateOpen, StateAcknowledged:
		from = notOver + ` AND i.state = @state AND (CAST(@before AS bigint) = 0 OR i.id < @before) ORDER BY i.id DESC LIMIT @limit` + listJoins + `ORDER BY i.id DESC`
	case "unresolved":
		const urgent = `ORDER BY i.state = 'acknowledged', i.severity = 'warning', coalesce(i.ack_until, nx.due_at) NULLS FIRST, i.id `
		from = listFrom + ` LEFT JOIN LATERAL (` + nextRung + `) nx ON i.ack_until IS NULL
			WHERE i.state <> 'resolved' AND ` + in + ` ` + urgent + `LIMIT @limit` + listJoins + urgent
	default:
		var wrong tenants.Invalid
		wrong.Add("state", "状態の指定が正しくありません。", "There is no such state.")
		return nil, wrong.Err()
	}
	args := map[string]any{"towns": &towns, "state": f.State, "before": f.Before, "limit": f.Limit}
	if f.Nights != nil {
		args["from"], args["to"] = f.Nights.From, f.Nights.To
	}
	var rows []row
	err = tx.DB.Raw(listHead+from, args).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = r.item()
	}
	return items, withCorrectedAnswers(tx, items)
}

// Totals is how many incidents are not over.
type Totals struct {
	Open         int // nobody has answered
	Acknowledged int
}

// OpenCount counts the incidents of the towns the actor sees that are not over; of all for a job.
func OpenCount(_ context.Context, tx *tenants.Tx) (Totals, error) {
	const count = `SELECT count(*) FILTER (WHERE state = 'open') AS open, count(*) FILTER (WHERE state = 'acknowledged') AS acknowledged
		FROM incident WHERE state <> 'resolved'`
	query := tx.DB.Raw(count)
	if !tx.Actor.May(tenants.RunPipeline) {
		towns, err := tx.Reach(tenants.ReadBoard)
		if err != nil {
			return Totals{}, err
		}
		if in := tx.Own("tenant_id", towns); strings.Contains(in, "@towns") {
			query = tx.DB.Raw(count+` AND `+in, map[string]any{"towns": &towns})
		}
	}
	var totals Totals
	if err := query.Scan(&totals).Error; err != nil {
		return Totals{}, fmt.Errorf("count open incidents: %w", err)
	}
	return totals, nil
}

// OpenByTown counts the incidents that are not over, by town.
func OpenByTown(_ context.Context, tx *tenants.Tx, towns []int64) (map[int64]int, error) {
	if err := tx.Permit(tenants.ReadIncident, towns...); err != nil {
		return nil, err
	}
	var rows []struct {
		TenantID int64
		N        int
	}
	err := tx.DB.Raw(`SELECT tenant_id, count(*) AS n FROM incident WHERE tenant_id = ANY (CAST(@towns AS bigint[])) AND state <> 'resolved' GROUP BY tenant_id`,
		map[string]any{"towns": &towns}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count open incidents by town: %w", err)
	}
	by := make(map[int64]int, len(rows))
	for _, r := range rows {
		by[r.TenantID] = r.N
	}
	return by, nil
}
