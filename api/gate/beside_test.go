package gate_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// Who stands by has shown all that they would show to sign in, is somebody else, and is with a person: until then nothing says that
// they were here.
func TestWhoStandsByHasShownEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.e.POST("/in/beside", func(c echo.Context) error {
		if err := h.gate.Beside(c, c.FormValue("login"), c.FormValue("password"), c.FormValue("code")); err != nil {
			if f := tenants.AsFault(err); len(f.Fields) > 0 {
				return c.String(http.StatusUnprocessableEntity, f.Fields[0].Field)
			}
			return err
		}
		who, err := h.gate.Who(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, who.Text())
	}, h.gate.Outside, h.gate.Session)
	admin := h.Person(tenantstest.Value[int64](h.Bench, `SELECT id FROM tenant WHERE kind = 'host'`), tenants.HostAdmin)
	from := calendar.MustDate(2026, 4, 1)
	var plain string
	add := func(login string) (a tenants.Actor, password string) {
		var p people.Person
		h.Do(admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
			p, password, err = people.Add(ctx, tx, h.town, people.Input{Login: login, Name: "見本 次郎", Keep: true, Posts: []people.PostInput{{Kind: tenants.Town, Title: "係長", FromOn: from}}})
			return err
		})
		h.Do(tenants.Gate("r", ""), func(ctx context.Context, tx *tenants.Tx) (err error) {
			a, err = people.Load(ctx, tx, p.TenantID, p.ID)
			return err
		})
		return a, password
	}
	second, password := add("second")
	keyed, other := add("keyed")
	secret := people.NewTOTP()
	code := func() string {
		text, err := totp.GenerateCode(people.TOTPText(secret), h.Clock.Now())
		require.NoError(t, err)
		return text
	}
	h.Do(second, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.AddTOTP(ctx, tx, secret, code())
		return err
	})
	h.Do(keyed, func(ctx context.Context, tx *tenants.Tx) error {
		return people.AddPasskey(ctx, tx, "鍵", []byte("handle"), []byte(`{}`))
	})
	h.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		m, err := people.AddMachine(ctx, tx, h.town, people.MachineInput{Name: "監視サーバ", Post: people.PostInput{Kind: tenants.Town, FromOn: from}})
		if err != nil {
			return err
		}
		_, plain, err = people.CreateMachineToken(ctx, tx, h.town, m.ID, people.TokenInput{Name: "x", Expires: tx.Now.AddDate(0, 1, 0)})
		return err
	})
	h.Clock.Advance(time.Minute)

	desk := &browser{house: h}
	require.Equal(t, http.StatusOK, desk.signIn(h.password))
	machine := &browser{house: h, header: map[string]string{"Authorization": "Bearer " + plain}}
	for name, try := range map[string]struct {
		at                    *browser
		login, password, code string
		status                int
		said                  string
	}{
		"a wrong password":           {desk, "second", "wrong", code(), http.StatusUnprocessableEntity, "second_password"},
		"whoever asks":               {desk, "mukawa", h.password, "", http.StatusUnprocessableEntity, "second_login"},
		"no code":                    {desk, "second", password, "", http.StatusUnprocessableEntity, "second_code"},
		"a wrong code":               {desk, "second", password, "000000x", http.StatusUnprocessableEntity, "second_code"},
		"a passkey, and no code":     {desk, "keyed", other, "", http.StatusUnprocessableEntity, "second_login"},
		"a person beside a machine":  {machine, "second", password, code(), http.StatusConflict, "機械"},
		"its maker beside a machine": {machine, "mukawa", h.password, "", http.StatusConflict, "機械"},
	} {
		got := try.at.do("POST", "/in/beside", url.Values{"login": {try.login}, "password": {try.password}, "code": {try.code}}.Encode())
		require.Equal(t, try.status, got.Code, name)
		require.Contains(t, got.Body.String(), try.said, name)
	}
	require.Zero(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE object = 'presence'`))
	got := desk.do("POST", "/in/beside", url.Values{"login": {"second"}, "password": {password}, "code": {code()}}.Encode())
	require.Equal(t, http.StatusOK, got.Code)
	require.Equal(t, "主事 見本 一郎（照合：係長 見本 次郎）", got.Body.String())
	require.EqualValues(t, 1, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE object = 'presence' AND actor_id = $1`, second.PersonID))
}
