package frontend

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/town"
)

// excusable is how many nights ahead may be excused: as far as occurrences are made.
const excusable = 30

func (d *door) excuse(c echo.Context) error { return d.excuseForm(c, http.StatusOK, view.Form{}) }

func (d *door) excuseForm(c echo.Context, status int, form view.Form) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.ExcusePage{BackURL: planURL(of, which), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.Excuse, of); err != nil {
			return err
		}
		p, err := backup.GetPlan(ctx, tx, of, which)
		if err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		days, err := town.Calendars(ctx, tx, []int64{of})
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		page.Plan = view.Link{Text: p.ServerName + d.say(lang, "　", " · ") + p.Name, URL: planURL(of, which)}
		if p.RetiredAt != nil {
			return nil
		}
		for _, n := range coming(p.Cron, p.Zone, p.Policy, days[of], tx.Now, excusable) {
			if !n.Skipped {
				page.Nights = append(page.Nights, view.Option{Value: n.Night.String(), Label: lang.Era(n.Night) + d.say(lang, "の夜　", ", ") + lang.DayTime(n.Scheduled, t.Location())})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = filled(planURL(of, which) + "/excuse")
		if len(page.Nights) > 0 {
			page.Form.Values.Set("night", page.Nights[0].Value)
		}
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Excuse.With(f, page) })
}

func (d *door) excuseDone(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.Excuse, of); err != nil {
			return err
		}
		p, err := backup.GetPlan(ctx, tx, of, which)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		night, err := calendar.Parse(c.FormValue("night"))
		if err != nil {
			v.Add("night", "夜を選んでください。", "Choose a night.")
			return v.Err()
		}
		board, err := duty.ReadBoard(ctx, tx, &night, backup.Kind)
		if err != nil {
			return err
		}
		for _, cell := range board.Cells {
			if cell.TenantID == of && p.DutyID != nil && cell.DutyID == *p.DutyID && cell.OccurrenceID != 0 {
				return duty.ExcuseOne(ctx, tx, of, cell.OccurrenceID, c.FormValue("reason"))
			}
		}
		v.Add("night", "この夜に予定はありません。", "Nothing is planned for this night.")
		return v.Err()
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.excuseForm(c, status, form) })
	}
	return d.done(c, planURL(of, which), "この夜を対象なしにしました。", "The night is excused.")
}
