package key_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/tenantstest"
)

func TestAKeyGoesOutAndComesBack(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	require.Equal(t, "サーバラックの鍵 正1", h.main.Name())
	l := h.lend(h.main, h.operator, h.work(4))
	require.Equal(t, "out", l.State)
	require.Equal(t, h.admin.Text(), l.ApprovedBy)
	require.Equal(t, 1, *l.OutLeft, "one of two is left")
	c, _ := h.get(h.main)
	require.Equal(t, key.Out, c.State)
	require.Equal(t, h.operator.Text(), c.Holder)
	h.folded()

	h.Clock.Advance(time.Hour)
	h.Do(h.facility, event(c.ID, key.Happened{}, key.Return))
	c, events := h.get(h.main)
	require.Equal(t, key.In, c.State)
	require.Empty(t, c.Holder)
	kinds := []string{}
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{key.Returned, key.Lent, key.Added}, kinds)
	require.Equal(t, 2, events[0].LeftIn)
	require.Equal(t, h.facility.Text(), events[0].ByText, "who took it back")
	h.folded()
	h.jobs()
	require.Empty(t, h.open())
	require.Equal(t, "met", tenantstest.Value[string](h.Bench, `SELECT verdict FROM occurrence o JOIN duty d USING (tenant_id) WHERE d.id = o.duty_id AND d.kind = 'key'`))

	// And the next loan asks anew, by the same duty.
	h.lend(h.main, h.operator, h.work(2))
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM duty WHERE kind = 'key'`))
	require.EqualValues(t, 2, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM occurrence o JOIN duty d USING (tenant_id) WHERE d.id = o.duty_id AND d.kind = 'key'`))
	var book []key.Loan
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		book, err = key.Book(ctx, tx, h.Clock.Now().Add(-24*time.Hour), h.Clock.Now().Add(time.Hour), 10)
		return err
	})
	require.Len(t, book, 2)
	require.Equal(t, "returned", book[0].State)
	require.Equal(t, 2, *book[0].BackLeft)
}

func TestNobodyAgreesToTheirOwnLoan(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var l key.Loan
	h.Do(h.facility, asking(h.main.ID, h.work(2), &l))
	h.field("by", h.facility, on(l.ID, key.Approve))
	twice := h.facility
	twice.Posts = []tenants.Post{tenants.HostAdmin} // the same person under another post
	h.field("by", tenants.Person(twice), on(l.ID, key.Approve))
	h.Fault(tenants.KindForbidden, h.operator, on(l.ID, key.Approve))
	machine := h.admin
	machine.Machine = true
	h.field("by", machine, on(l.ID, key.Approve))
	stale := h.admin
	stale.Stale = true
	require.Equal(t, tenants.OwesConfirm, h.Fault(tenants.KindForbidden, stale, on(l.ID, key.Approve)).Owed, "who agrees has proved shortly before who they are")
	h.Fault(tenants.KindConflict, h.facility, on(l.ID, handOut))
	h.Fault(tenants.KindNotFound, h.far, on(l.ID, key.Approve))
	h.Do(h.second, on(l.ID, key.Approve))
	h.field("by", h.second, on(l.ID, key.Approve))
	h.field("by", h.admin, on(l.ID, key.Approve)) // one is enough
	h.Do(h.facility, on(l.ID, handOut))
	h.Fault(tenants.KindConflict, h.admin, on(l.ID, key.Approve))

	// Whoever asks for another may agree in the same step, for themself not.
	h.Do(h.facility, event(h.main.ID, key.Happened{}, key.Return))
	own := h.work(2)
	own.Approve, own.HandOut = true, true
	h.field("approve", h.admin, asking(h.main.ID, own, &l))
	own.Borrower = h.operator.PersonID
	h.Do(h.admin, asking(h.main.ID, own, &l))
	require.Equal(t, "out", l.State)

	// Two authorisers are two persons.
	var m key.Loan
	h.Do(h.facility, asking(h.other.ID, h.work(2), &m))
	h.Do(h.admin, on(m.ID, key.Approve))
	h.Fault(tenants.KindConflict, h.facility, on(m.ID, handOut))
	h.Do(h.second, on(m.ID, key.Approve))
	h.Do(h.facility, on(m.ID, handOut))
	require.EqualValues(t, 2, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM key_approval WHERE loan_id = $1`, m.ID))
}

func TestARequestIsRefusedWithdrawnOrLapses(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var l key.Loan
	h.Do(h.operator, asking(h.main.ID, h.work(2), &l))
	f := h.Fault(tenants.KindConflict, h.second, asking(h.main.ID, h.work(1), new(key.Loan)))
	require.Contains(t, f.Ja, h.operator.Text(), "who came later hears who was first")
	h.field("reason", h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := key.Refuse(ctx, tx, l.ID, " "); return err })
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.Refuse(ctx, tx, l.ID, "別の日に")
		return err
	})
	h.Fault(tenants.KindConflict, h.admin, on(l.ID, key.Approve))
	h.Do(h.operator, asking(h.main.ID, h.work(2), &l))
	h.Fault(tenants.KindConflict, h.admin, on(l.ID, key.Withdraw))
	h.Do(h.operator, on(l.ID, key.Withdraw))
	h.Do(h.operator, asking(h.main.ID, h.work(2), &l))
	h.Do(h.admin, on(l.ID, key.Approve))
	h.Clock.Advance(3 * time.Hour)
	h.field("due_at", h.operator, on(l.ID, handOut))
	var next key.Loan
	h.Do(h.second, asking(h.main.ID, h.work(2), &next))
	require.Equal(t, []any{"refused", "withdrawn", "lapsed", "asked"}, column(h.SQL(`SELECT state FROM key_loan ORDER BY id`), "state"))
}

func column(rows []map[string]any, name string) (out []any) {
	for _, r := range rows {
		out = append(out, r[name])
	}
	return out
}

func TestTwoKeysThatNobodyHoldsTogether(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.lend(h.main, h.operator, h.work(4))
	h.field("borrower_id", h.operator, asking(h.other.ID, h.work(2), new(key.Loan)))
	escort := h.work(2)
	escort.Visitor, escort.VisitorCompany = "見本 業者", "見本保守"
	h.field("borrower_id", h.operator, asking(h.other.ID, escort, new(key.Loan)))
	h.lend(h.other, h.facility, escort)
	// The visitor has the media rack's; nobody escorts them with the server rack's as well.
	h.field("borrower_id", h.second, asking(h.spare.ID, escort, new(key.Loan)))

	// Asked for while free, it is refused when it is handed out.
	h.Do(h.facility, event(h.other.ID, key.Happened{}, key.Return))
	var a, b key.Loan
	h.Do(h.second, asking(h.other.ID, h.work(2), &a))
	h.Do(h.second, asking(h.spare.ID, h.work(2), &b))
	h.Do(h.admin, on(a.ID, key.Approve))
	h.Do(h.facility, on(a.ID, key.Approve))
	h.Do(h.admin, on(b.ID, key.Approve))
	h.Do(h.second, on(a.ID, handOut))
	h.field("borrower_id", h.second, on(b.ID, handOut))
}

func TestAKeyThatIsLateIsAnIncidentUntilItIsBack(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	hours := 120
	h.lend(h.main, h.operator, key.AskInput{Purpose: "保守", DueMinutes: &hours})
	h.Clock.Advance(90 * time.Minute)
	extend := func(in key.ExtendInput) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := key.Extend(ctx, tx, h.main.ID, in)
			return err
		}
	}
	later := h.Clock.Now().Add(time.Hour)
	h.Fault(tenants.KindForbidden, h.operator, extend(key.ExtendInput{DueAt: &later, Reason: "部品待ち"}))
	h.field("reason", h.facility, extend(key.ExtendInput{DueAt: &later}))
	sooner := h.Clock.Now().Add(10 * time.Minute)
	h.field("due_at", h.facility, extend(key.ExtendInput{DueAt: &sooner, Reason: "x"}))
	h.Do(h.facility, extend(key.ExtendInput{DueAt: &later, Reason: "部品待ち"}))
	h.folded()
	h.Clock.Advance(time.Hour)
	h.jobs()
	require.Empty(t, h.open(), "it was extended, and has its quarter of an hour")
	h.Clock.Advance(20 * time.Minute)
	h.jobs()
	require.Equal(t, []string{"サーバラックの鍵 正1 返却"}, h.open())
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM rung`), "the host's ladder is told")
	h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error { _, err := incident.Escalate(ctx, tx, 10); return err })
	h.Do(h.operator, event(h.main.ID, key.Happened{}, key.Return))
	h.jobs()
	require.Empty(t, h.open())

	// The borrower extends nothing, whatever posts they hold.
	h.lend(h.spare, h.facility, h.work(1))
	h.field("by", h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.Extend(ctx, tx, h.spare.ID, key.ExtendInput{DueAt: &later, Reason: "x"})
		return err
	})
}

func TestAHandoverIsALoanOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	first := h.lend(h.main, h.operator, h.work(4))
	f := h.Fault(tenants.KindConflict, h.second, asking(h.main.ID, h.work(1), new(key.Loan)))
	require.Contains(t, f.Ja, h.operator.Text())
	h.Clock.Advance(time.Hour)
	over := h.work(6)
	over.Handover = true
	h.field("borrower_id", h.operator, asking(h.main.ID, over, new(key.Loan)))
	second := h.lend(h.main, h.second, over)
	require.True(t, second.Handover)
	c, events := h.get(h.main)
	require.Equal(t, h.second.Text(), c.Holder)
	require.Equal(t, key.HandedOver, events[0].Kind)
	require.Equal(t, h.operator.Text(), events[0].FromText)
	require.Equal(t, "handed_over", tenantstest.Value[string](h.Bench, `SELECT state FROM key_loan WHERE id = $1`, first.ID))
	h.folded()
	h.jobs()
	require.Equal(t, []any{"met", nil}, column(h.SQL(`SELECT verdict FROM occurrence o JOIN duty d USING (tenant_id) WHERE d.id = o.duty_id AND d.kind = 'key' ORDER BY o.period`), "verdict"))
}

func TestALossIsAnIncidentUntilItIsFoundOrTheCylinderChanged(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	cylinder := func() int64 {
		return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM occurrence o JOIN duty d USING (tenant_id) WHERE d.id = o.duty_id AND d.kind = 'key_cylinder' AND o.verdict IS NULL AND o.outcome IS NULL`)
	}
	h.lend(h.main, h.operator, h.work(1))
	h.Clock.Advance(2 * time.Hour)
	h.jobs()
	require.Equal(t, []string{"サーバラックの鍵 正1 返却"}, h.open())
	h.field("reason", h.operator, event(h.main.ID, key.Happened{}, key.Lose))
	h.Do(h.operator, event(h.main.ID, key.Happened{Reason: "作業後に見当たらない"}, key.Lose))
	h.jobs()
	require.Equal(t, []string{"サーバラックの鍵 正1 紛失への対応（発見又はシリンダー交換）"}, h.open(), "it is no longer late, it is lost")
	require.EqualValues(t, 1, cylinder())
	h.folded()
	h.Fault(tenants.KindConflict, h.operator, event(h.main.ID, key.Happened{}, key.Return))
	h.Fault(tenants.KindConflict, h.operator, asking(h.main.ID, h.work(1), new(key.Loan)))
	h.Fault(tenants.KindConflict, h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		return key.Retire(ctx, tx, h.main.ID, key.Happened{Reason: "x"})
	})
	h.field("opens", h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.ChangeItem(ctx, tx, h.server.ID, key.ItemInput{Kind: key.Metal, Name: "鍵", Racks: []int64{h.rackB}, Authorisers: 1})
		return err
	})

	h.Clock.Advance(time.Hour)
	h.Do(h.facility, event(h.main.ID, key.Happened{Reason: "机の下で発見"}, key.Find))
	h.jobs()
	require.Empty(t, h.open())
	require.Zero(t, cylinder())
	h.folded()

	// Lost again, with the other copy: the cylinder is changed, no copy is left, and all is over.
	h.Clock.Advance(time.Hour)
	h.Do(h.facility, event(h.main.ID, key.Happened{Reason: "棚卸で不明"}, key.Lose))
	h.lend(h.spare, h.operator, h.work(8))
	h.jobs()
	require.Len(t, h.open(), 1)
	require.EqualValues(t, 1, cylinder())
	h.Clock.Advance(10 * 24 * time.Hour)
	h.jobs()
	require.Len(t, h.open(), 3, "the loss, the cylinder that nobody changed, the other copy that is late")
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		i, err := key.ChangeCylinder(ctx, tx, h.server.ID, key.ChangeInput{By: "見本錠前店", Happened: key.Happened{Reason: "正1の紛失"}})
		require.Equal(t, 2, i.Generation)
		return err
	})
	h.jobs()
	require.Empty(t, h.open())
	h.folded()
	c, events := h.get(h.spare)
	require.Equal(t, key.Retired, c.State)
	require.Equal(t, key.Cylinder, events[0].Kind)
	require.Equal(t, h.operator.Text(), events[0].FromText, "who still has the old one")
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		labels, err := label.Of(ctx, tx, tenants.ReadKey, h.host, key.Kind)
		require.NotContains(t, labels, h.spare.ID)
		require.Contains(t, labels, h.other.ID)
		if err != nil {
			return err
		}
		made, err := key.AddCopy(ctx, tx, h.server.ID, key.CopyInput{Serial: "T-0", Rank: key.Main, Number: 1, CabinetID: h.cabinet, Slot: 1})
		require.Equal(t, 2, made.Generation)
		return err
	})
}
