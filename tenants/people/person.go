// Package people is the room of the people who sign in: their posts, their passwords and their tokens. People are
// disabled, never deleted.
package people

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Person is somebody with a login.
type Person struct {
	TenantID   int64
	ID         int64
	Login      string
	Name       string
	Lang       string // "ja" or "en"
	CreatedAt  time.Time
	DisabledAt *time.Time
	Posts      []HeldPost `gorm:"-"`
}

// HeldPost is a post (職) that a person holds, held or will hold.
type HeldPost struct {
	ID      int64
	Kind    tenants.Post
	Title   string // 住民福祉課長
	FromOn  calendar.Date
	UntilOn *calendar.Date // the last day; nil where no end is known
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

const columns = `tenant_id, id, login, name, lang, created_at, disabled_at`

// List gives the people of the towns with all their posts, town by town in order of their logins. No town: all that the
// actor sees.
func List(_ context.Context, tx *tenants.Tx, towns ...int64) ([]Person, error) {
	if len(towns) == 0 {
		towns = tx.Actor.Towns
	}
	if err := tx.Permit(tenants.ReadPeople, towns...); err != nil {
		return nil, err
	}
	return read(tx, `tenant_id = ANY (string_to_array(?, ',')::bigint[]) ORDER BY tenant_id, login`, tenants.IDs(towns))
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
	var posts []struct {
		PersonID, ID int64
		Kind         tenants.Post
		Title        string
		FromOn       calendar.Date
		UntilOn      *calendar.Date
	}
	err := tx.DB.Raw(`SELECT person_id, id, kind, title, from_on, until_on FROM post
		WHERE tenant_id = ANY (string_to_array(?, ',')::bigint[]) AND person_id = ANY (string_to_array(?, ',')::bigint[]) ORDER BY from_on, id`,
		tenants.IDs(towns), tenants.IDs(ids)).Scan(&posts).Error
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	for _, p := range posts {
		person := index[p.PersonID]
		person.Posts = append(person.Posts, HeldPost{ID: p.ID, Kind: p.Kind, Title: p.Title, FromOn: p.FromOn, UntilOn: p.UntilOn})
	}
	return people, nil
}
