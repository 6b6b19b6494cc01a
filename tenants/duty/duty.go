package duty

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// Ahead is how far ahead of now occurrences are made.
const Ahead = 35 * 24 * time.Hour

// Duty is something that must happen for one town, again and again.
type Duty struct {
	TenantID       int64
	ID             int64
	Kind           string // the ledger's word: "backup"
	AboutID        int64  // the ledger's own row
	Subject        string // as the board names it: 戸籍正
	Work           string // what must happen: 夜間バックアップ
	Position       int
	Cron           string // "" of a task: nothing is made ahead
	Zone           string
	Policy         schedule.Policy
	EarlyMinutes   int // evidence counts from this long before the scheduled time
	WindowMinutes  int // it must be there this long after it
	GraceMinutes   int // and is judged missed this long after that
	LongestMinutes int // a started one must end within
	Severity       string
	LadderID       int64
	ActiveFrom     time.Time
	PlannedUntil   time.Time
	RetiredAt      *time.Time
	OnBoard        bool // it is something of every night; the rest has a page of its own
}

// TableName is the duty's table.
func (Duty) TableName() string { return "duty" }

var _ = tenants.Constraint("duty_ladder", "ladder_id", "この団体の連絡順を選んでください。", "Choose a ladder of this town.")

// ExpectInput is what a ledger says of a duty of its own. DutyID 0 makes a new one, LadderID 0 takes the town's default.
type ExpectInput struct {
	Town, DutyID   int64
	Kind           string
	AboutID        int64
	Subject, Work  string
	Position       int
	Cron, Zone     string
	Policy         schedule.Policy
	EarlyMinutes   int
	WindowMinutes  int
	GraceMinutes   int
	LongestMinutes int
	Severity       string
	LadderID       int64
	OffBoard       bool // no part of a night: the morning board does not show it
}

// Check tells what is wrong with the input, field by field, by the names forms use.
func (in ExpectInput) Check() error {
	var v tenants.Invalid
	if _, err := schedule.Parse(in.Cron, in.Zone); err != nil {
		var wrong schedule.Errors
		if !errors.As(err, &wrong) {
			return fmt.Errorf("check schedule: %w", err)
		}
		for _, w := range wrong {
			v.Add(w.Field, w.Ja, w.En)
		}
	}
	minutes := func(field string, n, lo, hi int) {
		if n < lo || n > hi {
			v.Add(field, fmt.Sprintf("%d〜%d分で入力してください。", lo, hi), fmt.Sprintf("Enter %d to %d minutes.", lo, hi))
		}
	}
	minutes("early_minutes", in.EarlyMinutes, 0, 1440)
	minutes("window_minutes", in.WindowMinutes, 1, 10080)
	minutes("grace_minutes", in.GraceMinutes, 0, 10080)
	minutes("longest_minutes", in.LongestMinutes, 1, 10080)
	if strings.TrimSpace(in.Subject) == "" {
		v.Add("name", "名称を入力してください。", "Enter a name.")
	}
	if !in.Policy.Valid() {
		v.Add("policy", "曜日・休日の扱いを選んでください。", "Choose what happens on closed days.")
	}
	return v.Err()
}

// Expect sets up a duty or changes it. Occurrences that have not opened are made anew where the schedule changed; what
// has opened stays as it was expected, and the new schedule begins after it.
func Expect(ctx context.Context, tx *tenants.Tx, in ExpectInput) (Duty, error) {
	if err := tx.Permit(tenants.WritePlan, in.Town); err != nil {
		return Duty{}, err
	}
	if err := in.Check(); err != nil {
		return Duty{}, err
	}
	if in.LadderID == 0 {
		var err error
		if in.LadderID, err = town.DefaultLadder(ctx, tx, in.Town); err != nil {
			return Duty{}, fmt.Errorf("expect %s: %w", in.Subject, err)
		}
	}
	d := Duty{TenantID: in.Town, Kind: in.Kind, AboutID: in.AboutID, ActiveFrom: tx.Now, PlannedUntil: tx.Now, OnBoard: !in.OffBoard}
	if in.DutyID != 0 {
		before, err := Get(ctx, tx, in.Town, in.DutyID)
		if err != nil {
			return Duty{}, err
		}
		d = before
	}
	changed := d.Cron != in.Cron || d.Zone != in.Zone || d.Policy != in.Policy || d.EarlyMinutes != in.EarlyMinutes ||
		d.WindowMinutes != in.WindowMinutes || d.GraceMinutes != in.GraceMinutes
	d.Subject, d.Work, d.Position, d.Cron, d.Zone, d.Policy = in.Subject, in.Work, in.Position, in.Cron, in.Zone, in.Policy
	d.EarlyMinutes, d.WindowMinutes, d.GraceMinutes, d.LongestMinutes = in.EarlyMinutes, in.WindowMinutes, in.GraceMinutes, in.LongestMinutes
	d.Severity, d.LadderID = in.Severity, in.LadderID
	if in.DutyID == 0 {
		if err := gorm.G[Duty](tx.DB).Create(ctx, &d); err != nil {
			return Duty{}, fmt.Errorf("expect %s: %w", in.Subject, err)
		}
		return d, tx.Wake(tenants.WakePlan, in.Town)
	}
	if changed {
		var err error
		if d.PlannedUntil, err = forgetUnopened(tx, in.Town, d.ID); err != nil {
			return Duty{}, err
		}
	}
	n, err := gorm.G[Duty](tx.DB).Where("tenant_id = ? AND id = ?", in.Town, d.ID).
		Select("subject", "work", "position", "cron", "zone", "policy", "early_minutes", "window_minutes", "grace_minutes",
			"longest_minutes", "severity", "ladder_id", "planned_until").Updates(ctx, d)
	if err != nil {
		return Duty{}, fmt.Errorf("change duty %d: %w", d.ID, err)
	}
	if n == 0 {
		return Duty{}, tenants.NotFound()
	}
	return d, tx.Wake(tenants.WakePlan, in.Town)
}

// Get reads one duty.
func Get(ctx context.Context, tx *tenants.Tx, town, id int64) (Duty, error) {
	if err := tx.Permit(tenants.ReadDuty, town); err != nil {
		return Duty{}, err
	}
	d, err := gorm.G[Duty](tx.DB).Where("tenant_id = ? AND id = ?", town, id).Take(ctx)
	if err != nil {
		return Duty{}, fmt.Errorf("read duty %d: %w", id, err)
	}
	return d, nil
}

// Retire ends a duty: nothing is expected any more, what was judged stays. What has not begun goes, opened or not, and
// an incident about it is over.
func Retire(ctx context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return err
	}
	n, err := gorm.G[Duty](tx.DB).Where("tenant_id = ? AND id = ? AND retired_at IS NULL", town, id).Update(ctx, "retired_at", tx.Now)
	if err != nil {
		return fmt.Errorf("retire duty %d: %w", id, err)
	}
	if n == 0 {
		return tenants.NotFound()
	}
	if _, err := forget(tx, "scheduled_at", []key{{town, id}}); err != nil {
		return err
	}
	return incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: town, Cause: Cause(id), Reason: tenants.Reason{Code: "duty.retired"}}})
}

// forgetUnopened takes back what is only planned and gives the moment from which to plan anew: now, or the deadline of
// what has opened already, so that one night is not expected twice.
func forgetUnopened(tx *tenants.Tx, town, dutyID int64) (time.Time, error) {
	if _, err := forget(tx, "opens_at", []key{{town, dutyID}}); err != nil {
		return time.Time{}, err
	}
	var kept struct{ DueAt *time.Time }
	err := tx.DB.Raw(`SELECT max(due_at) AS due_at FROM occurrence WHERE tenant_id = @town AND duty_id = @duty
		AND scheduled_at > @now AND opens_at <= @now AND verdict IS NULL`,
		map[string]any{"town": town, "duty": dutyID, "now": tx.Now}).Scan(&kept).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("find what has opened of duty %d: %w", dutyID, err)
	}
	if kept.DueAt == nil {
		return tx.Now, nil
	}
	return *kept.DueAt, nil
}

// forget deletes the occurrences of the duties whose clock (opens_at or scheduled_at) has not come, without evidence or
// excuse, and gives the earliest period it deleted of each. The database refuses to delete anything with evidence or a
// verdict whatever is asked here.
func forget(tx *tenants.Tx, clock string, duties []key) (map[key]time.Time, error) {
	if len(duties) == 0 {
		return nil, nil
	}
	var towns, ids []int64
	for _, k := range duties {
		towns, ids = append(towns, k.town), append(ids, k.id)
	}
	var gone []struct {
		TenantID, DutyID int64
		First            time.Time
	}
	err := tx.DB.Raw(`WITH gone AS (
			DELETE FROM occurrence o USING unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) k (town, id)
			WHERE o.tenant_id = k.town AND o.duty_id = k.id AND o.scheduled_at > @now AND o.`+clock+` > @now AND o.verdict IS NULL
			AND o.started_at IS NULL AND o.arrived_at IS NULL AND o.outcome IS NULL
			AND NOT EXISTS (SELECT 1 FROM excuse e WHERE e.tenant_id = o.tenant_id AND e.occurrence_id = o.id)
			RETURNING o.tenant_id, o.duty_id, o.period
		) SELECT tenant_id, duty_id, min(period) AS first FROM gone GROUP BY tenant_id, duty_id`,
		map[string]any{"towns": &towns, "ids": &ids, "now": tx.Now}).Scan(&gone).Error
	if err != nil {
		return nil, fmt.Errorf("take back what is only planned: %w", err)
	}
	first := make(map[key]time.Time, len(gone))
	for _, g := range gone {
		first[key{g.TenantID, g.DutyID}] = g.First
	}
	return first, nil
}
