package tlog_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// tampering is one thing that the owner of the database does behind everybody's back; false where there is nothing to do it to.
type tampering struct {
	name string
	do   func(h *hall, r *rand.Rand) (what string)
}

// column picks a ledger, one of its rows that is in the log, and a column that its leaf is made of.
func (h *hall) column(r *rand.Rand) (kind, column, kindOf string, id int64) {
	h.t.Helper()
	rows := h.SQL(`SELECT l.kind, l.row_id, f.columns FROM tlog_leaf l JOIN tlog_form f ON f.id = l.form_id WHERE l.tenant_id = $1 ORDER BY l.leaf_index`, h.town)
	row := rows[r.IntN(len(rows))]
	kind, id = row["kind"].(string), row["row_id"].(int64)
	columns := row["columns"].([]any)
	column = columns[r.IntN(len(columns))].(string)
	return kind, column, tenantstest.Value[string](h.Bench, `SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2`, kind, column), id
}

// otherwise says for a type how another value is made of one.
var otherwise = map[string]string{
	"text": `coalesce({c}, '') || 'x'`, "bigint": `coalesce({c}, 0) + 1000000`, "integer": `coalesce({c}, 0) + 1`, "smallint": `coalesce({c}, 0) + 1`,
	"timestamp with time zone": `coalesce({c}, '2026-01-01Z') - interval '1 microsecond'`, "date": `coalesce({c}, '2026-01-01') + 1`, "jsonb": `coalesce({c}, '{}') || '{"z": 1}'`,
	"uuid": `gen_random_uuid()`, "bytea": `coalesce({c}, '') || '\x00'`, "text[]": `array_append({c}, 'x')`,
}

var tamperings = []tampering{
	{"change a value", func(h *hall, r *rand.Rand) string {
		kind, column, of, id := h.column(r)
		other, ok := otherwise[of]
		require.True(h.t, ok, "say how to change a %s", of)
		require.EqualValues(h.t, 1, h.behind(fmt.Sprintf(`UPDATE %s SET %q = %s WHERE tenant_id = $1 AND id = $2`, kind, column, fillIn(other, column)), h.town, id))
		return fmt.Sprintf("%s.%s of %d", kind, column, id)
	}},
	{"move a row to another town", func(h *hall, r *rand.Rand) string {
		kind, _, _, id := h.column(r)
		require.EqualValues(h.t, 1, h.behind(`UPDATE `+kind+` SET tenant_id = $2 WHERE tenant_id = $1 AND id = $3`, h.town, h.host, id))
		return fmt.Sprintf("%s %d", kind, id)
	}},
	{"remove a row", func(h *hall, r *rand.Rand) string {
		kind, _, _, id := h.column(r)
		require.EqualValues(h.t, 1, h.behind(`DELETE FROM `+kind+` WHERE tenant_id = $1 AND id = $2`, h.town, id))
		return fmt.Sprintf("%s %d", kind, id)
	}},
	{"remove a row and its leaf", func(h *hall, r *rand.Rand) string {
		kind, _, _, id := h.column(r)
		h.behind(`DELETE FROM `+kind+` WHERE tenant_id = $1 AND id = $2`, h.town, id)
		require.EqualValues(h.t, 1, h.behind(`DELETE FROM tlog_leaf WHERE tenant_id = $1 AND kind = $2 AND row_id = $3`, h.town, kind, id))
		return fmt.Sprintf("%s %d", kind, id)
	}},
	{"remove a row and close the gap", func(h *hall, r *rand.Rand) string {
		kind, _, _, id := h.column(r)
		h.behind(`DELETE FROM `+kind+` WHERE tenant_id = $1 AND id = $2`, h.town, id)
		at := tenantstest.Value[int64](h.Bench, `SELECT leaf_index FROM tlog_leaf WHERE tenant_id = $1 AND kind = $2 AND row_id = $3`, h.town, kind, id)
		h.behind(`DELETE FROM tlog_leaf WHERE tenant_id = $1 AND leaf_index = $2`, h.town, at)
		h.behind(`UPDATE tlog_leaf SET leaf_index = -leaf_index WHERE tenant_id = $1 AND leaf_index > $2`, h.town, at)
		h.behind(`UPDATE tlog_leaf SET leaf_index = -leaf_index - 1 WHERE tenant_id = $1 AND leaf_index < 0`, h.town)
		h.behind(`UPDATE tlog_tree SET size = size - 1 WHERE tenant_id = $1`, h.town)
		return fmt.Sprintf("%s %d, leaf %d", kind, id, at)
	}},
	{"change the order of leaves", func(h *hall, r *rand.Rand) string {
		n := tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE tenant_id = $1`, h.town)
		a := r.Int64N(n)
		b := (a + 1 + r.Int64N(n-1)) % n
		h.behind(`UPDATE tlog_leaf SET leaf_index = CASE leaf_index WHEN $2 THEN 1000000 ELSE 1000001 END WHERE tenant_id = $1 AND leaf_index IN ($2, $3)`, h.town, a, b)
		h.behind(`UPDATE tlog_leaf SET leaf_index = CASE leaf_index WHEN 1000000 THEN $3::bigint ELSE $2 END WHERE tenant_id = $1 AND leaf_index >= 1000000`, h.town, a, b)
		return fmt.Sprintf("leaves %d and %d", a, b)
	}},
	{"exchange two rows", func(h *hall, r *rand.Rand) string {
		pair := h.SQL(`SELECT row_id FROM tlog_leaf WHERE tenant_id = $1 AND kind = 'operation_log' ORDER BY row_id LIMIT 2 OFFSET $2`, h.town, r.IntN(5))
		a, b := pair[0]["row_id"].(int64), pair[1]["row_id"].(int64)
		h.behind(`UPDATE operation_log SET id = CASE id WHEN $2 THEN -1 ELSE -2 END WHERE tenant_id = $1 AND id IN ($2, $3)`, h.town, a, b)
		h.behind(`UPDATE operation_log SET id = CASE id WHEN -1 THEN $3::bigint ELSE $2 END WHERE tenant_id = $1 AND id < 0`, h.town, a, b)
		return fmt.Sprintf("operation_log %d and %d", a, b)
	}},
	{"cut off the end", func(h *hall, r *rand.Rand) string {
		n := tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_leaf WHERE tenant_id = $1`, h.town)
		keep := n - 1 - r.Int64N(n/2)
		for _, row := range h.SQL(`SELECT kind, row_id FROM tlog_leaf WHERE tenant_id = $1 AND leaf_index >= $2`, h.town, keep) {
			h.behind(`DELETE FROM `+row["kind"].(string)+` WHERE tenant_id = $1 AND id = $2`, h.town, row["row_id"])
		}
		h.behind(`DELETE FROM tlog_leaf WHERE tenant_id = $1 AND leaf_index >= $2`, h.town, keep)
		if r.IntN(2) == 0 {
			h.behind(`DELETE FROM tlog_checkpoint WHERE tenant_id = $1 AND size > $2`, h.town, keep)
		}
		return fmt.Sprintf("from %d of %d", keep, n)
	}},
	{"write a leaf anew", func(h *hall, r *rand.Rand) string {
		kind, _, _, id := h.column(r)
		h.behind(`UPDATE tlog_leaf SET hash = sha256(hash) WHERE tenant_id = $1 AND kind = $2 AND row_id = $3`, h.town, kind, id)
		return fmt.Sprintf("%s %d", kind, id)
	}},
	{"change a row and its leaf", func(h *hall, r *rand.Rand) string {
		lines := h.SQL(`SELECT leaf_index, row_id FROM tlog_leaf WHERE tenant_id = $1 AND kind = 'operation_log'`, h.town)
		line := lines[r.IntN(len(lines))]
		h.behind(`UPDATE operation_log SET actor = 'x' WHERE tenant_id = $1 AND id = $2`, h.town, line["row_id"])
		h.rehash(line["leaf_index"].(int64), line["row_id"].(int64))
		return fmt.Sprintf("operation_log %d", line["row_id"])
	}},
	{"put in a row of long ago", func(h *hall, r *rand.Rand) string {
		ids := h.SQL(`SELECT id FROM operation_log WHERE tenant_id = $1 ORDER BY id OFFSET 1`, h.town)
		id := ids[r.IntN(len(ids))]["id"].(int64)
		h.behind(`INSERT INTO operation_log SELECT tenant_id, id + 500000, at - interval '1 day', actor_id, actor, post, act, object, object_id, before, after, request_id, remote
			FROM operation_log WHERE tenant_id = $1 AND id = $2`, h.town, id)
		return fmt.Sprintf("operation_log %d", id+500000)
	}},
	{"exchange a checkpoint", func(h *hall, r *rand.Rand) string {
		h.behind(`UPDATE tlog_checkpoint SET root = sha256(root) WHERE tenant_id = $1 AND size = (SELECT size FROM tlog_checkpoint WHERE tenant_id = $1 ORDER BY random() LIMIT 1)`, h.town)
		return "a root"
	}},
}

func fillIn(sql, column string) string {
	return string(bytes.ReplaceAll([]byte(sql), []byte("{c}"), fmt.Appendf(nil, "%q", column)))
}

// rehash makes the leaf of a line of the operation log fit again, as somebody would who knows how leaves are made.
func (h *hall) rehash(leaf, id int64) {
	h.t.Helper()
	row := tenantstest.Value[string](h.Bench, `SELECT row_to_json(x)::text FROM (SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, actor_id, actor, post, act, object,
		object_id, before, after, request_id, remote FROM operation_log WHERE tenant_id = $1 AND id = $2) x`, h.town, id)
	before := tenantstest.Value[[]byte](h.Bench, `SELECT hash FROM tlog_leaf WHERE tenant_id = $1 AND leaf_index = $2`, h.town, leaf)
	hash, err := evidence.Leaf{ID: id, Row: []byte(row), Series: "operation_log", Town: "015865"}.Hash()
	require.NoError(h.t, err)
	require.NotEqual(h.t, before, hash)
	require.EqualValues(h.t, 1, h.behind(`UPDATE tlog_leaf SET hash = $3 WHERE tenant_id = $1 AND leaf_index = $2`, h.town, leaf, hash))
}

// lay takes every guard away that the owner of a database can take away, and keeps a copy of all that is tampered with.
func (h *hall) lay() (tables []string) {
	h.t.Helper()
	for _, c := range h.SQL(`SELECT conrelid::regclass::text AS tab, conname::text AS name FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace`) {
		h.SQL(fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT %q`, c["tab"], c["name"]))
	}
	for _, row := range h.SQL(`SELECT kind AS tab FROM tlog_series UNION SELECT relname::text FROM pg_class WHERE relname LIKE 'tlog\_%' AND relkind = 'r' ORDER BY 1`) {
		tables = append(tables, row["tab"].(string))
	}
	for _, table := range tables {
		if tenantstest.Value[bool](h.Bench, `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'id' AND attidentity = 'a')`, table) {
			h.SQL(`ALTER TABLE ` + table + ` ALTER id SET GENERATED BY DEFAULT`)
		}
		h.SQL(`CREATE TABLE copy_of_` + table + ` AS TABLE ` + table)
	}
	return tables
}

// undo puts everything back.
func (h *hall) undo(tables []string) {
	h.t.Helper()
	for _, table := range tables {
		h.behind(`DELETE FROM ` + table)
		h.behind(`INSERT INTO ` + table + ` SELECT * FROM copy_of_` + table)
	}
}

// TestAHundredTamperingsAreFound does a hundred random things to databases, one at a time, and looks at what the audit and the
// offline check find: the audit every one, and the check of a file, with the checkpoint that the town was sent, every one
// that is in the file.
func TestAHundredTamperingsAreFound(t *testing.T) {
	t.Parallel()
	const databases, each = 5, 20
	found := make([]int, databases)
	t.Run("in", func(t *testing.T) {
		for d := range databases {
			t.Run(fmt.Sprint(d), func(t *testing.T) {
				t.Parallel()
				h := newHall(t)
				h.nights(5)
				if d%2 == 0 { // a tree with tiles
					h.log(250)
					h.gather()
				}
				require.Empty(t, h.inspect(), "all is well before")
				kept := h.state().Note
				tables := h.lay()
				for n := range each {
					r := rand.New(rand.NewPCG(uint64(d), uint64(n)))
					h.tamper(tamperings[(d*each+n)%len(tamperings)], r, kept)
					found[d]++
					h.undo(tables)
				}
				require.Empty(t, h.inspect(), "and all is well when everything is back")
			})
		}
	})
	require.Equal(t, slices.Repeat([]int{each}, databases), found, "a hundred of a hundred")
}

func (h *hall) tamper(of tampering, r *rand.Rand, kept string) {
	h.t.Helper()
	what := of.do(h, r)
	if r.IntN(2) == 0 { // life goes on
		h.Clock.Advance(time.Minute)
		h.night()
		require.NoError(h.t, h.tryGather())
	}
	require.NotEmpty(h.t, h.inspect(), "%s: %s", of.name, what)
	require.Positive(h.t, h.breaches())
	// What stands in a ledger without a leaf is in no file; a removed checkpoint leaves the rest as good as it was.
	if of.name == "put in a row of long ago" || of.name == "exchange a checkpoint" {
		return
	}
	report, err := evidence.Check(bytes.NewReader(h.whole()), evidence.Trust{Checkpoints: []string{kept}})
	require.True(h.t, err != nil || !report.Holds(), "the file shows it too: %s: %s", of.name, what)
}

func (h *hall) tryGather() error {
	return h.Try(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.Gather(ctx, tx, 50)
		return err
	})
}

// Who owns the database has its keys as well, and can make all of it anew from some point on: leaves, tiles, roots and
// signatures. Inside nothing disagrees. The town's own checkpoint does.
func TestWhoMakesEverythingAnewIsFoundByWhatTheTownHolds(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(3)
	kept := h.state().Note
	h.behind(`UPDATE operation_log SET actor = '見本 偽' WHERE tenant_id = $1 AND id = (SELECT min(id) FROM operation_log WHERE tenant_id = $1)`, h.town)
	for _, table := range []string{"tlog_leaf", "tlog_tile", "tlog_checkpoint", "tlog_due", "tlog_inspection"} {
		h.behind(`DELETE FROM `+table+` WHERE tenant_id = $1`, h.town)
	}
	h.behind(`UPDATE tlog_tree SET size = 0, edge = '', signed_size = 0 WHERE tenant_id = $1`, h.town)
	for _, s := range h.SQL(`SELECT kind, settled FROM tlog_series`) {
		condition := s["settled"].(string)
		if condition == "" {
			condition = "true"
		}
		h.SQL(fmt.Sprintf(`INSERT INTO tlog_due (tenant_id, kind, row_id) SELECT tenant_id, '%s', id FROM %s t WHERE tenant_id = $1 AND %s ORDER BY id`, s["kind"], s["kind"], condition), h.town)
	}
	h.gather()
	require.Empty(t, h.inspect(), "from inside nothing is to be seen")
	file := h.whole()
	require.True(t, h.verify(file, evidence.Trust{}).Holds())
	r := h.verify(file, evidence.Trust{Checkpoints: []string{kept}})
	require.False(t, r.Holds())
	require.Contains(t, said(r), "is not that of this file")

	// And who cuts the end off with everything that belongs to it.
	h.nights(2)
	kept = h.state().Note
	short := file
	require.True(t, h.verify(short, evidence.Trust{}).Holds())
	require.Contains(t, said(h.verify(short, evidence.Trust{Checkpoints: []string{kept}})), "its end was cut off")
}

// What is found is told by its row, and is no finding any more when it is put right.
func TestAFindingNamesTheRowAndGoesWhenItIsPutRight(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	id := tenantstest.Value[int64](h.Bench, `SELECT max(id) FROM checkin WHERE tenant_id = $1`, h.town)
	h.behind(`UPDATE checkin SET at = at - interval '6 hours' WHERE tenant_id = $1 AND id = $2`, h.town, id)
	found := h.inspect()
	require.Len(t, found, 1)
	require.Equal(t, []any{"changed", "checkin", id}, []any{found[0].What, found[0].Kind, found[0].RowID})
	require.Equal(t, 1, h.breaches())
	require.Len(t, h.inspect(), 1, "once")
	r := h.verify(h.whole(), evidence.Trust{})
	require.Len(t, r.Findings, 1)
	require.Equal(t, []any{"checkin", id}, []any{r.Findings[0].Series, r.Findings[0].ID})
	h.behind(`UPDATE checkin SET at = at + interval '6 hours' WHERE tenant_id = $1 AND id = $2`, h.town, id)
	require.Empty(t, h.inspect())
	require.Zero(t, h.breaches())
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_finding WHERE gone_at IS NOT NULL`), "that it was is not forgotten")
}

// A row that is gone before it is gathered leaves its line behind.
func TestARowThatIsGoneBeforeItIsGatheredIsTold(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(1)
	h.log(2)
	h.behind(`DELETE FROM operation_log WHERE tenant_id = $1 AND id = (SELECT max(id) FROM operation_log WHERE tenant_id = $1)`, h.town)
	h.gather()
	require.Equal(t, 1, h.breaches())
	require.EqualValues(t, 0, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_due WHERE lost_at IS NULL`))
}

// A row that says that it was written down long before it came is told by the check of a file, and of those that are only
// as late as their transaction none is.
func TestABackDatedRowIsFound(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(3)
	h.Clock.Advance(9 * time.Hour)
	h.nights(1)
	now := h.Clock.Now()
	insert := func(at time.Time) int64 {
		return tenantstest.Value[int64](h.Bench, `INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote) VALUES ($1, $2, 'x', '', 'x', 'x', '', '') RETURNING id`, h.town, at)
	}
	insert(now.Add(-10 * time.Minute))
	old := insert(now.Add(-5 * time.Hour))
	h.gather()
	r := h.verify(h.whole(), evidence.Trust{})
	require.Equal(t, 1, r.Wrongs, said(r))
	require.Equal(t, old, r.Findings[0].ID)
	require.Contains(t, r.Findings[0].En, "it was added after")
	require.True(t, slices.ContainsFunc(r.Findings, func(f evidence.Finding) bool { return f.Ja != "" }))
}
