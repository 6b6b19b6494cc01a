package duty

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/town"
)

// Task is what is asked of somebody once, by a moment: a key back, a rack locked, an instruction carried out. It is a duty
// without a schedule; whoever asks gives each moment. What asks for it again and again but counts from when it was last
// done (a check within six months) is one too: Again asks anew.
type Task struct {
	Town          int64
	Act           tenants.Act // by which the ledger's own act is permitted
	Kind          string      // the ledger's word: "key"
	AboutID       int64       // the ledger's own row; one duty for each
	Subject, Work string      // 鍵 A-03 正1, 返却
	Due           time.Time
	GraceMinutes  int // it is judged missed this long after Due
	Severity      string
	LadderID      int64 // 0: the town's default
}

// never is how far a duty without a schedule is planned: nothing is ever made ahead of it.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Ask asks for a task, of which nothing is asked yet, and gives its duty. It must be done after now.
func Ask(ctx context.Context, tx *tenants.Tx, in Task) (int64, error) {
	if err := tx.Permit(in.Act, in.Town); err != nil {
		return 0, err
	}
	zone, err := zoneOf(tx, in.Town)
	if err != nil {
		return 0, err
	}
	if in.LadderID == 0 {
		if in.LadderID, err = town.DefaultLadder(ctx, tx, in.Town); err != nil {
			return 0, fmt.Errorf("ask for %s: %w", in.Subject, err)
		}
	}
	d := Duty{TenantID: in.Town, Kind: in.Kind, AboutID: in.AboutID, Subject: in.Subject, Work: in.Work, Zone: zone.String(), Policy: schedule.EveryDay,
		WindowMinutes: 1, GraceMinutes: in.GraceMinutes, LongestMinutes: 1, Severity: in.Severity, LadderID: in.LadderID, ActiveFrom: tx.Now, PlannedUntil: never}
	if err := gorm.G[Duty](tx.DB).Create(ctx, &d); err != nil {
		return 0, fmt.Errorf("ask for %s: %w", in.Subject, err)
	}
	return d.ID, d.ask(tx, in.Due)
}

// Again asks for a task anew, by another moment: what was asked before stands as it is.
func Again(_ context.Context, tx *tenants.Tx, act tenants.Act, town, id int64, due time.Time) error {
	if err := tx.Permit(act, town); err != nil {
		return err
	}
	d, err := task(tx, town, id)
	if err != nil {
		return err
	}
	return d.ask(tx, due)
}

// Move puts the moment by which a task must be done elsewhere (延長). Where it has a verdict already, that stands, and it is
// asked for anew.
func Move(_ context.Context, tx *tenants.Tx, act tenants.Act, town, id int64, due time.Time) error {
	if err := tx.Permit(act, town); err != nil {
		return err
	}
	d, err := task(tx, town, id)
	if err != nil {
		return err
	}
	due = d.after(tx, due)
	judge := due.Add(time.Duration(d.GraceMinutes) * time.Minute)
	res := tx.DB.Exec(`UPDATE occurrence SET due_at = @due, judge_at = @judge, look_at = @judge, night = CAST(@night AS date)
		WHERE tenant_id = @town AND duty_id = @duty AND verdict IS NULL AND outcome IS NULL`,
		map[string]any{"town": town, "duty": id, "due": due, "judge": judge, "night": calendar.DateOf(due, d.location()).String()})
	if res.Error != nil {
		return fmt.Errorf("move task %d: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return d.ask(tx, due)
	}
	return tx.Wake(tenants.WakeJudge, 0)
}

// Drop takes back what is asked and not yet judged: it need not be done any more. An incident about it is over.
func Drop(ctx context.Context, tx *tenants.Tx, act tenants.Act, town, id int64, good tenants.Reason) error {
	if err := tx.Permit(act, town); err != nil {
		return err
	}
	if _, err := task(tx, town, id); err != nil {
		return err
	}
	err := tx.DB.Exec(`DELETE FROM occurrence o WHERE o.tenant_id = @town AND o.duty_id = @duty AND o.verdict IS NULL AND o.outcome IS NULL
		AND NOT EXISTS (SELECT FROM duty_answer a WHERE a.tenant_id = o.tenant_id AND a.occurrence_id = o.id)
		AND NOT EXISTS (SELECT FROM excuse e WHERE e.tenant_id = o.tenant_id AND e.occurrence_id = o.id)`, map[string]any{"town": town, "duty": id}).Error
	if err != nil {
		return fmt.Errorf("drop task %d: %w", id, err)
	}
	return Answer(ctx, tx, act, town, id, true, tx.Now, good) // of what is judged already, where there is any
}

// task reads a duty without a schedule and keeps others from moving it meanwhile.
func task(tx *tenants.Tx, town, id int64) (Duty, error) {
	var d Duty
	if err := tx.DB.Raw(`SELECT * FROM duty WHERE tenant_id = ? AND id = ? AND cron = '' FOR NO KEY UPDATE`, town, id).Take(&d).Error; err != nil {
		return d, fmt.Errorf("read task %d: %w", id, err)
	}
	return d, nil
}

// after is the moment, or the next one at which something can be asked for.
func (d Duty) after(tx *tenants.Tx, due time.Time) time.Time {
	if least := tx.Now.Add(time.Second); due.Before(least) {
		return least
	}
	return due
}

func (d Duty) ask(tx *tenants.Tx, due time.Time) error {
	due = d.after(tx, due)
	judge := due.Add(time.Duration(d.GraceMinutes) * time.Minute)
	o := Occurrence{TenantID: d.TenantID, DutyID: d.ID, Period: tx.Now, Night: calendar.DateOf(due, d.location()), OpensAt: tx.Now, ScheduledAt: tx.Now,
		DueAt: due, JudgeAt: judge, LookAt: &judge}
	if err := writeRows(tx, insertOccurrences, []Occurrence{o}); err != nil {
		return fmt.Errorf("ask for %s: %w", d.Subject, err)
	}
	return tx.Wake(tenants.WakeJudge, 0)
}

// zoneOf is a town's own zone.
func zoneOf(tx *tenants.Tx, town int64) (*time.Location, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, town).Scan(&name).Error; err != nil {
		return nil, fmt.Errorf("read the zone of town %d: %w", town, err)
	}
	return Duty{Zone: name}.location(), nil
}

// ByTheDay is what a day as a deadline means: its end, or the end of the next open day; who did not keep it is asked in the
// morning after, DayGrace later.
func ByTheDay(ctx context.Context, tx *tenants.Tx, of int64, day calendar.Date) (time.Time, error) {
	zone, err := zoneOf(tx, of)
	if err != nil {
		return time.Time{}, err
	}
	calendars, err := town.Calendars(ctx, tx, []int64{of})
	if err != nil {
		return time.Time{}, err
	}
	if days := calendars[of]; !days.IsOpen(day) {
		if next, err := days.NextOpen(day); err == nil {
			day = next
		}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 0, 0, zone), nil
}

// DayGrace are the minutes from the end of a day to when somebody is asked about it: 08:30.
const DayGrace = 8*60 + 31
