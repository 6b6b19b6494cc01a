package frontend

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// basis is by what the book is kept.
const (
	basisJa = "戸籍に係る電子情報処理組織の事務の管理及び執行に関する要領 第3条第1号（戸籍電算化システムの自動バックアップの確認）"
	basisEn = "Article 3 (1) of the guideline on the management of the electronic family registers: confirming the automatic backups"
)

// bookRead is one town's month.
type bookRead struct {
	town      town.Town
	plans     []backup.PlanView
	marks     []duty.NightMark
	days      calendar.Calendar
	incidents []incident.Item
	first     calendar.Date
	last      calendar.Date // the last night shown: not beyond the newest
	newest    calendar.Date
}

// book is the バックアップ確認簿 of a month, to be printed.
func (d *door) book(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	var r bookRead
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if r.town, err = town.Get(ctx, tx, of); err != nil {
			return err
		}
		r.newest = calendar.NightOf(tx.Now, r.town.Location())
		if r.first, err = monthOf(c.QueryParam("month"), r.newest); err != nil {
			return err
		}
		r.last = r.first.AddDays(31)
		r.last = calendar.MustDate(r.last.Year(), r.last.Month(), 1).AddDays(-1)
		if r.last.After(r.newest) {
			r.last = r.newest
		}
		if r.plans, err = backup.AllPlans(ctx, tx, of); err != nil {
			return err
		}
		if r.marks, err = duty.History(ctx, tx, of, 0, r.first, r.last); err != nil {
			return err
		}
		own := dutiesOf(r.plans)
		r.marks = slices.DeleteFunc(r.marks, func(m duty.NightMark) bool { return !own[m.DutyID] })
		if r.days, err = daysOf(ctx, tx, of); err != nil {
			return err
		}
		r.incidents, err = incidentsOf(ctx, tx, incident.Filter{Town: of, Nights: &incident.Nights{From: r.first, To: r.last}, Limit: 500})
		r.incidents = slices.DeleteFunc(r.incidents, func(i incident.Item) bool { return i.About != "duty" || !own[i.AboutID] })
		return err
	})
	if err != nil {
		return err
	}
	page := d.bookPage(d.lang(c), r)
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Book.With(f, page) })
}

// dutiesOf are the duties of backups: the book is theirs, and nothing else that a town has to do stands in it.
func dutiesOf(plans []backup.PlanView) map[int64]bool {
	own := map[int64]bool{}
	for _, p := range plans {
		if p.DutyID != nil {
			own[*p.DutyID] = true
		}
	}
	return own
}

// monthOf is the first day of the month asked for (YYYY-MM), or of the newest night's.
func monthOf(asked string, newest calendar.Date) (calendar.Date, error) {
	if asked == "" {
		return calendar.MustDate(newest.Year(), newest.Month(), 1), nil
	}
	first, err := calendar.Parse(asked + "-01")
	if err != nil || first.After(newest) {
		return calendar.Date{}, tenants.NotFound()
	}
	return first, nil
}

func month(lang view.Lang, first calendar.Date) string {
	if lang == view.EN {
		return fmt.Sprintf("%s %d", first.Month(), first.Year())
	}
	return strings.TrimSuffix(first.Wareki(), "1日") + "分"
}

func (d *door) bookPage(lang view.Lang, r bookRead) view.BookPage {
	base := townURL(r.town.ID) + "/book?month="
	at := func(first calendar.Date) string { return base + first.String()[:7] }
	before := r.first.AddDays(-1)
	p := view.BookPage{Town: view.Link{Text: r.town.Name, URL: townURL(r.town.ID)}, Month: month(lang, r.first), Made: d.gate.Ground().Now(),
		Basis: d.say(lang, "根拠："+basisJa, "Basis: "+basisEn), PrevURL: at(calendar.MustDate(before.Year(), before.Month(), 1))}
	if before.Before(r.town.JoinedOn) {
		p.PrevURL = ""
	}
	if next := r.first.AddDays(32); !calendar.MustDate(next.Year(), next.Month(), 1).After(r.newest) {
		p.NextURL = at(calendar.MustDate(next.Year(), next.Month(), 1))
	}
	for _, box := range []struct{ ja, en string }{{"管理者", "Manager"}, {"係長", "Chief"}, {"係", "Clerk"}} {
		p.Seals = append(p.Seals, view.SealBox{Post: d.say(lang, box.ja, box.en)})
	}
	columns := r.columns()
	byNight := map[calendar.Date][]duty.NightMark{}
	for _, m := range r.marks {
		byNight[m.Night] = append(byNight[m.Night], m)
	}
	for _, col := range columns {
		p.Servers = append(p.Servers, col.name)
	}
	for night := r.first; !night.After(r.last); night = night.AddDays(1) {
		row := d.bookRow(lang, r, night, columns, byNight[night])
		if gap(night, r.newest, byNight[night]) {
			p.Gaps++
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}

// bookColumn is one server with the duties of its plans.
type bookColumn struct {
	name   string
	duties []int64
}

// columns are the servers that anything was expected of in the month, in their order.
func (r bookRead) columns() []bookColumn {
	seen := map[int64]bool{}
	for _, m := range r.marks {
		seen[m.DutyID] = true
	}
	var out []bookColumn
	at := map[int64]int{}
	for _, p := range r.plans {
		if p.DutyID == nil || !seen[*p.DutyID] {
			continue
		}
		i, ok := at[p.ServerID]
		if !ok {
			i, at[p.ServerID] = len(out), len(out)
			out = append(out, bookColumn{name: p.ServerName})
		}
		out[i].duties = append(out[i].duties, *p.DutyID)
	}
	return out
}

func (d *door) bookRow(lang view.Lang, r bookRead, night calendar.Date, columns []bookColumn, marks []duty.NightMark) view.BookRow {
	row := view.BookRow{Night: night}
	if closure, closed := r.days.Closure(night); closed {
		row.Closed = d.say(lang, closure.Ja, closure.En)
	}
	all := len(marks) > 0
	for _, m := range marks {
		switch {
		case m.ConfirmedAt == nil:
			all = false
		case row.Confirmed.At.Before(*m.ConfirmedAt):
			row.Confirmed = view.Confirmation{By: m.ConfirmedBy, At: *m.ConfirmedAt}
		}
	}
	if !all {
		row.Confirmed = view.Confirmation{}
	}
	for _, col := range columns {
		var cell view.Status
		worst := -1
		for _, m := range marks {
			if !slices.Contains(col.duties, m.DutyID) {
				continue
			}
			if rank := slices.Index(ranks, markOf(m)); rank > worst {
				worst, cell = rank, d.markStatus(lang, m)
				cell.Label, cell.Needs = "", false
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	row.Measures = d.measures(lang, r, night)
	for _, m := range marks { // a print has no links
		if m.Look != nil {
			if m.Look.Note != "" {
				row.Notes = append(row.Notes, m.Look.Note)
			}
			row.Amended = append(row.Amended, d.amended(lang, tenants.Actor{}, r.town.ID, "confirmation", m.Look.ID, m.Look.Corrections, ""))
		}
		if m.Excuse != nil {
			row.Amended = append(row.Amended, d.amended(lang, tenants.Actor{}, r.town.ID, "excuse", m.Excuse.ID, m.Excuse.Corrections, ""))
		}
	}
	return row
}

// measures is what was done about what was wrong in a night: who answered and how it ended.
func (d *door) measures(lang view.Lang, r bookRead, night calendar.Date) []view.Measure {
	var out []view.Measure
	for _, i := range r.incidents {
		if i.Night == nil || *i.Night != night {
			continue
		}
		var amended view.Amended
		text := d.say(lang, "障害 ", "incident ") + incidentNumber(i.Incident, d.Zone)
		if i.Ack != nil {
			text += d.say(lang, "　", " ") + i.Ack.By + d.say(lang, "「"+i.Ack.Promise+"」", " “"+i.Ack.Promise+"”")
			amended = d.amended(lang, tenants.Actor{}, i.TenantID, "acknowledgement", i.Ack.ID, i.Ack.Corrections, "")
		}
		if i.ResolvedAt != nil {
			text += d.say(lang, "　", ", ") + fmt.Sprintf(d.say(lang, "%s復旧", "resolved %s"), i.ResolvedAt.In(r.town.Location()).Format("1/2 15:04"))
		} else {
			text += d.say(lang, "　対応中", ", not over")
		}
		out = append(out, view.Measure{Text: text, Amended: amended})
	}
	return out
}

// gap tells whether a night lacks a verdict or somebody's confirmation. The newest night has until it is over.
func gap(night, newest calendar.Date, marks []duty.NightMark) bool {
	if night == newest {
		return false
	}
	for _, m := range marks {
		if m.ConfirmedAt == nil {
			return true
		}
	}
	return false
}
