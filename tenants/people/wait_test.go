package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// guess tries passwords as fast as the answers allow, and tells how many were tried within that time.
func (b bundle) guess(remote, login string, within time.Duration) int {
	end, tried := b.Clock.Now().Add(within), 0
	for b.Clock.Now().Before(end) {
		err := b.Try(tenants.Gate("guess", remote), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Begin(ctx, tx, login)
			return err
		})
		if err == nil {
			tried++
			b.Clock.Advance(50 * time.Millisecond)
			continue
		}
		f := tenants.AsFault(err)
		if f.Kind != tenants.KindTooMany {
			return -1
		}
		b.Clock.Advance(f.Wait)
	}
	return tried
}

func TestGuessingIsSlowedAndNobodyIsLockedOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := clerkNamed("mukawa")
	in.Keep = true
	_, password := b.add(b.town, in)
	_, err := b.SignIn("192.0.2.7", "mukawa", password) // from their own place, once
	require.NoError(t, err)

	// From one address: ten thousand tries would take a month.
	tried := b.guess("203.0.113.5", "mukawa", 24*time.Hour)
	require.Greater(t, tried, 10)
	require.Less(t, tried, 330, "a day of guessing")
	// From ever new addresses the login itself is slowed.
	fresh := 0
	for n := range 200 {
		err := b.Try(tenants.Gate("guess", fmt.Sprintf("198.51.100.%d", n)), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Begin(ctx, tx, "mukawa")
			return err
		})
		if err == nil {
			fresh++
		}
	}
	require.Less(t, fresh, 3, "no matter from where")
	// One address trying many logins is slowed as well, whether or not anybody has them.
	many := 0
	for n := range 200 {
		err := b.Try(tenants.Gate("guess", "203.0.113.77"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.Begin(ctx, tx, fmt.Sprintf("login%d", n))
			return err
		})
		if err == nil {
			many++
		}
	}
	require.Less(t, many, 40)

	_, err = b.SignIn("192.0.2.7", "mukawa", password)
	require.NoError(t, err, "who has signed in from there before is not kept out by others")

	b.Do(tenants.Job("audit"), func(ctx context.Context, tx *tenants.Tx) error {
		found, err := people.Audit(ctx, tx)
		require.NoError(t, err)
		kinds := map[string]int{}
		for _, f := range found {
			if f.Kind == people.KindGuessing {
				kinds[fmt.Sprint(f.TenantID == b.town, f.TenantID == 0)] = f.Count
			}
		}
		require.Greater(t, kinds["true false"], 100, "the town's host hears that one of its logins is tried")
		require.Greater(t, kinds["false true"], 20, "and everybody that an address tries many")
		return nil
	})
}

// The answers to wrong tries are the same for a login that nobody has, one after the other.
func TestWaitingTellsNothingAboutALogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(b.town, clerkNamed("mukawa"))
	answers := func(login, remote string) (all []string) {
		b.Clock.Set(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
		for range 12 {
			_, err := b.SignIn(remote, login, "wrong horse battery")
			all = append(all, tenants.AsFault(err).Ja)
			b.Clock.Advance(time.Second)
		}
		return all
	}
	known, unknown := answers("mukawa", "203.0.113.5"), answers("nobody", "203.0.113.6")
	require.Equal(t, known, unknown)
	require.Contains(t, strings.Join(known, ""), "待って")
}

func TestWrongTriesAreForgivenInTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, password := b.add(b.town, clerkNamed("mukawa"))
	for tries := 0; ; tries++ {
		require.Less(t, tries, 20, "never slowed")
		_, err := b.SignIn("203.0.113.5", "mukawa", "wrong horse battery")
		require.Error(t, err)
		if tenants.AsFault(err).Kind == tenants.KindTooMany {
			break
		}
	}
	_, err := b.SignIn("203.0.113.5", "mukawa", password)
	require.Equal(t, tenants.KindTooMany, tenants.AsFault(err).Kind, "right, and too soon all the same")
	b.Clock.Advance(6 * time.Minute)
	_, err = b.SignIn("203.0.113.5", "mukawa", password)
	require.NoError(t, err)
	b.Clock.Advance(25 * time.Hour)
	b.Do(gate, people.ForgetWaits)
	require.Empty(t, b.SQL(`SELECT 1 FROM sign_in_wait`))
}
