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

// helper is an administrator of the host with a limited scope of work.
func (b bundle) helper(login string, scope tenants.Scope) (a tenants.Actor) {
	p, _ := b.add(b.host, people.Input{Login: login, Name: "見本 竹子", Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "補助者", FromOn: since, Scope: scope}}})
	b.Do(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		a, err = people.Load(ctx, tx, p.TenantID, p.ID)
		return err
	})
	return a
}

func (b bundle) boss() people.Person {
	p, _ := b.add(b.host, people.Input{Login: "boss", Name: "見本 松子", Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: "管理者", FromOn: since}}})
	return p
}

// lettingIn is everything that lets somebody in, or in again.
func (b bundle) lettingIn(p people.Person) map[string]act {
	return map[string]act{
		"a password": func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.SetPassword(ctx, tx, p.TenantID, p.ID, "本人が忘れたため")
			return err
		},
		"factors taken off": func(ctx context.Context, tx *tenants.Tx) error {
			return people.ResetFactors(ctx, tx, p.TenantID, p.ID, "端末の紛失")
		},
		"the end of a stop": func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Enable(ctx, tx, p.TenantID, p.ID, "復職")
			return err
		},
	}
}

// Whoever issues a password could sign in with it: it is issued by those alone who could give the posts that it opens, now or later.
func TestNobodyLetsInWhoHoldsMoreThanTheyCouldGive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := b.boss()
	partly := b.helper("partly", tenants.Scope{Towns: []int64{b.host}, Acts: []tenants.Act{tenants.ReadPeople, tenants.WritePeople}})
	token := b.admin
	token.Limit.Acts = []tenants.Act{tenants.WritePeople}
	local := b.helper("local", tenants.Scope{Towns: []int64{b.town}})
	both, _ := b.add(b.town, clerkNamed("both"))
	both = b.addPost(both, people.PostInput{Kind: tenants.HostAdmin, Title: "併任", At: b.host, FromOn: today.AddDays(30)})
	for _, do := range b.lettingIn(boss) {
		b.Fault(tenants.KindForbidden, partly, do)
		b.Fault(tenants.KindForbidden, token, do)
		b.Do(b.admin, do)
	}
	for _, do := range b.lettingIn(both) {
		b.Fault(tenants.KindForbidden, local, do)
	}
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM password_event WHERE person_id = $1 AND kind <> 'issued'`, both.ID))

	// What is over gives nothing any more, and who may give all of it may let in.
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.WithdrawPost(ctx, tx, b.town, both.Posts[1].ID)
		return err
	})
	over := b.addPost(both, people.PostInput{Kind: tenants.HostAdmin, Title: "前の職", At: b.host, FromOn: since, UntilOn: day(2026, 11, 20)})
	require.Len(t, over.Posts, 2)
	for _, do := range b.lettingIn(both) {
		b.Do(local, do)
	}
}

// Taking away asks for less than giving, but no less than ending each post would.
func TestWhoDisablesLooksAfterEveryPostThatEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	local := b.helper("local", tenants.Scope{Towns: []int64{b.town}})
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	disable := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.town, p.ID)
		return err
	}
	b.Do(local, disable)
	p = b.addPost(p, people.PostInput{Kind: tenants.Auditor, Title: "共同監査", At: b.host, FromOn: since})
	require.Error(t, b.Try(local, disable))
	partly := b.helper("partly", tenants.Scope{Towns: []int64{b.town, b.host}, Acts: []tenants.Act{tenants.WritePeople}})
	b.Do(partly, disable)
	b.Fault(tenants.KindForbidden, partly, b.lettingIn(p)["the end of a stop"])
}

// A post comes back, lasts longer or opens a door by whoever could give it anew, and by nobody else.
func TestAPostComesBackOnlyByWhoCouldGiveIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	partly := b.helper("partly", tenants.Scope{Towns: []int64{b.host, b.town}, Acts: []tenants.Act{tenants.ReadPeople, tenants.WritePeople}})
	post := tenantstest.Value[int64](b.Bench, `SELECT id FROM post WHERE person_id = $1 AND office_post_id IS NOT NULL`, former.ID)
	end := func(last int) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, post, *day(last, 3, 31))
			return err
		}
	}
	b.Do(b.admin, end(2028))
	b.Fault(tenants.KindForbidden, partly, end(2029))
	b.Do(partly, end(2027))
	b.Fault(tenants.KindForbidden, partly, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.HandOver(ctx, tx, b.host, office.ID, people.HandOverInput{To: next.ID, FromOn: *day(2027, 1, 1)})
		return err
	})
	b.handOver(office, next.ID, *day(2027, 1, 1))
	b.Fault(tenants.KindForbidden, partly, b.takeBack(office))

	var machine people.Person
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		machine, err = people.AddMachine(ctx, tx, b.host, people.MachineInput{Name: "監視サーバ", Post: people.PostInput{Kind: tenants.HostAdmin, FromOn: since}})
		return err
	})
	b.Fault(tenants.KindForbidden, partly, func(ctx context.Context, tx *tenants.Tx) error {
		_, _, err := people.CreateMachineToken(ctx, tx, b.host, machine.ID, people.TokenInput{Name: "監視", Expires: tx.Now.AddDate(0, 1, 0)})
		return err
	})
}

// A post that is held elsewhere is taken back by whoever looks after people there too.
func TestAPostElsewhereIsWithdrawnByWhoLooksAfterPeopleThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	local := b.helper("local", tenants.Scope{Towns: []int64{b.town}})
	p, _ := b.add(b.town, clerkNamed("mukawa"))
	p = b.addPost(p, people.PostInput{Kind: tenants.Operator, Title: "操作者", At: b.host, FromOn: today.AddDays(3)})
	withdraw := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.WithdrawPost(ctx, tx, b.town, p.Posts[1].ID)
		return err
	}
	require.Error(t, b.Try(local, withdraw))
	b.Do(b.admin, withdraw)
}

// What is done about a post, or about the password of whoever holds one, is done in each organisation in which it is held: a second
// person is asked for there, wherever the person belongs.
func TestAPostElsewhereIsOnRecordThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("roundabout")
	in.Posts[0].Kind, in.Posts[0].At = tenants.HostAdmin, b.host
	in.Posts[0].Scope.Acts = []tenants.Act{tenants.ReadPeople}
	p, _ := b.add(b.town, in)
	at := func(what string, want int, objects ...string) {
		t.Helper()
		got := b.SQL(`SELECT act, object FROM operation_log WHERE tenant_id = $1 AND at = $2 ORDER BY id`, b.host, b.Clock.Now())
		require.Len(t, got, want, what)
		for n, object := range objects {
			require.Equal(t, map[string]any{"act": "person.write", "object": object}, got[n], what)
		}
	}
	at("given", 1, "appointment")
	require.JSONEq(t, `{"event": "begun", "home": "むかわ町", "person": "見本 梅子", "kind": "host_admin", "title": "町民生活課 主任", "scope": {"acts": ["person.read"], "towns": []},
		"from_on": "2026-04-01", "until_on": "2027-03-31"}`, tenantstest.Value[string](b.Bench, `SELECT after::text FROM operation_log WHERE object = 'appointment'`))
	for name, do := range b.lettingIn(p) {
		b.Clock.Advance(time.Minute)
		b.Do(b.admin, do)
		at(name, 1, map[string]string{"a password": "password", "factors taken off": "factors", "the end of a stop": "person"}[name])
	}
	for name, do := range map[string]act{
		"an end": func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.town, p.Posts[0].ID, *day(2026, 12, 31))
			return err
		},
		"a stop": func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Disable(ctx, tx, b.town, p.ID)
			return err
		},
	} {
		b.Clock.Advance(time.Minute)
		b.Do(b.admin, do)
		at(name, 1, map[string]string{"an end": "appointment", "a stop": "person"}[name])
	}

	// By an office of another organisation too.
	b.Clock.Advance(time.Minute)
	var office people.Office
	next, _ := b.add(b.town, clerkNamed("next"))
	hand := func(to int64, from string) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			on, err := calendar.Parse(from)
			if err == nil {
				_, err = people.HandOver(ctx, tx, b.town, office.ID, people.HandOverInput{To: to, FromOn: on})
			}
			return err
		}
	}
	b.SQL(`UPDATE person SET disabled_at = NULL`)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if office, err = people.AddOffice(ctx, tx, b.town, "町民課長"); err != nil {
			return err
		}
		office, err = people.AddOfficePost(ctx, tx, b.town, office.ID, people.OfficePostInput{Kind: tenants.Operator, At: b.host})
		return err
	})
	at("an office that nobody holds", 0)
	b.Do(b.admin, hand(p.ID, "2026-11-01"))
	at("taken over", 1, "appointment")
	b.Clock.Advance(time.Minute)
	b.Do(b.admin, hand(next.ID, "2027-04-01"))
	at("handed over", 2, "appointment", "appointment")
	b.Clock.Advance(time.Minute)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.TakeBack(ctx, tx, b.town, office.ID)
		return err
	})
	at("taken back", 2, "appointment", "appointment")
	b.Clock.Advance(time.Minute)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.DropOfficePost(ctx, tx, b.town, office.ID, office.Posts[0].ID)
		return err
	})
	at("goes with it no longer", 1, "appointment")
}
