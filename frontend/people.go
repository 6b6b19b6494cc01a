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

// endingShown is how many posts whose end is near the list of people shows: all of a consortium on a 31 March.
const endingShown = 500

func (d *door) people(c echo.Context) error { return d.peoplePage(c, http.StatusOK, view.Form{}) }

func (d *door) reminderSet(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		var v tenants.Invalid
		days := whole(&v, c, "days")
		if err := v.Err(); err != nil {
			return err
		}
		return people.SetReminderDays(ctx, tx, days)
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.peoplePage(c, status, form) })
	}
	return d.done(c, "/settings/people", "終期の予告を変更しました。", "Changed.")
}

func (d *door) peoplePage(c echo.Context, status int, reminder view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.PeoplePage
	lang := d.lang(c)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		towns, err := town.ListPage(ctx, tx, askOf(c))
		if err != nil {
			return err
		}
		page.Find, page.Pages = finding(c, "/settings/people", towns)
		if len(towns.Towns) == 0 {
			return nil
		}
		list, err := people.List(ctx, tx, idsOf(towns.Towns)...)
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, t := range towns.Towns {
			names[t.ID] = t.Name
		}
		for _, p := range list {
			page.Rows = append(page.Rows, d.personRow(lang, p, names[p.TenantID]))
		}
		if page.Days, err = people.ReminderDays(ctx, tx); err != nil {
			return err
		}
		ending, err := people.Ending(ctx, tx, d.today(), page.Days, endingShown)
		for _, e := range ending {
			row := d.registerRow(lang, who, e, names[e.TenantID], c.Request().URL.Path)
			if who.May(tenants.ReadPeople, e.HomeID) {
				row.URL = personURL(e.HomeID, e.PersonID)
			}
			page.Ending = append(page.Ending, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	page.OfficesURL, page.ProceduresURL = "/settings/offices", "/settings/people/procedures"
	if who.May(tenants.WritePeople) {
		page.NewURL, page.MachineURL, page.ImportURL = "/settings/people/new", "/settings/people/machines/new", "/settings/people/import"
	}
	if who.Everywhere(tenants.WritePeople) {
		if reminder.Action == "" {
			reminder = filled("/settings/people/reminder", "days", strconv.Itoa(page.Days))
		}
		page.Reminder = &reminder
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.People.With(f, page) })
}

func (d *door) personRow(lang view.Lang, p people.Person, org string) view.PersonRow {
	row := view.PersonRow{Name: p.Name, Login: p.Login, Org: org, Machine: p.Machine, EditURL: personURL(p.TenantID, p.ID)}
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
		page.Towns = peopledBy(tx.Actor, towns, d.today())
		return err
	})
	if err != nil {
		return err
	}
	page.Posts = d.kindOptions(lang)
	return d.show(c, status, func(f view.Frame) view.Page { return view.PersonForm.With(f, page) })
}

// kindOptions are the kinds of posts, each with what it is for.
func (d *door) kindOptions(lang view.Lang) []view.Option {
	var out []view.Option
	for _, o := range []struct {
		post   tenants.Post
		ja, en string
	}{{tenants.HostAdmin, "すべての団体を見て、設定も変えます。受託町の職です。", "Sees every town and changes settings; a post of the host's."},
		{tenants.Operator, "すべての団体を見て、毎朝の確認と電話の記録をします。受託町の職です。", "Sees every town, confirms and records calls; a post of the host's."},
		{tenants.Facility, "すべての団体の状態を見ます。受託町の職です。", "Sees how every town stands; a post of the host's."},
		{tenants.Auditor, "すべての記録を見ます。何も変えられません。受託町の職です。", "Reads every record and changes nothing; a post of the host's."},
		{tenants.Town, "その団体だけを見て、受領と連絡先の変更をします。", "Sees that town only, acknowledges and keeps its contacts."}} {
		ja, en := tenants.PostLabel(o.post)
		out = append(out, view.Option{Value: string(o.post), Label: d.say(lang, ja, en), Help: d.say(lang, o.ja, o.en)})
	}
	return out
}

// personAdd takes a person in and shows their first password. The page itself answers the form: nothing else may keep it.
func (d *door) personAdd(c echo.Context) error {
	var issued view.IssuedPage
	err := d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		var v tenants.Invalid
		of, ok := number(c.FormValue("town"))
		if !ok {
			v.Add("town", "所属を選んでください。", "Choose an organisation.")
		}
		in := people.Input{Login: c.FormValue("login"), Name: c.FormValue("name"), Lang: c.FormValue("lang"), Posts: []people.PostInput{postInput(&v, c, nil)}}
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

func (d *door) personDisable(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error { // others' second person too
		_, err := people.Disable(ctx, tx, of, which)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, personURL(of, which), "停止しました。すぐにログインできなくなります。", "Disabled, from now on.")
}
