package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/town"
)

// Plan is one server's backup: when it runs, where the copy lies, and how far it must be proved.
type Plan struct {
	TownID     int64  `json:"town_id"`
	ID         int64  `json:"id"`
	ServerID   int64  `json:"server_id"`
	ServerName string `json:"server_name"`
	ServerRole string `json:"server_role"`
	StoreName  string `json:"store_name"`
	DutyID     *int64 `json:"duty_id" doc:"The duty whose nights the plan's runs answer for."`
	PlanSettings
	PingURL   *string    `json:"ping_url" doc:"Where the machine checks in. Null for those who may not read it: whoever knows it can check in."`
	State     *PlanState `json:"state" doc:"Of the newest night; null before the first."`
	LastAt    *time.Time `json:"last_at" doc:"The newest check-in."`
	CreatedAt time.Time  `json:"created_at"`
	RetiredAt *time.Time `json:"retired_at"`
}

// PlanState is how the newest night of a plan stands.
type PlanState struct {
	Night   *string `json:"night" format:"date"`
	Verdict *string `json:"verdict" doc:"met, late, failed, missed, excused or unknown; null while it is pending."`
	Reason  *Reason `json:"reason"`
}

// PlanSettings is what a person entered about a plan.
type PlanSettings struct {
	Name           string  `json:"name"`
	Slug           string  `json:"slug" doc:"The second address to check in at: /ping/{the town's ping key}/{slug}."`
	Cron           string  `json:"cron"`
	Zone           string  `json:"zone"`
	Policy         string  `json:"policy" enum:"every_day,open_days,roll_forward"`
	EarlyMinutes   int     `json:"early_minutes"`
	WindowMinutes  int     `json:"window_minutes"`
	GraceMinutes   int     `json:"grace_minutes"`
	LongestMinutes int     `json:"longest_minutes"`
	StoreID        int64   `json:"store_id"`
	Pattern        string  `json:"pattern"`
	Reports        bool    `json:"reports"`
	Manifest       string  `json:"manifest" enum:"none,any,sidecar,checkin"`
	RequiredLevel  int     `json:"required_level"`
	MinBytes       *int64  `json:"min_bytes"`
	MaxBytes       *int64  `json:"max_bytes"`
	DeviationK     float64 `json:"deviation_k"`
	SettleMinutes  int     `json:"settle_minutes"`
	Severity       string  `json:"severity" enum:"critical,warning"`
	LadderID       int64   `json:"ladder_id"`
}

// PlanInput is what is entered about a plan. What is left out takes the value of a new plan's form: 02:00 every night,
// there by 03:30, judged at 04:00. Pointers, because nought and false are values too.
type PlanInput struct {
	ServerID       int64    `json:"server_id" minimum:"1"`
	Name           string   `json:"name,omitempty" maxLength:"1000" default:"夜間バックアップ"`
	Slug           string   `json:"slug,omitempty" maxLength:"63" doc:"The second address to check in at: /ping/{the town's ping key}/{slug}. Empty makes one; a change leaves it as it is."`
	Cron           string   `json:"cron,omitempty" maxLength:"200" default:"0 2 * * *" doc:"Cron expression of five fields, on the wall clock of the zone."`
	Zone           string   `json:"zone,omitempty" maxLength:"100" doc:"IANA time zone; empty: the town's."`
	Policy         string   `json:"policy,omitempty" enum:"every_day,open_days,roll_forward" default:"every_day" doc:"What becomes of a period on a closed day: as on others, none, or moved to the next open day."`
	EarlyMinutes   *int     `json:"early_minutes,omitempty" default:"120" doc:"Evidence counts from this long before the scheduled time."`
	WindowMinutes  *int     `json:"window_minutes,omitempty" default:"90" doc:"It must be there this long after it."`
	GraceMinutes   *int     `json:"grace_minutes,omitempty" default:"30" doc:"And is judged missed this long after that."`
	LongestMinutes *int     `json:"longest_minutes,omitempty" default:"90" doc:"A started one must end within."`
	StoreID        int64    `json:"store_id" minimum:"1"`
	Pattern        string   `json:"pattern" maxLength:"1000" doc:"The file's name on the store, with date placeholders."`
	Reports        *bool    `json:"reports,omitempty" default:"true" doc:"The machine checks in; otherwise the store is looked into."`
	Manifest       string   `json:"manifest,omitempty" enum:"none,any,sidecar,checkin" default:"any" doc:"Where the source wrote the hash that the copy is compared with."`
	RequiredLevel  *int     `json:"required_level,omitempty" default:"5" doc:"How far a copy must be proved: 0 reported, 1 present, 2 plausible, 3 matches, 4 read to the end, 5 structure parses."`
	MinBytes       *int64   `json:"min_bytes,omitempty"`
	MaxBytes       *int64   `json:"max_bytes,omitempty"`
	DeviationK     *float64 `json:"deviation_k,omitempty" default:"3.5" doc:"How many deviations from the usual size or duration are plausible."`
	SettleMinutes  *int     `json:"settle_minutes,omitempty" default:"120" doc:"How long an examination may take before nobody knows."`
	Severity       string   `json:"severity,omitempty" enum:"critical,warning" default:"critical"`
	LadderID       int64    `json:"ladder_id,omitempty" doc:"Whom to tell when it fails; 0: the town's default ladder."`
}

func (in PlanInput) room(ctx context.Context, tx *tenants.Tx, townID int64) (backup.PlanInput, error) {
	out := backup.PlanInput{ServerID: in.ServerID, Name: in.Name, Slug: in.Slug, Cron: in.Cron, Zone: in.Zone, Policy: schedule.Policy(in.Policy),
		EarlyMinutes: *in.EarlyMinutes, WindowMinutes: *in.WindowMinutes, GraceMinutes: *in.GraceMinutes, LongestMinutes: *in.LongestMinutes,
		StoreID: in.StoreID, Pattern: in.Pattern, Reports: *in.Reports, Manifest: in.Manifest, RequiredLevel: *in.RequiredLevel,
		MinBytes: in.MinBytes, MaxBytes: in.MaxBytes, DeviationK: *in.DeviationK, SettleMinutes: *in.SettleMinutes, Severity: in.Severity,
		LadderID: in.LadderID}
	if out.Zone == "" {
		t, err := town.Get(ctx, tx, townID)
		if err != nil {
			return out, err
		}
		out.Zone = t.Zone
	}
	if out.LadderID == 0 {
		var err error
		if out.LadderID, err = town.DefaultLadder(ctx, tx, townID); err != nil {
			return out, err
		}
	}
	return out, nil
}

// planOf shows the check-in address to those who may read it.
func planOf(ctx context.Context, tx *tenants.Tx, p backup.PlanView) Plan {
	out := Plan{TownID: p.TenantID, ID: p.ID, ServerID: p.ServerID, ServerName: p.ServerName, ServerRole: p.ServerRole, StoreName: p.StoreName,
		DutyID: p.DutyID, LastAt: utc(p.LastAt), CreatedAt: p.CreatedAt.UTC(), RetiredAt: utc(p.RetiredAt),
		PlanSettings: PlanSettings{Name: p.Name, Slug: p.Slug, Cron: p.Cron, Zone: p.Zone, Policy: string(p.Policy), EarlyMinutes: p.EarlyMinutes,
			WindowMinutes: p.WindowMinutes, GraceMinutes: p.GraceMinutes, LongestMinutes: p.LongestMinutes, StoreID: p.StoreID, Pattern: p.Pattern,
			Reports: p.Reports, Manifest: p.Manifest, RequiredLevel: p.RequiredLevel, MinBytes: p.MinBytes, MaxBytes: p.MaxBytes,
			DeviationK: p.DeviationK, SettleMinutes: p.SettleMinutes, Severity: p.Severity, LadderID: p.LadderID}}
	if p.UUID != "" && tx.Actor.May(tenants.ReadPingURL, p.TenantID) {
		out.PingURL = ptr(baseURL(ctx) + "/ping/" + p.UUID)
	}
	if p.StateNight != nil {
		out.State = &PlanState{Night: p.StateNight, Verdict: p.Verdict, Reason: reasonOf(p.Reason())}
	}
	return out
}

func onePlan(ctx context.Context, tx *tenants.Tx, townID, id int64) (Plan, error) {
	p, err := backup.GetPlan(ctx, tx, townID, id)
	if err != nil {
		return Plan{}, err
	}
	return planOf(ctx, tx, p), nil
}

func listPlans(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Retired bool `query:"retired" doc:"Retired ones too; check-in addresses are left out then."`
}) (List[Plan], error) {
	list := backup.ListPlans
	if in.Retired {
		list = backup.AllPlans
	}
	plans, err := list(ctx, tx, in.Town)
	return whole(plans, func(p backup.PlanView) Plan { return planOf(ctx, tx, p) }), err
}

func getPlan(ctx context.Context, tx *tenants.Tx, in *Of) (Plan, error) {
	return onePlan(ctx, tx, in.Town, in.ID)
}

func addPlan(ctx context.Context, tx *tenants.Tx, in *townWith[PlanInput]) (Plan, error) {
	input, err := in.Body.room(ctx, tx, in.Town)
	if err != nil {
		return Plan{}, err
	}
	p, err := backup.AddPlan(ctx, tx, in.Town, input)
	if err != nil {
		return Plan{}, err
	}
	return onePlan(ctx, tx, in.Town, p.ID)
}

func changePlan(ctx context.Context, tx *tenants.Tx, in *ofWith[PlanInput]) (Plan, error) {
	input, err := in.Body.room(ctx, tx, in.Town)
	if err != nil {
		return Plan{}, err
	}
	if _, err := backup.ChangePlan(ctx, tx, in.Town, in.ID, input); err != nil {
		return Plan{}, err
	}
	return onePlan(ctx, tx, in.Town, in.ID)
}

func retirePlan(ctx context.Context, tx *tenants.Tx, in *Of) (Plan, error) {
	if err := backup.RetirePlan(ctx, tx, in.Town, in.ID); err != nil {
		return Plan{}, err
	}
	return onePlan(ctx, tx, in.Town, in.ID)
}

func rotatePing(ctx context.Context, tx *tenants.Tx, in *Of) (Plan, error) {
	p, err := backup.GetPlan(ctx, tx, in.Town, in.ID)
	if err != nil {
		return Plan{}, err
	}
	if _, err := checkin.RotateUUID(ctx, tx, in.Town, *p.SourceID); err != nil {
		return Plan{}, err
	}
	return onePlan(ctx, tx, in.Town, in.ID)
}

// Checkin is one check-in as it came.
type Checkin struct {
	ID          int64      `json:"id"`
	PlanID      int64      `json:"plan_id"`
	At          time.Time  `json:"at"`
	Kind        string     `json:"kind" enum:"start,success,fail,log"`
	ExitStatus  *int       `json:"exit_status"`
	RID         *string    `json:"rid" doc:"The run's id, by which a start and an end belong together."`
	Method      string     `json:"method"`
	Remote      string     `json:"remote" doc:"The sender's address."`
	Agent       string     `json:"agent"`
	ContentType string     `json:"content_type"`
	Body        string     `json:"body" doc:"In a list its last 4 KiB. What is not UTF-8 is shown as U+FFFD."`
	BodyBytes   int64      `json:"body_bytes" doc:"Length of the whole body."`
	TakenAt     *time.Time `json:"taken_at" doc:"When the ledger took it in."`
}

func checkinOf(c checkin.Checkin) Checkin {
	out := Checkin{ID: c.ID, PlanID: c.AboutID, At: c.At.UTC(), Kind: string(c.Kind), ExitStatus: c.ExitStatus, Method: c.Method, Remote: c.Remote,
		Agent: c.Agent, ContentType: c.ContentType, Body: string(c.Body), BodyBytes: c.BodyBytes, TakenAt: utc(c.TakenAt)}
	if c.RID != nil {
		out.RID = ptr(c.RID.String())
	}
	return out
}

func listCheckins(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Cursor string `query:"cursor" maxLength:"64" doc:"The next of the page before; nothing for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to give at most."`
}) (List[Checkin], error) {
	p, err := backup.GetPlan(ctx, tx, in.Town, in.ID)
	if err != nil {
		return List[Checkin]{}, err
	}
	before, err := Page{Cursor: in.Cursor}.before()
	if err != nil {
		return List[Checkin]{}, err
	}
	rows, err := checkin.List(ctx, tx, in.Town, *p.SourceID, before, in.Limit+1)
	return paged(rows, in.Limit, func(c checkin.Checkin) int64 { return c.ID }, checkinOf), err
}

func getCheckin(ctx context.Context, tx *tenants.Tx, in *Of) (Checkin, error) {
	c, err := checkin.Get(ctx, tx, in.Town, in.ID)
	return checkinOf(c), err
}
