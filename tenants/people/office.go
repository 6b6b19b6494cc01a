package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("office_name", "name", "同じ名称の役職がすでにあります。", "There is an office of this name already.")
	_ = tenants.Constraint("office_holder_from", "from_on", "この日から就いている人がいます。", "Somebody holds it from that day.")
	_ = tenants.Constraint("office_holder_open", "to", "いま就いている人がいます。", "Somebody holds it already.")
)

// Office is an office (役職) of an organisation: who holds it holds the posts that go with it (充て職).
type Office struct {
	TenantID  int64
	ID        int64
	Name      string // 住民福祉課長
	RetiredAt *time.Time
	Holders   []Holder     `gorm:"-"` // the newest first
	Withdrawn []Holder     `gorm:"-"` // hand-overs that were taken back before their day, the newest first
	Posts     []OfficePost `gorm:"-"` // in use
}

// Holder is somebody's time in an office.
type Holder struct {
	ID         int64
	OfficeID   int64
	PersonID   int64
	Person     string
	FromOn     calendar.Date
	UntilOn    *calendar.Date
	Document   string
	DocumentOn *calendar.Date

	WithdrawnAt *time.Time // taken back before its day
	WithdrawnBy string
	formerID    int64 // whose time it ended
}

// On tells whether the office is held on the day.
func (h Holder) On(day calendar.Date) bool {
	return !day.Before(h.FromOn) && (h.UntilOn == nil || !day.After(*h.UntilOn))
}

// OfficePost is a post that goes with an office.
type OfficePost struct {
	ID       int64
	OfficeID int64
	At       int64
	Kind     tenants.Post
	Title    string
	Manner   Manner
	Scope    tenants.Scope `gorm:"-"`
}

// Ahead tells whether the office changes hands after the day, or stands empty from then on: what can still be taken back.
func (o Office) Ahead(day calendar.Date) bool {
	return len(o.Holders) > 0 && (day.Before(o.Holders[0].FromOn) || o.Holders[0].UntilOn != nil && !o.Holders[0].UntilOn.Before(day))
}

// Holder is who holds the office on the day.
func (o Office) Holder(on calendar.Date) (Holder, bool) {
	for _, h := range o.Holders {
		if h.On(on) {
			return h, true
		}
	}
	return Holder{}, false
}

// Offices gives the offices in use of the towns, town by town in order of their names. No town: all in which the actor may.
func Offices(_ context.Context, tx *tenants.Tx, towns ...int64) (_ []Office, err error) {
	if len(towns) == 0 {
		if towns, err = tx.Reach(tenants.ReadPeople); err != nil {
			return nil, err
		}
	}
	if err := tx.Permit(tenants.ReadPeople, towns...); err != nil {
		return nil, err
	}
	return offices(tx, `tenant_id = ANY (string_to_array(?, ',')::bigint[]) AND retired_at IS NULL ORDER BY tenant_id, name, id`, tenants.IDs(towns))
}

// GetOffice gives one office, one out of use too.
func GetOffice(_ context.Context, tx *tenants.Tx, town, id int64) (Office, error) {
	if err := tx.Permit(tenants.ReadPeople, town); err != nil {
		return Office{}, err
	}
	return takeOffice(tx, town, id)
}

func takeOffice(tx *tenants.Tx, town, id int64) (Office, error) {
	found, err := offices(tx, `tenant_id = ? AND id = ?`, town, id)
	if err != nil {
		return Office{}, err
	}
	if len(found) == 0 {
		return Office{}, tenants.NotFound()
	}
	return found[0], nil
}

// lockOffice keeps others from changing hands of the office at the same time.
func lockOffice(tx *tenants.Tx, town, id int64) (Office, error) {
	var found []int64
	if err := tx.DB.Raw(`SELECT id FROM office WHERE tenant_id = ? AND id = ? AND retired_at IS NULL FOR UPDATE`, town, id).Scan(&found).Error; err != nil {
		return Office{}, fmt.Errorf("lock office %d: %w", id, err)
	}
	if len(found) == 0 {
		return Office{}, tenants.NotFound()
	}
	return takeOffice(tx, town, id)
}

// offices reads those whom the condition names, which is a constant and never input, in three statements.
func offices(tx *tenants.Tx, where string, args ...any) ([]Office, error) {
	var found []Office
	if err := tx.DB.Raw(`SELECT tenant_id, id, name, retired_at FROM office WHERE `+where, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read offices: %w", err)
	}
	index := make(map[int64]*Office, len(found))
	towns, ids := make([]int64, len(found)), make([]int64, len(found))
	for i := range found {
		index[found[i].ID], towns[i], ids[i] = &found[i], found[i].TenantID, found[i].ID
	}
	of := map[string]any{"towns": &towns, "ids": &ids}
	var holders []struct {
		Holder
		FormerID *int64
	}
	err := tx.DB.Raw(`SELECT h.id, h.office_id, h.person_id, p.name AS person, h.from_on, h.until_on, h.document, h.document_on, h.former_id, h.withdrawn_at, h.withdrawn_by
		FROM office_holder h JOIN person p ON p.tenant_id = h.tenant_id AND p.id = h.person_id
		WHERE h.tenant_id = ANY (CAST(@towns AS bigint[])) AND h.office_id = ANY (CAST(@ids AS bigint[])) ORDER BY h.from_on DESC, h.id DESC`, of).Scan(&holders).Error
	if err != nil {
		return nil, fmt.Errorf("read who holds offices: %w", err)
	}
	for _, h := range holders {
		o := index[h.OfficeID]
		if h.FormerID != nil {
			h.formerID = *h.FormerID
		}
		if h.WithdrawnAt != nil {
			o.Withdrawn = append(o.Withdrawn, h.Holder)
			continue
		}
		o.Holders = append(o.Holders, h.Holder)
	}
	var posts []struct {
		OfficePost
		HeldAt      int64
		Acts, Towns string
	}
	err = tx.DB.Raw(`SELECT x.id, x.office_id, coalesce(x.held_at, x.tenant_id) AS held_at, x.kind, x.title, x.manner, array_to_string(x.acts, ',') AS acts,
			array_to_string(x.towns, ',') AS towns
		FROM office_post x WHERE x.tenant_id = ANY (CAST(@towns AS bigint[])) AND x.office_id = ANY (CAST(@ids AS bigint[])) AND x.retired_at IS NULL
		ORDER BY x.id`, of).Scan(&posts).Error
	if err != nil {
		return nil, fmt.Errorf("read the posts of offices: %w", err)
	}
	for _, p := range posts {
		if p.Scope, err = scopeOf(p.Acts, p.Towns); err != nil {
			return nil, err
		}
		p.At = p.HeldAt
		index[p.OfficeID].Posts = append(index[p.OfficeID].Posts, p.OfficePost)
	}
	return found, nil
}

// AddOffice takes an office of an organisation in, which nobody holds yet and no post goes with.
func AddOffice(_ context.Context, tx *tenants.Tx, town int64, name string) (Office, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Office{}, err
	}
	var v tenants.Invalid
	name = entry.Line(&v, "name", name, 60)
	if err := v.Err(); err != nil {
		return Office{}, err
	}
	var id int64
	if err := tx.DB.Raw(`INSERT INTO office (tenant_id, name, created_at) VALUES (?, ?, ?) RETURNING id`, town, name, tx.Now).Scan(&id).Error; err != nil {
		return Office{}, fmt.Errorf("add office to town %d: %w", town, err)
	}
	o, err := takeOffice(tx, town, id)
	if err != nil {
		return Office{}, err
	}
	return o, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "office", ObjectID: id, After: map[string]string{"name": name}})
}

// OfficePostInput is what is entered about a post that goes with an office.
type OfficePostInput struct {
	Kind   tenants.Post
	Title  string // empty: the office's name
	At     int64  // the organisation in which it is held; 0: the office's own
	Manner Manner
	Scope  tenants.Scope
}

// AddOfficePost makes a post go with an office. Whoever holds the office gets it from today on.
func AddOfficePost(_ context.Context, tx *tenants.Tx, town, officeID int64, in OfficePostInput) (Office, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Office{}, err
	}
	office, err := lockOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	if in.At == 0 {
		in.At = town
	}
	if err := tx.Permit(tenants.WritePeople, in.At); err != nil {
		return Office{}, err
	}
	at, err := organisationOf(tx, in.At)
	if err != nil {
		return Office{}, err
	}
	if in.Title == "" {
		in.Title = office.Name
	}
	p := PostInput{Kind: in.Kind, Title: in.Title, At: in.At, Manner: in.Manner, Scope: in.Scope}
	var v tenants.Invalid
	p.spec(&v, tx, at)
	if err := v.Err(); err != nil {
		return Office{}, err
	}
	var id int64
	err = tx.DB.Raw(`INSERT INTO office_post (tenant_id, office_id, kind, title, held_at, manner, acts, towns, created_at)
		VALUES (@town, @office, @kind, @title, @at, @manner, string_to_array(@acts, ','), string_to_array(@towns, ',')::bigint[], @now) RETURNING id`,
		map[string]any{"town": town, "office": officeID, "kind": p.Kind, "title": p.Title, "at": some(elsewhere(p.At, town)), "manner": p.Manner,
			"acts": joined(p.Scope.Acts), "towns": tenants.IDs(p.Scope.Towns), "now": tx.Now}).Scan(&id).Error
	if err != nil {
		return Office{}, fmt.Errorf("add a post to office %d: %w", officeID, err)
	}
	made := OfficePost{ID: id, OfficeID: officeID, At: p.At, Kind: p.Kind, Title: p.Title, Manner: p.Manner, Scope: p.Scope}
	day := calendar.DateOf(tx.Now, zoneOf(at.Zone))
	for _, h := range office.Holders { // the present one, and one who is to follow
		if h.UntilOn != nil && h.UntilOn.Before(day) {
			continue
		}
		from := h.FromOn
		if from.Before(day) {
			from = day
		}
		if err := insertPosts(tx, town, h.PersonID, []heldPost{made.given(tx, h, from)}); err != nil {
			return Office{}, err
		}
	}
	office, err = takeOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	return office, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "office_post", ObjectID: id, After: p})
}

// given is the post as the holder of the office holds it: as long as the office.
func (x OfficePost) given(tx *tenants.Tx, h Holder, from calendar.Date) heldPost {
	return heldPost{PostInput: PostInput{Kind: x.Kind, Title: x.Title, At: x.At, FromOn: from, UntilOn: h.UntilOn, NoEnd: h.UntilOn == nil, Manner: x.Manner,
		By: tx.Actor.Text(), Document: h.Document, DocumentOn: h.DocumentOn, Scope: x.Scope}, byID: tx.Actor.PersonID, officePost: x.ID}
}

// DropOfficePost makes a post go with its office no longer. Who holds it holds it until today.
func DropOfficePost(_ context.Context, tx *tenants.Tx, town, officeID, id int64) (Office, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Office{}, err
	}
	if _, err := lockOffice(tx, town, officeID); err != nil {
		return Office{}, err
	}
	var found []int64
	err := tx.DB.Raw(`UPDATE office_post SET retired_at = ? WHERE tenant_id = ? AND office_id = ? AND id = ? AND retired_at IS NULL RETURNING coalesce(held_at, tenant_id)`,
		tx.Now, town, officeID, id).Scan(&found).Error
	if err != nil {
		return Office{}, fmt.Errorf("drop a post of office %d: %w", officeID, err)
	}
	if len(found) == 0 {
		return Office{}, tenants.NotFound()
	}
	if err := tx.Permit(tenants.WritePeople, found[0]); err != nil {
		return Office{}, err
	}
	at, err := organisationOf(tx, found[0])
	if err != nil {
		return Office{}, err
	}
	if err := endOfficePosts(tx, town, officeID, id, 0, calendar.DateOf(tx.Now, zoneOf(at.Zone))); err != nil {
		return Office{}, err
	}
	office, err := takeOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	return office, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "office_post", ObjectID: id, Before: map[string]int64{"office": officeID}})
}
