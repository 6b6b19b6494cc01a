package notice

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Filter says which notices to list. The zero Filter lists the newest 50 of every town the actor sees.
type Filter struct {
	Town    int64  // 0: every town the actor sees
	State   string // one of the states, "unsent" for queued, sending and failed together; empty: all
	About   string // with AboutID: of one thing only
	AboutID int64
	Before  int64 // older than this notice
	Limit   int   // 1 to 500; 0: 50
}

// A notice's id grows with its time, so the key alone gives the order. Rare states come from their own index.
const columns = `n.tenant_id, n.id, n.kind, n.about, n.about_id, n.to_post, n.to_name, n.to_address, n.subject, n.message_id, n.state,
	n.queued_at, n.next_at, n.tries, n.sent_at, n.repeated, n.last_error`

const listHead = `SELECT l.* FROM unnest(CAST(@towns AS bigint[])) t (id) CROSS JOIN LATERAL (
	SELECT ` + columns + ` FROM notice n WHERE n.tenant_id = t.id`

const listTail = ` AND (CAST(@before AS bigint) = 0 OR n.id < @before) ORDER BY n.id DESC LIMIT @limit
) l ORDER BY l.id DESC LIMIT @limit`

// List gives notices with their attempts, newest first, in two statements.
func List(_ context.Context, tx *tenants.Tx, f Filter) ([]Notice, error) {
	towns := tx.Actor.Towns
	if f.Town != 0 {
		towns = []int64{f.Town}
	}
	if err := tx.Permit(tenants.ReadOutbox, towns...); err != nil {
		return nil, err
	}
	where := ""
	switch f.State {
	case "":
	case "unsent":
		where = ` AND n.state <> 'sent'`
	case StateQueued, StateSending, StateFailed:
		where = ` AND n.state <> 'sent' AND n.state = @state` // the first half names the partial index
	case StateSent:
		where = ` AND n.state = @state`
	default:
		var wrong tenants.Invalid
		wrong.Add("state", "送信状態の指定が正しくありません。", "There is no such state.")
		return nil, wrong.Err()
	}
	if f.About != "" {
		where += ` AND n.about = @about AND n.about_id = @about_id`
	}
	if f.Limit < 1 || f.Limit > 500 {
		f.Limit = 50
	}
	var list []Notice
	err := tx.DB.Raw(listHead+where+listTail, map[string]any{"towns": &towns, "state": f.State, "about": f.About, "about_id": f.AboutID,
		"before": f.Before, "limit": f.Limit}).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return list, withAttempts(tx, list)
}

// About gives the notices that tell of one thing, oldest first, with their attempts. Whoever may read of the thing may
// see who was told of it: the caller has asked for that permission.
func About(_ context.Context, tx *tenants.Tx, town int64, about string, aboutID int64) ([]Notice, error) {
	if err := within(tx, town); err != nil {
		return nil, err
	}
	var list []Notice
	err := tx.DB.Raw(`SELECT `+columns+` FROM notice n WHERE n.tenant_id = @town AND n.about = @about AND n.about_id = @id ORDER BY n.id`,
		map[string]any{"town": town, "about": about, "id": aboutID}).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list notices about %s %d: %w", about, aboutID, err)
	}
	return list, withAttempts(tx, list)
}

func withAttempts(tx *tenants.Tx, list []Notice) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[int64]int, len(list))
	var towns, ids []int64
	for i, n := range list {
		at[n.ID] = i // ids are of one sequence: unique over the towns
		towns, ids = append(towns, n.TenantID), append(ids, n.ID)
	}
	var attempts []Attempt
	err := tx.DB.Raw(`SELECT a.tenant_id, a.notice_id, a.n, a.started_at, a.ended_at, coalesce(a.outcome, '') AS outcome, a.detail
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
		JOIN attempt a ON a.tenant_id = x.town AND a.notice_id = x.id ORDER BY a.notice_id, a.n`,
		map[string]any{"towns": &towns, "ids": &ids}).Scan(&attempts).Error
	if err != nil {
		return fmt.Errorf("list attempts: %w", err)
	}
	for _, a := range attempts {
		n := &list[at[a.NoticeID]]
		n.Attempts = append(n.Attempts, a)
	}
	return nil
}

// FailedDays is for how long a message that was refused for good counts as trouble on the board.
const FailedDays = 7

// Totals is what the board says of sending.
type Totals struct {
	Queued int        // waiting or on their way
	Failed int        // refused for good within FailedDays
	Oldest *time.Time // when the longest waiting one was queued
}

// Counts gives the totals of the towns the actor sees; of all for a job.
func Counts(_ context.Context, tx *tenants.Tx) (Totals, error) {
	where := `tenant_id = ANY (CAST(@towns AS bigint[])) AND `
	towns := tx.Actor.Towns
	if tx.Actor.May(tenants.RunPipeline) {
		where = ``
	} else if err := tx.Permit(tenants.ReadBoard, towns...); err != nil {
		return Totals{}, err
	}
	var totals Totals
	err := tx.DB.Raw(`SELECT count(*) FILTER (WHERE state <> 'failed') AS queued,
			count(*) FILTER (WHERE state = 'failed' AND queued_at > CAST(@since AS timestamptz)) AS failed,
			min(queued_at) FILTER (WHERE state <> 'failed') AS oldest
		FROM notice WHERE `+where+`state <> 'sent'`,
		map[string]any{"towns": &towns, "since": tx.Now.AddDate(0, 0, -FailedDays)}).Scan(&totals).Error
	if err != nil {
		return Totals{}, fmt.Errorf("count notices: %w", err)
	}
	return totals, nil
}

// NextDue is when a notice is due next, in the past where one waits now, nil where none waits. Jobs only.
func NextDue(_ context.Context, tx *tenants.Tx) (*time.Time, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var row struct{ At *time.Time }
	if err := tx.DB.Raw(`SELECT min(next_at) AS at FROM notice WHERE state IN ('queued', 'sending')`).Scan(&row).Error; err != nil {
		return nil, fmt.Errorf("look for the next notice: %w", err)
	}
	return row.At, nil
}
