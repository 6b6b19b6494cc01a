package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Whoever guesses is slowed, and nobody is locked out: after a few wrong tries each next one waits twice as long, up to
// a bound. What is counted is the login, the address, and the two together; who has signed in from that address before is
// slowed by the last alone, so that others who try their login or come from elsewhere do not keep them out.
const (
	freeBoth    = 4 // wrong tries that cost nothing, of one login from one address
	freeLogin   = 10
	freeAddress = 30
	longestOwn  = time.Minute     // where the person has signed in from that address before
	longestElse = 5 * time.Minute // anywhere else
	// forgiven is how long without a wrong try until none is remembered.
	forgiven = time.Hour
	// Guessing is from how many wrong tries within that time the administrator hears of it.
	guessing = 30
	// familiar is how far back a sign-in from the same address counts.
	familiar = 90 * 24 * time.Hour
)

// delay is how long nobody may try again after so many wrong tries.
func delay(fails, free int, longest time.Duration) time.Duration {
	over := fails - free
	if over <= 0 {
		return 0
	}
	if over > 12 {
		return longest
	}
	return min(time.Second<<(over-1), longest)
}

// waitKeys are the three names under which tries are counted. Under a hash nobody reads from the table which logins exist
// or were typed (a password among them, at times).
func waitKeys(secret []byte, login, address string) (both, ofLogin, ofAddress []byte) {
	sum := func(kind string) []byte {
		m := hmac.New(sha256.New, secret)
		fmt.Fprintf(m, "tanamori sign-in wait %s", kind)
		return m.Sum(nil)
	}
	return sum("both " + login + "\x00" + address), sum("login " + login), sum("address " + address)
}

// tooSoon is the answer to a try before its time. It is the same for a login that nobody has.
func tooSoon(wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	return &tenants.Fault{Kind: tenants.KindTooMany, Wait: wait,
		Ja: fmt.Sprintf("続けて間違えたため、あと%d秒待ってからお試しください。", seconds),
		En: fmt.Sprintf("After several wrong tries, please wait another %d seconds.", seconds)}
}

// reserve counts a try before it is known whether it is right, so that many at once are counted as many one by one; good
// takes it back. It tells how long the caller has to wait instead of trying.
func reserve(tx *tenants.Tx, secret []byte, login, address string, town int64, known bool) (time.Duration, error) {
	both, ofLogin, ofAddress := waitKeys(secret, login, address)
	keys, kinds := [][]byte{both}, []string{"both"}
	if !known {
		keys, kinds = append(keys, ofLogin, ofAddress), append(kinds, "login", "address")
	}
	var rows []struct {
		Kind    string
		Fails   int
		UntilAt time.Time
	}
	// Locked in one order, so that two tries do not wait for each other.
	err := tx.DB.Raw(`INSERT INTO sign_in_wait AS w (key, town, kind, fails, since, last_at, until_at)
		SELECT key, CASE WHEN kind = 'address' THEN NULL ELSE NULLIF(CAST(@town AS bigint), 0) END, kind, 0, CAST(@now AS timestamptz), CAST(@now AS timestamptz), CAST(@now AS timestamptz)
		FROM unnest(CAST(@keys AS bytea[]), CAST(@kinds AS text[])) AS x (key, kind) ORDER BY key
		ON CONFLICT (key) DO UPDATE SET fails = CASE WHEN w.last_at < CAST(@forgiven AS timestamptz) THEN 0 ELSE w.fails END,
			since = CASE WHEN w.last_at < CAST(@forgiven AS timestamptz) THEN EXCLUDED.since ELSE w.since END
		RETURNING kind, fails, until_at`,
		map[string]any{"town": town, "now": tx.Now, "keys": &keys, "kinds": &kinds, "forgiven": tx.Now.Add(-forgiven)}).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("look how often sign-in failed: %w", err)
	}
	longest := longestElse
	if known {
		longest = longestOwn
	}
	var wait time.Duration
	untils := make([]time.Time, 0, len(keys))
	for _, kind := range kinds {
		for _, r := range rows {
			if r.Kind != kind {
				continue
			}
			// A clock that was set back holds nobody up for longer than the bound.
			if left := min(r.UntilAt.Sub(tx.Now), longest); left > wait {
				wait = left
			}
			untils = append(untils, tx.Now.Add(delay(r.Fails+1, map[string]int{"both": freeBoth, "login": freeLogin, "address": freeAddress}[kind], longest)))
		}
	}
	if wait > 0 {
		return wait, nil
	}
	err = tx.DB.Exec(`UPDATE sign_in_wait w SET fails = w.fails + 1, last_at = @now, until_at = x.until_at
		FROM unnest(CAST(@keys AS bytea[]), CAST(@untils AS timestamptz[])) AS x (key, until_at) WHERE w.key = x.key`,
		map[string]any{"now": tx.Now, "keys": &keys, "untils": &untils}).Error
	if err != nil {
		return 0, fmt.Errorf("count a try to sign in: %w", err)
	}
	return 0, nil
}

// good takes the try back that turned out right, and forgets the wrong ones of this login from this address before it.
func good(tx *tenants.Tx, secret []byte, login, address string, known bool) error {
	both, ofLogin, ofAddress := waitKeys(secret, login, address)
	if err := tx.DB.Exec(`DELETE FROM sign_in_wait WHERE key = ?`, both).Error; err != nil {
		return fmt.Errorf("forget wrong tries: %w", err)
	}
	if known {
		return nil
	}
	err := tx.DB.Exec(`UPDATE sign_in_wait SET fails = greatest(fails - 1, 0), until_at = CASE WHEN key = @login THEN CAST(@now AS timestamptz) ELSE until_at END
		WHERE key = ANY (CAST(@keys AS bytea[]))`, map[string]any{"login": ofLogin, "keys": &[][]byte{ofLogin, ofAddress}, "now": tx.Now}).Error
	if err != nil {
		return fmt.Errorf("take a try back: %w", err)
	}
	return nil
}

// ForgetWaits removes what no longer slows anybody. It runs in the gate's transaction.
func ForgetWaits(_ context.Context, tx *tenants.Tx) error {
	if err := tx.DB.Exec(`DELETE FROM sign_in_wait WHERE last_at < ?`, tx.Now.Add(-24*time.Hour)).Error; err != nil {
		return fmt.Errorf("forget wrong tries: %w", err)
	}
	return nil
}
