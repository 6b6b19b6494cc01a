package frontend

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
)

// The fields by which a form brings along once more who sends it: the password, a code of the second factor, and whether both are
// asked for.
const (
	confirmField = "confirm_password"
	confirmCode  = "confirm_code"
	confirmBoth  = "confirm_both"
)

// secretFields are never carried along in a form that asks something first.
var secretFields = []string{confirmField, confirmCode, confirmBoth, "second_password", "second_code", "old", "new", "again"}

// confirmFirst looks at a form before its handler does: where it brings the password along, who sends it is confirmed.
func (d *door) confirmFirst(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method != http.MethodPost || !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEApplicationForm) {
			return next(c)
		}
		password := c.FormValue(confirmField)
		if password == "" {
			if _, asked := c.Request().PostForm[confirmField]; !asked {
				return next(c)
			}
		}
		both := c.FormValue(confirmBoth) != ""
		if err := d.proveAgain(c, password, c.FormValue(confirmCode), both); err != nil {
			return d.refusedSignIn(c, err, func(form view.Form) error { return d.confirmForm(c, http.StatusUnprocessableEntity, form, both) })
		}
		for _, field := range []string{confirmField, confirmCode, confirmBoth} {
			if err := d.gate.Withhold(c, field); err != nil {
				return err
			}
			c.Request().PostForm.Del(field)
			c.Request().Form.Del(field)
		}
		return next(c)
	}
}

func (d *door) proveAgain(c echo.Context, password, code string, both bool) error {
	if both && strings.TrimSpace(code) == "" {
		var v tenants.Invalid
		v.Add(confirmCode, "確認コードを入力してください。", "Enter the code.")
		return v.Err()
	}
	return d.gate.Confirm(c, password, code)
}

// carried is what was typed, to be sent on by a form that asks something first. Secrets are typed again.
func carried(c echo.Context) (typed []view.Typed) {
	for name, values := range c.Request().PostForm {
		for _, v := range values {
			if !slices.Contains(secretFields, name) {
				typed = append(typed, view.Typed{Name: name, Value: v})
			}
		}
	}
	return typed
}

// confirmForm asks for the password once more, both: and for the second factor, and carries along what was typed. What was asked
// for by an address alone is asked for again afterwards.
func (d *door) confirmForm(c echo.Context, status int, form view.Form, both bool) error {
	page := view.ConfirmPage{Form: form, BackURL: "/settings"}
	next := "/settings"
	if c.Request().Method == http.MethodPost {
		page.Form.Action = c.Request().URL.RequestURI()
		page.Hidden = carried(c)
	} else {
		page.Form.Action = "/confirm"
		next = c.Request().URL.RequestURI()
		page.Hidden = []view.Typed{{Name: "next", Value: next}}
		if d.gate.SSOName() != "" && !both {
			page.SSO = "/signin/sso?confirm=1&next=" + c.Request().URL.EscapedPath()
		}
	}
	if both {
		page.Hidden = append(page.Hidden, view.Typed{Name: confirmBoth, Value: "1"})
		err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
			f, err := people.OwnFactors(ctx, tx)
			page.Code = true // a recovery code where there is no app
			if len(f.Passkeys) > 0 && d.gate.Passkeys() {
				page.Passkey, page.PasskeyNext = "/signin/passkey", next
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	page.Form.Values = nil
	return d.show(c, status, func(f view.Frame) view.Page { return view.Confirm.With(f, page) })
}

// anywayForm tells what would come of an act, and carries it along for whoever means it.
func (d *door) anywayForm(c echo.Context, f *tenants.Fault) error {
	u := url.URL{Path: c.Request().URL.Path, RawQuery: c.Request().URL.RawQuery}
	query := u.Query()
	query.Set("anyway", "1")
	u.RawQuery = query.Encode()
	page := view.ConfirmPage{Form: view.Form{Action: u.String()}, Hidden: carried(c), Anyway: f.Message(string(d.lang(c))), BackURL: "/settings/people"}
	return d.show(c, http.StatusConflict, func(f view.Frame) view.Page { return view.Confirm.With(f, page) })
}

// confirmed leads on: confirmFirst has looked at the password.
func (d *door) confirmed(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, onward(c.FormValue("next")))
}
