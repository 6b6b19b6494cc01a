package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Ref names one occurrence of one town.
type Ref struct {
	Town         int64 `json:"tenant_id"`
	OccurrenceID int64 `json:"occurrence_id"`
}

// Both ways of confirming write and show the same; they differ in where the occurrences come from.
const (
	confirmHead = `
WITH asked AS (`
	asked = `
	SELECT o.tenant_id, o.id, o.verdict FROM jsonb_to_recordset(CAST(@asked AS jsonb)) AS k(tenant_id bigint, occurrence_id bigint)
	CROSS JOIN LATERAL (SELECT tenant_id, id, verdict FROM occurrence WHERE tenant_id = k.tenant_id AND id = k.occurrence_id LIMIT 1) o
	WHERE o.verdict IS NOT NULL`
	fineOfNight = `
	SELECT o.tenant_id, o.id, o.verdict FROM unnest(string_to_array(@towns, ',')::bigint[]) x (id)
	JOIN occurrence o ON o.tenant_id = x.id AND o.night = CAST(@night AS date)
	WHERE o.verdict IN ('met', 'late', 'excused')
		AND NOT EXISTS (SELECT 1 FROM confirmation c WHERE c.tenant_id = o.tenant_id AND c.occurrence_id = o.id)
		AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.tenant_id = o.tenant_id AND d.id = o.duty_id AND NOT d.on_board)`
	confirmTail = `
), done AS (
	INSERT INTO confirmation (tenant_id, occurrence_id, at, person_id, person, post, verdict, note)
	SELECT tenant_id, id, @now, @person, @name, @post, verdict, @note FROM asked ORDER BY tenant_id, id
	ON CONFLICT (tenant_id, occurrence_id) DO NOTHING
	RETURNING tenant_id, occurrence_id, at, person
), shown AS (
	UPDATE duty_state s SET confirmed_at = d.at, confirmed_by = d.person FROM done d
	WHERE s.tenant_id = d.tenant_id AND s.occurrence_id = d.occurrence_id
)
SELECT tenant_id, occurrence_id FROM done ORDER BY tenant_id, occurrence_id`
)

// Confirm writes down that the actor looked at these verdicts (バックアップの確認, RK 第3条第1号). What has no verdict yet
// and what somebody confirmed before is left as it is; it tells how many were new.
func Confirm(_ context.Context, tx *tenants.Tx, refs []Ref, note string) (int, error) {
	towns := make([]int64, len(refs))
	for i, r := range refs {
		towns[i] = r.Town
	}
	if err := tx.Permit(tenants.Confirm, towns...); err != nil {
		return 0, err
	}
	if len(refs) == 0 {
		return 0, nil
	}
	if len([]rune(note)) > 500 {
		var v tenants.Invalid
		v.Add("note", "500字以内で入力してください。", "At most 500 characters.")
		return 0, v.Err()
	}
	list, err := json.Marshal(refs)
	if err != nil {
		return 0, fmt.Errorf("confirm: %w", err)
	}
	return confirm(tx, asked, map[string]any{"asked": string(list)}, strings.TrimSpace(note))
}

// ConfirmFine confirms everything of one night that asks for nothing more, over all towns the actor sees.
func ConfirmFine(_ context.Context, tx *tenants.Tx, night calendar.Date) (int, error) {
	towns, err := tx.Reach(tenants.Confirm)
	if err != nil {
		return 0, err
	}
	return confirm(tx, fineOfNight, map[string]any{"towns": tenants.IDs(towns), "night": night}, "")
}

// confirm writes confirmations of the occurrences that the statement gives, and one line for each town: three statements,
// however many towns.
func confirm(tx *tenants.Tx, which string, args map[string]any, note string) (int, error) {
	args["now"], args["person"], args["name"], args["post"], args["note"] = tx.Now, tx.Actor.PersonID, tx.Actor.Text(), tx.Actor.Title, note
	var rows []struct{ TenantID, OccurrenceID int64 }
	if err := tx.DB.Raw(confirmHead+which+confirmTail, args).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("confirm: %w", err)
	}
	var towns []int64
	var lines []tenants.Line
	for from := 0; from < len(rows); {
		town, to := rows[from].TenantID, from
		var ids []int64
		for ; to < len(rows) && rows[to].TenantID == town; to++ {
			ids = append(ids, rows[to].OccurrenceID)
		}
		line := tenants.Line{Town: town, Act: tenants.Confirm, Object: "occurrence", After: map[string]any{"occurrences": ids, "note": note}}
		if len(ids) == 1 {
			line.ObjectID = ids[0]
		}
		towns, lines, from = append(towns, town), append(lines, line), to
	}
	if err := tx.Record(lines...); err != nil {
		return 0, err
	}
	return len(rows), tx.Wake(tenants.WakePage, towns...)
}

// ExcuseOne says, before there is a verdict, why this occurrence need not be met. The judge takes it up at once.
func ExcuseOne(ctx context.Context, tx *tenants.Tx, town, occurrenceID int64, reason string) error {
	if err := tx.Permit(tenants.Excuse, town); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > 200 {
		var v tenants.Invalid
		v.Add("reason", "理由を200字以内で入力してください。", "Give a reason of at most 200 characters.")
		return v.Err()
	}
	rows, err := lock(tx, []key{{town, occurrenceID}})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return tenants.NotFound()
	}
	o := rows[0]
	if o.Judged() != Pending {
		return tenants.Conflict("すでに判定されています。免除は判定の前に限ります。", "There is a verdict already; only what is not judged can be excused.")
	}
	err = tx.DB.Exec(`INSERT INTO excuse (tenant_id, occurrence_id, at, person_id, person, reason)
		VALUES (@town, @id, @now, @person, @name, @reason)`, map[string]any{"town": town, "id": occurrenceID, "now": tx.Now,
		"person": tx.Actor.PersonID, "name": tx.Actor.Text(), "reason": reason}).Error
	if err != nil {
		return fmt.Errorf("excuse occurrence %d: %w", occurrenceID, err)
	}
	o.LookAt = &tx.Now
	if err := save(tx.DB, []Occurrence{o}); err != nil {
		return err
	}
	if err := tx.Record(tenants.Line{Town: town, Act: tenants.Excuse, Object: "occurrence", ObjectID: o.ID,
		After: map[string]any{"night": o.Night, "reason": reason}}); err != nil {
		return err
	}
	return tx.Wake(tenants.WakeJudge, town)
}

var _ = tenants.Constraint("excuse_once", "reason", "この夜はすでに免除されています。", "This night is excused already.")
