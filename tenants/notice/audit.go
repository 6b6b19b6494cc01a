package notice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
)

// The breaches of messages.
const (
	KindUnsent = "notice.unsent" // its time has come and nobody tries
	KindStuck  = "notice.stuck"  // its time would never come, or far too late
	KindAway   = "notice.away"   // the mail server takes nothing, from anybody
)

var _ = tenants.Sentences(map[string][2]string{
	KindUnsent: {"送信の時刻を過ぎた連絡{n}件が、送られていません（{since}から）{more}", "{n} notices are due since {since} and nobody sends them{more}"},
	KindStuck:  {"連絡{n}件が、送信の順番が回ってこない状態でした{more}", "{n} notices would not have come up for sending in time{more}"},
	KindAway:   {"メールサーバにつながらず、連絡{n}件を送れていません（{since}から）{more}", "The mail server takes nothing: {n} notices wait since {since}{more}"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindUnsent: {"連絡の送信遅れ{n}件", "{n} notices not sent"},
	KindStuck:  {"止まっていた連絡{n}件", "{n} notices stuck"},
	KindAway:   {"メールサーバ不通　未送信{n}件", "mail server away, {n} notices unsent"},
})

// A claim may end a lease from now at most, and a retry comes after an hour at most (delays). What lies later was written
// by a clock that went wrong, or by hand. The claim is not taken away from a sender who may live: it gets the end that a
// new one would have, and the message is then sent again, marked, as after any death.
const mendStuck = `
WITH stuck AS MATERIALIZED (
	SELECT tenant_id, id, queued_at FROM notice
	WHERE state IN ('queued', 'sending') AND next_at > CAST(@lease AS timestamptz) + CAST(@grace AS interval)
		AND (state = 'sending' OR next_at > CAST(@retry AS timestamptz) + CAST(@grace AS interval))
	LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED
), mended AS (
	UPDATE notice n SET claimed_until = CASE WHEN n.state = 'sending' THEN CAST(@lease AS timestamptz) END,
		next_at = CASE WHEN n.state = 'sending' THEN CAST(@lease AS timestamptz) ELSE CAST(@now AS timestamptz) END
	FROM stuck s WHERE n.tenant_id = s.tenant_id AND n.id = s.id
)
SELECT tenant_id, @kind AS kind, count(*) AS mended, min(queued_at) AS since FROM stuck GROUP BY tenant_id`

const unsentLate = `
SELECT tenant_id, @kind AS kind, count(*) AS count, min(next_at) AS since FROM notice
WHERE state IN ('queued', 'sending') AND next_at < CAST(@before AS timestamptz) GROUP BY tenant_id`

// awayFor is how long the mail server may take nothing before that is a breach. It is tried every five minutes at least, and
// a restart or an update is over by then. Nothing that this program could mend, but nobody hears of anything meanwhile.
const awayFor = 15 * time.Minute

// While a message is being tried again, it is the try before that has ended.
const awayLong = `
SELECT n.tenant_id, @kind AS kind, count(*) AS count, min(n.queued_at) AS since FROM notice n
WHERE n.state IN ('queued', 'sending') AND n.queued_at < CAST(@before AS timestamptz) AND EXISTS (SELECT FROM attempt a
	WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.outcome = 'away'
	AND a.n = CASE n.state WHEN 'sending' THEN n.tries - 1 ELSE n.tries END)
GROUP BY n.tenant_id`

// Audit puts right what would never be sent, tells what is due for longer than the grace and what waits because the mail
// server is away, at the cost of what waits; whoever sends is woken. lease is how long a claim may hold. Jobs only.
func Audit(_ context.Context, tx *tenants.Tx, grace, lease time.Duration) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var stuck, late, away []tenants.Breach
	err := tx.DB.Raw(mendStuck, map[string]any{"kind": KindStuck, "now": tx.Now, "lease": tx.Now.Add(lease), "grace": grace.String(),
		"retry": tx.Now.Add(delays[len(delays)-1]), "limit": 1000}).Scan(&stuck).Error
	if err != nil {
		return nil, fmt.Errorf("mend notices: %w", err)
	}
	err = tx.DB.Raw(unsentLate, map[string]any{"kind": KindUnsent, "before": tx.Now.Add(-grace)}).Scan(&late).Error
	if err != nil {
		return nil, fmt.Errorf("audit notices: %w", err)
	}
	if err := tx.DB.Raw(awayLong, map[string]any{"kind": KindAway, "before": tx.Now.Add(-awayFor)}).Scan(&away).Error; err != nil {
		return nil, fmt.Errorf("audit the mail server: %w", err)
	}
	if len(stuck)+len(late) == 0 {
		return away, nil
	}
	return slices.Concat(stuck, late, away), tx.Wake(tenants.WakeDeliver, 0)
}
