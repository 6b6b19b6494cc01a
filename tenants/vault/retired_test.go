package vault_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/vault"
)

func (s *safe) tryAdopt(r *vault.Ring) error {
	s.t.Helper()
	s.Ground.With(r)
	return s.Try(job, func(ctx context.Context, tx *tenants.Tx) error { _, _, err := vault.Adopt(ctx, tx, r); return err })
}

// On a node that was left with an old file, the newest key is one that was retired, and may lie about in old copies.
func TestARetiredKeyIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	s.put(1, "one")
	old, err := os.ReadFile(s.file)
	require.NoError(t, err)
	_, err = s.ring.Make()
	require.NoError(t, err)
	require.True(t, s.adopt())
	for n := 1; n > 0; {
		n = s.rotate(100)
	}
	require.Len(t, s.retire(), 1)
	require.NoError(t, os.WriteFile(s.file+".old", old, 0o600))
	left, err := vault.Load(s.file + ".old")
	require.NoError(t, err)
	require.ErrorContains(t, s.tryAdopt(left), "locked under a key that is not here")
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM vault_key`))
	s.Ground.With(s.ring)
	got, err := s.get(1)
	require.NoError(t, err)
	require.Equal(t, "one", got)
}

// A file that has both keys, the former one last, does not make that one lock again.
func TestAFormerKeyDoesNotLockAgain(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	_, err := s.ring.Make()
	require.NoError(t, err)
	require.True(t, s.adopt())
	text, err := os.ReadFile(s.file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	n := len(lines)
	lines[n-1], lines[n-2] = lines[n-2], lines[n-1]
	require.NoError(t, os.WriteFile(s.file+".swapped", []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	swapped, err := vault.Load(s.file + ".swapped")
	require.NoError(t, err)
	newest := `SELECT key_id FROM vault_key ORDER BY id DESC LIMIT 1`
	before := tenantstest.Value[string](s.Bench, newest)
	require.ErrorContains(t, s.tryAdopt(swapped), "has followed already")
	require.Equal(t, before, tenantstest.Value[string](s.Bench, newest))
}

// A value that is on its way under a former key is waited for: the key it is under stays.
func TestAKeyIsNotRetiredUnderAValueOnItsWay(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	kept, commit, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
			err := vault.Put(ctx, tx, s.town, vault.App, 1, []byte("one"))
			close(kept)
			<-commit
			return err
		})
	}()
	<-kept
	_, err := s.ring.Make()
	require.NoError(t, err)
	require.True(t, s.adopt())
	for n := 1; n > 0; { // what is on its way is not seen
		n = s.rotate(100)
	}
	type result struct {
		ids []string
		err error
	}
	retired := make(chan result, 1)
	go func() {
		var r result
		r.err = s.Try(job, func(ctx context.Context, tx *tenants.Tx) (err error) { r.ids, err = vault.Retire(ctx, tx); return err })
		retired <- r
	}()
	var early *result
	require.Eventually(t, func() bool {
		select {
		case r := <-retired:
			early = &r
			return true
		default:
			return tenantstest.Value[bool](s.Bench, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = CAST('vault' AS regclass) AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`)
		}
	}, time.Minute, time.Millisecond)
	close(commit)
	require.NoError(t, <-ended)
	require.Nil(t, early, "it did not wait")
	r := <-retired
	require.NoError(t, r.err)
	require.Empty(t, r.ids)
	got, err := s.get(1)
	require.NoError(t, err)
	require.Equal(t, "one", got)
	require.Empty(t, s.missing())
}
