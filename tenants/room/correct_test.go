package room_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/room"
)

// fix corrects one field of a line of a ledger as the operator.
func (s *site) fix(ledger string, row int64, field, becomes string) error {
	return s.Try(s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := correction.Get(ctx, tx, s.host, ledger, row)
		if err != nil {
			return err
		}
		_, err = correction.Correct(ctx, tx, correction.Input{Town: s.host, Ledger: ledger, Row: row, Reason: "書き誤り",
			Changes: []correction.Change{{Field: field, Was: r.Now[field], Becomes: becomes}}})
		return err
	})
}

func TestTheLedgerOfARoomStandsAsItWasCorrected(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	start := s.Clock.Now()
	e := s.enter(s.operator, room.EnterInput{Who: fmt.Sprintf("person:%d", s.operator.PersonID), Purpose: "巡回点検", Reason: "急ぎのため"})
	s.Clock.Advance(time.Hour)
	left := s.leave(s.operator, e.ID, room.LeaveInput{Carried: "空き箱", Found: "施錠は不要"})
	exit := s.entry(e.ID).ExitID
	s.Clock.Advance(time.Minute)
	require.NotZero(t, left)

	require.NoError(t, s.fix("room_entry", e.ID, "purpose", "定期点検"))
	out := start.Add(40 * time.Minute)
	require.NoError(t, s.fix("room_exit", *exit, "left_at", out.Format(time.RFC3339Nano)))
	for row, field := range map[int64]string{e.ID: "occurred_at", -*exit: "left_at"} {
		ledger, at := "room_entry", out.Add(time.Minute)
		if row < 0 {
			ledger, row, at = "room_exit", -row, start.Add(-time.Minute)
		}
		f := tenants.AsFault(s.fix(ledger, row, field, at.Format(time.RFC3339Nano)))
		require.NotNil(t, f, "nobody left before they came")
		require.Equal(t, field, f.Fields[0].Field)
	}
	now := s.entry(e.ID)
	require.Equal(t, "定期点検", now.Purpose)
	require.True(t, now.LeftAt.Equal(out))
	require.Equal(t, "巡回点検", now.Corrections[0].Was["purpose"])
	s.Do(s.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		taken, err := room.TakeOut(ctx, tx, s.area, start.Add(-time.Hour), tx.Now.Add(time.Hour))
		require.NoError(t, err)
		var file bytes.Buffer
		require.NoError(t, room.WriteBook(ctx, tx, taken, &file))
		require.Contains(t, file.String(), "目的・作業内容：巡回点検 → 定期点検 （書き誤り、")
		require.Contains(t, file.String(), "退室：")
		return nil
	})

	// 施錠確認 likewise.
	s.Do(s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Confirm(ctx, tx, s.area, room.LockInput{Found: "錠が固い"})
		return err
	})
	s.Clock.Advance(time.Minute)
	var locks []room.Lock
	read := func(ctx context.Context, tx *tenants.Tx) (err error) {
		locks, err = room.Locks(ctx, tx, s.area, start, tx.Now)
		return err
	}
	s.Do(s.auditor, read)
	last := locks[len(locks)-1]
	require.NoError(t, s.fix("room_lock", last.ID, "found", "錠が固い（注油済み）"))
	s.Do(s.auditor, read)
	require.Equal(t, "錠が固い（注油済み）", locks[len(locks)-1].Found)
	require.Len(t, locks[len(locks)-1].Corrections, 1)
}

func (s *site) entry(id int64) (e room.Entry) {
	s.t.Helper()
	s.Do(s.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) { e, err = room.GetEntry(ctx, tx, id); return err })
	return e
}
