package frontend

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

// tokenDays is how long a new token is good for where nobody says.
const tokenDays = 90

func (d *door) tokens(c echo.Context) error {
	return d.tokensPage(c, http.StatusOK, filled("/settings/tokens", "days", strconv.Itoa(tokenDays)), "")
}

func (d *door) tokensPage(c echo.Context, status int, form view.Form, made string) error {
	page := view.TokensPage{Form: form, Made: made}
	lang := d.lang(c)
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.OwnTokens(ctx, tx)
		if err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		page.Acts, page.Towns = dutyOptions(lang, tx.Actor.Acts()), townOptions(towns)
		page.Rows = tokenRows(lang, tx.Now, list, towns, "/settings/tokens/")
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Tokens.With(f, page) })
}

// tokenRows are tokens with their scopes in words; below is where one of them is revoked, "" for nowhere.
func tokenRows(lang view.Lang, now time.Time, list []people.Token, towns []town.Town, below string) []view.TokenRow {
	var rows []view.TokenRow
	for _, t := range list {
		row := view.TokenRow{Name: t.Name, Prefix: t.Prefix, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedFrom: t.LastUsedFrom,
			Acts: dutiesIn(lang, t.Scope.Acts), Towns: namesOf(towns, t.Scope.Towns)}
		if t.LastUsedAt != nil {
			row.LastUsedAt = *t.LastUsedAt
		}
		if t.RevokedAt != nil {
			row.RevokedAt = *t.RevokedAt
		} else if t.Valid(now) && below != "" {
			row.RevokeURL = below + itoa(t.ID) + "/revocation"
		}
		rows = append(rows, row)
	}
	return rows
}

func dutiesIn(lang view.Lang, acts []tenants.Act) []string {
	var out []string
	for _, a := range acts {
		out = append(out, dutyWord(lang, a))
	}
	return out
}

// namesOf names towns of a scope; one out of sight goes by its number.
func namesOf(towns []town.Town, ids []int64) []string {
	var out []string
	for _, id := range ids {
		if n := slices.IndexFunc(towns, func(t town.Town) bool { return t.ID == id }); n >= 0 {
			out = append(out, towns[n].Name)
		} else {
			out = append(out, "#"+itoa(id))
		}
	}
	return out
}

// tokenInput reads a token as it is entered, whoever it is for.
func tokenInput(c echo.Context, now time.Time, towns []town.Town) (people.TokenInput, error) {
	var v tenants.Invalid
	days := whole(&v, c, "days")
	if len(v.Fields) == 0 && (days < 1 || days > 1095) {
		v.Add("days", "1〜1095日で入力してください。", "Enter 1 to 1095 days.")
	}
	in := people.TokenInput{Name: c.FormValue("name"), Expires: now.Add(time.Duration(days) * 24 * time.Hour), Scope: scopeForm(&v, c, towns)}
	return in, v.Err()
}

// tokenMake makes a token and shows it, this once: the page itself answers the form.
func (d *door) tokenMake(c echo.Context) error {
	var made string
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		in, err := tokenInput(c, tx.Now, towns)
		if err != nil {
			return err
		}
		_, made, err = people.CreateToken(ctx, tx, in)
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
