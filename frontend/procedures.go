package frontend

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
)

// procedureKinds are what is done about somebody's password by two persons (RK 第8条), by the last part of their address.
var procedureKinds = []struct {
	path                                       string
	ja, en, leadJa, leadEn, buttonJa, buttonEn string
	do                                         func(ctx context.Context, tx *tenants.Tx, of, which int64, reason string) (password string, err error)
	disabled                                   bool // of somebody who is disabled
}{
	{path: "password", ja: "新しいパスワードを作る", en: "Issue a new password", leadJa: "今のパスワードは使えなくなります。新しいパスワードは一度だけ表示します。",
		leadEn: "The present one stops working. The new one is shown once.", buttonJa: "作る", buttonEn: "Issue", do: people.SetPassword},
	{path: "factors", ja: "二要素認証を外す", en: "Take the second factors off", leadJa: "認証アプリ・パスキー・回復コードを外し、新しいパスワードを作ります。ログイン中の画面はすべて終わります。",
		leadEn: "App, passkeys and recovery codes go, and a new password is issued. Every session ends.", buttonJa: "外す", buttonEn: "Take off",
		do: func(ctx context.Context, tx *tenants.Tx, of, which int64, reason string) (string, error) {
			if err := people.ResetFactors(ctx, tx, of, which, reason); err != nil {
				return "", err
			}
			return people.SetPassword(ctx, tx, of, which, reason)
		}},
	{path: "enabling", ja: "停止を解く", en: "Let in again", leadJa: "停止する前のパスワードとトークンで、また使えるようになります。", leadEn: "With the password and tokens they had.",
		buttonJa: "停止を解く", buttonEn: "Enable", disabled: true,
		do: func(ctx context.Context, tx *tenants.Tx, of, which int64, reason string) (string, error) {
			_, err := people.Enable(ctx, tx, of, which, reason)
			return "", err
		}},
}

func procedureOf(c echo.Context) (of, which int64, n int, err error) {
	if of, which, err = townAndID(c); err != nil {
		return 0, 0, 0, err
	}
	for n, k := range procedureKinds {
		if k.path == c.Param("procedure") {
			return of, which, n, nil
		}
	}
	return 0, 0, 0, tenants.NotFound()
}

func (d *door) procedure(c echo.Context) error { return d.procedureForm(c, http.StatusOK, view.Form{}) }

func (d *door) procedureForm(c echo.Context, status int, form view.Form) error {
	of, which, n, err := procedureOf(c)
	if err != nil {
		return err
	}
	k, lang := procedureKinds[n], d.lang(c)
	page := view.ProcedurePage{Title: d.say(lang, k.ja, k.en), Lead: d.say(lang, k.leadJa, k.leadEn), Button: d.say(lang, k.buttonJa, k.buttonEn), BackURL: personURL(of, which), Form: form}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error { // posts are held elsewhere too
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		p, err := people.Get(ctx, tx, of, which)
		if err != nil {
			return err
		}
		if p.Machine || (p.DisabledAt != nil) != k.disabled {
			return tenants.NotFound()
		}
		page.Name, page.Login = p.Name, p.Login
		page.Held, err = asksSecond(ctx, tx, p)
		return err
	})
	if err != nil {
		return err
	}
	if page.Form.Action == "" {
		page.Form = filled(personURL(of, which) + "/procedures/" + k.path)
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Procedure.With(f, page) })
}

// asksSecond tells whether what is done about a person waits for a second one: their own organisation asks for it, or one in
// which they hold a post.
func asksSecond(ctx context.Context, tx *tenants.Tx, p people.Person) (bool, error) {
	towns := []int64{p.TenantID}
	for _, o := range p.Posts {
		if !slices.Contains(towns, o.At) && tx.Actor.May(tenants.ReadProposal, o.At) {
			towns = append(towns, o.At)
		}
	}
	for _, t := range towns {
		if acts, err := proposal.Setting(ctx, tx, t); err != nil || slices.Contains(acts, tenants.WritePeople) {
			return err == nil, err
		}
	}
	return false, nil
}

// besideFields are those by which a second person proves at the same screen who they are.
var besideFields = []string{"second_password", "second_code"}

// beside takes the second person in whom a form brings along; a form without one changes nothing. What they typed is kept
// nowhere.
func (d *door) beside(c echo.Context) error {
	login, password, code := c.FormValue("second_login"), c.FormValue("second_password"), c.FormValue("second_code")
	for _, field := range besideFields {
		if err := d.gate.Withhold(c, field); err != nil {
			return err
		}
		c.Request().PostForm.Del(field)
		c.Request().Form.Del(field)
	}
	if login == "" && password == "" {
		return nil
	}
	return d.gate.Beside(c, login, password, code)
}

func (d *door) procedureDone(c echo.Context) error {
	of, which, n, err := procedureOf(c)
	if err != nil {
		return err
	}
	k := procedureKinds[n]
	issued := view.IssuedPage{BackURL: "/settings/people"}
	err = d.beside(c)
	if err == nil {
		err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
			if err := tx.Permit(tenants.WritePeople, of); err != nil {
				return err
			}
			p, err := people.Get(ctx, tx, of, which)
			if err != nil {
				return err
			}
			issued.Name, issued.Login = p.Name, p.Login
			issued.Password, err = k.do(ctx, tx, of, which, c.FormValue("reason"))
			return err
		})
	}
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.procedureForm(c, status, form) })
	}
	if issued.Password == "" {
		return d.done(c, personURL(of, which), "停止を解きました。", "Enabled.")
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Issued.With(f, issued) })
}

// procedures is the record of what was done about passwords, and by which two persons.
func (d *door) procedures(c echo.Context) error {
	lang := d.lang(c)
	page := view.ProceduresPage{BackURL: "/settings/people", Seals: d.seals(lang)}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.Procedures(ctx, tx, 0, before(c), listed)
		if err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i, p := range list {
			ids[i] = p.TenantID
		}
		names, err := townNames(ctx, tx, ids)
		for _, p := range list {
			page.Rows = append(page.Rows, view.ProcedureRow{At: p.At, Kind: people.ProcedureWords("kind", p.Kind, string(lang)), Person: p.Person, Org: names[p.TenantID],
				URL: personURL(p.TenantID, p.PersonID), Reason: p.Reason, By: p.ByText, How: people.ProcedureWords("how", p.How, string(lang)), Second: p.SecondText,
				Alone: p.How == people.Alone})
		}
		page.Pages = view.Pages{Shown: len(list), NewerURL: newest(c)}
		if len(list) == listed {
			page.Pages.OlderURL = older(c, list[len(list)-1].ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Procedures.With(f, page) })
}
