package duty

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// words are the verdicts as people say them; what is nobody's verdict yet is "".
var words = map[Verdict][2]string{
	Met: {"正常", "OK"}, Late: {"遅れ", "Late"}, Failed: {"失敗", "Failed"}, Missed: {"未着", "Missing"},
	Excused: {"対象なし", "Excused"}, Unknown: {"不明", "Unknown"}, Pending: {"判定待ち", "Pending"},
}

// Word is a verdict in the reader's language.
func Word(v Verdict, lang string) string {
	if lang == "en" {
		return words[v][1]
	}
	return words[v][0]
}

// Told is what one duty came to since some moment: the worst of its occurrences, and how many there were.
type Told struct {
	TenantID     int64
	DutyID       int64
	Kind         string
	Subject      string // and its work: 戸籍正 バックアップ
	OccurrenceID int64
	Night        calendar.Date
	Verdict      Verdict
	Reason       tenants.Reason `gorm:"-"`
	ArrivedAt    *time.Time
	RecoveredAt  *time.Time
	Count        int // all of them, this one too
	Fine         int // of which met
}

// What is read is bounded by the duty's own times: nothing is judged later than its window, its grace and the time that an
// examination may take, twice that where Tanamori itself was away, and some days for a store that does not answer. What has no
// verdict yet is found by that. What was excused ahead is told when its night has come. The LIMIT, which no duty reaches, keeps
// both bounds in the index: pulled up into the join, the lower one would be asked of all the years that a duty has.
const toldSince = `
WITH asked AS MATERIALIZED (
	SELECT d.tenant_id, d.id, x.since, x.since - 2 * make_interval(mins => d.window_minutes + d.grace_minutes + d.longest_minutes) - interval '3 days' AS oldest
	FROM unnest(CAST(@towns AS bigint[]), CAST(@since AS timestamptz[])) x (town, since) JOIN duty d ON d.tenant_id = x.town AND d.tenant_id = ANY (CAST(@towns AS bigint[]))
), news AS (
	SELECT o.* FROM asked a CROSS JOIN LATERAL (
		SELECT o.tenant_id, o.duty_id, o.id, o.night, o.verdict, o.reason_code, o.reason_params, o.scheduled_at, o.due_at, o.arrived_at, o.recovered_at FROM occurrence o
		WHERE o.tenant_id = a.tenant_id AND o.duty_id = a.id AND o.scheduled_at > a.oldest AND o.scheduled_at <= @now
			AND o.verdict IS NOT NULL AND greatest(o.judged_at, o.scheduled_at) > a.since
		ORDER BY o.scheduled_at DESC LIMIT 100000
	) o
	UNION ALL
	SELECT o.tenant_id, o.duty_id, o.id, o.night, o.verdict, o.reason_code, o.reason_params, o.scheduled_at, o.due_at, o.arrived_at, o.recovered_at
	FROM occurrence o WHERE o.verdict IS NULL AND o.due_at <= @now AND o.look_at IS NOT NULL AND o.scheduled_at <= @now AND o.tenant_id = ANY (CAST(@towns AS bigint[]))
), ranked AS (
	SELECT n.*, count(*) OVER w AS count, count(*) FILTER (WHERE n.verdict = 'met') OVER w AS fine,
		row_number() OVER (PARTITION BY n.tenant_id, n.duty_id ORDER BY CASE WHEN n.recovered_at IS NOT NULL THEN 1 ELSE 0 END,
			CASE n.verdict WHEN 'missed' THEN 0 WHEN 'failed' THEN 1 WHEN 'unknown' THEN 2 WHEN 'late' THEN 4 WHEN 'met' THEN 5 WHEN 'excused' THEN 6 ELSE 3 END, n.scheduled_at DESC, n.id) AS nth
	FROM news n WINDOW w AS (PARTITION BY n.tenant_id, n.duty_id)
)
SELECT r.tenant_id, r.duty_id, d.kind, btrim(d.subject || ' ' || d.work) AS subject, r.id AS occurrence_id, r.night, coalesce(r.verdict, '') AS verdict, r.reason_code, r.reason_params,
	r.scheduled_at, r.due_at, d.zone, r.arrived_at, r.recovered_at, r.count, r.fine
FROM ranked r JOIN duty d ON d.tenant_id = r.tenant_id AND d.id = r.duty_id WHERE r.nth = 1 ORDER BY r.tenant_id, d.position, d.id`

// Since tells of each of the towns which of its duties were judged after its moment, and which have come due and have no
// verdict yet: one row a duty, in the order of the board, in one statement however many towns. Jobs only.
func Since(_ context.Context, tx *tenants.Tx, towns []int64, since []time.Time) ([]Told, error) {
	if err := tx.Permit(tenants.RunPipeline, towns...); err != nil {
		return nil, err
	}
	var rows []struct {
		Told
		Zone               string
		ReasonCode         *string
		ReasonParams       tenants.Params
		ScheduledAt, DueAt time.Time
	}
	if err := tx.DB.Raw(toldSince, map[string]any{"towns": &towns, "since": &since, "now": tx.Now}).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what was judged in %d towns: %w", len(towns), err)
	}
	out := make([]Told, len(rows))
	for i, r := range rows {
		out[i] = r.Told
		out[i].Reason = expected(r.ScheduledAt, r.DueAt, Duty{Zone: r.Zone}.location())
		if r.ReasonCode != nil {
			out[i].Reason = tenants.Reason{Code: *r.ReasonCode, Params: r.ReasonParams}
		}
	}
	return out, asExcused(tx, out)
}

// asExcused says of what was excused why, as the excuse stands: it may have been corrected since the verdict was given.
func asExcused(tx *tenants.Tx, told []Told) error {
	var of []key
	for _, t := range told {
		if t.Verdict == Excused {
			of = append(of, key{t.TenantID, t.OccurrenceID})
		}
	}
	if len(of) == 0 {
		return nil
	}
	reasons, err := excusesOf(tx, of)
	if err != nil {
		return err
	}
	for i, t := range told {
		if reason, ok := reasons[key{t.TenantID, t.OccurrenceID}]; ok && t.Verdict == Excused {
			params := tenants.Params{"reason": reason}
			for name, value := range t.Reason.Params {
				if _, ours := params[name]; !ours {
					params[name] = value
				}
			}
			told[i].Reason.Params = params
		}
	}
	return nil
}
