package frontend

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/town"
)

func (d *door) plans(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.PlansPage
	base := settingsURL(of, "plans")
	lang := d.lang(c)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		list, err := backup.ListPlans(ctx, tx, of)
		if err != nil {
			return err
		}
		days, err := town.Calendars(ctx, tx, []int64{of})
		if err != nil {
			return err
		}
		for _, p := range list {
			ja, en := schedule.Describe(p.Cron)
			row := view.PlanRow{Plan: view.Link{Text: p.Name, URL: planURL(of, p.ID)}, Server: p.ServerName, Schedule: d.say(lang, ja, en), Policy: string(p.Policy),
				Next: nextDue(p, days[of], tx.Now), Level: p.RequiredLevel, Severity: p.Severity, Store: p.StoreName, Pattern: p.Pattern}
			if who.May(tenants.WritePlan, of) {
				row.EditURL = base + "/" + strconv.FormatInt(p.ID, 10)
			}
			page.Rows = append(page.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WritePlan, of) {
		page.NewURL = base + "/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Plans.With(f, page) })
}

func (d *door) planNew(c echo.Context) error { return d.planForm(c, http.StatusOK, true, view.Form{}) }

func (d *door) planEdit(c echo.Context) error {
	return d.planForm(c, http.StatusOK, false, view.Form{})
}

// planForm shows the form of a plan with what it may choose from, and the nights to come by what stands in it.
func (d *door) planForm(c echo.Context, status int, fresh bool, form view.Form) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	base := settingsURL(of, "plans")
	page := view.PlanFormPage{New: fresh, BackURL: base, Form: form}
	var days calendar.Calendar
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePlan, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		if days, err = d.planChoices(ctx, tx, of, &page); err != nil {
			return err
		}
		if fresh {
			if form.Action == "" {
				in := backup.Defaults(t.Zone)
				in.ServerID, _ = number(c.QueryParam("server"))
				if len(page.Ladders) > 0 {
					in.LadderID, _ = number(page.Ladders[0].Value)
				}
				if len(page.Stores) == 1 {
					in.StoreID, _ = number(page.Stores[0].Value)
				}
				page.Form = planValues(base, in)
			}
			return nil
		}
		which, err := id(c, "id")
		if err != nil {
			return err
		}
		p, err := backup.GetPlan(ctx, tx, of, which)
		if err != nil {
			return err
		}
		page.Name = p.ServerName + d.say(d.lang(c), "　", " · ") + p.Name
		own := base + "/" + strconv.FormatInt(which, 10)
		if p.RetiredAt == nil {
			page.RetireURL = own + "/retirement"
		}
		if form.Action == "" {
			page.Form = planValues(own, p.Input())
		}
		return nil
	})
	if err != nil {
		return err
	}
	page.Zones = d.zones(c, page.Form.Get("zone"))
	page.Preview = d.preview(c, page.Form, days)
	return d.show(c, status, func(f view.Frame) view.Page { return view.PlanForm.With(f, page) })
}
