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
	Cron           string
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
}

// TableName is the duty's table.
func (Duty) TableName() string { return "duty" }

// ExpectInput is what a ledger says of a duty of its own. DutyID 0 makes a new one.
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
// has opened stays as it was expected.
func Expect(ctx context.Context, tx *tenants.Tx, in ExpectInput) (Duty, error) {
	if err := tx.Permit(tenants.WritePlan, in.Town); err != nil {
		return Duty{}, err
	}
	if err := in.Check(); err != nil {
		return Duty{}, err
	}
	d := Duty{TenantID: in.Town, Kind: in.Kind, AboutID: in.AboutID, ActiveFrom: tx.Now, PlannedUntil: tx.Now}
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
		if err := forgetUnopened(tx, in.Town, d.ID); err != nil {
			return Duty{}, err
		}
		d.PlannedUntil = tx.Now
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

// Retire ends a duty: nothing is expected any more, what was judged stays.
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
	return forgetUnopened(tx, town, id)
}

// forgetUnopened takes back what is only planned. The database refuses to delete anything with evidence or a verdict.
func forgetUnopened(tx *tenants.Tx, town, dutyID int64) error {
	err := tx.DB.Exec(`DELETE FROM occurrence WHERE tenant_id = @town AND duty_id = @duty AND opens_at > @now AND verdict IS NULL
		AND started_at IS NULL AND arrived_at IS NULL AND outcome IS NULL
		AND NOT EXISTS (SELECT 1 FROM excuse e WHERE e.tenant_id = occurrence.tenant_id AND e.occurrence_id = occurrence.id)`,
		map[string]any{"town": town, "duty": dutyID, "now": tx.Now}).Error
	if err != nil {
		return fmt.Errorf("take back unopened occurrences of duty %d: %w", dutyID, err)
	}
	return nil
}
