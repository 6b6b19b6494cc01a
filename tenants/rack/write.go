package rack

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
	"tanamori/tenants/label"
)

var (
	_ = tenants.Constraint("rack_code", "code", "同じ番号のラックがすでにあります。", "There is a rack of this code already.")
	_ = tenants.Constraint("rack_place", "plan_place", "そこには別のラックがあります。", "Another rack stands there.")
)

// UsualCheckMonths is how often a rack's installation is looked at where nobody says otherwise (運用上).
const UsualCheckMonths = 12

// Input is what is entered about a rack.
type Input struct {
	AreaID      int64
	Code        string
	PlanRow     int
	PlanPlace   int
	Units       int
	Lock        string
	Fixing      string
	Dedicated   bool
	CheckMonths int
	Note        string
}

func (in Input) checked(tx *tenants.Tx, id int64) (Input, error) {
	var v tenants.Invalid
	in.Code = entry.Line(&v, "code", in.Code, 20)
	in.Lock = entry.Line(&v, "lock", in.Lock, 100)
	in.Fixing = entry.Line(&v, "fixing", in.Fixing, 100)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	number(&v, "units", in.Units, 60)
	number(&v, "check_months", in.CheckMonths, 24)
	a, err := take[Area](tx, "area", areaColumns, in.AreaID, "FOR SHARE")
	switch {
	case missing(err) || err == nil && a.RetiredAt != nil:
		v.Add("area_id", "管理区域を選んでください。", "Choose the area.")
	case err != nil:
		return in, err
	default:
		number(&v, "plan_row", in.PlanRow, a.PlanRows)
		number(&v, "plan_place", in.PlanPlace, a.PlanPlaces)
	}
	if id != 0 {
		things, err := standing(tx, id)
		if err != nil {
			return in, err
		}
		for _, e := range things {
			if e.Top() > in.Units {
				v.Add("units", fmt.Sprintf("%sがU%dまで使っています。", e.Name, e.Top()), fmt.Sprintf("%s takes units up to U%d.", e.Name, e.Top()))
				break
			}
		}
	}
	return in, v.Err()
}

func (in Input) args(tx *tenants.Tx, id int64) map[string]any {
	return map[string]any{"town": tx.Actor.TenantID, "id": id, "area": in.AreaID, "code": in.Code, "row": in.PlanRow, "place": in.PlanPlace, "units": in.Units, "lock": in.Lock,
		"fixing": in.Fixing, "dedicated": in.Dedicated, "months": in.CheckMonths, "note": in.Note, "now": tx.Now}
}

// Add enters a rack, gives it a label, and asks for the first look at its installation: as soon as it stands, so today.
func Add(ctx context.Context, tx *tenants.Tx, in Input) (Rack, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Rack{}, err
	}
	in, err := in.checked(tx, 0)
	if err != nil {
		return Rack{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Rack{}, err
	}
	args := in.args(tx, 0)
	args["due"] = calendar.DateOf(tx.Now, zone)
	var r Rack
	err = tx.DB.Raw(`INSERT INTO rack (tenant_id, area_id, code, plan_row, plan_place, units, lock, fixing, dedicated, check_months, note, check_due_on, created_at)
		VALUES (@town, @area, @code, @row, @place, @units, @lock, @fixing, @dedicated, @months, @note, @due, @now) RETURNING `+rackColumns, args).Scan(&r).Error
	if err != nil {
		return Rack{}, fmt.Errorf("add rack %s: %w", in.Code, err)
	}
	if _, err := label.Make(ctx, tx, tenants.WriteRack, r.TenantID, Kind, r.ID); err != nil {
		return Rack{}, err
	}
	by, err := duty.ByTheDay(ctx, tx, r.TenantID, r.CheckDueOn)
	if err != nil {
		return Rack{}, err
	}
	d, err := duty.Ask(ctx, tx, duty.Task{Town: r.TenantID, Act: tenants.WriteRack, Kind: Kind, AboutID: r.ID, Subject: "ラック " + r.Code, Work: "設置の確認", Due: by,
		GraceMinutes: duty.DayGrace, Severity: incident.Warning})
	if err != nil {
		return Rack{}, err
	}
	if err := tx.DB.Exec(`UPDATE rack SET duty_id = ? WHERE tenant_id = ? AND id = ?`, d, r.TenantID, r.ID).Error; err != nil {
		return Rack{}, fmt.Errorf("add rack %s: %w", in.Code, err)
	}
	r.DutyID = &d
	return r, written(tx, tenants.WriteRack, "rack", r.ID, nil, r)
}

// Change writes a rack anew. What stands in it stays; the towns' own rows follow.
func Change(ctx context.Context, tx *tenants.Tx, id int64, in Input) (Rack, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return Rack{}, err
	}
	before, err := inUse(tx, id)
	if err != nil {
		return Rack{}, err
	}
	if in, err = in.checked(tx, id); err != nil {
		return Rack{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Rack{}, err
	}
	args := in.args(tx, id)
	args["due"] = before.CheckDueOn
	if before.CheckedAt != nil {
		args["due"] = calendar.DateOf(*before.CheckedAt, zone).AddMonths(in.CheckMonths)
	}
	var r Rack
	err = tx.DB.Raw(`UPDATE rack SET area_id = @area, code = @code, plan_row = @row, plan_place = @place, units = @units, lock = @lock, fixing = @fixing, dedicated = @dedicated,
		check_months = @months, note = @note, check_due_on = @due WHERE tenant_id = @town AND id = @id RETURNING `+rackColumns, args).Scan(&r).Error
	if err != nil {
		return Rack{}, fmt.Errorf("change rack %s: %w", before.Code, err)
	}
	if r.DutyID != nil && r.CheckDueOn.Compare(before.CheckDueOn) != 0 {
		by, err := duty.ByTheDay(ctx, tx, r.TenantID, r.CheckDueOn)
		if err != nil {
			return Rack{}, err
		}
		if err := duty.Move(ctx, tx, tenants.WriteRack, r.TenantID, *r.DutyID, by); err != nil {
			return Rack{}, err
		}
	}
	if err := show(tx, r); err != nil {
		return Rack{}, err
	}
	if r.Code != before.Code {
		if err := replace(ctx, tx, r); err != nil {
			return Rack{}, err
		}
	}
	return r, written(tx, tenants.WriteRack, "rack", id, before, r)
}

// Retire takes an empty rack out of the register (撤去).
func Retire(ctx context.Context, tx *tenants.Tx, id int64) error {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return err
	}
	r, err := inUse(tx, id)
	if err != nil {
		return err
	}
	if err := label.Void(ctx, tx, tenants.WriteRack, r.TenantID, Kind, id); err != nil {
		return err
	}
	if r.DutyID != nil {
		if err := duty.Drop(ctx, tx, tenants.WriteRack, r.TenantID, *r.DutyID, tenants.Reason{Code: "rack.retired"}); err != nil {
			return err
		}
	}
	return retired(tx, "rack", id, `SELECT name FROM equipment WHERE tenant_id = ? AND rack_id = ? AND removed_at IS NULL ORDER BY id LIMIT 1`)
}

// Relabel makes a rack's label void and gives it another.
func Relabel(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
	if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
		return "", err
	}
	if _, err := inUse(tx, id); err != nil {
		return "", err
	}
	code, err := label.Replace(ctx, tx, tenants.WriteRack, tx.Actor.TenantID, Kind, id)
	if err != nil {
		return "", err
	}
	return code, written(tx, tenants.WriteRack, "rack", id, nil, map[string]string{"label": code})
}

// inUse reads a rack that stands and keeps other acts on it waiting.
func inUse(tx *tenants.Tx, id int64) (Rack, error) {
	r, err := take[Rack](tx, "rack", rackColumns, id, "FOR UPDATE")
	if err == nil && r.RetiredAt != nil {
		err = gone()
	}
	return r, err
}
