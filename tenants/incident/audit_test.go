package incident_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/tenantstest"
)

// audit is what is found and put right, with two minutes of grace, in the order of its kinds.
func (s stage) audit() (found []tenants.Breach) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		found, err = incident.Audit(ctx, tx, 2*time.Minute)
		return err
	})
	for i := range found {
		found[i].Since = found[i].Since.UTC()
	}
	slices.SortFunc(found, func(a, b tenants.Breach) int { return int(a.TenantID - b.TenantID) })
	return found
}

func (s stage) only(town int64, kind string) tenants.Breach {
	s.t.Helper()
	found := s.audit()
	require.Len(s.t, found, 1)
	require.Equal(s.t, kind, found[0].Kind)
	require.Equal(s.t, town, found[0].TenantID)
	return found[0]
}

func TestTheAuditSeesWhoWasNotTold(t *testing.T) {
	t.Parallel()
	s := set(t)
	opened := s.Clock.Now()
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"))
	require.Empty(t, s.audit())
	s.Clock.Advance(2*time.Minute + time.Second)
	b := s.only(s.town, incident.KindUntold)
	require.Equal(t, tenants.Breach{TenantID: s.town, Kind: incident.KindUntold, Count: 2, Since: opened}, b, "nobody has looked for two minutes")
	s.escalate()
	require.Empty(t, s.audit())

	until := s.Clock.Now().Add(time.Minute)
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[0].ID, Via: incident.ViaConsole, Until: until})
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[1].ID, Via: incident.ViaConsole, Until: until.AddDate(0, 0, 6)})
	require.Empty(t, s.audit(), "an answer holds the ladder, and that is well")
	s.Clock.Advance(3*time.Minute + time.Second)
	b = s.only(s.town, incident.KindPromise)
	require.Equal(t, 1, b.Count)
	require.Equal(t, until, b.Since)
	require.Equal(t, 1, s.reopen())
	require.Empty(t, s.audit())
}

// Whatever state a healthy incident is in, however long it lasts, there is nothing to find and nothing to mend.
func TestAHealthyIncidentIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.SQL(`UPDATE ladder SET delays_minutes = '{0,15,600}', repeat_minutes = 5`)
	s.SQL(`UPDATE contact SET mail = '' WHERE name = '見本 一郎'`) // the first cannot be told: the second is due at once
	s.Contact(s.town, "総務課長", "見本 三郎", "saburo@example.jp")
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.host, "duty:3"))
	acknowledged := 0
	for minute := range 24 * 60 {
		s.escalate()
		s.reopen()
		if minute%97 == 0 {
			s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[0].ID, Via: incident.ViaConsole, Until: s.Clock.Now().Add(40 * time.Minute)})
			acknowledged++
		}
		if minute%7 == 0 || minute < 30 {
			require.Empty(t, s.audit(), "minute %d", minute)
		}
		s.Clock.Advance(time.Minute)
		if minute > 100 { // from here on in larger steps
			s.Clock.Advance(9 * time.Minute)
		}
		if s.Clock.Now().After(tenantstest.Start.AddDate(0, 0, 1)) {
			break
		}
	}
	require.Greater(t, acknowledged, 2)
	s.escalate()
	s.resolve(incident.Resolution{Town: s.town, Cause: "duty:2", Reason: tenants.Reason{Code: "test.good"}})
	require.Empty(t, s.audit())
}

func TestAnIncidentGoneSilentSpeaksAgain(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.host, "duty:3"))
	s.escalate()
	told := s.Clock.Now()
	s.SQL(`ALTER TABLE rung DISABLE TRIGGER kept`)
	s.SQL(`DELETE FROM rung WHERE incident_id = $1 AND state = 'pending'`, ids[0].ID)
	s.SQL(`UPDATE rung SET state = 'held' WHERE incident_id = $1 AND state = 'pending'`, ids[1].ID)
	s.SQL(`UPDATE rung SET state = 'dropped' WHERE incident_id = $1 AND state = 'pending'`, ids[2].ID)
	s.Clock.Advance(5 * time.Minute)
	found := s.audit()
	require.Equal(t, []tenants.Breach{{TenantID: s.host, Kind: incident.KindMute, Mended: 1, Since: told}, {TenantID: s.town, Kind: incident.KindMute, Mended: 2, Since: told}},
		found)
	require.Empty(t, s.audit(), "what was put right is well, and is put right once")

	next := func(id int64) time.Time {
		return tenantstest.Value[time.Time](s.Bench, `SELECT min(due_at) FROM rung WHERE incident_id = $1 AND state = 'pending'`, id).UTC()
	}
	require.Equal(t, told.Add(30*time.Minute), next(ids[0].ID), "the last one is told again when the ladder would have")
	require.Equal(t, s.Clock.Now(), next(ids[1].ID), "what nobody's answer holds goes on")
	require.EqualValues(t, 2, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice`), "mending told nobody by itself")
	s.Clock.Advance(31 * time.Minute)
	s.escalate()
	require.Empty(t, s.audit())
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM (SELECT 1 FROM notice GROUP BY dedup HAVING count(*) > 1) x`))
}

// A town with nobody to call is for people to set right. As soon as there is somebody, being silent is a fault.
func TestNobodyToCallIsASetting(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.SQL(`UPDATE contact SET retired_at = $1`, s.Clock.Now())
	s.open(input(s.town, "duty:1"))
	s.Clock.Advance(time.Hour)
	b := s.only(s.town, incident.KindNobody)
	require.True(t, b.Setting)
	require.Equal(t, 1, b.Count)
	require.Zero(t, b.Mended)
	s.Contact(s.host, "住民福祉課長", "見本 五郎", "goro@example.jp")
	require.Empty(t, s.audit(), "the next look of restring gives it its ladder")
	s.Clock.Advance(2*time.Minute + time.Second)
	b = s.only(s.town, incident.KindMute)
	require.Equal(t, 1, b.Mended, "nobody had restrung it")
	require.Equal(t, 1, s.escalate())
	require.Empty(t, s.audit())
}

// A rung or a promise that a clock gone wrong has put hours or weeks ahead is brought back.
func TestWhatLiesFarAheadIsBroughtBack(t *testing.T) {
	t.Parallel()
	s := set(t)
	ids := s.open(input(s.town, "duty:1"), input(s.town, "duty:2"), input(s.host, "duty:3"))
	s.escalate()
	s.SQL(`UPDATE rung SET due_at = due_at + interval '5 hours' WHERE incident_id = $1 AND state = 'pending'`, ids[0].ID)
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: ids[1].ID, Via: incident.ViaConsole, Until: s.Clock.Now().Add(time.Hour)})
	s.SQL(`UPDATE incident SET ack_until = ack_until + interval '1 year' WHERE id = $1`, ids[1].ID)
	require.Equal(t, 2, s.only(s.town, incident.KindFar).Mended)
	require.Empty(t, s.audit())
	require.Equal(t, s.Clock.Now().Add(incident.MaxAcknowledged), tenantstest.Value[time.Time](s.Bench, `SELECT ack_until FROM incident WHERE id = $1`, ids[1].ID).UTC())
	require.Equal(t, 1, s.escalate(), "the ladder goes on now")
}

// The number of statements does not follow what is found.
func TestAnAuditAsksTheSameHoweverMuchThereIs(t *testing.T) {
	t.Parallel()
	s := set(t)
	counts := map[int]int{}
	all := 0
	for _, n := range []int{2, 40} {
		for i := range n {
			s.open(input(s.town, fmt.Sprintf("duty:%d", 100*n+i)))
		}
		all += n
		s.SQL(`UPDATE rung SET state = 'dropped' WHERE state = 'pending' AND incident_id % 2 = 0`)
		s.SQL(`UPDATE rung SET due_at = due_at + interval '9 days' WHERE state = 'pending'`)
		mended := 0
		counts[n] = s.QueryCount(func() {
			for _, b := range s.audit() {
				mended += b.Mended
			}
		})
		require.Equal(t, all, mended)
		s.Clock.Advance(time.Hour)
		s.escalate()
	}
	require.Equal(t, counts[2], counts[40])
	require.LessOrEqual(t, counts[2], 6)
}
