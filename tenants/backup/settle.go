package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
)

const settleRun = `
UPDATE run SET file_name = @name, file_bytes = @bytes, file_at = @at, file_sha256 = @sum, format = @format, entries = @entries, level = @level,
	outcome = @outcome, reason_code = @code, reason_params = @params, verified_at = @now, verify_at = NULL, claim = NULL, claimed_until = NULL
WHERE tenant_id = @town AND id = @id AND claim = @claim AND claimed_until > @now`

const insertLevels = `
INSERT INTO verification (tenant_id, run_id, examination, level, outcome, reason_code, reason_params, at, took_ms)
SELECT @town, @id, (SELECT coalesce(max(examination), 0) + 1 FROM verification WHERE tenant_id = @town AND run_id = @id),
	r.level, r.outcome, r.reason_code, r.reason_params, r.at, r.took_ms
FROM jsonb_populate_recordset(NULL::verification, CAST(@rows AS jsonb)) r`

// Settle writes down what an examination found and tells the duty. A finding that may still change (the file is not
// there yet, the store is away) is tried again instead, as long as there is time. A lapsed claim gives ErrLapsed.
func Settle(ctx context.Context, tx *tenants.Tx, c Case, f Finding) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if again, ok := c.again(f, tx.Now); ok {
		res := tx.DB.Exec(`UPDATE run SET verify_at = @again, claim = NULL, claimed_until = NULL, reason_code = @code, reason_params = @params
			WHERE tenant_id = @town AND id = @id AND claim = @claim AND claimed_until > @now`,
			map[string]any{"again": again, "code": f.Reason.Code, "params": f.Reason.Params, "town": c.Run.TenantID, "id": c.Run.ID, "claim": c.Run.Claim, "now": tx.Now})
		if res.Error != nil {
			return fmt.Errorf("put run %d back: %w", c.Run.ID, res.Error)
		}
		if res.RowsAffected == 0 {
			return ErrLapsed
		}
		return c.tellSilence(ctx, tx, f)
	}
	outcome := "bad"
	if f.Good {
		outcome = "good"
	}
	res := tx.DB.Exec(settleRun, map[string]any{"name": f.File.Name, "bytes": f.bytes(), "at": f.at(), "sum": f.sum(), "format": f.Format,
		"entries": f.Entries, "level": f.Level, "outcome": outcome, "code": f.Reason.Code, "params": f.Reason.Params, "now": tx.Now,
		"town": c.Run.TenantID, "id": c.Run.ID, "claim": c.Run.Claim})
	if res.Error != nil {
		return fmt.Errorf("settle run %d: %w", c.Run.ID, res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrLapsed
	}
	for i := range f.Levels {
		f.Levels[i].At = tx.Now
		if f.Levels[i].ReasonParams == nil {
			f.Levels[i].ReasonParams = tenants.Params{}
		}
	}
	b, err := json.Marshal(f.Levels)
	if err != nil {
		return fmt.Errorf("settle run %d: %w", c.Run.ID, err)
	}
	err = tx.DB.Exec(insertLevels, map[string]any{"town": c.Run.TenantID, "id": c.Run.ID, "rows": string(b)}).Error
	if err != nil {
		return fmt.Errorf("write levels of run %d: %w", c.Run.ID, err)
	}
	return c.tell(ctx, tx, f)
}

// tellSilence attests of a file that nobody reported whether somebody could look for it. Only what was looked for and is not
// there is missed; where the store is away, or the file bears a time that cannot be, nobody knows.
func (c Case) tellSilence(ctx context.Context, tx *tenants.Tx, f Finding) error {
	if c.Run.Reported != "none" || c.Run.OccurrenceID == nil {
		return nil
	}
	a := duty.Attestation{Town: c.Run.TenantID, DutyID: c.DutyID, OccurrenceID: *c.Run.OccurrenceID, At: tx.Now, Kind: duty.Absent}
	if f.Unseen || doubtful(f.Reason) {
		a.Kind, a.Reason = duty.Unseen, f.Reason
	}
	_, err := duty.Attest(ctx, tx, []duty.Attestation{a})
	return err
}

// tell attests what was found. A file that nobody reported and that is not there says nothing: the judge calls it missed.
func (c Case) tell(ctx context.Context, tx *tenants.Tx, f Finding) error {
	if c.Run.Reported == "none" && f.Absent {
		if err := c.tellSilence(ctx, tx, f); err != nil {
			return err
		}
		return tx.Wake(tenants.WakePage, c.Run.TenantID)
	}
	a := duty.Attestation{Town: c.Run.TenantID, DutyID: c.DutyID, At: tx.Now, Reason: f.Reason, Kind: duty.Bad}
	if f.Good {
		a.Kind = duty.Good
	}
	if c.Run.OccurrenceID != nil {
		a.OccurrenceID = *c.Run.OccurrenceID
	}
	list := []duty.Attestation{a}
	if c.Run.Reported == "none" {
		// It arrived when the store says so; nobody else said it.
		arrived := a
		arrived.Kind, arrived.At, arrived.SettleBy = duty.Arrived, f.File.ModTime, &tx.Now
		list = []duty.Attestation{arrived, a}
	}
	if c.Run.OccurrenceID == nil {
		return tx.Wake(tenants.WakePage, c.Run.TenantID)
	}
	_, err := duty.Attest(ctx, tx, list)
	return err
}

// arrivesWithin is how long after its report a copy may still appear on the store.
const arrivesWithin = 10 * time.Minute

// unseenFor is how long a store that cannot be looked into is tried. The judge calls the night unknown long before.
const unseenFor = 24 * time.Hour

// again tells when to look once more at a finding that may still change: some minutes after a report, since a copy may
// arrive a little later than its report; until the judgement where nobody reported; and for a day where the store itself
// is away, which says nothing of the backup.
func (c Case) again(f Finding, now time.Time) (time.Time, bool) {
	if !f.Passing {
		return time.Time{}, false
	}
	if c.Run.Reported == "none" && now.Before(c.JudgeAt) {
		next := now.Add(5 * time.Minute)
		if next.After(c.JudgeAt) {
			next = c.JudgeAt
		}
		return next, true
	}
	if f.Unseen && now.Before(c.Run.RecordedAt.Add(unseenFor)) {
		return now.Add(5 * time.Minute), true
	}
	waits := []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute}
	if c.Run.VerifyTries <= len(waits) {
		return now.Add(waits[c.Run.VerifyTries-1]), true
	}
	return time.Time{}, false
}
