package frontend

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/contact"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

// nightsShown is how far back a town's page looks.
const nightsShown = 90

// sparkRuns is how many durations are drawn beside a plan.
const sparkRuns = 20

// townRead is all that a town's page is made of, read in one transaction.
type townRead struct {
	town     town.Town
	servers  []server.Server
	plans    []backup.PlanView
	runs     map[int64][]backup.Run
	marks    []duty.NightMark
	days     calendar.Calendar
	open     []incident.Item
	contacts []contact.Contact
	today    calendar.Date
	night    calendar.Date // the newest
}

func (d *door) readTown(c echo.Context) (r townRead, err error) {
	of, err := id(c, "town")
	if err != nil {
		return r, err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if r.town, err = town.Get(ctx, tx, of); err != nil {
			return err
		}
		r.today, r.night = calendar.DateOf(tx.Now, r.town.Location()), calendar.NightOf(tx.Now, r.town.Location())
		if r.servers, err = some(ctx, tx, tenants.ReadServer, []int64{of}, server.List); err != nil {
			return err
		}
		if tx.Actor.May(tenants.ReadPlan, of) {
			if r.plans, err = backup.ListPlans(ctx, tx, of); err != nil {
				return err
			}
		}
		if tx.Actor.May(tenants.ReadRun, of) {
			if r.runs, err = backup.Recent(ctx, tx, of, sparkRuns); err != nil {
				return err
			}
		}
		if tx.Actor.May(tenants.ReadDuty, of) {
			if r.marks, err = duty.Outline(ctx, tx, of, r.night.AddDays(1-nightsShown), r.night); err != nil {
				return err
			}
		}
		if r.days, err = daysOf(ctx, tx, of); err != nil {
			return err
		}
		if r.open, err = incidentsOf(ctx, tx, incident.Filter{Town: of, State: "unresolved", Limit: 500}); err != nil {
			return err
		}
		r.contacts, err = some(ctx, tx, tenants.ReadContact, []int64{of}, contact.List)
		return err
	})
	return r, err
}

func (d *door) town(c echo.Context) error {
	r, err := d.readTown(c)
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.TownPage{Name: r.town.Name, Kana: r.town.Kana, Code: r.town.Code, Kind: r.town.Kind, JoinedOn: r.town.JoinedOn, Today: r.night,
		IncidentsURL: fmt.Sprintf("/incidents?town=%d&state=all", r.town.ID), BookURL: townURL(r.town.ID) + "/book"}
	if r.town.LeftOn != nil {
		page.LeftOn = *r.town.LeftOn
	}
	if who.May(tenants.WriteTown, r.town.ID) {
		page.EditURL = fmt.Sprintf("/settings/towns/%d", r.town.ID)
	}
	if who.May(tenants.ReadOwnRacks, r.town.ID) {
		page.RacksURL = townURL(r.town.ID) + "/racks"
	}
	if who.May(tenants.WriteContact, r.town.ID) {
		page.ContactsURL = settingsURL(r.town.ID, "contacts")
	}
	page.Nights = d.nights(lang, r)
	page.Servers = d.townServers(lang, r)
	for _, i := range r.open {
		page.Open = append(page.Open, d.caseOf(lang, who, i))
	}
	page.Contacts = contactRows(r.contacts, 0, false)
	for day, n := r.today, 0; n < 60 && len(page.NextClosed) < 4; n++ {
		if closure, closed := r.days.Closure(day); closed && closure.Kind != calendar.ClosedOnWeekend {
			page.NextClosed = append(page.NextClosed, view.DayRef{Date: day, Name: d.say(lang, closure.Ja, closure.En)})
		}
		day = day.AddDays(1)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Town.With(f, page) })
}

// nights gives each night its worst verdict. Nights before the town joined are left out.
func (d *door) nights(lang view.Lang, r townRead) []view.Night {
	byNight := map[calendar.Date][]duty.NightMark{}
	first := r.night
	for _, m := range r.marks {
		byNight[m.Night] = append(byNight[m.Night], m)
		if m.Night.Before(first) {
			first = m.Night
		}
	}
	subjects := map[int64]string{}
	for _, p := range r.plans {
		subjects[*p.DutyID] = p.ServerName
	}
	if len(r.marks) == 0 {
		return nil
	}
	var out []view.Night
	for night := first; !night.After(r.night); night = night.AddDays(1) {
		n := view.Night{Date: night, URL: "/board?night=" + night.String()}
		n.Closed = !r.days.IsOpen(night)
		worst := -1
		for _, m := range byNight[night] {
			mark := markOf(m)
			if rank := slices.Index(ranks, mark); rank > worst {
				worst, n.Verdict = rank, mark
				n.Detail = subjects[m.DutyID]
				if m.Verdict != duty.Pending {
					n.Detail = strings.TrimLeft(n.Detail+d.say(lang, "　", " ")+m.Reason.Short(string(lang)), "　 ")
				}
			}
		}
		out = append(out, n)
	}
	return out
}

// ranks are the marks from the best to the worst.
var ranks = []string{view.Excused, view.Met, view.Pending, view.Late, view.Unknown, view.Suspect, view.Failed, view.Missed}

// markOf is how an occurrence of the past is shown: what was bad and good afterwards counts as late.
func markOf(m duty.NightMark) string {
	if m.Verdict.NeedsSomebody() && m.RecoveredAt != nil {
		return view.Late
	}
	return verdictMark(m.Verdict, m.Reason.Code)
}

func (d *door) townServers(lang view.Lang, r townRead) []view.TownServer {
	newestMark := map[int64]duty.NightMark{}
	for _, m := range r.marks { // in order of nights: the last one stays
		newestMark[m.DutyID] = m
	}
	out := make([]view.TownServer, 0, len(r.servers))
	for _, s := range r.servers {
		row := view.TownServer{Name: s.Name, Role: s.Role, Place: s.RackPlace}
		for _, p := range r.plans {
			if p.ServerID != s.ID {
				continue
			}
			plan := view.TownPlan{Link: view.Link{Text: p.Name, URL: planURL(p.TenantID, p.ID)}, Bytes: -1, Level: -1, Status: view.Status{Verdict: view.Pending}}
			if m, ok := newestMark[*p.DutyID]; ok {
				plan.Status = d.markStatus(lang, m)
				plan.At = m.ScheduledAt
			}
			plan.Spark = durations(r.runs[p.ID])
			if runs := r.runs[p.ID]; len(runs) > 0 {
				plan.At = begun(runs[0])
				if runs[0].FileBytes != nil {
					plan.Bytes = *runs[0].FileBytes
				}
				if runs[0].Level != nil {
					plan.Level = *runs[0].Level
				}
			}
			row.Plans = append(row.Plans, plan)
		}
		out = append(out, row)
	}
	return out
}

// markStatus is an occurrence's verdict in words, without a link.
func (d *door) markStatus(lang view.Lang, m duty.NightMark) view.Status {
	s := d.status(lang, duty.Cell{OccurrenceID: m.OccurrenceID, Verdict: m.Verdict, Reason: m.Reason, RecoveredAt: m.RecoveredAt})
	s.URL = ""
	if m.Verdict == duty.Pending {
		s.Detail = ""
	}
	if m.Look != nil && m.Look.Corrections.Changed("result") {
		s.Detail = strings.TrimSpace(s.Detail + d.correctedTo(lang, m.Look.Result))
	}
	return s
}

// begun is when a run began, as far as anybody knows.
func begun(r backup.Run) time.Time {
	switch {
	case r.StartedAt != nil:
		return *r.StartedAt
	case r.FinishedAt != nil:
		return *r.FinishedAt
	}
	return r.RecordedAt
}

// durations of runs that come newest first, oldest first; negative where none is known.
func durations(runs []backup.Run) []time.Duration {
	out := make([]time.Duration, 0, len(runs))
	for i := len(runs) - 1; i >= 0; i-- {
		took := runs[i].Duration()
		if took == 0 {
			took = -1
		}
		out = append(out, took)
	}
	return out
}
