package duty

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// Blind is how long no process may have been alive before it counts as an outage of Tanamori.
const Blind = 2 * time.Minute

// tolerance is how far in the future a heartbeat may lie before the clock counts as put back.
const tolerance = time.Minute

// noteOutage writes down that nobody was alive since the newest heartbeat. Where a clock that was put forward accounts for
// the stretch, it says so; whoever knows that better than the first to write corrects it.
const noteOutage = `
INSERT INTO outage (from_at, to_at, kind) SELECT max(seen_at), @now,
	CASE WHEN CAST(@now AS timestamptz) - max(seen_at) - CAST(@leap AS interval) < CAST(@blind AS interval) THEN 'clock' ELSE 'down' END
FROM heartbeat HAVING max(seen_at) < CAST(@now AS timestamptz) - CAST(@blind AS interval)
ON CONFLICT (from_at) DO UPDATE SET kind = EXCLUDED.kind WHERE outage.kind = 'down' AND EXCLUDED.kind = 'clock'`

const beat = `
INSERT INTO heartbeat (node, started_at, seen_at, off_ms, vault) VALUES (@node, @now, @now, @off, true)
ON CONFLICT (node) DO UPDATE SET seen_at = greatest(heartbeat.seen_at, EXCLUDED.seen_at), off_ms = EXCLUDED.off_ms
WHERE heartbeat.seen_at < EXCLUDED.seen_at OR heartbeat.off_ms <> EXCLUDED.off_ms`

// Pulse is a node's sign of life.
type Pulse struct {
	Node uuid.UUID
	Off  time.Duration // how far its own clock is off the time that all go by
	Leap time.Duration // how far that time was put forward since its last pulse, while it was alive
}

// Beat says that this node is alive. Where no node had said so for two minutes, that stretch is written down as an
// outage first: silence within it proves nothing. Ahead tells that heartbeats lie in the future: the clock was put back,
// and what it stamped wants to be rewound.
func Beat(_ context.Context, tx *tenants.Tx, p Pulse) (ahead bool, err error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return false, err
	}
	if err := noteSilence(tx, p.Leap); err != nil {
		return false, err
	}
	if err := tx.DB.Exec(beat, map[string]any{"node": p.Node, "now": tx.Now, "off": p.Off.Milliseconds()}).Error; err != nil {
		return false, fmt.Errorf("beat: %w", err)
	}
	err = tx.DB.Exec(`DELETE FROM heartbeat WHERE node <> @node AND seen_at < @old`,
		map[string]any{"node": p.Node, "old": tx.Now.Add(-24 * time.Hour)}).Error
	if err != nil {
		return false, fmt.Errorf("forget nodes long gone: %w", err)
	}
	newest, err := lastAlive(tx)
	return newest != nil && newest.After(tx.Now.Add(tolerance)), err
}

func noteSilence(tx *tenants.Tx, leap time.Duration) error {
	err := tx.DB.Exec(noteOutage, map[string]any{"now": tx.Now, "blind": Blind.String(), "leap": max(leap, 0).String()}).Error
	if err != nil {
		return fmt.Errorf("note an outage: %w", err)
	}
	return nil
}

func lastAlive(tx *tenants.Tx) (*time.Time, error) {
	var alive struct{ SeenAt *time.Time }
	if err := tx.DB.Raw(`SELECT max(seen_at) AS seen_at FROM heartbeat`).Scan(&alive).Error; err != nil {
		return nil, fmt.Errorf("read heartbeats: %w", err)
	}
	return alive.SeenAt, nil
}

// ClockOff is how far the clock of that node is off whose clock is off most, among those alive; nothing where all are
// right.
func ClockOff(_ context.Context, tx *tenants.Tx) (time.Duration, error) {
	var most struct{ OffMs int64 }
	err := tx.DB.Raw(`SELECT off_ms FROM heartbeat WHERE seen_at > @recent ORDER BY abs(off_ms) DESC LIMIT 1`,
		map[string]any{"recent": tx.Now.Add(-Blind)}).Scan(&most).Error
	if err != nil {
		return 0, fmt.Errorf("read how far clocks are off: %w", err)
	}
	return time.Duration(most.OffMs) * time.Millisecond, nil
}

// outagesSince reads the outages that can touch the occurrences at hand. The judge may look before the first heartbeat
// after an outage has written it down, so it writes it down itself: what has an end cannot grow from look to look.
func outagesSince(tx *tenants.Tx, rows []Occurrence) ([]Span, error) {
	if err := noteSilence(tx, 0); err != nil {
		return nil, err
	}
	earliest := rows[0].OpensAt
	for _, o := range rows {
		if o.OpensAt.Before(earliest) {
			earliest = o.OpensAt
		}
	}
	var found []struct {
		FromAt, ToAt time.Time
		Kind         string
	}
	err := tx.DB.Raw(`SELECT from_at, to_at, kind FROM outage WHERE to_at > @earliest AND withdrawn_at IS NULL ORDER BY from_at`,
		map[string]any{"earliest": earliest}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read outages: %w", err)
	}
	spans := make([]Span, len(found))
	for i, f := range found {
		spans[i] = Span{From: f.FromAt, To: f.ToAt, Leapt: f.Kind == "clock"}
	}
	return spans, nil
}

// excusesOf gives why some occurrences need not be, each reason as it stands with its corrections: it goes out in mails.
func excusesOf(tx *tenants.Tx, of []key) (map[key]string, error) {
	keys := make([]map[string]int64, len(of))
	for i, o := range of {
		keys[i] = map[string]int64{"tenant_id": o.town, "occurrence_id": o.id}
	}
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("read excuses: %w", err)
	}
	var found []struct {
		TenantID, OccurrenceID, ID int64
		Reason                     string
	}
	err = tx.DB.Raw(`SELECT e.tenant_id, e.occurrence_id, e.id, e.reason FROM excuse e
		JOIN jsonb_to_recordset(CAST(@keys AS jsonb)) AS k(tenant_id bigint, occurrence_id bigint)
		ON e.tenant_id = k.tenant_id AND e.occurrence_id = k.occurrence_id`, map[string]any{"keys": string(b)}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read excuses: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	refs := make([]correction.Ref, len(found))
	for i, f := range found {
		refs[i] = correction.Ref{Ledger: "excuse", Town: f.TenantID, Row: f.ID}
	}
	corrected, err := correction.Read(tx, refs)
	if err != nil {
		return nil, err
	}
	for i := range found {
		corrected[refs[i]].Text("reason_given", &found[i].Reason)
	}
	out := map[key]string{}
	for _, f := range found {
		out[key{f.TenantID, f.OccurrenceID}] = f.Reason
	}
	return out, nil
}

// Round is one job's newest run.
type Round struct {
	Job       string
	StartedAt time.Time
	OkAt      *time.Time
	LastError string
	Did       int
}

// RoundEnded writes down that a job ran: how much it did, and the error where it failed. A failed run keeps the time of
// the last good one.
func RoundEnded(_ context.Context, tx *tenants.Tx, job string, started time.Time, did int, failure error) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	text, ok := "", &tx.Now
	if failure != nil {
		text, ok = failure.Error(), nil
	}
	err := tx.DB.Exec(`INSERT INTO round AS r (job, started_at, ok_at, last_error, did) VALUES (@job, @started, @ok, @error, @did)
		ON CONFLICT (job) DO UPDATE SET started_at = EXCLUDED.started_at, ok_at = coalesce(EXCLUDED.ok_at, r.ok_at),
			last_error = EXCLUDED.last_error, did = EXCLUDED.did`,
		map[string]any{"job": job, "started": started, "ok": ok, "error": text, "did": did}).Error
	if err != nil {
		return fmt.Errorf("write down round of %s: %w", job, err)
	}
	return nil
}

// Rounds lists when each job last ran, for whoever asks whether Tanamori itself is well.
func Rounds(_ context.Context, tx *tenants.Tx) ([]Round, error) {
	var rounds []Round
	if err := tx.DB.Raw(`SELECT job, started_at, ok_at, last_error, did FROM round ORDER BY job`).Scan(&rounds).Error; err != nil {
		return nil, fmt.Errorf("read rounds: %w", err)
	}
	return rounds, nil
}
