package incident_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/incident"
	"tanamori/tenants/tenantstest"
)

func (s stage) dues() (out []time.Time) {
	s.t.Helper()
	for _, r := range s.SQL(`SELECT due_at FROM rung WHERE state = 'pending' ORDER BY position`) {
		out = append(out, r["due_at"].(time.Time).UTC())
	}
	return out
}

// The clock was four hours ahead when an incident opened and its first person was told. Put right, the second comes as
// long from now as it was to come then, once however often it is rewound; an incident of before is not touched.
func TestRungsSetByAClockThatWasAheadComeInTheirTime(t *testing.T) {
	t.Parallel()
	s := set(t)
	s.open(input(s.town, "duty:1"))
	before := s.dues()
	right := s.Clock.Now()
	s.Clock.Advance(4 * time.Hour)
	s.open(input(s.town, "duty:2"))
	s.SQL(`UPDATE rung SET state = 'fired', fired_at = $1 WHERE position = 1 AND incident_id = (SELECT max(id) FROM incident)`, s.Clock.Now())
	s.Clock.Set(right.Add(time.Minute))
	for range 3 {
		s.Do(job, incident.Rewind)
		require.Equal(t, append(before, right.Add(16*time.Minute)), s.dues())
		s.Clock.Advance(20 * time.Second) // later beats leave it
	}
}

// No promise may hold a ladder for longer than a promise may, whatever the clock was when it was made.
func TestAPromiseMadeByAClockThatWasAheadEndsInTime(t *testing.T) {
	t.Parallel()
	s := set(t)
	id := s.open(input(s.town, "duty:1"))[0].ID
	right := s.Clock.Now()
	s.Clock.Advance(30 * 24 * time.Hour)
	s.acknowledge(s.own, incident.AckInput{Town: s.town, Incident: id, Via: incident.ViaConsole, Until: s.Clock.Now().Add(time.Hour)})
	s.Clock.Set(right)
	s.Do(job, incident.Rewind)
	require.Equal(t, right.Add(incident.MaxAcknowledged).UTC(), tenantstest.Value[time.Time](s.Bench, `SELECT ack_until FROM incident`).UTC())
}
