package incident_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

// stage is a consortium of a host and a town with two people to tell, and whoever acts on it.
type stage struct {
	*tenantstest.Bench
	t                    testing.TB
	host, town           int64
	admin, operator, own tenants.Actor
}

func set(t testing.TB) stage {
	b := tenantstest.New(t)
	s := stage{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	b.Contact(s.host, "住民福祉課長", "見本 五郎", "host@example.jp")
	b.Contact(s.town, "町民生活課長", "見本 一郎", "ichiro@example.jp")
	b.Contact(s.town, "住民係長", "見本 花子", "hanako@example.jp")
	s.admin, s.operator, s.own = b.Person(s.host, tenants.HostAdmin), b.Person(s.host, tenants.Operator), b.Person(s.town, tenants.Town)
	return s
}

func (s stage) open(inputs ...incident.OpenInput) (opened []incident.Opened) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		opened, err = incident.OpenMany(ctx, tx, inputs)
		return err
	})
	return opened
}

func (s stage) resolve(resolutions ...incident.Resolution) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error { return incident.ResolveMany(ctx, tx, resolutions) })
}

func (s stage) escalate() (n int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = incident.Escalate(ctx, tx, 500)
		return err
	})
	return n
}

// deliver sends whatever is due, all with the same end, and gives how many there were.
func (s stage) deliver(r notice.Result) (n int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		claimed, err := notice.Claim(ctx, tx, 10_000, time.Minute)
		require.NoError(s.t, err)
		settled := make([]notice.Settled, len(claimed))
		for i, c := range claimed {
			settled[i] = notice.Settled{Claimed: c, Outcome: notice.Outcome{Result: r}}
		}
		n = len(claimed)
		_, err = notice.Settle(ctx, tx, settled)
		return err
	})
	return n
}

func (s stage) reopen() (n int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = incident.ReopenExpired(ctx, tx, 500)
		return err
	})
	return n
}

func (s stage) acknowledge(who tenants.Actor, in incident.AckInput) (a incident.Acknowledgement) {
	s.t.Helper()
	s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		a, err = incident.Acknowledge(ctx, tx, in)
		return err
	})
	return a
}

// press answers by a mail's link, as the button behind it does.
func (s stage) press(in incident.LinkAnswer) (answers []incident.Acknowledgement) {
	s.t.Helper()
	s.Do(s.link(), func(ctx context.Context, tx *tenants.Tx) (err error) {
		answers, err = incident.AnswerLink(ctx, tx, in)
		return err
	})
	return answers
}

func (s stage) view(id int64) (v incident.View) {
	s.t.Helper()
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = incident.Get(ctx, tx, s.town, id)
		return err
	})
	return v
}

func (s stage) next() (at *time.Time) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		at, err = incident.NextDue(ctx, tx)
		return err
	})
	return at
}

// link is the actor that a mail's link makes.
func (s stage) link() tenants.Actor { return tenants.Link(s.town, "連絡先", "r1", "192.0.2.9") }

func kinds(v incident.View) (out []string) {
	for _, e := range v.Events {
		out = append(out, e.Kind)
	}
	return out
}

func sent(v incident.View) (out []string) {
	for _, n := range v.Notices {
		out = append(out, n.Kind+" "+n.ToAddress)
	}
	return out
}

func ladder(v incident.View) (out []string) {
	for _, r := range v.Rungs {
		out = append(out, fmt.Sprintf("%s %s +%d", r.State, r.Mail, r.AfterMinutes))
	}
	return out
}
