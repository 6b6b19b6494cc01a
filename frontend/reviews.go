package frontend

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/history"
)

const (
	reviewsURL       = "/log/reviews"
	reviewSettingURL = "/log/review-setting"
)

// reviews shows what of the operation log waits for a review, takes one in, and lists those that were done.
func (d *door) reviews(c echo.Context) error {
	return d.reviewsPage(c, http.StatusOK, view.Form{}, view.Form{})
}

func (d *door) reviewsPage(c echo.Context, status int, form, setting view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.ReviewsPage{BackURL: logURL, Form: form, Setting: setting}
	var list []history.Review
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		s, err := history.Standing(ctx, tx)
		if err != nil {
			return err
		}
		page.BeganOn, page.ReviewedTo, page.Day, page.Days = s.BeganOn, s.ReviewedTo, s.Setting.Day, s.Setting.Days
		if s.DueAt != nil {
			page.DueAt = *s.DueAt
		}
		for _, l := range s.Left {
			row := view.ReviewLeft{From: l.FromOn, To: l.ToOn, Whose: l.Whose, Own: l.Of == who.PersonID, Lines: l.Lines, URL: linesURL(l.FromOn, l.ToOn, l.Of)}
			page.Left = append(page.Left, row)
		}
		list, err = history.Reviews(ctx, tx, before(c), listed)
		return err
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = d.proposed(page.Left)
	}
	if who.May(tenants.SetReview) && page.Setting.Action == "" {
		page.Setting = filled(reviewSettingURL, "day", strconv.Itoa(page.Day), "days", strconv.Itoa(page.Days))
	}
	for _, r := range list {
		page.Rows = append(page.Rows, view.ReviewRow{At: r.At, From: r.FromOn, To: r.ToOn, By: r.ByText, Post: postWords(lang, r.Post), Lines: r.Lines, OwnLines: r.OwnLines,
			Found: r.Found, Findings: r.Findings, Measures: r.Measures, URL: linesURL(r.FromOn, r.ToOn, 0),
			Amended: d.amended(lang, who, r.TenantID, "log_review", r.ID, r.Corrections, reviewsURL)})
	}
	page.Pages = view.Pages{Shown: len(page.Rows), NewerURL: newest(c)}
	if len(list) == listed {
		page.Pages.OlderURL = older(c, list[len(list)-1].ID)
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Reviews.With(f, page) })
}

// proposed is the form with the first days that wait for whoever reads it.
func (d *door) proposed(left []view.ReviewLeft) view.Form {
	for _, l := range left {
		if !l.Own {
			return filled(reviewsURL, "from_on", l.From.Wareki(), "to_on", l.To.Wareki())
		}
	}
	yesterday := d.today().AddDays(-1).Wareki()
	return filled(reviewsURL, "from_on", yesterday, "to_on", yesterday)
}

// linesURL searches the lines of some days, of one person where there is one.
func linesURL(from, to calendar.Date, person int64) string {
	q := url.Values{"from": {from.String()}, "to": {to.String()}}
	if person != 0 {
		q.Set("who", strconv.FormatInt(person, 10))
	}
	return logURL + "?" + q.Encode()
}

func (d *door) reviewDone(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ReviewLog); err != nil {
			return err
		}
		var v tenants.Invalid
		in := history.ReviewInput{FromOn: day(&v, c, "from_on"), ToOn: day(&v, c, "to_on"), Found: c.FormValue("found") == "some",
			Findings: c.FormValue("findings"), Measures: c.FormValue("measures")}
		if c.FormValue("found") == "" {
			v.Add("found", "どちらかを選んでください。", "Choose one.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := history.Confirm(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.reviewsPage(c, status, form, view.Form{}) })
	}
	return d.done(c, reviewsURL, "操作履歴の確認を記録しました。", "The review is recorded.")
}

func (d *door) reviewSet(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.SetReview); err != nil {
			return err
		}
		var v tenants.Invalid
		in := history.Setting{Day: whole(&v, c, "day"), Days: whole(&v, c, "days")}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := history.Set(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.reviewsPage(c, status, view.Form{}, form) })
	}
	return d.done(c, reviewsURL, "確認の時期を変えました。", "The time of the review was changed.")
}
