// Package people is the room of the people who sign in: their posts, their passwords and their tokens; of the offices that
// posts go with, and of the machines that act by a token alone. People are disabled, never deleted.
package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Person is somebody with a login, or a machine.
type Person struct {
	TenantID   int64
	ID         int64
	Login      string
	Name       string
	Lang       string // "ja" or "en"
	Machine    bool   // acts by tokens, signs in nowhere
	CreatedAt  time.Time
	DisabledAt *time.Time
	Posts      []HeldPost `gorm:"-"`
}

// HeldPost is a post (職) that a person holds, held or will hold, and by what.
type HeldPost struct {
	ID           int64
	At           int64 // the organisation in which it is held
	Kind         tenants.Post
	Title        string // 住民福祉課長
	FromOn       calendar.Date
	UntilOn      *calendar.Date // the last day; nil where no end is known
	OfficePostID int64          // of the office it goes with (充て職); 0: given to the person
	Manner       Manner
	AppointedBy  string
	Document     string // 文書番号
	DocumentOn   *calendar.Date
	Scope        tenants.Scope
}

// On tells whether the post is held on the day.
func (p HeldPost) On(day calendar.Date) bool {
	return !day.Before(p.FromOn) && (p.UntilOn == nil || !day.After(*p.UntilOn))
}

// Held are the posts that the person holds on the day.
func (p Person) Held(on calendar.Date) []HeldPost {
	var held []HeldPost
	for _, post := range p.Posts {
		if post.On(on) {
			held = append(held, post)
		}
	}
	return held
}

const columns = `tenant_id, id, login, name, lang, machine, created_at, disabled_at`

// List gives the people of the towns with all their posts, town by town in order of their logins. No town: all in which the
// actor may.
func List(_ context.Context, tx *tenants.Tx, towns ...int64) (_ []Person, err error) {
	if len(towns) == 0 {
		if towns, err = tx.Reach(tenants.ReadPeople); err != nil {
			return nil, err
		}
	}
	if err := tx.Permit(tenants.ReadPeople, towns...); err != nil {
		return nil, err
	}
	return read(tx, `tenant_id = ANY (string_to_array(?, ',')::bigint[]) ORDER BY tenant_id, machine, login`, tenants.IDs(towns))
}

// Get gives one person with all their posts.
func Get(_ context.Context, tx *tenants.Tx, town, id int64) (Person, error) {
	if err := tx.Permit(tenants.ReadPeople, town); err != nil {
		return Person{}, err
	}
	return take(tx, town, id)
}

func take(tx *tenants.Tx, town, id int64) (Person, error) {
	found, err := read(tx, `tenant_id = ? AND id = ?`, town, id)
	if err != nil {
		return Person{}, err
	}
	if len(found) == 0 {
		return Person{}, tenants.NotFound()
	}
	return found[0], nil
}

// postColumns are those of post o that make a postRow.
const postColumns = `o.tenant_id, o.id, o.person_id, coalesce(o.held_at, o.tenant_id) AS held_at, o.kind, o.title, o.from_on, o.until_on,
	coalesce(o.office_post_id, 0) AS office_post_id, o.manner, o.appointed_by, o.document, o.document_on,
	array_to_string(o.acts, ',') AS acts, array_to_string(o.towns, ',') AS towns`

type postRow struct {
	TenantID, ID, PersonID, HeldAt int64
	Kind                           tenants.Post
	Title                          string
	FromOn                         calendar.Date
	UntilOn                        *calendar.Date
	OfficePostID                   int64
	Manner                         Manner
	AppointedBy, Document          string
	DocumentOn                     *calendar.Date
	Acts, Towns                    string
}

func (r postRow) held() (HeldPost, error) {
	scope, err := scopeOf(r.Acts, r.Towns)
	return HeldPost{ID: r.ID, At: r.HeldAt, Kind: r.Kind, Title: r.Title, FromOn: r.FromOn, UntilOn: r.UntilOn, OfficePostID: r.OfficePostID,
		Manner: r.Manner, AppointedBy: r.AppointedBy, Document: r.Document, DocumentOn: r.DocumentOn, Scope: scope}, err
}

// read gives the people whom the condition names, which is one of the constants above and never input.
func read(tx *tenants.Tx, where string, args ...any) ([]Person, error) {
	var people []Person
	if err := tx.DB.Raw(`SELECT `+columns+` FROM person WHERE `+where, args...).Scan(&people).Error; err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	index := make(map[int64]*Person, len(people))
	towns, ids := make([]int64, len(people)), make([]int64, len(people))
	for i := range people {
		index[people[i].ID], towns[i], ids[i] = &people[i], people[i].TenantID, people[i].ID
	}
	var posts []postRow
	err := tx.DB.Raw(`SELECT `+postColumns+` FROM post o
		WHERE tenant_id = ANY (string_to_array(?, ',')::bigint[]) AND person_id = ANY (string_to_array(?, ',')::bigint[]) AND withdrawn_at IS NULL ORDER BY from_on, id`,
		tenants.IDs(towns), tenants.IDs(ids)).Scan(&posts).Error
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	for _, p := range posts {
		held, err := p.held()
		if err != nil {
			return nil, err
		}
		person := index[p.PersonID]
		person.Posts = append(person.Posts, held)
	}
	return people, nil
}
