package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/label"
	"tanamori/tenants/room"
)

func (d *door) badgeRow(b room.Badge) view.BadgeRow {
	row := view.BadgeRow{Number: b.Number, Note: b.Note, OutTo: b.OutTo, OutBy: b.OutBy, URL: badgeURL(b.ID, "")}
	if b.Label != "" {
		row.Label = label.Shown(b.Label)
	}
	if b.OutAt != nil {
		row.OutAt, row.DueAt = *b.OutAt, *b.DueAt
		row.Late = row.DueAt.Before(d.gate.Ground().Now())
	}
	return row
}

func (d *door) badges(c echo.Context) error { return d.badgesPage(c, http.StatusOK, view.Form{}) }

func (d *door) badgesPage(c echo.Context, status int, form view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.BadgesPage{BackURL: roomsURL}
	if who.May(tenants.WriteRoom, who.TenantID) {
		if form.Action == "" {
			form = filled(badgesURL)
		}
		page.Form = &form
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := room.Badges(ctx, tx)
		for _, b := range all {
			page.Rows = append(page.Rows, d.badgeRow(b))
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Badges.With(f, page) })
}

func (d *door) badgeAdd(c echo.Context) error {
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := room.AddBadge(ctx, tx, c.FormValue("number"), c.FormValue("note"))
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.badgesPage(c, status, form) })
	}
	return d.done(c, badgesURL, "名札を登録しました。", "The badge was added.")
}

func (d *door) badge(c echo.Context) error { return d.badgePage(c, http.StatusOK, "", view.Form{}) }

func (d *door) badgePage(c echo.Context, status int, refused string, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.BadgePage{BackURL: badgesURL}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		b, events, err := room.GetBadge(ctx, tx, which)
		if err != nil {
			return err
		}
		page.BadgeRow = d.badgeRow(b)
		for _, e := range events {
			page.Events = append(page.Events, view.BadgeLine{What: room.Words("badge", e.Kind, string(lang)), Holder: e.Holder, By: e.ByText, Reason: e.Reason, LateReason: e.LateReason,
				At: e.OccurredAt, Recorded: late(e.OccurredAt, e.RecordedAt)})
		}
		if b.RetiredAt != nil {
			page.Retired = *b.RetiredAt
			return nil
		}
		offer := func(may bool, what string) *view.Form {
			if !may {
				return nil
			}
			f := filled(badgeURL(which, "/"+what))
			if what == refused {
				f = form
			}
			f = f.As(what)
			return &f
		}
		enters, writes := who.May(tenants.EnterRoom, who.TenantID), who.May(tenants.WriteRoom, who.TenantID)
		page.Lend, page.Return = offer(enters && b.VisitorID == nil, "loans"), offer(enters && b.VisitorID != nil, "return")
		page.Relabel, page.Retire = offer(writes, "labels"), offer(writes, "retirement")
		visits, err := room.Visits(ctx, tx, tx.Now.Add(-time.Hour))
		for _, v := range visits {
			for _, p := range v.Visitors {
				if p.BadgeID == nil && v.State() == "approved" {
					page.Visitors = append(page.Visitors, view.Option{Value: strconv.FormatInt(p.ID, 10), Label: v.Company + " " + p.Name})
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Badge.With(f, page) })
}

func (d *door) badgeAct(c echo.Context, what, ja, en string, do func(ctx context.Context, tx *tenants.Tx, id int64) error) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return do(ctx, tx, which) })
	if f := tenants.AsFault(err); f != nil && f.Kind == tenants.KindConflict {
		d.gate.Flash(c, view.FlashWarn, f.Message(string(d.lang(c)))) // somebody else was quicker: the page shows how it stands
		return seeOther(c, badgeURL(which, ""))
	}
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.badgePage(c, status, what, form) })
	}
	return d.done(c, badgeURL(which, ""), ja, en)
}

func (d *door) badgeLend(c echo.Context) error {
	return d.badgeAct(c, "loans", "名札を貸し出しました。", "It was handed out.", func(ctx context.Context, tx *tenants.Tx, id int64) error {
		visitor, _ := number(c.FormValue("visitor_id")) // the room says what is wrong with none
		_, err := room.HandOut(ctx, tx, id, visitor, room.When{})
		return err
	})
}

func (d *door) badgeReturn(c echo.Context) error {
	return d.badgeAct(c, "return", "返却を記録しました。", "It is back.", func(ctx context.Context, tx *tenants.Tx, id int64) error {
		_, err := room.TakeBack(ctx, tx, id, room.When{})
		return err
	})
}

func (d *door) badgeRelabel(c echo.Context) error {
	return d.badgeAct(c, "labels", "新しいラベルにしました。前のラベルは使えません。", "It has a new label; the former is void.", func(ctx context.Context, tx *tenants.Tx, id int64) error {
		_, err := room.RelabelBadge(ctx, tx, id)
		return err
	})
}

func (d *door) badgeRetire(c echo.Context) error {
	return d.badgeAct(c, "retirement", "名札を廃止しました。", "The badge was retired.", func(ctx context.Context, tx *tenants.Tx, id int64) error {
		_, err := room.RetireBadge(ctx, tx, id, c.FormValue("reason"))
		return err
	})
}
