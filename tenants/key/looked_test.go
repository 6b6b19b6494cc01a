package key_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/key"
)

// Who works here no more gets no key, however long ago others agreed.
func TestNoKeyGoesToWhoIsDisabled(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var l key.Loan
	h.Do(h.operator, asking(h.main.ID, h.work(24*20), &l))
	h.Do(h.admin, on(l.ID, key.Approve))
	h.SQL(`UPDATE person SET disabled_at = $1 WHERE id = $2`, h.Clock.Now(), h.operator.PersonID)
	h.Clock.Advance(24 * time.Hour)
	h.field("borrower_id", h.second, on(l.ID, handOut))
}

func TestNoKeyIsOutBeforeOthersAgreed(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Clock.Advance(30 * time.Hour)
	var l key.Loan
	h.Do(h.operator, asking(h.main.ID, h.work(5), &l))
	h.Do(h.admin, on(l.ID, key.Approve))
	h.field("occurred_at", h.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.HandOut(ctx, tx, l.ID, key.Happened{OccurredAt: tx.Now.Add(-20 * time.Hour)})
		return err
	})
	h.Do(h.operator, on(l.ID, handOut))
}

func TestExtendingIsAgreeingAnew(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.lend(h.main, h.operator, h.work(2))
	who, later := h.admin, 600
	who.Stale = true
	extend := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.Extend(ctx, tx, h.main.ID, key.ExtendInput{DueMinutes: &later, Reason: "作業の延長"})
		return err
	}
	require.Equal(t, tenants.First(tenants.OwesConfirm).Error(), h.Try(who, extend).Error())
	h.Do(h.admin, extend)
}

// However many lines a key has, each can be corrected for as long as the mechanism allows it.
func TestAnOldLineOfMuchUsedKeyIsCorrected(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.lend(h.main, h.operator, h.work(8))
	_, events := h.get(h.main)
	lent := events[0]
	h.Do(h.operator, event(h.main.ID, key.Happened{}, key.Return))
	h.SQL(`INSERT INTO key_event (tenant_id, copy_id, kind, occurred_at, recorded_at, by_id, by_text, cabinet_id, slot, left_in, reason)
		SELECT tenant_id, copy_id, 'inspected', occurred_at + interval '1 minute', recorded_at + interval '1 minute', by_id, by_text, cabinet_id, slot, left_in, '見本'
		FROM key_event, generate_series(1, 500) WHERE id = $1`, lent.ID)
	require.NoError(t, h.fix(h.facility, lent.ID, "purpose", "定期点検"))
}

// A book that was corrected by a 引継 says so at the loan that it ended, too.
func TestAHandoverCorrectedStandsInBothLoans(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.lend(h.main, h.operator, h.work(8))
	h.Clock.Advance(time.Hour)
	over := h.work(6)
	over.Handover = true
	h.lend(h.main, h.second, over)
	h.Clock.Advance(time.Hour)
	_, events := h.get(h.main)
	require.NoError(t, h.fix(h.facility, events[0].ID, "occurred_at", events[0].OccurredAt.Add(-20*time.Minute).Format(time.RFC3339Nano)))
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		book, err := key.Book(ctx, tx, tx.Now.Add(-24*time.Hour), tx.Now, 10)
		require.NoError(t, err)
		require.Len(t, book[0].CameBack, 1)
		require.Len(t, book[1].WentOut, 1)
		require.Empty(t, book[0].WentOut)
		require.Empty(t, book[1].CameBack)
		return nil
	})
}

// What no label is costs the same for the first word as for the ten thousandth.
func TestACountOfNonsenseIsRefusedWithItsFirstWords(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var codes strings.Builder
	for n := range 20_000 {
		fmt.Fprintf(&codes, "x%d ", n)
	}
	f := h.field("codes", h.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := key.TakeStock(ctx, tx, h.cabinet, key.StockInput{Codes: codes.String()})
		return err
	})
	require.Contains(t, f.Fields[0].En, "x0, x1, x2, x3, x4, …")
}
