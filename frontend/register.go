package frontend

import (
	"context"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

// register is the 任命簿・取扱者指定簿 of one town, made to be printed.
func (d *door) register(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	page := view.RegisterPage{Former: c.QueryParam("former") == "1", OtherURL: townURL(of) + "/register"}
	if !page.Former {
		page.OtherURL += "?former=1"
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town, page.Day, page.Made = view.Link{Text: t.Name, URL: townURL(of)}, calendar.DateOf(tx.Now, t.Location()), tx.Now
		list, err := people.Register(ctx, tx, of, page.Day, page.Former)
		for _, e := range list {
			page.Rows = append(page.Rows, d.registerRow(lang, who, e, t.Name, townURL(of)+"/register"))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, box := range []struct{ ja, en string }{{"町長", "Mayor"}, {"課長", "Head"}, {"係", "Clerk"}} {
		page.Seals = append(page.Seals, view.SealBox{Post: d.say(lang, box.ja, box.en)})
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Register.With(f, page) })
}
