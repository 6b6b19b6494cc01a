package room_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

// site is a host with two controlled areas, one of whose staff is listed for the first, and a badge.
type site struct {
	*tenantstest.Bench
	t                                                        testing.TB
	host                                                     int64
	admin, deputy, facility, operator, auditor, staff, other tenants.Actor
	area, store                                              int64
	badge                                                    int64
}

func newSite(t testing.TB) *site {
	t.Helper()
	b := tenantstest.New(t)
	s := &site{Bench: b, t: t, host: b.Host("蘭越町", "013943")}
	town := b.Town("むかわ町", "015865")
	s.admin, s.deputy = b.Person(s.host, tenants.HostAdmin), b.Person(s.host, tenants.HostAdmin)
	s.facility, s.operator, s.auditor = b.Person(s.host, tenants.Facility), b.Person(s.host, tenants.Operator), b.Person(s.host, tenants.Auditor)
	s.staff = b.Person(town, tenants.Town)
	b.Contact(s.host, "戸籍データ等管理者", "見本 花子", "admin@rankoshi.example.jp")
	b.Consortium()
	s.other = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) error {
		building, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎"})
		if err != nil {
			return err
		}
		for name, to := range map[string]*int64{"サーバ室": &s.area, "媒体保管室": &s.store} {
			a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: building.ID, Kind: "server_room", Name: name, PlanRows: 2, PlanPlaces: 2})
			if err != nil {
				return err
			}
			*to = a.ID
		}
		if _, err := room.Set(ctx, tx, s.area, room.SettingsInput{LockMinutes: 15, LateMinutes: 30, Checklist: "出入口の施錠\n全ラックの施錠\n"}); err != nil {
			return err
		}
		badge, err := room.AddBadge(ctx, tx, "業者1", "赤")
		s.badge = badge.ID
		return err
	})
	for _, who := range []tenants.Actor{s.operator, s.facility} {
		s.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := room.Grant(ctx, tx, room.PermitInput{AreaID: s.area, PersonID: who.PersonID, Document: "蘭住第12号"})
			return err
		})
	}
	return s
}

// pipeline does what the jobs do: answers are taken in, and what is due is judged.
func (s *site) pipeline() {
	s.t.Helper()
	job := tenants.Job("test")
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.TakeAnswers(ctx, tx, 100); return err })
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.JudgeDue(ctx, tx, 100); return err })
}

// open are the incidents that are open, by what they are about.
func (s *site) open() (out []string) {
	s.t.Helper()
	s.pipeline()
	for _, row := range s.SQL(`SELECT subject FROM incident WHERE state <> 'resolved' ORDER BY id`) {
		out = append(out, row["subject"].(string))
	}
	return out
}

func who(a tenants.Actor) string { return fmt.Sprintf("person:%d", a.PersonID) }

func (s *site) enter(as tenants.Actor, in room.EnterInput) (e room.Entry) {
	s.t.Helper()
	if in.AreaID == 0 {
		in.AreaID = s.area
	}
	s.Do(as, func(ctx context.Context, tx *tenants.Tx) (err error) { e, err = room.Enter(ctx, tx, in); return err })
	s.Clock.Advance(time.Second)
	return e
}

func (s *site) leave(as tenants.Actor, id int64, in room.LeaveInput) (l room.Left) {
	s.t.Helper()
	s.Do(as, func(ctx context.Context, tx *tenants.Tx) (err error) {
		l, err = room.Leave(ctx, tx, id, in)
		return err
	})
	s.Clock.Advance(time.Second)
	return l
}

// refused is an entry that is refused at a field, with its words.
func (s *site) refused(field string, in room.EnterInput) string {
	s.t.Helper()
	if in.AreaID == 0 {
		in.AreaID = s.area
	}
	f := s.Fault(tenants.KindInvalid, s.operator, func(ctx context.Context, tx *tenants.Tx) error { _, err := room.Enter(ctx, tx, in); return err })
	require.Equal(s.t, field, f.Fields[0].Field, f.Fields[0].Ja)
	return f.Fields[0].Ja
}

// round is the usual entry of the operator.
func (s *site) round() room.EnterInput {
	return room.EnterInput{Who: who(s.operator), Purpose: "巡回点検"}
}

func (s *site) visitInput() room.VisitInput {
	return room.VisitInput{Company: "見本保守", Names: "見本 太郎\n見本 次郎\n", FromAt: s.Clock.Now().Add(time.Hour), UntilAt: s.Clock.Now().Add(3 * time.Hour), Reason: "障害対応のため", Work: "ディスクの交換",
		Areas: []int64{s.area}, EscortID: s.operator.PersonID, CarryIn: "交換用ディスク1本"}
}

func (s *site) apply(in room.VisitInput) (v room.Visit) {
	s.t.Helper()
	s.Do(s.facility, func(ctx context.Context, tx *tenants.Tx) (err error) { v, err = room.Apply(ctx, tx, in); return err })
	return v
}

func (s *site) decide(as tenants.Actor, id int64, approve bool, reason string) (v room.Visit) {
	s.t.Helper()
	s.Do(as, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = room.Decide(ctx, tx, id, approve, reason)
		return err
	})
	return v
}

// visiting is an approved visit whose window has begun.
func (s *site) visiting() room.Visit {
	s.t.Helper()
	v := s.decide(s.admin, s.apply(s.visitInput()).ID, true, "")
	s.Clock.Advance(time.Hour)
	return v
}

func (s *site) visitor(v room.Visit, n int) room.EnterInput {
	return room.EnterInput{Who: fmt.Sprintf("visitor:%d", v.Visitors[n].ID), EscortID: s.operator.PersonID}
}

func day(year int, month time.Month, d int) calendar.Date { return calendar.MustDate(year, month, d) }
