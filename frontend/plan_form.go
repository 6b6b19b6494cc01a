package frontend

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

// planChoices reads what a plan may choose from, and the town's days.
func (d *door) planChoices(ctx context.Context, tx *tenants.Tx, of int64, page *view.PlanFormPage) (calendar.Calendar, error) {
	servers, err := server.List(ctx, tx, of)
	if err != nil {
		return calendar.Calendar{}, err
	}
	for _, s := range servers {
		page.Servers = append(page.Servers, view.Option{Value: strconv.FormatInt(s.ID, 10), Label: s.Name})
	}
	stores, err := backup.ListStores(ctx, tx, of)
	if err != nil {
		return calendar.Calendar{}, err
	}
	for _, s := range stores {
		page.Stores = append(page.Stores, view.Option{Value: strconv.FormatInt(s.ID, 10), Label: s.Name + "（" + s.Root + "）"})
	}
	ladders, err := town.Ladders(ctx, tx, of)
	if err != nil {
		return calendar.Calendar{}, err
	}
	for _, l := range ladders {
		page.Ladders = append(page.Ladders, view.Option{Value: strconv.FormatInt(l.ID, 10), Label: l.Name})
	}
	days, err := town.Calendars(ctx, tx, []int64{of})
	return days[of], err
}

// planValues is a plan as its form spells it.
func planValues(action string, in backup.PlanInput) view.Form {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	form := filled(action, "server_id", number(in.ServerID), "name", in.Name, "slug", in.Slug, "cron", in.Cron, "zone", in.Zone, "policy", string(in.Policy),
		"early_minutes", strconv.Itoa(in.EarlyMinutes), "window_minutes", strconv.Itoa(in.WindowMinutes), "grace_minutes", strconv.Itoa(in.GraceMinutes),
		"longest_minutes", strconv.Itoa(in.LongestMinutes), "store_id", number(in.StoreID), "pattern", in.Pattern, "manifest", in.Manifest,
		"required_level", strconv.Itoa(in.RequiredLevel), "deviation_k", strconv.FormatFloat(in.DeviationK, 'g', -1, 64),
		"settle_minutes", strconv.Itoa(in.SettleMinutes), "severity", in.Severity, "ladder_id", number(in.LadderID))
	if in.Reports {
		form.Values.Set("reports", "on")
	}
	if in.MinBytes != nil {
		form.Values.Set("min_bytes", strconv.FormatInt(*in.MinBytes, 10))
	}
	if in.MaxBytes != nil {
		form.Values.Set("max_bytes", strconv.FormatInt(*in.MaxBytes, 10))
	}
	return form
}

// planInput reads the form. What is no number is said at its field; the rest is the room's to judge.
func planInput(c echo.Context) (backup.PlanInput, error) {
	var v tenants.Invalid
	pick := func(field, ja, en string) int64 {
		n, ok := number(c.FormValue(field))
		if !ok {
			v.Add(field, ja, en)
		}
		return n
	}
	in := backup.PlanInput{
		ServerID: pick("server_id", "サーバを選んでください。", "Choose a server."), Name: c.FormValue("name"), Slug: strings.TrimSpace(c.FormValue("slug")),
		Cron: c.FormValue("cron"), Zone: c.FormValue("zone"), Policy: schedule.Policy(c.FormValue("policy")),
		EarlyMinutes: whole(&v, c, "early_minutes"), WindowMinutes: whole(&v, c, "window_minutes"), GraceMinutes: whole(&v, c, "grace_minutes"),
		LongestMinutes: whole(&v, c, "longest_minutes"), StoreID: pick("store_id", "保管先を選んでください。", "Choose a store."),
		Pattern: c.FormValue("pattern"), Reports: c.FormValue("reports") == "on", Manifest: c.FormValue("manifest"),
		MinBytes: optional(&v, c, "min_bytes"), MaxBytes: optional(&v, c, "max_bytes"), SettleMinutes: whole(&v, c, "settle_minutes"),
		Severity: c.FormValue("severity"), LadderID: pick("ladder_id", "知らせる間隔を選んでください。", "Choose a ladder."),
		RequiredLevel: int(pick("required_level", "求める深さを選んでください。", "Choose the depth.")),
	}
	k, err := strconv.ParseFloat(strings.TrimSpace(c.FormValue("deviation_k")), 64)
	if err != nil {
		v.Add("deviation_k", "数字で入力してください。", "Enter a number.")
	}
	in.DeviationK = k
	return in, v.Err()
}

// preview is the nights to come by what stands in the form; none where it cannot be read.
func (d *door) preview(c echo.Context, form view.Form, days calendar.Calendar) []view.PlanPreview {
	lang := d.lang(c)
	window, ok := number(form.Get("window_minutes"))
	if !ok {
		return nil
	}
	var out []view.PlanPreview
	for _, p := range coming(form.Get("cron"), form.Get("zone"), schedule.Policy(form.Get("policy")), days, d.gate.Ground().Now(), excusable) {
		if len(out) == 10 {
			break
		}
		ja, en := p.Words()
		row := view.PlanPreview{Night: p.Night, Note: d.say(lang, ja, en)}
		if !p.Skipped {
			row.Scheduled, row.Due = p.Scheduled, p.Scheduled.Add(time.Duration(window)*time.Minute)
		}
		out = append(out, row)
	}
	return out
}

func (d *door) planAdd(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	if c.FormValue("preview") != "" {
		return d.planForm(c, http.StatusOK, true, d.typed(c))
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePlan, of); err != nil {
			return err
		}
		in, err := planInput(c)
		if err != nil {
			return err
		}
		_, err = backup.AddPlan(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.planForm(c, status, true, form) })
	}
	return d.done(c, settingsURL(of, "plans"), "計画を登録しました。計画のページに申告先があります。", "The plan was added. Its page has the check-in address.")
}

func (d *door) planChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	if c.FormValue("preview") != "" {
		return d.planForm(c, http.StatusOK, false, d.typed(c))
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePlan, of); err != nil {
			return err
		}
		in, err := planInput(c)
		if err != nil {
			return err
		}
		_, err = backup.ChangePlan(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.planForm(c, status, false, form) })
	}
	return d.done(c, planURL(of, which), "計画を変更しました。始まった夜はそのまま、次の夜から変わります。", "The plan was changed, from the next night on.")
}

func (d *door) planRetire(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, of, which) })
	if err != nil {
		return err
	}
	return d.done(c, settingsURL(of, "plans"), "計画を終えました。記録は残ります。", "The plan is ended; its records are kept.")
}

// typed is a form as it was sent, nothing refused.
func (d *door) typed(c echo.Context) view.Form { return d.refused(c, &tenants.Fault{}) }
