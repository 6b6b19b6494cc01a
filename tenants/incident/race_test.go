package incident_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

// invariants are what must hold whenever nobody is at work, whatever happened before.
func (s stage) invariants() {
	s.t.Helper()
	for what, query := range map[string]string{
		"two open incidents of one cause": `SELECT tenant_id, cause FROM incident WHERE state <> 'resolved' GROUP BY 1, 2 HAVING count(*) > 1`,
		"an open incident that will tell nobody": `SELECT id FROM incident i WHERE state = 'open' AND NOT EXISTS
			(SELECT FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.state = 'pending')`,
		"an answered incident that goes on telling": `SELECT i.id FROM incident i JOIN rung r ON r.tenant_id = i.tenant_id AND r.incident_id = i.id
			WHERE i.state <> 'open' AND r.state = 'pending'`,
		"a rung told without a message": `SELECT r.id FROM rung r WHERE r.mail <> '' AND (r.state = 'fired') <> (r.notice_id IS NOT NULL)`,
		"a message to somebody else, or of something else": `SELECT r.id FROM rung r JOIN notice n ON n.tenant_id = r.tenant_id AND n.id = r.notice_id
			WHERE n.to_address <> r.mail OR NOT (n.about_id = r.incident_id OR EXISTS (SELECT FROM notice_also a
			WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.about_id = r.incident_id))`,
		"a message that tells of what no rung was fired for": `SELECT n.id FROM notice n CROSS JOIN LATERAL (SELECT n.about_id AS id UNION ALL
			SELECT a.about_id FROM notice_also a WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id) l WHERE n.kind <> 'resolved' AND NOT EXISTS
			(SELECT FROM rung r WHERE r.tenant_id = n.tenant_id AND r.incident_id = l.id AND r.notice_id = n.id)`,
		"a letter that waits about nothing that goes on": `SELECT n.id FROM notice n WHERE n.state = 'queued' AND NOT n.repeated AND n.kind <> 'resolved' AND NOT EXISTS
			(SELECT FROM incident i WHERE i.tenant_id = n.tenant_id AND i.state <> 'resolved' AND (i.id = n.about_id OR EXISTS (SELECT FROM notice_also a
			WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.about_id = i.id)))`,
		"two letters that wait with the same news": `SELECT r.incident_id FROM rung r JOIN notice n ON n.tenant_id = r.tenant_id AND n.id = r.notice_id
			AND n.state = 'queued' GROUP BY r.tenant_id, r.incident_id, r.mail HAVING count(DISTINCT n.id) > 1`,
		"word of an end to whom nobody told the beginning": `SELECT n.id FROM notice n WHERE n.kind = 'resolved' AND n.state = 'queued' AND NOT EXISTS
			(SELECT FROM rung r JOIN notice t ON t.tenant_id = r.tenant_id AND t.id = r.notice_id WHERE r.tenant_id = n.tenant_id AND r.mail = n.to_address
			AND (t.state IN ('queued', 'sending', 'sent') OR t.repeated) AND (r.incident_id = n.about_id OR EXISTS (SELECT FROM notice_also a
			WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.about_id = r.incident_id)))`,
		"positions with a gap": `SELECT incident_id FROM rung GROUP BY tenant_id, incident_id HAVING max(position) <> count(*)`,
		"not the whole ladder": `SELECT i.id FROM incident i WHERE (SELECT count(DISTINCT contact_id) FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id)
			<> (SELECT count(*) FROM contact c WHERE c.tenant_id = i.tenant_id)`,
		"an incident without its beginning": `SELECT i.id FROM incident i WHERE 1 <> (SELECT count(*) FROM incident_event e WHERE e.tenant_id = i.tenant_id
			AND e.incident_id = i.id AND e.kind = 'opened')`,
		"an end without its line, or with two": `SELECT i.id FROM incident i WHERE CASE i.state WHEN 'resolved' THEN 1 ELSE 0 END <>
			(SELECT count(*) FROM incident_event e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id AND e.kind = 'resolved')`,
		"a telling without its line": `SELECT r.id FROM rung r WHERE r.notice_id IS NOT NULL AND 1 <> (SELECT count(*) FROM incident_event e
			WHERE e.tenant_id = r.tenant_id AND e.incident_id = r.incident_id AND e.kind = 'told' AND (e.detail->>'rung')::bigint = r.id)`,
	} {
		require.Empty(s.t, s.SQL(query), what)
	}
}

func TestManyNodesOpenOneIncidentACause(t *testing.T) {
	t.Parallel()
	s := set(t)
	const nodes, causes = 6, 40
	var wg sync.WaitGroup
	errs := make([]error, nodes)
	opened := make([]map[int64]bool, nodes)
	for n := range nodes {
		opened[n] = map[int64]bool{}
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 7))
			for range 8 { // overlapping lists in different orders
				var inputs []incident.OpenInput
				for _, c := range random.Perm(causes)[:25] {
					town := s.town
					if c%3 == 0 {
						town = s.host
					}
					inputs = append(inputs, input(town, fmt.Sprint("duty:", c)))
				}
				err := s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
					got, err := incident.OpenMany(ctx, tx, inputs)
					for _, o := range got {
						if o.New {
							opened[n][o.ID] = true
						}
					}
					return err
				})
				errs[n] = errors.Join(errs[n], err)
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...), "no deadlock, no unique violation")
	s.invariants()
	require.EqualValues(t, causes, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident`))
	total := 0
	for _, o := range opened {
		total += len(o)
	}
	require.Equal(t, causes, total, "each was new to exactly one caller")
}

func TestEverythingAtOnceLeavesNothingOut(t *testing.T) {
	t.Parallel()
	s := set(t)
	const causes = 12
	ends := time.Now().Add(4 * time.Second)
	var mu sync.Mutex
	var unexpected []error
	fail := func(err error) {
		var fault *tenants.Fault
		if err == nil || errors.As(err, &fault) && (fault.Kind == tenants.KindGone || fault.Kind == tenants.KindInvalid) {
			return
		}
		mu.Lock()
		unexpected = append(unexpected, err)
		mu.Unlock()
	}
	pick := func(r *rand.Rand) (town int64, cause string) {
		return []int64{s.town, s.host}[r.IntN(2)], fmt.Sprint("duty:", r.IntN(causes))
	}
	acts := map[string]func(ctx context.Context, tx *tenants.Tx, r *rand.Rand) error{
		"open": func(ctx context.Context, tx *tenants.Tx, r *rand.Rand) error {
			var inputs []incident.OpenInput
			for range 6 {
				inputs = append(inputs, input(pick(r)))
			}
			_, err := incident.OpenMany(ctx, tx, inputs)
			return err
		},
		"resolve": func(ctx context.Context, tx *tenants.Tx, r *rand.Rand) error {
			var list []incident.Resolution
			for range 2 {
				town, cause := pick(r)
				list = append(list, incident.Resolution{Town: town, Cause: cause, Reason: tenants.Reason{Code: "test.good"}})
			}
			return incident.ResolveMany(ctx, tx, list)
		},
		"escalate": func(ctx context.Context, tx *tenants.Tx, _ *rand.Rand) error {
			_, err := incident.Escalate(ctx, tx, 5)
			return err
		},
		"escalate2": func(ctx context.Context, tx *tenants.Tx, _ *rand.Rand) error {
			_, err := incident.Escalate(ctx, tx, 5)
			return err
		},
		"deliver": func(ctx context.Context, tx *tenants.Tx, r *rand.Rand) error {
			claimed, err := notice.Claim(ctx, tx, r.IntN(8), time.Hour)
			if err != nil || r.IntN(4) == 0 { // whoever claimed died
				return err
			}
			var settled []notice.Settled
			for _, c := range claimed {
				settled = append(settled, notice.Settled{Claimed: c, Outcome: notice.Outcome{Result: []notice.Result{notice.Accepted, notice.Accepted, notice.Unknown}[r.IntN(3)]}})
			}
			_, err = notice.Settle(ctx, tx, settled)
			return err
		},
		"reopen": func(ctx context.Context, tx *tenants.Tx, _ *rand.Rand) error {
			_, err := incident.ReopenExpired(ctx, tx, 5)
			return err
		},
	}
	var wg sync.WaitGroup
	for name, act := range acts {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(len(name))))
			for time.Now().Before(ends) {
				fail(s.Try(job, func(ctx context.Context, tx *tenants.Tx) error { return act(ctx, tx, r) }))
			}
		})
	}
	wg.Go(func() { // somebody answers
		r := rand.New(rand.NewPCG(2, 2))
		for time.Now().Before(ends) {
			fail(s.Try(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
				items, err := incident.List(ctx, tx, incident.Filter{State: "unresolved"})
				if err != nil || len(items) == 0 {
					return err
				}
				i := items[r.IntN(len(items))]
				_, err = incident.Acknowledge(ctx, tx, incident.AckInput{Town: i.TenantID, Incident: i.ID, Via: incident.ViaConsole, Until: tx.Now.Add(3 * time.Minute)})
				return err
			}))
		}
	})
	wg.Go(func() { // and time passes
		for time.Now().Before(ends) {
			s.Clock.Advance(time.Minute)
			time.Sleep(5 * time.Millisecond)
		}
	})
	wg.Wait()
	require.Empty(t, unexpected, "nothing deadlocks, nothing collides")
	s.invariants()
	seen := tenantstest.Value[string](s.Bench, `SELECT string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM incident_event`)
	require.Equal(t, "ack_expired acknowledged opened resolved told", seen, "it was a lively night")
	states := tenantstest.Value[string](s.Bench, `SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM notice WHERE state IN ('sent', 'withdrawn')`)
	require.Equal(t, "sent withdrawn", states)
}

func TestOneLinkPressedManyTimesAtOnceAnswersOnce(t *testing.T) {
	t.Parallel()
	s := set(t)
	id := s.open(input(s.town, "duty:1"))[0].ID
	s.escalate()
	rung := s.view(id).Rungs[0].ID
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		wg.Go(func() {
			errs[n] = s.Try(s.link(), func(ctx context.Context, tx *tenants.Tx) error {
				_, err := incident.AnswerLink(ctx, tx, incident.LinkAnswer{Town: s.town, RungID: rung})
				return err
			})
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
			continue
		}
		require.Equal(t, tenants.KindGone, tenants.AsFault(err).Kind)
	}
	require.Equal(t, 1, good)
	require.Len(t, s.view(id).Acknowledgements, 1)
}
