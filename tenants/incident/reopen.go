package incident

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// ReopenExpired opens acknowledged incidents again whose promised time has passed, at most limit, and gives how many.
// Everybody who had been told hears that the time has passed, each by one letter with a link of their own, because an
// earlier one may be used up; the ladder goes on where it was held. Jobs only.
func ReopenExpired(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var expired []struct{ TenantID, ID int64 }
	err := tx.DB.Raw(`SELECT tenant_id, id FROM incident WHERE state = 'acknowledged' AND ack_until <= CAST(@now AS timestamptz)
		ORDER BY ack_until, tenant_id LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED`, map[string]any{"now": tx.Now, "limit": limit}).Scan(&expired).Error
	if err != nil {
		return 0, fmt.Errorf("find promises whose time has passed: %w", err)
	}
	if len(expired) == 0 {
		return 0, nil
	}
	var towns, ids []int64
	for _, e := range expired {
		towns, ids = append(towns, e.TenantID), append(ids, e.ID)
	}
	err = tx.DB.Exec(`UPDATE incident i SET state = 'open', ack_until = NULL
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id) WHERE i.tenant_id = x.town AND i.id = x.id`,
		map[string]any{"towns": &towns, "ids": &ids}).Error
	if err != nil {
		return 0, fmt.Errorf("open %d incidents again: %w", len(ids), err)
	}
	around, err := surroundings(tx, towns, ids)
	if err != nil {
		return 0, err
	}
	told, err := toldOf(tx, towns, ids, "")
	if err != nil {
		return 0, err
	}
	var course []happening
	for _, e := range expired {
		d := Detail{}
		if a := around.acks[e.ID]; a != nil {
			d = Detail{Name: a.ByText, Promise: a.Promise, Until: &a.Until, Via: a.Via}
		}
		course = append(course, happening{e.TenantID, e.ID, "ack_expired", d})
	}
	if err := record(tx, course); err != nil {
		return 0, err
	}
	if err := release(tx, towns, ids, told, around); err != nil {
		return 0, err
	}
	if err := tellAgain(ctx, tx, ids, told, around); err != nil {
		return 0, err
	}
	return len(ids), wake(tx, towns)
}

// release puts held rungs back on the clock, in the database and in what the letters are written from.
func release(tx *tenants.Tx, towns, ids []int64, told map[int64][]Rung, a around) error {
	var held []Rung
	err := tx.DB.Raw(`SELECT `+rungColumns+` FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
		JOIN rung r ON r.tenant_id = x.town AND r.incident_id = x.id AND r.state = 'held' ORDER BY r.incident_id, r.position`,
		map[string]any{"towns": &towns, "ids": &ids}).Scan(&held).Error
	if err != nil {
		return fmt.Errorf("find held rungs: %w", err)
	}
	byIncident := make(map[int64][]Rung, len(ids))
	for _, r := range held {
		byIncident[r.IncidentID] = append(byIncident[r.IncidentID], r)
	}
	var rungTowns, rungs []int64
	var dues []time.Time
	for _, id := range ids {
		justTold := make(map[string]bool)
		for _, r := range told[id] {
			justTold[r.Mail] = true
		}
		repeat := time.Duration(a.incidents[id].RepeatMinutes) * time.Minute
		for i, due := range resume(tx.Now, byIncident[id], justTold, repeat) {
			r := byIncident[id][i]
			for j := range a.rungs[id] {
				if x := &a.rungs[id][j]; x.ID == r.ID {
					x.State, x.DueAt = RungPending, due
				}
			}
			rungTowns, rungs, dues = append(rungTowns, r.TenantID), append(rungs, r.ID), append(dues, due)
		}
	}
	if len(rungs) == 0 {
		return nil
	}
	err = tx.DB.Exec(`UPDATE rung r SET state = 'pending', due_at = x.due
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@dues AS timestamptz[])) x (town, id, due)
		WHERE r.tenant_id = x.town AND r.id = x.id`, map[string]any{"towns": &rungTowns, "ids": &rungs, "dues": &dues}).Error
	if err != nil {
		return fmt.Errorf("release %d rungs: %w", len(rungs), err)
	}
	return nil
}

// A telling is a rung, this one too: its link is its own. It is fired the moment it is made.
const againSQL = `
INSERT INTO rung (tenant_id, incident_id, position, contact_id, post, name, mail, phone, hours, after_minutes, due_at, state, fired_at)
SELECT r.tenant_id, r.incident_id,
	(SELECT max(position) FROM rung m WHERE m.tenant_id = r.tenant_id AND m.incident_id = r.incident_id)
		+ row_number() OVER (PARTITION BY r.tenant_id, r.incident_id ORDER BY r.position),
	r.contact_id, r.post, r.name, r.mail, r.phone, r.hours, r.after_minutes, CAST(@now AS timestamptz), 'fired', CAST(@now AS timestamptz)
FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id) JOIN rung r ON r.tenant_id = x.town AND r.id = x.id
RETURNING *`

// tellAgain tells everybody who had been told.
func tellAgain(ctx context.Context, tx *tenants.Tx, incidents []int64, told map[int64][]Rung, a around) error {
	var towns, ids, of []int64
	for _, id := range incidents {
		for _, r := range told[id] {
			towns, ids, of = append(towns, r.TenantID), append(ids, r.ID), append(of, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var again []Rung
	if err := tx.DB.Raw(againSQL, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Scan(&again).Error; err != nil {
		return fmt.Errorf("add %d rungs: %w", len(ids), err)
	}
	waiting, err := waitingOf(tx, towns, of)
	if err != nil {
		return err
	}
	return tell(ctx, tx, again, a, waiting, func(Rung) string { return notice.Reopened })
}

// NextDue is when a rung or the end of a promise is due next, in the past where one is due now, nil where there is none.
// Jobs only.
func NextDue(_ context.Context, tx *tenants.Tx) (*time.Time, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var row struct{ At *time.Time }
	err := tx.DB.Raw(`SELECT least((SELECT min(due_at) FROM rung WHERE state = 'pending'),
		(SELECT min(ack_until) FROM incident WHERE state = 'acknowledged')) AS at`).Scan(&row).Error
	if err != nil {
		return nil, fmt.Errorf("look for the next rung: %w", err)
	}
	return row.At, nil
}
