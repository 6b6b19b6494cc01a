package frontend

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/town"
)

// logSearched is how many lines of the log a filter looks through at once.
const logSearched = 500

// log lists the operation log (操作履歴). A filter by day, person or act looks through the newest lines and goes on from
// there; one by town is the room's own.
func (d *door) log(c echo.Context) error {
	form := view.Form{Action: "/log", Values: c.QueryParams()}
	lang := d.lang(c)
	var v tenants.Invalid
	from, to := queryDay(&v, c, "from"), queryDay(&v, c, "to")
	for _, f := range v.Fields {
		form.Errors = append(form.Errors, view.FieldError{Field: f.Field, Message: f.Message(string(lang))})
	}
	who, act := strings.TrimSpace(c.QueryParam("who")), c.QueryParam("act")
	of, err := strconv.ParseInt(c.QueryParam("town"), 10, 64)
	if err != nil {
		of = 0
	}
	limit := listed
	filtered := !from.IsZero() || !to.IsZero() || who != "" || act != ""
	if filtered {
		limit = logSearched
	}
	var lines []tenants.LogLine
	var towns []town.Town
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if lines, err = tenants.OperationLog(tx, of, before(c), limit); err != nil {
			return err
		}
		towns, err = town.List(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	page := view.LogPage{Filter: form, Acts: acts(lang)}
	names := map[int64]string{}
	for _, t := range towns {
		names[t.ID] = t.Name
		page.Towns = append(page.Towns, view.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
	}
	if filtered {
		page.Looked = len(lines)
	}
	for _, l := range lines {
		day := calendar.DateOf(l.At, d.Zone)
		if !from.IsZero() && day.Before(from) || !to.IsZero() && day.After(to) || act != "" && l.Act != act ||
			!strings.Contains(tenants.SearchKey(l.Actor, l.Post), tenants.SearchKey(who)) {
			continue
		}
		page.Rows = append(page.Rows, d.logRow(lang, l, names[l.TenantID]))
	}
	page.Pages = view.Pages{Shown: len(page.Rows), NewerURL: newest(c)}
	if len(lines) == limit {
		page.Pages.OlderURL = older(c, lines[len(lines)-1].ID)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Log.With(f, page) })
}

// queryDay reads a date of a filter; what is none is said at its field and filters nothing.
func queryDay(v *tenants.Invalid, c echo.Context, name string) calendar.Date {
	text := strings.TrimSpace(c.QueryParam(name))
	if text == "" {
		return calendar.Date{}
	}
	date, err := calendar.ParseInput(text)
	if err != nil {
		v.Add(name, "日付として読めません。", "This is not a date.")
	}
	return date
}

func (d *door) logRow(lang view.Lang, l tenants.LogLine, name string) view.LogRow {
	row := view.LogRow{At: l.At, Actor: l.Actor, Post: postWords(lang, l.Post), Act: actWord(lang, l.Act), Request: l.RequestID}
	if net.ParseIP(l.Remote) != nil {
		row.Remote = l.Remote
	}
	row.Object.Text = strings.TrimSpace(name + d.say(lang, "　", " ") + objectWord(lang, l.Object))
	if l.ObjectID != 0 {
		row.Object.Text += " " + strconv.FormatInt(l.ObjectID, 10)
	}
	switch l.Object {
	case "incident":
		row.Object.URL = incidentURL(l.TenantID, l.ObjectID)
	case "plan":
		row.Object.URL = planURL(l.TenantID, l.ObjectID)
	case "town", "tenant":
		row.Object.URL = townURL(l.TenantID)
	case "server", "contact", "store", "ladder":
		row.Object.URL = settingsURL(l.TenantID, map[string]string{"server": "servers", "contact": "contacts", "store": "stores", "ladder": "contacts"}[l.Object])
	}
	row.Changes = d.changes(lang, l.Before, l.After)
	return row
}

// readable shows a moment of a log as people read it; other text stays as it is.
func (d *door) readable(lang view.Lang, text string) string {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return lang.DayTime(t, d.Zone)
	}
	if day, err := calendar.Parse(text); err == nil {
		return lang.Short(day)
	}
	return text
}
