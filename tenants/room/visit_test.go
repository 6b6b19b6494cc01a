package room_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestAnApplicationIsDecidedByAnotherPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.apply(s.visitInput())
	require.Equal(t, "令和8年度　第1号", v.Number())
	require.Equal(t, "applied", v.State())
	require.Len(t, v.Visitors, 2)
	require.Equal(t, "令和8年度　第2号", s.apply(s.visitInput()).Number())

	decide := func(as tenants.Actor, kind tenants.Kind, approve bool, reason string) *tenants.Fault {
		s.t.Helper()
		return s.Fault(kind, as, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Decide(ctx, tx, v.ID, approve, reason)
			return err
		})
	}
	for _, as := range []tenants.Actor{s.facility, s.operator, s.auditor, s.staff} {
		decide(as, tenants.KindForbidden, true, "")
	}
	decide(s.other, tenants.KindNotFound, true, "")
	require.Equal(t, "reason", decide(s.admin, tenants.KindInvalid, false, "").Fields[0].Field, "a refusal says why")

	// Who applied and who escorts do not become others by another post.
	for _, who := range []tenants.Actor{s.facility, s.operator} {
		s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.AddPost(ctx, tx, s.host, who.PersonID, people.PostInput{Kind: tenants.HostAdmin, Title: "管理者代理", FromOn: calendar.MustDate(2026, 4, 1)})
			return err
		})
		both := tenants.Person(tenants.Actor{TenantID: s.host, PersonID: who.PersonID, Name: who.Name, Posts: []tenants.Post{tenants.HostAdmin, who.Posts[0]}, Towns: who.Towns, Grants: nil})
		for _, approve := range []bool{true, false} {
			f := decide(both, tenants.KindInvalid, approve, "問題ない")
			require.Contains(t, f.Fields[0].Ja, "別の人が決めてください")
		}
	}
	_, err := s.TrySQL(`INSERT INTO room_decision (tenant_id, visit_id, kind, applicant_id, escort_id, at, by_id, by_text) SELECT tenant_id, id, 'approved', applicant_id, escort_id, applied_at, escort_id, '見本'
		FROM room_visit WHERE id = $1`, v.ID)
	require.ErrorContains(t, err, "room_decision_another_person")
	_, err = s.TrySQL(`INSERT INTO room_decision (tenant_id, visit_id, kind, applicant_id, escort_id, at, by_id, by_text) SELECT tenant_id, id, 'approved', $2::bigint, $2::bigint, applied_at, escort_id, '見本'
		FROM room_visit WHERE id = $1`, v.ID, s.admin.PersonID)
	require.Error(t, err, "the two are the application's own")

	require.Equal(t, "approved", s.decide(s.admin, v.ID, true, "").State())
	f := decide(s.deputy, tenants.KindConflict, false, "やはり不可")
	require.Contains(t, f.Ja, s.admin.Text())
	require.Contains(t, f.Ja, "「許可」")
	s.Do(s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		c, err := room.Cancel(ctx, tx, v.ID, "業者の都合")
		require.Equal(t, "cancelled", c.State())
		return err
	})
	require.Contains(t, decide(s.deputy, tenants.KindConflict, true, "").Ja, "「取消」")
}

func TestWhatAnApplicationMustSay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for field, change := range map[string]func(in *room.VisitInput){
		"company":   func(in *room.VisitInput) { in.Company = " " },
		"names":     func(in *room.VisitInput) { in.Names = "\n \n" },
		"from_at":   func(in *room.VisitInput) { in.FromAt = time.Time{} },
		"until_at":  func(in *room.VisitInput) { in.UntilAt = in.FromAt },
		"reason":    func(in *room.VisitInput) { in.Reason = "" },
		"work":      func(in *room.VisitInput) { in.Work = "" },
		"areas":     func(in *room.VisitInput) { in.Areas = []int64{s.area, 999} },
		"escort_id": func(in *room.VisitInput) { in.EscortID = s.staff.PersonID },
	} {
		in := s.visitInput()
		change(&in)
		f := s.Fault(tenants.KindInvalid, s.operator, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Apply(ctx, tx, in); return err })
		require.Equal(t, field, f.Fields[0].Field, f.Fields[0].Ja)
	}
	past := s.visitInput()
	past.FromAt, past.UntilAt = s.Clock.Now().Add(-2*time.Hour), s.Clock.Now().Add(-time.Hour)
	long := s.visitInput()
	long.UntilAt = long.FromAt.AddDate(0, 2, 0)
	for _, in := range []room.VisitInput{past, long} {
		f := s.Fault(tenants.KindInvalid, s.operator, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Apply(ctx, tx, in); return err })
		require.Equal(t, "until_at", f.Fields[0].Field)
	}
}

func TestAVisitFromBadgeToBadge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	early := s.decide(s.admin, s.apply(s.visitInput()).ID, true, "")
	in := s.visitor(early, 0)
	require.Contains(t, s.refused("reason", in), "許可された時間より前")
	s.Clock.Advance(time.Hour)
	in.AreaID = s.store
	require.Contains(t, s.refused("reason", in), "許可された区域ではありません")
	in.AreaID, in.EscortID = 0, 0
	s.refused("escort_id", in)
	in.EscortID, in.BadgeID = s.operator.PersonID, s.badge
	first := s.enter(s.facility, in)
	require.Equal(t, []any{room.ByVisit, "業者1", "ディスクの交換", early.Number()}, []any{first.Basis, first.Badge, first.Purpose, first.PermitNo})

	other := s.visitor(early, 1)
	other.BadgeID = s.badge
	require.Contains(t, s.refused("badge_id", other), "見本保守 見本 太郎へ貸し出されています（記録："+s.facility.Text())
	other.BadgeID = 0
	second := s.enter(s.facility, other)
	s.leave(s.operator, first.ID, room.LeaveInput{BadgeBack: true, Carried: "故障ディスク1本"})
	s.leave(s.operator, second.ID, room.LeaveInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	s.Clock.Advance(24 * time.Hour)
	require.Empty(t, s.open(), "out in time, badge back")
	s.Do(s.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		b, events, err := room.GetBadge(ctx, tx, s.badge)
		require.Nil(t, b.VisitorID)
		require.Len(t, events, 2)
		require.NotEmpty(t, b.Label)
		return err
	})
}

func TestWhoStaysAndTheBadgeThatIsNotBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visiting()
	in := s.visitor(v, 0)
	in.BadgeID = s.badge
	e := s.enter(s.operator, in)
	s.Clock.Set(v.UntilAt.Add((room.GraceMinutes - 1) * time.Minute))
	require.Empty(t, s.open())
	s.Clock.Advance(2 * time.Minute)
	require.ElementsMatch(t, []string{"名札 業者1 返却", "入室許可 令和8年度　第1号 見本保守 退室"}, s.open())
	s.leave(s.operator, e.ID, room.LeaveInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
	require.Equal(t, []string{"名札 業者1 返却"}, s.open())
	s.Do(s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.TakeBack(ctx, tx, s.badge, room.When{})
		return err
	})
	require.Empty(t, s.open())
	f := s.Fault(tenants.KindConflict, s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.TakeBack(ctx, tx, s.badge, room.When{})
		return err
	})
	require.Contains(t, f.Ja, "返却されています（記録："+s.operator.Text())

	// After the window it is an entry without permission, and that is what is told.
	late := s.visitor(v, 1)
	late.Reason = "工具を忘れたため"
	s.enter(s.operator, late)
	require.Len(t, s.open(), 1)
	require.Contains(t, s.open()[0], "許可のない入室の確認")
}

func TestAVisitIsAskedForAnewWhenTheyComeBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visiting()
	for range 2 {
		e := s.enter(s.operator, s.visitor(v, 0))
		s.leave(s.operator, e.ID, room.LeaveInput{Done: []string{"出入口の施錠", "全ラックの施錠"}})
		s.Clock.Advance(10 * time.Minute)
		require.Empty(t, s.open())
	}
	s.enter(s.operator, s.visitor(v, 0))
	s.enter(s.operator, s.visitor(v, 1))
	s.Clock.Set(v.UntilAt.Add(time.Hour))
	require.Len(t, s.open(), 1, "one question for a visit, however many of its people are inside")
	require.EqualValues(t, 3, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM occurrence`))
}

func TestBadges(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.Fault(tenants.KindInvalid, s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.AddBadge(ctx, tx, "業者1", "")
		return err
	})
	require.Equal(t, "number", f.Fields[0].Field)
	v := s.visiting()
	hand := func(badge, visitor int64) (b room.Badge, err error) {
		err = s.Try(s.operator, func(ctx context.Context, tx *tenants.Tx) (err error) {
			b, err = room.HandOut(ctx, tx, badge, visitor, room.When{})
			return err
		})
		return b, err
	}
	b, err := hand(s.badge, v.Visitors[0].ID)
	require.NoError(t, err)
	require.Equal(t, v.UntilAt, b.DueAt.In(v.UntilAt.Location()))
	var spare room.Badge
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		spare, err = room.AddBadge(ctx, tx, "業者2", "")
		return err
	})
	_, err = hand(spare.ID, v.Visitors[0].ID)
	require.Equal(t, "badge_id", tenants.AsFault(err).Fields[0].Field, "one badge for each")
	_, err = hand(spare.ID, 999)
	require.Equal(t, "visitor_id", tenants.AsFault(err).Fields[0].Field)
	_, err = hand(999, v.Visitors[1].ID)
	require.Equal(t, "badge_id", tenants.AsFault(err).Fields[0].Field)
	s.Clock.Set(v.UntilAt.Add(time.Hour))
	require.Equal(t, []string{"名札 業者1 返却"}, s.open())
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.RetireBadge(ctx, tx, s.badge, "来訪者が紛失した")
		return err
	})
	require.Empty(t, s.open(), "nobody waits for it any more")
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		code, err := room.RelabelBadge(ctx, tx, spare.ID)
		require.NotEqual(t, spare.Label, code)
		if err != nil {
			return err
		}
		_, err = room.AddBadge(ctx, tx, "業者1", "作り直し")
		return err
	})
	s.Fault(tenants.KindNotFound, s.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.TakeBack(ctx, tx, s.badge, room.When{})
		return err
	})
}
