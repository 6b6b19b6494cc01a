package frontend

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

// postEnd sets the last day of a post; the page of whoever holds it answers.
func (d *door) postEnd(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var p people.Person
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		var v tenants.Invalid
		last := day(&v, c, "until_on")
		if err := v.Err(); err != nil {
			return err
		}
		p, err = people.EndPost(ctx, tx, of, which, last)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.postRefused(c, status, of, which, form) })
	}
	return d.done(c, personURL(of, p.ID), "最後の日を決めました。", "The last day was set.")
}

// postRefused shows the page of whoever holds the post, with what is wrong at it.
func (d *door) postRefused(c echo.Context, status int, of, post int64, form view.Form) error {
	var holder int64
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.List(ctx, tx, of)
		for _, p := range list {
			if slices.ContainsFunc(p.Posts, func(o people.HeldPost) bool { return o.ID == post }) {
				holder = p.ID
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	c.SetParamNames("town", "id")
	c.SetParamValues(itoa(of), itoa(holder))
	return d.personPage(c, status, personShown{end: form, endPost: post})
}

func (d *door) postWithdraw(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var p people.Person
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		p, err = people.WithdrawPost(ctx, tx, of, which)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, personURL(of, p.ID), "職を取り消しました。", "The post was withdrawn.")
}

// postInput reads a post as it is entered.
func postInput(v *tenants.Invalid, c echo.Context, towns []town.Town) people.PostInput {
	at, _ := number(c.FormValue("at")) // none is the person's own organisation
	return people.PostInput{Kind: tenants.Post(c.FormValue("kind")), Title: c.FormValue("title"), At: at, FromOn: day(v, c, "from_on"), UntilOn: optionalDay(v, c, "until_on"),
		NoEnd: c.FormValue("no_end") == "on", Manner: people.Manner(c.FormValue("manner")), By: c.FormValue("appointed_by"), Document: c.FormValue("document"),
		DocumentOn: optionalDay(v, c, "document_on"), Scope: scopeForm(v, c, towns)}
}

func (d *door) postNew(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	return d.postForm(c, http.StatusOK, of, which, filled(personURL(of, which)+"/posts", "at", itoa(of), "manner", "appointment", "from_on", d.today().Wareki()))
}

// postForm is the form of a person's new post, or with person 0 that of a new machine.
func (d *door) postForm(c echo.Context, status int, of, which int64, form view.Form) error {
	page := view.PostFormPage{Machine: which == 0, BackURL: "/settings/people", Form: form, YearsEnd: calendar.FiscalYearEnd(calendar.FiscalYear(d.today()))}
	lang := d.lang(c)
	err := d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if which == 0 {
			if err := tx.Permit(tenants.WritePeople); err != nil {
				return err
			}
		} else {
			if err := tx.Permit(tenants.WritePeople, of); err != nil {
				return err
			}
			p, err := people.Get(ctx, tx, of, which)
			if err != nil {
				return err
			}
			page.Name, page.PersonURL = p.Name, personURL(of, which)
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		page.Orgs, page.Towns = peopledBy(tx.Actor, towns, d.today()), townOptions(towns)
		return nil
	})
	if err != nil {
		return err
	}
	page.Posts, page.Acts = d.kindOptions(lang), dutyOptions(lang, dutiesOfPosts(everyPost...))
	return d.show(c, status, func(f view.Frame) view.Page { return view.PostForm.With(f, page) })
}

func (d *door) postAdd(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		if _, err := people.Get(ctx, tx, of, which); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		in := postInput(&v, c, towns)
		if err := v.Err(); err != nil {
			return err
		}
		_, err = people.AddPost(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.postForm(c, status, of, which, form) })
	}
	return d.done(c, personURL(of, which), "職を加えました。", "The post was given.")
}

func (d *door) machineNew(c echo.Context) error {
	return d.postForm(c, http.StatusOK, 0, 0, filled("/settings/people/machines", "manner", "appointment", "no_end", "on", "from_on", d.today().Wareki()))
}

func (d *door) machineAdd(c echo.Context) error {
	var made people.Person
	err := d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		of, ok := number(c.FormValue("town"))
		if !ok {
			v.Add("town", "所属を選んでください。", "Choose an organisation.")
		}
		in := people.MachineInput{Name: c.FormValue("name"), Post: postInput(&v, c, towns)}
		if err := v.Err(); err != nil {
			return err
		}
		made, err = people.AddMachine(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.postForm(c, status, 0, 0, form) })
	}
	return d.done(c, personURL(made.TenantID, made.ID), "機械を登録しました。続けてトークンを作ってください。", "The machine was added. Now make a token for it.")
}
