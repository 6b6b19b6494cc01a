package people_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
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
