package watch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/incident"
)

// Findings are what one audit found and put right, of the kinds that it looked for.
type Findings struct {
	Breaches []tenants.Breach
	Blind    []string // kinds that this node cannot judge; what another found of them stands until it has looked no more
}

// Outcome is what came of an audit.
type Outcome struct {
	Standing int     // malfunctions that stand, over all towns
	Opened   []int64 // host towns with a new incident
	Over     []int64 // host towns whose incident is over
}

// One audit at a time, on whichever node: two would put the same thing right twice and count it twice. The others wait
// their turn rather than go away, so that an audit that ended well did look.
const alone = `SELECT set_config('lock_timeout', '10s', true), pg_advisory_xact_lock(hashtext('tanamori.watch'))`

// Begin is an audit's first act: from here on no other audit runs until the transaction ends. Jobs only.
func Begin(_ context.Context, tx *tenants.Tx) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if err := tx.DB.Exec(alone).Error; err != nil {
		return fmt.Errorf("wait to audit: %w", err)
	}
	return nil
}

// What came back too often counts as standing from the first time it was found. What belongs to the installation stands
// against every host town.
const keep = `
WITH found AS (
	SELECT t.id AS tenant_id, x.kind, bool_or(x.setting) AS setting, sum(x.count) AS count, sum(x.mended) AS mended, min(x.since) AS since
	FROM unnest(CAST(@towns AS bigint[]), CAST(@kinds AS text[]), CAST(@settings AS boolean[]), CAST(@counts AS integer[]), CAST(@mended AS integer[]),
		CAST(@sinces AS timestamptz[])) AS x (town, kind, setting, count, mended, since)
	JOIN tenant t ON t.id = x.town OR x.town = 0 AND t.kind = 'host'
	GROUP BY t.id, x.kind ORDER BY t.id, x.kind
), kept AS (
	INSERT INTO breach AS b (tenant_id, kind, setting, count, since, found_at, seen_at, mends, mended, mended_at)
	SELECT tenant_id, kind, setting, count, since, CAST(@now AS timestamptz), CASE WHEN count > 0 THEN CAST(@now AS timestamptz) END,
		CASE WHEN mended > 0 THEN 1 ELSE 0 END, mended, CASE WHEN mended > 0 THEN CAST(@now AS timestamptz) END FROM found
	ON CONFLICT (tenant_id, kind) DO UPDATE SET setting = EXCLUDED.setting, since = EXCLUDED.since,
		count = CASE WHEN EXCLUDED.count = 0 AND b.mends + EXCLUDED.mends >= @most THEN EXCLUDED.mended ELSE EXCLUDED.count END,
		found_at = CASE WHEN EXCLUDED.count = 0 OR b.seen_at > CAST(@calm AS timestamptz) THEN least(b.found_at, EXCLUDED.found_at) ELSE EXCLUDED.found_at END,
		seen_at = CASE WHEN EXCLUDED.count > 0 OR b.mends + EXCLUDED.mends >= @most THEN CAST(@now AS timestamptz) ELSE b.seen_at END,
		mends = b.mends + EXCLUDED.mends, mended = b.mended + EXCLUDED.mended, mended_at = coalesce(EXCLUDED.mended_at, b.mended_at)
	RETURNING b.tenant_id, b.kind
), gone AS (
	UPDATE breach b SET count = 0 WHERE b.count > 0 AND NOT EXISTS (SELECT 1 FROM found f WHERE f.tenant_id = b.tenant_id AND f.kind = b.kind)
		AND (b.kind <> ALL (CAST(@blind AS text[])) OR b.seen_at < CAST(@calm AS timestamptz))
	RETURNING b.tenant_id, b.kind
)
SELECT tenant_id FROM kept UNION SELECT tenant_id FROM gone`

const forget = `DELETE FROM breach WHERE count = 0 AND greatest(seen_at, mended_at, found_at) < CAST(@old AS timestamptz)`

const standing = `
SELECT h.id AS host, h.zone, b.kind, sum(b.count) AS count, min(b.since) AS since
FROM breach b JOIN tenant t ON t.id = b.tenant_id JOIN tenant h ON h.consortium_id = t.consortium_id AND h.kind = 'host'
WHERE b.count > 0 AND NOT b.setting AND b.found_at <= CAST(@patience AS timestamptz)
GROUP BY h.id, h.zone, b.kind ORDER BY h.id, min(b.since), b.kind`

// What was seen at a time that has not come was seen by a clock that has stepped back since; it holds up no end.
const calmed = `
SELECT i.tenant_id FROM incident i JOIN tenant h ON h.id = i.tenant_id
WHERE i.state <> 'resolved' AND i.cause = @cause AND NOT EXISTS (
	SELECT 1 FROM breach b JOIN tenant t ON t.id = b.tenant_id
	WHERE t.consortium_id = h.consortium_id AND NOT b.setting AND (b.count > 0 OR b.seen_at > CAST(@calm AS timestamptz) AND b.seen_at <= CAST(@now AS timestamptz)))`

// Note keeps what an audit found, and is its last act. What stands longer than Patience opens one incident in the host
// town of the consortium concerned; after Calm without any it is over. What was put right at once wakes nobody: it stands
// on the board for a day. Jobs only; the number of statements does not grow with what was found.
func Note(ctx context.Context, tx *tenants.Tx, f Findings) (Outcome, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return Outcome{}, err
	}
	if err := f.keep(tx); err != nil {
		return Outcome{}, err
	}
	var rows []struct {
		Host  int64
		Zone  string
		Kind  string
		Count int
		Since time.Time
	}
	if err := tx.DB.Raw(standing, map[string]any{"patience": tx.Now.Add(-Patience)}).Scan(&rows).Error; err != nil {
		return Outcome{}, fmt.Errorf("read what stands: %w", err)
	}
	var out Outcome
	var opens []incident.OpenInput
	for _, r := range rows {
		out.Standing += r.Count
		if n := len(opens); n > 0 && opens[n-1].Town == r.Host {
			opens[n-1].Reason.Params["more"] = "@watch.more"
			continue
		}
		opens = append(opens, incident.OpenInput{Town: r.Host, Cause: Cause, About: About, Subject: Subject, Severity: incident.Critical,
			Reason: Reason(r.Kind, r.Count, r.Since, tx.Now, zoneOf(r.Zone), false)})
	}
	opened, err := incident.OpenMany(ctx, tx, opens)
	if err != nil {
		return Outcome{}, err
	}
	for i, o := range opened {
		if o.New {
			out.Opened = append(out.Opened, opens[i].Town)
		}
	}
	err = tx.DB.Raw(calmed, map[string]any{"cause": Cause, "calm": tx.Now.Add(-Calm), "now": tx.Now}).Scan(&out.Over).Error
	if err != nil {
		return Outcome{}, fmt.Errorf("read what is over: %w", err)
	}
	ends := make([]incident.Resolution, len(out.Over))
	for i, host := range out.Over {
		ends[i] = incident.Resolution{Town: host, Cause: Cause, Reason: tenants.Reason{Code: "watch.clean"}}
	}
	return out, incident.ResolveMany(ctx, tx, ends)
}

func (f Findings) keep(tx *tenants.Tx) error {
	var towns []int64
	var kinds []string
	var settings []bool
	var counts, mended []int32
	var sinces []time.Time
	for _, b := range f.Breaches {
		towns, kinds, settings = append(towns, b.TenantID), append(kinds, b.Kind), append(settings, b.Setting)
		counts, mended, sinces = append(counts, int32(b.Count)), append(mended, int32(b.Mended)), append(sinces, b.Since)
	}
	blind := append([]string{}, f.Blind...) // empty, never NULL
	var changed []int64
	err := tx.DB.Raw(keep, map[string]any{"now": tx.Now, "towns": &towns, "kinds": &kinds, "settings": &settings, "counts": &counts, "mended": &mended,
		"sinces": &sinces, "blind": &blind, "most": mendsAtMost, "calm": tx.Now.Add(-Calm)}).Scan(&changed).Error
	if err != nil {
		return fmt.Errorf("keep what an audit found: %w", err)
	}
	if err := tx.DB.Exec(forget, map[string]any{"old": tx.Now.Add(-Remembered)}).Error; err != nil {
		return fmt.Errorf("forget what is long over: %w", err)
	}
	if len(changed) == 0 {
		return nil
	}
	err = tx.DB.Exec(`SELECT pg_notify(@channel, @page || ':' || t) FROM unnest(CAST(@towns AS bigint[])) t`,
		map[string]any{"channel": tenants.Channel, "page": string(tenants.WakePage), "towns": &changed}).Error
	if err != nil {
		return fmt.Errorf("wake pages: %w", err)
	}
	return nil
}

func number(n int) string { return strconv.Itoa(n) }

// zoneOf is a town's zone; one that the system's table has lost is shown as UTC.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
