package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Answer says what a person's record proves of a duty (履行): that it was done, at that moment, or that what was found is not
// as it must be. It is about the newest occurrence that had opened by then; where there is none, about nothing. The ledger
// says it in the transaction of its own record.
func Answer(_ context.Context, tx *tenants.Tx, act tenants.Act, town, id int64, good bool, at time.Time, why tenants.Reason) error {
	if err := tx.Permit(act, town); err != nil {
		return err
	}
	if why.Params == nil {
		why.Params = tenants.Params{}
	}
	res := tx.DB.Exec(`INSERT INTO duty_answer (tenant_id, duty_id, occurrence_id, good, at, reason_code, reason_params, by_text, recorded_at)
		SELECT o.tenant_id, o.duty_id, o.id, @good, @at, @code, @params, @by, @now FROM occurrence o
		WHERE o.tenant_id = @town AND o.duty_id = @duty AND o.opens_at <= @now ORDER BY o.scheduled_at DESC LIMIT 1`,
		map[string]any{"town": town, "duty": id, "good": good, "at": at, "code": why.Code, "params": why.Params, "by": tx.Actor.Text(), "now": tx.Now})
	if res.Error != nil {
		return fmt.Errorf("answer for duty %d: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	return tx.Wake(tenants.WakeAnswer, town)
}

// TakeAnswers hands at most limit answers on to the occurrences that they are about. Jobs only: evidence has one way in.
func TakeAnswers(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var taken []struct {
		TenantID, ID, DutyID, OccurrenceID int64
		Good                               bool
		At                                 time.Time
		ReasonCode                         string
		ReasonParams                       tenants.Params
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, duty_id, occurrence_id, good, at, reason_code, reason_params FROM duty_answer
		WHERE taken_at IS NULL ORDER BY id LIMIT @limit FOR NO KEY UPDATE SKIP LOCKED`, map[string]any{"limit": limit}).Scan(&taken).Error
	if err != nil {
		return 0, fmt.Errorf("claim answers: %w", err)
	}
	if len(taken) == 0 {
		return 0, nil
	}
	var proofs []Attestation
	var towns, ids []int64
	for _, t := range taken {
		towns, ids = append(towns, t.TenantID), append(ids, t.ID)
		a := Attestation{Town: t.TenantID, DutyID: t.DutyID, OccurrenceID: t.OccurrenceID, Kind: Good, At: t.At, Reason: tenants.Reason{Code: t.ReasonCode, Params: t.ReasonParams}}
		if !t.Good {
			a.Kind = Bad
		}
		proofs = append(proofs, a)
	}
	if _, err := Attest(ctx, tx, proofs); err != nil {
		return 0, err
	}
	err = tx.DB.Exec(`UPDATE duty_answer a SET taken_at = @now FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) k (town, id)
		WHERE a.tenant_id = k.town AND a.id = k.id`, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Error
	if err != nil {
		return 0, fmt.Errorf("mark answers taken in: %w", err)
	}
	return len(taken), nil
}
