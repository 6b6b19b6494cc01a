package frontend

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/town"
)

// storePatience is how long a page waits for a store that does not answer.
const storePatience = 2 * time.Second

func (d *door) stores(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.StoresPage
	var list []backup.Store
	base := settingsURL(of, "stores")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		if list, err = backup.ListStores(ctx, tx, of); err != nil {
			return err
		}
		plans, err := backup.ListPlans(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, s := range list {
			row := view.StoreRow{Name: s.Name, Kind: s.Kind, Root: s.Root}
			for _, p := range plans {
				if p.StoreID == s.ID {
					row.Plans++
				}
			}
			if who.May(tenants.WritePlan, of) {
				row.EditURL = base + "/" + strconv.FormatInt(s.ID, 10)
			}
			page.Rows = append(page.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WritePlan, of) {
		page.NewURL = base + "/new"
	}
	d.lookInto(c, list, page.Rows)
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Stores.With(f, page) })
}

// lookInto tells of each store whether it can be read at this moment. It runs outside of the transaction: a store may
// be behind a line that hangs.
func (d *door) lookInto(c echo.Context, list []backup.Store, rows []view.StoreRow) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), storePatience)
	defer cancel()
	now, lang := d.gate.Ground().Now(), d.lang(c)
	var all sync.WaitGroup
	for i, s := range list {
		all.Go(func() {
			_, err := s.Open().Find(ctx, "*")
			looked := true
			rows[i].Reachable, rows[i].CheckedAt = &looked, now
			if err != nil {
				code, params := store.ReasonOf(err)
				rows[i].Fault = tenants.Reason{Code: code, Params: params}.In(string(lang))
			}
		})
	}
	all.Wait()
}

func (d *door) storeNew(c echo.Context) error {
	return d.storeForm(c, http.StatusOK, true, view.Form{})
}

func (d *door) storeEdit(c echo.Context) error {
	return d.storeForm(c, http.StatusOK, false, view.Form{})
}

func (d *door) storeForm(c echo.Context, status int, fresh bool, form view.Form) error {
	page, err := d.entryForm(c, tenants.WritePlan, "stores", fresh, form, []string{"kind", "dir"}, func(ctx context.Context, tx *tenants.Tx, of, which int64) (entry, error) {
		s, err := backup.GetStore(ctx, tx, of, which)
		return entry{name: s.Name, retired: s.RetiredAt != nil, values: []string{"name", s.Name, "kind", s.Kind, "root", s.Root}}, err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.StoreForm.With(f, page) })
}

func (d *door) storeAdd(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.AddStore(ctx, tx, of, backup.StoreInput{Name: c.FormValue("name"), Root: c.FormValue("root")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.storeForm(c, status, true, form) })
	}
	return d.done(c, settingsURL(of, "stores"), "保管先を登録しました。", "The store was added.")
}

func (d *door) storeChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.ChangeStore(ctx, tx, of, which, backup.StoreInput{Name: c.FormValue("name"), Root: c.FormValue("root")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.storeForm(c, status, false, form) })
	}
	return d.done(c, settingsURL(of, "stores"), "保管先を変更しました。", "The store was changed.")
}

func (d *door) storeRetire(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetireStore(ctx, tx, of, which) })
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error {
			form.Action = settingsURL(of, "stores") + "/" + strconv.FormatInt(which, 10)
			return d.storeRefused(c, status, form)
		})
	}
	return d.done(c, settingsURL(of, "stores"), "使うのをやめました。", "It is out of use.")
}

// storeRefused shows a store as it is, and why it cannot be given up.
func (d *door) storeRefused(c echo.Context, status int, form view.Form) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		s, err := backup.GetStore(ctx, tx, of, which)
		if err != nil {
			return err
		}
		form.Values = filled("", "name", s.Name, "kind", s.Kind, "root", s.Root).Values
		return nil
	})
	if err != nil {
		return err
	}
	return d.storeForm(c, status, false, form)
}
