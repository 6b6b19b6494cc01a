package history

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

// TestEverySearchIsReadFromAnIndex looks at the plans: no search reads the log from end to end, whatever is asked, for a
// host of few towns, of many, and for a town. LINES=1000000 go test -run ReadFromAnIndex -v shows them over so many lines.
func TestEverySearchIsReadFromAnIndex(t *testing.T) {
	t.Parallel()
	lines := 30_000
	if n, err := strconv.Atoi(os.Getenv("LINES")); err == nil {
		lines = n
	}
	for _, towns := range []int{9, 1741} {
		t.Run(fmt.Sprint(towns, " towns"), func(t *testing.T) {
			t.Parallel()
			b := tenantstest.New(t)
			host := b.Host("蘭越町", "013943")
			b.SQL(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
				SELECT consortium_id, lpad(i::text, 6, '0'), 'member', '見本町' || i, '', 'Asia/Tokyo', '2020-04-01', '', lpad(i::text, 22, '0'), created_at
				FROM tenant, generate_series(1, $2) i WHERE id = $1`, host, towns-1)
			// Seven years of nights confirmed by the same two, towns' own acts now and then, and a few rare things.
			b.SQL(`INSERT INTO operation_log (tenant_id, at, actor_id, actor, post, act, object, object_id, after, request_id, remote)
				SELECT t.id, $2::timestamptz - make_interval(secs => 220.0 * i * 1000000 / $1), CASE WHEN x.own THEN 100 + t.n ELSE 1 + i % 2 END,
					CASE WHEN x.own THEN '住民課長 見本 ' || t.n || '号' ELSE '操作者 見本 ' || (ARRAY['花子', '次郎'])[1 + i % 2] END,
					CASE WHEN x.own THEN 'town' ELSE 'operator' END,
					CASE WHEN i % 9973 = 0 THEN 'retention.write' WHEN x.own THEN 'incident.acknowledge' WHEN i % 5 = 0 THEN 'town.look' ELSE 'duty.confirm' END,
					CASE WHEN i % 9973 = 0 THEN 'retention_rule' WHEN x.own THEN 'incident' WHEN i % 5 = 0 THEN 'plan' ELSE 'occurrence' END, i, '{"night": "2026-11-20"}',
					'r' || (i / $3), '192.0.2.1'
				FROM generate_series(1, $1) i CROSS JOIN LATERAL (SELECT i % 20 = 0 AS own) x
				JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM tenant) t ON t.n = 1 + (i * 7919::bigint) % $3`, lines, b.Clock.Now(), towns)
			b.SQL(`VACUUM ANALYZE operation_log`)
			b.SQL(`ANALYZE log_actor`)
			for _, i := range b.SQL(`SELECT relname::text AS name, pg_relation_size(oid) / 1000000 AS mb FROM pg_class WHERE relname LIKE 'operation\_log%' ORDER BY 1`) {
				t.Logf("%-24s %5d MB", i["name"], i["mb"])
			}
			admin := b.Person(host, tenants.HostAdmin)
			one := admin.Towns[len(admin.Towns)/2]
			clerk := b.Person(one, tenants.Town)
			month := b.Clock.Now().AddDate(0, -8, 0)
			for _, s := range []struct {
				name string
				Search
			}{
				{"newest", Search{}}, {"a page further", Search{After: Cursor{month, 1 << 40}}}, {"a month", Search{From: month, To: month.AddDate(0, 1, 0)}},
				{"a person by id", Search{Person: 1}}, {"a person of a town", Search{Who: "見本　3号"}}, {"everybody", Search{Who: "見本"}}, {"nobody", Search{Who: "だれもいない"}},
				{"a frequent act", Search{Act: "duty.confirm"}}, {"a rare act", Search{Act: "retention.write"}}, {"an act in a month", Search{Act: "incident.acknowledge", From: month, To: month.AddDate(0, 1, 0)}},
				{"a rare noun", Search{Object: "retention_rule"}}, {"one thing", Search{Object: "occurrence", ObjectID: int64(lines/2 + 1)}}, {"one that is not there", Search{Object: "occurrence", ObjectID: 1 << 40}},
				{"a request", Search{Request: "r77"}}, {"a post", Search{Post: "town"}}, {"a post in a month", Search{Post: "town", From: month, To: month.AddDate(0, 1, 0)}},
			} {
				for who, actor := range map[string]tenants.Actor{"host": admin, "host, one town": admin, "town": clerk} {
					s := s
					s.Limit = 50
					if who == "host, one town" {
						s.Town = one
					}
					plan, pages, took := explained(t, b, actor, s.Search)
					t.Logf("%-24s %-16s %7.2f ms %6d pages", s.name, who, float64(took.Microseconds())/1000, pages)
					require.NotContains(t, plan, "Seq Scan on operation_log", "%s, %s", s.name, who)
					if lines >= 1_000_000 && os.Getenv("PLANS") != "" {
						t.Log(plan)
					}
				}
			}
		})
	}
}

// explained is how the database reads a search: its plan, how many pages of 8 kB that was, and how long it took.
func explained(t *testing.T, b *tenantstest.Bench, actor tenants.Actor, s Search) (plan string, pages int, took time.Duration) {
	t.Helper()
	b.Do(actor, func(_ context.Context, tx *tenants.Tx) error {
		towns, err := within(tx, s)
		if err != nil {
			return err
		}
		args := s.args(tx, towns)
		began := time.Now()
		all, err := statements(tx, s, towns, args)
		if err != nil {
			return err
		}
		for _, rows := range all {
			var lines []string
			if err := tx.DB.Raw(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) `+rows, args).Scan(&lines).Error; err != nil {
				return err
			}
			took = time.Since(began)
			plan += strings.Join(lines, "\n") + "\n"
			for _, l := range lines {
				if _, after, ok := strings.Cut(l, "Buffers: "); ok { // of the topmost, which has all
					for _, word := range strings.Fields(after) {
						if _, n, ok := strings.Cut(word, "="); ok {
							k, err := strconv.Atoi(n)
							require.NoError(t, err)
							pages += k
						}
					}
					break
				}
			}
			if strings.Contains(lines[0], "actual rows="+strconv.Itoa(s.Limit)+" ") {
				break
			}
		}
		return nil
	})
	return plan, pages, took
}
