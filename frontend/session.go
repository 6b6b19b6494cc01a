package frontend

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/api/gate"
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
	page := view.SignInPage{Form: form, Next: onward(next), SSO: d.gate.SSOName()}
	lang := d.lang(c)
	if kind, text, ok := d.gate.TakeFlash(c); ok && kind == flashNotice {
		page.Notice = text
	}
	if d.gate.Passkeys() {
		page.Passkey = "/signin/passkey"
	}
	if !d.gate.Safe(c) {
		page.Plain = true
	}
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

// flashNotice is a line for the sign-in page: why somebody has to sign in again.
const flashNotice = "notice"

// refusedSignIn shows the form again for what whoever signs in can do something about.
func (d *door) refusedSignIn(c echo.Context, err error, show func(view.Form) error) error {
	f := tenants.AsFault(err)
	switch f.Kind {
	case tenants.KindUnauthenticated, tenants.KindInvalid, tenants.KindConflict, tenants.KindTooMany:
	default:
		return err
	}
	_, _ = d.gate.Answer(c, err) // for the header that says when to try again
	form := d.refused(c, f)
	form.Values.Del("password")
	form.Values.Del("code")
	return show(form)
}

func (d *door) signInDone(c echo.Context) error {
	login, next := strings.TrimSpace(c.FormValue("login")), c.FormValue("next")
	second, err := d.gate.SignIn(c, login, c.FormValue("password"))
	if err != nil {
		return d.refusedSignIn(c, err, func(form view.Form) error { return d.signInForm(c, http.StatusUnprocessableEntity, form, next) })
	}
	if second {
		return d.secondForm(c, http.StatusOK, view.Form{}, next)
	}
	return c.Redirect(http.StatusSeeOther, onward(next))
}

// secondForm asks for the second step; it answers the first form itself, so that no address of its own leads into the
// middle.
func (d *door) secondForm(c echo.Context, status int, form view.Form, next string) error {
	f, err := d.gate.Factors(c)
	if err != nil {
		return d.refusedSignIn(c, err, func(form view.Form) error { return d.signInForm(c, http.StatusUnprocessableEntity, form, next) })
	}
	form.Action = "/signin/second"
	page := view.SecondPage{Form: form, Next: onward(next), Code: f.TOTPAt != nil}
	if len(f.Passkeys) > 0 && d.gate.Passkeys() {
		page.Passkey = "/signin/passkey"
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Second.With(f, page) })
}

func (d *door) second(c echo.Context) error {
	next := c.FormValue("next")
	if err := d.gate.Second(c, c.FormValue("code")); err != nil {
		return d.refusedSignIn(c, err, func(form view.Form) error { return d.secondForm(c, http.StatusUnprocessableEntity, form, next) })
	}
	return c.Redirect(http.StatusSeeOther, onward(next))
}

// left is how many seconds there are until the session ends without use; 0 where there is none.
func (d *door) left(a tenants.Actor) int {
	if a.Until.IsZero() {
		return 0
	}
	return max(1, int(a.Until.Sub(d.gate.Ground().Now())/time.Second))
}

// sessionLeft tells a page that is open how long it may still show something. Asked by POST, somebody is typing on it.
func (d *door) sessionLeft(c echo.Context) error {
	a, err := d.gate.Who(c)
	if err != nil {
		if tenants.AsFault(err).Kind != tenants.KindUnauthenticated {
			return err // nobody knows: the page stays until its time is over
		}
		return c.JSON(http.StatusUnauthorized, map[string]int{"left": 0})
	}
	return c.JSON(http.StatusOK, map[string]int{"left": d.left(a)})
}

func (d *door) signOut(c echo.Context) error {
	if err := d.gate.SignOut(c); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/signin")
}

// passkeyChallenge answers with what the browser is to ask of its passkeys.
func (d *door) passkeyChallenge(c echo.Context) error {
	options, err := d.gate.AskPasskey(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, options)
}

func (d *door) passkeySignIn(c echo.Context) error {
	if err := d.gate.SignInByPasskey(c, c.Request().Body); err != nil {
		return d.passkeyRefused(c, err)
	}
	return c.JSON(http.StatusOK, map[string]string{"next": onward(c.QueryParam("next"))})
}

// passkeyRefused tells the script in the reader's language what is wrong.
func (d *door) passkeyRefused(c echo.Context, err error) error {
	fault, status := d.gate.Answer(c, err)
	message := fault.Message(string(d.lang(c)))
	for _, f := range fault.Fields {
		message = f.Message(string(d.lang(c)))
	}
	return c.JSON(status, map[string]string{"message": message})
}

func (d *door) sso(c echo.Context) error {
	if !gate.Asked(c) { // another site sends nobody through single sign-on who did not press for it
		return c.Redirect(http.StatusSeeOther, "/signin?"+url.Values{"next": {onward(c.QueryParam("next"))}}.Encode())
	}
	to, err := d.gate.SSOStart(c, onward(c.QueryParam("next")), c.QueryParam("confirm") != "")
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (d *door) ssoDone(c echo.Context) error {
	next, err := d.gate.SSODone(c)
	if errors.Is(err, gate.ErrSecond) {
		return d.secondForm(c, http.StatusOK, view.Form{}, next)
	}
	if err != nil {
		return d.refusedSignIn(c, err, func(form view.Form) error {
			form.Values = nil
			return d.signInForm(c, http.StatusUnprocessableEntity, form, next)
		})
	}
	return c.Redirect(http.StatusSeeOther, onward(next))
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
