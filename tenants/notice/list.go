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
	About   string // with AboutID: that tell of one thing, alone or among others
	AboutID int64
	Before  int64 // older than this notice
	Limit   int   // 1 to 500; 0: 50
}

// A notice's id grows with its time, so the key alone gives the order. Rare states come from their own index.
const columns = `n.tenant_id, n.id, n.kind, n.about, n.about_id, n.to_post, n.to_name, n.to_address, n.subject, n.message_id, n.state,
	n.queued_at, n.next_at, n.tries, n.sent_at, n.repeated, n.last_error, n.withdrawn_at,
	(SELECT array_agg(a.about_id ORDER BY a.n) FROM notice_also a WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id) AS also`

// ofOne is the messages that tell of one thing: as their lead, or further down the list. Whose they are is asked for
// outside and reaches both halves.
const ofOne = `(SELECT o.* FROM notice o WHERE o.about = @about AND o.about_id = @about_id
	UNION ALL SELECT o.* FROM notice_also a JOIN notice o ON o.tenant_id = a.tenant_id AND o.id = a.notice_id WHERE o.about = @about AND a.about_id = @about_id)`

// List gives notices with their attempts, newest first, in two statements.
func List(_ context.Context, tx *tenants.Tx, f Filter) ([]Notice, error) {
	towns, err := tx.Reach(tenants.ReadOutbox)
	if f.Town != 0 {
		towns, err = []int64{f.Town}, tx.Permit(tenants.ReadOutbox, f.Town)
	}
	if err != nil {
		return nil, err
	}
	from, where := "notice", ""
	switch f.State {
	case "":
	case "unsent":
		where = ` AND n.state NOT IN ('sent', 'withdrawn')`
	case StateQueued, StateSending, StateFailed:
		where = ` AND n.state NOT IN ('sent', 'withdrawn') AND n.state = @state` // the first half names the partial index
	case StateWithdrawn:
		where = ` AND n.state = 'withdrawn'`
	case StateSent:
		where = ` AND n.state = @state`
	default:
		var wrong tenants.Invalid
		wrong.Add("state", "送信状態の指定が正しくありません。", "There is no such state.")
		return nil, wrong.Err()
	}
	if f.About != "" {
		from = ofOne
	}
	if f.Limit < 1 || f.Limit > 500 {
		f.Limit = 50
	}
	var list []Notice
	err = tx.DB.Raw(tenants.Newest(`SELECT `+columns+` FROM `+from+` n WHERE true`+where, "n", len(towns)), map[string]any{"towns": &towns, "state": f.State, "about": f.About, "about_id": f.AboutID,
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
	err := tx.DB.Raw(`SELECT `+columns+` FROM `+ofOne+` n WHERE n.tenant_id = @town ORDER BY n.id`,
		map[string]any{"town": town, "about": about, "about_id": aboutID}).Scan(&list).Error
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
	var towns []int64
	where := ``
	if !tx.Actor.May(tenants.RunPipeline) {
		var err error
		if towns, err = tx.Reach(tenants.ReadBoard); err != nil {
			return Totals{}, err
		}
		where = tx.Own("tenant_id", towns) + ` AND `
	}
	var totals Totals
	err := tx.DB.Raw(`SELECT count(*) FILTER (WHERE state <> 'failed') AS queued,
			count(*) FILTER (WHERE state = 'failed' AND queued_at > CAST(@since AS timestamptz)) AS failed,
			min(queued_at) FILTER (WHERE state <> 'failed') AS oldest
		FROM notice WHERE `+where+`state NOT IN ('sent', 'withdrawn')`,
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
