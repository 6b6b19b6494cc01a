package duty

import (
	"context"
	"fmt"

	"tanamori/tenants"
)

// The evidence of an occurrence keeps the distance between when it was said and by when the next must follow. The judge is
// sent to look anew wherever its next look may come from the clock that was ahead.
const rewindOccurrences = `
UPDATE occurrence SET
	finish_by = CASE WHEN started_at > @now THEN finish_by - (started_at - @now) ELSE finish_by END,
	settle_by = CASE WHEN arrived_at > @now THEN settle_by - (arrived_at - @now) ELSE settle_by END,
	started_at = CASE WHEN started_at > @now THEN @now ELSE started_at END,
	arrived_at = CASE WHEN arrived_at > @now THEN @now ELSE arrived_at END,
	outcome_at = CASE WHEN outcome_at > @now THEN @now ELSE outcome_at END, look_at = @now
WHERE verdict IS NULL AND look_at > @now
	AND (look_at > judge_at OR started_at IS NOT NULL OR arrived_at IS NOT NULL OR outcome IS NOT NULL)`

// Rewind takes back what a clock that was ahead has stamped, after it was put back: nothing may wait for a time that was
// never true. Verdicts stay; where the state table shows a night to come, the board reads the occurrences of its night. An
// outage that now lies in the future is cut or withdrawn, and what it first said is kept. It may be run as often as one
// likes.
func Rewind(_ context.Context, tx *tenants.Tx) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	for _, step := range []struct{ what, statement string }{
		{"what waits to be judged", rewindOccurrences},
		{"outages to come", `UPDATE outage SET withdrawn_at = @now WHERE withdrawn_at IS NULL AND from_at >= @now`},
		{"an outage that lasts", `UPDATE outage SET said_to = coalesce(said_to, to_at), to_at = @now WHERE withdrawn_at IS NULL AND to_at > @now`},
		{"rounds", `UPDATE round SET started_at = least(started_at, @now), ok_at = CASE WHEN ok_at > @now THEN @now ELSE ok_at END WHERE started_at > @now OR ok_at > @now`},
		{"heartbeats", `UPDATE heartbeat SET seen_at = least(seen_at, @now), started_at = least(started_at, @now) WHERE seen_at > @now OR started_at > @now`},
	} {
		if err := tx.DB.Exec(step.statement, map[string]any{"now": tx.Now}).Error; err != nil {
			return fmt.Errorf("rewind %s: %w", step.what, err)
		}
	}
	return tx.Wake(tenants.WakeJudge, 0)
}
