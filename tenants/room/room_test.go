package room_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("JST", 9*3600)
	at := time.Date(2026, 11, 26, 10, 0, 0, 0, zone)
	listed := room.Permit{FromOn: day(2026, 4, 1), UntilOn: day(2026, 11, 26)}
	over, revoked := listed, listed
	over.UntilOn, revoked.RevokedAt = day(2026, 11, 25), &at
	visit := func(change func(v *room.Visit)) *room.Visit {
		v := &room.Visit{FromAt: at.Add(-time.Hour), UntilAt: at.Add(time.Hour), Decision: "approved", Areas: []room.VisitArea{{ID: 1}}}
		change(v)
		return v
	}
	for name, c := range map[string]struct {
		in         room.Asked
		basis, why string
	}{
		"listed, on the last day":         {room.Asked{Permits: []room.Permit{listed}}, room.ByList, ""},
		"one line is over, another holds": {room.Asked{Permits: []room.Permit{over, listed}}, room.ByList, ""},
		"over":                            {room.Asked{Permits: []room.Permit{over}}, room.ByNone, room.Over},
		"revoked":                         {room.Asked{Permits: []room.Permit{revoked}}, room.ByNone, room.Over},
		"on no list":                      {room.Asked{}, room.ByNone, room.Unlisted},
		"nobody knows them":               {room.Asked{Nobody: true}, room.ByNone, room.Unknown},
		"approved":                        {room.Asked{Visit: visit(func(*room.Visit) {})}, room.ByVisit, ""},
		"not decided":                     {room.Asked{Visit: visit(func(v *room.Visit) { v.Decision = "" })}, room.ByNone, room.Unapproved},
		"refused":                         {room.Asked{Visit: visit(func(v *room.Visit) { v.Decision = room.Refused })}, room.ByNone, room.Refused},
		"cancelled after approval":        {room.Asked{Visit: visit(func(v *room.Visit) { v.CancelledAt = &at })}, room.ByNone, room.Cancelled},
		"another area":                    {room.Asked{Visit: visit(func(v *room.Visit) { v.Areas[0].ID = 2 })}, room.ByNone, room.Elsewhere},
		"a minute early":                  {room.Asked{Visit: visit(func(v *room.Visit) { v.FromAt = at.Add(time.Minute) })}, room.ByNone, room.Early},
		"to the minute":                   {room.Asked{Visit: visit(func(v *room.Visit) { v.FromAt, v.UntilAt = at, at })}, room.ByVisit, ""},
		"late":                            {room.Asked{Visit: visit(func(v *room.Visit) { v.UntilAt = at.Add(-time.Second) })}, room.ByNone, room.Late},
	} {
		c.in.Area, c.in.At, c.in.Zone = 1, at, zone
		basis, why := room.Judge(c.in)
		require.Equal(t, c.basis, basis, name)
		require.Equal(t, c.why, why, name)
		if why != "" {
			require.NotEqual(t, "room.why."+why, room.Words("why", why, "ja"), name)
		}
	}
}

func TestSomebodyComesInAndLeaves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Do(s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, in, err := room.Inside(ctx, tx, s.area, s.operator.PersonID)
		require.False(t, in)
		return err
	})
	e := s.enter(s.operator, s.round())
	require.Equal(t, []any{room.ByList, "蘭住第12号", "巡回点検"}, []any{e.Basis, e.PermitNo, e.Purpose})
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		found, in, err := room.Inside(ctx, tx, s.area, s.operator.PersonID)
		require.True(t, in)
		require.Equal(t, e.ID, found.ID)
		if err != nil {
			return err
		}
		_, in, err = room.Inside(ctx, tx, s.store, s.operator.PersonID)
		require.False(t, in, "another area")
		return err
	})
	require.Contains(t, s.refused("who", s.round()), "に入室し、まだ退室していません（記録：")
	second := s.enter(s.operator, room.EnterInput{Who: who(s.facility), Purpose: "設備の点検"})

	s.Clock.Advance(10 * time.Minute)
	left := s.leave(s.operator, e.ID, room.LeaveInput{Carried: "空き箱"})
	require.False(t, left.Empty)
	require.Nil(t, left.LockBy)
	f := s.Fault(tenants.KindConflict, s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Leave(ctx, tx, e.ID, room.LeaveInput{})
		return err
	})
	require.Contains(t, f.Ja, "入室していません")
	require.Contains(t, f.Ja, s.operator.Text())

	f = s.Fault(tenants.KindConflict, s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Confirm(ctx, tx, s.area, room.LockInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
		return err
	})
	require.Contains(t, f.Ja, "入室中です")
	left = s.leave(s.facility, second.ID, room.LeaveInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	require.True(t, left.Empty)
	require.Nil(t, left.LockBy, "confirmed with the exit")
	s.Clock.Advance(time.Hour)
	require.Empty(t, s.open())
	s.Do(s.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := room.Get(ctx, tx, s.area)
		require.NotNil(t, r.LockedAt)
		require.Zero(t, r.Inside)
		if err != nil {
			return err
		}
		book, err := room.Book(ctx, tx, s.area, tx.Now.Add(-24*time.Hour), tx.Now)
		require.Len(t, book, 2)
		require.Equal(t, "空き箱", book[0].LeftCarried)
		require.True(t, book[1].LeftLast)
		return err
	})
	again := s.round()
	again.At = s.Clock.Now().Add(-70 * time.Minute)
	again.LateReason = "記録を忘れたため"
	require.Contains(t, s.refused("occurred_at", again), "前回の退室")
	s.enter(s.operator, s.round())
}

func TestTimesAreLookedAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := s.round()
	in.At = s.Clock.Now().Add(2 * time.Minute)
	require.Contains(t, s.refused("occurred_at", in), "これから先")
	in.At = s.Clock.Now().Add(-32 * time.Minute)
	require.Contains(t, s.refused("late_reason", in), "遅れた理由")
	in.At, in.LateReason = s.Clock.Now().AddDate(0, 0, -32), "帳面から書き写したため"
	require.Contains(t, s.refused("occurred_at", in), "31日より前")
	in.At = s.Clock.Now().Add(-32 * time.Minute)
	e := s.enter(s.operator, in)
	require.Equal(t, "帳面から書き写したため", e.LateReason)
	f := s.Fault(tenants.KindInvalid, s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Leave(ctx, tx, e.ID, room.LeaveInput{When: room.When{At: e.OccurredAt.Add(-2 * time.Minute), LateReason: "同上"}})
		return err
	})
	require.Equal(t, "occurred_at", f.Fields[0].Field)
	s.refused("purpose", room.EnterInput{Who: who(s.facility)})
	s.refused("who", room.EnterInput{Who: "person:999", Purpose: "点検"})
	s.refused("who", room.EnterInput{Who: who(s.staff), Purpose: "点検"})
	for _, bad := range []string{"", "visitor:1", "permit:1", "permit:x", "person:" + strings.Repeat("9", 40), "x"} {
		s.refused("who", room.EnterInput{Who: bad, Purpose: "点検"})
	}
}

func TestTheEmptyRoomIsLockedInTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	e := s.enter(s.operator, s.round())
	left := s.leave(s.operator, e.ID, room.LeaveInput{})
	require.True(t, left.Empty)
	require.NotNil(t, left.LockBy)
	s.Clock.Set(*left.LockBy)
	s.Clock.Advance(-time.Second)
	require.Empty(t, s.open())
	s.Clock.Advance(2 * time.Second)
	require.Equal(t, []string{"サーバ室 無人時の施錠確認"}, s.open())

	confirm := func(in room.LockInput) {
		s.t.Helper()
		s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Confirm(ctx, tx, s.area, in)
			return err
		})
		s.Clock.Advance(time.Second)
	}
	f := s.Fault(tenants.KindInvalid, s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Confirm(ctx, tx, s.area, room.LockInput{Done: []string{"出入口の施錠"}})
		return err
	})
	require.Equal(t, "found", f.Fields[0].Field)
	require.Contains(t, f.Fields[0].Ja, "全ラックの施錠")
	confirm(room.LockInput{Done: []string{"出入口の施錠"}, Found: "A-03の扉が開いている"})
	require.Len(t, s.open(), 1)
	confirm(room.LockInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	require.Empty(t, s.open(), "found in order, it is over")

	// Somebody who enters in time ends the question; what the last one out finds wanting is told at once.
	e = s.enter(s.operator, s.round())
	s.leave(s.operator, e.ID, room.LeaveInput{})
	s.Clock.Advance(5 * time.Minute)
	e = s.enter(s.operator, s.round())
	s.Clock.Advance(time.Hour)
	require.Empty(t, s.open())
	left = s.leave(s.operator, e.ID, room.LeaveInput{Done: []string{"全ラックの施錠"}, Found: "扉の錠が壊れている"})
	require.NotNil(t, left.LockBy)
	require.Equal(t, []string{"サーバ室 無人時の施錠確認"}, s.open())
	require.EqualValues(t, 3, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM room_lock`))
	confirm(room.LockInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	require.Empty(t, s.open())
}

func TestWhoIsNotPermittedIsWrittenDownAndTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in := room.EnterInput{Who: who(s.deputy), Purpose: "設備の確認"}
	require.Contains(t, s.refused("reason", in), "入室許可者名簿にありません")
	in.Reason = "空調の警報が鳴ったため"
	e := s.enter(s.operator, in)
	require.Equal(t, []any{room.ByNone, room.Unlisted}, []any{e.Basis, e.Why})
	require.Len(t, s.open(), 1, "at once, without any time passing")
	require.Contains(t, tenantstest.Value[string](s.Bench, `SELECT reason_params->>'reason' FROM incident WHERE state <> 'resolved'`), "空調の警報")

	stranger := room.EnterInput{Who: "other", Name: "見本 三郎", Org: "見本電気", Purpose: "漏電の調査", Reason: "緊急のため"}
	s.refused("escort_id", stranger)
	stranger.EscortID = s.operator.PersonID
	s.enter(s.operator, stranger)
	require.Contains(t, s.refused("who", stranger), "まだ退室していません")
	require.Len(t, s.open(), 2)

	review := func(as tenants.Actor, kind tenants.Kind, finding string) *tenants.Fault {
		return s.Fault(kind, as, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Review(ctx, tx, e.ID, finding)
			return err
		})
	}
	review(s.facility, tenants.KindForbidden, "確認した")
	require.Equal(t, "finding", review(s.deputy, tenants.KindInvalid, "問題なし").Fields[0].Field, "not one's own entry")
	require.Equal(t, "finding", review(s.admin, tenants.KindInvalid, " ").Fields[0].Field)
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		open, err := room.Unreviewed(ctx, tx)
		require.Len(t, open, 2)
		if err != nil {
			return err
		}
		_, err = room.Review(ctx, tx, e.ID, "やむを得ない入室と認める。名簿に追加する")
		return err
	})
	require.Contains(t, review(s.admin, tenants.KindConflict, "もう一度").Ja, "確認しています")
	require.Len(t, s.open(), 1)
	usual := s.enter(s.operator, s.round())
	s.Fault(tenants.KindConflict, s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Review(ctx, tx, usual.ID, "x")
		return err
	})
}

func TestTheListHasPeriods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Do(s.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := room.Permits(ctx, tx, s.area, false)
		require.Len(t, all, 2)
		require.Equal(t, day(2027, 3, 31), all[0].UntilOn, "the fiscal year's end")
		return err
	})
	grant := func(field string, in room.PermitInput) {
		s.t.Helper()
		f := s.Fault(tenants.KindInvalid, s.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Grant(ctx, tx, in); return err })
		require.Equal(s.t, field, f.Fields[0].Field, f.Fields[0].Ja)
	}
	grant("person_id", room.PermitInput{AreaID: s.area, PersonID: s.admin.PersonID, Document: "蘭住第12号"})
	grant("area_id", room.PermitInput{AreaID: 999, PersonID: s.facility.PersonID, Document: "蘭住第12号"})
	grant("document", room.PermitInput{AreaID: s.area, PersonID: s.facility.PersonID})
	grant("until_on", room.PermitInput{AreaID: s.area, PersonID: s.facility.PersonID, Document: "x", UntilOn: day(2028, 4, 1)})
	grant("until_on", room.PermitInput{AreaID: s.area, PersonID: s.facility.PersonID, Document: "x", FromOn: day(2026, 12, 2), UntilOn: day(2026, 12, 1)})
	grant("org", room.PermitInput{AreaID: s.area, Name: "見本 四郎", Document: "x"})

	var guard room.Permit
	s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		guard, err = room.Grant(ctx, tx, room.PermitInput{AreaID: s.area, Name: "見本 四郎", Org: "見本警備", Document: "警備委託契約書"})
		return err
	})
	in := room.EnterInput{Who: "permit:" + itoa(guard.ID), Purpose: "夜間巡回", EscortID: s.operator.PersonID}
	e := s.enter(s.operator, in)
	require.Equal(t, []any{room.ByList, "見本警備"}, []any{e.Basis, e.Org})
	s.leave(s.operator, e.ID, room.LeaveInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Revoke(ctx, tx, guard.ID, "契約の終了")
		return err
	})
	require.Contains(t, s.refused("reason", in), "許可期間外")
	f := s.Fault(tenants.KindConflict, s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Revoke(ctx, tx, guard.ID, "x")
		return err
	})
	require.Contains(t, f.Ja, "取り消されています")
	in.Who = "permit:" + itoa(guard.ID-1) // one of the host's own is named as such
	s.refused("who", in)
}

func TestNobodyButTheHostsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, as := range []tenants.Actor{s.staff, s.auditor} {
		s.Fault(tenants.KindForbidden, as, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Enter(ctx, tx, s.round())
			return err
		})
	}
	s.Fault(tenants.KindForbidden, s.staff, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.List(ctx, tx); return err })
	s.Fault(tenants.KindForbidden, s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Set(ctx, tx, s.area, room.SettingsInput{LockMinutes: 1, LateMinutes: 1, Checklist: "施錠"})
		return err
	})
	e := s.enter(s.operator, s.round())
	for _, act := range []func(ctx context.Context, tx *tenants.Tx) error{
		func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Get(ctx, tx, s.area); return err },
		func(ctx context.Context, tx *tenants.Tx) error { _, err := room.GetEntry(ctx, tx, e.ID); return err },
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Leave(ctx, tx, e.ID, room.LeaveInput{})
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Confirm(ctx, tx, s.area, room.LockInput{})
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.TakeBack(ctx, tx, s.badge, room.When{})
			return err
		},
	} {
		s.Fault(tenants.KindNotFound, s.other, act)
	}
	s.Do(s.other, func(ctx context.Context, tx *tenants.Tx) error {
		_, in, err := room.Inside(ctx, tx, s.area, s.operator.PersonID)
		require.False(t, in)
		return err
	})
}

func TestHowARoomIsWatched(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for field, in := range map[string]room.SettingsInput{
		"lock_minutes": {LockMinutes: 0, LateMinutes: 30, Checklist: "施錠"},
		"late_minutes": {LockMinutes: 15, LateMinutes: 1441, Checklist: "施錠"},
		"checklist":    {LockMinutes: 15, LateMinutes: 30, Checklist: "施錠\n施錠"},
	} {
		f := s.Fault(tenants.KindInvalid, s.facility, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Set(ctx, tx, s.area, in); return err })
		require.Equal(t, field, f.Fields[0].Field)
	}
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := room.List(ctx, tx)
		require.Len(t, all, 2)
		for _, r := range all {
			if r.AreaID == s.store {
				require.Equal(t, room.UsualLockMinutes, r.LockMinutes, "what nobody has set is as usual")
				require.NotEmpty(t, r.Checklist)
			}
		}
		return err
	})
	s.Fault(tenants.KindNotFound, s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Set(ctx, tx, 999, room.SettingsInput{LockMinutes: 15, LateMinutes: 30, Checklist: "施錠"})
		return err
	})
}
