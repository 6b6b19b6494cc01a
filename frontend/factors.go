package frontend

import (
	"bytes"
	"context"
	"encoding/base64"
	"html/template"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/pquerna/otp"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
)

const factorsURL = "/settings/factors"

func (d *door) factors(c echo.Context) error { return d.factorsPage(c, http.StatusOK, nil, nil) }

func (d *door) factorsPage(c echo.Context, status int, adding *view.NewTOTP, codes []string) error {
	page := view.FactorsPage{New: adding, Codes: codes, Form: filled("")}
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
		f, err := people.OwnFactors(ctx, tx)
		if err != nil {
			return err
		}
		page.TOTPAt, page.Any, page.CodesLeft = sinceOf(f.TOTPAt), f.Any(), f.CodesLeft
		for _, k := range f.Passkeys {
			page.Passkeys = append(page.Passkeys, view.PasskeyRow{Name: k.Name, AddedAt: k.AddedAt, LastUsedAt: sinceOf(k.LastUsedAt),
				RemoveURL: factorsURL + "/passkeys/" + strconv.FormatInt(k.ID, 10) + "/removal"})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if d.gate.Passkeys() {
		page.PasskeyURL = factorsURL + "/passkeys"
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Factors.With(f, page) })
}

func sinceOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// totpStart shows a new secret to scan. It is kept in the session until the person has shown a code of it.
func (d *door) totpStart(c echo.Context) error {
	var secret, kept []byte
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := people.OwnSure(ctx, tx); err != nil {
			return err
		}
		secret, kept, err = people.OfferTOTP(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	d.gate.Keep(c, "totp", kept)
	return d.totpForm(c, http.StatusOK, secret, filled(""))
}

func (d *door) totpForm(c echo.Context, status int, secret []byte, form view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	form.Action = factorsURL + "/totp/confirmation"
	key, err := otp.NewKeyFromURL((&url.URL{Scheme: "otpauth", Host: "totp", Path: "/棚守:" + who.Name,
		RawQuery: url.Values{"secret": {people.TOTPText(secret)}, "issuer": {"棚守"}}.Encode()}).String())
	if err != nil {
		return err
	}
	picture, err := key.Image(200, 200)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return d.factorsPage(c, status, &view.NewTOTP{Form: form, Key: people.TOTPText(secret),
		QR: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))}, nil) //nolint:gosec // our own picture, base64 throughout
}

func (d *door) totpAdd(c echo.Context) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	kept := d.gate.Kept(c, "totp")
	if kept == nil {
		return seeOther(c, factorsURL)
	}
	var secret []byte
	var codes []string
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if secret = people.OfferedTOTP(ctx, tx, kept); secret == nil {
			return nil
		}
		codes, err = people.AddTOTP(ctx, tx, secret, c.FormValue("code"))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.totpForm(c, status, secret, form) })
	}
	d.gate.Keep(c, "totp", nil)
	if secret == nil {
		return seeOther(c, factorsURL)
	}
	d.gate.Forget(c) // what they owed is done
	return d.factorsPage(c, http.StatusOK, nil, codes)
}

func (d *door) totpDrop(c echo.Context) error {
	if err := d.gate.Home(c, people.DropTOTP); err != nil {
		return err
	}
	return d.done(c, factorsURL, "認証アプリの登録を外しました。", "The authenticator app was taken off.")
}

// codesMake makes recovery codes and shows them: the page itself answers the form.
func (d *door) codesMake(c echo.Context) error {
	var codes []string
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		codes, err = people.NewCodes(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return d.factorsPage(c, http.StatusOK, nil, codes)
}

// passkeyNew answers with what the browser is asked in order to make a passkey.
func (d *door) passkeyNew(c echo.Context) error {
	options, err := d.gate.NewPasskey(c)
	if err != nil {
		return d.passkeyRefused(c, err)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, options)
}

func (d *door) passkeyAdd(c echo.Context) error {
	if err := d.gate.AddPasskey(c, c.QueryParam("name"), c.Request().Body); err != nil {
		return d.passkeyRefused(c, err)
	}
	d.gate.Flash(c, view.FlashOK, d.say(d.lang(c), "パスキーを登録しました。端末をなくしたときのために、回復コードも作って保管してください。",
		"The passkey was added. Make recovery codes as well, in case the device is lost."))
	return c.JSON(http.StatusOK, map[string]string{"next": factorsURL})
}

func (d *door) passkeyDrop(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error { return people.DropPasskey(ctx, tx, which) })
	if err != nil {
		return err
	}
	return d.done(c, factorsURL, "パスキーを外しました。", "The passkey was taken off.")
}
