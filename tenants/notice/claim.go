package notice

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
)

// One statement: what is due is locked, marked as ours and given its attempt. A notice still marked as sending whose
// lease is over belonged to somebody who died or hung: that attempt ends as unknown, and this one is a repeat.
const claimSQL = `
WITH due AS MATERIALIZED (
	SELECT tenant_id, id, state, tries FROM notice
	WHERE state IN ('queued', 'sending') AND next_at <= CAST(@now AS timestamptz)
	ORDER BY next_at LIMIT @limit FOR UPDATE SKIP LOCKED
), lapsed AS (
	UPDATE attempt a SET ended_at = CAST(@now AS timestamptz), outcome = 'unknown', detail = @lapsed
	FROM due d WHERE d.state = 'sending' AND a.tenant_id = d.tenant_id AND a.notice_id = d.id AND a.n = d.tries AND a.outcome IS NULL
), taken AS (
	UPDATE notice n SET state = 'sending', claim = CAST(@claim AS uuid), claimed_until = CAST(@until AS timestamptz),
		next_at = CAST(@until AS timestamptz), tries = n.tries + 1, repeated = n.repeated OR d.state = 'sending',
		last_error = CASE WHEN d.state = 'sending' THEN @lapsed ELSE n.last_error END
	FROM due d WHERE n.tenant_id = d.tenant_id AND n.id = d.id
	RETURNING n.*
), begun AS (
	INSERT INTO attempt (tenant_id, notice_id, n, started_at) SELECT tenant_id, id, tries, CAST(@now AS timestamptz) FROM taken
)
SELECT tenant_id, id, kind, about, about_id, to_post, to_name, to_address, subject, message_id, state, queued_at, next_at, tries,
	sent_at, repeated, last_error, claim, claimed_until AS until, body_text AS text, body_html AS html, coalesce(link_for, '') AS link_for
FROM taken ORDER BY queued_at, id`

// lapsedDetail stands in the attempt of a sender that never came back.
const lapsedDetail = "送信の結果を確かめられないまま時間切れになりました"

// Claim takes up to limit notices whose time has come, the longest due first, for the caller to deliver within lease.
// Whoever is claiming at the same time gets others. Jobs only.
func Claim(_ context.Context, tx *tenants.Tx, limit int, lease time.Duration) ([]Claimed, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var claimed []Claimed
	err := tx.DB.Raw(claimSQL, map[string]any{"now": tx.Now, "limit": limit, "claim": uuid.New(), "until": tx.Now.Add(lease),
		"lapsed": lapsedDetail}).Scan(&claimed).Error
	if err != nil {
		return nil, fmt.Errorf("claim notices: %w", err)
	}
	return claimed, nil
}
