package migrations_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tanamori/migrations"
)

// The corrections that custody kept in its own lines come over one by one: a line that left a field empty said nothing of it,
// and the second of a line is of what the first had made of it.
func TestCustodysOwnCorrectionsAreCarriedOver(t *testing.T) {
	t.Parallel()
	where := empty(t, "carried")
	require.NoError(t, migrations.Apply(t.Context(), where))
	conn, err := pgx.Connect(t.Context(), where)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the test is over
	run := func(sql string, args ...any) {
		_, err := conn.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	run(`SET TIME ZONE 'UTC'`)
	// As migration 21 left it, with a password and its lines.
	run(`ALTER TABLE credential_event DROP CONSTRAINT credential_event_corrected_elsewhere`)
	run(`INSERT INTO consortium (name, created_at) VALUES ('見本', '2026-04-01Z')`)
	run(`INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		SELECT id, '013943', 'host', '蘭越町', '', 'Asia/Tokyo', '2026-04-01', '', 'abcdefghijklmnopqrstuv', '2026-04-01Z' FROM consortium`)
	run(`INSERT INTO person (tenant_id, login, name, password_hash, created_at) SELECT t.id, x, x, '', '2026-04-01Z' FROM tenant t, unnest(ARRAY['one', 'two']) x`)
	run(`INSERT INTO credential (tenant_id, kind, name, applies_to, rotate_months, open_days, envelope, place, set_at, set_by, due_on, created_at)
		SELECT id, 'startup', '戸籍サーバ', '起動画面', 12, 7, 'K-1', '金庫', '2026-11-20Z', '見本', '2027-11-19', '2026-11-20Z' FROM tenant`)
	run(`INSERT INTO tlog_checkpoint (tenant_id, size, root, note, key_id, at) SELECT id, 1, decode(repeat('00', 32), 'hex'), '', 1, '2026-11-21Z' FROM tenant`)
	line := func(kind, occurred, recorded, envelope, place, reason, corrected string, corrects any) (id int64) {
		require.NoError(t, conn.QueryRow(t.Context(), `INSERT INTO credential_event (tenant_id, credential_id, kind, occurred_at, recorded_at, by_id, by_text, witness_id, witness_text, recorded_by,
				envelope, place, reason, corrects_id, corrected)
			SELECT c.tenant_id, c.id, $1, $2::text::timestamptz, $3::text::timestamptz, (SELECT id FROM person WHERE login = 'one'), '見本 一', (SELECT id FROM person WHERE login = 'two'), '見本 二', '見本 一', $4, $5, $6, $7::bigint, $8
			FROM credential c RETURNING id`, kind, occurred, recorded, envelope, place, reason, corrects, corrected).Scan(&id))
		return id
	}
	first := line("set", "2026-11-20 01:00Z", "2026-11-20 01:05Z", "K-1", "金庫", "", "", nil)
	line("corrected", "2026-11-20 01:00Z", "2026-11-20 02:00Z", "K-2", "", "番号の誤り", "", first)
	line("corrected", "2026-11-20 00:30Z", "2026-11-20 03:00Z", "K-3", "", "時刻と番号の誤り", "定期", first)

	b, err := os.ReadFile("00022_correction.sql")
	require.NoError(t, err)
	begin := strings.Index(string(b), "DO $$")
	end := begin + strings.Index(string(b)[begin:], "END $$;")
	run(string(b)[begin : end+len("END $$;")])

	rows, err := conn.Query(t.Context(), `SELECT row_id = $1 AND ledger = 'credential_event', n, about, was::text, becomes::text, reason, by_text, approver, by_id <> approver_id,
		to_char(at AT TIME ZONE 'UTC', 'HH24:MI'), recorded_at > at FROM correction ORDER BY id`, first)
	require.NoError(t, err)
	type carried struct {
		Mine                                      bool
		N                                         int
		About, Was, Becomes, Reason, By, Approver string
		Two                                       bool
		At                                        string
		Later                                     bool // when it was written down here: the log of evidence has it from then on
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[carried])
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, carried{true, 1, "戸籍サーバ", `{"envelope": "K-1"}`, `{"envelope": "K-2"}`, "番号の誤り", "見本 一", "見本 二", true, "02:00", true}, got[0])
	require.Equal(t, 2, got[1].N)
	require.Contains(t, got[1].Was, `"envelope": "K-2"`)
	require.Contains(t, got[1].Was, `"reason_given": ""`)
	require.Contains(t, got[1].Was, `01:00:00+00:00`)
	require.Contains(t, got[1].Becomes, `"envelope": "K-3"`)
	require.Contains(t, got[1].Becomes, `"reason_given": "定期"`)
	require.Contains(t, got[1].Becomes, `00:30:00+00:00`)
	require.NotContains(t, got[1].Becomes, "place")
}
