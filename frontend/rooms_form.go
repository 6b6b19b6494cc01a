package frontend

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/room"
	"tanamori/tenants/town"
)

// purposes are what most entries are for, each one tap.
var purposes = [][2]string{{"巡回点検", "Round"}, {"保守作業の立会い", "Escort of maintenance"}, {"機器の作業", "Work on equipment"}, {"媒体の交換", "Change of media"}, {"清掃", "Cleaning"}}

func (d *door) roomForm(c echo.Context, status int, page view.RoomFormPage) error {
	page.Late = page.Form.Err("occurred_at") != "" || page.Form.Err("late_reason") != "" || page.Form.Get("occurred_at") != "" || page.Form.Get("late_reason") != ""
	page.Needs = page.Needs || page.Form.Err("reason") != "" || page.Form.Get("reason") != ""
	if page.BackURL == "" {
		page.BackURL = roomsURL
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.RoomForm.With(f, page) })
}

func personOptions(people []room.Person) (out []view.Option) {
	for _, p := range people {
		out = append(out, view.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Text})
	}
	return out
}

func (d *door) hostZone(ctx context.Context, tx *tenants.Tx) (*time.Location, error) {
	own, err := town.Get(ctx, tx, tx.Actor.TenantID)
	if err != nil {
		return nil, err
	}
	return own.Location(), nil
}

// when reads when something happened, left empty where it is now.
func (d *door) when(ctx context.Context, tx *tenants.Tx, v *tenants.Invalid, c echo.Context) (room.When, error) {
	zone, err := d.hostZone(ctx, tx)
	if err != nil {
		return room.When{}, err
	}
	return room.When{At: moment(v, c, "occurred_at", zone), LateReason: c.FormValue("late_reason")}, nil
}

func (d *door) roomEntry(c echo.Context) error {
	return d.roomEntryForm(c, http.StatusOK, view.Form{})
}

// roomEntryForm offers who may come: whoever is signed in, the host's own, those who are listed, and the visits' people who are not
// inside.
func (d *door) roomEntryForm(c echo.Context, status int, form view.Form) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "enter", Title: d.say(lang, "入室を記録する", "Record an entry"), Button: d.say(lang, "入室", "Enter"), Form: form}
	asked := form.Get("who")
	if form.Action == "" {
		if asked = c.QueryParam("who"); asked == "" {
			asked = fmt.Sprintf("person:%d", who.PersonID)
		}
		page.Form = filled(roomURL(area, "/entry"), "who", asked)
	}
	for _, p := range purposes {
		page.Purposes = append(page.Purposes, view.Option{Value: p[0], Label: d.say(lang, p[0], p[1])})
	}
	page.Outside = !strings.HasPrefix(asked, "person:")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		r, err := room.Get(ctx, tx, area)
		if err != nil {
			return err
		}
		page.Name = r.Name
		people, err := room.People(ctx, tx)
		if err != nil {
			return err
		}
		page.People = personOptions(people)
		for _, p := range people {
			page.Who = append(page.Who, view.Option{Value: fmt.Sprintf("person:%d", p.ID), Label: p.Text})
		}
		listed, err := room.Permits(ctx, tx, area, false)
		if err != nil {
			return err
		}
		for _, p := range listed {
			if p.PersonID == nil {
				page.Who = append(page.Who, view.Option{Value: fmt.Sprintf("permit:%d", p.ID), Label: p.Org + " " + p.Name + d.say(lang, "（名簿）", " (listed)")})
			}
		}
		inside, err := room.InsideNow(ctx, tx, area)
		if err != nil {
			return err
		}
		visits, err := room.Visits(ctx, tx, tx.Now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		for _, v := range visits {
			for _, p := range room.Visitors([]room.Visit{v}, inside, area) {
				key := fmt.Sprintf("visitor:%d", p.ID)
				page.Who = append(page.Who, view.Option{Value: key, Label: v.Company + " " + p.Name + d.say(lang, "（", " (") + v.Number() + d.say(lang, "）", ")")})
				if key == asked && form.Action == "" {
					page.Form.Values.Set("escort_id", strconv.FormatInt(v.EscortID, 10))
					page.Form.Values.Set("carried", v.CarryIn)
					page.Form.Values.Set("purpose_other", v.Work)
				}
			}
		}
		page.Who = append(page.Who, view.Option{Value: "other", Label: d.say(lang, "名簿にも申請にもない人", "Somebody neither listed nor announced")})
		stock, err := room.Badges(ctx, tx)
		for _, b := range stock {
			if b.VisitorID == nil {
				page.Badges = append(page.Badges, view.Option{Value: strconv.FormatInt(b.ID, 10), Label: b.Number})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomEntryDone(c echo.Context) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	var e room.Entry
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		when, err := d.when(ctx, tx, &v, c)
		if err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		in := room.EnterInput{AreaID: area, Who: c.FormValue("who"), Name: c.FormValue("name"), Org: c.FormValue("org"), When: when, Purpose: c.FormValue("purpose_other"),
			Carried: c.FormValue("carried"), Reason: c.FormValue("reason")}
		if strings.TrimSpace(in.Purpose) == "" {
			in.Purpose = c.FormValue("purpose")
		}
		in.EscortID, _ = number(c.FormValue("escort_id")) // the room says what is wrong with none
		in.BadgeID, _ = number(c.FormValue("badge_id"))
		e, err = room.Enter(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomEntryForm(c, status, form) })
	}
	if e.Basis == room.ByNone {
		return d.done(c, roomsURL, e.Name+"の入室を、許可のない入室として記録しました。管理者に知らせています。", "It is on record as an entry without permission; the administrator is being told.")
	}
	return d.done(c, roomsURL, e.Name+"の入室を記録しました。", "The entry is on record.")
}

func (d *door) roomExit(c echo.Context) error { return d.roomExitForm(c, http.StatusOK, view.Form{}) }

func (d *door) roomExitForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "exit", Title: d.say(lang, "退室を記録する", "Record an exit"), Button: d.say(lang, "退室", "Leave"), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		e, err := room.GetEntry(ctx, tx, which)
		if err != nil {
			return err
		}
		r, err := room.Get(ctx, tx, e.AreaID)
		if err != nil {
			return err
		}
		page.Name, page.Last, page.LockMinutes = strings.TrimSpace(e.Org+" "+e.Name)+"　"+r.Name, e.LeftAt == nil && r.Inside == 1, r.LockMinutes
		page.Checklist = items(r.Checklist)
		if form.Action == "" {
			page.Form = filled(entryURL(which, "/exit"))
		}
		if e.VisitID == nil {
			return nil
		}
		visit, err := room.GetVisit(ctx, tx, *e.VisitID)
		if err != nil {
			return err
		}
		page.Badge = slices.ContainsFunc(visit.Visitors, func(p room.Visitor) bool { return p.ID == *e.VisitorID && p.BadgeID != nil })
		if page.Badge && form.Action == "" {
			page.Form.Values.Set("badge_back", "on")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.roomForm(c, status, page)
}

func items(list room.Items) (out []view.Option) {
	for _, item := range list {
		out = append(out, view.Option{Value: item, Label: item})
	}
	return out
}

// done are the items that were ticked.
func ticked(c echo.Context) []string {
	values, err := c.FormParams()
	if err != nil {
		return nil
	}
	return values["done"]
}

func (d *door) roomExitDone(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	var left room.Left
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		when, err := d.when(ctx, tx, &v, c)
		if err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		left, err = room.Leave(ctx, tx, which, room.LeaveInput{When: when, Carried: c.FormValue("carried"), BadgeBack: c.FormValue("badge_back") == "on", Done: ticked(c), Found: c.FormValue("found")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomExitForm(c, status, form) })
	}
	switch {
	case left.LockBy != nil:
		at := left.LockBy.In(d.Zone).Format("15:04")
		return d.done(c, roomsURL, left.Entry.Name+"の退室を記録しました。無人になりました。"+at+"までに施錠確認を記録してください。", "The exit is on record. The room is empty: confirm its lock by "+at+".")
	case left.Empty:
		return d.done(c, roomsURL, left.Entry.Name+"の退室と、無人時の施錠確認を記録しました。", "The exit and the lock are on record.")
	}
	return d.done(c, roomsURL, left.Entry.Name+"の退室を記録しました。", "The exit is on record.")
}

func (d *door) roomLock(c echo.Context) error { return d.roomLockForm(c, http.StatusOK, view.Form{}) }

func (d *door) roomLockForm(c echo.Context, status int, form view.Form) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "lock", Title: d.say(lang, "施錠確認を記録する", "Confirm the lock"), Button: d.say(lang, "施錠を確認した", "Confirmed"), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		r, err := room.Get(ctx, tx, area)
		page.Name, page.Checklist = r.Name, items(r.Checklist)
		return err
	})
	if err != nil {
		return err
	}
	if form.Action == "" {
		page.Form = filled(roomURL(area, "/lock"))
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomLockDone(c echo.Context) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	var l room.Lock
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
			return err
		}
		var v tenants.Invalid
		when, err := d.when(ctx, tx, &v, c)
		if err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		l, err = room.Confirm(ctx, tx, area, room.LockInput{When: when, Done: ticked(c), Found: c.FormValue("found")})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomLockForm(c, status, form) })
	}
	if !l.Good() {
		return d.done(c, roomsURL, "不備を記録しました。直したら、もう一度施錠確認を記録してください。", "What is wrong is on record; confirm again once it is put right.")
	}
	return d.done(c, roomsURL, "施錠確認を記録しました。", "The lock is on record.")
}

func (d *door) roomReview(c echo.Context) error {
	return d.roomReviewForm(c, http.StatusOK, view.Form{})
}

func (d *door) roomReviewForm(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "review", Title: d.say(lang, "許可のない入室を確認する", "Look into an entry without permission"), Button: d.say(lang, "確認を記録する", "Record"), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ApproveVisit, tx.Actor.TenantID); err != nil {
			return err
		}
		e, err := room.GetEntry(ctx, tx, which)
		if err != nil {
			return err
		}
		page.Name = strings.TrimSpace(e.Org + " " + e.Name)
		if e.Why != "" {
			page.Lead = room.Words("why", e.Why, string(lang)) + d.say(lang, "。入室の理由：", ". Their reason: ") + e.Reason
		}
		return nil
	})
	if err != nil {
		return err
	}
	if form.Action == "" {
		page.Form = filled(entryURL(which, "/review"))
	}
	return d.roomForm(c, status, page)
}

func (d *door) roomReviewDone(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.Review(ctx, tx, which, c.FormValue("finding"))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.roomReviewForm(c, status, form) })
	}
	return d.done(c, roomsURL, "確認を記録しました。", "It is on record.")
}
