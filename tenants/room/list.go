package room

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/label"
)

// Items are the lines of a checklist.
type Items []string

// Value writes them as JSON.
func (i Items) Value() (driver.Value, error) {
	b, err := json.Marshal([]string(append(Items{}, i...)))
	if err != nil {
		return nil, fmt.Errorf("write a checklist: %w", err)
	}
	return string(b), nil
}

// Scan reads them.
func (i *Items) Scan(src any) error {
	var b []byte
	switch v := src.(type) {
	case []byte:
		b = v
	case string:
		b = []byte(v)
	case nil:
		return nil
	default:
		return fmt.Errorf("read a checklist: %T", src)
	}
	if err := json.Unmarshal(b, i); err != nil {
		return fmt.Errorf("read a checklist: %w", err)
	}
	return nil
}

// GormDataType is their column's type.
func (Items) GormDataType() string { return "jsonb" }

func reading(tx *tenants.Tx) error { return tx.Permit(tenants.ReadRoom, tx.Actor.TenantID) }

func many[T any](tx *tenants.Tx, query string, args map[string]any) ([]T, error) {
	if args == nil {
		args = map[string]any{}
	}
	args["town"], args["now"] = tx.Actor.TenantID, tx.Now
	var found []T
	if err := tx.DB.Raw(query, args).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read the ledger of rooms: %w", err)
	}
	return found, nil
}

// one reads the row that there is, or says that there is none.
func one[T any](tx *tenants.Tx, query string, args map[string]any) (T, error) {
	found, err := many[T](tx, query, args)
	if err == nil && len(found) == 0 {
		err = tenants.NotFound()
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

const roomQuery = `SELECT a.tenant_id, a.id AS area_id, b.name AS building, a.name, a.floor, coalesce(r.lock_minutes, @lock) AS lock_minutes, coalesce(r.late_minutes, @late) AS late_minutes,
	coalesce(r.checklist, CAST(@items AS jsonb)) AS checklist, r.duty_id, r.empty_since, coalesce(r.emptied_by, '') AS emptied_by, r.locked_at, coalesce(r.locked_by, '') AS locked_by,
	(SELECT count(*) FROM room_inside i WHERE i.tenant_id = a.tenant_id AND i.area_id = a.id) AS inside
	FROM area a JOIN building b ON b.tenant_id = a.tenant_id AND b.id = a.building_id LEFT JOIN room r ON r.tenant_id = a.tenant_id AND r.area_id = a.id
	WHERE a.tenant_id = @town AND a.retired_at IS NULL`

func usual(args map[string]any) map[string]any {
	if args == nil {
		args = map[string]any{}
	}
	args["lock"], args["late"], args["items"] = UsualLockMinutes, UsualLateMinutes, Items(usualChecklist)
	return args
}

// List gives every controlled area in use with how it stands.
func List(_ context.Context, tx *tenants.Tx) ([]Room, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return many[Room](tx, roomQuery+` ORDER BY a.building_id, a.id`, usual(nil))
}

// Get gives one.
func Get(_ context.Context, tx *tenants.Tx, area int64) (Room, error) {
	if err := reading(tx); err != nil {
		return Room{}, err
	}
	return one[Room](tx, roomQuery+` AND a.id = @area`, usual(map[string]any{"area": area}))
}

// hold reads a room and keeps other acts on it waiting. What is written about a room is written one after another.
func hold(tx *tenants.Tx, area int64) (Room, error) {
	args := usual(map[string]any{"area": area, "town": tx.Actor.TenantID, "now": tx.Now})
	err := tx.DB.Exec(`INSERT INTO room (tenant_id, area_id, lock_minutes, late_minutes, checklist)
		SELECT tenant_id, id, @lock, @late, CAST(@items AS jsonb) FROM area WHERE tenant_id = @town AND id = @area AND retired_at IS NULL
		ON CONFLICT (tenant_id, area_id) DO NOTHING`, args).Error
	if err != nil {
		return Room{}, fmt.Errorf("hold room %d: %w", area, err)
	}
	if err := tx.DB.Exec(`SELECT 1 FROM room WHERE tenant_id = @town AND area_id = @area FOR UPDATE`, args).Error; err != nil {
		return Room{}, fmt.Errorf("hold room %d: %w", area, err)
	}
	return one[Room](tx, roomQuery+` AND a.id = @area`, args)
}

const entryQuery = `SELECT e.*, x.id AS exit_id, x.occurred_at AS left_at, x.recorded_at AS left_recorded, coalesce(x.late_reason, '') AS left_late,
	coalesce(x.carried, '') AS left_carried, coalesce(x.last, false) AS left_last, coalesce(x.by_text, '') AS left_by,
	v.at AS reviewed_at, coalesce(v.by_text, '') AS reviewed_by, coalesce(v.finding, '') AS finding
	FROM room_entry e LEFT JOIN room_exit x ON x.tenant_id = e.tenant_id AND x.entry_id = e.id LEFT JOIN room_review v ON v.tenant_id = e.tenant_id AND v.entry_id = e.id `

// Inside gives the open entry of one of the host's own in an area, if they are inside now.
func Inside(_ context.Context, tx *tenants.Tx, areaID, personID int64) (Entry, bool, error) {
	if err := reading(tx); err != nil {
		return Entry{}, false, err
	}
	found, err := entries(tx, entryQuery+`JOIN room_inside i ON i.tenant_id = e.tenant_id AND i.entry_id = e.id
		WHERE i.tenant_id = @town AND i.area_id = @area AND i.subject = @subject`, map[string]any{"area": areaID, "subject": personSubject(personID)})
	if err != nil || len(found) == 0 {
		return Entry{}, false, err
	}
	return found[0], true, nil
}

// InsideNow gives the open entries, of one area or (0) of all, the oldest first.
func InsideNow(_ context.Context, tx *tenants.Tx, area int64) ([]Entry, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return entries(tx, entryQuery+`JOIN room_inside i ON i.tenant_id = e.tenant_id AND i.entry_id = e.id
		WHERE i.tenant_id = @town AND (@area = 0 OR i.area_id = @area) ORDER BY e.occurred_at, e.id`, map[string]any{"area": area})
}

// GetEntry gives one line of the ledger.
func GetEntry(_ context.Context, tx *tenants.Tx, id int64) (Entry, error) {
	if err := reading(tx); err != nil {
		return Entry{}, err
	}
	return entryOf(tx, id)
}

func entryOf(tx *tenants.Tx, id int64) (Entry, error) {
	found, err := entries(tx, entryQuery+`WHERE e.tenant_id = @town AND e.id = @id`, map[string]any{"id": id})
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 {
		return Entry{}, tenants.NotFound()
	}
	return found[0], nil
}

// Book gives the lines of an area's ledger by when the entry happened, from ≤ entry < until, the oldest first.
func Book(_ context.Context, tx *tenants.Tx, area int64, from, until time.Time) ([]Entry, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return entries(tx, entryQuery+`WHERE e.tenant_id = @town AND e.area_id = @area AND e.occurred_at >= @from AND e.occurred_at < @until ORDER BY e.occurred_at, e.id`,
		map[string]any{"area": area, "from": from, "until": until})
}

// Locks gives the lock confirmations of an area, from ≤ moment < until, the oldest first.
func Locks(_ context.Context, tx *tenants.Tx, area int64, from, until time.Time) ([]Lock, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	locks, err := many[Lock](tx, `SELECT tenant_id, id, area_id, exit_id, occurred_at, recorded_at, late_reason, done, undone, found, by_text FROM room_lock
		WHERE tenant_id = @town AND area_id = @area AND occurred_at >= @from AND occurred_at < @until ORDER BY occurred_at, id`,
		map[string]any{"area": area, "from": from, "until": until})
	if err != nil {
		return nil, err
	}
	return locks, withCorrections(tx, locks)
}

// Unreviewed gives the entries without permission that nobody has looked into, the oldest first.
func Unreviewed(_ context.Context, tx *tenants.Tx) ([]Entry, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return entries(tx, entryQuery+`WHERE e.tenant_id = @town AND e.basis = 'none' AND v.id IS NULL ORDER BY e.id LIMIT 200`, nil)
}

const permitQuery = `SELECT p.tenant_id, p.id, p.area_id, a.name AS area, p.person_id, p.name, p.org, p.from_on, p.until_on, p.document, p.note, p.granted_at, p.by_text,
	p.revoked_at, p.revoked_by, p.revoked_why FROM room_permit p JOIN area a ON a.tenant_id = p.tenant_id AND a.id = p.area_id `

// Permits gives the list of an area (0: of all): the lines that hold or will, and with former those that are over too.
func Permits(_ context.Context, tx *tenants.Tx, area int64, former bool) ([]Permit, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	day, err := today(tx)
	if err != nil {
		return nil, err
	}
	return many[Permit](tx, permitQuery+`WHERE p.tenant_id = @town AND (@area = 0 OR p.area_id = @area) AND (@former OR p.revoked_at IS NULL AND p.until_on >= @day)
		ORDER BY p.area_id, p.person_id IS NULL, p.org, p.name, p.from_on LIMIT 2000`, map[string]any{"area": area, "former": former, "day": day})
}

const visitQuery = `SELECT v.*, coalesce(d.kind, '') AS decision, d.at AS decided_at, coalesce(d.by_text, '') AS decided_by, coalesce(d.reason, '') AS decided_why,
	c.at AS cancelled_at, coalesce(c.by_text, '') AS cancelled_by, coalesce(c.reason, '') AS cancel_why FROM room_visit v
	LEFT JOIN room_decision d ON d.tenant_id = v.tenant_id AND d.visit_id = v.id AND d.kind <> 'cancelled'
	LEFT JOIN room_decision c ON c.tenant_id = v.tenant_id AND c.visit_id = v.id AND c.kind = 'cancelled' `

// Visits gives those that end on or after since, the earliest first: what is coming and what is going on.
func Visits(_ context.Context, tx *tenants.Tx, since time.Time) ([]Visit, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	found, err := many[Visit](tx, visitQuery+`WHERE v.tenant_id = @town AND v.until_at >= @since ORDER BY v.from_at, v.id LIMIT 500`, map[string]any{"since": since})
	if err != nil {
		return nil, err
	}
	return withPeople(tx, found)
}

// PastVisits gives those with ids below before (0: all), the newest first.
func PastVisits(_ context.Context, tx *tenants.Tx, before int64, limit int) ([]Visit, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	found, err := many[Visit](tx, visitQuery+`WHERE v.tenant_id = @town AND (@before = 0 OR v.id < @before) ORDER BY v.id DESC LIMIT @limit`, map[string]any{"before": before, "limit": limit})
	if err != nil {
		return nil, err
	}
	return withPeople(tx, found)
}

// GetVisit gives one.
func GetVisit(_ context.Context, tx *tenants.Tx, id int64) (Visit, error) {
	if err := reading(tx); err != nil {
		return Visit{}, err
	}
	return visitOf(tx, id)
}

func visitOf(tx *tenants.Tx, id int64) (Visit, error) {
	v, err := one[Visit](tx, visitQuery+`WHERE v.tenant_id = @town AND v.id = @id`, map[string]any{"id": id})
	if err != nil {
		return v, err
	}
	all, err := withPeople(tx, []Visit{v})
	if err != nil {
		return v, err
	}
	return all[0], nil
}

// withPeople fills in the areas and the visitors.
func withPeople(tx *tenants.Tx, visits []Visit) ([]Visit, error) {
	if len(visits) == 0 {
		return visits, nil
	}
	ids, at := make([]int64, len(visits)), map[int64]int{}
	for n, v := range visits {
		ids[n], at[v.ID] = v.ID, n
	}
	areas, err := many[struct {
		VisitID, ID int64
		Name        string
	}](tx, `SELECT x.room_visit_id AS visit_id, a.id, a.name FROM room_visit_area x JOIN area a ON a.tenant_id = x.tenant_id AND a.id = x.area_id
		WHERE x.tenant_id = @town AND x.room_visit_id = ANY (CAST(@ids AS bigint[])) ORDER BY a.id`, map[string]any{"ids": &ids})
	if err != nil {
		return nil, err
	}
	for _, a := range areas {
		v := &visits[at[a.VisitID]]
		v.Areas = append(v.Areas, VisitArea{a.ID, a.Name})
	}
	people, err := many[Visitor](tx, `SELECT p.id, p.visit_id, p.name, b.id AS badge_id, coalesce(b.number, '') AS badge FROM room_visitor p
		LEFT JOIN badge b ON b.tenant_id = p.tenant_id AND b.visitor_id = p.id
		WHERE p.tenant_id = @town AND p.visit_id = ANY (CAST(@ids AS bigint[])) ORDER BY p.id`, map[string]any{"ids": &ids})
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		v := &visits[at[p.VisitID]]
		v.Visitors = append(v.Visitors, p)
	}
	return visits, nil
}

const badgeColumns = `tenant_id, id, number, note, duty_id, visitor_id, out_to, out_at, out_by, due_at, retired_at`

// Badges gives the stock in use with the labels on it.
func Badges(ctx context.Context, tx *tenants.Tx) ([]Badge, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	found, err := many[Badge](tx, `SELECT `+badgeColumns+` FROM badge WHERE tenant_id = @town AND retired_at IS NULL ORDER BY number, id`, nil)
	if err != nil {
		return nil, err
	}
	labels, err := label.Of(ctx, tx, tenants.ReadRoom, tx.Actor.TenantID, KindBadge)
	for n := range found {
		found[n].Label = labels[found[n].ID]
	}
	return found, err
}

// GetBadge gives one, a retired one too, with its ledger, the newest line first.
func GetBadge(ctx context.Context, tx *tenants.Tx, id int64) (Badge, []BadgeEvent, error) {
	if err := reading(tx); err != nil {
		return Badge{}, nil, err
	}
	b, err := badgeOf(tx, id, "")
	if err != nil {
		return b, nil, err
	}
	labels, err := label.Of(ctx, tx, tenants.ReadRoom, tx.Actor.TenantID, KindBadge)
	if err != nil {
		return b, nil, err
	}
	b.Label = labels[id]
	events, err := many[BadgeEvent](tx, `SELECT id, badge_id, kind, visitor_id, holder, occurred_at, recorded_at, late_reason, reason, by_text FROM badge_event
		WHERE tenant_id = @town AND badge_id = @id ORDER BY id DESC LIMIT 200`, map[string]any{"id": id})
	return b, events, err
}

func badgeOf(tx *tenants.Tx, id int64, lock string) (Badge, error) {
	return one[Badge](tx, `SELECT `+badgeColumns+` FROM badge WHERE tenant_id = @town AND id = @id `+lock, map[string]any{"id": id})
}
