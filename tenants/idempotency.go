package tenants

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Remembered is what was answered to a request that carried an Idempotency-Key.
type Remembered struct {
	Status int
	Body   []byte // nil where the answer held a secret, which is not kept
}

// longestKey is the longest key that is taken, in bytes.
const longestKey = 255

// Once claims an Idempotency-Key for this transaction: nil means that nobody has used it and the act may go on. It stands
// in the act's own transaction, so that neither the act nor the memory of it can be there alone; what fails is not
// remembered and may be tried again. The same key with the same fingerprint gives what was answered then. A key that is
// being used at this moment is a conflict, one that was used for something else is invalid.
func (tx *Tx) Once(key string, fingerprint []byte) (*Remembered, error) {
	var v Invalid
	if key == "" || len(key) > longestKey {
		v.Add("Idempotency-Key", fmt.Sprintf("1文字以上%d文字以内で指定してください。", longestKey), fmt.Sprintf("Give 1 to %d characters.", longestKey))
		return nil, v.Err()
	}
	args := map[string]any{"town": tx.Actor.TenantID, "person": tx.Actor.PersonID, "key": key, "print": fingerprint, "now": tx.Now,
		"lock": fmt.Sprintf("idempotency:%d:%d:%s", tx.Actor.TenantID, tx.Actor.PersonID, key)}
	// The twin of a request under way would wait for it at the unique index, holding a connection: it is told at once.
	var free bool
	err := tx.DB.Raw(`SELECT pg_try_advisory_xact_lock(hashtextextended(@lock, 0))`, args).Scan(&free).Error
	if err != nil {
		return nil, fmt.Errorf("claim idempotency key: %w", err)
	}
	if !free {
		return nil, inFlight()
	}
	var rows []struct {
		Fingerprint []byte
		Status      *int
		Body        []byte
	}
	err = tx.DB.Raw(`SELECT fingerprint, status, body FROM idempotency WHERE tenant_id = @town AND person_id = @person AND key = @key`, args).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look for idempotency key: %w", err)
	}
	if len(rows) > 0 {
		if !bytes.Equal(rows[0].Fingerprint, fingerprint) {
			v.Add("Idempotency-Key", "このキーは、別の内容の要求にすでに使われています。", "This key has been used for another request.")
			return nil, v.Err()
		}
		if rows[0].Status == nil {
			return nil, inFlight()
		}
		return &Remembered{Status: *rows[0].Status, Body: rows[0].Body}, nil
	}
	made := tx.DB.Exec(`INSERT INTO idempotency (tenant_id, person_id, key, fingerprint, at) VALUES (@town, @person, @key, @print, @now)
		ON CONFLICT (tenant_id, person_id, key) DO NOTHING`, args)
	if made.Error != nil {
		return nil, fmt.Errorf("keep idempotency key: %w", made.Error)
	}
	if made.RowsAffected == 0 {
		return nil, inFlight()
	}
	return nil, nil
}

func inFlight() *Fault {
	return Conflict("同じ要求を処理しているところです。少し待ってからもう一度お送りください。", "The same request is being worked on. Please send it again in a moment.")
}

// Remember keeps the answer under a key that Once gave free in this transaction.
func (tx *Tx) Remember(key string, r Remembered) error {
	res := tx.DB.Exec(`UPDATE idempotency SET status = @status, body = @body WHERE tenant_id = @town AND person_id = @person AND key = @key`,
		map[string]any{"status": r.Status, "body": r.Body, "town": tx.Actor.TenantID, "person": tx.Actor.PersonID, "key": key})
	if res.Error != nil {
		return fmt.Errorf("keep the answer of idempotency key: %w", res.Error)
	}
	if res.RowsAffected != 1 {
		return fmt.Errorf("keep the answer of idempotency key: %d rows", res.RowsAffected)
	}
	return nil
}

// ForgetIdempotency removes the keys that are older than that, at most a thousand at once; it tells how many they were.
// Jobs only.
func ForgetIdempotency(_ context.Context, tx *Tx, olderThan time.Duration) (int, error) {
	if err := tx.Permit(RunPipeline); err != nil {
		return 0, err
	}
	res := tx.DB.Exec(`DELETE FROM idempotency i USING (SELECT tenant_id, person_id, key FROM idempotency WHERE at < @before ORDER BY at LIMIT 1000) old
		WHERE i.tenant_id = old.tenant_id AND i.person_id = old.person_id AND i.key = old.key`, map[string]any{"before": tx.Now.Add(-olderThan)})
	if res.Error != nil {
		return 0, fmt.Errorf("forget idempotency keys: %w", res.Error)
	}
	return int(res.RowsAffected), nil
}
