package incident

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// Resolution is the end of a cause, and what it was seen by.
type Resolution struct {
	Town   int64
	Cause  string
	Reason tenants.Reason
}

// ResolveMany closes the incidents of these causes, drops what was still to be told, withdraws what was about to be said,
// and tells everybody who had been told that it is over, each by one letter a town. A cause that has no open incident is
// none. The number of statements stays the same however many there are.
func ResolveMany(ctx context.Context, tx *tenants.Tx, resolutions []Resolution) error {
	if len(resolutions) == 0 {
		return nil
	}
	var towns []int64
	var causes []string
	why := make(map[cause]tenants.Reason, len(resolutions))
	for _, r := range resolutions {
		towns, causes = append(towns, r.Town), append(causes, r.Cause)
		why[cause{r.Town, r.Cause}] = r.Reason
	}
	if err := within(tx, towns...); err != nil {
		return err
	}
	var open []Incident
	err := tx.DB.Raw(`SELECT `+incidentColumns+` FROM (SELECT DISTINCT * FROM unnest(CAST(@towns AS bigint[]), CAST(@causes AS text[])) u (town, cause)) x
		JOIN incident i ON i.tenant_id = x.town AND i.cause = x.cause AND i.state <> 'resolved'
		ORDER BY i.tenant_id, i.id FOR NO KEY UPDATE OF i`, map[string]any{"towns": &towns, "causes": &causes}).Scan(&open).Error
	if err != nil {
		return fmt.Errorf("find the incidents to resolve: %w", err)
	}
	if len(open) == 0 {
		return nil
	}
	var ids []int64
	var sentences []string
	var course []happening
	towns = nil
	for i := range open {
		reason := why[cause{open[i].TenantID, open[i].Cause}]
		open[i].State, open[i].ResolvedAt, open[i].Resolution = StateResolved, &tx.Now, sentence(reason)
		towns, ids, sentences = append(towns, open[i].TenantID), append(ids, open[i].ID), append(sentences, open[i].Resolution)
		course = append(course, happening{open[i].TenantID, open[i].ID, "resolved", Detail{Reason: &reason}})
	}
	err = tx.DB.Exec(`WITH x AS (SELECT * FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@sentences AS text[])) u (town, id, sentence)),
		closed AS (
			UPDATE incident i SET state = 'resolved', resolved_at = CAST(@now AS timestamptz), ack_until = NULL, resolution = x.sentence
			FROM x WHERE i.tenant_id = x.town AND i.id = x.id
		)
		UPDATE rung r SET state = 'dropped' FROM x WHERE r.tenant_id = x.town AND r.incident_id = x.id AND r.state IN ('pending', 'held')`,
		map[string]any{"towns": &towns, "ids": &ids, "sentences": &sentences, "now": tx.Now}).Error
	if err != nil {
		return fmt.Errorf("resolve %d incidents: %w", len(ids), err)
	}
	if err := withdraw(tx, towns, ids); err != nil {
		return err
	}
	told, err := toldOf(tx, towns, ids, reached)
	if err != nil {
		return err
	}
	places, err := placesOf(tx, towns)
	if err != nil {
		return err
	}
	t := newTray(nil)
	for _, i := range open {
		for _, r := range told[i.ID] {
			t.put(notice.Resolved, matter{incident: i, rung: r})
		}
	}
	messages, err := t.letters(places, tx.Now)
	if err != nil {
		return err
	}
	if _, err := notice.QueueMany(ctx, tx, messages); err != nil {
		return fmt.Errorf("tell that %d incidents are over: %w", len(ids), err)
	}
	if err := record(tx, course); err != nil {
		return err
	}
	return wake(tx, towns)
}

// reached leaves out whom a message certainly has not reached and never will. One that waits still counts: it was not
// withdrawn because it tells of something else too, and its reader wants to know what of it is over.
const reached = `JOIN notice n ON n.tenant_id = r.tenant_id AND n.id = r.notice_id AND (n.state IN ('queued', 'sending', 'sent') OR n.repeated)`

// toldOf gives, for each incident, the people who were told by mail, each address once, in the order of the ladder.
func toldOf(tx *tenants.Tx, towns, ids []int64, only string) (map[int64][]Rung, error) {
	var rows []Rung
	err := tx.DB.Raw(`SELECT * FROM (
			SELECT DISTINCT ON (r.tenant_id, r.incident_id, r.mail) `+rungColumns+`
			FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
			JOIN rung r ON r.tenant_id = x.town AND r.incident_id = x.id AND r.notice_id IS NOT NULL `+only+`
			ORDER BY r.tenant_id, r.incident_id, r.mail, r.position
		) r ORDER BY r.incident_id, r.position`, map[string]any{"towns": &towns, "ids": &ids}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find who was told: %w", err)
	}
	told := make(map[int64][]Rung, len(ids))
	for _, r := range rows {
		told[r.IncidentID] = append(told[r.IncidentID], r)
	}
	return told, nil
}
