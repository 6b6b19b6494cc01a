package frontend

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
)

// home leads to what this person opens the console for.
func (d *door) home(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/board") }

func (d *door) signIn(c echo.Context) error {
	if _, ok := d.who(c); ok {
		return c.Redirect(http.StatusSeeOther, onward(c.QueryParam("next")))
	}
	return d.signInForm(c, http.StatusOK, view.Form{}, c.QueryParam("next"))
}

func (d *door) signInForm(c echo.Context, status int, form view.Form, next string) error {
	form.Action = "/signin"
	page := view.SignInPage{Form: form, Next: onward(next)}
	lang := d.lang(c)
	if d.Mailbox != nil {
		for _, w := range []struct{ login, ja, en string }{
			{"admin", "受託町の管理者", "host administrator"}, {"operator", "操作者", "operator"}, {"facility", "施設管理者", "facility manager"},
			{"auditor", "監査担当", "auditor"}, {"mukawa", "むかわ町（ほかの町も同様）", "Mukawa (the other towns likewise)"},
		} {
			page.Demo = append(page.Demo, view.DemoWho{Login: w.login, What: d.say(lang, w.ja, w.en)})
		}
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.SignIn.With(f, page) })
}

func (d *door) signInDone(c echo.Context) error {
	login, next := strings.TrimSpace(c.FormValue("login")), c.FormValue("next")
	if _, err := d.gate.SignIn(c, login, c.FormValue("password")); err != nil {
		f := tenants.AsFault(err)
		if f.Kind != tenants.KindUnauthenticated && f.Kind != tenants.KindInvalid {
			return err
		}
		form := d.refused(c, f)
		form.Values.Del("password")
		return d.signInForm(c, http.StatusUnprocessableEntity, form, next)
	}
	return c.Redirect(http.StatusSeeOther, onward(next))
}

func (d *door) signOut(c echo.Context) error {
	if err := d.gate.SignOut(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/signin")
}

func (d *door) language(c echo.Context) error {
	to := d.lang(c).Other()
	if l := c.QueryParam("to"); l != "" {
		to = view.ParseLang(l)
	}
	d.gate.SetLang(c, string(to))
	return c.Redirect(http.StatusSeeOther, onward(c.QueryParam("next")))
}

// onward is where to go next: a path of this console, never an address elsewhere.
func onward(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}
