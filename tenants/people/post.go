package people

import (
	"context"
	"encoding/json"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// PostInput is what is entered about a post (職) that a person is to hold.
type PostInput struct {
	Kind    tenants.Post
	Title   string
	FromOn  calendar.Date
	UntilOn *calendar.Date // the last day; nil where no end is known
}

// checked tells what is wrong. Only the host's people hold host posts.
func (in PostInput) checked(v *tenants.Invalid, townKind string) PostInput {
	switch in.Kind {
	case tenants.Town:
	case tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor:
		if townKind != "host" {
			v.Add("kind", "この職は受託町の職員だけが持てます。", "Only the host town's people hold this post.")
		}
	default:
		v.Add("kind", "職の種類を選んでください。", "Please choose the kind of post.")
	}
	in.Title = entry.Line(v, "title", in.Title, 60)
	if in.UntilOn != nil && in.UntilOn.IsZero() {
		in.UntilOn = nil
	}
	if in.FromOn.IsZero() {
		v.Add("from_on", "就任日を入力してください。", "Please enter the first day.")
	} else if in.UntilOn != nil && in.UntilOn.Before(in.FromOn) {
		v.Add("until_on", "終わりの日は就任日以後の日にしてください。", "The last day cannot be before the first.")
	}
	return in
}

// insertPosts writes any number of posts in one statement.
func insertPosts(tx *tenants.Tx, town, person int64, posts []PostInput) error {
	type row struct {
		Kind    tenants.Post   `json:"kind"`
		Title   string         `json:"title"`
		FromOn  calendar.Date  `json:"from_on"`
		UntilOn *calendar.Date `json:"until_on"`
	}
	rows := make([]row, len(posts))
	for i, p := range posts {
		rows[i] = row(p)
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write posts of person %d: %w", person, err)
	}
	err = tx.DB.Exec(`INSERT INTO post (tenant_id, person_id, kind, title, from_on, until_on)
		SELECT @town, @person, p.kind, p.title, p.from_on, p.until_on
		FROM jsonb_to_recordset(CAST(@posts AS jsonb)) AS p(kind text, title text, from_on date, until_on date)`,
		map[string]any{"town": town, "person": person, "posts": string(b)}).Error
	if err != nil {
		return fmt.Errorf("write posts of person %d: %w", person, err)
	}
	return nil
}

// AddPost gives a person one more post.
func AddPost(_ context.Context, tx *tenants.Tx, town, id int64, in PostInput) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	kind, err := kindOf(tx, town)
	if err != nil {
		return Person{}, err
	}
	var v tenants.Invalid
	in = in.checked(&v, kind)
	if err := v.Err(); err != nil {
		return Person{}, err
	}
	if _, err := take(tx, town, id); err != nil {
		return Person{}, err
	}
	if err := insertPosts(tx, town, id, []PostInput{in}); err != nil {
		return Person{}, err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return Person{}, err
	}
	return p, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "post", ObjectID: id, After: in})
}

// EndPost sets the last day of a post. From the next day on, in the town's zone, the person no longer holds it.
func EndPost(_ context.Context, tx *tenants.Tx, town, postID int64, last calendar.Date) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	var post struct {
		PersonID int64
		Kind     tenants.Post
		FromOn   calendar.Date
		UntilOn  *calendar.Date
	}
	err := tx.DB.Raw(`SELECT person_id, kind, from_on, until_on FROM post WHERE tenant_id = ? AND id = ? FOR UPDATE`, town, postID).Take(&post).Error
	if err != nil {
		return Person{}, fmt.Errorf("end post %d: %w", postID, err)
	}
	var v tenants.Invalid
	switch {
	case last.IsZero():
		v.Add("until_on", "終わりの日を入力してください。", "Please enter the last day.")
	case last.Before(post.FromOn):
		v.Add("until_on", "終わりの日は就任日以後の日にしてください。", "The last day cannot be before the first.")
	case post.PersonID == tx.Actor.PersonID && post.Kind == tenants.HostAdmin:
		v.Add("until_on", "自分の戸籍データ等管理者の職は、ほかの管理者が終わらせてください。", "Another manager must end your own post of manager.")
	}
	if err := v.Err(); err != nil {
		return Person{}, err
	}
	if err := tx.DB.Exec(`UPDATE post SET until_on = ? WHERE tenant_id = ? AND id = ?`, last, town, postID).Error; err != nil {
		return Person{}, fmt.Errorf("end post %d: %w", postID, err)
	}
	p, err := take(tx, town, post.PersonID)
	if err != nil {
		return Person{}, err
	}
	return p, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "post", ObjectID: postID,
		Before: post.UntilOn, After: last})
}
