package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/duty"
	"tanamori/tenants/town"
)

const correctionsURL = "/corrections"

func correctionURL(town int64, ledger string, row int64) string {
	return fmt.Sprintf("/towns/%d/corrections/%s/%d", town, ledger, row)
}

// amended is what was corrected of a record, for the page that shows it; back is where its form leads back to.
func (d *door) amended(lang view.Lang, who tenants.Actor, town int64, ledger string, row int64, h correction.History, back string) view.Amended {
	a := view.Amended{Old: map[string]string{}}
	for _, c := range h {
		for _, f := range c.Fields() {
			if _, known := a.Old[f.Name]; !known {
				a.Old[f.Name] = d.words(lang, f, c.Was)
			}
		}
		a.Lines = append(a.Lines, d.amendedLine(lang, c))
	}
	if l, ok := correction.Named(ledger); ok && who.May(tenants.Correct, town) && who.May(l.Act, town) {
		a.URL = correctionURL(town, ledger, row) + "?" + url.Values{"next": {back}}.Encode()
	}
	return a
}

var isoDay = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// aboutWords is what people call a record, its days as the reader writes them.
func aboutWords(lang view.Lang, about string) string {
	return isoDay.ReplaceAllStringFunc(about, func(text string) string {
		day, err := calendar.Parse(text)
		if err != nil || lang == view.EN {
			return text
		}
		return day.Wareki()
	})
}

// words is a value as a page says it: an empty one is said to be that.
func (d *door) words(lang view.Lang, f correction.Field, values correction.Values) string {
	if text := f.Show(values, string(lang), d.Zone); text != "" {
		return text
	}
	return d.say(lang, "（空欄）", "(empty)")
}

func (d *door) amendedLine(lang view.Lang, c correction.Correction) view.AmendedLine {
	line := view.AmendedLine{At: c.At, By: c.ByText, Approver: c.Approver, Reason: c.Reason}
	for _, f := range c.Fields() {
		line.Changes = append(line.Changes, view.Change{Name: f.Label(string(lang)), Before: d.words(lang, f, c.Was), After: d.words(lang, f, c.Becomes)})
	}
	return line
}

// corrections lists what was corrected, by town and period, for the auditor and the supervisor.
func (d *door) corrections(c echo.Context) error {
	lang := d.lang(c)
	asked := c.QueryParams()
	if !asked.Has("from") && !asked.Has("to") { // this month, until somebody asks for other days
		today := d.today()
		asked.Set("from", today.AddDays(1-today.Day()).String())
	}
	page := view.CorrectionsPage{Filter: view.Form{Action: correctionsURL, Values: asked}, Seals: d.seals(lang)}
	var v tenants.Invalid
	f := correction.Filter{Ledger: c.QueryParam("ledger"), Before: before(c), Limit: listed}
	from, to := queryDay(&v, c, "from"), queryDay(&v, c, "to")
	if !from.IsZero() {
		f.From = from.At(0, 0, d.Zone)
		page.Days = lang.Tr("", "from ") + lang.Era(from) + lang.Tr("から", " ")
	}
	if !to.IsZero() {
		f.Until = to.AddDays(1).At(0, 0, d.Zone)
		page.Days += lang.Tr("", "until ") + lang.Era(to) + lang.Tr("まで", "")
	}
	if n, ok := number(c.QueryParam("town")); ok && n > 0 {
		f.Town = n
	}
	for _, x := range v.Fields {
		page.Filter.Errors = append(page.Filter.Errors, view.FieldError{Field: x.Field, Message: x.Message(string(lang))})
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	for _, l := range correction.Ledgers() {
		if who.May(l.Read) {
			page.Ledgers = append(page.Ledgers, view.Option{Value: l.Table, Label: correction.LedgerWords(l.Table, string(lang))})
		}
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := correction.List(ctx, tx, f)
		if err != nil {
			return err
		}
		totals, err := correction.Count(ctx, tx, f)
		if err != nil {
			return err
		}
		var ids []int64
		for _, x := range list {
			ids = append(ids, x.TenantID)
		}
		for _, t := range totals {
			ids = append(ids, t.TenantID)
		}
		names, err := townNames(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, x := range list {
			page.Rows = append(page.Rows, view.CorrectionRow{AmendedLine: d.amendedLine(lang, x), Town: names[x.TenantID], Ledger: correction.LedgerWords(x.Ledger, string(lang)),
				About: view.Link{Text: aboutWords(lang, x.About), URL: correctionURL(x.TenantID, x.Ledger, x.RowID)}})
		}
		page.Totals = d.correctionTotals(lang, totals, names)
		page.Pages = view.Pages{Shown: len(list), NewerURL: newest(c)}
		if len(list) == listed {
			page.Pages.OlderURL = older(c, list[len(list)-1].ID)
		}
		if len(tx.Actor.Towns) < 2 || len(tx.Actor.Towns) > townsShown || !tx.Actor.May(tenants.ReadTown) {
			return nil
		}
		towns, err := town.List(ctx, tx)
		for _, t := range towns {
			page.Towns = append(page.Towns, view.Option{Value: itoa(t.ID), Label: t.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	if who.May(tenants.ReadProposal) {
		page.Waiting = "/proposals"
	}
	return d.show(c, http.StatusOK, func(fr view.Frame) view.Page { return view.Corrections.With(fr, page) })
}

// correctionTotals are a line for each town and ledger; of the many towns of a large host one for each ledger.
func (d *door) correctionTotals(lang view.Lang, totals []correction.Total, names map[int64]string) (out []view.CorrectionTotal) {
	at := map[string]int{}
	for _, t := range totals {
		row := view.CorrectionTotal{Town: names[t.TenantID], Ledger: correction.LedgerWords(t.Ledger, string(lang)), Corrections: t.Corrections, Records: t.Records}
		n, known := at[t.Ledger]
		switch {
		case len(totals) <= townsShown:
			out = append(out, row)
		case known:
			out[n].Corrections, out[n].Records = out[n].Corrections+row.Corrections, out[n].Records+row.Records
		default:
			row.Town = d.say(lang, "すべての団体", "all towns")
			at[t.Ledger] = len(out)
			out = append(out, row)
		}
	}
	return out
}

// controls are how the fields of a record are entered.
var controls = map[correction.Kind]string{correction.Line: "text", correction.Text: "textarea", correction.Time: "datetime-local", correction.Date: "text",
	correction.Choice: "radio", correction.Person: "select"}

// correction shows a record as it stands, with its corrections, and the form of another.
func (d *door) correction(c echo.Context) error {
	return d.correctionForm(c, http.StatusOK, view.Form{})
}

func (d *door) correctionForm(c echo.Context, status int, form view.Form) error {
	of, row, err := townAndID(c)
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang, now := d.lang(c), d.gate.Ground().Now()
	fresh := filled("")
	page := view.CorrectionPage{Next: correctionsURL}
	if next := c.FormValue("next"); next != "" {
		page.Next = onward(next)
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := correction.Get(ctx, tx, of, c.Param("ledger"), row)
		if err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		l := r.Ledger
		page.Town, page.Ledger, page.About, page.RecordedAt, page.Approve = t.Name, correction.LedgerWords(l.Table, string(lang)), aboutWords(lang, r.About), r.RecordedAt, l.Approve != ""
		page.Amended = d.amended(lang, who, of, l.Table, row, r.Corrections, page.Next)
		if page.URL != "" && r.Open(now) {
			fresh.Action = correctionURL(of, l.Table, row)
		} else if page.URL != "" {
			page.Closed = fmt.Sprintf(d.say(lang, "記録から%d日を過ぎたため、訂正できません。", "It was written down more than %d days ago and can no longer be corrected."), l.Days)
		}
		for _, f := range l.Fields {
			if !r.Has(f) {
				continue
			}
			field := view.CorrectionField{Name: f.Name, Label: f.Label(string(lang)), Kind: controls[f.Kind], Was: r.Now[f.Name], Now: f.Show(r.Now, string(lang), d.Zone), Required: f.Required}
			if fresh.Action != "" {
				if field.Options, err = optionsOf(ctx, tx, lang, of, f); err != nil {
					return err
				}
			}
			fresh.Values.Set(f.Name, entered(f, r.Now[f.Name], t.Location()))
			page.Fields = append(page.Fields, field)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if page.Form = form; form.Values == nil {
		page.Form = fresh
	}
	return d.show(c, status, func(fr view.Frame) view.Page { return view.Correction.With(fr, page) })
}

func optionsOf(ctx context.Context, tx *tenants.Tx, lang view.Lang, town int64, f correction.Field) ([]view.Option, error) {
	list := f.Options
	if f.People != nil {
		var err error
		if list, err = f.People(ctx, tx, town); err != nil {
			return nil, err
		}
	}
	var out []view.Option
	for _, o := range list {
		out = append(out, view.Option{Value: o.Value, Label: o.Label(string(lang))})
	}
	return out, nil
}

// entered is a value as its control holds it.
func entered(f correction.Field, value string, zone *time.Location) string {
	switch f.Kind {
	case correction.Time:
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			return at.In(zone).Format(minutes)
		}
	case correction.Date:
		if day, err := calendar.Parse(value); err == nil {
			return day.Wareki()
		}
	case correction.Line, correction.Text, correction.Choice, correction.Person:
	}
	return value
}

// typed is what was entered, as the room takes it.
func typed(v *tenants.Invalid, c echo.Context, f correction.Field, zone *time.Location) string {
	switch f.Kind {
	case correction.Time:
		if at := moment(v, c, f.Name, zone); !at.IsZero() {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return ""
	case correction.Date:
		if on := day(v, c, f.Name); !on.IsZero() {
			return on.String()
		}
		return ""
	case correction.Line, correction.Text, correction.Choice, correction.Person:
	}
	return c.FormValue(f.Name)
}

func (d *door) correctionDone(c echo.Context) error {
	of, row, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error { // a post may be another town's person's
		if err := tx.Permit(tenants.Correct, of); err != nil {
			return err
		}
		r, err := correction.Get(ctx, tx, of, c.Param("ledger"), row)
		if err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		in := correction.Input{Town: of, Ledger: r.Ledger.Table, Row: row, Reason: c.FormValue("reason")}
		for _, f := range r.Ledger.Fields {
			if r.Has(f) {
				in.Changes = append(in.Changes, correction.Change{Field: f.Name, Was: c.FormValue("was_" + f.Name), Becomes: typed(&v, c, f, t.Location())})
			}
		}
		if err := v.Err(); err != nil {
			return err
		}
		_, err = correction.Correct(ctx, tx, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.correctionForm(c, status, form) })
	}
	to := correctionURL(of, c.Param("ledger"), row)
	if next := c.FormValue("next"); next != "" && next != correctionsURL {
		to = onward(next)
	}
	return d.done(c, to, "訂正を記録しました。もとの値も残ります。", "The correction is on record; the former value stays.")
}

// namedField is what people call a field of any ledger's, for the operation log.
func namedField(lang view.Lang, name string) (string, bool) {
	for _, l := range correction.Ledgers() {
		if f, ok := l.Field(name); ok {
			return f.Label(string(lang)), true
		}
	}
	return "", false
}

// correctionOwn is the address of the line of the log about a correction.
func correctionOwn(after *string) (ledger string, row int64, ok bool) {
	values := correction.Values{}
	if after == nil || values.Scan(*after) != nil {
		return "", 0, false
	}
	row, err := strconv.ParseInt(values["record"], 10, 64)
	return values["table"], row, err == nil && values["table"] != ""
}

// correctedTo says beside a verdict how the result of its confirmation was corrected.
func (d *door) correctedTo(lang view.Lang, result string) string {
	switch result {
	case duty.Wrong:
		return d.say(lang, "　訂正あり：判定と実際が違う", " corrected: not as the verdict says")
	case duty.AsJudged:
		return d.say(lang, "　訂正あり", " corrected")
	}
	return ""
}
