package retention_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
)

func (h *hall) set(series string, years int, confirmed bool) (rule retention.Rule) {
	h.t.Helper()
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		rule, err = retention.Set(ctx, tx, series, retention.Input{Years: years, Reason: "規程の改正による", Confirmed: confirmed})
		return err
	})
	return rule
}

func (h *hall) rule(who tenants.Actor, series string) (rule retention.Rule) {
	h.t.Helper()
	h.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		rule, err = retention.RuleOf(ctx, tx, series)
		return err
	})
	return rule
}

func TestALongerPeriodHoldsAtOnceAShorterOneAfterNotice(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	require.Equal(t, 1, h.rule(h.clerk, retention.SeriesCheckin).Years)
	require.Equal(t, 3, h.set(retention.SeriesCheckin, 3, false).Years)
	require.Equal(t, 3, h.rule(h.clerk, retention.SeriesCheckin).Years, "the same for every town of the consortium")

	fault := h.Fault(tenants.KindInvalid, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := retention.Set(ctx, tx, retention.SeriesCheckin, retention.Input{Years: 2, Reason: "容量のため"})
		return err
	})
	require.Equal(t, "confirmed", fault.Fields[0].Field)
	shorter := h.set(retention.SeriesCheckin, 2, true)
	require.Equal(t, 3, shorter.Years)
	require.Equal(t, 2, *shorter.Pending)
	require.Equal(t, "2019-05-20", shorter.PendingOn.String(), "no sooner than thirty days later")
	h.Clock.Set(on(2019, time.May, 19, 23))
	require.Equal(t, 3, h.rule(h.clerk, retention.SeriesCheckin).Years)
	h.Clock.Set(on(2019, time.May, 20, 0))
	now := h.rule(h.clerk, retention.SeriesCheckin)
	require.Equal(t, 2, now.Years)
	require.Nil(t, now.Pending)

	h.set(retention.SeriesCheckin, 1, true)
	back := h.set(retention.SeriesCheckin, 2, false) // thought better of
	require.Nil(t, back.Pending)
	h.Clock.Advance(60 * 24 * time.Hour)
	require.Equal(t, 2, h.rule(h.clerk, retention.SeriesCheckin).Years)
	require.EqualValues(t, 4, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE act = 'retention.write' AND tenant_id = $1`, h.host))

	// A town that joins later has the consortium's rules from its first day.
	joined := h.Town("佐呂間町", "015521")
	h.bind()
	require.EqualValues(t, 4, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM retention_rule WHERE tenant_id = $1`, joined))
}

func TestTheLogIsKeptSevenYears(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	for _, years := range []int{6, 0, -1, 101} {
		fault := h.Fault(tenants.KindInvalid, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := retention.Set(ctx, tx, retention.SeriesLog, retention.Input{Years: years, Reason: "x", Confirmed: true})
			return err
		})
		require.Equal(t, "years", fault.Fields[0].Field)
	}
	for _, series := range []string{"sign_in", "proposal", "password"} { // who used what, and who asked for what: of the same kind
		h.Fault(tenants.KindInvalid, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := retention.Set(ctx, tx, series, retention.Input{Years: 6, Reason: "x", Confirmed: true})
			return err
		})
	}
	for _, who := range []tenants.Actor{h.clerk, h.Person(h.host, tenants.Operator), h.Person(h.host, tenants.Auditor)} {
		h.Fault(tenants.KindForbidden, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := retention.Set(ctx, tx, retention.SeriesLog, retention.Input{Years: 8, Reason: "x"})
			return err
		})
	}
}

func TestANewRuleMovesWhatGoesNext(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.checkin(on(2019, time.April, 25, 12))
	h.Clock.Set(on(2020, time.June, 1, 0))
	h.bind()
	h.expire()
	next := h.rule(h.clerk, retention.SeriesCheckin)
	require.Equal(t, "2021-04-01", next.NextOn().String())
	require.EqualValues(t, 1, next.NextRows)
	require.Equal(t, "2020-04-01", next.Bound.String())
	h.set(retention.SeriesCheckin, 2, false)
	h.Clock.Set(on(2021, time.April, 1, 0))
	h.expire()
	require.EqualValues(t, 1, h.count("checkin"))
	h.set(retention.SeriesCheckin, 1, true)
	h.Clock.Set(on(2021, time.April, 30, 23))
	h.expire()
	require.EqualValues(t, 1, h.count("checkin"))
	h.Clock.Set(on(2021, time.May, 1, 0))
	h.expire()
	require.Zero(t, h.count("checkin"))
	require.EqualValues(t, 1, h.rule(h.clerk, retention.SeriesCheckin).Removed)
}

// The sweeps read what is due and nothing else, and a page asks equally often however much there is.
func TestSweepsFollowWhatIsDue(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Clock.Set(on(2019, time.June, 12, 0))
	h.bind()
	h.expire()
	quiet := h.Statements(func() { h.bind() })
	require.Len(t, quiet, 3, "two look for new towns, one for months that are over: %v", quiet)
	require.Len(t, h.Statements(func() { h.expire() }), 1)
	one := func(months int) (bind, expire, page int) {
		h.Clock.Set(h.Clock.Now().AddDate(0, months, 0))
		bind = h.QueryCount(func() { h.run(retention.Bind, 1000) })
		h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
			page = h.QueryCount(func() {
				_, err := retention.Rules(ctx, tx)
				require.NoError(t, err)
			})
			return nil
		})
		return bind, h.QueryCount(func() { h.expire() }), page
	}
	b1, e1, p1 := one(1)
	for range 40 {
		h.checkin(h.Clock.Now())
	}
	b2, e2, p2 := one(1)
	require.Equal(t, b1, b2, "no statement a row")
	require.LessOrEqual(t, e2, e1)
	require.Equal(t, p1, p2)
	require.Equal(t, 2, p1)

	h.SQL(`INSERT INTO shelf (tenant_id, kind, digest, month, bind_at, expire_at)
		SELECT $1, 'later' || i, '', '2030-01-01', '2030-01-01Z', '2030-01-01Z' FROM generate_series(1, 20000) i`, h.host)
	h.SQL(`ANALYZE shelf`)
	for _, due := range []string{
		`SELECT FROM shelf s JOIN tenant t ON t.id = s.tenant_id WHERE s.bind_at <= '2019-06-01Z' ORDER BY s.bind_at LIMIT 20 FOR UPDATE OF s SKIP LOCKED`,
		`SELECT FROM shelf s JOIN record_kind k ON k.kind = s.kind WHERE s.expire_at <= '2019-06-01Z' ORDER BY k.position, s.expire_at LIMIT 1000 FOR UPDATE OF s SKIP LOCKED`,
	} {
		var plan []string
		for _, row := range h.SQL(`EXPLAIN ` + due) {
			plan = append(plan, row["QUERY PLAN"].(string))
		}
		require.Regexp(t, `(shelf_bind|shelf_expire)`, strings.Join(plan, "\n"))
		require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan on shelf")
	}
}

// A month of uses and of what waited for a second person is bound once nothing in it is open any more.
func TestUsesAndProposalsAreBoundOnceTheyAreSettled(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	at := on(2019, time.April, 25, 12)
	h.Clock.Set(at)
	h.SQL(`INSERT INTO sign_in (tenant_id, person_id, way, began_at, seen_at, confirmed_at, remote, agent, off_hours) VALUES ($1, $2, 'password', $3, $3, $3, '', '', false)`, h.clerk.TenantID, h.clerk.PersonID, at)
	h.SQL(`INSERT INTO proposal (tenant_id, acts, towns, lines, method, uri, content_type, body, by_tenant, by_person, by_text, at)
		VALUES (CAST($1 AS bigint), '{town.write}', ARRAY[CAST($1 AS bigint)], '[]', 'POST', '/', '', '', CAST($1 AS bigint), CAST($2 AS bigint), '見本', $3)`, h.clerk.TenantID, h.clerk.PersonID, at)
	h.Clock.Set(on(2019, time.June, 1, 0))
	bound := func() (kinds string) {
		h.bind()
		return tenantstest.Value[string](h.Bench, `SELECT coalesce(string_agg(kind, ',' ORDER BY kind), '') FROM volume WHERE tenant_id = $1 AND kind IN ('sign_in', 'proposal') AND row_count > 0`, h.clerk.TenantID)
	}
	require.Empty(t, bound())
	h.Do(tenants.Job("signouts"), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.EndOver(ctx, tx, 10)
		return err
	})
	h.SQL(`UPDATE proposal SET state = 'withdrawn', decided_at = $1`, h.Clock.Now())
	h.Clock.Advance(24 * time.Hour)
	require.Equal(t, "proposal,sign_in", bound())
	_, err := h.TrySQL(`DELETE FROM sign_in`)
	require.ErrorContains(t, err, "kept")
}
