package frontend

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// Of a plan's runs, how many a page of the table shows and how many the drawings look back.
const (
	runsShown = 30
	runsDrawn = 90
)

// planRead is all that a plan's page is made of, read in one transaction.
type planRead struct {
	town      town.Town
	plan      backup.PlanView
	plans     []backup.PlanView
	newest    []backup.Run // newest first, for the drawings
	runs      []backup.Run // of the table's page
	levels    map[int64][]backup.Level
	marks     []duty.NightMark // the nights of the drawings and of the table's page
	days      calendar.Calendar
	ladders   []town.Ladder
	incidents []incident.Item
	checkins  []checkin.Checkin
	night     calendar.Date
	from      calendar.Date // the table's page: its nights
	until     calendar.Date
}

func (d *door) readPlan(c echo.Context) (r planRead, err error) {
	of, which, err := townAndID(c)
	if err != nil {
		return r, err
	}
	until, err := calendar.Parse(c.QueryParam("until"))
	if err != nil {
		until = calendar.Date{}
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if r.plan, err = backup.GetPlan(ctx, tx, of, which); err != nil {
			return err
		}
		if r.town, err = town.Get(ctx, tx, of); err != nil {
			return err
		}
		r.night = calendar.NightOf(tx.Now, r.town.Location())
		if r.plans, err = backup.ListPlans(ctx, tx, of); err != nil {
			return err
		}
		if r.newest, err = backup.ListRuns(ctx, tx, of, which, 0, runsDrawn); err != nil {
			return err
		}
		r.runs = r.newest[:min(runsShown, len(r.newest))]
		if b := before(c); b > 0 {
			if r.runs, err = backup.ListRuns(ctx, tx, of, which, b, runsShown); err != nil {
				return err
			}
		}
		r.window(until)
		from := r.from
		if drawn := r.night.AddDays(-runsDrawn); drawn.Before(from) {
			from = drawn
		}
		if r.marks, err = duty.History(ctx, tx, of, *r.plan.DutyID, from, r.night); err != nil {
			return err
		}
		if run := r.proved(); run != nil {
			if r.levels, err = backup.Levels(ctx, tx, of, run.ID); err != nil {
				return err
			}
		}
		if r.days, err = daysOf(ctx, tx, of); err != nil {
			return err
		}
		if r.ladders, err = town.Ladders(ctx, tx, of); err != nil {
			return err
		}
		if r.incidents, err = incidentsOf(ctx, tx, incident.Filter{Town: of, Nights: &incident.Nights{From: r.from, To: r.until}, Limit: 500}); err != nil {
			return err
		}
		if tx.Actor.May(tenants.ReadPingURL, of) {
			r.checkins, err = checkin.List(ctx, tx, of, *r.plan.SourceID, 0, 1)
		}
		return err
	})
	return r, err
}

// window sets the nights that the table's page covers: from its oldest run up to the page before it, so that a night
// without a run has its row too.
func (r *planRead) window(until calendar.Date) {
	r.until = r.night
	if !until.IsZero() && until.Before(r.until) {
		r.until = until
	}
	r.from = r.until.AddDays(1 - 2*runsShown)
	if n := len(r.runs); n == runsShown {
		r.from = r.runs[n-1].Night
	}
	if created := calendar.NightOf(r.plan.CreatedAt, r.town.Location()); len(r.runs) == 0 && r.from.Before(created) {
		r.from = created
	}
}

// proved is the run whose ladder is drawn: the newest that was examined, else the newest.
func (r planRead) proved() *backup.Run {
	for i := range r.newest {
		if r.newest[i].VerifiedAt != nil {
			return &r.newest[i]
		}
	}
	if len(r.newest) > 0 {
		return &r.newest[0]
	}
	return nil
}

func (d *door) plan(c echo.Context) error {
	r, err := d.readPlan(c)
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	base := planURL(r.town.ID, r.plan.ID)
	page := view.PlanPage{Town: view.Link{Text: r.town.Name, URL: townURL(r.town.ID)}, Server: view.Link{Text: r.plan.ServerName}, Name: r.plan.Name,
		Night: r.night, Status: view.Status{Verdict: view.Pending}, Facts: d.planFacts(lang, r)}
	for _, p := range r.plans {
		page.Tabs = append(page.Tabs, view.Choice{Label: p.ServerName + d.say(lang, "　", " · ") + p.Name, URL: planURL(p.TenantID, p.ID), Current: p.ID == r.plan.ID})
	}
	if n := len(r.marks); n > 0 {
		m := r.marks[n-1]
		page.Night, page.Status = m.Night, d.markStatus(lang, m)
		if m.Verdict != duty.Pending {
			page.Sentence = sentence(lang, m.Reason)
		}
	}
	if r.plan.RetiredAt == nil {
		if who.May(tenants.WritePlan, r.town.ID) {
			page.EditURL = settingsURL(r.town.ID, "plans") + "/" + strconv.FormatInt(r.plan.ID, 10)
		}
		if who.May(tenants.Excuse, r.town.ID) {
			page.ExcuseURL = base + "/excuse"
		}
	}
	rows := d.planRuns(lang, who, r)
	page.Runs, page.Pages = rows, d.runPages(c, r, len(rows))
	if run := r.proved(); run != nil {
		shown := d.run(lang, who, r, run, markFor(r.marks, *run))
		page.Latest, page.Ladder = &shown, ladderOf(lang, r, *run)
		if run.Night != page.Night {
			page.Sentence = strings.TrimSpace(page.Sentence + " " + fmt.Sprintf(d.say(lang, "下は%sの夜の実行です。", "Below is the run of the night of %s."), lang.Era(run.Night)))
		}
		if who.May(tenants.Reverify, r.town.ID) && run.VerifyAt == nil && run.Reported != "running" {
			page.VerifyURL = fmt.Sprintf("/towns/%d/runs/%d/verification", r.town.ID, run.ID)
		}
	}
	page.Trend = d.trend(lang, r)
	page.Durations = durations(r.newest[:min(sparkRuns, len(r.newest))])
	page.Usual = usual(r.newest)
	if who.May(tenants.ReadPingURL, r.town.ID) && r.plan.RetiredAt == nil {
		page.CheckIn = d.checkIn(lang, who, r, base)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Plan.With(f, page) })
}

func (d *door) planFacts(lang view.Lang, r planRead) view.PlanFacts {
	p := r.plan
	f := view.PlanFacts{Cron: p.Cron, Zone: p.Zone, Policy: string(p.Policy), DueAfter: time.Duration(p.WindowMinutes) * time.Minute,
		Grace: time.Duration(p.GraceMinutes) * time.Minute, Longest: time.Duration(p.LongestMinutes) * time.Minute, Severity: p.Severity, Store: p.StoreName,
		Pattern: p.Pattern, Manifest: p.Manifest, Level: p.RequiredLevel, MinBytes: -1, MaxBytes: -1,
		Deviation: strconv.FormatFloat(p.DeviationK, 'g', -1, 64), Settle: time.Duration(p.SettleMinutes) * time.Minute}
	ja, en := schedule.Describe(p.Cron)
	f.Schedule = d.say(lang, ja, en)
	if p.MinBytes != nil {
		f.MinBytes = *p.MinBytes
	}
	if p.MaxBytes != nil {
		f.MaxBytes = *p.MaxBytes
	}
	for _, l := range r.ladders {
		if l.ID == p.LadderID {
			f.Ladder = l.Name
		}
	}
	if p.RetiredAt == nil {
		f.Next = nextDue(p, r.days, d.gate.Ground().Now())
	}
	return f
}

// nextDue is the next deadline of a plan by its schedule and the town's days; zero where nothing comes within a year.
func nextDue(p backup.PlanView, days calendar.Calendar, now time.Time) time.Time {
	window := time.Duration(p.WindowMinutes) * time.Minute
	for _, n := range coming(p.Cron, p.Zone, p.Policy, days, now.Add(-window), 40) {
		if due := n.Scheduled.Add(window); !n.Skipped && due.After(now) {
			return due
		}
	}
	return time.Time{}
}

// coming are the periods of a schedule in the days to come; none where it cannot be read.
func coming(cron, zone string, policy schedule.Policy, days calendar.Calendar, from time.Time, ahead int) []schedule.Planned {
	s, err := schedule.Parse(cron, zone)
	if err != nil {
		return nil
	}
	planned, err := schedule.Plan(s, policy, days, from, from.AddDate(0, 0, ahead))
	if err != nil {
		return nil
	}
	return planned
}

func (d *door) runPages(c echo.Context, r planRead, shown int) view.Pages {
	pages := view.Pages{Shown: shown}
	if before(c) > 0 {
		pages.NewerURL = c.Request().URL.Path
	}
	if n := len(r.runs); n == runsShown {
		q := url.Values{"before": {strconv.FormatInt(r.runs[n-1].ID, 10)}, "until": {r.from.AddDays(-1).String()}}
		pages.OlderURL = c.Request().URL.Path + "?" + q.Encode()
	}
	return pages
}
