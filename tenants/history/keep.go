package history

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/incident"
)

// Setting says when the log of the month before is to be reviewed: from a day of each month, within so many days. The rules
// only say 必要に応じて, so it is the host's own (運用上).
type Setting struct {
	Day  int // of the month, on which the review opens; on a closed day the next open one
	Days int // within which it is due
}

// Default is what holds where nobody has set anything.
var Default = Setting{Day: 1, Days: 7}

func (s Setting) cron() string { return fmt.Sprintf("0 9 %d * *", s.Day) }

func (s Setting) expect(town int64, zone string) duty.ExpectInput {
	return duty.ExpectInput{Town: town, Kind: Kind, AboutID: town, Subject: "操作履歴", Work: "前月分の確認", Cron: s.cron(), Zone: zone, Policy: schedule.RollForward,
		WindowMinutes: s.Days * 24 * 60, LongestMinutes: 24 * 60, Severity: incident.Warning, OffBoard: true}
}

// held is the duty as it stands.
type held struct {
	Setting Setting
	DutyID  int64 // 0 where the job has not met the host yet
}

func settingOf(tx *tenants.Tx, town int64) (held, error) {
	var rows []struct {
		ID            int64
		Cron          string
		WindowMinutes int
	}
	err := tx.DB.Raw(`SELECT id, cron, window_minutes FROM duty WHERE tenant_id = @town AND kind = @kind AND about_id = @town`,
		map[string]any{"town": town, "kind": Kind}).Scan(&rows).Error
	if err != nil {
		return held{}, fmt.Errorf("read when the log is to be reviewed: %w", err)
	}
	if len(rows) == 0 {
		return held{Setting: Default}, nil
	}
	out := held{DutyID: rows[0].ID, Setting: Setting{Day: Default.Day, Days: rows[0].WindowMinutes / (24 * 60)}}
	if words := strings.Fields(rows[0].Cron); len(words) == 5 {
		if day, err := strconv.Atoi(words[2]); err == nil {
			out.Setting.Day = day
		}
	}
	return out, nil
}

// Set changes when the log is to be reviewed.
func Set(ctx context.Context, tx *tenants.Tx, in Setting) (Setting, error) {
	if err := tx.Permit(tenants.SetReview); err != nil {
		return Setting{}, err
	}
	var v tenants.Invalid
	if in.Day < 1 || in.Day > 28 {
		v.Add("day", "1日から28日までで入力してください。", "Enter a day from 1 to 28.")
	}
	if in.Days < 1 || in.Days > 7 {
		v.Add("days", "1日から7日までで入力してください。", "Enter 1 to 7 days.")
	}
	if err := v.Err(); err != nil {
		return Setting{}, err
	}
	h, err := hostOf(tx)
	if err != nil {
		return Setting{}, err
	}
	before, err := settingOf(tx, h.ID)
	if err != nil {
		return Setting{}, err
	}
	expect := in.expect(h.ID, h.Zone)
	expect.DutyID = before.DutyID
	if _, err := duty.Expect(ctx, tx, expect); err != nil {
		return Setting{}, err
	}
	return in, tx.Record(tenants.Line{Town: h.ID, Act: tenants.SetReview, Object: "log_review_setting", Before: before.Setting, After: in})
}

const hostsWithout = `
SELECT t.id, t.zone FROM tenant t
WHERE t.kind = 'host' AND t.left_on IS NULL AND NOT EXISTS (SELECT FROM duty d WHERE d.tenant_id = t.id AND d.kind = @kind AND d.about_id = t.id)
ORDER BY t.id LIMIT @limit`

// What can be met now: an occurrence that has opened, is not good, and of whose month some review reaches the last day, or
// before which there was no log yet. Its month is the one before the day for which it was planned, wherever closed days moved it.
const toMeet = `
SELECT d.tenant_id, d.id AS duty_id, o.id AS occurrence_id, t.zone, t.created_at, t.consortium_id, x.last_on
FROM duty d JOIN tenant t ON t.id = d.tenant_id
JOIN occurrence o ON o.tenant_id = d.tenant_id AND o.duty_id = d.id AND o.opens_at <= @now AND o.outcome IS NULL
	AND (o.verdict IS NULL OR o.verdict IN ('failed', 'missed', 'unknown') AND o.recovered_at IS NULL)
CROSS JOIN LATERAL (SELECT CAST(date_trunc('month', o.period AT TIME ZONE d.zone) AS date) - 1 AS last_on) x
WHERE d.kind = @kind AND d.retired_at IS NULL AND (EXISTS (SELECT FROM log_review r WHERE r.tenant_id = d.tenant_id AND r.to_on >= x.last_on)
	OR CAST(t.created_at AT TIME ZONE d.zone AS date) > x.last_on)
ORDER BY d.tenant_id, o.scheduled_at`

// TakeIn gives every host its duty and tells the duty what reviews have met. It goes by state: whatever was reviewed before
// the occurrence opened counts when it does. It tells how many it met; safe to run twice.
func TakeIn(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var hosts []struct {
		ID   int64
		Zone string
	}
	if err := tx.DB.Raw(hostsWithout, map[string]any{"kind": Kind, "limit": limit}).Scan(&hosts).Error; err != nil {
		return 0, fmt.Errorf("find hosts without the duty of review: %w", err)
	}
	for _, h := range hosts {
		if err := duty.ExpectFromTheBeginning(ctx, tx, Default.expect(h.ID, h.Zone)); err != nil {
			return 0, err
		}
	}
	var open []struct {
		TenantID, DutyID, OccurrenceID, ConsortiumID int64
		Zone                                         string
		CreatedAt                                    time.Time
		LastOn                                       calendar.Date
	}
	if err := tx.DB.Raw(toMeet, map[string]any{"kind": Kind, "now": tx.Now}).Scan(&open).Error; err != nil {
		return 0, fmt.Errorf("find reviews that are due: %w", err)
	}
	var met []duty.Attestation
	for _, o := range open {
		h := host{ID: o.TenantID, Zone: o.Zone, CreatedAt: o.CreatedAt}
		towns, err := townsOf(tx, &h, o.ConsortiumID)
		if err != nil {
			return 0, err
		}
		left, err := remaining(tx, h, towns, o.LastOn)
		if err != nil {
			return 0, err
		}
		if len(left) == 0 {
			met = append(met, duty.Attestation{Town: o.TenantID, DutyID: o.DutyID, OccurrenceID: o.OccurrenceID, Kind: duty.Good, At: tx.Now,
				Reason: tenants.Reason{Code: "history.reviewed", Params: tenants.Params{"to": fmt.Sprintf("%d/%d", int(o.LastOn.Month()), o.LastOn.Day())}}})
		}
	}
	_, err := duty.Attest(ctx, tx, met)
	return len(met), err
}

// townsOf are the towns whose lines a host reviews, and when the host's log begins.
func townsOf(tx *tenants.Tx, h *host, consortium int64) ([]int64, error) {
	var rows []struct {
		ID      int64
		FirstAt *time.Time
	}
	err := tx.DB.Raw(`SELECT t.id, CASE WHEN t.id = @host THEN (SELECT l.at FROM operation_log l WHERE l.tenant_id = t.id ORDER BY l.at, l.id LIMIT 1) END AS first_at
		FROM tenant t WHERE t.consortium_id = @consortium ORDER BY t.id`, map[string]any{"host": h.ID, "consortium": consortium}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find whose lines are reviewed: %w", err)
	}
	towns := make([]int64, len(rows))
	for i, r := range rows {
		towns[i] = r.ID
		if r.FirstAt != nil {
			h.FirstAt = r.FirstAt
		}
	}
	return towns, nil
}
