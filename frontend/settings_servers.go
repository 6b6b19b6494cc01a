package frontend

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

func (d *door) servers(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.ServersPage
	base := settingsURL(of, "servers")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		list, err := server.List(ctx, tx, of)
		if err != nil {
			return err
		}
		plans, err := backup.ListPlans(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, s := range list {
			row := view.ServerRow{Name: s.Name, Role: s.Role, Place: s.RackPlace, Note: s.Note}
			for _, p := range plans {
				if p.ServerID == s.ID {
					row.Plans = append(row.Plans, view.Link{Text: p.Name, URL: planURL(of, p.ID)})
				}
			}
			if who.May(tenants.WriteServer, of) {
				row.EditURL = base + "/" + strconv.FormatInt(s.ID, 10)
			}
			if who.May(tenants.WritePlan, of) {
				row.NewPlanURL = settingsURL(of, "plans/new") + "?server=" + strconv.FormatInt(s.ID, 10)
			}
			page.Rows = append(page.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteServer, of) {
		page.NewURL = base + "/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Servers.With(f, page) })
}

func (d *door) serverNew(c echo.Context) error {
	return d.serverForm(c, http.StatusOK, true, view.Form{})
}

func (d *door) serverEdit(c echo.Context) error {
	return d.serverForm(c, http.StatusOK, false, view.Form{})
}

func (d *door) serverForm(c echo.Context, status int, fresh bool, form view.Form) error {
	page, err := d.entryForm(c, tenants.WriteServer, "servers", fresh, form, nil, func(ctx context.Context, tx *tenants.Tx, of, which int64) (entry, error) {
		s, err := server.Get(ctx, tx, of, which)
		return entry{name: s.Name, retired: s.RetiredAt != nil,
			values: []string{"name", s.Name, "role", s.Role, "rack_place", s.RackPlace, "position", strconv.Itoa(s.Position), "note", s.Note}}, err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.ServerForm.With(f, page) })
}

func serverInput(c echo.Context) (server.Input, error) {
	var v tenants.Invalid
	in := server.Input{Name: c.FormValue("name"), Role: c.FormValue("role"), RackPlace: c.FormValue("rack_place"), Note: c.FormValue("note")}
	if n := optional(&v, c, "position"); n != nil {
		in.Position = int(*n)
	}
	return in, v.Err()
}

func (d *door) serverAdd(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteServer, of); err != nil {
			return err
		}
		in, err := serverInput(c)
		if err != nil {
			return err
		}
		_, err = server.Add(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.serverForm(c, status, true, form) })
	}
	return d.done(c, settingsURL(of, "servers"), "サーバを登録しました。次に、バックアップの計画を登録してください。", "The server was added. Now enter its backup plan.")
}

func (d *door) serverChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteServer, of); err != nil {
			return err
		}
		in, err := serverInput(c)
		if err != nil {
			return err
		}
		_, err = server.Change(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.serverForm(c, status, false, form) })
	}
	return d.done(c, settingsURL(of, "servers"), "サーバを変更しました。", "The server was changed.")
}

// serverRetire takes a server out of use, and ends its plans with it.
func (d *door) serverRetire(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if _, err := backup.RetireServer(ctx, tx, of, which); err != nil {
			return err
		}
		plans, err := backup.ListPlans(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, p := range plans {
			if p.ServerID == which {
				if err := backup.RetirePlan(ctx, tx, of, p.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.done(c, settingsURL(of, "servers"), "撤去を記録し、そのサーバの計画を終えました。", "Its removal is recorded, and its plans are ended.")
}
