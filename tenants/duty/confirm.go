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

const confirmAsked = `
WITH done AS (
	INSERT INTO confirmation (tenant_id, occurrence_id, at, person_id, person, post, verdict, note)
	SELECT o.tenant_id, o.id, @now, @person, @name, @post, o.verdict, @note
	FROM jsonb_to_recordset(CAST(@asked AS jsonb)) AS k(tenant_id bigint, occurrence_id bigint)
	CROSS JOIN LATERAL (SELECT tenant_id, id, duty_id, verdict FROM occurrence WHERE tenant_id = k.tenant_id AND id = k.occurrence_id LIMIT 1) o
	WHERE o.verdict IS NOT NULL
	ORDER BY o.tenant_id, o.id
	ON CONFLICT (tenant_id, occurrence_id) DO NOTHING
	RETURNING tenant_id, occurrence_id, at, person
), shown AS (
	UPDATE duty_state s SET confirmed_at = d.at, confirmed_by = d.person FROM done d
	WHERE s.tenant_id = d.tenant_id AND s.occurrence_id = d.occurrence_id
)
SELECT tenant_id, occurrence_id FROM done`

const fineOfNight = `
SELECT o.tenant_id, o.id AS occurrence_id FROM occurrence o
WHERE o.tenant_id = ANY (string_to_array(@towns, ',')::bigint[]) AND o.night = CAST(@night AS date)
	AND o.verdict IN ('met', 'late', 'excused')
	AND NOT EXISTS (SELECT 1 FROM confirmation c WHERE c.tenant_id = o.tenant_id AND c.occurrence_id = o.id)`

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
	asked, err := json.Marshal(refs)
	if err != nil {
		return 0, fmt.Errorf("confirm: %w", err)
	}
	var done []Ref
	rows := []struct{ TenantID, OccurrenceID int64 }{}
	err = tx.DB.Raw(confirmAsked, map[string]any{"now": tx.Now, "person": tx.Actor.PersonID, "name": tx.Actor.Text(),
		"post": tx.Actor.Title, "note": strings.TrimSpace(note), "asked": string(asked)}).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("confirm: %w", err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		done = append(done, Ref{r.TenantID, r.OccurrenceID})
		seen[r.TenantID] = true
	}
	for town := range seen {
		var ids []int64
		for _, r := range done {
			if r.Town == town {
				ids = append(ids, r.OccurrenceID)
			}
		}
		line := tenants.Line{Town: town, Act: tenants.Confirm, Object: "occurrence", After: map[string]any{"occurrences": ids, "note": note}}
		if len(ids) == 1 {
			line.ObjectID = ids[0]
		}
		if err := tx.Record(line); err != nil {
			return 0, err
		}
		if err := tx.Wake(tenants.WakePage, town); err != nil {
			return 0, err
		}
	}
	return len(done), nil
}

// ConfirmFine confirms everything of one night that asks for nothing more, over all towns the actor sees.
func ConfirmFine(ctx context.Context, tx *tenants.Tx, night calendar.Date) (int, error) {
	if err := tx.Permit(tenants.Confirm); err != nil {
		return 0, err
	}
	var rows []struct{ TenantID, OccurrenceID int64 }
	err := tx.DB.Raw(fineOfNight, map[string]any{"towns": tenants.IDs(tx.Actor.Towns), "night": night}).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("find what is fine in the night of %s: %w", night, err)
	}
	refs := make([]Ref, len(rows))
	for i, r := range rows {
		refs[i] = Ref{r.TenantID, r.OccurrenceID}
	}
	return Confirm(ctx, tx, refs, "")
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
