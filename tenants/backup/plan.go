// Package backup is the backup ledger: where a server's copies lie, what is planned, each run, and how far the copy on
// the store was proved to be good (バックアップの確認, RK 第3条第1号).
package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/server"
)

// Kind is the ledger's word in duties and sources.
const Kind = "backup"

// Plan is one server's backup: when it runs, where the copy lies, and how far it must be proved.
type Plan struct {
	TenantID      int64
	ID            int64
	ServerID      int64
	Name          string
	DutyID        *int64
	SourceID      *int64
	StoreID       int64
	Pattern       string // file name on the store, with date placeholders
	Reports       bool   // the machine checks in; otherwise the store is looked into
	Manifest      string // where the source wrote the hash: none, any, sidecar, checkin
	RequiredLevel int
	MinBytes      *int64
	MaxBytes      *int64
	DeviationK    float64
	SettleMinutes int // how long an examination may take before nobody knows
	LookAt        *time.Time
	CreatedAt     time.Time
	RetiredAt     *time.Time
}

// TableName is the plan's table.
func (Plan) TableName() string { return "plan" }

// PlanInput is what a person says of a plan. The schedule's part goes to the plan's duty.
type PlanInput struct {
	ServerID       int64
	Name           string
	Slug           string // the check-in door's second address; empty makes one
	Cron           string
	Zone           string
	Policy         schedule.Policy
	EarlyMinutes   int
	WindowMinutes  int
	GraceMinutes   int
	LongestMinutes int
	StoreID        int64
	Pattern        string
	Reports        bool
	Manifest       string
	RequiredLevel  int
	MinBytes       *int64
	MaxBytes       *int64
	DeviationK     float64
	SettleMinutes  int
	Severity       string
	LadderID       int64
}

// Defaults are the values a new plan's form begins with: 02:00 every night, there by 03:30, judged at 04:00.
func Defaults(zone string) PlanInput {
	return PlanInput{Name: "夜間バックアップ", Cron: "0 2 * * *", Zone: zone, Policy: schedule.EveryDay, EarlyMinutes: 120, WindowMinutes: 90,
		GraceMinutes: 30, LongestMinutes: 90, Reports: true, Manifest: "any", RequiredLevel: V5, DeviationK: 3.5, SettleMinutes: 120,
		Severity: "critical"}
}

var (
	_ = tenants.Constraint("plan_name", "name", "このサーバには同じ名称の計画があります。", "This server has a plan of this name already.")
	_ = tenants.Constraint("plan_sizes", "max_bytes", "上限は下限以上にしてください。", "The upper bound must not be below the lower one.")
)

func (in *PlanInput) check() error {
	var v tenants.Invalid
	in.Name = strings.TrimSpace(in.Name)
	if in.Name == "" || len([]rune(in.Name)) > 100 {
		v.Add("name", "名称を100字以内で入力してください。", "Enter a name of at most 100 characters.")
	}
	if _, err := store.ParsePattern(in.Pattern); err != nil {
		var pe *store.PatternError
		if !errors.As(err, &pe) {
			return fmt.Errorf("check pattern: %w", err)
		}
		code, params := pe.Reason()
		r := tenants.Reason{Code: code, Params: params}
		v.Add("pattern", r.In("ja"), r.In("en"))
	}
	if in.RequiredLevel < V0 || in.RequiredLevel > V5 {
		v.Add("required_level", "確かめる深さを選んでください。", "Choose how far it must be proved.")
	}
	switch in.Manifest {
	case "none", "any", "sidecar", "checkin":
	default:
		v.Add("manifest", "照合のもとを選んでください。", "Choose what it is compared with.")
	}
	if !in.Reports && in.Manifest == "checkin" {
		v.Add("manifest", "申告のない計画では、申告の値と照合できません。", "A plan without reports cannot be compared with one.")
	}
	if in.MinBytes != nil && *in.MinBytes < 0 {
		v.Add("min_bytes", "0以上で入力してください。", "Must not be negative.")
	}
	if in.MaxBytes != nil && *in.MaxBytes <= 0 {
		v.Add("max_bytes", "1以上で入力してください。", "Must be at least 1.")
	}
	if in.MinBytes != nil && in.MaxBytes != nil && *in.MinBytes > *in.MaxBytes {
		v.Add("max_bytes", "上限は下限以上にしてください。", "The upper bound must not be below the lower one.")
	}
	if in.DeviationK < 1 || in.DeviationK > 10 {
		v.Add("deviation_k", "1〜10で入力してください。", "Enter 1 to 10.")
	}
	if in.SettleMinutes < 1 || in.SettleMinutes > 1440 {
		v.Add("settle_minutes", "1〜1440分で入力してください。", "Enter 1 to 1440 minutes.")
	}
	if in.Severity != "critical" && in.Severity != "warning" {
		v.Add("severity", "重大度を選んでください。", "Choose a severity.")
	}
	// The duty's fields are part of the same form: say everything at once.
	var f *tenants.Fault
	if err := (duty.ExpectInput{Subject: in.Name, Cron: in.Cron, Zone: in.Zone, Policy: in.Policy, EarlyMinutes: in.EarlyMinutes,
		WindowMinutes: in.WindowMinutes, GraceMinutes: in.GraceMinutes, LongestMinutes: in.LongestMinutes}).Check(); errors.As(err, &f) {
		for _, x := range f.Fields {
			if x.Field != "name" {
				v.Fields = append(v.Fields, x)
			}
		}
	} else if err != nil {
		return err
	}
	return v.Err()
}

func (in PlanInput) expect(town int64, p Plan, s server.Server) duty.ExpectInput {
	e := duty.ExpectInput{Town: town, Kind: Kind, AboutID: p.ID, Subject: s.Name, Work: in.Name, Position: s.Position, Cron: in.Cron,
		Zone: in.Zone, Policy: in.Policy, EarlyMinutes: in.EarlyMinutes, WindowMinutes: in.WindowMinutes, GraceMinutes: in.GraceMinutes,
		LongestMinutes: in.LongestMinutes, Severity: in.Severity, LadderID: in.LadderID}
	if p.DutyID != nil {
		e.DutyID = *p.DutyID
	}
	return e
}

func (in PlanInput) fill(p *Plan) {
	p.ServerID, p.Name, p.StoreID, p.Pattern, p.Reports = in.ServerID, in.Name, in.StoreID, in.Pattern, in.Reports
	p.Manifest, p.RequiredLevel, p.MinBytes, p.MaxBytes = in.Manifest, in.RequiredLevel, in.MinBytes, in.MaxBytes
	p.DeviationK, p.SettleMinutes = in.DeviationK, in.SettleMinutes
}

// AddPlan adds a plan with its duty and its place to check in.
func AddPlan(ctx context.Context, tx *tenants.Tx, town int64, in PlanInput) (Plan, error) {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return Plan{}, err
	}
	if err := in.check(); err != nil {
		return Plan{}, err
	}
	s, err := in.places(ctx, tx, town)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{TenantID: town, CreatedAt: tx.Now}
	in.fill(&p)
	if !p.Reports {
		p.LookAt = &tx.Now
	}
	if err := gorm.G[Plan](tx.DB).Create(ctx, &p); err != nil {
		return Plan{}, fmt.Errorf("add plan: %w", err)
	}
	d, err := duty.Expect(ctx, tx, in.expect(town, p, s))
	if err != nil {
		return Plan{}, err
	}
	slug := in.Slug
	if slug == "" {
		slug = fmt.Sprintf("backup-%d", p.ID)
	}
	src, err := checkin.AddSource(ctx, tx, checkin.SourceInput{Town: town, Slug: slug, Kind: Kind, AboutID: p.ID})
	if err != nil {
		return Plan{}, err
	}
	p.DutyID, p.SourceID = &d.ID, &src.ID
	if _, err := gorm.G[Plan](tx.DB).Where("tenant_id = ? AND id = ?", town, p.ID).Select("duty_id", "source_id").Updates(ctx, p); err != nil {
		return Plan{}, fmt.Errorf("add plan: %w", err)
	}
	return p, tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "plan", ObjectID: p.ID, After: in})
}

// places checks that the server, the store and the ladder are the town's own.
func (in *PlanInput) places(ctx context.Context, tx *tenants.Tx, town int64) (server.Server, error) {
	var v tenants.Invalid
	s, err := server.Get(ctx, tx, town, in.ServerID)
	if err != nil {
		if tenants.AsFault(err).Kind != tenants.KindNotFound {
			return s, err
		}
		v.Add("server_id", "この団体のサーバを選んでください。", "Choose a server of this town.")
	} else if s.RetiredAt != nil {
		v.Add("server_id", "使用中のサーバを選んでください。", "Choose a server that is in use.")
	}
	if st, err := GetStore(ctx, tx, town, in.StoreID); err != nil || st.RetiredAt != nil {
		if err != nil && tenants.AsFault(err).Kind != tenants.KindNotFound {
			return s, err
		}
		v.Add("store_id", "この団体の保管先を選んでください。", "Choose a store of this town.")
	}
	return s, v.Err()
}

// ChangePlan changes a plan and its duty. What has opened stays as it was expected.
func ChangePlan(ctx context.Context, tx *tenants.Tx, town, id int64, in PlanInput) (Plan, error) {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return Plan{}, err
	}
	if err := in.check(); err != nil {
		return Plan{}, err
	}
	before, err := GetPlan(ctx, tx, town, id)
	if err != nil {
		return Plan{}, err
	}
	if before.RetiredAt != nil {
		return Plan{}, tenants.Conflict("廃止した計画は変えられません。", "A retired plan cannot be changed.")
	}
	s, err := in.places(ctx, tx, town)
	if err != nil {
		return Plan{}, err
	}
	p := before.Plan
	in.fill(&p)
	p.LookAt = nil
	if !p.Reports {
		p.LookAt = &tx.Now
	}
	if _, err := gorm.G[Plan](tx.DB).Where("tenant_id = ? AND id = ?", town, id).
		Select("server_id", "name", "store_id", "pattern", "reports", "manifest", "required_level", "min_bytes", "max_bytes",
			"deviation_k", "settle_minutes", "look_at").Updates(ctx, p); err != nil {
		return Plan{}, fmt.Errorf("change plan %d: %w", id, err)
	}
	if _, err := duty.Expect(ctx, tx, in.expect(town, p, s)); err != nil {
		return Plan{}, err
	}
	return p, tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "plan", ObjectID: id, Before: before.Input(), After: in})
}

// RetirePlan ends a plan; its runs and verdicts stay. Check-ins to its address are answered 404 from then on.
func RetirePlan(ctx context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return err
	}
	p, err := GetPlan(ctx, tx, town, id)
	if err != nil {
		return err
	}
	n, err := gorm.G[Plan](tx.DB).Where("tenant_id = ? AND id = ? AND retired_at IS NULL", town, id).
		Select("retired_at", "look_at").Updates(ctx, Plan{RetiredAt: &tx.Now})
	if err != nil {
		return fmt.Errorf("retire plan %d: %w", id, err)
	}
	if n == 0 {
		return tenants.Conflict("すでに廃止されています。", "It is retired already.")
	}
	if err := duty.Retire(ctx, tx, town, *p.DutyID); err != nil {
		return err
	}
	if err := checkin.RetireSource(ctx, tx, town, *p.SourceID); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "plan", ObjectID: id, Before: p.Input(), After: map[string]any{"retired": true}})
}

// RetireServer takes a server out of use, and its plans with it: nobody waits for a backup of a machine that is gone.
func RetireServer(ctx context.Context, tx *tenants.Tx, town, id int64) (server.Server, error) {
	plans, err := ListPlans(ctx, tx, town)
	if err != nil {
		return server.Server{}, err
	}
	for _, p := range plans {
		if p.ServerID != id {
			continue
		}
		if err := RetirePlan(ctx, tx, town, p.ID); err != nil {
			return server.Server{}, err
		}
	}
	return server.Retire(ctx, tx, town, id)
}
