package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
)

func (d *door) password(c echo.Context) error {
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
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
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
	if err := d.gate.Renew(c, who); err != nil {
		return err
	}
	return d.done(c, "/settings", "パスワードを変更しました。", "The password was changed.")
}

// tokenDays is how long a new token is good for where nobody says.
const tokenDays = 90

func (d *door) tokens(c echo.Context) error {
	return d.tokensPage(c, http.StatusOK, filled("/settings/tokens", "days", strconv.Itoa(tokenDays)), "")
}

func (d *door) tokensPage(c echo.Context, status int, form view.Form, made string) error {
	page := view.TokensPage{Form: form, Made: made}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.OwnTokens(ctx, tx)
		for _, t := range list {
			row := view.TokenRow{Name: t.Name, Prefix: t.Prefix, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedFrom: t.LastUsedFrom}
			if t.LastUsedAt != nil {
				row.LastUsedAt = *t.LastUsedAt
			}
			if t.RevokedAt != nil {
				row.RevokedAt = *t.RevokedAt
			} else if t.Valid(tx.Now) {
				row.RevokeURL = "/settings/tokens/" + strconv.FormatInt(t.ID, 10) + "/revocation"
			}
			page.Rows = append(page.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Tokens.With(f, page) })
}

// tokenMake makes a token and shows it, this once: the page itself answers the form.
func (d *door) tokenMake(c echo.Context) error {
	var made string
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		var v tenants.Invalid
		days := whole(&v, c, "days")
		if len(v.Fields) == 0 && (days < 1 || days > 1095) {
			v.Add("days", "1〜1095日で入力してください。", "Enter 1 to 1095 days.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		_, made, err = people.CreateToken(ctx, tx, c.FormValue("name"), tx.Now.Add(time.Duration(days)*24*time.Hour))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.tokensPage(c, status, form, "") })
	}
	return d.tokensPage(c, http.StatusOK, filled("/settings/tokens", "days", strconv.Itoa(tokenDays)), made)
}

func (d *door) tokenRevoke(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return people.RevokeToken(ctx, tx, which) })
	if err != nil {
		return err
	}
	return d.done(c, "/settings/tokens", "トークンを取り消しました。", "The token was revoked.")
}
