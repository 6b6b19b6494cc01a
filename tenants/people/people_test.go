package people_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

func TestAddIssuesAPasswordThatIsKeptNowhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	until := today.AddDays(130)
	p, password := b.add(b.town, people.Input{Login: "Mukawa", Name: "見本 梅子", Lang: "en", Posts: []people.PostInput{
		{Kind: tenants.Town, Title: "主任", FromOn: since, UntilOn: &until}, {Kind: tenants.Town, Title: "係長", FromOn: until.AddDays(1)}}})
	yearsEnd := calendar.MustDate(2028, 3, 31)
	require.Equal(t, people.Person{TenantID: b.town, ID: p.ID, Login: "mukawa", Name: "見本 梅子", Lang: "en", CreatedAt: b.Clock.Now(), Posts: []people.HeldPost{
		{ID: p.Posts[0].ID, Kind: tenants.Town, Title: "主任", FromOn: since, UntilOn: &until, At: b.town, Manner: people.Appointment, AppointedBy: b.admin.Text()},
		{ID: p.Posts[1].ID, Kind: tenants.Town, Title: "係長", FromOn: until.AddDays(1), UntilOn: &yearsEnd, At: b.town, Manner: people.Appointment, AppointedBy: b.admin.Text()}}}, p)
	require.Equal(t, "主任", p.Held(today)[0].Title)
	require.Equal(t, "係長", p.Held(until.AddDays(1))[0].Title)
	require.Empty(t, p.Held(since.AddDays(-1)))
	kept, err := json.Marshal(append(b.SQL(`SELECT * FROM person`), b.SQL(`SELECT * FROM operation_log`)...))
	require.NoError(t, err)
	require.NotContains(t, string(kept), password)
	log, err := json.Marshal(b.SQL(`SELECT before, after FROM operation_log`))
	require.NoError(t, err)
	require.NotContains(t, string(log), "argon2")
	require.Contains(t, string(log), "係長")
}

func TestAddSaysWhatIsWrongAtItsField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(b.town, clerkNamed("mukawa"))
	early := since.AddDays(-1)
	post := func(change func(*people.PostInput)) people.Input {
		in := clerkNamed("oketo")
		change(&in.Posts[0])
		return in
	}
	for what, try := range map[string]struct {
		field string
		town  int64
		in    people.Input
	}{
		"a login in use":        {"login", b.host, clerkNamed("ＭＵＫＡＷＡ")},
		"a login with a space":  {"login", b.town, clerkNamed("mu kawa")},
		"a login of one letter": {"login", b.town, clerkNamed("m")},
		"no name":               {"name", b.town, people.Input{Login: "oketo", Name: " ", Posts: clerkNamed("").Posts}},
		"another language":      {"lang", b.town, people.Input{Login: "oketo", Name: "見本", Lang: "fr", Posts: clerkNamed("").Posts}},
		"no post":               {"posts", b.town, people.Input{Login: "oketo", Name: "見本"}},
		"a host post elsewhere": {"kind", b.town, post(func(p *people.PostInput) { p.Kind = tenants.Operator })},
		"a post of nobody":      {"kind", b.host, post(func(p *people.PostInput) { p.Kind = tenants.Pipeline })},
		"no title":              {"title", b.town, post(func(p *people.PostInput) { p.Title = "" })},
		"no first day":          {"from_on", b.town, post(func(p *people.PostInput) { p.FromOn = people.PostInput{}.FromOn })},
		"an end before it":      {"until_on", b.town, post(func(p *people.PostInput) { p.UntilOn = &early })},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, _, err := people.Add(ctx, tx, try.town, try.in)
			return err
		})
		require.Len(t, fault.Fields, 1, what)
		require.Equal(t, try.field, fault.Fields[0].Field, what)
	}
}

func TestTwoAddsOfOneLoginAreOnePersonAndOneFieldFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() {
			errs[i] = b.Try(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
				_, _, err := people.Add(ctx, tx, b.town, clerkNamed("mukawa"))
				return err
			})
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
			continue
		}
		require.Equal(t, "login", tenants.AsFault(err).Fields[0].Field)
	}
	require.Equal(t, 1, good)
}

func TestListHasAFixedNumberOfQueries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := func(a tenants.Actor, towns ...int64) (names []string, n int) {
		n = b.QueryCount(func() {
			b.Do(a, func(ctx context.Context, tx *tenants.Tx) error {
				found, err := people.List(ctx, tx, towns...)
				for _, p := range found {
					require.NotEmpty(t, p.Posts)
					names = append(names, p.Name)
				}
				return err
			})
		})
		return names, n
	}
	names, few := list(b.auditor)
	require.Equal(t, []string{b.admin.Name, b.auditor.Name, b.operator.Name, b.clerk.Name}, names)
	for range 5 {
		b.Person(b.town, tenants.Town)
	}
	names, many := list(b.admin, b.town)
	require.Len(t, names, 6)
	require.Equal(t, 2, few)
	require.Equal(t, few, many)
}

func TestPostsComeAndGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.host, people.Input{Login: "kakari", Name: "見本 菊子", Posts: []people.PostInput{{Kind: tenants.Town, Title: "係員", FromOn: since}}})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		promoted, err := people.AddPost(ctx, tx, b.host, p.ID, people.PostInput{Kind: tenants.Operator, Title: "操作者", FromOn: today})
		require.NoError(t, err)
		require.Len(t, promoted.Posts, 2)
		ended, err := people.EndPost(ctx, tx, b.host, promoted.Posts[0].ID, today.AddDays(-1))
		require.Equal(t, today.AddDays(-1), *ended.Posts[0].UntilOn)
		return err
	})
	a, err := b.load(p)
	require.NoError(t, err)
	require.Equal(t, []tenants.Post{tenants.Operator}, a.Posts)
	require.Equal(t, "操作者", a.Title)

	own := b.SQL(`SELECT id FROM post WHERE person_id = $1`, b.admin.PersonID)[0]["id"].(int64)
	for _, try := range []act{
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, own, today)
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, p.Posts[0].ID, since.AddDays(-1))
			return err
		},
	} {
		require.Equal(t, "until_on", b.Fault(tenants.KindInvalid, b.admin, try).Fields[0].Field)
	}
	b.Fault(tenants.KindConflict, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.host, b.admin.PersonID)
		return err
	})
}

func TestChangeKeepsTheLoginAndTheRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		changed, err := people.Change(ctx, tx, b.town, p.ID, people.ChangeInput{Name: "見本 松子", Lang: "en"})
		require.Equal(t, "mukawa", changed.Login)
		return err
	})
	require.Equal(t, []map[string]any{{"before": "見本 梅子", "after": "見本 松子"}},
		b.SQL(`SELECT before->>'Name' AS before, after->>'Name' AS after FROM operation_log WHERE before IS NOT NULL`))
}

func TestPasswordsAreSetAndChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, first := b.add(b.town, clerkNamed("mukawa"))
	var second string
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		second, err = people.SetPassword(ctx, tx, b.town, p.ID, "忘れたため")
		return err
	})
	_, err := b.signIn("mukawa", first)
	requireUnauthenticated(t, err)
	a, err := b.signIn("mukawa", second)
	require.NoError(t, err)

	change := func(former, chosen string) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			return people.ChangeOwnPassword(ctx, tx, former, chosen)
		}
	}
	for _, try := range []struct{ field, former, chosen string }{
		{"old", first, "correct horse battery"}, {"new", second, "short"}, {"new", second, second}, {"new", second, "my-mukawa-pass"},
	} {
		fault := b.Fault(tenants.KindInvalid, a, change(try.former, try.chosen))
		require.Len(t, fault.Fields, 1)
		require.Equal(t, try.field, fault.Fields[0].Field)
	}
	b.Do(a, change(second, "correct horse battery"))
	_, err = b.signIn("mukawa", "correct horse battery")
	require.NoError(t, err)
	b.Do(a, func(ctx context.Context, tx *tenants.Tx) error { return people.ChangeOwnLang(ctx, tx, "en") })
	a, err = b.load(p)
	require.NoError(t, err)
	require.Equal(t, "en", a.Lang)
	log, err := json.Marshal(b.SQL(`SELECT act, object, before, after FROM operation_log`))
	require.NoError(t, err)
	for _, secret := range []string{second, "correct horse", "argon2"} {
		require.NotContains(t, string(log), secret)
	}
	require.Equal(t, 2, strings.Count(string(log), `"person.own"`))
}

func TestWhoMayWriteAndWhoMayKnow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	post := people.PostInput{Kind: tenants.Town, Title: "主任", FromOn: since}
	acts := func(town, id, postID int64) map[string]act {
		return map[string]act{
			"add": func(ctx context.Context, tx *tenants.Tx) error {
				_, _, err := people.Add(ctx, tx, town, clerkNamed("oketo"))
				return err
			},
			"change": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.Change(ctx, tx, town, id, people.ChangeInput{Name: "x"})
				return err
			},
			"disable": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.Disable(ctx, tx, town, id)
				return err
			},
			"enable": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.Enable(ctx, tx, town, id, "復職")
				return err
			},
			"password": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.SetPassword(ctx, tx, town, id, "忘れたため")
				return err
			},
			"add post": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.AddPost(ctx, tx, town, id, post)
				return err
			},
			"end post": func(ctx context.Context, tx *tenants.Tx) error {
				_, err := people.EndPost(ctx, tx, town, postID, today)
				return err
			},
		}
	}
	for name, a := range acts(b.town, p.ID, p.Posts[0].ID) {
		for _, actor := range []tenants.Actor{b.clerk, b.operator, b.auditor} {
			b.Fault(tenants.KindForbidden, actor, a)
		}
		require.Equal(t, tenants.KindNotFound, b.Fault(tenants.KindNotFound, b.stranger, a).Kind, name)
	}
	wrongTown := acts(b.host, p.ID, p.Posts[0].ID)
	delete(wrongTown, "add")
	for _, a := range wrongTown {
		b.Fault(tenants.KindNotFound, b.admin, a)
	}
	for kind, actor := range map[tenants.Kind]tenants.Actor{tenants.KindForbidden: b.clerk, tenants.KindNotFound: b.stranger} {
		b.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error { _, err := people.List(ctx, tx, b.town); return err })
		b.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Get(ctx, tx, b.town, p.ID)
			return err
		})
	}
	require.Len(t, b.SQL(`SELECT 1 FROM operation_log`), 1, "only the one that was let in at the beginning")
}
