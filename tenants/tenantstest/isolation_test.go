package tenantstest_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

const denied, duplicate, restricted = "42501", "23505", "23001"

// as runs one statement as a role that sees the given towns, over the program's own login, and undoes it. It gives the
// rows affected or read, or the SQLSTATE with which the database refused.
func (v village) as(t *testing.T, role string, towns []int64, sql string, args ...any) (n int64, refused string) {
	t.Helper()
	tx, err := v.Handle.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
	if role != "" {
		_, err = tx.Exec(t.Context(), `SELECT set_config('tanamori.towns', $1, true), set_config('role', $2, true)`, tenants.IDs(towns), role)
		require.NoError(t, err)
	}
	tag, err := tx.Exec(t.Context(), sql, args...)
	if err != nil {
		var pg *pgconn.PgError
		require.ErrorAs(t, err, &pg, sql)
		return 0, pg.Code
	}
	return tag.RowsAffected(), ""
}

func (v village) may(t *testing.T, role, right, table string) bool {
	t.Helper()
	return tenantstest.Value[bool](v.Bench, `SELECT has_any_column_privilege($1, $2::regclass, $3)`, role, table, right)
}

// column is one that the role may update, or "" if there is none.
func (v village) column(role, table string) string {
	return tenantstest.Value[string](v.Bench, `SELECT coalesce((SELECT attname::text FROM pg_attribute
		WHERE attrelid = $2::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
		AND has_column_privilege($1, attrelid, attnum, 'UPDATE') ORDER BY attname = 'tenant_id' DESC, attnum LIMIT 1), '')`, role, table)
}

func TestNoTableShowsOrTakesAnotherTownsRows(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	for _, who := range []struct {
		role    string
		towns   []int64
		foreign int64
	}{
		{"tanamori_town", []int64{v.town}, v.host},
		{"tanamori_town", []int64{v.town}, v.stranger},
		{"tanamori_host", []int64{v.host, v.town}, v.stranger},
	} {
		for _, table := range v.tables {
			what := fmt.Sprintf("%s of %v, table %s, rows of %d", who.role, who.towns, table, who.foreign)
			theirs := tenantstest.Value[string](v.Bench, `SELECT to_jsonb(t)::text FROM `+table+` t WHERE tenant_id = $1 LIMIT 1`, who.foreign)
			ours := tenantstest.Value[string](v.Bench, `SELECT to_jsonb(t)::text FROM `+table+` t WHERE tenant_id = $1 LIMIT 1`, who.towns[0])

			own, refused := v.as(t, who.role, who.towns, `SELECT 1 FROM `+table)
			if v.may(t, who.role, "SELECT", table) {
				require.Empty(t, refused, what)
				require.Equal(t, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM `+table+` WHERE tenant_id = ANY($1)`, who.towns), own,
					"%s: the town reads its own rows and no other", what)
			} else {
				require.Equal(t, denied, refused, what)
			}

			insert := `INSERT INTO ` + table + ` OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::` + table + `, $1::text::jsonb)`
			_, refused = v.as(t, who.role, who.towns, insert, theirs)
			require.Equal(t, denied, refused, "%s: insert", what)
			if v.may(t, who.role, "INSERT", table) {
				_, refused = v.as(t, who.role, who.towns, insert, ours)
				require.Equal(t, duplicate, refused, "%s: the statement itself is good: the own row is there already", what)
			}

			if column := v.column(who.role, table); column != "" {
				n, refused := v.as(t, who.role, who.towns, `UPDATE `+table+` SET `+column+` = `+column+` WHERE tenant_id = $1`, who.foreign)
				require.Empty(t, refused, what)
				require.Zero(t, n, "%s: update", what)
				if column == "tenant_id" {
					_, refused = v.as(t, who.role, who.towns, `UPDATE `+table+` SET tenant_id = $2 WHERE tenant_id = $1`, who.towns[0], who.foreign)
					require.Contains(t, []string{denied, restricted}, refused, "%s: a row given away", what)
				}
			}

			n, refused := v.as(t, who.role, who.towns, `DELETE FROM `+table+` WHERE tenant_id = $1`, who.foreign)
			require.Zero(t, n, "%s: delete", what)
			if !tenantstest.Value[bool](v.Bench, `SELECT has_table_privilege($1, $2::regclass, 'DELETE')`, who.role, table) {
				require.Equal(t, denied, refused, what)
			}
		}
	}
}

func TestTheTownAndItsConsortiumAreAllThatIsSeen(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	n, _ := v.as(t, "tanamori_town", []int64{v.town}, `SELECT 1 FROM tenant`)
	require.EqualValues(t, 1, n)
	n, _ = v.as(t, "tanamori_host", []int64{v.host, v.town}, `SELECT 1 FROM tenant`)
	require.EqualValues(t, 2, n)
	n, _ = v.as(t, "tanamori_host", []int64{v.host, v.town}, `UPDATE tenant SET name = name WHERE id = $1`, v.stranger)
	require.Zero(t, n)
	_, refused := v.as(t, "tanamori_town", []int64{v.town}, `UPDATE tenant SET name = name WHERE id = $1`, v.town)
	require.Equal(t, denied, refused)
	n, _ = v.as(t, "tanamori_host", []int64{v.host, v.town}, `SELECT 1 FROM consortium`)
	require.Zero(t, n, "a transaction that names no consortium sees none")
	_, refused = v.as(t, "tanamori_host", []int64{v.host}, `INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		VALUES ($1, '010014', 'member', 'x', '', 'Asia/Tokyo', '2026-11-20', '', 'abcdefghijklmnopqrstuv', '2026-11-20Z')`,
		tenantstest.Value[int64](v.Bench, `SELECT consortium_id FROM tenant WHERE id = $1`, v.stranger))
	require.Equal(t, denied, refused, "no host adds a town to another's consortium")
}

func TestForgottenContextIsRefused(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	for _, table := range append(v.tables, "tenant", "consortium", "installation", "sign_in_wait", "outage", "heartbeat", "round", "outward") {
		for _, statement := range []string{`SELECT 1 FROM `, `DELETE FROM `} {
			_, refused := v.as(t, "", nil, statement+table)
			require.Equal(t, denied, refused, "no role taken: %s%s", statement, table)
		}
		for _, role := range []string{"tanamori_town", "tanamori_host"} {
			if v.may(t, role, "SELECT", table) && table != "outage" && table != "round" && table != "outward" {
				n, refused := v.as(t, role, nil, `SELECT 1 FROM `+table)
				require.Empty(t, refused)
				require.Zero(t, n, "%s with no towns reads %s", role, table)
			}
		}
	}
	require.ErrorContains(t, v.Try(tenants.Actor{Posts: []tenants.Post{tenants.HostAdmin}, Towns: []int64{v.host}}, nil), "an actor nobody made")
}

func TestTheContextIsGoneAfterTheTransaction(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	conn, err := v.Handle.Pool.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	for _, commit := range []bool{true, false} {
		tx, err := conn.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `SELECT set_config('tanamori.towns', $1, true), set_config('role', 'tanamori_host', true)`, strconv.FormatInt(v.host, 10))
		require.NoError(t, err)
		if commit {
			require.NoError(t, tx.Commit(t.Context()))
		} else {
			require.NoError(t, tx.Rollback(t.Context()))
		}
		var pg *pgconn.PgError
		_, err = conn.Exec(t.Context(), `SELECT 1 FROM server`)
		require.ErrorAs(t, err, &pg)
		require.Equal(t, denied, pg.Code)
		var towns []int64
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT tanamori_towns()`).Scan(&towns))
		require.Empty(t, towns)
	}
}

func TestLedgersAreAppendOnlyForTheirOwnerToo(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ledgers := map[string][]string{ // and the columns that are filled in once the row stands
		"operation_log":   nil,
		"log_review":      nil,
		"notice_also":     nil,
		"attempt":         {"ended_at", "outcome", "detail"},
		"acknowledgement": nil,
		"incident_event":  nil,
		"confirmation":    nil,
		"excuse":          nil,
		"duty_answer":     {"taken_at"},
		"rack_check":      nil,
		"key_event":       nil,
		"key_approval":    nil,
		"key_inventory":   nil,

		"key_inventory_line": nil,

		"checkin":        {"taken_at"},
		"verification":   nil,
		"retention_rule": nil,
		"volume":         nil,
		"expiry":         nil,
		"appointment":    nil,
		"room_permit":    {"revoked_at", "revoked_by", "revoked_why"},
		"room_visit":     {"duty_id"},
		"room_visitor":   nil,
		"room_decision":  nil,
		"badge_event":    nil,
		"room_entry":     {"duty_id"},
		"room_exit":      nil,
		"room_lock":      nil,
		"room_review":    nil,

		"observance":            nil,
		"observance_acceptance": nil,
		"correction":            nil,
		"credential_event":      {"taken_at"},
		"password_event":        nil,
		"tlog_event":            nil,
		"tlog_key":              nil,
		"tlog_leaf":             nil,
		"tlog_tile":             nil,
		"tlog_checkpoint":       nil,
	}
	require.EqualValues(t, len(ledgers), tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM pg_trigger WHERE tgname = 'append_only'`),
		"every append-only table stands in this list")
	for table, later := range ledgers {
		columns := v.SQL(`SELECT attname::text AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
			WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND NOT attname = ANY ($2)`, table, append([]string{""}, later...))
		changed := 0
		for _, column := range columns {
			other, known := map[any]string{
				"text": `coalesce(%s, '') || 'x'`, "bigint": `coalesce(%s, 0) + 1`, "integer": `%s + 1`, "smallint": `coalesce(%s, 0) + 1`,
				"timestamp with time zone": `%s + interval '1 hour'`, "date": `%s + 1`, "boolean": `NOT %s`, "text[]": `array_append(%s, 'x')`, "jsonb": `'{"a": 1}'`, "uuid": `gen_random_uuid()`, "bytea": `'\x01'`,
			}[column["type"]]
			require.True(t, known, "%s.%s: say how to change a %s", table, column["name"], column["type"])
			if column["type"] != "jsonb" && column["type"] != "uuid" && column["type"] != "bytea" {
				other = fmt.Sprintf(other, pgx.Identifier{column["name"].(string)}.Sanitize())
			}
			v.refused(t, fmt.Sprintf(`UPDATE %s SET %s = %s`, table, pgx.Identifier{column["name"].(string)}.Sanitize(), other))
			changed++
		}
		require.Greater(t, changed, 3)
		v.refused(t, `DELETE FROM `+table)
		v.refused(t, `TRUNCATE `+table+` CASCADE`)
	}
	v.SQL(`UPDATE attempt SET ended_at = '2026-11-21Z', outcome = 'sent'`)
	v.SQL(`UPDATE checkin SET taken_at = '2026-11-21Z'`)

	v.SQL(`UPDATE occurrence SET verdict = 'met', reason_code = 'x', reason_params = '{}', judged_at = '2026-11-21Z'`)
	v.refused(t, `DELETE FROM occurrence`)
	v.refused(t, `UPDATE occurrence SET verdict = 'late'`)
	for _, table := range []string{"run", "notice", "incident", "rung"} { // they change, but do not vanish
		v.refused(t, `DELETE FROM `+table)
	}
}

func (v village) refused(t *testing.T, statement string) {
	t.Helper()
	var pg *pgconn.PgError
	_, err := v.TrySQL(statement)
	require.ErrorAs(t, err, &pg, statement)
	require.Equal(t, restricted, pg.Code, statement)
}
