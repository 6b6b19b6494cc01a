package frontend

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

func personURL(of, which int64) string { return "/settings/people/" + itoa(of) + "/" + itoa(which) }

func (d *door) person(c echo.Context) error {
	return d.personPage(c, http.StatusOK, personShown{})
}

// personShown is what of a person's page was typed or made just now.
type personShown struct {
	name, end, token view.Form
	endPost          int64
	made             string
}

func (d *door) personPage(c echo.Context, status int, shown personShown) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var p people.Person
	var course []people.Entry
	var tokens []people.Token
	var towns []town.Town
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if p, err = people.Get(ctx, tx, of, which); err != nil {
			return err
		}
		if tx.Actor.May(tenants.ReadRegister) {
			if course, err = people.Course(ctx, tx, of, which); err != nil {
				return err
			}
		}
		if tokens, err = people.TokensOf(ctx, tx, of, which); err != nil {
			return err
		}
		towns, err = town.List(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang, base := d.lang(c), personURL(of, which)
	may := who.May(tenants.WritePeople, of)
	page := view.PersonPage{Name: p.Name, Login: p.Login, Org: nameOf(towns, of), Machine: p.Machine, CreatedAt: p.CreatedAt, BackURL: "/settings/people", Made: shown.made}
	for _, o := range p.Posts {
		page.Posts = append(page.Posts, d.personPost(lang, who, of, o, towns, shown))
	}
	for _, e := range course {
		page.Course = append(page.Course, d.registerRow(lang, who, e, nameOf(towns, e.TenantID), c.Request().URL.Path))
	}
	below := ""
	if may {
		below = base + "/tokens/"
	}
	page.Tokens = tokenRows(lang, d.gate.Ground().Now(), tokens, towns, below)
	if p.DisabledAt != nil {
		page.DisabledAt = *p.DisabledAt
	}
	if !may {
		return d.show(c, status, func(f view.Frame) view.Page { return view.Person.With(f, page) })
	}
	page.NewPostURL = base + "/posts/new"
	page.Form = &shown.name
	if shown.name.Action == "" {
		first := filled(base, "name", p.Name, "lang", p.Lang)
		page.Form = &first
	}
	switch {
	case p.DisabledAt != nil:
		page.EnableURL = base + "/procedures/enabling"
	case p.ID != who.PersonID:
		page.DisableURL = base + "/disabling"
		if !p.Machine {
			page.FactorsURL = base + "/procedures/factors"
		}
	}
	if !p.Machine {
		page.PasswordURL = base + "/procedures/password"
	} else if p.DisabledAt == nil {
		page.TokenForm = &shown.token
		if shown.token.Action == "" {
			first := filled(base+"/tokens", "days", strconv.Itoa(tokenDays))
			page.TokenForm = &first
		}
		page.Acts, page.Towns = dutyOptions(lang, dutiesOfPosts(kindsOf(p)...)), townOptions(towns)
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Person.With(f, page) })
}

func kindsOf(p people.Person) []tenants.Post {
	var kinds []tenants.Post
	for _, o := range p.Posts {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

func nameOf(towns []town.Town, id int64) string {
	if n := slices.IndexFunc(towns, func(t town.Town) bool { return t.ID == id }); n >= 0 {
		return towns[n].Name
	}
	return ""
}

func (d *door) personPost(lang view.Lang, who tenants.Actor, of int64, o people.HeldPost, towns []town.Town, shown personShown) view.PersonPost {
	ja, en := tenants.PostLabel(o.Kind)
	row := view.PersonPost{Label: d.say(lang, ja, en), Title: o.Title, Org: nameOf(towns, o.At), From: o.FromOn, State: "now", ExOfficio: o.OfficePostID != 0,
		Manner: string(o.Manner), By: o.AppointedBy, Document: o.Document, Acts: dutiesIn(lang, o.Scope.Acts), Towns: namesOf(towns, o.Scope.Towns)}
	if o.UntilOn != nil {
		row.Until = *o.UntilOn
	}
	if o.DocumentOn != nil {
		row.DocumentOn = *o.DocumentOn
	}
	today := d.today()
	switch {
	case today.Before(o.FromOn):
		row.State = "coming"
	case !o.On(today):
		row.State = "over"
	}
	if !who.May(tenants.WritePeople, of, o.At) || row.State == "over" || row.ExOfficio {
		return row
	}
	base := "/settings/people/" + itoa(of) + "/posts/" + itoa(o.ID)
	if row.State == "coming" {
		row.WithdrawURL = base + "/withdrawal"
	}
	form := filled(base + "/end")
	if shown.endPost == o.ID {
		form = shown.end
	}
	row.EndForm = &form
	return row
}

// registerRow is a post as a register has it.
func (d *door) registerRow(lang view.Lang, who tenants.Actor, e people.Entry, held, back string) view.RegisterRow {
	ja, en := tenants.PostLabel(e.Kind)
	row := view.RegisterRow{Event: e.Event, At: e.RecordedAt, By: e.ByText, Person: e.Person, Home: e.Home, Held: held, Label: d.say(lang, ja, en), Title: e.Title,
		Office: e.Office, Manner: string(e.Manner), From: e.FromOn, AppointedBy: e.AppointedBy, Document: e.Document,
		Amended: d.amended(lang, who, e.TenantID, "appointment", e.ID, e.Corrections, back)}
	row.Acts, row.Towns = scopeText(lang, e.Scope)
	if e.UntilOn != nil {
		row.Until = *e.UntilOn
	}
	if e.DocumentOn != nil {
		row.DocumentOn = *e.DocumentOn
	}
	return row
}

func (d *door) personChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Change(ctx, tx, of, which, people.ChangeInput{Name: c.FormValue("name"), Lang: c.FormValue("lang")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.personPage(c, status, personShown{name: form}) })
	}
	return d.done(c, personURL(of, which), "変更しました。", "Changed.")
}

// personTokenMake makes a token for a machine and shows it, this once.
func (d *door) personTokenMake(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var made string
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		if err != nil {
			return err
		}
		in, err := tokenInput(c, tx.Now, towns)
		if err != nil {
			return err
		}
		_, made, err = people.CreateMachineToken(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.personPage(c, status, personShown{token: form}) })
	}
	return d.personPage(c, http.StatusOK, personShown{made: made})
}

func (d *door) personTokenRevoke(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	token, err := id(c, "token")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		return people.RevokeTokenOf(ctx, tx, of, which, token)
	})
	if err != nil {
		return err
	}
	return d.done(c, personURL(of, which), "トークンを取り消しました。", "The token was revoked.")
}
