package frontend

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/town"
)

func (d *door) localDays(c echo.Context) error { return d.daysPage(c, http.StatusOK, view.Form{}) }

// daysPage lists the holidays and the town's own days of a fiscal year.
func (d *door) daysPage(c echo.Context, status int, form view.Form) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	year := calendar.FiscalYear(d.today())
	if n, err := strconv.Atoi(c.QueryParam("year")); err == nil && n >= calendar.Starts().Year() && n <= calendar.Ends().Year() {
		year = n
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var t town.Town
	var own []town.LocalDay
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if t, err = town.Get(ctx, tx, of); err != nil {
			return err
		}
		own, err = town.LocalDays(ctx, tx, of)
		return err
	})
	if err != nil {
		return err
	}
	lang := d.lang(c)
	base := settingsURL(of, "days")
	page := view.LocalDaysPage{Town: view.Link{Text: t.Name, URL: townURL(of)}, Year: calendar.FiscalYearLabel(year), HolidayEnd: calendar.Ends()}
	if lang == view.EN {
		page.Year = fmt.Sprintf("fiscal year %d", year)
	}
	if year > calendar.FiscalYear(calendar.Starts()) {
		page.PrevURL = fmt.Sprintf("%s?year=%d", base, year-1)
	}
	if year < calendar.FiscalYear(calendar.Ends()) {
		page.NextURL = fmt.Sprintf("%s?year=%d", base, year+1)
	}
	if who.May(tenants.WriteCalendar, of) {
		page.Form = &form
		if form.Action == "" {
			first := filled(base, "open", "closed")
			page.Form = &first
		}
	}
	page.Rows = d.dayRows(lang, page.Form != nil, base, year, own)
	return d.show(c, status, func(f view.Frame) view.Page { return view.LocalDays.With(f, page) })
}

func (d *door) dayRows(lang view.Lang, edit bool, base string, year int, own []town.LocalDay) []view.LocalDayRow {
	first, last := calendar.FiscalYearStart(year), calendar.FiscalYearEnd(year)
	var rows []view.LocalDayRow
	mine := map[calendar.Date]bool{}
	for _, o := range own {
		if o.Day.Before(first) || o.Day.After(last) {
			continue
		}
		mine[o.Day] = true
		row := view.LocalDayRow{Day: o.Day, Name: o.Name, Open: o.Open, Local: true}
		if edit {
			row.DeleteURL = base + "/" + o.Day.String() + "/removal"
		}
		rows = append(rows, row)
	}
	for _, h := range calendar.Holidays(first, last) {
		if !mine[h.Date] {
			rows = append(rows, view.LocalDayRow{Day: h.Date, Name: d.say(lang, h.Ja, h.En)})
		}
	}
	slices.SortFunc(rows, func(a, b view.LocalDayRow) int { return a.Day.Compare(b.Day) })
	return rows
}

func (d *door) localDaySet(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	var set calendar.Date
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteCalendar, of); err != nil {
			return err
		}
		var v tenants.Invalid
		set = day(&v, c, "day")
		if kind := c.FormValue("open"); kind != "open" && kind != "closed" {
			v.Add("open", "閉庁か開庁かを選んでください。", "Choose closed or open.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		return town.SetLocalDay(ctx, tx, of, town.LocalDay{Day: set, Open: c.FormValue("open") == "open", Name: c.FormValue("name")})
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.daysPage(c, status, form) })
	}
	return d.done(c, fmt.Sprintf("%s?year=%d", settingsURL(of, "days"), calendar.FiscalYear(set)), "日を加えました。これからの予定に反映されます。", "The day was set; what is planned follows it.")
}

func (d *door) localDayDrop(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	drop, err := calendar.Parse(c.Param("day"))
	if err != nil {
		return tenants.NotFound()
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return town.DropLocalDay(ctx, tx, of, drop) })
	if err != nil {
		return err
	}
	return d.done(c, fmt.Sprintf("%s?year=%d", settingsURL(of, "days"), calendar.FiscalYear(drop)), "取りやめました。", "Removed.")
}
