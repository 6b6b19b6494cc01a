package frontend

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/history"
	"tanamori/tenants/town"
)

const logURL = "/log"

// log searches the operation log (操作履歴): a host all its towns', a town its own.
func (d *door) log(c echo.Context) error {
	lang := d.lang(c)
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.LogPage{Acts: acts(lang), Objects: objects(lang), Posts: d.postsAsked(lang), OwnTown: !who.May(tenants.ReadLog)}
	if who.May(tenants.ReviewLog) {
		page.Review = reviewsURL
	}
	var v tenants.Invalid
	s := d.logSearch(c, &v)
	s.Limit = listed
	var lines []history.Line
	var names map[int64]string
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := d.logTowns(ctx, tx, c, &page, &s, &v); err != nil {
			return err
		}
		if len(v.Fields) > 0 {
			return tx.Permit(tenants.ReadTownLog)
		}
		if lines, err = history.List(ctx, tx, s); err != nil {
			return err
		}
		ids := make([]int64, len(lines))
		for i, l := range lines {
			ids[i] = l.TenantID
		}
		names, err = townNames(ctx, tx, ids)
		return err
	})
	if err != nil {
		return err
	}
	page.Filter = view.Form{Action: logURL, Values: c.QueryParams()}
	for _, f := range v.Fields {
		page.Filter.Errors = append(page.Filter.Errors, view.FieldError{Field: f.Field, Message: f.Message(string(lang))})
	}
	for _, l := range lines {
		page.Rows = append(page.Rows, d.logRow(lang, who, l, names[l.TenantID]))
	}
	page.Pages = view.Pages{Shown: len(page.Rows), NewerURL: newest(c)}
	if len(lines) == s.Limit {
		q := c.Request().URL.Query()
		q.Set("before", lines[len(lines)-1].Cursor().String())
		page.Pages.OlderURL = logURL + "?" + q.Encode()
	}
	if len(v.Fields) == 0 && who.May(tenants.ExportLog) {
		page.CSV, page.JSONL = exportURL(c, history.CSV), exportURL(c, history.JSONL)
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Log.With(f, page) })
}

// exportURL takes out what is searched.
func exportURL(c echo.Context, format history.Format) string {
	q := c.Request().URL.Query()
	q.Del("before")
	for name, values := range q {
		if len(values) == 0 || values[0] == "" {
			q.Del(name)
		}
	}
	q.Set("format", string(format))
	return logURL + "/export?" + q.Encode()
}

// logSearch is what the filter asks for. Days are whole days here; who may be a name or a number of a person.
func (d *door) logSearch(c echo.Context, v *tenants.Invalid) history.Search {
	s := history.Search{Who: strings.TrimSpace(c.QueryParam("who")), Act: c.QueryParam("act"), Object: c.QueryParam("object"), Post: c.QueryParam("post"),
		Request: strings.TrimSpace(c.QueryParam("request"))}
	if from := queryDay(v, c, "from"); !from.IsZero() {
		s.From = from.At(0, 0, d.Zone)
	}
	if to := queryDay(v, c, "to"); !to.IsZero() {
		s.To = to.AddDays(1).At(0, 0, d.Zone)
	}
	if n, ok := number(s.Who); ok && n > 0 && s.Who != "" {
		s.Person, s.Who = n, ""
	}
	if text := c.QueryParam("object_id"); strings.TrimSpace(text) != "" {
		n, ok := number(text)
		if !ok || n < 0 {
			v.Add("object_id", "数字で入力してください。", "Enter a number.")
		}
		s.ObjectID = n
	}
	if n, err := strconv.ParseInt(c.QueryParam("town"), 10, 64); err == nil && n > 0 {
		s.Town = n
	}
	if after, ok := history.ParseCursor(c.QueryParam("before")); ok {
		s.After = after
	}
	return s
}

// logTowns offers the towns to choose from, or finds the one that was named.
func (d *door) logTowns(ctx context.Context, tx *tenants.Tx, c echo.Context, page *view.LogPage, s *history.Search, v *tenants.Invalid) error {
	if len(tx.Actor.Towns) <= townsShown { // few enough to choose one from
		towns, err := town.List(ctx, tx)
		if err != nil || len(towns) < 2 {
			return err
		}
		for _, t := range towns {
			page.Towns = append(page.Towns, view.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
		}
		return nil
	}
	page.ByCode = true
	code := strings.TrimSpace(c.QueryParam("code"))
	if code == "" {
		return nil
	}
	found, err := town.ListPage(ctx, tx, town.Ask{Text: code, Limit: 1})
	if err != nil {
		return err
	}
	if len(found.Towns) == 0 {
		v.Add("code", "該当する団体がありません。", "There is no such town.")
		return nil
	}
	s.Town = found.Towns[0].ID
	return nil
}

// logExport sends what is searched as a file. Who took what out stands in the log before the first line leaves.
func (d *door) logExport(c echo.Context) error {
	var v tenants.Invalid
	s := d.logSearch(c, &v)
	lang := d.lang(c)
	format := history.Format(c.QueryParam("format"))
	if format == "" {
		format = history.CSV
	}
	var taken history.Taken
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := d.logTowns(ctx, tx, c, &view.LogPage{}, &s, &v); err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		taken, err = history.TakeOut(ctx, tx, s, format)
		return err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, taken.Format.Media())
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+taken.FileName()+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	words := history.Words{Act: func(a string) string { return actWord(lang, a) }, Object: func(o string) string { return objectWord(lang, o) },
		Post: func(p string) string { return postWords(lang, p) }}
	return d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		return history.Write(ctx, tx, taken, words, c.Response())
	})
}

func (d *door) postsAsked(lang view.Lang) []view.Option {
	var out []view.Option
	for _, p := range []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor, tenants.Town, tenants.LinkHolder, tenants.Pipeline} {
		ja, en := tenants.PostLabel(p)
		out = append(out, view.Option{Value: string(p), Label: d.say(lang, ja, en)})
	}
	return out
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

func (d *door) logRow(lang view.Lang, who tenants.Actor, l history.Line, name string) view.LogRow {
	row := view.LogRow{At: l.At, Actor: unbroken(l.Actor), Post: postWords(lang, l.Post), Act: actWord(lang, l.Act), Request: l.RequestID}
	if net.ParseIP(l.Remote) != nil {
		row.Remote = l.Remote
	}
	if l.RequestID != "" {
		row.SameURL = logURL + "?" + url.Values{"request": {l.RequestID}}.Encode()
	}
	row.Object.Text = strings.TrimSpace(name + d.say(lang, "　", " ") + objectWord(lang, l.Object))
	if l.ObjectID != 0 {
		row.Object.Text += "\u00a0" + strconv.FormatInt(l.ObjectID, 10)
	}
	if l.Act != string(tenants.Refused) { // of that there is nothing that they may open
		row.Object.URL = objectURL(who, l)
	}
	row.Changes = d.changes(lang, l.Before, l.After)
	return row
}

// unbroken keeps a name on one line: it is what stands after the post, and its last word may be a single character.
func unbroken(actor string) string {
	if i := strings.LastIndexByte(actor, ' '); i > 0 {
		return actor[:i] + "\u00a0" + actor[i+1:]
	}
	return actor
}

// objectURL leads to the page of what a line is about, where its reader may open it: whoever reads what was done need not
// be one who may do or see the thing itself.
func objectURL(who tenants.Actor, l history.Line) string {
	act, at := tenants.Act(""), ""
	switch {
	case l.Object == "incident" && l.ObjectID != 0:
		act, at = tenants.ReadIncident, incidentURL(l.TenantID, l.ObjectID)
	case l.Object == "plan" && l.ObjectID != 0:
		act, at = tenants.ReadPlan, planURL(l.TenantID, l.ObjectID)
	case l.Object == "town" || l.Object == "tenant":
		act, at = tenants.ReadTown, townURL(l.TenantID)
	case l.Object == "correction":
		if ledger, record, ok := correctionOwn(l.After); ok {
			of, _ := correction.Named(ledger)
			act, at = of.Read, correctionURL(l.TenantID, ledger, record)
		}
	case l.Object == "log_review":
		act, at = tenants.ReviewLog, reviewsURL
	default:
		page := objectPages[l.Object]
		act, at = page.read, settingsURL(l.TenantID, page.name)
	}
	if act == "" || !who.May(act, l.TenantID) {
		return ""
	}
	return at
}

// objectPages are the pages of settings that show a town's things of one kind.
var objectPages = map[string]struct {
	name string
	read tenants.Act
}{
	"server": {"servers", tenants.ReadServer}, "contact": {"contacts", tenants.ReadContact}, "store": {"stores", tenants.ReadPlan}, "ladder": {"contacts", tenants.ReadContact},
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
