package tlog_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
	"tanamori/tenants/vault"
)

// A key that a version before the vault has kept in clear signs on, moves into the vault and signs on from there.
func TestAKeyInClearMovesIntoTheVault(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(1)
	key := h.state().Keys[0].Verifier
	require.Empty(t, tenantstest.Value[string](h.Bench, `SELECT signer FROM tlog_key WHERE tenant_id = $1`, h.town), "none is kept in clear")
	var signer []byte
	h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		signer, err = vault.Get(ctx, tx, h.town, vault.EvidenceKey, tenantstest.Value[int64](h.Bench, `SELECT id FROM tlog_key WHERE tenant_id = $1`, h.town))
		return err
	})
	require.Contains(t, string(signer), "PRIVATE+KEY")
	h.behind(`UPDATE tlog_key SET signer = $2 WHERE tenant_id = $1`, h.town, string(signer))
	h.SQL(`DELETE FROM vault WHERE tenant_id = $1`, h.town)

	h.SQL(`INSERT INTO heartbeat (node, started_at, seen_at) VALUES (gen_random_uuid(), $1, $1)`, h.Clock.Now())
	enclose := func() (did int) {
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = tlog.Enclose(ctx, tx, 10)
			return err
		})
		return did
	}
	require.Zero(t, enclose(), "a node of the former version signs with it yet")
	h.nights(1) // a day and more: that node is gone
	require.Equal(t, 1, enclose())
	require.Zero(t, enclose())
	require.EqualValues(t, 0, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_key WHERE signer <> ''`))
	h.nights(1)
	require.True(t, h.verify(h.whole(), evidence.Trust{Keys: []string{key}}).Holds())
	require.Len(t, h.state().Keys, 1)
	require.Empty(t, h.inspect())
	_, err := h.TrySQL(`UPDATE tlog_key SET reason = 'x', signer = '' WHERE tenant_id = $1`, h.town)
	require.ErrorContains(t, err, "append-only")
}

// With the installation's key a town's signing key is lost. The new one is handed over by nobody: the log says so in an event,
// and whoever holds the former one is told by the check of a file.
func TestALostKeyIsARecordedBreak(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(2)
	old := h.state().Keys[0].Verifier
	ring, err := vault.Load(filepath.Join(t.TempDir(), "secret.key"))
	require.NoError(t, err)
	h.Ground.With(ring)
	h.log(1)
	require.Error(t, h.Try(tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 50); return err }),
		"nothing is gathered that cannot be signed; the rows wait")
	h.Do(tenants.Job("secret"), func(ctx context.Context, tx *tenants.Tx) error {
		lost, err := vault.GiveUp(ctx, tx, ring)
		require.NoError(t, err)
		require.Contains(t, lost.Towns, h.town)
		return tlog.Lost(ctx, tx, lost.Towns)
	})
	h.gather()
	h.nights(1)
	l := h.state()
	require.Len(t, l.Keys, 2)
	require.Equal(t, "key", l.Events[0].Kind)
	require.Equal(t, "秘密情報の鍵の紛失", tenantstest.Value[string](h.Bench, `SELECT detail ->> 'reason' FROM tlog_event WHERE tenant_id = $1 AND kind = 'key'`, h.town))
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_due WHERE tenant_id = $1`, h.town), "what waited is gathered")
	_, by, err := evidence.Open(l.Note, l.Keys[1].Verifier)
	require.NoError(t, err)
	require.Equal(t, []string{l.Keys[1].Verifier}, by)
	r := h.verify(h.whole(), evidence.Trust{Keys: []string{old}})
	require.Contains(t, said(r), "was not handed over")
	require.Empty(t, h.inspect(), "every row is still what its leaf says")
}
