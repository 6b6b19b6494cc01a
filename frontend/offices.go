package frontend

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

func officeURL(of, which int64) string { return "/settings/offices/" + itoa(of) + "/" + itoa(which) }

// peopledBy are the organisations in which somebody looks after the people.
func peopledBy(who tenants.Actor, towns []town.Town, today calendar.Date) []view.Option {
	var out []view.Option
	for _, t := range towns {
		if !t.HasLeft(today) && who.May(tenants.WritePeople, t.ID) {
			out = append(out, view.Option{Value: itoa(t.ID), Label: t.Name})
		}
	}
	return out
}

func (d *door) offices(c echo.Context) error { return d.officesPage(c, http.StatusOK, view.Form{}) }

func (d *door) officesPage(c echo.Context, status int, form view.Form) error {
	var page view.OfficesPage
	lang, today := d.lang(c), d.today()
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.Offices(ctx, tx)
		if err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		for _, o := range list {
			row := view.OfficeRow{Office: view.Link{Text: o.Name, URL: officeURL(o.TenantID, o.ID)}, Org: nameOf(towns, o.TenantID)}
			for _, h := range o.Holders {
				if h.On(today) {
					row.Holder, row.Since = h.Person, h.FromOn
				} else if today.Before(h.FromOn) {
					row.Next, row.NextOn = h.Person, h.FromOn
				}
			}
			for _, p := range o.Posts {
				ja, en := tenants.PostLabel(p.Kind)
				row.Posts = append(row.Posts, d.say(lang, ja, en)+" "+nameOf(towns, p.At))
			}
			page.Rows = append(page.Rows, row)
		}
		if !tx.Actor.May(tenants.WritePeople) {
			return nil
		}
		if form.Action == "" {
			form = filled("/settings/offices", "town", itoa(ownTown(tx.Actor)))
		}
		page.Form = &form
		page.Towns = peopledBy(tx.Actor, towns, today)
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Offices.With(f, page) })
}

func (d *door) officeAdd(c echo.Context) error {
	var made people.Office
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		of, ok := number(c.FormValue("town"))
		if !ok {
			var v tenants.Invalid
			v.Add("town", "団体を選んでください。", "Choose an organisation.")
			return v.Err()
		}
		var err error
		made, err = people.AddOffice(ctx, tx, of, c.FormValue("name"))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.officesPage(c, status, form) })
	}
	return d.done(c, officeURL(made.TenantID, made.ID), "役職を加えました。続けて、充て職と就いている人を登録してください。", "The office was added. Now enter its posts and its holder.")
}

func (d *door) office(c echo.Context) error {
	return d.officePage(c, http.StatusOK, view.Form{}, view.Form{})
}

// officePage shows an office, with one of its forms as it was typed.
func (d *door) officePage(c echo.Context, status int, hand, post view.Form) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	page := view.OfficePage{BackURL: "/settings/offices"}
	lang, today, base := d.lang(c), d.today(), officeURL(of, which)
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		o, err := people.GetOffice(ctx, tx, of, which)
		if err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		page.Name, page.Org = o.Name, nameOf(towns, of)
		may := tx.Actor.May(tenants.WritePeople, of)
		for _, h := range o.Holders {
			row := view.OfficeHolder{Person: view.Link{Text: h.Person, URL: personURL(of, h.PersonID)}, From: h.FromOn, Document: h.Document, Now: h.On(today)}
			if h.UntilOn != nil {
				row.Until = *h.UntilOn
			}
			if h.DocumentOn != nil {
				row.DocumentOn = *h.DocumentOn
			}
			page.Holders = append(page.Holders, row)
		}
		for _, h := range o.Withdrawn {
			page.Withdrawn = append(page.Withdrawn, view.OfficeBack{Person: h.Person, From: h.FromOn, At: *h.WithdrawnAt, By: h.WithdrawnBy})
		}
		if may && o.Ahead(today) {
			page.TakeBackURL = base + "/handovers/withdrawal"
		}
		for _, p := range o.Posts {
			ja, en := tenants.PostLabel(p.Kind)
			row := view.OfficePostRow{Label: d.say(lang, ja, en), Title: p.Title, Org: nameOf(towns, p.At), Manner: string(p.Manner),
				Acts: dutiesIn(lang, p.Scope.Acts), Towns: namesOf(towns, p.Scope.Towns)}
			if may {
				row.DropURL = base + "/posts/" + itoa(p.ID) + "/retirement"
			}
			page.Posts = append(page.Posts, row)
		}
		if !may {
			return nil
		}
		list, err := people.List(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, p := range list {
			if p.DisabledAt == nil && !p.Machine {
				page.People = append(page.People, view.Option{Value: itoa(p.ID), Label: p.Name + d.say(lang, "（", " (") + p.Login + d.say(lang, "）", ")")})
			}
		}
		if hand.Action == "" {
			hand = filled(base + "/handovers")
		}
		if post.Action == "" {
			post = filled(base+"/posts", "at", itoa(of), "manner", "appointment")
		}
		page.HandOver, page.PostForm = &hand, &post
		page.Orgs = peopledBy(tx.Actor, towns, today)
		page.Kinds, page.Acts, page.Towns = d.kindOptions(lang), dutyOptions(lang, dutiesOfPosts(everyPost...)), townOptions(towns)
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Office.With(f, page) })
}

func (d *door) officeHandOver(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		if _, err := people.GetOffice(ctx, tx, of, which); err != nil {
			return err
		}
		var v tenants.Invalid
		to, _ := number(c.FormValue("to")) // none: nobody holds it
		in := people.HandOverInput{To: to, FromOn: day(&v, c, "from_on"), Document: c.FormValue("document"), DocumentOn: optionalDay(&v, c, "document_on")}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := people.HandOver(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.officePage(c, status, form, view.Form{}) })
	}
	return d.done(c, officeURL(of, which), "役職を引き継ぎました。充て職も移りました。", "The office was handed over, and its posts with it.")
}

// officeTakeBack takes a hand-over back whose day has not come.
func (d *door) officeTakeBack(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.TakeBack(ctx, tx, of, which)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, officeURL(of, which), "引継ぎを取り消しました。前の人がそのまま続けます。", "The hand-over was taken back; the former holder goes on.")
}

func (d *door) officePostAdd(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		if _, err := people.GetOffice(ctx, tx, of, which); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		at, _ := number(c.FormValue("at")) // none is the office's own
		in := people.OfficePostInput{Kind: tenants.Post(c.FormValue("kind")), Title: c.FormValue("title"), At: at, Manner: people.Manner(c.FormValue("manner")), Scope: scopeForm(&v, c, towns)}
		if err := v.Err(); err != nil {
			return err
		}
		_, err = people.AddOfficePost(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.officePage(c, status, view.Form{}, form) })
	}
	return d.done(c, officeURL(of, which), "充て職を加えました。", "The post goes with the office from now on.")
}

func (d *door) officePostDrop(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	post, err := id(c, "post")
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.DropOfficePost(ctx, tx, of, which, post)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, officeURL(of, which), "充て職をやめました。", "The post goes with the office no longer.")
}
