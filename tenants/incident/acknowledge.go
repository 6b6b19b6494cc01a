package incident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// AckInput is an answer: somebody knows, and says what they will do until when.
type AckInput struct {
	Town       int64
	Incident   int64
	RungID     *int64    // whose link it was; for a call, who was called
	Via        string    // one of the ways
	ByText     string    // for a call: who answered; else the actor or the link's person
	OccurredAt time.Time // for a call: when; zero and for all others: now
	Promise    string
	Until      time.Time // zero: DefaultUntil
}

// usedUp is the answer to a link that has been answered.
func usedUp() *tenants.Fault {
	return tenants.Gone("このリンクからの受領は、すでに記録されています。追加のお知らせは、受託町へ電話してください。",
		"This link has been answered already. Please telephone the host town with anything further.")
}

func over() *tenants.Fault {
	return tenants.Gone("この異常は、すでに復旧しています。対応は要りません。", "This incident is resolved already; nothing needs to be done.")
}

// Two links pressed at the same moment are kept apart by the incident's lock; this is for what the lock cannot see.
var _ = tenants.Constraint("acknowledgement_link", "rung", "このリンクからの受領は、すでに記録されています。", "This link has been answered already.")

// Acknowledge records an answer and holds the ladder until its promise ends. A later answer's promise takes the place of
// an earlier one's. The link of a mail answers once, for the person it was sent to.
func Acknowledge(ctx context.Context, tx *tenants.Tx, in AckInput) (Acknowledgement, error) {
	act := tenants.Acknowledge
	if in.Via == ViaPhone {
		act = tenants.RecordCall
	}
	if err := tx.Permit(act, in.Town); err != nil {
		return Acknowledgement{}, err
	}
	if linked := tx.Actor.Holds(tenants.LinkHolder); linked != (in.Via == ViaLink) || linked && in.RungID == nil {
		return Acknowledgement{}, tenants.Forbidden(act)
	}
	var i Incident
	err := tx.DB.Raw(`SELECT `+incidentColumns+` FROM incident i WHERE i.tenant_id = @town AND i.id = @id FOR NO KEY UPDATE`,
		map[string]any{"town": in.Town, "id": in.Incident}).Take(&i).Error
	if err != nil {
		return Acknowledgement{}, fmt.Errorf("acknowledge incident %d: %w", in.Incident, err)
	}
	rung, err := rungOf(tx, in)
	if err != nil {
		return Acknowledgement{}, err
	}
	if i.State == StateResolved {
		return Acknowledgement{}, over()
	}
	if in, err = complete(ctx, tx, in, i, rung); err != nil {
		return Acknowledgement{}, err
	}
	a := Acknowledgement{TenantID: in.Town, IncidentID: in.Incident, RungID: in.RungID, OccurredAt: in.OccurredAt, RecordedAt: tx.Now, Via: in.Via,
		ByText: in.ByText, RecordedBy: tx.Actor.Text(), Promise: in.Promise, Until: in.Until}
	if in.Via == ViaConsole || in.Via == ViaAPI {
		a.ByID, _ = who(tx)
	}
	if in.Via == ViaLink {
		a.RecordedBy = in.ByText
	}
	if err := keep(tx, &a); err != nil {
		return Acknowledgement{}, err
	}
	// Within one transaction: the answer, its line in the course, and the ladder held.
	if err := record(tx, []happening{{in.Town, in.Incident, "acknowledged", Detail{Via: in.Via, Name: in.ByText, Promise: in.Promise, Until: &a.Until}}}); err != nil {
		return Acknowledgement{}, err
	}
	if err := wake(tx, []int64{in.Town}); err != nil {
		return Acknowledgement{}, err
	}
	return a, tx.Record(tenants.Line{Town: in.Town, Act: act, Object: "incident", ObjectID: in.Incident,
		Before: map[string]any{"state": i.State, "until": i.AckUntil},
		After: map[string]any{"state": StateAcknowledged, "until": a.Until, "via": a.Via, "by": a.ByText, "promise": a.Promise,
			"occurred_at": a.OccurredAt}})
}

// rungOf is the rung that an answer is bound to, nil where it is bound to none. It must be this incident's, and a link's
// must have been told and not yet answered.
func rungOf(tx *tenants.Tx, in AckInput) (*Rung, error) {
	if in.RungID == nil {
		return nil, nil
	}
	var row struct {
		Rung
		Used bool
	}
	err := tx.DB.Raw(`SELECT `+rungColumns+`, EXISTS (SELECT FROM acknowledgement a WHERE a.tenant_id = r.tenant_id AND a.rung_id = r.id AND a.via = 'link') AS used
		FROM rung r WHERE r.tenant_id = @town AND r.id = @rung AND r.incident_id = @incident`,
		map[string]any{"town": in.Town, "rung": *in.RungID, "incident": in.Incident}).Take(&row).Error
	if err != nil {
		return nil, fmt.Errorf("find rung %d: %w", *in.RungID, err)
	}
	if in.Via == ViaLink {
		if row.NoticeID == nil {
			return nil, tenants.NotFound() // never sent, so nobody can have this link
		}
		if row.Used {
			return nil, usedUp()
		}
	}
	return &row.Rung, nil
}

// complete checks an answer and fills in what it leaves open.
func complete(ctx context.Context, tx *tenants.Tx, in AckInput, i Incident, rung *Rung) (AckInput, error) {
	var wrong tenants.Invalid
	in.ByText, in.Promise = strings.TrimSpace(in.ByText), strings.TrimSpace(in.Promise)
	switch in.Via {
	case ViaPhone:
		if in.ByText == "" && rung != nil {
			in.ByText = strings.TrimSpace(rung.Post + " " + rung.Name)
		}
		if in.ByText == "" {
			wrong.Add("by", "電話に出た方を入力してください。", "Say who answered the telephone.")
		}
		if in.OccurredAt.IsZero() {
			in.OccurredAt = tx.Now
		}
		// A form knows minutes only: a call in the minute of the opening was not before it.
		if in.OccurredAt.After(tx.Now) || in.OccurredAt.Before(i.OpenedAt.Truncate(time.Minute)) {
			wrong.Add("occurred_at", "電話した時刻は、異常を確かめた時刻から今までの間で入力してください。",
				"The call must lie between the opening of the incident and now.")
		}
	case ViaConsole, ViaAPI:
		in.ByText, in.OccurredAt = tx.Actor.Text(), tx.Now
	case ViaLink:
		in.ByText, in.OccurredAt = strings.TrimSpace(rung.Post+" "+rung.Name), tx.Now
	default:
		wrong.Add("via", "受領の方法が正しくありません。", "There is no such way to acknowledge.")
	}
	if len([]rune(in.ByText)) > 100 {
		wrong.Add("by", "100文字までで入力してください。", "At most 100 characters.")
	}
	if in.Promise == "" {
		in.Promise = "受領しました"
	}
	if len([]rune(in.Promise)) > 500 {
		wrong.Add("promise", "500文字までで入力してください。", "At most 500 characters.")
	}
	if in.Until.IsZero() {
		until, _, err := Horizon(ctx, tx, in.Town)
		if err != nil {
			return in, err
		}
		in.Until = until
	}
	if !in.Until.After(tx.Now) || in.Until.Sub(tx.Now) > MaxAcknowledged {
		wrong.Add("until", "今より後、7日以内の日時を入力してください。", "Name a time from now on within seven days.")
	}
	in.Until = in.Until.Truncate(time.Microsecond)
	return in, wrong.Err()
}

// keep writes the answer and holds the ladder.
func keep(tx *tenants.Tx, a *Acknowledgement) error {
	var row struct{ ID int64 }
	err := tx.DB.Raw(`
		WITH held AS (
			UPDATE rung SET state = 'held' WHERE tenant_id = @town AND incident_id = @incident AND state = 'pending'
		), marked AS (
			UPDATE incident SET state = 'acknowledged', ack_until = CAST(@until AS timestamptz) WHERE tenant_id = @town AND id = @incident
		)
		INSERT INTO acknowledgement (tenant_id, incident_id, rung_id, occurred_at, recorded_at, via, by_id, by_text, recorded_by, promise, until)
		VALUES (@town, @incident, CAST(@rung AS bigint), @occurred, @recorded, @via, CAST(@by_id AS bigint), @by_text, @recorded_by, @promise, @until)
		RETURNING id`,
		map[string]any{"town": a.TenantID, "incident": a.IncidentID, "rung": a.RungID, "occurred": a.OccurredAt, "recorded": a.RecordedAt,
			"via": a.Via, "by_id": a.ByID, "by_text": a.ByText, "recorded_by": a.RecordedBy, "promise": a.Promise, "until": a.Until}).Take(&row).Error
	if err != nil {
		return fmt.Errorf("acknowledge incident %d: %w", a.IncidentID, err)
	}
	a.ID = row.ID
	return nil
}

// Horizon is until when an answer of now would hold if nobody says, and until when it may hold at most, for a town's
// forms. The town's own days are read here because the link of a mail may not read its calendar.
func Horizon(_ context.Context, tx *tenants.Tx, town int64) (suggested, latest time.Time, err error) {
	if err := within(tx, town); err != nil {
		return time.Time{}, time.Time{}, err
	}
	var place struct{ Zone string }
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = @town`, map[string]any{"town": town}).Take(&place).Error; err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read the zone of town %d: %w", town, err)
	}
	zone := zoneOf(place.Zone)
	today := calendar.DateOf(tx.Now, zone)
	var rows []struct {
		Day  calendar.Date
		Open bool
		Name string
	}
	err = tx.DB.Raw(`SELECT day, open, name FROM local_day WHERE tenant_id = @town AND day BETWEEN @from AND @to`,
		map[string]any{"town": town, "from": today, "to": today.AddDays(8)}).Scan(&rows).Error
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read the days of town %d: %w", town, err)
	}
	local := make(map[calendar.Date]calendar.Override, len(rows))
	for _, r := range rows {
		local[r.Day] = calendar.Override{Open: r.Open, Name: r.Name}
	}
	return DefaultUntil(tx.Now, calendar.New(local), zone), tx.Now.Add(MaxAcknowledged), nil
}

// NoteInput is something a person adds to an incident's course.
type NoteInput struct {
	Town     int64
	Incident int64
	Text     string
}

// Note adds a remark to an incident's course; a resolved one takes remarks too.
func Note(_ context.Context, tx *tenants.Tx, in NoteInput) error {
	if err := tx.Permit(tenants.NoteIncident, in.Town); err != nil {
		return err
	}
	in.Text = strings.TrimSpace(in.Text)
	var wrong tenants.Invalid
	switch n := len([]rune(in.Text)); {
	case n == 0:
		wrong.Add("text", "内容を入力してください。", "Write something.")
	case n > 2000:
		wrong.Add("text", "2000文字までで入力してください。", "At most 2000 characters.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	var row struct{ ID int64 }
	err := tx.DB.Raw(`SELECT id FROM incident WHERE tenant_id = @town AND id = @id`, map[string]any{"town": in.Town, "id": in.Incident}).Take(&row).Error
	if err != nil {
		return fmt.Errorf("note on incident %d: %w", in.Incident, err)
	}
	if err := record(tx, []happening{{in.Town, in.Incident, "noted", Detail{Text: in.Text}}}); err != nil {
		return err
	}
	if err := tx.Wake(tenants.WakePage, in.Town); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: in.Town, Act: tenants.NoteIncident, Object: "incident", ObjectID: in.Incident, After: map[string]any{"text": in.Text}})
}
