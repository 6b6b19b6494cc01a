package frontend

import (
	"context"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/town"
)

// entry is one of a town's own things as its form begins.
type entry struct {
	name    string
	retired bool
	values  []string // name–value pairs
}

// entryForm fills the form by which a town's server, contact or store is added or changed: as stored, or as it was typed.
// what is its part of the address; read finds the one that the address names, first are the values of a fresh one.
func (d *door) entryForm(c echo.Context, act tenants.Act, what string, fresh bool, form view.Form, first []string,
	read func(ctx context.Context, tx *tenants.Tx, of, which int64) (entry, error)) (view.EntryFormPage, error) {
	of, err := id(c, "town")
	if err != nil {
		return view.EntryFormPage{}, err
	}
	base := settingsURL(of, what)
	page := view.EntryFormPage{New: fresh, BackURL: base, Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(act, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		if fresh {
			if form.Action == "" {
				page.Form = filled(base, first...)
			}
			return nil
		}
		which, err := id(c, "id")
		if err != nil {
			return err
		}
		e, err := read(ctx, tx, of, which)
		if err != nil {
			return err
		}
		page.Name = e.name
		own := base + "/" + itoa(which)
		if !e.retired {
			page.RetireURL = own + "/retirement"
		}
		if form.Action == "" {
			page.Form = filled(own, e.values...)
		}
		return nil
	})
	return page, err
}
