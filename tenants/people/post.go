package people

import (
	"context"
	"encoding/json"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// Manner is how a post was given.
type Manner string

// Appointment is 任命, Designation 指定 of who handles something.
const (
	Appointment Manner = "appointment"
	Designation Manner = "designation"
)

// PostInput is what is entered about a post (職) that a person is to hold.
type PostInput struct {
	Kind    tenants.Post
	Title   string
	At      int64 // the organisation in which it is held; 0: the person's own
	FromOn  calendar.Date
	UntilOn *calendar.Date // the last day; nil: that of the fiscal year
	NoEnd   bool           // no end is known, and that is meant so

	Manner     Manner // empty: an appointment
	By         string // who appointed (任命権者), as the document says; empty: whoever enters it
	Document   string // 文書番号
	DocumentOn *calendar.Date
	Scope      tenants.Scope // 事務の範囲; empty: all that the post allows
}

// heldPost is a post about to be written.
type heldPost struct {
	PostInput
	byID       int64 // of whoever appointed, where they entered it themselves
	officePost int64
}

// organisation is what of a town a post must know.
type organisation struct {
	ID         int64
	Kind, Name string
	Zone       string
}

func organisationOf(tx *tenants.Tx, id int64) (organisation, error) {
	var o organisation
	if err := tx.DB.Raw(`SELECT id, kind, name, zone FROM tenant WHERE id = ?`, id).Take(&o).Error; err != nil {
		return o, fmt.Errorf("read town %d: %w", id, err)
	}
	return o, nil
}

// yearsEnd is when a post ends where nobody says: with the fiscal year in which it begins, or the present one where it
// began before.
func yearsEnd(from, today calendar.Date) calendar.Date {
	if from.Before(today) {
		from = today
	}
	return calendar.FiscalYearEnd(calendar.FiscalYear(from))
}

// checkPost tells what is wrong. Only in the host's organisation are host posts held, and nobody gives more than they may do.
func checkPost(v *tenants.Invalid, tx *tenants.Tx, home int64, in PostInput) (heldPost, error) {
	if in.At == 0 {
		in.At = home
	}
	if err := tx.Permit(tenants.WritePeople, in.At); err != nil {
		return heldPost{}, err
	}
	at, err := organisationOf(tx, in.At)
	if err != nil {
		return heldPost{}, err
	}
	in.spec(v, tx, at)
	today := calendar.DateOf(tx.Now, zoneOf(at.Zone))
	if in.UntilOn != nil && in.UntilOn.IsZero() {
		in.UntilOn = nil
	}
	switch {
	case in.FromOn.IsZero():
		v.Add("from_on", "就任日を入力してください。", "Please enter the first day.")
	case in.UntilOn != nil && in.UntilOn.Before(in.FromOn):
		v.Add("until_on", "終わりの日は就任日以後の日にしてください。", "The last day cannot be before the first.")
	case in.UntilOn != nil && in.NoEnd:
		v.Add("until_on", "終わりの日と「終わりを定めない」の両方は指定できません。", "A last day and no end cannot both be.")
	case in.UntilOn == nil && !in.NoEnd:
		end := yearsEnd(in.FromOn, today)
		in.UntilOn = &end
	}
	in.Document = entry.OptionalLine(v, "document", in.Document, 60)
	if in.DocumentOn != nil && in.DocumentOn.IsZero() {
		in.DocumentOn = nil
	}
	held := heldPost{PostInput: in}
	if held.By = entry.OptionalLine(v, "appointed_by", in.By, 60); held.By == "" {
		held.By, held.byID = tx.Actor.Text(), tx.Actor.PersonID
	}
	return held, nil
}

// spec checks which post it is and what of its work, at an organisation.
func (in *PostInput) spec(v *tenants.Invalid, tx *tenants.Tx, at organisation) {
	switch in.Kind {
	case tenants.Town:
	case tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor:
		if at.Kind != "host" {
			v.Add("kind", "この職は受託町の職です。関係町村の職にはできません。", "This is a post of the host town's.")
		}
	default:
		v.Add("kind", "職の種類を選んでください。", "Please choose the kind of post.")
	}
	if in.Manner == "" {
		in.Manner = Appointment
	}
	if in.Manner != Appointment && in.Manner != Designation {
		v.Add("manner", "任命か指定かを選んでください。", "Choose appointment or designation.")
	}
	in.Title = entry.Line(v, "title", in.Title, 60)
	in.Scope = checkScope(v, tx, in.Scope, in.Kind.Acts())
	if in.Kind == tenants.Town && len(in.Scope.Towns) > 0 && (len(in.Scope.Towns) > 1 || in.Scope.Towns[0] != at.ID) {
		v.Add("towns", "関係町村職員の職は、その団体だけの職です。", "A post of town staff is of that town alone.")
	}
	if len(v.Fields) > 0 {
		return
	}
	if !gives(tx, in.Kind, in.Scope, at.ID) {
		v.Add("kind", "あなた自身ができない事務や、あなたの範囲にない団体を含む職は、与えられません。", "You cannot give what you may not do yourself.")
	}
}

// insertPosts writes any number of posts of one person in one statement, and each into the register of its organisation.
func insertPosts(tx *tenants.Tx, home, person int64, posts []heldPost) error {
	type row struct {
		N           int            `json:"n"`
		Kind        tenants.Post   `json:"kind"`
		Title       string         `json:"title"`
		FromOn      calendar.Date  `json:"from_on"`
		UntilOn     *calendar.Date `json:"until_on"`
		HeldAt      *int64         `json:"held_at"`
		OfficePost  *int64         `json:"office_post_id"`
		Manner      Manner         `json:"manner"`
		ByID        *int64         `json:"appointed_by_id"`
		By          string         `json:"appointed_by"`
		Document    string         `json:"document"`
		DocumentOn  *calendar.Date `json:"document_on"`
		Acts, Towns string
	}
	rows := make([]row, len(posts))
	for i, p := range posts {
		rows[i] = row{i, p.Kind, p.Title, p.FromOn, p.UntilOn, some(elsewhere(p.At, home)), some(p.officePost), p.Manner, some(p.byID), p.By, p.Document,
			p.DocumentOn, joined(p.Scope.Acts), tenants.IDs(p.Scope.Towns)}
	}
	b, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write posts of person %d: %w", person, err)
	}
	var ids []int64
	err = tx.DB.Raw(`WITH made AS (
		INSERT INTO post (tenant_id, person_id, kind, title, from_on, until_on, held_at, office_post_id, manner, appointed_by_id, appointed_by,
			document, document_on, acts, towns)
		SELECT @home, @person, p.kind, p.title, p.from_on, p.until_on, p.held_at, p.office_post_id, p.manner, p.appointed_by_id, p.appointed_by,
			p.document, p.document_on, string_to_array(p."Acts", ','), string_to_array(p."Towns", ',')::bigint[]
		FROM jsonb_to_recordset(CAST(@posts AS jsonb)) AS p(n integer, kind text, title text, from_on date, until_on date, held_at bigint,
			office_post_id bigint, manner text, appointed_by_id bigint, appointed_by text, document text, document_on date, "Acts" text, "Towns" text)
		ORDER BY p.n RETURNING id) SELECT id FROM made ORDER BY id`,
		map[string]any{"home": home, "person": person, "posts": string(b)}).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("write posts of person %d: %w", person, err)
	}
	return register(tx, begun, home, ids...)
}

func elsewhere(at, home int64) int64 {
	if at == home {
		return 0
	}
	return at
}

// some is nil for 0, which no id is.
func some(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// AddPost gives a person one more post, in their own organisation or another one that the actor sees.
func AddPost(_ context.Context, tx *tenants.Tx, home, id int64, in PostInput) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, home); err != nil {
		return Person{}, err
	}
	if _, err := take(tx, home, id); err != nil {
		return Person{}, err
	}
	var v tenants.Invalid
	post, err := checkPost(&v, tx, home, in)
	if err != nil {
		return Person{}, err
	}
	if err := v.Err(); err != nil {
		return Person{}, err
	}
	if err := insertPosts(tx, home, id, []heldPost{post}); err != nil {
		return Person{}, err
	}
	p, err := take(tx, home, id)
	if err != nil {
		return Person{}, err
	}
	return p, tx.Record(tenants.Line{Town: home, Act: tenants.WritePeople, Object: "post", ObjectID: id, After: post.PostInput})
}

// EndPost sets the last day of a post. From the next day on, in the zone of the organisation in which it is held, the person
// no longer holds it. A last day later than the former one prolongs it.
func EndPost(_ context.Context, tx *tenants.Tx, home, postID int64, last calendar.Date) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, home); err != nil {
		return Person{}, err
	}
	var post postRow
	err := tx.DB.Raw(`SELECT `+postColumns+` FROM post o WHERE tenant_id = ? AND id = ? AND withdrawn_at IS NULL FOR UPDATE`, home, postID).Take(&post).Error
	if err != nil {
		return Person{}, fmt.Errorf("end post %d: %w", postID, err)
	}
	if err := tx.Permit(tenants.WritePeople, post.HeldAt); err != nil {
		return Person{}, err
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
	if err := tx.DB.Exec(`UPDATE post SET until_on = ?, handed_over = NULL, former_until = NULL WHERE tenant_id = ? AND id = ?`, last, home, postID).Error; err != nil {
		return Person{}, fmt.Errorf("end post %d: %w", postID, err)
	}
	event := ended
	if post.UntilOn != nil && last.After(*post.UntilOn) {
		held, err := post.held()
		if err != nil {
			return Person{}, err
		}
		if err := giving(tx, held.Kind, held.Scope, post.HeldAt); err != nil {
			return Person{}, err
		}
		event = changed
	}
	if err := register(tx, event, home, postID); err != nil {
		return Person{}, err
	}
	p, err := take(tx, home, post.PersonID)
	if err != nil {
		return Person{}, err
	}
	return p, tx.Record(tenants.Line{Town: home, Act: tenants.WritePeople, Object: "post", ObjectID: postID,
		Before: post.UntilOn, After: last})
}

// WithdrawPost takes a post back that has not begun yet.
func WithdrawPost(_ context.Context, tx *tenants.Tx, home, postID int64) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, home); err != nil {
		return Person{}, err
	}
	var post postRow
	err := tx.DB.Raw(`SELECT `+postColumns+` FROM post o WHERE tenant_id = ? AND id = ? AND withdrawn_at IS NULL FOR UPDATE`, home, postID).Take(&post).Error
	if err != nil {
		return Person{}, fmt.Errorf("withdraw post %d: %w", postID, err)
	}
	if err := tx.Permit(tenants.WritePeople, post.HeldAt); err != nil {
		return Person{}, err
	}
	at, err := organisationOf(tx, post.HeldAt)
	if err != nil {
		return Person{}, err
	}
	if !post.FromOn.After(calendar.DateOf(tx.Now, zoneOf(at.Zone))) {
		return Person{}, tenants.Conflict("すでに始まっている職です。終わりの日を決めてください。", "This post has begun; set its last day.")
	}
	if err := tx.DB.Exec(`UPDATE post SET withdrawn_at = ? WHERE tenant_id = ? AND id = ?`, tx.Now, home, postID).Error; err != nil {
		return Person{}, fmt.Errorf("withdraw post %d: %w", postID, err)
	}
	if err := register(tx, withdrawn, home, postID); err != nil {
		return Person{}, err
	}
	p, err := take(tx, home, post.PersonID)
	if err != nil {
		return Person{}, err
	}
	return p, tx.Record(tenants.Line{Town: home, Act: tenants.WritePeople, Object: "post", ObjectID: postID, Before: map[string]any{"title": post.Title, "from_on": post.FromOn}})
}
