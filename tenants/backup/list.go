package backup

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty/schedule"
)

// PlanView is a plan with what its duty, source, server and store say of it.
type PlanView struct {
	Plan
	ServerName     string
	ServerRole     string
	StoreName      string
	UUID           string
	Slug           string
	Cron           string
	Zone           string
	Policy         schedule.Policy
	EarlyMinutes   int
	WindowMinutes  int
	GraceMinutes   int
	LongestMinutes int
	Severity       string
	LadderID       int64
	Verdict        *string // newest state of the duty
	ReasonCode     *string
	ReasonParams   tenants.Params
	StateNight     *string
	LastAt         *time.Time // newest check-in
}

// Input is the plan as its form would be filled in.
func (p PlanView) Input() PlanInput {
	return PlanInput{ServerID: p.ServerID, Name: p.Name, Slug: p.Slug, Cron: p.Cron, Zone: p.Zone, Policy: p.Policy,
		EarlyMinutes: p.EarlyMinutes, WindowMinutes: p.WindowMinutes, GraceMinutes: p.GraceMinutes, LongestMinutes: p.LongestMinutes,
		StoreID: p.StoreID, Pattern: p.Pattern, Reports: p.Reports, Manifest: p.Manifest, RequiredLevel: p.RequiredLevel,
		MinBytes: p.MinBytes, MaxBytes: p.MaxBytes, DeviationK: p.DeviationK, SettleMinutes: p.SettleMinutes, Severity: p.Severity,
		LadderID: p.LadderID}
}

// Reason is why the newest state is what it is.
func (p PlanView) Reason() tenants.Reason {
	if p.ReasonCode == nil {
		return tenants.Reason{}
	}
	return tenants.Reason{Code: *p.ReasonCode, Params: p.ReasonParams}
}

const planView = `
SELECT p.*, s.name AS server_name, s.role AS server_role, t.name AS store_name, c.uuid::text AS uuid, c.slug,
	d.cron, d.zone, d.policy, d.early_minutes, d.window_minutes, d.grace_minutes, d.longest_minutes, d.severity, d.ladder_id,
	ds.verdict, ds.reason_code, ds.reason_params, ds.night::text AS state_night, cs.last_at
FROM plan p
JOIN server s ON s.tenant_id = p.tenant_id AND s.id = p.server_id
JOIN store t ON t.tenant_id = p.tenant_id AND t.id = p.store_id
JOIN duty d ON d.tenant_id = p.tenant_id AND d.id = p.duty_id
JOIN source c ON c.tenant_id = p.tenant_id AND c.id = p.source_id
LEFT JOIN duty_state ds ON ds.tenant_id = p.tenant_id AND ds.duty_id = p.duty_id
LEFT JOIN source_state cs ON cs.tenant_id = p.tenant_id AND cs.source_id = p.source_id
WHERE p.tenant_id = @town AND (CAST(@id AS bigint) = 0 OR p.id = @id) AND (CAST(@retired AS boolean) OR p.retired_at IS NULL)
ORDER BY s.position, s.id, p.id`

// ListPlans lists a town's plans in use. The check-in addresses are left out for those who may not see them: whoever knows
// one can check in.
func ListPlans(_ context.Context, tx *tenants.Tx, town int64) ([]PlanView, error) {
	if err := tx.Permit(tenants.ReadPlan, town); err != nil {
		return nil, err
	}
	var plans []PlanView
	if err := tx.DB.Raw(planView, map[string]any{"town": town, "id": 0, "retired": false}).Scan(&plans).Error; err != nil {
		return nil, fmt.Errorf("list plans of town %d: %w", town, err)
	}
	if !tx.Actor.May(tenants.ReadPingURL, town) {
		for i := range plans {
			plans[i].UUID = ""
		}
	}
	return plans, nil
}

// GetPlan reads one plan, in use or retired, with its check-in address as in ListPlans.
func GetPlan(_ context.Context, tx *tenants.Tx, town, id int64) (PlanView, error) {
	if err := tx.Permit(tenants.ReadPlan, town); err != nil {
		return PlanView{}, err
	}
	var plans []PlanView
	if err := tx.DB.Raw(planView, map[string]any{"town": town, "id": id, "retired": true}).Scan(&plans).Error; err != nil {
		return PlanView{}, fmt.Errorf("read plan %d: %w", id, err)
	}
	if id == 0 || len(plans) == 0 {
		return PlanView{}, tenants.NotFound()
	}
	p := plans[0]
	if !tx.Actor.May(tenants.ReadPingURL, town) {
		p.UUID = ""
	}
	return p, nil
}

// ListRuns lists a plan's newest runs before the given id (0 for the newest), at most limit.
func ListRuns(_ context.Context, tx *tenants.Tx, town, plan, before int64, limit int) ([]Run, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return nil, err
	}
	var runs []Run
	err := tx.DB.Raw(`SELECT * FROM run WHERE tenant_id = @town AND plan_id = @plan AND (CAST(@before AS bigint) = 0 OR id < @before) ORDER BY id DESC LIMIT @limit`,
		map[string]any{"town": town, "plan": plan, "before": before, "limit": limit}).Scan(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("list runs of plan %d: %w", plan, err)
	}
	return runs, nil
}

// GetRun reads one run.
func GetRun(_ context.Context, tx *tenants.Tx, town, id int64) (Run, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return Run{}, err
	}
	var r Run
	if err := tx.DB.Where("tenant_id = ? AND id = ?", town, id).Take(&r).Error; err != nil {
		return Run{}, fmt.Errorf("read run %d: %w", id, err)
	}
	return r, nil
}

// Levels lists what the newest examination of each of the runs proved, level by level, by run.
func Levels(_ context.Context, tx *tenants.Tx, town int64, runs ...int64) (map[int64][]Level, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return nil, err
	}
	out := map[int64][]Level{}
	if len(runs) == 0 {
		return out, nil
	}
	var rows []Level
	err := tx.DB.Raw(`SELECT v.* FROM unnest(string_to_array(@runs, ',')::bigint[]) r
		CROSS JOIN LATERAL (SELECT max(examination) AS newest FROM verification WHERE tenant_id = @town AND run_id = r) n
		CROSS JOIN LATERAL (SELECT * FROM verification WHERE tenant_id = @town AND run_id = r AND examination = n.newest LIMIT 10) v
		ORDER BY v.run_id, v.level`, map[string]any{"town": town, "runs": tenants.IDs(runs)}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list levels: %w", err)
	}
	for _, l := range rows {
		out[l.RunID] = append(out[l.RunID], l)
	}
	return out, nil
}
