package frontend

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
)

func (d *door) password(c echo.Context) error {
	err := d.gate.Home(c, func(_ context.Context, tx *tenants.Tx) error {
		if tx.Actor.NoFactor { // asked before anything is typed
			return tenants.First(tenants.OwesBoth)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.passwordForm(c, http.StatusOK, filled("/settings/password"))
}

func (d *door) passwordForm(c echo.Context, status int, form view.Form) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	for _, field := range []string{"old", "new", "again"} {
		form.Values.Del(field)
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Password.With(f, view.PasswordPage{Form: form}) })
}

func (d *door) passwordChange(c echo.Context) error {
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
		var v tenants.Invalid
		if c.FormValue("new") != c.FormValue("again") {
			v.Add("again", "新しいパスワードと違っています。", "It differs from the new password.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		return people.ChangeOwnPassword(ctx, tx, c.FormValue("old"), c.FormValue("new"))
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.passwordForm(c, status, form) })
	}
	if err := d.gate.Renew(c); err != nil {
		return err
	}
	return d.done(c, "/settings", "パスワードを変更しました。", "The password was changed.")
}
