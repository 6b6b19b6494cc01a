package duty_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/tenantstest"
)

// tower is a host with a member town, and a stranger of another consortium: what a test of duties starts from.
type tower struct {
	*tenantstest.Bench
	t                           testing.TB
	host, town, stranger        int64
	admin, operator, staff, far tenants.Actor
	job                         tenants.Actor
}

func newTower(t testing.TB) *tower {
	t.Helper()
	b := tenantstest.New(t)
	w := &tower{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865"), job: tenants.Job("test")}
	w.admin, w.operator, w.staff = b.Person(w.host, tenants.HostAdmin), b.Person(w.host, tenants.Operator), b.Person(w.town, tenants.Town)
	b.Contact(w.town, "町民生活課長", "見本 一郎", "ichiro@mukawa.example.jp")
	b.Consortium()
	w.stranger = b.Host("見本町", "010006")
	w.far = b.Person(w.stranger, tenants.HostAdmin)
	return w
}

// nightly is a backup at 02:00 that must be there by 03:30 and is judged missed at 04:00.
func (w *tower) nightly(town int64, about int64) duty.ExpectInput {
	return duty.ExpectInput{Town: town, Kind: "backup", AboutID: about, Subject: "戸籍正", Work: "夜間バックアップ", Position: int(about), Cron: "0 2 * * *",
		Zone: "Asia/Tokyo", Policy: schedule.EveryDay, EarlyMinutes: 120, WindowMinutes: 90, GraceMinutes: 30, LongestMinutes: 90, Severity: "critical"}
}

func (w *tower) expect(in duty.ExpectInput) (d duty.Duty) {
	w.t.Helper()
	w.Do(w.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		d, err = duty.Expect(ctx, tx, in)
		return err
	})
	return d
}

// planned sets up one nightly duty of the town and makes its occurrences.
func (w *tower) planned() duty.Duty {
	w.t.Helper()
	d := w.expect(w.nightly(w.town, 1))
	w.plan()
	return d
}

func (w *tower) plan() (n int) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = duty.PlanAhead(ctx, tx, 100)
		return err
	})
	return n
}

func (w *tower) judge() (n int) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = duty.JudgeDue(ctx, tx, 1000)
		return err
	})
	return n
}

func (w *tower) beat(node uuid.UUID) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := duty.Beat(ctx, tx, duty.Pulse{Node: node})
		return err
	})
}

func (w *tower) attest(list ...duty.Attestation) (out []duty.Attested) {
	w.t.Helper()
	w.Do(w.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		out, err = duty.Attest(ctx, tx, list)
		return err
	})
	return out
}

// say attests about a duty at the clock's moment.
func (w *tower) say(d duty.Duty, kind duty.Evidence, code string) duty.Attested {
	w.t.Helper()
	a := duty.Attestation{Town: d.TenantID, DutyID: d.ID, Kind: kind, At: w.Clock.Now(), Reason: tenants.Reason{Code: code}}
	switch kind {
	case duty.Started:
		finish := a.At.Add(90 * time.Minute)
		a.FinishBy = &finish
	case duty.Arrived:
		settle := a.At.Add(2 * time.Hour)
		a.SettleBy = &settle
	case duty.Good, duty.Bad:
	}
	return w.attest(a)[0]
}

// to moves the clock to a time of day in Japan: "11-22 02:00".
func (w *tower) to(when string) {
	w.t.Helper()
	w.Clock.Set(jst(when))
}

func jst(when string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+when, tokyo)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// first is the duty's first occurrence scheduled at the time.
func (w *tower) at(d duty.Duty, when string) (o duty.Occurrence) {
	w.t.Helper()
	id := tenantstest.Value[int64](w.Bench, `SELECT id FROM occurrence WHERE duty_id = $1 AND scheduled_at = $2`, d.ID, jst(when))
	w.Do(w.staff, func(ctx context.Context, tx *tenants.Tx) (err error) {
		o, err = duty.GetOccurrence(ctx, tx, d.TenantID, id)
		return err
	})
	return o
}

func (w *tower) board(actor tenants.Actor, night *calendar.Date) (b duty.Board) {
	w.t.Helper()
	w.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		b, err = duty.ReadBoard(ctx, tx, night, "")
		return err
	})
	return b
}

func (w *tower) incidents(where string) int {
	w.t.Helper()
	return int(tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM incident WHERE `+where))
}

func requireReason(t *testing.T, ja string, r tenants.Reason) {
	t.Helper()
	require.Equal(t, ja, r.In("ja"))
}
