package frontend

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

func (d *door) people(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.PeoplePage
	lang := d.lang(c)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.List(ctx, tx)
		if err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, t := range towns {
			names[t.ID] = t.Name
		}
		for _, p := range list {
			page.Rows = append(page.Rows, d.personRow(lang, who, p, names[p.TenantID]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WritePeople) {
		page.NewURL = "/settings/people/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.People.With(f, page) })
}

func (d *door) personRow(lang view.Lang, who tenants.Actor, p people.Person, org string) view.PersonRow {
	row := view.PersonRow{Name: p.Name, Login: p.Login, Org: org}
	if p.DisabledAt != nil {
		row.DisabledAt = *p.DisabledAt
	}
	for _, post := range p.Posts {
		ja, en := tenants.PostLabel(post.Kind)
		held := view.PostRow{Label: d.say(lang, ja, en) + hours(lang, post.Title), From: post.FromOn}
		if post.UntilOn != nil {
			held.Until = *post.UntilOn
		}
		row.Posts = append(row.Posts, held)
	}
	if who.May(tenants.WritePeople) && p.DisabledAt == nil {
		base := "/settings/people/" + strconv.FormatInt(p.TenantID, 10) + "/" + strconv.FormatInt(p.ID, 10)
		row.PasswordURL = base + "/password"
		if p.ID != who.PersonID {
			row.DisableURL = base + "/disabling"
		}
	}
	return row
}

func (d *door) personNew(c echo.Context) error {
	return d.personForm(c, http.StatusOK, filled("/settings/people", "lang", "ja", "from_on", d.today().Wareki()))
}

func (d *door) personForm(c echo.Context, status int, form view.Form) error {
	page := view.PersonFormPage{BackURL: "/settings/people", Form: form}
	lang := d.lang(c)
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		today := d.today()
		for _, t := range towns {
			if !t.HasLeft(today) {
				page.Towns = append(page.Towns, view.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range []struct {
		post   tenants.Post
		ja, en string
	}{{tenants.HostAdmin, "すべての団体を見て、設定も変えます。受託町の人だけ。", "Sees every town and changes settings; the host's people only."},
		{tenants.Operator, "すべての団体を見て、毎朝の確認と電話の記録をします。受託町の人だけ。", "Sees every town, confirms and records calls; the host's people only."},
		{tenants.Facility, "すべての団体の状態を見ます。受託町の人だけ。", "Sees how every town stands; the host's people only."},
		{tenants.Auditor, "すべての記録を見ます。何も変えられません。受託町の人だけ。", "Reads every record and changes nothing; the host's people only."},
		{tenants.Town, "自分の団体だけを見て、受領と連絡先の変更をします。", "Sees their own town only, acknowledges and keeps its contacts."}} {
		ja, en := tenants.PostLabel(o.post)
		page.Posts = append(page.Posts, view.Option{Value: string(o.post), Label: d.say(lang, ja, en), Help: d.say(lang, o.ja, o.en)})
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.PersonForm.With(f, page) })
}

// personAdd takes a person in and shows their first password. The page itself answers the form: nothing else may keep it.
func (d *door) personAdd(c echo.Context) error {
	var issued view.IssuedPage
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		var v tenants.Invalid
		of, ok := number(c.FormValue("town"))
		if !ok {
			v.Add("town", "所属を選んでください。", "Choose an organisation.")
		}
		in := people.Input{Login: c.FormValue("login"), Name: c.FormValue("name"), Lang: c.FormValue("lang"), Posts: []people.PostInput{{
			Kind: tenants.Post(c.FormValue("kind")), Title: c.FormValue("title"), FromOn: day(&v, c, "from_on"), UntilOn: optionalDay(&v, c, "until_on")}}}
		if err := v.Err(); err != nil {
			return err
		}
		p, password, err := people.Add(ctx, tx, of, in)
		issued = view.IssuedPage{New: true, Name: p.Name, Login: p.Login, Password: password, BackURL: "/settings/people"}
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.personForm(c, status, form) })
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Issued.With(f, issued) })
}

// personPassword issues a new password to somebody who lost theirs, and shows it.
func (d *door) personPassword(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var issued view.IssuedPage
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		p, err := people.Get(ctx, tx, of, which)
		if err != nil {
			return err
		}
		password, err := people.SetPassword(ctx, tx, of, which)
		issued = view.IssuedPage{Name: p.Name, Login: p.Login, Password: password, BackURL: "/settings/people"}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Issued.With(f, issued) })
}

func (d *door) personDisable(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, of, which)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, "/settings/people", "停止しました。すぐにログインできなくなります。", "Disabled, from now on.")
}
