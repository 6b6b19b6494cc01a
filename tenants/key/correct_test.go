package key_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/key"
)

// fix corrects one field of an event as the operator, with whose agreement stands in agreed; nobody's where that is zero.
func (h *hall) fix(agreed tenants.Actor, event int64, field, becomes string) error {
	who := h.operator
	if agreed.PersonID != 0 {
		who.Second, who.SecondID = agreed.Text(), agreed.PersonID
	}
	return h.Try(who, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := correction.Get(ctx, tx, h.host, "key_event", event)
		if err != nil {
			return err
		}
		_, err = correction.Correct(ctx, tx, correction.Input{Town: h.host, Ledger: "key_event", Row: event, Reason: "書き誤り",
			Changes: []correction.Change{{Field: field, Was: r.Now[field], Becomes: becomes}}})
		return err
	})
}

func TestACorrectedEventMovesTheCopyAndTheLoanBook(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.lend(h.main, h.operator, h.work(8))
	h.Clock.Advance(time.Hour)
	over := h.work(6)
	over.Handover = true
	h.lend(h.main, h.second, over)
	h.Clock.Advance(time.Hour)
	_, events := h.get(h.main)
	handed, lent := events[0], events[1]

	require.Equal(t, tenants.KindHeld, tenants.AsFault(h.fix(tenants.Actor{}, lent.ID, "purpose", "定期点検")).Kind, "somebody else who may agree to loans agrees")
	require.NoError(t, h.fix(h.facility, lent.ID, "purpose", "定期点検"))
	earlier := handed.OccurredAt.Add(-20 * time.Minute)
	require.NoError(t, h.fix(h.facility, handed.ID, "occurred_at", earlier.Format(time.RFC3339Nano)))
	for _, at := range []time.Time{lent.OccurredAt.Add(-time.Minute), h.Clock.Now()} {
		if f := tenants.AsFault(h.fix(h.facility, handed.ID, "occurred_at", at.Format(time.RFC3339Nano))); f != nil {
			require.Equal(t, "occurred_at", f.Fields[0].Field)
			continue
		}
		require.Fail(t, "it would lie before the loan, or after it was written down")
	}
	require.Equal(t, "reason_given", tenants.AsFault(h.fix(h.facility, lent.ID, "reason_given", "x")).Fields[0].Field, "a loan has a purpose")

	c, events := h.get(h.main)
	require.True(t, c.Since.Equal(earlier), "since when it is with whoever has it")
	require.Len(t, events[0].Corrections, 1)
	h.folded()
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		day := calendar.DateOf(tx.Now, time.UTC)
		book, err := key.Book(ctx, tx, tx.Now.Add(-24*time.Hour), tx.Now, 10)
		require.NoError(t, err)
		require.Len(t, book, 2)
		require.Equal(t, "定期点検", book[0].Purpose)
		require.True(t, book[0].BackAt.Equal(earlier), "the loan before ended then")
		require.True(t, book[1].OutAt.Equal(earlier))
		require.NotEqual(t, "定期点検", book[0].WentOut[0].Was["purpose"])
		taken, err := key.TakeOut(ctx, tx, day.AddDays(-1), day.AddDays(1))
		require.NoError(t, err)
		var file bytes.Buffer
		require.NoError(t, taken.Write(&file))
		require.Contains(t, file.String(), " → 定期点検 （書き誤り、", "the file has both values")
		require.Contains(t, file.String(), "照合："+h.facility.Text())
		return nil
	})
}
