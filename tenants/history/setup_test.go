package history_test

import (
	"context"
	"testing"
	"time"

	"tanamori/database/databasetest"
	"tanamori/tenants"
	"tanamori/tenants/history"
	"tanamori/tenants/tenantstest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

// house is a host with its people, a town with one, and a stranger's host.
type house struct {
	*tenantstest.Bench
	host, town                                   int64
	admin, second, operator, auditor, clerk, far tenants.Actor
}

func setup(t *testing.T) house {
	t.Helper()
	h := house{Bench: tenantstest.New(t)}
	h.host, h.town = h.Host("蘭越町", "013943"), h.Town("むかわ町", "015865")
	h.admin, h.second, h.operator = h.Person(h.host, tenants.HostAdmin), h.Person(h.host, tenants.HostAdmin), h.Person(h.host, tenants.Operator)
	h.auditor, h.clerk = h.Person(h.host, tenants.Auditor), h.Person(h.town, tenants.Town)
	h.Consortium()
	h.far = h.Person(h.Host("見本町", "010006"), tenants.HostAdmin)
	return h
}

// did records one line as the actor.
func (h house) did(who tenants.Actor, line tenants.Line) {
	h.Do(who, func(_ context.Context, tx *tenants.Tx) error { return tx.Record(line) })
}

// on is a moment of a day in Asia/Tokyo.
func on(month, day, hour, minute int) time.Time {
	return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, time.FixedZone("", 9*60*60))
}

func (h house) search(who tenants.Actor, s history.Search) (lines []history.Line, err error) {
	if s.Limit == 0 {
		s.Limit = 100
	}
	err = h.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		lines, err = history.List(ctx, tx, s)
		return err
	})
	return lines, err
}

// job does one round of the job.
func (h house) job() (met int) {
	h.Do(tenants.Job("review"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		met, err = history.TakeIn(ctx, tx, 50)
		return err
	})
	return met
}
