package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/custody"
	"tanamori/tenants/town"
)

// custodyRead is what a form is filled with: what is there, who may be named, and the host's zone.
type custodyRead struct {
	one    custody.Credential
	events []custody.Event
	people []view.Option
	zone   *time.Location
}

func (d *door) readCustody(c echo.Context, which int64) (r custodyRead, err error) {
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteCustody); err != nil {
			return err
		}
		if which != 0 {
			if r.one, r.events, err = custody.Get(ctx, tx, which); err != nil {
				return err
			}
		}
		people, err := custody.People(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range people {
			r.people = append(r.people, view.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Text})
		}
		own, err := town.Get(ctx, tx, tx.Actor.TenantID)
		r.zone = own.Location()
		return err
	})
	return r, err
}

// happened reads what a form says of an event.
func happened(c echo.Context, kind string, zone *time.Location) (custody.EventInput, error) {
	var v tenants.Invalid
	in := custody.EventInput{Kind: kind, OccurredAt: moment(&v, c, "occurred_at", zone), Envelope: c.FormValue("envelope"), Place: c.FormValue("place"), Reason: c.FormValue("reason")}
	in.By, _ = number(c.FormValue("by_id")) // the room says what is wrong with none
	in.Witness, _ = number(c.FormValue("witness_id"))
	if in.OccurredAt.IsZero() && len(v.Fields) == 0 {
		v.Add("occurred_at", "日時を入力してください。", "Enter when.")
	}
	if c.FormValue("by_id") == "" {
		v.Add("by_id", "行った人を選んでください。", "Choose who did it.")
	}
	return in, v.Err()
}

func terms(c echo.Context) (custody.Input, error) {
	var v tenants.Invalid
	in := custody.Input{Kind: c.FormValue("kind"), Name: c.FormValue("name"), AppliesTo: c.FormValue("applies_to"), RotateMonths: whole(&v, c, "rotate_months"), OpenDays: whole(&v, c, "open_days")}
	if in.Kind == "" {
		in.Kind = "none" // the room says that one is to be chosen
	}
	return in, v.Err()
}

func (d *door) custodyShow(c echo.Context, status int, page view.CustodyFormPage) error {
	page.ListURL = custodyURL
	for _, kind := range []string{custody.Startup, custody.Management, custody.Other} {
		page.Kinds = append(page.Kinds, view.Option{Value: kind, Label: custody.Words("kind", kind, string(d.lang(c)))})
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.CustodyForm.With(f, page) })
}

func (d *door) custodyNew(c echo.Context) error {
	return d.custodyNewForm(c, http.StatusOK, view.Form{})
}

func (d *door) custodyNewForm(c echo.Context, status int, form view.Form) error {
	r, err := d.readCustody(c, 0)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	if form.Action == "" {
		form = d.eventForm(c, custodyURL, r, "kind", custody.Startup, "rotate_months", strconv.Itoa(custody.UsualMonths), "open_days", strconv.Itoa(custody.UsualDays))
	}
	return d.custodyShow(c, status, view.CustodyFormPage{Title: d.say(lang, "設定・封入を記録する", "Record a sealed password"), Button: d.say(lang, "記録する", "Record"), Terms: true, Event: true, Seals: true,
		Lead:   d.say(lang, "パスワードを設定し、封筒に入れて保管したあとに記録します。", "After it was set, sealed and stored."),
		People: r.people, BackURL: custodyURL, Form: form})
}

// eventForm is a form about something that happened just now, by whoever writes it down.
func (d *door) eventForm(c echo.Context, action string, r custodyRead, pairs ...string) view.Form {
	form := filled(action, pairs...)
	form.Values.Set("occurred_at", d.gate.Ground().Now().In(r.zone).Format(minutes))
	if who, ok := d.who(c); ok {
		form.Values.Set("by_id", strconv.FormatInt(who.PersonID, 10))
	}
	return form
}

func (d *door) custodyAdd(c echo.Context) error {
	r, err := d.readCustody(c, 0)
	if err != nil {
		return err
	}
	var made custody.Credential
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		in, err := terms(c)
		if err != nil {
			return err
		}
		first, err := happened(c, custody.Set, r.zone)
		if err != nil {
			return err
		}
		made, err = custody.Add(ctx, tx, in, first)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.custodyNewForm(c, status, form) })
	}
	return d.done(c, credentialURL(made.ID), "記録しました。", "It is on record.")
}

func (d *door) custodyTerms(c echo.Context) error {
	return d.custodyTermsForm(c, http.StatusOK, view.Form{})
}

func (d *door) custodyTermsForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	r, err := d.readCustody(c, which)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	if form.Action == "" {
		form = filled(credentialURL(which)+"/terms", "kind", r.one.Kind, "name", r.one.Name, "applies_to", r.one.AppliesTo, "rotate_months", strconv.Itoa(r.one.RotateMonths), "open_days", strconv.Itoa(r.one.OpenDays))
	}
	return d.custodyShow(c, status, view.CustodyFormPage{Title: d.say(lang, "名称・期限を変更する", "Change name or terms"), Name: r.one.Name, Button: d.say(lang, "変更する", "Change"), Terms: true, BackURL: credentialURL(which), Form: form})
}

func (d *door) custodyTermsChange(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteCustody); err != nil {
			return err
		}
		in, err := terms(c)
		if err != nil {
			return err
		}
		_, err = custody.Change(ctx, tx, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.custodyTermsForm(c, status, form) })
	}
	return d.done(c, credentialURL(which), "変更しました。", "It was changed.")
}

func (d *door) custodyAct(c echo.Context) error {
	return d.custodyActForm(c, http.StatusOK, view.Form{})
}

func (d *door) custodyActForm(c echo.Context, status int, form view.Form) error {
	which, n, err := custodyActOf(c)
	if err != nil {
		return err
	}
	r, err := d.readCustody(c, which)
	if err != nil {
		return err
	}
	a, lang := custodyActs[n], d.lang(c)
	if form.Action == "" {
		form = d.eventForm(c, credentialURL(which)+"/"+a.path, r)
		if a.kind == custody.Resealed || a.kind == custody.Changed {
			form.Values.Set("place", r.one.Place)
		}
	}
	return d.custodyShow(c, status, view.CustodyFormPage{Title: d.say(lang, a.ja, a.en), Name: r.one.Name, Lead: d.say(lang, a.leadJa, a.leadEn), Button: d.say(lang, "記録する", "Record"), Event: true,
		Seals: a.kind == custody.Resealed || a.kind == custody.Changed, NeedsReason: a.kind == custody.Opened || a.kind == custody.Retired, Danger: a.danger,
		People: r.people, BackURL: credentialURL(which), Form: form})
}

func custodyActOf(c echo.Context) (which int64, n int, err error) {
	if which, err = id(c, "id"); err != nil {
		return 0, 0, err
	}
	for n, a := range custodyActs {
		if a.path == c.Param("act") {
			return which, n, nil
		}
	}
	return 0, 0, tenants.NotFound()
}

func (d *door) custodyActDone(c echo.Context) error {
	which, n, err := custodyActOf(c)
	if err != nil {
		return err
	}
	r, err := d.readCustody(c, which)
	if err != nil {
		return err
	}
	a := custodyActs[n]
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		in, err := happened(c, a.kind, r.zone)
		if err != nil {
			return err
		}
		_, err = custody.Record(ctx, tx, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.custodyActForm(c, status, form) })
	}
	return d.done(c, credentialURL(which), a.doneJa, a.doneEn)
}
