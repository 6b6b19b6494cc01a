package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/contact"
	"tanamori/tenants/town"
)

// contactRows lists contacts in calling order; with edit their forms are linked.
func contactRows(list []contact.Contact, of int64, edit bool) []view.ContactRow {
	rows := make([]view.ContactRow, 0, len(list))
	for i, x := range list {
		row := view.ContactRow{ID: strconv.FormatInt(x.ID, 10), N: i + 1, Post: x.Post, Name: x.Name, Mail: x.Mail, Phone: x.Phone, Hours: x.Hours,
			First: i == 0, Last: i == len(list)-1}
		if edit {
			row.EditURL = settingsURL(of, "contacts") + "/" + row.ID
		}
		rows = append(rows, row)
	}
	return rows
}

func (d *door) contacts(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	var page view.ContactsPage
	base := settingsURL(of, "contacts")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		list, err := contact.List(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Rows = contactRows(list, of, who.May(tenants.WriteContact, of))
		ladders, err := town.Ladders(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, l := range ladders {
			row := view.LadderRow{Name: l.Name, Repeat: time.Duration(l.RepeatMinutes) * time.Minute}
			for _, m := range l.Delays {
				row.Delays = append(row.Delays, time.Duration(m)*time.Minute)
			}
			if who.May(tenants.WriteTown, of) {
				row.EditURL = settingsURL(of, "ladders") + "/" + strconv.FormatInt(l.ID, 10)
			}
			page.Ladders = append(page.Ladders, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteContact, of) {
		page.NewURL, page.OrderURL = base+"/new", base+"/order"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Contacts.With(f, page) })
}

func (d *door) contactNew(c echo.Context) error {
	return d.contactForm(c, http.StatusOK, true, view.Form{})
}

func (d *door) contactEdit(c echo.Context) error {
	return d.contactForm(c, http.StatusOK, false, view.Form{})
}

func (d *door) contactForm(c echo.Context, status int, fresh bool, form view.Form) error {
	page, err := d.entryForm(c, tenants.WriteContact, "contacts", fresh, form, nil, func(ctx context.Context, tx *tenants.Tx, of, which int64) (entry, error) {
		x, err := contact.Get(ctx, tx, of, which)
		return entry{name: x.Post, retired: x.RetiredAt != nil, values: []string{"post", x.Post, "name", x.Name, "mail", x.Mail, "phone", x.Phone, "hours", x.Hours}}, err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.ContactForm.With(f, page) })
}

func contactInput(c echo.Context) contact.Input {
	return contact.Input{Post: c.FormValue("post"), Name: c.FormValue("name"), Mail: c.FormValue("mail"), Phone: c.FormValue("phone"), Hours: c.FormValue("hours")}
}

func (d *door) contactAdd(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Add(ctx, tx, of, contactInput(c))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.contactForm(c, status, true, form) })
	}
	return d.done(c, settingsURL(of, "contacts"), "連絡先を登録しました。", "The contact was added.")
}

func (d *door) contactChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Change(ctx, tx, of, which, contactInput(c))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.contactForm(c, status, false, form) })
	}
	return d.done(c, settingsURL(of, "contacts"), "連絡先を変更しました。続いている障害では、始まったときの連絡先のままです。", "The contact was changed. Incidents that are open keep it as it was.")
}

func (d *door) contactRetire(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Retire(ctx, tx, of, which)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, settingsURL(of, "contacts"), "連絡先から外しました。", "Removed from the contacts.")
}

// contactOrder calls a contact one place earlier or later.
func (d *door) contactOrder(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	which, ok := number(c.FormValue("contact"))
	if !ok {
		return tenants.NotFound()
	}
	by := 1
	if c.FormValue("move") == "up" {
		by = -1
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := contact.Move(ctx, tx, of, which, by)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, settingsURL(of, "contacts"), "連絡の順を変えました。", "The calling order was changed.")
}
