package history_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/history"
	"tanamori/tenants/tenantstest"
)

func (h house) export(who tenants.Actor, s history.Search, f history.Format, words history.Words) (file string, rows int64, err error) {
	var t history.Taken
	err = h.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		t, err = history.TakeOut(ctx, tx, s, f)
		return err
	})
	if err != nil {
		return "", 0, err
	}
	var b bytes.Buffer
	err = h.Try(who, func(ctx context.Context, tx *tenants.Tx) error { return history.Write(ctx, tx, t, words, &b) })
	return b.String(), t.Rows, err
}

func TestAnExportIsASearchAndALine(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.did(h.operator, tenants.Line{Town: h.town, Act: tenants.WritePlan, Object: "plan", ObjectID: 7, Before: map[string]any{"name": "=cmd|' /C calc'!A0"}, After: map[string]any{"name": "a\nb \"c\""}})
	h.did(h.clerk, tenants.Line{Town: h.town, Act: tenants.WriteContact, Object: "contact", ObjectID: 8})
	h.did(h.admin, tenants.Line{Town: h.host, Act: tenants.WriteTown, Object: "town", ObjectID: 9})
	file, rows, err := h.export(h.auditor, history.Search{Town: h.town}, history.CSV, history.Words{Act: func(a string) string { return "<" + a + ">" }})
	require.NoError(t, err)
	require.EqualValues(t, 2, rows)
	require.True(t, strings.HasPrefix(file, "\ufeff日時,団体コード,"))
	require.Zero(t, strings.Count(strings.ReplaceAll(file, "\r\n", ""), "\r"))
	require.True(t, strings.HasSuffix(file, "\r\n"))
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 3)
	require.Equal(t, []string{"2026-11-21T07:30:00.000+09:00", "015865", "むかわ町"}, records[2][:3])
	require.Equal(t, []string{"操作者 見本 二郎", fmt.Sprint(h.operator.PersonID), "operator", "<plan.write>", "plan.write", "plan", "plan", "7", `{"name": "=cmd|' /C calc'!A0"}`,
		`{"name": "a\nb \"c\""}`, "test", "192.0.2.1"}, records[2][4:])
	require.True(t, told(t, h, "auditor", h.town, map[string]any{"format": "csv", "rows": 2, "search": map[string]any{"town_id": h.town}}))

	// A town takes out what it reads, and no more.
	lines, rows, err := h.export(h.clerk, history.Search{}, history.JSONL, history.Words{})
	require.NoError(t, err)
	require.EqualValues(t, 3, rows, "the auditor's export is about the town as well")
	var got []map[string]any
	for line := range strings.Lines(lines) {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		got = append(got, v)
	}
	require.Len(t, got, 3)
	require.Empty(t, got[0]["remote"])
	require.Equal(t, "192.0.2.1", got[1]["remote"], "of the town's own people")
	require.Equal(t, map[string]any{"name": "a\nb \"c\""}, got[2]["after"])
	_, _, err = h.export(h.clerk, history.Search{Town: h.host}, history.JSONL, history.Words{})
	require.Equal(t, tenants.KindNotFound, tenants.AsFault(err).Kind)
	_, _, err = h.export(h.operator, history.Search{}, history.JSONL, history.Words{})
	require.Equal(t, tenants.KindForbidden, tenants.AsFault(err).Kind)
	_, _, err = h.export(h.auditor, history.Search{}, "xlsx", history.Words{})
	require.Equal(t, tenants.KindNotFound, tenants.AsFault(err).Kind)
}

// told tells whether the newest export's line says this.
func told(t *testing.T, h house, post string, town int64, says map[string]any) bool {
	t.Helper()
	want, err := json.Marshal(says)
	require.NoError(t, err)
	return tenantstest.Value[bool](h.Bench, `SELECT after = CAST($1 AS jsonb) AND post = $2 AND tenant_id = $3 FROM operation_log
		WHERE act = 'operation_log.export' ORDER BY id DESC LIMIT 1`, string(want), post, town)
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for i, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "　＝1", "＋1", "－1", "＠x", "|x", "=1\r\n=2", "見本 一郎", "a=1", "'=1"} {
		who := h.operator
		who.Title, who.Name = "", name
		h.did(who, tenants.Line{Town: h.town, Act: tenants.WritePlan, Object: "plan", ObjectID: int64(i + 1)})
	}
	h.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, request_id, remote) VALUES ($1, $2, E'\t=1', '', '', '', ' =1', '＝1')`, h.town, h.Clock.Now())
	file, _, err := h.export(h.admin, history.Search{Town: h.town}, history.CSV, history.Words{})
	require.NoError(t, err)
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 19)
	plain := 0
	for _, r := range records[1:] {
		for _, cell := range r {
			bare := strings.TrimLeft(cell, " \u3000\u00a0\t\r\n")
			if bare == "" {
				continue
			}
			first := []rune(bare)[0]
			require.False(t, strings.ContainsRune("=+-@|＝＋－＠", first), "%q", cell)
		}
		if r[4] == "見本 一郎" || r[4] == "a=1" {
			plain++
		}
	}
	require.Equal(t, 2, plain, "what is harmless is as it was")
}

// An export is read as it is sent: what it holds in memory does not grow with its lines, and its order is the search's.
func TestAnExportOfManyLinesIsWhole(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.SQL(`INSERT INTO operation_log (tenant_id, at, actor, post, act, object, object_id, request_id, remote)
		SELECT $1, $2::timestamptz + make_interval(secs => i), 'だれか' || i, 'operator', 'plan.write', 'plan', i, 'r', '' FROM generate_series(1, 5000) i`, h.town, h.Clock.Now())
	file, rows, err := h.export(h.admin, history.Search{Object: "plan"}, history.JSONL, history.Words{})
	require.NoError(t, err)
	require.EqualValues(t, 5000, rows)
	next := 5000
	for line := range strings.Lines(file) {
		require.Contains(t, line, fmt.Sprintf(`"object_id":%d,`, next))
		next--
	}
	require.Zero(t, next)
	// A name that stands in more places than are looked at one by one is looked for among the newest lines.
	found, err := h.search(h.admin, history.Search{Who: "だれか", Limit: 3})
	require.NoError(t, err)
	require.Len(t, found, 3)
	require.Equal(t, []int64{5000, 4999, 4998}, []int64{found[0].ObjectID, found[1].ObjectID, found[2].ObjectID})
}
