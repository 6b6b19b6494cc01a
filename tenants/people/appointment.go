package people

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// What the register (任命簿・取扱者指定簿) says became of a post.
const (
	begun   = "begun"   // it was given
	changed = "changed" // it lasts longer than was said
	ended   = "ended"   // its last day was set
	// It was taken back before it began.
	withdrawn = "withdrawn"
)

// register writes what became of the posts into the register of the organisation in which each is held: in words that need
// no other town's rows, since that town reads no others. An organisation other than the person's own has its line of the operation
// log too: what it asks of a change of people it asks of this one, wherever the person belongs.
func register(tx *tenants.Tx, event string, home int64, posts ...int64) error {
	if len(posts) == 0 {
		return nil
	}
	var elsewhere []struct {
		TenantID, ID               int64
		Home, Person, Title, Scope string
		Kind                       tenants.Post
		FromOn                     calendar.Date
		UntilOn                    *calendar.Date
	}
	err := tx.DB.Raw(`WITH made AS (INSERT INTO appointment (tenant_id, recorded_at, event, home_id, home, person_id, person, post_id, kind, title, office, manner,
			from_on, until_on, appointed_by_id, appointed_by, document, document_on, scope, by_id, by_text)
		SELECT coalesce(o.held_at, o.tenant_id), @now, @event, o.tenant_id, t.name, p.id, p.name, o.id, o.kind, o.title, coalesce(f.name, ''), o.manner,
			o.from_on, o.until_on, o.appointed_by_id, o.appointed_by, o.document, o.document_on,
			jsonb_build_object('acts', o.acts, 'towns', coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) ORDER BY s.kind, s.code)
				FROM tenant s WHERE s.id = ANY (o.towns)), '[]')),
			NULLIF(CAST(@person AS bigint), 0), @by
		FROM post o JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id JOIN tenant t ON t.id = o.tenant_id
		LEFT JOIN office_post x ON x.tenant_id = o.tenant_id AND x.id = o.office_post_id
		LEFT JOIN office f ON f.tenant_id = x.tenant_id AND f.id = x.office_id
		WHERE o.tenant_id = @home AND o.id = ANY (CAST(@posts AS bigint[])) ORDER BY o.id
		RETURNING tenant_id, id, home_id, home, person, kind, title, scope::text, from_on, until_on)
		SELECT * FROM made WHERE tenant_id <> home_id ORDER BY id`,
		map[string]any{"now": tx.Now, "event": event, "home": home, "posts": &posts, "person": tx.Actor.PersonID, "by": tx.Actor.Text()}).Scan(&elsewhere).Error
	if err != nil {
		return fmt.Errorf("register %d posts of town %d as %s: %w", len(posts), home, event, err)
	}
	lines := make([]tenants.Line, len(elsewhere))
	for i, e := range elsewhere {
		lines[i] = tenants.Line{Town: e.TenantID, Act: tenants.WritePeople, Object: "appointment", ObjectID: e.ID, After: map[string]any{"event": event, "home": e.Home,
			"person": e.Person, "kind": e.Kind, "title": e.Title, "scope": json.RawMessage(e.Scope), "from_on": e.FromOn, "until_on": e.UntilOn}}
	}
	return tx.Record(lines...)
}

// Entry is a post as it stands in the register of the organisation in which it is held.
type Entry struct {
	TenantID    int64
	ID          int64
	RecordedAt  time.Time
	Event       string
	HomeID      int64
	Home        string // the organisation that the person belongs to
	PersonID    int64
	Person      string
	PostID      int64
	Kind        tenants.Post
	Title       string
	Office      string // whose holder holds it (充て職)
	Manner      Manner
	FromOn      calendar.Date
	UntilOn     *calendar.Date
	AppointedBy string
	Document    string
	DocumentOn  *calendar.Date
	ByText      string     // who wrote it down
	Scope       EntryScope `gorm:"-"`

	Corrections correction.History `gorm:"-"` // laid over what stands above
}

// EntryScope is the scope of work as it was named then.
type EntryScope struct {
	Acts  []tenants.Act `json:"acts"`
	Towns []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	} `json:"towns"`
}

const entryColumns = `a.tenant_id, a.id, a.recorded_at, a.event, a.home_id, a.home, a.person_id, a.person, a.post_id, a.kind, a.title, a.office, a.manner,
	a.from_on, a.until_on, a.appointed_by, a.document, a.document_on, a.by_text, a.scope::text AS scope_text`

// Register gives the posts held in a town as its register has them, each as it stands now: those held on the day or later,
// and with former those that are over. In order of the kinds, then of their beginning.
func Register(_ context.Context, tx *tenants.Tx, town int64, on calendar.Date, former bool) ([]Entry, error) {
	if err := tx.Permit(tenants.ReadRegister, town); err != nil {
		return nil, err
	}
	return entries(tx, `SELECT * FROM (SELECT DISTINCT ON (a.home_id, a.post_id) `+entryColumns+` FROM appointment a WHERE a.tenant_id = @town
			ORDER BY a.home_id, a.post_id, a.id DESC) a
		WHERE @former OR a.event <> 'withdrawn' AND (a.until_on IS NULL OR a.until_on >= CAST(@on AS date))
		ORDER BY array_position(ARRAY['host_admin', 'operator', 'facility', 'auditor', 'town'], a.kind), a.from_on, a.post_id`,
		map[string]any{"town": town, "on": on, "former": former})
}

// Course gives all that the registers say of a person's posts, the newest first: of those towns that the actor may read.
func Course(_ context.Context, tx *tenants.Tx, home, person int64) ([]Entry, error) {
	if err := tx.Permit(tenants.ReadPeople, home); err != nil {
		return nil, err
	}
	towns, err := tx.Reach(tenants.ReadRegister)
	if err != nil {
		return nil, err
	}
	return entries(tx, `SELECT `+entryColumns+` FROM appointment a WHERE a.tenant_id = ANY (CAST(@towns AS bigint[])) AND a.home_id = @home AND a.person_id = @person
		ORDER BY a.recorded_at DESC, a.id DESC`, map[string]any{"towns": &towns, "home": home, "person": person})
}

// Ending gives the posts held in the towns whose last day lies within so many days from the day, the nearest first, at most
// limit of them.
func Ending(_ context.Context, tx *tenants.Tx, on calendar.Date, days, limit int) ([]Entry, error) {
	towns, err := tx.Reach(tenants.ReadPeople)
	if err != nil {
		return nil, err
	}
	return entries(tx, `SELECT * FROM (SELECT DISTINCT ON (a.tenant_id, a.home_id, a.post_id) `+entryColumns+` FROM appointment a
			WHERE a.tenant_id = ANY (CAST(@towns AS bigint[])) AND EXISTS (SELECT FROM appointment e WHERE e.tenant_id = a.tenant_id AND e.home_id = a.home_id
				AND e.post_id = a.post_id AND e.until_on BETWEEN CAST(@on AS date) AND CAST(@until AS date))
			ORDER BY a.tenant_id, a.home_id, a.post_id, a.id DESC) a
		WHERE a.event <> 'withdrawn' AND a.until_on BETWEEN CAST(@on AS date) AND CAST(@until AS date) ORDER BY a.until_on, a.tenant_id, a.post_id LIMIT @limit`,
		map[string]any{"towns": &towns, "on": on, "until": on.AddDays(days), "limit": limit})
}

func entries(tx *tenants.Tx, query string, args map[string]any) ([]Entry, error) {
	var rows []struct {
		Entry
		ScopeText string
	}
	if err := tx.DB.Raw(query, args).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	found := make([]Entry, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.ScopeText), &r.Scope); err != nil {
			return nil, fmt.Errorf("read the register: %w", err)
		}
		found[i] = r.Entry
	}
	return found, withCorrections(tx, found)
}

// ReminderDays is how many days ahead the end of posts is told of: what the actor's host has set.
func ReminderDays(_ context.Context, tx *tenants.Tx) (int, error) {
	if err := tx.Permit(tenants.ReadPeople); err != nil {
		return 0, err
	}
	days := 30
	err := tx.DB.Raw(`SELECT post_reminder_days FROM tenant WHERE consortium_id = ? AND kind = 'host'`, tx.Actor.Consortium).Scan(&days).Error
	if err != nil {
		return 0, fmt.Errorf("read how early the end of posts is told of: %w", err)
	}
	return days, nil
}

// SetReminderDays sets how many days ahead the end of posts is told of; 0 tells on the last day.
func SetReminderDays(_ context.Context, tx *tenants.Tx, days int) error {
	if err := tx.Permit(tenants.WritePeople); err != nil {
		return err
	}
	if !tx.Actor.Everywhere(tenants.WritePeople) {
		return tenants.Forbidden(tenants.WritePeople)
	}
	var v tenants.Invalid
	if days < 0 || days > 180 {
		v.Add("days", "0日から180日までで入力してください。", "Enter 0 to 180 days.")
	}
	if err := v.Err(); err != nil {
		return err
	}
	var host struct {
		ID     int64
		Before int
	}
	err := tx.DB.Raw(`SELECT id, post_reminder_days AS before FROM tenant WHERE consortium_id = ? AND kind = 'host' FOR UPDATE`, tx.Actor.Consortium).Take(&host).Error
	if err != nil {
		return fmt.Errorf("set how early the end of posts is told of: %w", err)
	}
	if err := tx.DB.Exec(`UPDATE tenant SET post_reminder_days = ? WHERE id = ?`, days, host.ID).Error; err != nil {
		return fmt.Errorf("set how early the end of posts is told of: %w", err)
	}
	return tx.Record(tenants.Line{Town: host.ID, Act: tenants.WritePeople, Object: "post_reminder", ObjectID: host.ID,
		Before: map[string]int{"days": host.Before}, After: map[string]int{"days": days}})
}
