package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/observance"
	"tanamori/tenants/town"
)

const (
	acceptURL      = "/observances"
	observancesURL = "/settings/observances"
)

func observanceURL(of, version int) string {
	return fmt.Sprintf("%s/%d/%d", observancesURL, of, version)
}

// beforeRules are the pages that open before the rules in force have been accepted: coming and going, the language, the own
// password, the mailed link, which is nobody's session, and the rules themselves.
var beforeRules = []string{"/signin", "/signin/second", "/signin/passkey", "/signin/passkey/challenge", "/signin/sso", "/signin/sso/done", "/confirm", "/session", "/signout", "/lang", "/a/:token",
	"/settings/password", factorsURL, factorsURL + "/totp", factorsURL + "/totp/confirmation", factorsURL + "/codes", factorsURL + "/passkeys", factorsURL + "/passkeys/challenge",
	acceptURL, "/observances/:document/:version/acceptance"}

// rulesFirst leads whoever has not accepted the rules in force to the page with their text, from wherever they go.
func (d *door) rulesFirst(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, ok := d.who(c); !ok || slices.Contains(beforeRules, c.Path()) {
			return next(c)
		}
		var open []observance.Document
		err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
			open, err = observance.Open(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return next(c)
		}
		to := acceptURL
		if c.Request().Method == http.MethodGet && c.Request().Header.Get("HX-Request") == "" {
			to += "?" + url.Values{"next": {c.Request().URL.RequestURI()}}.Encode()
		}
		if c.Request().Header.Get("HX-Request") != "" {
			c.Response().Header().Set("HX-Redirect", to)
			return c.NoContent(http.StatusForbidden)
		}
		return seeOther(c, to)
	}
}

func (d *door) observanceText(lang view.Lang, o observance.Document) view.ObservanceText {
	t := view.ObservanceText{Title: o.Title, Number: fmt.Sprintf(d.say(lang, "第%d版", "version %d"), o.Version), FromOn: o.FromOn, State: string(o.State()),
		SHA256: o.SHA256, URL: observanceURL(o.Document, o.Version)}
	for line := range strings.SplitSeq(o.Body, "\n") {
		if strings.TrimSpace(line) != "" {
			t.Lines = append(t.Lines, line)
		}
	}
	if o.AcceptedAt != nil {
		t.Accepted = *o.AcceptedAt
	} else if o.Acceptable() {
		t.AcceptURL = fmt.Sprintf("/observances/%d/%d/acceptance", o.Document, o.Version)
	}
	return t
}

// observances is the page on which somebody accepts the rules; it shows what they accepted before as well.
func (d *door) observances(c echo.Context) error {
	lang := d.lang(c)
	page := view.ObservancesPage{Next: onward(c.QueryParam("next"))}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := observance.List(ctx, tx)
		for _, o := range all {
			switch {
			case o.State() != observance.InForce:
			case o.AcceptedAt == nil:
				page.Open = append(page.Open, d.observanceText(lang, o))
			default:
				page.Done = append(page.Done, d.observanceText(lang, o))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page {
		if len(page.Open) > 0 { // nothing of the menu would open
			f.Nav = nil
			for n := range page.Done {
				page.Done[n].URL = ""
			}
		}
		return view.Observances.With(f, page)
	})
}

// observanceAccept is one act about one version; what is still open comes next.
func (d *door) observanceAccept(c echo.Context) error {
	of, version, err := versionOf(c)
	if err != nil {
		return err
	}
	next, left := onward(c.FormValue("next")), 0
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if _, err := observance.Accept(ctx, tx, of, version, c.FormValue("sha256")); err != nil {
			return err
		}
		open, err := observance.Open(ctx, tx)
		left = len(open)
		return err
	})
	if f := tenants.AsFault(err); f != nil && f.Kind == tenants.KindConflict {
		d.gate.Flash(c, view.FlashWarn, f.Message(string(d.lang(c))))
		return seeOther(c, acceptURL+"?"+url.Values{"next": {next}}.Encode())
	}
	if err != nil {
		return err
	}
	if left > 0 {
		next = acceptURL + "?" + url.Values{"next": {next}}.Encode()
	}
	return d.done(c, next, "同意を記録しました。", "Your acceptance is recorded.")
}

// versionOf are the two numbers in the address of a version.
func versionOf(c echo.Context) (of, version int, err error) {
	d, err := id(c, "document")
	if err != nil {
		return 0, 0, err
	}
	v, err := id(c, "version")
	if err != nil || d > 1<<31-1 || v > 1<<31-1 {
		return 0, 0, tenants.NotFound()
	}
	return int(d), int(v), nil
}

func (d *door) observanceList(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.ObservanceListPage{OwnURL: acceptURL}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := observance.List(ctx, tx)
		if err != nil {
			return err
		}
		counts, err := observance.Counts(ctx, tx)
		if err != nil {
			return err
		}
		of := map[[2]int]observance.Count{}
		for _, n := range counts {
			of[[2]int{n.Document, n.Version}] = n
		}
		for _, o := range all {
			t, n := d.observanceText(lang, o), of[[2]int{o.Document, o.Version}]
			page.Rows = append(page.Rows, view.ObservanceRow{Number: t.Number, State: t.State, Text: view.Link{Text: o.Title, URL: t.URL}, FromOn: o.FromOn,
				Accepted: t.Accepted, Acceptable: o.Acceptable(), People: n.People, Have: n.Accepted})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteObservance) {
		page.NewURL = observancesURL + "/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.ObservanceList.With(f, page) })
}

func (d *door) observance(c echo.Context) error {
	of, version, err := versionOf(c)
	if err != nil {
		return err
	}
	return d.observancePage(c, http.StatusOK, of, version, view.Form{})
}

func (d *door) observancePage(c echo.Context, status, of, version int, withdraw view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang, here := d.lang(c), observanceURL(of, version)
	page := view.ObservancePage{BackURL: observancesURL}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		o, err := observance.Get(ctx, tx, of, version)
		if err != nil {
			return err
		}
		page.ObservanceText, page.By, page.At = d.observanceText(lang, o), o.ByText, o.RecordedAt
		page.Open = o.Acceptable() && c.QueryParam("who") != "all"
		if who.May(tenants.WriteObservance) && !o.Newer {
			page.NextURL = observancesURL + "/new?document=" + strconv.Itoa(of)
			if !o.Withdrawn {
				page.Withdraw = &withdraw
			}
		}
		if o.Acceptable() {
			page.Tabs = []view.Choice{{Label: d.say(lang, "まだの人", "Have not"), URL: here, Current: page.Open}, {Label: d.say(lang, "全員", "Everybody"), URL: here + "?who=all", Current: !page.Open}}
		}
		towns, err := town.ListPage(ctx, tx, askOf(c))
		if err != nil || len(towns.Towns) == 0 {
			return err
		}
		page.Find, page.Pages = finding(c, here, towns)
		people, err := observance.People(ctx, tx, of, version, page.Open, idsOf(towns.Towns)...)
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, t := range towns.Towns {
			names[t.ID] = t.Name
		}
		for _, p := range people {
			row := view.StandingRow{Name: p.Name, Titles: p.Titles, Org: names[p.TenantID], Gone: !p.Active}
			if p.AcceptedAt != nil {
				row.Accepted = *p.AcceptedAt
			}
			page.Rows = append(page.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Withdraw != nil && withdraw.Action == "" {
		form := filled(fmt.Sprintf("%s/%d/%d/withdrawal", observancesURL, of, version), "from_on", d.today().Wareki())
		page.Withdraw = &form
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Observance.With(f, page) })
}

// observanceNew is the form of a new document, or of the next version of one, with the words of the newest.
func (d *door) observanceNew(c echo.Context) error {
	form := filled(observancesURL, "from_on", d.today().Wareki())
	if of, ok := number(c.QueryParam("document")); ok {
		form.Values.Set("document", strconv.FormatInt(of, 10))
	}
	return d.observanceForm(c, http.StatusOK, form)
}

func (d *door) observanceForm(c echo.Context, status int, form view.Form) error {
	page := view.ObservanceFormPage{BackURL: observancesURL}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteObservance); err != nil {
			return err
		}
		of, ok := number(form.Get("document"))
		if !ok || of == 0 {
			return nil
		}
		all, err := observance.List(ctx, tx)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(o observance.Document) bool { return int64(o.Document) == of })
		if n < 0 {
			return tenants.NotFound()
		}
		page.Name = all[n].Title
		if !form.Values.Has("title") {
			form.Values.Set("title", all[n].Title)
			form.Values.Set("body", all[n].Body)
		}
		return nil
	})
	if err != nil {
		return err
	}
	page.Form = form
	return d.show(c, status, func(f view.Frame) view.Page { return view.ObservanceForm.With(f, page) })
}

func (d *door) observancePublish(c echo.Context) error {
	var made observance.Document
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteObservance); err != nil {
			return err
		}
		var v tenants.Invalid
		in := observance.Input{Title: c.FormValue("title"), Body: c.FormValue("body"), FromOn: day(&v, c, "from_on")}
		if of, ok := number(c.FormValue("document")); ok && of > 0 && of < 1<<31 {
			in.Document = int(of)
		}
		if err := v.Err(); err != nil {
			return err
		}
		var err error
		made, err = observance.Publish(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.observanceForm(c, status, form) })
	}
	return d.done(c, observanceURL(made.Document, made.Version), "遵守事項を定めました。施行日から全員に同意を求めます。", "The rules were published; everybody is asked from their day on.")
}

func (d *door) observanceWithdraw(c echo.Context) error {
	of, version, err := versionOf(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteObservance); err != nil {
			return err
		}
		var v tenants.Invalid
		from := day(&v, c, "from_on")
		if err := v.Err(); err != nil {
			return err
		}
		_, err := observance.Withdraw(ctx, tx, of, from)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.observancePage(c, status, of, version, form) })
	}
	return d.done(c, observancesURL, "廃止を記録しました。これまでの同意は残ります。", "Withdrawn. Past acceptances are kept.")
}
