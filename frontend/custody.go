package frontend

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/custody"
	"tanamori/tenants/town"
)

const custodyURL = "/settings/custody"

func credentialURL(id int64) string { return custodyURL + "/" + strconv.FormatInt(id, 10) }

// custodyActs are what may be written down of a password in custody, by the last part of their address.
var custodyActs = []struct {
	path, kind             string
	ja, en, leadJa, leadEn string
	doneJa, doneEn         string
	fill, danger           bool
}{
	{"opening", custody.Opened, "開封を記録する", "Record an opening", "誰が、なぜ開けたか、誰が立ち会ったかを残します。開封から定めた日数のうちに、パスワードの変更が要ります。",
		"Who opened it and why, and who was there. The password must be changed soon after.", "開封を記録しました。期限までにパスワードを変更してください。", "The opening is on record; change the password in time.", true, false},
	{"resealing", custody.Resealed, "再封入を記録する", "Record a resealing", "同じパスワードを新しい封筒に入れたときの記録です。変更の期限は変わりません。", "The same password in a new envelope; its deadline stays.",
		"再封入を記録しました。", "It is on record.", false, false},
	{"change", custody.Changed, "変更を記録する", "Record a change", "新しいパスワードを設定し、新しい封筒に入れて保管したあとに記録します。パスワードそのものは入力しません。",
		"After a new password was set, sealed and stored. The password itself is not entered.", "変更を記録しました。", "The change is on record.", true, false},
	{"retirement", custody.Retired, "廃止を記録する", "Record its end", "もう使わないパスワードです。封筒の中身は処分してください。経過は残ります。", "It is no longer used; destroy what is in the envelope. The ledger stays.",
		"廃止を記録しました。", "Its end is on record.", false, true},
}

// openDays is the host's calendar: a deadline on a closed day is the next open one.
func openDays(ctx context.Context, tx *tenants.Tx) (calendar.Calendar, error) {
	days, err := town.Calendars(ctx, tx, []int64{tx.Actor.TenantID})
	return days[tx.Actor.TenantID], err
}

func (d *door) custodyRow(lang view.Lang, c custody.Credential, days calendar.Calendar) view.CustodyRow {
	due := c.DueOn
	if !days.IsOpen(due) {
		if next, err := days.NextOpen(due); err == nil {
			due = next
		}
	}
	row := view.CustodyRow{Kind: custody.Words("kind", c.Kind, string(lang)), Name: c.Name, AppliesTo: c.AppliesTo, Envelope: c.Envelope, Place: c.Place, State: "sealed",
		SetAt: c.SetAt, SetBy: c.SetBy, DueOn: due, Overdue: due.Before(d.today()), URL: credentialURL(c.ID)}
	switch {
	case c.RetiredAt != nil:
		row.State, row.RetiredAt = "retired", *c.RetiredAt
	case c.Opened:
		row.State = "opened"
	}
	return row
}

func (d *door) seals(lang view.Lang) (boxes []view.SealBox) {
	for _, box := range []struct{ ja, en string }{{"管理者", "Manager"}, {"係長", "Chief"}, {"係", "Clerk"}} {
		boxes = append(boxes, view.SealBox{Post: d.say(lang, box.ja, box.en)})
	}
	return boxes
}

func (d *door) custodyList(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.CustodyListPage{Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := custody.List(ctx, tx)
		if err != nil {
			return err
		}
		days, err := openDays(ctx, tx)
		if err != nil {
			return err
		}
		for _, one := range all {
			page.Rows = append(page.Rows, d.custodyRow(lang, one, days))
		}
		page.Management, err = managementRow(ctx, tx, who)
		return err
	})
	if err != nil {
		return err
	}
	if who.May(tenants.WriteCustody) {
		page.NewURL = custodyURL + "/new"
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.CustodyList.With(f, page) })
}

// custodyOne is one password in custody with its ledger, corrections beside what they correct.
func (d *door) custodyOne(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.CustodyPage{BackURL: custodyURL, Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		one, events, err := custody.Get(ctx, tx, which)
		if err != nil {
			return err
		}
		days, err := openDays(ctx, tx)
		if err != nil {
			return err
		}
		page.CustodyRow, page.Months, page.Days = d.custodyRow(lang, one, days), one.RotateMonths, one.OpenDays
		page.Events = d.custodyEvents(lang, who, events, which)
		if !who.May(tenants.WriteCustody) || one.RetiredAt != nil {
			return nil
		}
		page.EditURL = credentialURL(which) + "/terms"
		for _, a := range custodyActs {
			if one.May(a.kind) {
				page.Acts = append(page.Acts, view.Act{Label: d.say(lang, a.ja, a.en), URL: credentialURL(which) + "/" + a.path, Fill: a.fill && (a.kind == custody.Opened || one.Opened)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Custody.With(f, page) })
}

// backdated is how much later than it happened something may be written down without being marked.
const backdated = 10 * time.Minute

func (d *door) custodyEvents(lang view.Lang, who tenants.Actor, events []custody.Event, of int64) (rows []view.CustodyEventRow) {
	for _, e := range events {
		row := view.CustodyEventRow{Event: custody.Words("event", e.Kind, string(lang)), At: e.OccurredAt, By: e.ByText, Witness: e.WitnessText, RecordedBy: e.RecordedBy,
			Envelope: e.Envelope, Place: e.Place, Reason: e.Reason, Amended: d.amended(lang, who, who.TenantID, "credential_event", e.ID, e.Corrections, credentialURL(of))}
		if e.RecordedAt.Sub(e.OccurredAt) > backdated {
			row.Recorded = e.RecordedAt
		}
		rows = append(rows, row)
	}
	return rows
}
