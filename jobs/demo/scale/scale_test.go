package scale_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/demo/scale"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

var morning = time.Date(2026, 11, 21, 7, 31, 0, 0, time.FixedZone("JST", 9*3600))

func small(b *tenantstest.Bench, t *testing.T) scale.Options {
	return scale.Options{Handle: b.Handle, Consortia: 2, Towns: 60, Servers: 20, Nights: 40, WholeTowns: 2, Rows: 60_000, Now: morning, Out: t.Output()}
}

// A small large installation holds together: every constraint was on, what the newest state says is what the occurrences
// say, and the verdicts are as many as were made up.
func TestTheLargeInstallationInSmall(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	made, err := scale.Load(t.Context(), small(b, t))
	require.NoError(t, err)
	b.Clock.Set(morning)
	for table, n := range made.Rows {
		if table == "operation_log" {
			n += 2 // the two passwords that were given out
		}
		require.Equal(t, n, tenantstest.Value[int64](b, `SELECT count(*) FROM `+table), table)
	}
	require.InDelta(t, 60_000, made.Evidence, 30_000)
	seen := map[duty.Verdict]int{}
	for _, row := range b.SQL(`SELECT o.verdict, count(*) AS n FROM duty_state s JOIN occurrence o ON o.tenant_id = s.tenant_id AND o.id = s.occurrence_id
		AND o.night = s.night AND o.verdict = s.verdict AND o.reason_code = s.reason_code WHERE s.night = $1 GROUP BY 1`, made.Night.String()) {
		seen[duty.Verdict(row["verdict"].(string))] = int(row["n"].(int64))
	}
	require.Equal(t, made.Verdicts, seen)
	require.Equal(t, 1200, seen[duty.Met]+seen[duty.Late]+seen[duty.Failed]+seen[duty.Missed]+seen[duty.Excused])
	require.Positive(t, seen[duty.Failed]+seen[duty.Missed], "somebody is needed")
	require.EqualValues(t, seen[duty.Failed]+seen[duty.Missed], tenantstest.Value[int64](b, `SELECT count(*) FROM incident WHERE state <> 'resolved'`))
	require.EqualValues(t, 40*20, tenantstest.Value[int64](b, `SELECT count(*) FROM occurrence WHERE tenant_id = $1 AND verdict IS NOT NULL`, made.TownID),
		"the town that signs in keeps every night")

	// Ids go on behind those that were copied in, and the sign-ins work.
	who, err := b.SignIn("127.0.0.1", "admin", made.Admin)
	require.NoError(t, err)
	require.Len(t, who.Towns, 30, "the towns of the first consortium")
	require.NotZero(t, tenantstest.Value[int64](b, `INSERT INTO consortium (name, demo, created_at) VALUES ('x', false, '2026-11-21Z') RETURNING id`))

	_, err = scale.Load(t.Context(), small(b, t))
	require.ErrorContains(t, err, "not empty")
}

// The same options make the same rows, and a load that is stopped leaves nothing.
func TestTheLargeInstallationIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	digest := func(b *tenantstest.Bench) string {
		return tenantstest.Value[string](b, `SELECT md5(string_agg(md5(o::text), '' ORDER BY id)) FROM occurrence o`) +
			tenantstest.Value[string](b, `SELECT md5(string_agg(md5(r::text), '' ORDER BY id)) FROM run r`)
	}
	one, two := tenantstest.New(t), tenantstest.New(t)
	o := small(one, t)
	o.Towns, o.Rows = 10, 5_000
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err := scale.Load(stopped, o)
	require.Error(t, err)
	require.Empty(t, one.SQL(`SELECT * FROM consortium`))
	_, err = scale.Load(t.Context(), o)
	require.NoError(t, err)
	o.Handle = two.Handle
	_, err = scale.Load(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, digest(one), digest(two))
}
