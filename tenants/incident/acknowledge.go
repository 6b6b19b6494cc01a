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
	RungID     *int64    // for a call: who was called
	Via        string    // one of the ways; a link has an act of its own, AnswerLink
	ByText     string    // for a call: who answered; else the actor
	OccurredAt time.Time // for a call: when; zero and for all others: now
	Promise    string
	Until      time.Time // zero: DefaultUntil
}

func over() *tenants.Fault {
	return tenants.Gone("この異常は、すでに復旧しています。対応は要りません。", "This incident is resolved already; nothing needs to be done.")
}

// Acknowledge records an answer and holds the ladder until its promise ends. A later answer's promise takes the place of
// an earlier one's.
func Acknowledge(ctx context.Context, tx *tenants.Tx, in AckInput) (Acknowledgement, error) {
	act := tenants.Acknowledge
	if in.Via == ViaPhone {
		act = tenants.RecordCall
	}
	if err := tx.Permit(act, in.Town); err != nil {
		return Acknowledgement{}, err
	}
	if tx.Actor.Holds(tenants.LinkHolder) {
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
	answers := []Acknowledgement{a}
	err = answer(tx, act, []Incident{i}, answers)
	return answers[0], err
}

// answer keeps answers of one moment and one town, one for each incident, with their lines in the course and in the
// operation log; the ladders are held.
func answer(tx *tenants.Tx, act tenants.Act, incidents []Incident, answers []Acknowledgement) error {
	if err := keep(tx, answers); err != nil {
		return err
	}
	var course []happening
	var lines []tenants.Line
	for n, a := range answers {
		until := a.Until
		course = append(course, happening{a.TenantID, a.IncidentID, "acknowledged", Detail{Via: a.Via, Name: a.ByText, Promise: a.Promise, Until: &until}})
		lines = append(lines, tenants.Line{Town: a.TenantID, Act: act, Object: "incident", ObjectID: a.IncidentID,
			Before: map[string]any{"state": incidents[n].State, "until": incidents[n].AckUntil},
			After: map[string]any{"state": StateAcknowledged, "until": a.Until, "via": a.Via, "by": a.ByText, "promise": a.Promise,
				"occurred_at": a.OccurredAt}})
	}
	if err := record(tx, course); err != nil {
		return err
	}
	if err := wake(tx, []int64{answers[0].TenantID}); err != nil {
		return err
	}
	return tx.Record(lines...)
}

// rungOf is the rung that an answer is bound to, nil where it is bound to none. It must be this incident's.
func rungOf(tx *tenants.Tx, in AckInput) (*Rung, error) {
	if in.RungID == nil {
		return nil, nil
	}
	var rung Rung
	err := tx.DB.Raw(`SELECT `+rungColumns+` FROM rung r WHERE r.tenant_id = @town AND r.id = @rung AND r.incident_id = @incident`,
		map[string]any{"town": in.Town, "rung": *in.RungID, "incident": in.Incident}).Take(&rung).Error
	if err != nil {
		return nil, fmt.Errorf("find rung %d: %w", *in.RungID, err)
	}
	return &rung, nil
}

// complete checks an answer and fills in what it leaves open.
func complete(ctx context.Context, tx *tenants.Tx, in AckInput, i Incident, rung *Rung) (AckInput, error) {
	var wrong tenants.Invalid
	in.ByText = strings.TrimSpace(in.ByText)
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
	default:
		wrong.Add("via", "受領の方法が正しくありません。", "There is no such way to acknowledge.")
	}
	if len([]rune(in.ByText)) > 100 {
		wrong.Add("by", "100文字までで入力してください。", "At most 100 characters.")
	}
	var err error
	if in.Promise, in.Until, err = promise(ctx, tx, &wrong, in.Town, in.Promise, in.Until); err != nil {
		return in, err
	}
	return in, wrong.Err()
}

// promise checks what somebody promises until when, and fills in what they leave open.
func promise(ctx context.Context, tx *tenants.Tx, wrong *tenants.Invalid, town int64, text string, until time.Time) (string, time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		text = "受領しました"
	}
	if len([]rune(text)) > 500 {
		wrong.Add("promise", "500文字までで入力してください。", "At most 500 characters.")
	}
	if until.IsZero() {
		suggested, _, err := Horizon(ctx, tx, town)
		if err != nil {
			return text, until, err
		}
		until = suggested
	}
	if !until.After(tx.Now) || until.Sub(tx.Now) > MaxAcknowledged {
		wrong.Add("until", "今より後、7日以内の日時を入力してください。", "Name a time from now on within seven days.")
	}
	return text, until.Truncate(time.Microsecond), nil
}

// keep writes answers, in the order of their incidents, and holds the ladders; all are of one person and one moment.
func keep(tx *tenants.Tx, answers []Acknowledgement) error {
	a := answers[0]
	var incidents []int64
	var rungs []*int64
	for _, a := range answers {
		incidents, rungs = append(incidents, a.IncidentID), append(rungs, a.RungID)
	}
	var rows []struct{ ID, IncidentID int64 }
	err := tx.DB.Raw(`
		WITH x AS (SELECT * FROM unnest(CAST(@incidents AS bigint[]), CAST(@rungs AS bigint[])) u (incident, rung)), held AS (
			UPDATE rung r SET state = 'held' FROM x WHERE r.tenant_id = @town AND r.incident_id = x.incident AND r.state = 'pending'
		), marked AS (
			UPDATE incident i SET state = 'acknowledged', ack_until = CAST(@until AS timestamptz) FROM x WHERE i.tenant_id = @town AND i.id = x.incident
		)
		INSERT INTO acknowledgement (tenant_id, incident_id, rung_id, occurred_at, recorded_at, via, by_id, by_text, recorded_by, promise, until)
		SELECT CAST(@town AS bigint), x.incident, x.rung, CAST(@occurred AS timestamptz), CAST(@recorded AS timestamptz), @via, CAST(@by_id AS bigint),
			@by_text, @recorded_by, @promise, CAST(@until AS timestamptz) FROM x ORDER BY x.incident
		RETURNING id, incident_id`,
		map[string]any{"town": a.TenantID, "incidents": &incidents, "rungs": &rungs, "occurred": a.OccurredAt, "recorded": a.RecordedAt,
			"via": a.Via, "by_id": a.ByID, "by_text": a.ByText, "recorded_by": a.RecordedBy, "promise": a.Promise, "until": a.Until}).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("acknowledge %d incidents: %w", len(answers), err)
	}
	ids := make(map[int64]int64, len(rows))
	for _, r := range rows {
		ids[r.IncidentID] = r.ID
	}
	for n := range answers {
		answers[n].ID = ids[answers[n].IncidentID]
	}
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
