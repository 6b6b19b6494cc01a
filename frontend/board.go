package frontend

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/custody"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/town"
	"tanamori/tenants/watch"
)

// casesShown is how many incidents stand beside the matrix; the rest is a link.
const casesShown = 4

// columns of the matrix: one for each kind of duty; the seldom ones stand only on nights that have them.
var columns = []struct {
	kind, ja, en string
	seldom       bool
}{{"backup", "夜間バックアップ", "Nightly backup", false}, {custody.Kind, "パスワードの変更", "Password change", true}}

// expected tells whether the board has to do with the cell: what seldom falls due is there only when it does, what other ledgers ask
// for stands on their own pages.
func expected(c duty.Cell) bool {
	for _, col := range columns {
		if col.kind == c.Kind {
			return !col.seldom || c.OccurrenceID != 0
		}
	}
	return false
}

func (d *door) board(c echo.Context) error {
	page, err := d.readBoard(c)
	if err != nil {
		return err
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Board.With(f, page) })
}

// boardLive is the board's changing part alone, for a page that was told that something has changed.
func (d *door) boardLive(c echo.Context) error {
	page, err := d.readBoard(c)
	if err != nil {
		return err
	}
	f, err := d.frame(c)
	if err != nil {
		return err
	}
	return d.views.WritePiece(c.Response(), 200, view.Board.With(f, page), view.BoardLive)
}

// boardRead is all that the board is made of, read in one transaction.
type boardRead struct {
	board  duty.Board
	newest calendar.Date
	towns  []town.Town
	long   *longBoard // where there are more towns than one page takes
	open   []incident.Item
	total  incident.Totals
	rounds []duty.Round
	outbox notice.Totals
	watch  watch.State
}

func (d *door) readBoard(c echo.Context) (view.BoardPage, error) {
	var asked *calendar.Date
	if s := c.QueryParam("night"); s != "" {
		day, err := calendar.Parse(s)
		if err != nil {
			return view.BoardPage{}, tenants.NotFound()
		}
		asked = &day
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return view.BoardPage{}, err
	}
	var r boardRead
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if r.newest, err = duty.NewestNight(ctx, tx); err != nil {
			return err
		}
		if asked == nil {
			asked = &r.newest
		}
		if len(tx.Actor.Towns) > townsShown {
			err = d.readLong(ctx, tx, c, &r, *asked)
		} else {
			err = readWhole(ctx, tx, &r, *asked)
		}
		if err != nil {
			return err
		}
		if r.open, err = incidentsOf(ctx, tx, incident.Filter{State: "unresolved", Limit: casesShown}); err != nil {
			return err
		}
		if r.total, err = incident.OpenCount(ctx, tx); err != nil {
			return err
		}
		if r.watch, err = watch.Read(ctx, tx); err != nil {
			return err
		}
		if r.rounds, err = duty.Rounds(ctx, tx); err != nil || !who.May(tenants.ReadOutbox) {
			return err
		}
		r.outbox, err = notice.Counts(ctx, tx)
		return err
	})
	if err != nil {
		return view.BoardPage{}, err
	}
	return d.boardPage(c, who, r), nil
}

// readWhole reads the board of a consortium that one page takes.
func readWhole(ctx context.Context, tx *tenants.Tx, r *boardRead, night calendar.Date) (err error) {
	if r.board, err = duty.ReadBoard(ctx, tx, &night, ""); err != nil {
		return err
	}
	r.towns, err = town.List(ctx, tx)
	return err
}

func (d *door) boardPage(c echo.Context, who tenants.Actor, r boardRead) view.BoardPage {
	lang, now := d.lang(c), d.gate.Ground().Now()
	night := r.board.Night
	at := func(day calendar.Date, needs bool) string {
		q := url.Values{}
		if day != r.newest {
			q.Set("night", day.String())
		}
		if needs {
			q.Set("needs", "1")
		}
		if len(q) == 0 {
			return "/board"
		}
		return "/board?" + q.Encode()
	}
	needs := c.QueryParam("needs") == "1"
	p := view.BoardPage{Night: night, NewestNight: r.newest, Now: now, PrevURL: at(night.AddDays(-1), needs), PickURL: "/board", OnlyNeeds: needs,
		AllURL: at(night, false), NeedsURL: at(night, true), LiveURL: strings.Replace(at(night, needs), "/board", "/board/live", 1), EventsURL: "/events"}
	if r.long != nil {
		d.longPage(c, &p, r, at(night, needs))
	}
	if night.Before(r.newest) {
		p.NextURL = at(night.AddDays(1), needs)
	}
	if !r.servedBefore(night) {
		p.PrevURL = "" // nobody was served before
	}
	if d.Bell == nil {
		p.EventsURL = ""
	}
	byTown, kinds := map[int64][]duty.Cell{}, map[string]bool{}
	for _, cell := range r.board.Cells {
		if !expected(cell) {
			continue
		}
		kinds[cell.Kind] = true
		byTown[cell.TenantID] = append(byTown[cell.TenantID], cell)
		if r.long == nil {
			d.count(&p, cell)
		}
	}
	for _, col := range columns {
		if !col.seldom || kinds[col.kind] {
			p.Columns = append(p.Columns, d.say(lang, col.ja, col.en))
		}
	}
	for _, t := range r.towns {
		cells := byTown[t.ID]
		if len(cells) == 0 && t.LeftOn != nil && !night.Before(*t.LeftOn) {
			continue
		}
		if r.long == nil {
			p.Sum.Towns++
		}
		if row := d.boardRow(lang, who, t, cells, kinds); !needs || row.Needs {
			p.Rows = append(p.Rows, row)
		}
	}
	if who.May(tenants.Confirm) {
		p.ConfirmURL = "/confirmations/fine"
	}
	d.boardCases(&p, lang, who, r)
	d.boardWatch(&p, lang, r, who)
	for _, box := range []struct{ ja, en string }{{"管理者", "Manager"}, {"係長", "Chief"}, {"係", "Clerk"}} {
		p.Seals = append(p.Seals, view.SealBox{Post: d.say(lang, box.ja, box.en)})
	}
	return p
}

func (d *door) count(p *view.BoardPage, c duty.Cell) {
	if c.Kind != custody.Kind {
		p.Sum.Servers++
	}
	switch {
	case c.OccurrenceID == 0:
	case needsSomebody(c):
		p.Sum.Needs++
	case c.Verdict == duty.Pending:
		p.Sum.Pending++
	case c.ConfirmedAt != nil:
		p.Sum.Confirmed++
	default:
		p.Sum.Normal++
		if c.Verdict.Fine() {
			p.Confirmable++
		}
	}
	if c.Verdict == duty.Unknown {
		p.Sum.Unknown++
	}
}

// needsSomebody tells whether a cell is one that somebody has to act on: bad, and nothing good has come since.
func needsSomebody(c duty.Cell) bool { return c.Verdict.NeedsSomebody() && c.RecoveredAt == nil }

func (d *door) boardRow(lang view.Lang, who tenants.Actor, t town.Town, cells []duty.Cell, kinds map[string]bool) view.BoardRow {
	row := view.BoardRow{Town: view.Link{Text: t.Name, URL: townURL(t.ID)}}
	if t.Kind == town.Host {
		row.Note = d.say(lang, "受託町", "host")
	}
	all := len(cells) > 0
	for _, col := range columns {
		if col.seldom && !kinds[col.kind] {
			continue
		}
		var marks []view.Status
		for _, c := range cells {
			if c.Kind != col.kind {
				continue
			}
			s := d.status(lang, c)
			if c.Kind == custody.Kind {
				if s.URL = ""; who.May(tenants.ReadCustody) {
					s.URL = credentialURL(c.AboutID)
				}
			}
			row.Needs = row.Needs || s.Needs
			marks = append(marks, s)
			if c.ConfirmedAt == nil {
				all = false
			} else if row.Confirmed.At.Before(*c.ConfirmedAt) {
				row.Confirmed = view.Confirmation{By: c.ConfirmedBy, At: *c.ConfirmedAt}
			}
		}
		row.Cells = append(row.Cells, marks)
	}
	if !all {
		row.Confirmed = view.Confirmation{}
	}
	return row
}

// status is a cell's mark, words and link.
func (d *door) status(lang view.Lang, c duty.Cell) view.Status {
	s := view.Status{Verdict: verdictMark(c.Verdict, c.Reason.Code), Label: c.Subject, Detail: c.Reason.Short(string(lang)), Needs: needsSomebody(c),
		URL: planURL(c.TenantID, c.AboutID)}
	switch {
	case c.OccurrenceID == 0:
		s.Verdict, s.Detail = view.Excused, d.say(lang, "予定なし", "not planned")
	case c.RecoveredAt != nil:
		s.Verdict = view.Late
		s.Detail = fmt.Sprintf(d.say(lang, "%s（%sに復旧）", "%s (recovered %s)"), s.Detail, c.RecoveredAt.In(d.Zone).Format("1/2 15:04"))
	}
	s.Detail = strings.TrimSpace(s.Detail + d.correctedTo(lang, c.Corrected))
	return s
}

// verdictMark chooses the mark of a verdict: what arrived and looks wrong is doubtful, what ran on for ever is late.
func verdictMark(v duty.Verdict, reason string) string {
	switch {
	case v == duty.Pending:
		return view.Pending
	case v == duty.Failed && strings.HasPrefix(reason, "rules."):
		return view.Suspect
	case v == duty.Failed && reason == "duty.unfinished":
		return view.Late
	}
	return string(v)
}

func (d *door) boardCases(p *view.BoardPage, lang view.Lang, who tenants.Actor, r boardRead) {
	for i, item := range r.open {
		if i == casesShown {
			break
		}
		p.Cases = append(p.Cases, d.caseOf(lang, who, item))
	}
	if rest := r.total.Open + r.total.Acknowledged - len(p.Cases); rest > 0 {
		p.More = view.Link{Text: fmt.Sprintf(d.say(lang, "ほか%d件をすべて見る", "Show %d more"), rest), URL: "/incidents"}
	}
}

// caseOf is an incident as a card: what is wrong, who was told, who is next, and what to do.
func (d *door) caseOf(lang view.Lang, who tenants.Actor, i incident.Item) view.Case {
	to := incidentURL(i.TenantID, i.ID)
	c := view.Case{ID: fmt.Sprintf("case-%d-%d", i.TenantID, i.ID), URL: to, Sentence: sentence(lang, i.Reason),
		Title: i.TownName + d.say(lang, "　", " · ") + i.Subject}
	if i.Last != nil {
		c.Told = d.told(lang, i.Last)
		if i.State == incident.StateOpen {
			c.Told.Outcome = d.say(lang, "受領なし", "no answer")
		}
	}
	if i.State == incident.StateAcknowledged && i.Ack != nil {
		c.Promise = &view.Promise{By: i.Ack.By, Text: i.Ack.Promise, Until: i.Ack.Until}
	} else if i.Next != nil {
		c.Next = d.told(lang, i.Next)
		c.Next.Overdue = i.Next.At.Before(d.gate.Ground().Now())
	}
	c.Act = view.Act{Label: d.say(lang, "経過を見る", "See what happened"), URL: to}
	if i.State == incident.StateOpen && who.May(tenants.RecordCall, i.TenantID) {
		c.Act = view.Act{Label: d.say(lang, "電話した結果を記録する", "Record a call"), URL: to + "#call"}
	} else if i.State == incident.StateOpen && who.May(tenants.Acknowledge, i.TenantID) {
		c.Act = view.Act{Label: d.say(lang, "受領を知らせる", "Acknowledge"), URL: to + "#ack", Fill: true}
	}
	return c
}

// sentence is a reason as a whole sentence with its full stop.
func sentence(lang view.Lang, r tenants.Reason) string {
	stop := lang.Tr("。", ".")
	return strings.TrimSuffix(r.In(string(lang)), stop) + stop
}

func (d *door) told(_ view.Lang, t *incident.Telling) *view.Told {
	way := "phone"
	if t.ByMail {
		way = "mail"
	}
	return &view.Told{At: t.At, Who: t.Post, Way: way}
}

// confirm records that one verdict was looked at.
func (d *door) confirm(c echo.Context) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	var ref duty.Ref
	var ok1, ok2 bool
	ref.Town, ok1 = number(c.FormValue("town"))
	ref.OccurrenceID, ok2 = number(c.FormValue("occurrence"))
	if !ok1 || !ok2 {
		return tenants.NotFound()
	}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := duty.Confirm(ctx, tx, []duty.Ref{ref}, c.FormValue("note"))
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, onward(c.FormValue("next")), "確認を記録しました。", "Recorded as confirmed.")
}

func (d *door) confirmFine(c echo.Context) error {
	if _, err := d.gate.Who(c); err != nil {
		return err
	}
	night, err := calendar.Parse(c.FormValue("night"))
	if err != nil {
		return tenants.NotFound()
	}
	var n int
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = duty.ConfirmFine(ctx, tx, night)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, "/board?night="+night.String(), fmt.Sprintf("正常分%d件の確認を記録しました。", n), fmt.Sprintf("%d normal results recorded as confirmed.", n))
}
