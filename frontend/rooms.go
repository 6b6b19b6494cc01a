package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/room"
	"tanamori/tenants/town"
)

const (
	roomsURL     = "/rooms"
	roomListURL  = roomsURL + "/list"
	visitsURL    = roomsURL + "/visits"
	badgesURL    = roomsURL + "/badges"
	visitsShown  = 50
	lateRecorded = backdated
)

func roomURL(area int64, more string) string { return fmt.Sprintf("%s/%d%s", roomsURL, area, more) }
func entryURL(id int64, more string) string {
	return fmt.Sprintf("%s/entries/%d%s", roomsURL, id, more)
}
func visitURL(id int64, more string) string { return fmt.Sprintf("%s/%d%s", visitsURL, id, more) }
func badgeURL(id int64, more string) string { return fmt.Sprintf("%s/%d%s", badgesURL, id, more) }
func enterURL(area int64, subject string) string {
	return roomURL(area, "/entry") + "?who=" + url.QueryEscape(subject)
}

func late(happened, recorded time.Time) time.Time {
	if recorded.Sub(happened) > lateRecorded {
		return recorded
	}
	return time.Time{}
}

func (d *door) roomLine(lang view.Lang, e room.Entry, who tenants.Actor) view.RoomLine {
	line := view.RoomLine{ID: e.ID, Name: e.Name, Org: e.Org, At: e.OccurredAt, Recorded: late(e.OccurredAt, e.RecordedAt), LateReason: e.LateReason, Purpose: e.Purpose, Escort: e.EscortText,
		Badge: e.Badge, PermitNo: e.PermitNo, In: e.Carried, Out: e.LeftCarried, Reason: e.Reason, By: e.ByText, LeftBy: e.LeftBy, LeftLate: e.LeftLate, Last: e.LeftLast,
		ReviewedBy: e.ReviewedBy, Finding: e.Finding, Amended: d.amended(lang, who, e.TenantID, "room_entry", e.ID, e.Corrections, roomURL(e.AreaID, ""))}
	if e.ExitID != nil {
		line.ExitAmended = d.amended(lang, who, e.TenantID, "room_exit", *e.ExitID, e.ExitCorrections, roomURL(e.AreaID, ""))
	}
	if e.Why != "" {
		line.Why = room.Words("why", e.Why, string(lang))
	}
	if e.LeftAt != nil {
		line.Left, line.LeftRecorded = *e.LeftAt, late(*e.LeftAt, *e.LeftRecorded)
	} else if who.May(tenants.EnterRoom, who.TenantID) {
		line.ExitURL = entryURL(e.ID, "/exit")
	}
	if e.ReviewedAt != nil {
		line.Reviewed = *e.ReviewedAt
	} else if e.Basis == room.ByNone && who.May(tenants.ApproveVisit, who.TenantID) {
		line.ReviewURL = entryURL(e.ID, "/review")
	}
	return line
}

func (d *door) roomCard(lang view.Lang, r room.Room, inside []room.Entry, who tenants.Actor) view.RoomCard {
	card := view.RoomCard{Name: r.Name, Place: r.Building + " " + r.Floor, State: "unused", EmptiedBy: r.EmptiedBy, LockedBy: r.LockedBy, BookURL: roomURL(r.AreaID, "")}
	if who.May(tenants.EnterRoom, who.TenantID) {
		card.EnterURL, card.LockURL = roomURL(r.AreaID, "/entry"), roomURL(r.AreaID, "/lock")
	}
	if who.May(tenants.WriteRoom, who.TenantID) {
		card.SetURL = roomURL(r.AreaID, "/settings")
	}
	for _, e := range inside {
		if e.AreaID == r.AreaID {
			card.Inside = append(card.Inside, d.roomLine(lang, e, who))
		}
	}
	switch {
	case len(card.Inside) > 0:
		card.State, card.LockURL = "inside", ""
	case r.LockedAt != nil:
		card.State, card.LockedAt = "locked", *r.LockedAt
	case r.EmptySince != nil:
		card.State = "unlocked"
		card.LockBy = r.EmptySince.Add(time.Duration(r.LockMinutes) * time.Minute)
		card.Late = card.LockBy.Before(d.gate.Ground().Now())
	}
	if r.EmptySince != nil {
		card.EmptySince = *r.EmptySince
	}
	return card
}

// rooms is who is where now, today's visits, and what the administrator has still to look into.
func (d *door) rooms(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomsPage{Links: []view.Link{{Text: d.say(lang, "入室許可申請", "Visits"), URL: visitsURL}, {Text: d.say(lang, "入室許可者名簿", "Who may enter"), URL: roomListURL},
		{Text: d.say(lang, "名札", "Badges"), URL: badgesURL}}}
	if who.May(tenants.RequestVisit, who.TenantID) {
		page.ApplyURL = visitsURL + "/new"
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := room.List(ctx, tx)
		if err != nil {
			return err
		}
		inside, err := room.InsideNow(ctx, tx, 0)
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, r := range all {
			names[r.AreaID] = r.Name
			page.Rooms = append(page.Rooms, d.roomCard(lang, r, inside, who))
		}
		own, err := town.Get(ctx, tx, tx.Actor.TenantID)
		if err != nil {
			return err
		}
		from, until := calendar.DateOf(tx.Now, own.Location()).In(own.Location())
		coming, err := room.Visits(ctx, tx, from)
		if err != nil {
			return err
		}
		for _, v := range coming {
			if v.FromAt.Before(until) && v.State() != room.Cancelled && v.State() != room.Refused {
				page.Visits = append(page.Visits, d.visitRow(v, inside, who))
			}
		}
		open, err := room.Unreviewed(ctx, tx)
		for _, e := range open {
			line := d.roomLine(lang, e, who)
			line.Room = names[e.AreaID]
			page.Open = append(page.Open, line)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Rooms.With(f, page) })
}

// roomMonth is the month asked for of an area's ledger, in the host's zone.
func (d *door) roomMonth(ctx context.Context, tx *tenants.Tx, c echo.Context) (first calendar.Date, from, until time.Time, err error) {
	own, err := town.Get(ctx, tx, tx.Actor.TenantID)
	if err != nil {
		return first, from, until, err
	}
	if first, err = monthOf(c.QueryParam("month"), calendar.DateOf(tx.Now, own.Location())); err != nil {
		return first, from, until, err
	}
	return first, first.At(0, 0, own.Location()), first.AddMonths(1).At(0, 0, own.Location()), nil
}

// roomBook is サーバ室入退室記録簿 of a month, to be printed.
func (d *door) roomBook(c echo.Context) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RoomBookPage{BackURL: roomsURL, Seals: d.roomSeals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := room.Get(ctx, tx, area)
		if err != nil {
			return err
		}
		first, from, until, err := d.roomMonth(ctx, tx, c)
		if err != nil {
			return err
		}
		page.Name, page.Month, page.Made = r.Name, month(lang, first), tx.Now
		at := func(day calendar.Date) string { return roomURL(area, "?month="+day.String()[:7]) }
		page.PrevURL, page.CSV = at(first.AddMonths(-1)), roomURL(area, "/export?month="+first.String()[:7])
		if next := first.AddMonths(1); !next.After(d.today()) {
			page.NextURL = at(next)
		}
		book, err := room.Book(ctx, tx, area, from, until)
		if err != nil {
			return err
		}
		for _, e := range book {
			page.Rows = append(page.Rows, d.roomLine(lang, e, who))
		}
		locks, err := room.Locks(ctx, tx, area, from, until)
		for _, l := range locks {
			page.Locks = append(page.Locks, view.RoomLockLine{At: l.OccurredAt, Recorded: late(l.OccurredAt, l.RecordedAt), By: l.ByText, Done: l.Done, Undone: l.Undone, Found: l.Found, WithExit: l.ExitID != nil,
				Amended: d.amended(lang, who, l.TenantID, "room_lock", l.ID, l.Corrections, roomURL(area, ""))})
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.RoomBook.With(f, page) })
}

func (d *door) roomSeals(lang view.Lang) (boxes []view.SealBox) {
	for _, box := range []struct{ ja, en string }{{"管理者", "Manager"}, {"施設管理者", "Facility"}, {"係", "Clerk"}} {
		boxes = append(boxes, view.SealBox{Post: d.say(lang, box.ja, box.en)})
	}
	return boxes
}

// roomExport sends the month's ledger as a file. Who took what out stands in the log before the first line leaves.
func (d *door) roomExport(c echo.Context) error {
	area, err := id(c, "id")
	if err != nil {
		return err
	}
	var taken room.Taken
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, from, until, err := d.roomMonth(ctx, tx, c)
		if err != nil {
			return err
		}
		taken, err = room.TakeOut(ctx, tx, area, from, until)
		return err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+taken.FileName()+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return room.WriteBook(ctx, tx, taken, c.Response()) })
}
