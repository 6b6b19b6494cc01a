package frontend

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// listed is how many rows a list shows at once.
const listed = 50

// number of an incident as people say it: the fiscal year of the era in which it opened, and its id.
func incidentNumber(i incident.Incident, zone *time.Location) string {
	first := calendar.FiscalYearEnd(calendar.FiscalYear(calendar.DateOf(i.OpenedAt, zone)))
	_, year, ok := calendar.MustDate(first.Year()-1, time.December, 31).Era()
	if !ok {
		year = first.Year() - 1
	}
	return fmt.Sprintf("%d-%04d", year, i.ID)
}

func (d *door) incidents(c echo.Context) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	f := incident.Filter{State: c.QueryParam("state"), Before: before(c), Limit: listed}
	if s := c.QueryParam("town"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return tenants.NotFound()
		}
		f.Town = n
	}
	if f.State == "" {
		f.State, f.Limit = "unresolved", 500
	}
	shown := f.State
	if f.State == "all" {
		f.State = ""
	}
	var items []incident.Item
	var totals incident.Totals
	var of town.Town
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if items, err = incident.List(ctx, tx, f); err != nil {
			return err
		}
		if f.Town != 0 {
			if of, err = town.Get(ctx, tx, f.Town); err != nil {
				return err
			}
		}
		totals, err = incident.OpenCount(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.IncidentsPage{}
	if f.Town != 0 {
		page.Town = view.Link{Text: of.Name, URL: townURL(of.ID)}
	}
	for _, s := range []struct {
		state, ja, en string
		n             int
	}{{"unresolved", "続いているもの", "Not over", totals.Open + totals.Acknowledged}, {incident.StateOpen, "未受領", "Unanswered", totals.Open},
		{incident.StateAcknowledged, "受領済", "Acknowledged", totals.Acknowledged}, {incident.StateResolved, "復旧", "Resolved", -1}, {"all", "すべて", "All", -1}} {
		q := url.Values{}
		if s.state != "unresolved" {
			q.Set("state", s.state)
		}
		if f.Town != 0 {
			q.Set("town", strconv.FormatInt(f.Town, 10))
		}
		choice := view.Choice{Label: d.say(lang, s.ja, s.en), URL: "/incidents", Count: s.n, ShowN: s.n >= 0 && f.Town == 0, Current: s.state == shown}
		if len(q) > 0 {
			choice.URL += "?" + q.Encode()
		}
		page.States = append(page.States, choice)
	}
	for _, i := range items {
		page.Rows = append(page.Rows, d.incidentRow(lang, i))
	}
	page.Pages = view.Pages{Shown: len(items), NewerURL: newest(c)}
	if len(items) == f.Limit && shown != "unresolved" {
		page.Pages.OlderURL = older(c, items[len(items)-1].ID)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Incidents.With(f, page) })
}

func (d *door) incidentRow(lang view.Lang, i incident.Item) view.IncidentRow {
	row := view.IncidentRow{Number: incidentNumber(i.Incident, d.Zone), URL: incidentURL(i.TenantID, i.ID), Town: i.TownName,
		Subject: i.Subject + d.say(lang, "　", " · ") + i.Reason.Short(string(lang)), Sentence: sentence(lang, i.Reason), State: i.State,
		Severity: i.Severity, OpenedAt: i.OpenedAt}
	if i.ResolvedAt != nil {
		row.Resolved = *i.ResolvedAt
	}
	if i.State == incident.StateAcknowledged && i.Ack != nil {
		row.Answered, row.Until = i.Ack.By, i.Ack.Until
	} else if i.State == incident.StateOpen && i.Next != nil {
		row.Next = d.told(lang, i.Next)
	}
	return row
}
