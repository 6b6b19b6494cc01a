package notice

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Settled is a claimed notice and how its try ended.
type Settled struct {
	Claimed Claimed
	Outcome Outcome
}

// A claim is the fence: a sender whose lease ran out finds nothing of its own here and changes nothing, because the
// notice, and the end of the attempt, belong to somebody else by now. Only what is being sent bears a claim. The rows are
// locked in the order in which whoever withdraws locks them, so that neither waits for the other in a circle.
const settleSQL = `
WITH done AS (
	SELECT * FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@claims AS uuid[]), CAST(@tries AS integer[]),
		CAST(@states AS text[]), CAST(@next AS timestamptz[]), CAST(@outcomes AS text[]), CAST(@details AS text[]))
		AS x (town, id, claim, n, state, next_at, outcome, detail)
), mine AS MATERIALIZED (
	SELECT m.tenant_id, m.id FROM done d JOIN notice m ON m.tenant_id = d.town AND m.id = d.id AND m.claim = d.claim
	ORDER BY m.tenant_id, m.id FOR NO KEY UPDATE OF m
), marked AS (
	UPDATE notice m SET state = d.state, next_at = d.next_at, claim = NULL, claimed_until = NULL,
		sent_at = CASE WHEN d.state = 'sent' THEN CAST(@now AS timestamptz) END,
		repeated = m.repeated OR d.outcome = 'unknown',
		last_error = CASE WHEN d.state = 'sent' THEN '' ELSE d.detail END
	FROM mine k JOIN done d ON d.town = k.tenant_id AND d.id = k.id WHERE m.tenant_id = k.tenant_id AND m.id = k.id AND m.claim = d.claim
	RETURNING m.tenant_id, m.id, d.n, d.outcome, d.detail
), ended AS (
	UPDATE attempt a SET ended_at = CAST(@now AS timestamptz), outcome = k.outcome, detail = k.detail
	FROM marked k WHERE a.tenant_id = k.tenant_id AND a.notice_id = k.id AND a.n = k.n AND a.outcome IS NULL
)
SELECT tenant_id, id FROM marked`

// Settle marks how tries ended, one statement for all of them, and gives the number of those that were no longer ours
// to mark. Jobs only.
func Settle(_ context.Context, tx *tenants.Tx, settled []Settled) (lost int, err error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	if len(settled) == 0 {
		return 0, nil
	}
	var towns, ids []int64
	var tries []int32
	var claims, states, outcomes, details []string
	var nexts []*time.Time
	for _, s := range settled {
		state, next := StateQueued, (*time.Time)(nil)
		if at, again := s.Outcome.Result.Next(tx.Now, s.Claimed.Tries); again {
			next = &at
		} else if state = StateSent; s.Outcome.Result == Refused {
			state = StateFailed
		}
		towns, ids, tries = append(towns, s.Claimed.TenantID), append(ids, s.Claimed.ID), append(tries, int32(s.Claimed.Tries))
		claims, states, nexts = append(claims, s.Claimed.Claim.String()), append(states, state), append(nexts, next)
		outcomes, details = append(outcomes, s.Outcome.Result.ended()), append(details, s.Outcome.Detail)
	}
	var marked []struct{ TenantID, ID int64 }
	err = tx.DB.Raw(settleSQL, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids, "claims": &claims, "tries": &tries,
		"states": &states, "next": &nexts, "outcomes": &outcomes, "details": &details}).Scan(&marked).Error
	if err != nil {
		return 0, fmt.Errorf("settle %d notices: %w", len(settled), err)
	}
	seen := make(map[int64]bool)
	pages := make([]int64, 0, len(marked))
	for _, m := range marked {
		if !seen[m.TenantID] {
			seen[m.TenantID] = true
			pages = append(pages, m.TenantID)
		}
	}
	return len(settled) - len(marked), wakePages(tx, pages)
}

// settleOne is Settle for one notice that must still be ours.
func settleOne(ctx context.Context, tx *tenants.Tx, c Claimed, o Outcome) error {
	lost, err := Settle(ctx, tx, []Settled{{c, o}})
	if err != nil {
		return err
	}
	if lost > 0 {
		return tenants.Conflict("送信の受け持ちが切れ、ほかの処理へ移りました。",
			"The claim on this notice has lapsed; somebody else has taken it up.")
	}
	return nil
}

// Sent marks a notice as taken over by the mail server; a conflict where the claim is no longer ours.
func Sent(ctx context.Context, tx *tenants.Tx, c Claimed) error {
	return settleOne(ctx, tx, c, Outcome{Result: Accepted})
}

// Failed marks a try that did not succeed; a conflict where the claim is no longer ours.
func Failed(ctx context.Context, tx *tenants.Tx, c Claimed, o Outcome) error {
	if o.Result == Accepted {
		return fmt.Errorf("mark notice %d as failed: it was accepted", c.ID)
	}
	return settleOne(ctx, tx, c, o)
}

func wakePages(tx *tenants.Tx, towns []int64) error {
	if len(towns) == 0 {
		return nil
	}
	err := tx.DB.Exec(`SELECT pg_notify(@channel, @topic || ':' || t) FROM unnest(CAST(@towns AS bigint[])) t`,
		map[string]any{"channel": tenants.Channel, "topic": string(tenants.WakePage), "towns": &towns}).Error
	if err != nil {
		return fmt.Errorf("wake pages: %w", err)
	}
	return nil
}
