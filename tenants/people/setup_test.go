package people_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

type act = func(ctx context.Context, tx *tenants.Tx) error

type bundle struct {
	*tenantstest.Bench
	host, town                                int64
	admin, auditor, operator, clerk, stranger tenants.Actor
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t)}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.auditor = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Auditor)
	b.operator, b.clerk = b.Person(b.host, tenants.Operator), b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	return b
}

var (
	gate  = tenants.Gate("request-1", "192.0.2.7")
	since = calendar.MustDate(2026, 4, 1)
	today = calendar.MustDate(2026, 11, 21) // where the bench's clock stands, in Asia/Tokyo
)

func clerkNamed(login string) people.Input {
	return people.Input{Login: login, Name: "見本 梅子", Posts: []people.PostInput{{Kind: tenants.Town, Title: "町民生活課 主任", FromOn: since}}}
}

func (b bundle) add(town int64, in people.Input) (p people.Person, password string) {
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		p, password, err = people.Add(ctx, tx, town, in)
		return err
	})
	return p, password
}

func (b bundle) signIn(login, password string) (tenants.Actor, error) {
	return b.SignIn("192.0.2.7", login, password)
}

func (b bundle) load(p people.Person) (a tenants.Actor, err error) {
	err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		a, err = people.Load(ctx, tx, p.TenantID, p.ID)
		return err
	})
	return a, err
}

func (b bundle) resume(a tenants.Actor, v people.Visit) (who tenants.Actor, err error) {
	err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.Resume(ctx, tx, a.TenantID, a.SignIn, v)
		return err
	})
	return who, err
}

func requireUnauthenticated(t *testing.T, err error) *tenants.Fault {
	t.Helper()
	require.Error(t, err)
	fault := tenants.AsFault(err)
	require.Equal(t, tenants.KindUnauthenticated, fault.Kind, "%v", err)
	return fault
}
