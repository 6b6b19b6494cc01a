package people_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

func (b bundle) addPost(p people.Person, in people.PostInput) people.Person {
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		p, err = people.AddPost(ctx, tx, p.TenantID, p.ID, in)
		return err
	})
	return p
}

func day(year int, month time.Month, d int) *calendar.Date {
	date := calendar.MustDate(year, month, d)
	return &date
}

func TestAPostInAnotherOrganisation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	saroma := b.Town("佐呂間町", "015521")
	b.SQL(`UPDATE tenant SET consortium_id = $1 WHERE id = $2`, b.admin.Consortium, saroma)
	b.admin.Towns = append(b.admin.Towns, saroma)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	p = b.addPost(p, people.PostInput{Kind: tenants.Auditor, Title: "共同監査", At: b.host, FromOn: since, Manner: people.Designation, By: "蘭越町長", Document: "蘭総第12号",
		DocumentOn: day(2026, 3, 25), Scope: tenants.Scope{Towns: []int64{saroma, b.host}, Acts: []tenants.Act{tenants.ReadLog, tenants.ReadBoard}}})
	p = b.addPost(p, people.PostInput{Kind: tenants.Town, Title: "併任書記", At: saroma, FromOn: since, NoEnd: true})
	require.Nil(t, p.Posts[2].UntilOn, "no end, which was chosen")
	require.Equal(t, calendar.MustDate(2027, 3, 31), *p.Posts[1].UntilOn, "nothing typed: the end of the fiscal year")

	a, err := b.load(p)
	require.NoError(t, err)
	require.True(t, a.IsHost())
	require.Equal(t, []tenants.Post{tenants.Auditor, tenants.Town}, a.Posts)
	require.Equal(t, []int64{b.host, saroma, b.town}, a.Towns)
	require.Equal(t, []int64{b.host, saroma}, a.Reach(tenants.ReadLog))
	require.Equal(t, []int64{saroma, b.town}, a.Reach(tenants.WriteContact))
	require.False(t, a.May(tenants.ReadLog, b.town), "the auditor's scope leaves their own town out")
	require.False(t, a.May(tenants.ReadPeople), "… and that act")

	register := func(who tenants.Actor, town int64) (titles []string) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) error {
			found, err := people.Register(ctx, tx, town, today, false)
			for _, e := range found {
				titles = append(titles, e.Title+"／"+e.Home+" "+e.Person+"／"+e.AppointedBy+" "+e.Document)
			}
			return err
		})
		return titles
	}
	require.Equal(t, []string{"併任書記／むかわ町 見本 梅子／戸籍データ等管理者 見本 一郎 "}, register(b.Person(saroma, tenants.Town), saroma),
		"the town reads in its own rows who holds a post in it")
	require.Equal(t, []string{"町民生活課 主任／むかわ町 見本 梅子／戸籍データ等管理者 見本 一郎 "}, register(b.clerk, b.town), "and nothing of the posts that its people hold elsewhere")
	require.Equal(t, []string{"共同監査／むかわ町 見本 梅子／蘭越町長 蘭総第12号"}, register(b.admin, b.host))
	b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Register(ctx, tx, b.host, today, false)
		return err
	})
	require.Equal(t, `{"acts": ["board.read", "operation_log.read"], "towns": [{"id": `+id(b.host)+`, "name": "蘭越町"}, {"id": `+id(saroma)+`, "name": "佐呂間町"}]}`,
		tenantstest.Value[string](b.Bench, `SELECT scope::text FROM appointment WHERE tenant_id = $1`, b.host))

	b.SQL(`UPDATE tenant SET left_on = '2026-11-01' WHERE id = $1`, saroma)
	a, err = b.load(p)
	require.NoError(t, err)
	require.Equal(t, []int64{b.host, saroma}, a.Reach(tenants.ReadLog), "records of a town that left are still audited")
	require.Equal(t, []int64{b.town}, a.Reach(tenants.WriteContact), "but a post in it is over")
}

func TestWhatIsWrongWithAPost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	stranger := b.stranger.TenantID
	post := func(change func(*people.PostInput)) people.PostInput {
		in := people.PostInput{Kind: tenants.Operator, Title: "操作者", At: b.host, FromOn: since}
		change(&in)
		return in
	}
	for what, try := range map[string]struct {
		field string
		in    people.PostInput
	}{
		"an act that the post does not allow": {"acts", post(func(p *people.PostInput) { p.Scope.Acts = []tenants.Act{tenants.WritePlan} })},
		"an act that there is not":            {"acts", post(func(p *people.PostInput) { p.Scope.Acts = []tenants.Act{"x"} })},
		"a town of somebody else":             {"towns", post(func(p *people.PostInput) { p.Scope.Towns = []int64{stranger} })},
		"a host post in a town":               {"kind", post(func(p *people.PostInput) { p.At = b.town })},
		"town staff of two towns": {"towns", post(func(p *people.PostInput) {
			p.Kind, p.At, p.Scope.Towns = tenants.Town, b.town, []int64{b.town, b.host}
		})},
		"an end and none":       {"until_on", post(func(p *people.PostInput) { p.NoEnd, p.UntilOn = true, day(2027, 3, 31) })},
		"another manner":        {"manner", post(func(p *people.PostInput) { p.Manner = "x" })},
		"a document over lines": {"document", post(func(p *people.PostInput) { p.Document = "a\nb" })},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.AddPost(ctx, tx, b.town, p.ID, try.in)
			return err
		})
		require.Len(t, fault.Fields, 1, what)
		require.Equal(t, try.field, fault.Fields[0].Field, what)
	}
	b.Fault(tenants.KindNotFound, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.AddPost(ctx, tx, b.town, p.ID, post(func(p *people.PostInput) { p.At = stranger }))
		return err
	})
}

// Who looks after the people of one town gives no more than that.
func TestNobodyGivesWhatTheyDoNotHold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	some, _ := b.add(b.host, people.Input{Login: "some", Name: "見本 竹子", Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "補助者", FromOn: since,
		Scope: tenants.Scope{Towns: []int64{b.town, b.host}}}}})
	a, err := b.load(some)
	require.NoError(t, err)
	give := func(in people.PostInput) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.AddPost(ctx, tx, b.town, p.ID, in)
			return err
		}
	}
	whole := people.PostInput{Kind: tenants.Operator, Title: "操作者", At: b.host, FromOn: since}
	require.Equal(t, "kind", b.Fault(tenants.KindInvalid, a, give(whole)).Fields[0].Field)
	whole.Scope.Towns = []int64{b.town}
	b.Do(a, give(whole))
	b.Fault(tenants.KindForbidden, a, func(ctx context.Context, tx *tenants.Tx) error { return people.SetReminderDays(ctx, tx, 14) })
	a.Limit.Acts = []tenants.Act{tenants.WritePeople}
	require.Equal(t, "kind", b.Fault(tenants.KindInvalid, a, give(whole)).Fields[0].Field, "nor does a token give what it does not open")
}

func TestAPostIsEndedProlongedAndWithdrawn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	end := func(post int64, last *calendar.Date) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.town, post, *last)
			return err
		}
	}
	b.Do(b.admin, end(p.Posts[0].ID, day(2026, 12, 31)))
	b.Do(b.admin, end(p.Posts[0].ID, day(2028, 3, 31)))
	p = b.addPost(p, people.PostInput{Kind: tenants.Town, Title: "係長", FromOn: today.AddDays(1)})
	withdraw := func(post int64) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.WithdrawPost(ctx, tx, b.town, post)
			return err
		}
	}
	b.Fault(tenants.KindConflict, b.admin, withdraw(p.Posts[0].ID))
	b.Do(b.admin, withdraw(p.Posts[1].ID))
	b.Fault(tenants.KindNotFound, b.admin, withdraw(p.Posts[1].ID))
	b.Fault(tenants.KindNotFound, b.admin, end(p.Posts[1].ID, day(2027, 1, 1)))
	b.Clock.Advance(48 * time.Hour)
	a, err := b.load(p)
	require.NoError(t, err)
	require.Equal(t, "町民生活課 主任", a.Title)
	var events []string
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		course, err := people.Course(ctx, tx, b.town, p.ID)
		for _, e := range course {
			events = append(events, e.Title+" "+e.Event)
		}
		return err
	})
	require.Equal(t, []string{"係長 withdrawn", "係長 begun", "町民生活課 主任 changed", "町民生活課 主任 ended", "町民生活課 主任 begun"}, events)
}

func TestPostsWhoseEndIsNear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("mukawa")
	in.Posts[0].UntilOn = day(2026, 12, 10)
	p, _ := b.add(b.town, in)
	in = clerkNamed("oketo")
	in.Posts[0].UntilOn = day(2027, 1, 31)
	b.add(b.town, in)
	ending := func(days int) (names []string) {
		b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
			found, err := people.Ending(ctx, tx, today, days, 50)
			for _, e := range found {
				names = append(names, e.UntilOn.String())
			}
			return err
		})
		return names
	}
	require.Equal(t, []string{"2026-12-10"}, ending(30))
	require.Equal(t, []string{"2026-12-10", "2027-01-31"}, ending(90))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.EndPost(ctx, tx, b.town, p.Posts[0].ID, *day(2027, 3, 31))
		return err
	})
	require.Empty(t, ending(30), "prolonged")
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error { return people.SetReminderDays(ctx, tx, 14) })
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		days, err := people.ReminderDays(ctx, tx)
		require.Equal(t, 14, days)
		return err
	})
	require.Equal(t, "days", b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error { return people.SetReminderDays(ctx, tx, 181) }).Fields[0].Field)
}
