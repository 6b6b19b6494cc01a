package people

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
)

// params cost about 45 ms and 19 MiB on one core of a small server: the memory that OWASP's Password Storage Cheat Sheet
// names as the least for Argon2id, with twice the rounds it asks for.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 4, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobody is a hash that no password has. A login that does not exist is checked against it, so that the answer takes as
// long as for one that does.
var nobody = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	params.Memory, params.Iterations, params.Parallelism)

// A flood of sign-ins must neither take the machine's memory nor all connections to the database, one of which each
// waiting sign-in holds: two work at a time, ten more wait, the rest are told to come back.
var (
	working = make(chan struct{}, 2)
	inside  = make(chan struct{}, 12)
)

// longestWait is how long a sign-in waits for its turn; the queue is short, so only a machine in trouble gets there.
const longestWait = 5 * time.Second

// turn runs work when it is its turn.
func turn(ctx context.Context, work func() error) error {
	busy := &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "サインインが混み合っています。少し待ってから、もう一度お試しください。",
		En: "Too many people are signing in just now. Please try again in a moment."}
	select {
	case inside <- struct{}{}:
		defer func() { <-inside }()
	default:
		return busy
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	select {
	case working <- struct{}{}:
		defer func() { <-working }()
		return work()
	case <-ctx.Done():
		return busy
	}
}

// hashOf makes the hash that is kept of a password.
func hashOf(ctx context.Context, password string) (hash string, err error) {
	err = turn(ctx, func() (err error) {
		if hash, err = argon2id.CreateHash(plain(password), params); err != nil {
			return fmt.Errorf("hash a password: %w", err)
		}
		return nil
	})
	return hash, err
}

// matches tells whether the hash is this password's, at the same cost whatever the hash is.
func matches(ctx context.Context, password, hash string) (same bool, err error) {
	if !strings.HasPrefix(hash, "$argon2id$") || len(password) > longestSent {
		password, hash = "", nobody
	}
	err = turn(ctx, func() (err error) {
		if same, err = argon2id.ComparePasswordAndHash(plain(password), hash); err != nil {
			return fmt.Errorf("check a password: %w", err)
		}
		return nil
	})
	return same && hash != nobody, err
}

// longestSent is the most bytes that a password of longestPassword characters has. What is longer is nobody's; it is refused
// whole, never cut.
const longestSent = 4 * longestPassword

// plain is the password in the one form in which every keyboard gives it (NFC, as RFC 8265 §4.2 asks).
func plain(password string) string { return norm.NFC.String(password) }
