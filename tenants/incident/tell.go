package incident

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// waitingOf gives, for each incident and address, the letter that has not left yet, if there is one. It can only be the
// newest: while it waits, no other is made. The newest by its own id: after a promise that was not kept a rung further
// down the ladder may be told before one further up.
func waitingOf(tx *tenants.Tx, towns, incidents []int64) (map[reader]int64, error) {
	var rows []struct {
		IncidentID, ID int64
		Mail           string
	}
	err := tx.DB.Raw(`SELECT l.incident_id, l.mail, n.id FROM (
			SELECT DISTINCT ON (r.tenant_id, r.incident_id, r.mail) r.tenant_id, r.incident_id, r.mail, r.notice_id
			FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
			JOIN rung r ON r.tenant_id = x.town AND r.incident_id = x.id AND r.notice_id IS NOT NULL
			ORDER BY r.tenant_id, r.incident_id, r.mail, r.notice_id DESC
		) l JOIN notice n ON n.tenant_id = l.tenant_id AND n.id = l.notice_id AND n.state IN ('queued', 'sending')`,
		map[string]any{"towns": &towns, "ids": &incidents}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find letters that have not left: %w", err)
	}
	waiting := make(map[reader]int64, len(rows))
	for _, r := range rows {
		waiting[reader{r.IncidentID, r.Mail}] = r.ID
	}
	return waiting, nil
}

// tell writes the letters of rungs whose time has come, queues them, and marks the rungs. They come in the order of
// their ladders: of several rungs due at once the later one's letter names the earlier one as told.
func tell(ctx context.Context, tx *tenants.Tx, due []Rung, a around, waiting map[reader]int64, kindFor func(Rung) string) error {
	t := newTray(waiting)
	slots := make([]slot, len(due))
	course := make([]happening, len(due))
	for i := range due {
		r := &due[i]
		rungs := a.rungs[r.IncidentID]
		at := slices.IndexFunc(rungs, func(x Rung) bool { return x.ID == r.ID })
		r.State, r.FiredAt = RungFired, &tx.Now
		line := Detail{Rung: r.ID, Post: r.Post, Name: r.Name}
		kind := "told"
		switch there, has := t.has(*r); {
		case r.Mail == "":
			kind = "unreachable"
		case has:
			slots[i], line.Waiting = there, true
		default:
			a.said[r.IncidentID]++
			line.Number = a.said[r.IncidentID]
			slots[i] = t.put(kindFor(*r), matter{incident: a.incidents[r.IncidentID], rung: *r, number: line.Number, ack: a.acks[r.IncidentID],
				others: others(rungs, *r)})
		}
		course[i] = happening{r.TenantID, r.IncidentID, kind, line}
		if at >= 0 { // for the letters that follow, this person has been told
			rungs[at] = *r
			if r.Mail != "" {
				rungs[at].NoticeID = new(int64)
			}
		}
	}
	messages, err := t.letters(a.places, tx.Now)
	if err != nil {
		return err
	}
	queued, err := notice.QueueMany(ctx, tx, messages)
	if err != nil {
		return fmt.Errorf("tell %d rungs by %d letters: %w", len(due), len(messages), err)
	}
	for i := range due {
		if due[i].Mail != "" {
			due[i].NoticeID = noticeOf(slots[i], queued)
			course[i].detail.Notice = *due[i].NoticeID
		}
	}
	if err := fire(tx, due); err != nil {
		return err
	}
	return record(tx, course)
}

// fire marks rungs as told by their notices.
func fire(tx *tenants.Tx, due []Rung) error {
	var towns, ids []int64
	var notices []*int64
	for _, r := range due {
		towns, ids, notices = append(towns, r.TenantID), append(ids, r.ID), append(notices, r.NoticeID)
	}
	err := tx.DB.Exec(`UPDATE rung r SET state = 'fired', fired_at = CAST(@now AS timestamptz), notice_id = x.notice
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@notices AS bigint[])) x (town, id, notice)
		WHERE r.tenant_id = x.town AND r.id = x.id`,
		map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids, "notices": &notices}).Error
	if err != nil {
		return fmt.Errorf("mark %d rungs: %w", len(due), err)
	}
	return nil
}
