package frontend

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/room"
)

// roomList is 入室許可者名簿, to be printed.
func (d *door) roomList(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.RoomListPage{Former: c.QueryParam("former") == "1", OtherURL: roomListURL + "?former=1", Seals: d.roomSeals(d.lang(c)), BackURL: roomsURL}
	if page.Former {
		page.OtherURL = roomListURL
	}
	may := who.May(tenants.WriteRoom, who.TenantID)
	if may {
		page.NewURL = roomListURL + "/new"
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		zone, err := d.hostZone(ctx, tx)
		if err != nil {
			return err
		}
		page.Day, page.Made = calendar.DateOf(tx.Now, zone), tx.Now
		all, err := room.Permits(ctx, tx, 0, page.Former)
		for _, p := range all {
			row := view.RoomPermitRow{Room: p.Area, Name: p.Name, Org: p.Org, From: p.FromOn, Until: p.UntilOn, Document: p.Document, Note: p.Note, By: p.ByText, At: p.GrantedAt,
				RevokedBy: p.RevokedBy, Why: p.RevokedWhy, Over: !p.Holds(page.Day) && !page.Day.Before(p.FromOn)}
			if p.RevokedAt != nil {
				row.Revoked = *p.RevokedAt
			} else if may {
				row.RevokeURL = roomListURL + "/" + strconv.FormatInt(p.ID, 10) + "/revocation"
			}
			page.Rows = append(page.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.RoomList.With(f, page) })
}

func (d *door) roomPermitNew(c echo.Context) error {
	return d.roomPermitForm(c, http.StatusOK, view.Form{})
}

func (d *door) roomPermitForm(c echo.Context, status int, form view.Form) error {
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "permit", Title: d.say(lang, "名簿に載せる", "Put somebody on the list"), Button: d.say(lang, "許可して名簿に載せる", "Permit"), BackURL: roomListURL, Form: form,
		Lead: d.say(lang, "許可するのは、この操作をするあなたです。自分を載せることはできません。", "You are who permits it; nobody lists themselves.")}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		people, err := room.People(ctx, tx)
		if err != nil {
			return err
		}
		page.People = append([]view.Option{{Value: "0", Label: d.say(lang, "職員ではない人（下に氏名と所属）", "None of the staff (name and organisation below)")}}, personOptions(people)...)
		rooms, err := room.List(ctx, tx)
		for _, r := range rooms {
			page.Rooms = append(page.Rooms, view.Option{Value: strconv.FormatInt(r.AreaID, 10), Label: r.Building + " " + r.Name})
		}
		if form.Action == "" {
			page.Form = filled(roomListURL, "from_on", d.today().Wareki(), "until_on", calendar.FiscalYearEnd(calendar.FiscalYear(d.today())).Wareki())
			if len(page.Rooms) == 1 {
				page.Form.Values.Set("area_id", page.Rooms[0].Value)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomPermitAdd(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		in := room.PermitInput{Name: c.FormValue("name"), Org: c.FormValue("org"), FromOn: day(&v, c, "from_on"), UntilOn: day(&v, c, "until_on"), Document: c.FormValue("document"), Note: c.FormValue("note")}
		if err := v.Err(); err != nil {
			return err
		}
		in.AreaID, _ = number(c.FormValue("area_id")) // the room says what is wrong with none
		in.PersonID, _ = number(c.FormValue("person_id"))
		_, err := room.Grant(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomPermitForm(c, status, form) })
	}
	return d.done(c, roomListURL, "名簿に載せました。", "It is on the list.")
}

func (d *door) roomRevoke(c echo.Context) error {
	return d.roomRevokeForm(c, http.StatusOK, view.Form{})
}

func (d *door) roomRevokeForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "revoke", Title: d.say(lang, "名簿から外す", "Take off the list"), Button: d.say(lang, "名簿から外す", "Take off"), Danger: true, BackURL: roomListURL, Form: form,
		Lead: d.say(lang, "この時点から入室できなくなります。記録は残ります。", "From now on they may not enter; the line stays on record.")}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		all, err := room.Permits(ctx, tx, 0, true)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.ID == which {
				page.Name = p.Org + " " + p.Name + "　" + p.Area
				return nil
			}
		}
		return tenants.NotFound()
	})
	if err != nil {
		return err
	}
	if form.Action == "" {
		page.Form = filled(roomListURL + "/" + strconv.FormatInt(which, 10) + "/revocation")
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomRevokeDone(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Revoke(ctx, tx, which, c.FormValue("reason"))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomRevokeForm(c, status, form) })
	}
	return d.done(c, roomListURL, "名簿から外しました。", "It was taken off the list.")
}

func (d *door) roomSet(c echo.Context) error { return d.roomSetForm(c, http.StatusOK, view.Form{}) }

func (d *door) roomSetForm(c echo.Context, status int, form view.Form) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "set", Title: d.say(lang, "施錠確認の設定", "How the room is watched"), Button: d.say(lang, "変更する", "Change"), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		r, err := room.Get(ctx, tx, area)
		page.Name = r.Name
		if form.Action == "" {
			page.Form = filled(roomURL(area, "/settings"), "lock_minutes", strconv.Itoa(r.LockMinutes), "late_minutes", strconv.Itoa(r.LateMinutes), "checklist", strings.Join(r.Checklist, "\n"))
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomSetDone(c echo.Context) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		in := room.SettingsInput{LockMinutes: whole(&v, c, "lock_minutes"), LateMinutes: whole(&v, c, "late_minutes"), Checklist: c.FormValue("checklist")}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := room.Set(ctx, tx, area, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomSetForm(c, status, form) })
	}
	return d.done(c, roomsURL, "変更しました。", "It was changed.")
}
