package watch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/watch"
)

var job = tenants.Job("audit")

var _ = tenants.Sentences(map[string][2]string{
	"test.late": {"判定の遅れが{n}件（{since}から）{more}", "{n} late since {since}{more}"},
	"test.mute": {"途切れが{n}件{more}", "{n} gone silent{more}"},
	"test.none": {"相手のいないものが{n}件", "{n} with nobody"},
})

var _ = tenants.Shorts(map[string][2]string{"test.late": {"遅れ{n}件", "{n} late"}})

// stage is two consortia with a host and a town each, and whoever reads the board of each.
type stage struct {
	*tenantstest.Bench
	t                                  testing.TB
	host, town, away, far              int64
	admin, member, foreign, foreignOwn tenants.Actor
}

func set(t testing.TB) stage {
	b := tenantstest.New(t)
	s := stage{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865")}
	b.Contact(s.host, "住民福祉課長", "見本 五郎", "goro@example.jp")
	s.admin, s.member = b.Person(s.host, tenants.HostAdmin), b.Person(s.town, tenants.Town)
	b.Consortium()
	s.away, s.far = b.Host("見本町", "010006"), b.Town("別海町", "016918")
	b.Contact(s.away, "総務課長", "見本 三郎", "saburo@example.jp")
	s.foreign, s.foreignOwn = b.Person(s.away, tenants.HostAdmin), b.Person(s.far, tenants.Town)
	return s
}

func (s stage) note(found ...tenants.Breach) watch.Outcome {
	s.t.Helper()
	return s.findings(watch.Findings{Breaches: found})
}

func (s stage) findings(f watch.Findings) (out watch.Outcome) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := watch.Begin(ctx, tx); err != nil {
			return err
		}
		out, err = watch.Note(ctx, tx, f)
		return err
	})
	return out
}

func (s stage) read(who tenants.Actor) (state watch.State) {
	s.t.Helper()
	s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		state, err = watch.Read(ctx, tx)
		return err
	})
	return state
}

func (s stage) incidents(who tenants.Actor) (list []incident.Item) {
	s.t.Helper()
	s.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = incident.List(ctx, tx, incident.Filter{State: "unresolved"})
		return err
	})
	return list
}

func (s stage) late(town int64, n int) tenants.Breach {
	return tenants.Breach{TenantID: town, Kind: "test.late", Count: n, Since: tenantstest.Start.Add(-time.Hour)}
}

// What is still there at the next audit opens one incident in the host town of the consortium concerned, says what and
// since when, and is over when the audits have been clean for five minutes. Nobody of another consortium sees any of it.
func TestWhatStandsIsToldToTheHostOfItsConsortium(t *testing.T) {
	t.Parallel()
	s := set(t)
	require.Equal(t, watch.Outcome{}, s.note())
	require.Zero(t, s.note(s.late(s.town, 3)).Standing, "found once: the next audit may find it gone")
	require.Empty(t, s.incidents(s.admin))
	require.Empty(t, s.read(s.admin).Breaches)

	s.Clock.Advance(time.Minute)
	out := s.note(s.late(s.town, 4), tenants.Breach{TenantID: s.host, Kind: "test.mute", Count: 1, Since: tenantstest.Start})
	require.Equal(t, watch.Outcome{Standing: 4, Opened: []int64{s.host}}, out)
	list := s.incidents(s.admin)
	require.Len(t, list, 1)
	require.Equal(t, s.host, list[0].TenantID)
	require.Equal(t, []string{watch.Cause, watch.About, watch.Subject, incident.Critical}, []string{list[0].Cause, list[0].About, list[0].Subject, list[0].Severity})
	require.Nil(t, list[0].Night)
	require.Equal(t, "判定の遅れが4件（06:30から）", list[0].Reason.In("ja"), "in the host town's time of day")
	require.Equal(t, "見本 五郎", list[0].Next.Name)
	require.Empty(t, s.incidents(s.member), "a member town has its own rows only")
	require.Empty(t, s.incidents(s.foreign))

	s.Clock.Advance(time.Minute)
	out = s.note(s.late(s.town, 4), tenants.Breach{TenantID: s.host, Kind: "test.mute", Count: 1, Since: tenantstest.Start})
	require.Equal(t, 5, out.Standing)
	require.Empty(t, out.Opened, "one cause, one incident")
	require.Len(t, s.incidents(s.admin), 1)
	state := s.read(s.admin)
	require.False(t, state.Fine())
	require.Equal(t, []watch.Standing{{Kind: "test.late", Count: 4, Towns: 1, Since: tenantstest.Start.Add(-time.Hour)},
		{Kind: "test.mute", Count: 1, Towns: 1, Since: tenantstest.Start}}, utc(state.Breaches))
	require.Len(t, s.read(s.member).Breaches, 1, "its own")
	for _, who := range []tenants.Actor{s.foreign, s.foreignOwn} {
		require.Equal(t, watch.State{}, s.read(who))
	}
	require.Len(t, s.read(job).Breaches, 2)

	s.Clock.Advance(time.Minute)
	require.Equal(t, watch.Outcome{}, s.note(), "clean once")
	require.True(t, s.read(s.admin).Fine())
	require.Len(t, s.incidents(s.admin), 1)
	s.Clock.Advance(3 * time.Minute)
	require.Equal(t, 4, s.note(s.late(s.town, 4)).Standing, "back within five minutes, it had not gone")
	s.Clock.Advance(4*time.Minute + 59*time.Second)
	require.Empty(t, s.note().Over)
	s.Clock.Advance(time.Second)
	require.Equal(t, watch.Outcome{Over: []int64{s.host}}, s.note())
	require.Empty(t, s.incidents(s.admin))
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident`))
	s.Clock.Advance(25 * time.Hour)
	s.note()
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM breach`), "and forgotten after a day")
}

// A job that stands still serves nobody: every consortium's host is told, each in its own row.
func TestWhatConcernsEverybodyIsToldToEveryHost(t *testing.T) {
	t.Parallel()
	s := set(t)
	round := tenants.Breach{Kind: watch.KindRound, Count: 2, Since: tenantstest.Start}
	s.note(round)
	s.Clock.Advance(time.Minute)
	require.ElementsMatch(t, []int64{s.host, s.away}, s.note(round).Opened)
	require.Len(t, s.incidents(s.admin), 1)
	require.Len(t, s.incidents(s.foreign), 1)
	require.Equal(t, "棚守の2つの働きが、正常に終わっていません（07:30から）", s.incidents(s.foreign)[0].Reason.In("ja"))
}

// What was put right at once wakes nobody, and stands on the board for a day. What has to be put right again and again is
// not put right.
func TestWhatWasPutRightWakesNobodyUnlessItComesBack(t *testing.T) {
	t.Parallel()
	s := set(t)
	mended := tenants.Breach{TenantID: s.town, Kind: "test.mute", Mended: 2, Since: tenantstest.Start}
	for range 2 {
		require.Equal(t, watch.Outcome{}, s.note(mended))
		s.Clock.Advance(time.Hour)
		require.Equal(t, watch.Outcome{}, s.note())
	}
	require.Equal(t, 4, s.read(s.admin).Mended)
	require.Equal(t, 4, s.read(s.member).Mended)
	require.Zero(t, s.read(s.foreign).Mended)
	require.Empty(t, s.read(s.admin).Breaches)
	require.Empty(t, s.incidents(s.admin))
	out := s.note(mended)
	require.Equal(t, watch.Outcome{Standing: 2, Opened: []int64{s.host}}, out, "the third time within a day")
	s.Clock.Advance(time.Minute)
	require.Zero(t, s.note().Standing)
	s.Clock.Advance(5 * time.Minute)
	require.Equal(t, []int64{s.host}, s.note().Over)
	s.Clock.Advance(25 * time.Hour)
	s.note()
	require.Zero(t, s.read(s.admin).Mended)
	require.Equal(t, watch.Outcome{}, s.note(mended), "after a day free of it, it is new")
}

// A clock that steps back hides nothing that stands, and holds up no end.
func TestAClockThatStepsBackHidesNothing(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.note(s.late(s.town, 1))
	s.Clock.Advance(-3 * time.Hour)
	require.Zero(t, s.note(s.late(s.town, 1)).Standing)
	s.Clock.Advance(time.Minute)
	require.Equal(t, []int64{s.host}, s.note(s.late(s.town, 1)).Opened)
	s.Clock.Advance(-3 * time.Hour)
	require.Equal(t, []int64{s.host}, s.note().Over)
}

// Nobody to call is a setting: it stands on the board, opens no incident that nobody would hear of, and is no malfunction.
func TestASettingIsNoMalfunction(t *testing.T) {
	t.Parallel()
	s := set(t)
	nobody := tenants.Breach{TenantID: s.town, Kind: "test.none", Count: 1, Since: tenantstest.Start, Setting: true}
	for range 3 {
		require.Equal(t, watch.Outcome{}, s.note(nobody))
		s.Clock.Advance(time.Minute)
	}
	state := s.read(s.admin)
	require.Len(t, state.Breaches, 1)
	require.True(t, state.Fine())
	require.Empty(t, s.incidents(s.admin))
}

// A node without a mail server cannot judge what is not sent: what another finds stands, until nobody finds it any more.
func TestANodeThatCannotSeeTakesNothingBack(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.note(s.late(s.town, 1))
	s.Clock.Advance(time.Minute)
	blind := watch.Findings{Blind: []string{"test.late"}}
	require.Equal(t, 1, s.findings(blind).Standing)
	s.Clock.Advance(5 * time.Minute)
	require.Zero(t, s.findings(blind).Standing)
}

func TestNotingAsksTheSameHoweverMuchThereIs(t *testing.T) {
	t.Parallel()
	s := set(t)
	var many []tenants.Breach
	for _, town := range []int64{s.host, s.town, s.away, s.far} {
		many = append(many, s.late(town, 7), tenants.Breach{TenantID: town, Kind: "test.none", Count: 3, Since: tenantstest.Start, Setting: true})
	}
	s.note(many...)
	s.Clock.Advance(time.Minute)
	require.Len(t, s.note(many...).Opened, 2)
	few := s.QueryCount(func() { require.Equal(t, 7, s.note(many[:2]...).Standing) })
	require.Equal(t, few, s.QueryCount(func() { require.Equal(t, 28, s.note(many...).Standing) }))
	s.Clock.Advance(time.Hour)
	s.note()
	require.Equal(t, 5, s.QueryCount(func() { s.note() }), "quiet: begin, keep, forget, read what stands and what is over")
}

// The sign of life is one node's a minute; what became of it is told once.
func TestTheSignOfLifeIsSentOnceAMinute(t *testing.T) {
	t.Parallel()
	s := set(t)
	claim := func() (mine bool) {
		s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			mine, err = watch.ClaimOutward(ctx, tx)
			return err
		})
		return mine
	}
	mark := func(code string) (changed bool) {
		s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			changed, err = watch.MarkOutward(ctx, tx, tenants.Reason{Code: code})
			return err
		})
		return changed
	}
	require.Equal(t, watch.Outward{}, s.read(s.admin).Outward)
	require.True(t, claim())
	require.False(t, claim(), "another node")
	require.False(t, mark(""))
	arrived := s.Clock.Now()
	s.Clock.Advance(49 * time.Second)
	require.False(t, claim())
	s.Clock.Advance(time.Second)
	require.True(t, claim())
	require.True(t, mark("test.none"))
	since := s.Clock.Now()
	s.Clock.Advance(time.Minute)
	require.True(t, claim())
	require.False(t, mark("test.none"), "said once")
	o := s.read(s.admin).Outward
	require.True(t, o.Failing(s.Clock.Now()))
	require.Equal(t, []time.Time{arrived, since}, []time.Time{o.OkAt.UTC(), o.FailingSince.UTC()})
	require.Equal(t, "test.none", o.Reason.Code)
	require.False(t, o.Failing(s.Clock.Now().Add(time.Hour)), "nobody tries any more")
	s.Clock.Set(since.Add(-3 * time.Hour))
	require.True(t, claim(), "a clock that stepped back does not silence it")
	require.True(t, mark(""))
	require.False(t, s.read(s.admin).Outward.Failing(s.Clock.Now()))
}

func TestOnlyJobsAudit(t *testing.T) {
	t.Parallel()
	s := set(t)
	for _, act := range []func(context.Context, *tenants.Tx) error{
		watch.Begin,
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := watch.Note(ctx, tx, watch.Findings{})
			return err
		},
		func(ctx context.Context, tx *tenants.Tx) error { _, err := watch.ClaimOutward(ctx, tx); return err },
		func(ctx context.Context, tx *tenants.Tx) error {
			_, err := watch.MarkOutward(ctx, tx, tenants.Reason{})
			return err
		},
	} {
		s.Fault(tenants.KindForbidden, s.admin, act)
	}
}

func utc(list []watch.Standing) []watch.Standing {
	for i := range list {
		list[i].Since = list[i].Since.UTC()
	}
	return list
}
