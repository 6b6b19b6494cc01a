package tenantstest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// village is a host and a town of one consortium and a stranger's host of another, with a row of each in every tenant
// table. The rows are made from the catalogue, so that a new table is tested without a word here; what they mean does
// not matter to isolation, so the tables' CHECK constraints are taken away first.
type village struct {
	*tenantstest.Bench
	host, town, stranger int64
	tables               []string
}

func newVillage(t *testing.T) village {
	t.Helper()
	b := tenantstest.New(t)
	v := village{Bench: b, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865"), tables: tenantTables(b)}
	b.Consortium()
	v.stranger = b.Host("見本町", "010006")
	for _, c := range b.SQL(`SELECT conrelid::regclass::text AS tab, conname::text AS name FROM pg_constraint
		WHERE contype = 'c' AND connamespace = 'public'::regnamespace`) {
		b.SQL(fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT %s`, c["tab"], pgx.Identifier{c["name"].(string)}.Sanitize()))
	}
	b.SQL(`ALTER TABLE expiry DISABLE TRIGGER lawful_expiry`) // likewise: these rows obey no rule
	waiting := v.tables
	for len(waiting) > 0 {
		var later []string
		for _, table := range waiting {
			if !v.fill(t, table) {
				later = append(later, table)
			}
		}
		require.Less(t, len(later), len(waiting), "tables whose links go in a circle: %v", later)
		waiting = later
	}
	for _, table := range v.tables {
		require.EqualValues(t, 3, tenantstest.Value[int64](b, `SELECT count(DISTINCT tenant_id) FROM `+table), table)
	}
	return v
}

// something is a value for a column of the type that must not be empty, a different one each time for what may be unique.
var something = map[string]string{
	"text": `gen_random_uuid()::text`, "bytea": `uuid_send(gen_random_uuid())`, "uuid": `gen_random_uuid()`, "boolean": `false`,
	"bigint": `1`, "integer": `1`, "smallint": `1`, "numeric": `1`, "date": `'2026-11-20'`, "jsonb": `'{}'`,
	"timestamp with time zone": `'2026-11-20 12:00Z'`, "integer[]": `'{0}'`, "text[]": `'{}'`, "bigint[]": `'{}'`,
}

// fill puts a row of each town into the table, unless it links to a table that has none yet.
func (v village) fill(t *testing.T, table string) bool {
	t.Helper()
	var names, values []string
	for _, c := range v.SQL(`
		SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type, coalesce(l.tab, '') AS tab, coalesce(l.col, '') AS col
		FROM pg_attribute a LEFT JOIN LATERAL (
			SELECT c.confrelid::regclass::text AS tab, f.attname::text AS col FROM pg_constraint c
			JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[array_position(c.conkey, a.attnum)]
			WHERE c.contype = 'f' AND c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey) LIMIT 1) l ON true
		WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''`, table) {
		value, known := something[c["type"].(string)]
		require.True(t, known, "%s.%s: say what to put into a %s", table, c["name"], c["type"])
		switch {
		case c["name"] == "tenant_id":
			value = `$1::bigint`
		case c["tab"] != "":
			value = fmt.Sprintf(`(SELECT %s FROM %s WHERE tenant_id = $1 LIMIT 1)`, c["col"], c["tab"])
			if tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM `+c["tab"].(string)) == 0 {
				return false
			}
		}
		names, values = append(names, c["name"].(string)), append(values, value)
	}
	for _, town := range []int64{v.host, v.town, v.stranger} {
		v.SQL(fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s`, table, strings.Join(names, ", "), strings.Join(values, ", ")), town)
	}
	return true
}
