package frontend

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/room"
)

func (d *door) visitRow(v room.Visit, inside []room.Entry, who tenants.Actor) view.VisitRow {
	row := view.VisitRow{Number: v.Number(), State: v.State(), Company: v.Company, Work: v.Work, From: v.FromAt, Until: v.UntilAt, Escort: v.EscortText, Applicant: v.Applicant,
		URL: visitURL(v.ID, ""), Past: v.UntilAt.Before(d.gate.Ground().Now())}
	for _, a := range v.Areas {
		row.Rooms = append(row.Rooms, a.Name)
	}
	may := who.May(tenants.EnterRoom, who.TenantID) && v.State() == "approved" && !row.Past
	for _, p := range v.Visitors {
		line := view.VisitorRow{Name: p.Name, Badge: p.Badge}
		line.Inside = slices.ContainsFunc(inside, func(e room.Entry) bool { return e.VisitorID != nil && *e.VisitorID == p.ID })
		if may && !line.Inside && len(v.Areas) > 0 {
			line.EnterURL, line.Room = enterURL(v.Areas[0].ID, "visitor:"+strconv.FormatInt(p.ID, 10)), v.Areas[0].Name
		}
		row.Visitors = append(row.Visitors, line)
	}
	return row
}

func (d *door) visits(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.VisitsPage{BackURL: roomsURL, Pages: view.Pages{NewerURL: newest(c)}}
	if who.May(tenants.RequestVisit, who.TenantID) {
		page.NewURL = visitsURL + "/new"
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := room.PastVisits(ctx, tx, before(c), visitsShown+1)
		for n, v := range all {
			if n == visitsShown {
				page.Pages.OlderURL = older(c, all[n-1].ID)
				break
			}
			page.Rows = append(page.Rows, d.visitRow(v, nil, who))
		}
		page.Pages.Shown = len(page.Rows)
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Visits.With(f, page) })
}

func (d *door) visitNew(c echo.Context) error { return d.visitForm(c, http.StatusOK, view.Form{}) }

func (d *door) visitForm(c echo.Context, status int, form view.Form) error {
	lang := d.lang(c)
	page := view.RoomFormPage{Kind: "visit", Title: d.say(lang, "入室許可を申請する", "Apply for a visit"), Button: d.say(lang, "申請する", "Apply"), BackURL: visitsURL, Form: form,
		Lead: d.say(lang, "許可・不許可は、申請者とも立会者とも別の人（戸籍データ等管理者）が決めます。", "The administrator decides: another person than who applies and who escorts.")}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.RequestVisit, tx.Actor.TenantID); err != nil {
			return err
		}
		people, err := room.People(ctx, tx)
		if err != nil {
			return err
		}
		page.People = personOptions(people)
		rooms, err := room.List(ctx, tx)
		for _, r := range rooms {
			page.Rooms = append(page.Rooms, view.Option{Value: strconv.FormatInt(r.AreaID, 10), Label: r.Building + " " + r.Name})
		}
		if form.Action == "" {
			page.Form = filled(visitsURL)
			if len(page.Rooms) == 1 {
				page.Form.Values.Set("areas", page.Rooms[0].Value)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.roomForm(c, status, page)
}

func (d *door) visitAdd(c echo.Context) error {
	var made room.Visit
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.RequestVisit, tx.Actor.TenantID); err != nil {
			return err
		}
		zone, err := d.hostZone(ctx, tx)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		in := room.VisitInput{Company: c.FormValue("company"), Names: c.FormValue("names"), FromAt: moment(&v, c, "from_at", zone), UntilAt: moment(&v, c, "until_at", zone),
			Reason: c.FormValue("reason"), Work: c.FormValue("work"), CarryIn: c.FormValue("carry_in"), CarryOut: c.FormValue("carry_out")}
		if err := v.Err(); err != nil {
			return err
		}
		in.EscortID, _ = number(c.FormValue("escort_id")) // the room says what is wrong with none
		if values, err := c.FormParams(); err == nil {
			for _, text := range values["areas"] {
				n, _ := number(text) // likewise
				in.Areas = append(in.Areas, n)
			}
		}
		made, err = room.Apply(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.visitForm(c, status, form) })
	}
	return d.done(c, visitURL(made.ID, ""), "申請しました。許可されると、当日の入室を記録できます。", "It was filed. Once approved, the entry can be recorded on the day.")
}

func (d *door) visit(c echo.Context) error { return d.visitPage(c, http.StatusOK, "", view.Form{}) }

// visitPage is 入室許可申請書; refused is the form that was sent and is shown again.
func (d *door) visitPage(c echo.Context, status int, refused string, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.VisitPage{BackURL: visitsURL}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		v, err := room.GetVisit(ctx, tx, which)
		if err != nil {
			return err
		}
		inside, err := room.InsideNow(ctx, tx, 0)
		if err != nil {
			return err
		}
		page.VisitRow = d.visitRow(v, inside, who)
		page.Reason, page.CarryIn, page.CarryOut, page.Applied = v.Reason, v.CarryIn, v.CarryOut, v.AppliedAt
		page.DecidedBy, page.DecidedWhy, page.CancelledBy, page.CancelWhy = v.DecidedBy, v.DecidedWhy, v.CancelledBy, v.CancelWhy
		if v.DecidedAt != nil {
			page.Decided = *v.DecidedAt
		}
		if v.CancelledAt != nil {
			page.Cancelled = *v.CancelledAt
		}
		page.Seals = d.roomSeals(d.lang(c))
		if v.DecidedAt != nil && v.CancelledAt == nil {
			page.Seals[0].Name, page.Seals[0].At = v.DecidedBy, *v.DecidedAt
		}
		page.Mine = who.PersonID == v.ApplicantID || who.PersonID == v.EscortID
		offer := func(may bool, what string) *view.Form {
			if !may {
				return nil
			}
			f := filled(visitURL(which, "/"+what))
			if what == refused {
				f = form
			}
			f = f.As(what)
			return &f
		}
		decide := who.May(tenants.ApproveVisit, who.TenantID) && v.State() == "applied"
		page.Approve, page.Refuse = offer(decide && (!page.Mine || refused == "approval"), "approval"), offer(decide && (!page.Mine || refused == "refusal"), "refusal")
		page.Cancel = offer(who.May(tenants.RequestVisit, who.TenantID) && (v.State() == "applied" || v.State() == "approved" && !page.Past), "cancellation")
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Visit.With(f, page) })
}

func (d *door) visitDecide(c echo.Context, what, ja, en string, do func(ctx context.Context, tx *tenants.Tx, id int64, reason string) error) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return do(ctx, tx, which, c.FormValue("reason")) })
	if f := tenants.AsFault(err); f != nil && f.Kind == tenants.KindConflict {
		d.gate.Flash(c, view.FlashWarn, f.Message(string(d.lang(c)))) // somebody else was quicker: the page shows how it stands
		return seeOther(c, visitURL(which, ""))
	}
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.visitPage(c, status, what, form) })
	}
	return d.done(c, visitURL(which, ""), ja, en)
}

func (d *door) visitApprove(c echo.Context) error {
	return d.visitDecide(c, "approval", "許可しました。", "Approved.", func(ctx context.Context, tx *tenants.Tx, id int64, reason string) error {
		_, err := room.Decide(ctx, tx, id, true, reason)
		return err
	})
}

func (d *door) visitRefuse(c echo.Context) error {
	return d.visitDecide(c, "refusal", "不許可にしました。", "Refused.", func(ctx context.Context, tx *tenants.Tx, id int64, reason string) error {
		_, err := room.Decide(ctx, tx, id, false, reason)
		return err
	})
}

func (d *door) visitCancel(c echo.Context) error {
	return d.visitDecide(c, "cancellation", "取り消しました。", "Cancelled.", func(ctx context.Context, tx *tenants.Tx, id int64, reason string) error {
		_, err := room.Cancel(ctx, tx, id, reason)
		return err
	})
}
