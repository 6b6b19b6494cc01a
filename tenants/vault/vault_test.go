package vault_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/vault"
)

var job = tenants.Job("secret")

// safe is a bench with keys in a file.
type safe struct {
	*tenantstest.Bench
	t    *testing.T
	town int64
	ring *vault.Ring
	file string
}

func newSafe(t *testing.T) *safe {
	t.Helper()
	b := tenantstest.New(t)
	b.Host("蘭越町", "013943")
	s := &safe{Bench: b, t: t, town: b.Town("むかわ町", "015865"), file: filepath.Join(t.TempDir(), "new", "secret.key")}
	b.SQL(`DELETE FROM vault_key`)
	s.ring = s.load()
	s.begin()
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) error { _, err := vault.Enclose(ctx, tx); return err })
	return s
}

func (s *safe) load() *vault.Ring {
	s.t.Helper()
	r, err := vault.Load(s.file)
	require.NoError(s.t, err)
	return r
}

// begin is the start of a process.
func (s *safe) begin() (made string) {
	s.t.Helper()
	s.Ground.With(s.ring)
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		made, err = vault.Begin(ctx, tx, s.ring)
		return err
	})
	return made
}

func (s *safe) put(id int64, plain string) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		return vault.Put(ctx, tx, s.town, vault.App, id, []byte(plain))
	})
}

func (s *safe) get(id int64) (plain string, err error) {
	err = s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
		b, err := vault.Get(ctx, tx, s.town, vault.App, id)
		plain = string(b)
		return err
	})
	return plain, err
}

func (s *safe) secrets() (all [][]byte) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) { all, err = vault.Secrets(ctx, tx); return err })
	return all
}

func (s *safe) rotate(limit int) (did int) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		did, err = vault.Rotate(ctx, tx, limit)
		return err
	})
	return did
}

func (s *safe) adopt() (fresh bool) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		_, fresh, err = vault.Adopt(ctx, tx, s.ring)
		return err
	})
	return fresh
}

func (s *safe) retire() (ids []string) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) { ids, err = vault.Retire(ctx, tx); return err })
	return ids
}

func (s *safe) missing() (ids []string) {
	s.t.Helper()
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) { ids, err = vault.Missing(ctx, tx); return err })
	return ids
}

func TestValuesCannotBeSwapped(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	s.put(1, "one")
	s.put(2, "two")
	require.Zero(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM vault WHERE position('one'::bytea IN value) > 0`))
	for _, swap := range []string{
		`UPDATE vault v SET value = o.value FROM vault o WHERE o.id = 3 - v.id`,
		`UPDATE vault SET id = id + 10`,
		`UPDATE vault SET tenant_id = (SELECT id FROM tenant WHERE kind = 'host')`,
		`UPDATE vault SET kind = 'tlog_key'`,
		`UPDATE vault SET value = set_byte(value, 20, 255 - get_byte(value, 20))`,
	} {
		s.SQL(`CREATE TABLE before AS TABLE vault`)
		s.SQL(swap)
		failed := 0
		for _, r := range s.SQL(`SELECT tenant_id, kind, id, key_id, value FROM vault`) {
			err := s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := vault.Get(ctx, tx, r["tenant_id"].(int64), vault.Kind(r["kind"].(string)), r["id"].(int64))
				return err
			})
			require.ErrorContains(t, err, "it was changed, or belongs elsewhere", swap)
			failed++
		}
		require.Equal(t, 2, failed, swap)
		s.SQL(`DELETE FROM vault`)
		s.SQL(`INSERT INTO vault TABLE before`)
		s.SQL(`DROP TABLE before`)
	}
	got, err := s.get(2)
	require.NoError(t, err)
	require.Equal(t, "two", got)
}

// Nodes that begin together in an empty database come to one key; who has another is told what is missing.
func TestNodesThatBeginTogetherComeToOneKey(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	b.SQL(`DELETE FROM vault_key`)
	file := filepath.Join(t.TempDir(), "secret.key")
	var wg sync.WaitGroup
	errs, made := make([]error, 4), make([]string, 4)
	rings := make([]*vault.Ring, 4)
	for i := range errs {
		var err error
		rings[i], err = vault.Load(file)
		require.NoError(t, err)
	}
	for i := range errs {
		wg.Go(func() {
			errs[i] = b.Ground.Do(t.Context(), job, func(ctx context.Context, tx *tenants.Tx) (err error) {
				made[i], err = vault.Begin(ctx, tx, rings[i])
				return err
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, tenantstest.Value[int64](b, `SELECT count(*) FROM vault_key`))
	require.NotEmpty(t, strings.Join(made, ""))
	require.Len(t, strings.Join(made, ""), 16, "one of them made it")
	for _, r := range rings {
		require.True(t, r.Holds(strings.Join(made, "")), "the others read the file")
	}
	b.Ground.With(tenantstest.Ring)
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		missing, err := vault.Missing(ctx, tx)
		require.NoError(t, err)
		require.Equal(t, []string{strings.Join(made, "")}, missing)
		require.Contains(t, vault.Advice(missing), missing[0])
		again, err := vault.Begin(ctx, tx, tenantstest.Ring)
		require.Empty(t, again, "another key is not mixed in")
		return err
	})
	fault := b.Fault(tenants.KindUnavailable, job, func(ctx context.Context, tx *tenants.Tx) error {
		return vault.Put(ctx, tx, b.Host("蘭越町", "013943"), vault.App, 1, []byte("x"))
	})
	require.Contains(t, fault.Ja, "鍵")
}

// A key is exchanged while everything runs: under both keys everything is read, whoever is stopped goes on, and a node of
// before the exchange hears of the new key by reading its file again.
func TestAKeyIsExchangedInSteps(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	for id := range int64(7) {
		s.put(id, strings.Repeat("s", int(id)+1))
	}
	before := s.secrets()
	other := s.load() // a second node, which has read the file as it is now
	first := s.ring.Newest()
	require.False(t, s.adopt(), "nothing to adopt")
	require.Zero(t, s.rotate(3))

	second, err := s.ring.Make()
	require.NoError(t, err)
	s.put(0, "s")
	require.Equal(t, first, tenantstest.Value[string](s.Bench, `SELECT key_id FROM vault WHERE id = 0`), "a key that is only there locks nothing")
	require.True(t, s.adopt())
	require.Equal(t, 4, s.rotate(3), "three, and the installation's own")
	require.Empty(t, s.retire(), "four are under the former one yet")
	s.Ground.With(other)
	for id := range int64(7) {
		got, err := s.get(id)
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("s", int(id)+1), got)
	}
	s.put(3, "ssss")
	require.Equal(t, second, tenantstest.Value[string](s.Bench, `SELECT key_id FROM vault WHERE id = 3`))
	s.ring = s.load() // stopped and begun again
	s.Ground.With(s.ring)
	total := 0
	for did := 1; did > 0; total += did {
		did = s.rotate(2)
	}
	require.Equal(t, 3, total)
	require.Equal(t, []string{first}, s.retire())
	require.Equal(t, before, s.secrets())
	require.Empty(t, s.missing())
	for id := range int64(7) {
		got, err := s.get(id)
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("s", int(id)+1), got)
	}
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		uses, err := vault.List(ctx, tx)
		require.Equal(t, []vault.Use{{KeyID: second, Secrets: 8}}, uses)
		return err
	})
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM operation_log WHERE act = 'secret.keep' AND object = 'secret_key'`))
}

// A value that was locked under a key before it was retired is not written after.
func TestARetiredKeyTakesNothingMore(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	slow := &slow{Ring: s.ring, reached: make(chan struct{}), on: make(chan struct{})}
	ground := tenants.NewGround(s.Handle.Gorm, s.Clock.Now).With(slow)
	ended := make(chan error)
	go func() {
		ended <- ground.Do(context.Background(), job, func(ctx context.Context, tx *tenants.Tx) error {
			return vault.Put(ctx, tx, s.town, vault.App, 1, []byte("x"))
		})
	}()
	<-slow.reached
	_, err := s.ring.Make()
	require.NoError(t, err)
	s.adopt()
	s.rotate(10)
	require.Len(t, s.retire(), 1)
	close(slow.on)
	require.ErrorContains(t, <-ended, "being exchanged")
	require.Zero(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM vault`))
}

// slow stands still before it locks.
type slow struct {
	*vault.Ring
	reached, on chan struct{}
}

func (s *slow) Lock(id, place string, plain []byte) ([]byte, error) {
	close(s.reached)
	<-s.on
	return s.Ring.Lock(id, place, plain)
}

// Links of before hold until their time, and those of a secret that leaked not at all.
func TestTheInstallationsSecretIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	first := s.secrets()
	require.Len(t, first, 1)
	replace := func(keep time.Duration) {
		s.Do(job, func(ctx context.Context, tx *tenants.Tx) error { return vault.Replace(ctx, tx, tx.Now.Add(keep)) })
	}
	replace(90 * 24 * time.Hour)
	second := s.secrets()
	require.Len(t, second, 2)
	require.NotEqual(t, first[0], second[0])
	require.Equal(t, first[0], second[1], "proves links of before")
	s.Clock.Advance(89 * 24 * time.Hour)
	require.Len(t, s.secrets(), 2)
	s.Clock.Advance(24 * time.Hour)
	require.Equal(t, second[:1], s.secrets(), "until its time")
	replace(0)
	third := s.secrets()
	require.Len(t, third, 1)
	require.NotEqual(t, second[0], third[0])
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM installation_secret`), "what is void is not kept")
	admin := s.Person(tenantstest.Value[int64](s.Bench, `SELECT id FROM tenant WHERE kind = 'host'`), tenants.HostAdmin)
	s.Fault(tenants.KindForbidden, admin, func(ctx context.Context, tx *tenants.Tx) error { return vault.Replace(ctx, tx, tx.Now) })
}

// While a node of a former version runs, it finds the installation's secret where it was; and so does a node of this one.
func TestSecretsInClearWaitForTheLastNodeOfAFormerVersion(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	b.Host("蘭越町", "013943")
	plain := tenantstest.Value[[]byte](b, `SELECT secret FROM installation`)
	b.SQL(`INSERT INTO heartbeat (node, started_at, seen_at) VALUES (gen_random_uuid(), $1, $1)`, b.Clock.Now())
	enclose := func() (did int, all [][]byte) {
		b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
			if did, err = vault.Enclose(ctx, tx); err != nil {
				return err
			}
			all, err = vault.Secrets(ctx, tx)
			return err
		})
		return did, all
	}
	did, all := enclose()
	require.Zero(t, did)
	require.Equal(t, [][]byte{plain}, all)
	b.Fault(tenants.KindConflict, job, func(ctx context.Context, tx *tenants.Tx) error { return vault.Replace(ctx, tx, tx.Now) })
	b.Clock.Advance(2 * time.Minute) // it is gone
	did, all = enclose()
	require.Equal(t, 1, did)
	require.Equal(t, [][]byte{plain}, all, "links that were sent still open")
	require.True(t, tenantstest.Value[bool](b, `SELECT secret IS NULL FROM installation`))
	did, _ = enclose()
	require.Zero(t, did)
}

// What was locked under a lost key is given up: nothing else is touched, and it never happens while the key is there.
func TestALostKeyIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	s.put(1, "one")
	err := s.Try(job, func(ctx context.Context, tx *tenants.Tx) error { _, err := vault.GiveUp(ctx, tx, s.ring); return err })
	require.ErrorContains(t, err, "nothing is lost")
	lost := s.ring.Newest()
	require.NoError(t, os.Remove(s.file))
	s.ring = s.load()
	require.Empty(t, s.begin(), "no key is made beside one that is missing")
	require.Equal(t, []string{lost}, s.missing())
	_, err = s.get(1)
	require.Equal(t, tenants.KindUnavailable, tenants.AsFault(err).Kind)
	require.ErrorContains(t, err, lost)
	require.NoError(t, s.Try(job, func(ctx context.Context, tx *tenants.Tx) error {
		got, err := vault.GiveUp(ctx, tx, s.ring)
		require.Equal(t, vault.Lost{Keys: []string{lost}, Apps: 1}, got)
		return err
	}))
	require.Empty(t, s.missing())
	require.Len(t, s.secrets(), 1)
	got, err := s.get(1)
	require.NoError(t, err)
	require.Empty(t, got)
	s.put(1, "new")
	got, err = s.get(1)
	require.NoError(t, err)
	require.Equal(t, "new", got)
}

// People's roles add secrets of their own and read none; the gate reads those of apps alone.
func TestWhoReachesTheVault(t *testing.T) {
	t.Parallel()
	s := newSafe(t)
	s.put(1, "one")
	s.Do(job, func(ctx context.Context, tx *tenants.Tx) error {
		return vault.Put(ctx, tx, s.town, vault.EvidenceKey, 1, []byte("signer"))
	})
	clerk := s.Person(s.town, tenants.Town)
	require.Error(t, s.Try(clerk, func(_ context.Context, tx *tenants.Tx) error { return tx.DB.Exec(`SELECT value FROM vault`).Error }))
	s.Do(clerk, func(_ context.Context, tx *tenants.Tx) error {
		require.NoError(t, vault.Drop(tx, s.town, vault.EvidenceKey, 1))
		return vault.Drop(tx, s.town, vault.App, 1)
	})
	require.Equal(t, "tlog_key", tenantstest.Value[string](s.Bench, `SELECT string_agg(kind, ',') FROM vault`), "a person takes off no key of the evidence")
	s.Do(tenants.Gate("r", ""), func(ctx context.Context, tx *tenants.Tx) error {
		got, err := vault.Get(ctx, tx, s.town, vault.EvidenceKey, 1)
		require.Empty(t, got)
		return err
	})
}
