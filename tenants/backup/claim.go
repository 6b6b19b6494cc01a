package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/calendar"
)

// Case is one run to examine, with all that its examination needs: nothing is read from the database in between.
type Case struct {
	Run         Run
	Plan        Plan
	Store       Store
	DutyID      int64
	Zone        string
	ScheduledAt time.Time // of the occurrence; the run's own begin where none expected it
	OpensAt     time.Time
	ClosesAt    time.Time // a file of then or later belongs to the next occurrence; zero where there is none
	JudgeAt     time.Time
	History     []rules.Sample // good runs before this one, oldest first
	Until       time.Time      // the claim lapses then unless renewed
	Now         time.Time      // when it was claimed: a file of a later time has a clock of its own
}

const claimRuns = `
WITH due AS (
	SELECT tenant_id, id FROM run
	WHERE verify_at <= @now AND (claimed_until IS NULL OR claimed_until <= @now)
	ORDER BY verify_at LIMIT @limit FOR UPDATE SKIP LOCKED
)
UPDATE run r SET claim = @claim, claimed_until = @until, verify_tries = r.verify_tries + 1
FROM due WHERE r.tenant_id = due.tenant_id AND r.id = due.id
RETURNING r.*`

const caseFacts = `
SELECT k.id AS run_id, p.*, d.id AS duty_of, d.zone, o.scheduled_at, o.opens_at, o.judge_at, n.opens_at AS closes_at,
	st.name AS store_name, st.kind AS store_kind, st.root AS store_root
FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, id bigint, plan_id bigint, occurrence_id bigint)
JOIN plan p ON p.tenant_id = k.tenant_id AND p.id = k.plan_id
JOIN duty d ON d.tenant_id = p.tenant_id AND d.id = p.duty_id
JOIN store st ON st.tenant_id = p.tenant_id AND st.id = p.store_id
LEFT JOIN LATERAL (SELECT * FROM occurrence WHERE tenant_id = k.tenant_id AND id = k.occurrence_id LIMIT 1) o ON true
LEFT JOIN LATERAL (
	SELECT opens_at FROM occurrence WHERE tenant_id = o.tenant_id AND duty_id = o.duty_id AND scheduled_at > o.scheduled_at
	ORDER BY scheduled_at LIMIT 1
) n ON true`

// What is compared with is the good runs of other times: a second run of the same night, or the same one examined again,
// has the same file and would look like yesterday's sent once more.

const caseHistory = `
SELECT k.id AS run_id, h.night, h.file_bytes, h.duration_ms, h.file_sha256
FROM jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, id bigint, plan_id bigint, occurrence_id bigint, night date)
CROSS JOIN LATERAL (
	SELECT id, night, file_bytes, duration_ms, file_sha256 FROM run
	WHERE tenant_id = k.tenant_id AND plan_id = k.plan_id AND id < k.id AND outcome = 'good' AND file_bytes IS NOT NULL
		AND CASE WHEN k.occurrence_id IS NULL OR occurrence_id IS NULL THEN night < k.night ELSE occurrence_id <> k.occurrence_id END
	ORDER BY id DESC LIMIT 10
) h ORDER BY k.id, h.id`

// ClaimToVerify takes at most limit runs that are due for examination, for lease long. A claim that lapsed is taken up
// again by whoever asks first.
func ClaimToVerify(_ context.Context, tx *tenants.Tx, limit int, lease time.Duration) ([]Case, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	until := tx.Now.Add(lease)
	var runs []Run
	err := tx.DB.Raw(claimRuns, map[string]any{"now": tx.Now, "limit": limit, "claim": uuid.New(), "until": until}).Scan(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("claim runs to verify: %w", err)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(runs)
	if err != nil {
		return nil, fmt.Errorf("claim runs to verify: %w", err)
	}
	args := map[string]any{"keys": string(b)}
	var facts []struct {
		RunID                           int64
		Plan                            `gorm:"embedded"`
		DutyOf                          int64
		Zone                            string
		ScheduledAt, OpensAt, JudgeAt   *time.Time
		ClosesAt                        *time.Time
		StoreName, StoreKind, StoreRoot string
	}
	if err := tx.DB.Raw(caseFacts, args).Scan(&facts).Error; err != nil {
		return nil, fmt.Errorf("read what verifying needs: %w", err)
	}
	var past []struct {
		RunID      int64
		Night      calendar.Date
		FileBytes  int64
		DurationMs *int64
		FileSHA256 *string `gorm:"column:file_sha256"`
	}
	if err := tx.DB.Raw(caseHistory, args).Scan(&past).Error; err != nil {
		return nil, fmt.Errorf("read runs to compare with: %w", err)
	}
	cases := map[int64]*Case{}
	for i := range runs {
		cases[runs[i].ID] = &Case{Run: runs[i], Until: until, Now: tx.Now}
	}
	for _, f := range facts {
		c := cases[f.RunID]
		c.Plan, c.DutyID, c.Zone = f.Plan, f.DutyOf, f.Zone
		c.Store = Store{TenantID: f.TenantID, ID: f.StoreID, Name: f.StoreName, Kind: f.StoreKind, Root: f.StoreRoot}
		c.expected(f.ScheduledAt, f.OpensAt, f.JudgeAt)
		if f.ClosesAt != nil {
			c.ClosesAt = *f.ClosesAt
			// An hourly one may end when the next has opened already.
			if end := c.Run.FinishedAt; end != nil && !end.Add(arrivesWithin).Before(c.ClosesAt) {
				c.ClosesAt = end.Add(arrivesWithin)
			}
		}
	}
	for _, p := range past {
		s := rules.Sample{Bytes: p.FileBytes, Night: p.Night.UTCMidnight()}
		if p.DurationMs != nil {
			s.Duration = time.Duration(*p.DurationMs) * time.Millisecond
		}
		if p.FileSHA256 != nil {
			s.SHA256 = *p.FileSHA256
		}
		c := cases[p.RunID]
		c.History = append(c.History, s)
	}
	out := make([]Case, len(runs))
	for i, r := range runs {
		out[i] = *cases[r.ID]
	}
	return out, nil
}

// expected sets the times a file is looked for by; a run that nothing expected is measured by its own.
func (c *Case) expected(scheduled, opens, judge *time.Time) {
	if scheduled != nil {
		c.ScheduledAt, c.OpensAt, c.JudgeAt = *scheduled, *opens, *judge
		return
	}
	begin := c.Run.RecordedAt
	if c.Run.StartedAt != nil {
		begin = *c.Run.StartedAt
	}
	c.ScheduledAt, c.OpensAt, c.JudgeAt = begin, begin.Add(-12*time.Hour), begin
}

// ErrLapsed means that a claim ran out and somebody else may have taken the work: what was found is thrown away.
var ErrLapsed = errors.New("the claim on this run has lapsed")

// Renew prolongs a claim during a long examination.
func Renew(_ context.Context, tx *tenants.Tx, c *Case, lease time.Duration) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	until := tx.Now.Add(lease)
	res := tx.DB.Exec(`UPDATE run SET claimed_until = @until WHERE tenant_id = @town AND id = @id AND claim = @claim AND claimed_until > @now`,
		map[string]any{"until": until, "town": c.Run.TenantID, "id": c.Run.ID, "claim": c.Run.Claim, "now": tx.Now})
	if res.Error != nil {
		return fmt.Errorf("renew claim on run %d: %w", c.Run.ID, res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrLapsed
	}
	c.Until = until
	return nil
}

// VerifyAgain puts a run back into the verifier's queue at a person's wish; what was found before stays beside it.
func VerifyAgain(ctx context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.Reverify, town); err != nil {
		return err
	}
	res := tx.DB.Exec(`UPDATE run SET verify_at = @now, verify_tries = 0 WHERE tenant_id = @town AND id = @id AND verify_at IS NULL AND reported IN ('ok', 'none')`,
		map[string]any{"now": tx.Now, "town": town, "id": id})
	if res.Error != nil {
		return fmt.Errorf("verify run %d again: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		if _, err := GetRun(ctx, tx, town, id); err != nil {
			return err
		}
		return tenants.Conflict("この実行は検証を待っているか、検証できる状態ではありません。", "This run is waiting to be verified, or cannot be.")
	}
	if err := tx.Record(tenants.Line{Town: town, Act: tenants.Reverify, Object: "run", ObjectID: id}); err != nil {
		return err
	}
	return tx.Wake(tenants.WakeVerify, town)
}

// NextVerify is the earliest moment at which a run must be examined, nil where none waits.
func NextVerify(_ context.Context, tx *tenants.Tx) (*time.Time, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var next struct{ At *time.Time }
	err := tx.DB.Raw(`SELECT min(greatest(verify_at, claimed_until)) AS at FROM run WHERE verify_at IS NOT NULL`).Scan(&next).Error
	if err != nil {
		return nil, fmt.Errorf("find the next examination: %w", err)
	}
	return next.At, nil
}
