package people

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

func TestNobodysHashCostsWhatAnyHashCosts(t *testing.T) {
	t.Parallel()
	hash, err := hashOf(t.Context(), "correct horse")
	require.NoError(t, err)
	made, _, _, err := argon2id.DecodeHash(hash)
	require.NoError(t, err)
	none, _, _, err := argon2id.DecodeHash(nobody)
	require.NoError(t, err)
	require.Equal(t, made, none)
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		same, err := matches(t.Context(), password, hash)
		require.NoError(t, err)
		require.Equal(t, want, same)
	}
	for _, broken := range []string{"", "!", nobody} {
		same, err := matches(t.Context(), "", broken)
		require.NoError(t, err)
		require.False(t, same, "%q opens to nothing", broken)
	}
}

func TestOnePasswordHoweverItIsComposed(t *testing.T) {
	t.Parallel()
	hash, err := hashOf(t.Context(), "\u304C\u304E-1234567890")
	require.NoError(t, err)
	same, err := matches(t.Context(), "\u304B\u3099\u304D\u3099-1234567890", hash)
	require.NoError(t, err)
	require.True(t, same, "decomposed kana, as some keyboards send them")

	longest := strings.Repeat("𠮷", longestPassword)
	hash, err = hashOf(t.Context(), longest)
	require.NoError(t, err)
	for password, want := range map[string]bool{longest: true, longest + "x": false, longest[1:]: false, strings.Repeat("x", 1<<20): false} {
		same, err := matches(t.Context(), password, hash)
		require.NoError(t, err)
		require.Equal(t, want, same, "nothing of a password is cut off")
	}
}

// Not parallel: it takes every place there is.
func TestAFloodIsTurnedAwayBeforeItTakesMemory(t *testing.T) {
	atWork, most := 0, 0
	var mu sync.Mutex
	hold, entered, turnedAway := make(chan struct{}), make(chan struct{}, 100), make(chan error, 100)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			err := turn(t.Context(), func() error {
				mu.Lock()
				atWork++
				most = max(most, atWork)
				mu.Unlock()
				entered <- struct{}{}
				<-hold
				mu.Lock()
				atWork--
				mu.Unlock()
				return nil
			})
			if err != nil {
				turnedAway <- err
			}
		})
	}
	for range 50 - cap(inside) {
		require.Equal(t, tenants.KindUnavailable, tenants.AsFault(<-turnedAway).Kind, "nobody beyond the queue waits")
	}
	for range cap(working) {
		<-entered
	}
	close(hold)
	wg.Wait()
	require.Equal(t, cap(working), most)
	require.Empty(t, turnedAway)
}

// Not parallel: it takes both places of work.
func TestWhoWaitsTooLongIsTurnedAway(t *testing.T) {
	hold := make(chan struct{})
	var wg sync.WaitGroup
	for range cap(working) {
		working <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wg.Go(func() { defer close(hold); require.Error(t, turn(ctx, func() error { panic("it was nobody's turn") })) })
	<-hold
	wg.Wait()
	for range cap(working) {
		<-working
	}
}

func TestIssuedPasswordsAreReadableAndDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		p := issue()
		require.Regexp(t, `^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$`, p)
		require.False(t, seen[p])
		seen[p] = true
		var v tenants.Invalid
		checkPassword(&v, "new", p, "mukawa")
		require.NoError(t, v.Err())
	}
}

func TestChosenPasswords(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		"正しい馬の電池とホチキス": true, "correct horse staple": true, "雪解けの尻別川を歩いて渡る": true,
		"short": false, "aaaaaaaaaaaa": false, "xx-MuKaWa-2026": false, "with\x00nul-1234567": false, "\xff\xfe23456789abcd": false,
		strings.Repeat("abcdefgh", 17): false,
	} {
		var v tenants.Invalid
		checkPassword(&v, "new", password, "mukawa")
		require.Equal(t, good, v.Err() == nil, "%q: %v", password, v.Err())
	}
}

func TestLoginsAreFolded(t *testing.T) {
	t.Parallel()
	for typed, kept := range map[string]string{" Ｍｕｋａｗａ　": "mukawa", "MUKAWA": "mukawa", "a\x00b\xff": "ab", strings.Repeat("x", 300): ""} {
		require.Equal(t, kept, plainLogin(typed))
	}
}
