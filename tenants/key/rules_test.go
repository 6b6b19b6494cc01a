package key_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/tenantstest"
)

// A hundred ask for one key at once, each for somebody, agreeing and handing it out in the same step: one has it, and everybody else
// hears who and since when.
func TestOfAHundredOneGetsTheKey(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	borrowers := make([]int64, 100)
	for i := range borrowers {
		borrowers[i] = h.Person(h.host, tenants.Operator).PersonID
	}
	in := h.work(3)
	in.Approve, in.HandOut = true, true
	errs := make([]error, len(borrowers))
	var wg sync.WaitGroup
	for i, who := range borrowers {
		wg.Go(func() {
			one := in
			one.Borrower = who
			errs[i] = h.Try(h.facility, asking(h.main.ID, one, new(key.Loan)))
		})
	}
	wg.Wait()
	c, events := h.get(h.main)
	require.Equal(t, key.Out, c.State)
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			require.Equal(t, borrowers[i], *c.HolderID)
			continue
		}
		f := tenants.AsFault(err)
		require.Equal(t, tenants.KindConflict, f.Kind, f.Ja)
		require.Contains(t, f.Ja, c.Holder)
		require.Contains(t, f.Ja, c.Since.In(time.FixedZone("", 9*3600)).Format("1/2 15:04"))
	}
	require.Equal(t, 1, won)
	require.Len(t, events, 2, "registered and lent once")
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM key_loan`))
	h.folded()

	// The database holds it too, whoever writes.
	_, err := h.TrySQL(`INSERT INTO key_loan (tenant_id, copy_id, state, handover, borrower_id, borrower, purpose, due_at, authorisers, asked_at, asked_by_id, asked_by, out_at)
		SELECT tenant_id, copy_id, state, handover, borrower_id, borrower, purpose, due_at, authorisers, asked_at, asked_by_id, asked_by, out_at FROM key_loan`)
	require.ErrorContains(t, err, "key_loan_out")
}

// Of two tablets that hand one request out at once, one does, and the other hears who has it.
func TestARequestIsHandedOutOnce(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var l key.Loan
	h.Do(h.operator, asking(h.main.ID, h.work(3), &l))
	h.Do(h.admin, on(l.ID, key.Approve))
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = h.Try(h.operator, on(l.ID, handOut)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.Contains(t, tenants.AsFault(err).Ja, h.operator.Text())
	}
	require.Equal(t, 1, won)
}

// Two keys that nobody holds together, handed to one person at once: one of them goes.
func TestOfTwoThatExcludeEachOtherOneGoes(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var a, b key.Loan
	h.Do(h.operator, asking(h.main.ID, h.work(3), &a))
	h.Do(h.operator, asking(h.other.ID, h.work(3), &b))
	h.Do(h.admin, on(a.ID, key.Approve))
	h.Do(h.admin, on(b.ID, key.Approve))
	h.Do(h.second, on(b.ID, key.Approve))
	var first, then error
	var wg sync.WaitGroup
	wg.Go(func() { first = h.Try(h.operator, on(a.ID, handOut)) })
	wg.Go(func() { then = h.Try(h.operator, on(b.ID, handOut)) })
	wg.Wait()
	require.NotEqual(t, first == nil, then == nil, "%v, %v", first, then)
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM key_copy WHERE state = 'out'`))
}

func TestWhatCannotHaveHappenedIsSaidAtTheField(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	f := h.Fault(tenants.KindConflict, h.operator, event(h.main.ID, key.Happened{}, key.Return))
	require.Contains(t, f.Ja, "貸し出されていません")
	h.Fault(tenants.KindConflict, h.operator, event(h.main.ID, key.Happened{Reason: "x"}, key.Find))
	h.Clock.Advance(100 * time.Hour)
	now := h.Clock.Now()
	h.lend(h.main, h.operator, h.work(48))
	h.Clock.Advance(40 * time.Hour)
	at := func(d time.Duration, reason string) key.Happened {
		return key.Happened{OccurredAt: h.Clock.Now().Add(d), Reason: reason}
	}
	h.field("occurred_at", h.operator, event(h.main.ID, at(time.Hour, ""), key.Return))
	h.field("occurred_at", h.operator, event(h.main.ID, at(-41*time.Hour, "x"), key.Return))
	h.field("reason", h.operator, event(h.main.ID, at(-30*time.Hour, " "), key.Return))
	c, _ := h.get(h.main)
	require.Equal(t, key.Out, c.State, "nothing half done")
	h.Do(h.operator, event(h.main.ID, at(-30*time.Hour, "記録もれ"), key.Return))
	_, events := h.get(h.main)
	require.Equal(t, now.Add(10*time.Hour), events[0].OccurredAt)
	require.Equal(t, h.Clock.Now(), events[0].RecordedAt, "both clocks are kept")
	h.Fault(tenants.KindConflict, h.operator, event(h.main.ID, key.Happened{}, key.Return))

	soon, past, far := h.Clock.Now().Add(time.Hour), h.Clock.Now().Add(-time.Hour), h.Clock.Now().AddDate(0, 2, 0)
	few, many := 5, 60
	for _, x := range []struct {
		field string
		in    key.AskInput
	}{
		{"purpose", key.AskInput{DueAt: &soon}},
		{"due_at", key.AskInput{Purpose: "x"}},
		{"due_at", key.AskInput{Purpose: "x", DueAt: &past}},
		{"due_at", key.AskInput{Purpose: "x", DueAt: &far}},
		{"due_at", key.AskInput{Purpose: "x", DueAt: &soon, DueMinutes: &many}},
		{"due_minutes", key.AskInput{Purpose: "x", DueMinutes: &few}},
		{"visitor", key.AskInput{Purpose: "x", DueAt: &soon, VisitorCompany: "見本保守"}},
		{"borrower_id", key.AskInput{Purpose: "x", DueAt: &soon, Borrower: h.staff.PersonID}},
	} {
		h.field(x.field, h.operator, asking(h.main.ID, x.in, new(key.Loan)))
	}
	h.SQL(`UPDATE person SET disabled_at = $1 WHERE id = $2`, h.Clock.Now(), h.second.PersonID)
	h.field("borrower_id", h.facility, asking(h.other.ID, h.work(1), new(key.Loan))) // two must agree, and but for the borrower there is one
	for _, who := range []tenants.Actor{h.auditor, h.staff} {
		h.Fault(tenants.KindForbidden, who, asking(h.main.ID, h.work(1), new(key.Loan)))
	}
	h.Fault(tenants.KindNotFound, h.far, asking(h.main.ID, h.work(1), new(key.Loan)))
	h.Fault(tenants.KindNotFound, h.far, event(h.main.ID, key.Happened{Reason: "x"}, key.Lose))
}

func TestACountSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	codes := map[int64]string{}
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		codes, err = label.Of(ctx, tx, tenants.ReadKey, h.host, key.Kind)
		return err
	})
	count := func(in key.StockInput, n *key.Inventory) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) (err error) {
			*n, err = key.TakeStock(ctx, tx, h.cabinet, in)
			return err
		}
	}
	h.lend(h.main, h.operator, h.work(24))
	var n key.Inventory
	h.field("codes", h.facility, count(key.StockInput{Codes: "123"}, &n))
	h.Do(h.facility, count(key.StockInput{Codes: codes[h.spare.ID] + "\r\n" + label.Shown(codes[h.other.ID]) + " "}, &n))
	require.Zero(t, n.Differences, "what is out is not missing")
	require.Equal(t, 2, n.Expected)
	h.jobs()
	require.Empty(t, h.open())

	h.Clock.Advance(time.Hour)
	short := key.StockInput{Codes: codes[h.main.ID] + " " + codes[h.spare.ID]}
	f := h.field("accept", h.facility, count(short, &n))
	require.Contains(t, f.Fields[0].Ja, "媒体ラックの鍵 正1が見当たらない")
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM key_inventory`))
	short.Accept = true
	h.Do(h.facility, count(short, &n))
	var kept key.Inventory
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		kept, err = key.GetInventory(ctx, tx, n.ID)
		return err
	})
	require.Equal(t, 2, kept.Differences)
	seen := map[string]string{}
	for _, l := range kept.Lines {
		seen[l.CopyName] = l.Seen
	}
	require.Equal(t, map[string]string{"サーバラックの鍵 正1": key.Unexpected, "サーバラックの鍵 副1": key.Present, "媒体ラックの鍵 正1": key.Missing}, seen)
	h.jobs()
	require.Equal(t, []string{"保管庫 鍵保管庫 鍵の棚卸"}, h.open())
	h.Do(h.facility, event(h.main.ID, key.Happened{}, key.Return))
	h.Clock.Advance(time.Hour)
	h.Do(h.facility, count(key.StockInput{Codes: codes[h.main.ID] + " " + codes[h.spare.ID] + " " + codes[h.other.ID]}, &n))
	h.jobs()
	require.Empty(t, h.open(), "a count that agrees ends it")

	// Nobody counts for a month: it is asked for.
	h.Clock.Advance(40 * 24 * time.Hour)
	h.jobs()
	require.Equal(t, []string{"保管庫 鍵保管庫 鍵の棚卸"}, h.open())
}

func TestARackKnowsItsKeysAndTheirHolders(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	held := func(rack int64, who tenants.Actor) (c key.Copy, ok bool) {
		h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
			c, ok, err = key.HeldFor(ctx, tx, rack, who.PersonID)
			return err
		})
		return c, ok
	}
	_, ok := held(h.rackA, h.operator)
	require.False(t, ok)
	h.lend(h.main, h.operator, h.work(2))
	c, ok := held(h.rackA, h.operator)
	require.True(t, ok)
	require.Equal(t, h.main.ID, c.ID)
	_, ok = held(h.rackB, h.operator)
	require.False(t, ok)
	_, ok = held(h.rackA, h.facility)
	require.False(t, ok)
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := key.Holders(ctx, tx)
		require.Len(t, all[h.rackA], 2)
		require.Equal(t, h.operator.Text(), all[h.rackA][0].Holder)
		require.Len(t, all[h.rackB], 1)
		return err
	})
	h.Fault(tenants.KindForbidden, h.staff, func(ctx context.Context, tx *tenants.Tx) error { _, err := key.Holders(ctx, tx); return err })
}

func TestWhatIsRegisteredIsCheckedAndNothingGoesThatHoldsSomething(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	item := func(in key.ItemInput) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error { _, err := key.AddItem(ctx, tx, in); return err }
	}
	good := key.ItemInput{Kind: key.Metal, Name: "保管庫の鍵", Cabinets: []int64{h.cabinet}, Authorisers: 1}
	for field, in := range map[string]key.ItemInput{
		"name":        {Kind: key.Metal, Name: "サーバラックの鍵", Racks: []int64{h.rackA}, Authorisers: 1},
		"opens":       {Kind: key.Metal, Name: "a", Authorisers: 1, Racks: []int64{999}},
		"kind":        {Name: "a", Authorisers: 1, Racks: []int64{h.rackA}},
		"authorisers": {Kind: key.Metal, Name: "a", Authorisers: 4, Racks: []int64{h.rackA}},
		"excludes":    {Kind: key.Metal, Name: "a", Authorisers: 1, Racks: []int64{h.rackA}, Excludes: []int64{999}},
	} {
		h.field(field, h.facility, item(in))
	}
	h.Fault(tenants.KindForbidden, h.operator, item(good))
	h.Do(h.facility, item(good))
	for field, in := range map[string]key.CopyInput{
		"slot":       {Serial: "n", Rank: key.Main, Number: 2, CabinetID: h.cabinet, Slot: 1},
		"number":     {Serial: "n", Rank: key.Main, Number: 1, CabinetID: h.cabinet, Slot: 9},
		"serial":     {Serial: "T-0", Rank: key.Main, Number: 2, CabinetID: h.cabinet, Slot: 9},
		"rank":       {Serial: "n", Rank: "x", Number: 2, CabinetID: h.cabinet, Slot: 9},
		"cabinet_id": {Serial: "n", Rank: key.Main, Number: 2, CabinetID: 999, Slot: 9},
	} {
		h.field(field, h.facility, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := key.AddCopy(ctx, tx, h.server.ID, in)
			return err
		})
	}
	h.field("slot", h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.Place(ctx, tx, h.main.ID, h.cabinet, 11)
		return err
	})
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.Place(ctx, tx, h.main.ID, h.cabinet, 5)
		return err
	})
	h.folded()
	small := key.CabinetInput{AreaID: h.area, Name: "鍵保管庫", Slots: 4, StockMonths: 2}
	h.field("slots", h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.ChangeCabinet(ctx, tx, h.cabinet, small)
		return err
	})
	small.Slots = 5
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		c, err := key.ChangeCabinet(ctx, tx, h.cabinet, small)
		require.Equal(t, calendar.MustDate(2027, 1, 21), c.StockDueOn)
		return err
	})
	h.Fault(tenants.KindConflict, h.facility, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireCabinet(ctx, tx, h.cabinet) })
	h.Fault(tenants.KindConflict, h.facility, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireItem(ctx, tx, h.media.ID) })
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		return key.Retire(ctx, tx, h.other.ID, key.Happened{Reason: "摩耗"})
	})
	h.folded()
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireItem(ctx, tx, h.media.ID) })
	h.Fault(tenants.KindConflict, h.facility, func(ctx context.Context, tx *tenants.Tx) error { return key.RetireItem(ctx, tx, h.media.ID) })

	set := key.Usual
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		set.GraceMinutes, set.LadderID = 0, h.Ladder(h.host)
		return key.Set(ctx, tx, set)
	})
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		got, err := key.GetSetting(ctx, tx)
		require.Equal(t, set, got)
		return err
	})
	h.field("ladder_id", h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		wrong := set
		wrong.LadderID = 9999
		return key.Set(ctx, tx, wrong)
	})
	h.field("backdate_hours", h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		wrong := set
		wrong.BackdateHours = 0
		return key.Set(ctx, tx, wrong)
	})
}

func TestTheLoanBookIsTakenOut(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	in := h.work(2)
	in.Purpose = "=HYPERLINK(1)"
	h.lend(h.main, h.operator, in)
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		day := calendar.DateOf(tx.Now, time.FixedZone("", 9*3600))
		taken, err := key.TakeOut(ctx, tx, day, day)
		if err != nil {
			return err
		}
		var b strings.Builder
		require.NoError(t, taken.Write(&b))
		require.True(t, strings.HasPrefix(b.String(), "\ufeff番号,鍵,鍵番号,貸出日時"))
		require.Contains(t, b.String(), "サーバラックの鍵 正1,T-0,")
		require.Contains(t, b.String(), "'=HYPERLINK(1)")
		require.Equal(t, 2, strings.Count(b.String(), "\r\n"))
		return nil
	})
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE object = 'key_book'`))
	h.field("to", h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.TakeOut(ctx, tx, calendar.MustDate(2026, 11, 2), calendar.MustDate(2026, 11, 1))
		return err
	})
}

// What may follow is what follows: of any events one after another that are allowed, the fold is never lost, and a copy is with
// somebody just after it went to them.
func TestFoldFollowsWhatMayHappen(t *testing.T) {
	t.Parallel()
	kinds := []string{key.Lent, key.Returned, key.HandedOver, key.Extended, key.Inspected, key.WasLost, key.Found, key.Moved, key.WasRetired, key.Cylinder}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		events := []key.Event{{Kind: key.Added, OccurredAt: at, CabinetID: 1, Slot: 1}}
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			s := key.Fold(events)
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			if !s.May(kind) {
				continue
			}
			at = at.Add(time.Minute)
			who, due := rapid.Int64Range(1, 3).Draw(t, "who"), at.Add(time.Hour)
			e := key.Event{Kind: kind, OccurredAt: at, CabinetID: 1, Slot: 1, FromID: s.HolderID, FromText: s.Holder}
			if kind == key.Lent || kind == key.HandedOver {
				e.ToID, e.ToText, e.LoanID = &who, "見本", &who
			}
			e.DueAt = &due
			events = append(events, e)
			after := key.Fold(events)
			if (after.State == key.Out) != (after.LoanID != nil) || (after.State == key.Out) != (after.DueAt != nil) {
				t.Fatalf("after %s: %+v", kind, after)
			}
			if e.ToID != nil && (after.HolderID == nil || *after.HolderID != who) {
				t.Fatalf("%s to %d: %+v", kind, who, after)
			}
			if after.State == key.In && after.HolderID != nil {
				t.Fatalf("in its slot, with somebody: %+v", after)
			}
			// What lay before it was last put back is not needed.
			for n := len(events) - 1; n > 0; n-- {
				if k := events[n].Kind; k == key.Returned || k == key.Found {
					if !reflect.DeepEqual(key.Fold(events[n:]), after) {
						t.Fatalf("without what lay before: %+v, %+v", key.Fold(events[n:]), after)
					}
					break
				}
			}
		}
	})
}
