package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/retention"
	"tanamori/tenants/town"
)

const retentionURL = "/settings/retention"

// retention shows how long each series of records is kept, and what goes next (記録の保存期間).
func (d *door) retention(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := string(d.lang(c))
	page := view.RetentionPage{BindDays: retention.BindDays}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		rules, err := retention.Rules(ctx, tx)
		if err != nil {
			return err
		}
		if page.Doubt, err = duty.DoubtUntil(ctx, tx); err != nil {
			return err
		}
		for _, r := range rules {
			row := view.RetentionRow{Name: retention.SeriesWords(r.Series, lang), Basis: retention.BasisWords(r.Series, lang), Years: r.Years, NextRows: r.NextRows, Removed: r.Removed}
			if r.PendingOn != nil {
				row.PendingYears, row.PendingOn = *r.Pending, *r.PendingOn
			}
			if r.Bound != nil {
				row.Bound = month(d.lang(c), *r.Bound)
			}
			if on := r.NextOn(); on != nil {
				row.NextOn, row.NextYear = *on, fiscalYear(d.lang(c), *r.NextYear)
			}
			if who.May(tenants.SetRetention) {
				row.EditURL = retentionURL + "/" + r.Series
			}
			page.Rows = append(page.Rows, row)
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range towns {
			page.Towns = append(page.Towns, view.Link{Text: t.Name, URL: settingsURL(t.ID, "volumes")})
			if who.May(tenants.ReadEvidence) {
				page.Evidence = append(page.Evidence, view.Link{Text: t.Name, URL: evidenceURL(t.ID)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Retention.With(f, page) })
}

func fiscalYear(lang view.Lang, year int) string {
	if lang == view.EN {
		return fmt.Sprintf("fiscal year %d", year)
	}
	return calendar.FiscalYearLabel(year)
}

func (d *door) retentionEdit(c echo.Context) error {
	return d.retentionForm(c, http.StatusOK, view.Form{})
}

func (d *door) retentionForm(c echo.Context, status int, form view.Form) error {
	lang := string(d.lang(c))
	page := view.RetentionFormPage{BackURL: retentionURL, Form: form, NoticeDays: retention.NoticeDays}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.SetRetention); err != nil {
			return err
		}
		r, err := retention.RuleOf(ctx, tx, c.Param("series"))
		if err != nil {
			return err
		}
		page.Name, page.Basis, page.Years, page.Least = retention.SeriesWords(r.Series, lang), retention.BasisWords(r.Series, lang), r.Years, r.LeastYears
		if form.Action == "" {
			page.Form = filled(retentionURL+"/"+r.Series, "years", strconv.Itoa(r.Years))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.RetentionForm.With(f, page) })
}

func (d *door) retentionChange(c echo.Context) error {
	var after retention.Rule
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.SetRetention); err != nil {
			return err
		}
		var v tenants.Invalid
		in := retention.Input{Years: whole(&v, c, "years"), Reason: c.FormValue("reason"), Confirmed: c.FormValue("confirmed") != ""}
		if err := v.Err(); err != nil {
			return err
		}
		var err error
		after, err = retention.Set(ctx, tx, c.Param("series"), in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.retentionForm(c, status, form) })
	}
	if after.PendingOn != nil {
		return d.done(c, retentionURL, "保存期間を短くします。"+after.PendingOn.Wareki()+"から適用します。", "The shorter period holds from "+after.PendingOn.String()+".")
	}
	return d.done(c, retentionURL, "保存期間を変更しました。", "The period was changed.")
}

// volumes lists the bound months (簿冊) of a town, one fiscal year at a time.
func (d *door) volumes(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	now := calendar.FiscalYear(d.today())
	year, err := strconv.Atoi(c.QueryParam("year"))
	if err != nil || year < 2000 || year > now {
		year = now
	}
	base := settingsURL(of, "volumes")
	page := view.VolumesPage{Year: fiscalYear(lang, year), PrevURL: fmt.Sprintf("%s?year=%d", base, year-1), BackURL: retentionURL}
	if year < now {
		page.NextURL = fmt.Sprintf("%s?year=%d", base, year+1)
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		found, err := retention.Volumes(ctx, tx, of, retention.Filter{FiscalYear: year, Limit: 1000})
		if err != nil {
			return err
		}
		may, err := retention.MayRead(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, v := range found {
			row := view.VolumeRow{Month: month(lang, v.Month), Kind: retention.KindWords(v.Kind, string(lang)), Number: v.Number, Rows: v.RowCount, Digest: v.Digest, BoundAt: v.BoundAt}
			if v.Gone() {
				row.RemovedAt, row.Years = *v.RemovedAt, *v.Years
			} else if may[v.Kind] {
				row.URL = fmt.Sprintf("/towns/%d/volumes/%s/%d", of, v.Kind, v.Number)
			}
			page.Rows = append(page.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Volumes.With(f, page) })
}

// volumeFile sends a bound month as a file. Whoever takes it stands in the operation log before the first line goes out;
// a file that breaks off lacks its colophon, which tanamori verify notices.
func (d *door) volumeFile(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	number, err := id(c, "number")
	if err != nil || number > 1<<31-1 {
		return tenants.NotFound()
	}
	var v retention.Volume
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = retention.TakeOut(ctx, tx, of, c.Param("kind"), int(number))
		return err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/x-ndjson")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+v.FileName()+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return retention.Write(ctx, tx, v, c.Response()) })
}
