package tlog_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// A file is checked by another implementation, which knows nothing of ours, and both say the same.
func TestAFileHoldsForAnOutsider(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(3)
	h.log(520) // two tiles and more
	h.gather()
	h.nights(2)
	file := h.whole()
	r := h.verify(file, evidence.Trust{})
	require.True(t, r.Holds(), said(r))
	rows, checkpoints, err := outsider(file)
	require.NoError(t, err)
	require.EqualValues(t, r.Rows, rows)
	require.Greater(t, rows, 550)
	require.Equal(t, r.Checkpoints, checkpoints)
	for what, bad := range map[string]string{
		"a row":        strings.Replace(string(file), "見本", "見木", 1),
		"a signature":  strings.Replace(string(file), `\n\n— tanamori/`, `\nmore\n\n— tanamori/`, 1),
		"a line less":  without(string(file), `"index":77,`),
		"a proof":      strings.Replace(string(file), `"proof":["A`, `"proof":["B`, 1),
		"a line twice": strings.Replace(string(file), `{"leaf":{"index":5,`, `{"leaf":{"index":4,`, 1),
	} {
		if bad == string(file) {
			require.Equal(t, "a proof", what, "nothing was changed: %s", what)
			continue
		}
		_, _, err := outsider([]byte(bad))
		require.Error(t, err, what)
		r, err := evidence.Check(strings.NewReader(bad), evidence.Trust{})
		require.True(t, err != nil || !r.Holds(), what)
	}
}

func without(text, mark string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, mark) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// A file of some days begins with the state before them.
func TestAFileOfSomeDays(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	first := h.state().SignedSize
	h.Clock.Advance(24 * time.Hour)
	h.nights(2)
	second := h.state().SignedSize
	h.Clock.Advance(24 * time.Hour)
	h.nights(1)
	d := calendar.MustDate(2026, time.November, 22)
	file := h.export(h.audit, d, d)
	r := h.verify(file, evidence.Trust{})
	require.True(t, r.Holds(), said(r))
	require.Equal(t, []int64{first, second}, []int64{int64(r.Head.First), int64(r.Head.End)})
	require.EqualValues(t, h.state().SignedSize, r.Last.Size, "all is proved under the newest")
	_, _, err := outsider(file)
	require.NoError(t, err)
	h.Fault(tenants.KindInvalid, h.audit, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.TakeOut(ctx, tx, h.town, d, d.AddDays(-1))
		return err
	})
	empty := h.verify(h.export(h.audit, d.AddDays(90), day{}), evidence.Trust{})
	require.True(t, empty.Holds())
	require.Zero(t, empty.Rows)
}

// What a post may not read is left out, and still proved to be there.
func TestAFileLeavesOutWhatAPostMayNotRead(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	file := h.export(h.clerk, day{}, day{})
	r := h.verify(file, evidence.Trust{})
	require.True(t, r.Holds(), said(r))
	require.Positive(t, r.Withheld)
	require.Positive(t, r.Rows)
	require.NotContains(t, string(file), `"object":"server"`)
	require.NotContains(t, string(file), `本文`, "nor messages")
	require.Contains(t, string(h.whole()), `"object":"server"`)
	// Who audits another town, and is staff of this one, reads no more of it.
	both := h.clerk
	both.Towns = []int64{h.host, h.town}
	both.Posts = []tenants.Post{tenants.Auditor, tenants.Town}
	both.Grants = []tenants.Grant{{Post: tenants.Auditor, Scope: tenants.Scope{Towns: []int64{h.host}}}, {Post: tenants.Town, Scope: tenants.Scope{Towns: []int64{h.town}}}}
	require.NotContains(t, string(h.export(tenants.Person(both), day{}, day{})), `"object":"server"`)
	_, _, err := outsider(file)
	require.NoError(t, err)
	stranger := tenants.Person(tenants.Actor{TenantID: h.host, Posts: []tenants.Post{tenants.Town}, Towns: []int64{h.host}})
	h.Fault(tenants.KindNotFound, stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.Get(ctx, tx, h.town)
		return err
	})
	h.Fault(tenants.KindForbidden, h.clerk, func(ctx context.Context, tx *tenants.Tx) error { return tlog.Rotate(ctx, tx, h.town, "x") })
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 1); return err })
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Inspect(ctx, tx, 1); return err })
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Audit(ctx, tx); return err })
	id := tenantstest.Value[int64](h.Bench, `SELECT max(row_id) FROM tlog_leaf WHERE kind = 'operation_log'`)
	prove := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.Prove(ctx, tx, h.town, "operation_log", id)
		return err
	}
	h.Fault(tenants.KindForbidden, h.clerk, prove)
	h.Do(h.audit, prove)
	h.Fault(tenants.KindNotFound, h.audit, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tlog.Prove(ctx, tx, h.town, "pg_class", id)
		return err
	})
}

// A new key is handed over by the old one, is an event of the log, and leads whoever trusts the old one on.
func TestKeysAreHandedOver(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	old := h.state().Keys[0].Verifier
	first := calendar.DateOf(h.Clock.Now(), time.FixedZone("JST", 9*60*60))
	before, kept := h.export(h.audit, first, first), h.state().Note // of the days before the new key
	h.Clock.Advance(24 * time.Hour)
	h.nights(1)
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		return tlog.Rotate(ctx, tx, h.town, "年度の更新")
	})
	h.nights(2)
	l := h.state()
	require.Len(t, l.Keys, 2)
	require.Equal(t, "key", l.Events[0].Kind)
	_, by, err := evidence.Open(l.Note, old, l.Keys[1].Verifier)
	require.NoError(t, err)
	require.Equal(t, []string{l.Keys[1].Verifier}, by, "the new one alone")
	for _, trusted := range []string{old, l.Keys[1].Verifier} {
		r := h.verify(h.whole(), evidence.Trust{Keys: []string{trusted}})
		require.True(t, r.Holds(), said(r))
	}
	// A file of some days holds whichever side of the new key they are on, and whichever side it was taken out on.
	next := h.state().Keys[1].Verifier
	for what, f := range map[string]struct {
		file []byte
		keys []string
		note string
	}{
		"taken out before":                  {before, []string{old}, kept},
		"the same days, taken out after":    {h.export(h.audit, first, first), []string{old, next}, kept},
		"the day of the new key":            {h.export(h.audit, first.AddDays(1), first.AddDays(1)), []string{old, next}, l.Note},
		"from the first day across the key": {h.export(h.audit, first, first.AddDays(1)), []string{old, next}, l.Note},
	} {
		for _, key := range f.keys {
			r := h.verify(f.file, evidence.Trust{Keys: []string{key}, Checkpoints: []string{f.note}})
			require.True(t, r.Holds(), "%s, by %s:\n%s", what, key, said(r))
			require.Positive(t, r.Rows, what)
		}
		_, _, err := outsider(f.file)
		require.NoError(t, err, what)
	}
	_, err = evidence.Check(bytes.NewReader(before), evidence.Trust{Keys: []string{next}})
	require.ErrorContains(t, err, "No checkpoint is signed by the key given", "a file of before knows nothing of the later key")
	require.Empty(t, h.inspect())
	_, strange, err := note.GenerateKey(rand.Reader, l.Origin)
	require.NoError(t, err)
	_, err = evidence.Check(bytes.NewReader(h.whole()), evidence.Trust{Keys: []string{strange}})
	require.ErrorContains(t, err, "No checkpoint is signed by the key given")

	// A key that nobody handed over to.
	signer, verifier, err := note.GenerateKey(rand.Reader, l.Origin)
	require.NoError(t, err)
	h.behind(`INSERT INTO tlog_key (tenant_id, verifier, signer, made_at, by_text, reason) VALUES ($1, $2, $3, $4, '', '')`, h.town, verifier, signer, h.Clock.Now())
	h.behind(`UPDATE tlog_checkpoint SET key_id = (SELECT max(id) FROM tlog_key) WHERE tenant_id = $1 AND size = (SELECT max(size) FROM tlog_checkpoint WHERE tenant_id = $1)`, h.town)
	h.nights(1)
	r := h.verify(h.whole(), evidence.Trust{})
	require.Contains(t, said(r), "was not handed over")
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM information_schema.column_privileges
		WHERE table_name = 'tlog_key' AND column_name = 'signer' AND privilege_type = 'SELECT' AND grantee IN ('tanamori_town', 'tanamori_host', 'tanamori_gate')`),
		"nobody but the job reads the secret half")
}
