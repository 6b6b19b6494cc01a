package frontend

import (
	"context"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/incident"
)

// incidentRead is all that an incident's page is made of.
type incidentRead struct {
	incident.View
	plan  *backup.PlanView
	until time.Time // how long an answer of now would hold
}

func (d *door) readIncident(c echo.Context) (r incidentRead, err error) {
	of, err := id(c, "town")
	if err != nil {
		return r, err
	}
	which, err := id(c, "id")
	if err != nil {
		return r, err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if r.View, err = incident.Get(ctx, tx, of, which); err != nil {
			return err
		}
		var plans []backup.PlanView
		if tx.Actor.May(tenants.ReadPlan, of) {
			if plans, err = backup.AllPlans(ctx, tx, of); err != nil {
				return err
			}
		}
		for i, p := range plans {
			if p.DutyID != nil && r.About == "duty" && *p.DutyID == r.AboutID {
				r.plan = &plans[i]
			}
		}
		r.until, _, err = incident.Horizon(ctx, tx, of)
		return err
	})
	return r, err
}

func (d *door) incident(c echo.Context) error {
	return d.incidentForms(c, 200, "", view.Form{})
}

// incidentLive is the changing part alone.
func (d *door) incidentLive(c echo.Context) error {
	r, err := d.readIncident(c)
	if err != nil {
		return err
	}
	page, err := d.incidentPage(c, r)
	if err != nil {
		return err
	}
	f, err := d.frame(c)
	if err != nil {
		return err
	}
	return d.views.WritePiece(c.Response(), 200, view.Incident.With(f, page), view.IncidentLive)
}

// incidentForms shows an incident with its forms; one of them may be a refused one, as it was typed.
func (d *door) incidentForms(c echo.Context, status int, which string, refused view.Form) error {
	r, err := d.readIncident(c)
	if err != nil {
		return err
	}
	page, err := d.incidentPage(c, r)
	if err != nil {
		return err
	}
	switch {
	case which == "ack" && page.Ack != nil:
		page.Ack.Form = refused
	case which == "call" && page.Call != nil:
		page.Call.Form = refused
	case which == "note" && page.Note != nil:
		page.Note = &refused
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Incident.With(f, page) })
}

func (d *door) incidentPage(c echo.Context, r incidentRead) (view.IncidentPage, error) {
	who, err := d.gate.Who(c)
	if err != nil {
		return view.IncidentPage{}, err
	}
	lang, now := d.lang(c), d.gate.Ground().Now()
	base := incidentURL(r.TenantID, r.ID)
	p := view.IncidentPage{Number: incidentNumber(r.Incident, d.Zone), Sentence: sentence(lang, r.Reason), State: r.State, Severity: r.Severity,
		Title: r.TownName + d.say(lang, "　", " · ") + r.Subject + d.say(lang, "　", " · ") + r.Reason.Short(string(lang)),
		Town:  view.Link{Text: r.TownName, URL: townURL(r.TenantID)}, OpenedAt: r.OpenedAt, Now: now, LiveURL: base + "/live",
		Plan: view.Link{Text: r.Subject}, Repeat: time.Duration(r.RepeatMinutes) * time.Minute}
	if d.Bell != nil {
		p.EventsURL = "/events"
	}
	if r.plan != nil {
		p.Plan = view.Link{Text: r.plan.ServerName + d.say(lang, "　", " · ") + r.plan.Name, URL: planURL(r.TenantID, r.plan.ID)}
	}
	if r.Night != nil {
		p.Night = *r.Night
	}
	if r.ResolvedAt != nil {
		p.Resolved, p.Result = *r.ResolvedAt, d.result(lang, r.View)
	}
	if n := len(r.Acknowledgements); r.State == incident.StateAcknowledged && n > 0 {
		a := r.Acknowledgements[n-1]
		p.Promise = &view.Promise{By: a.ByText, Text: a.Promise, Until: a.Until}
	}
	p.Timeline = d.timeline(lang, who, r.View)
	p.Rungs = d.rungs(lang, r.View)
	d.incidentActs(&p, lang, who, r, base)
	return p, nil
}

// result is how it ended, in the reader's language where the course says so.
func (d *door) result(lang view.Lang, v incident.View) string {
	for i := len(v.Events) - 1; i >= 0; i-- {
		if e := v.Events[i]; e.Kind == view.EventResolved && e.Detail.Reason != nil {
			return sentence(lang, *e.Detail.Reason)
		}
	}
	return v.Resolution
}

// incidentActs are the forms that this person may send.
func (d *door) incidentActs(p *view.IncidentPage, lang view.Lang, who tenants.Actor, r incidentRead, base string) {
	zone := d.zoneOf(r.Zone)
	until := r.until.In(zone).Format(minutes)
	if r.State != incident.StateResolved && who.May(tenants.Acknowledge, r.TenantID) {
		p.Ack = &view.AckForm{Form: filled(base+"/acknowledgements", "until", until), Quick: d.promises(lang)}
	}
	if r.State != incident.StateResolved && who.May(tenants.RecordCall, r.TenantID) {
		p.Call = &view.CallForm{Form: filled(base+"/calls", "at", d.gate.Ground().Now().In(zone).Format(minutes), "until", until), Results: d.callResults(lang)}
		for _, rung := range r.Rungs {
			if rung.Phone != "" {
				p.Call.Rungs = append(p.Call.Rungs, view.Option{Value: strconv.FormatInt(rung.ID, 10), Label: rung.Post + d.say(lang, "　", " ") + rung.Name,
					Help: rung.Phone + hours(lang, rung.Hours)})
			}
		}
		p.Call.Rungs = append(oneEach(p.Call.Rungs), view.Option{Value: "0", Label: d.say(lang, "ほかの人", "Somebody else"),
			Help: d.say(lang, "「相手の話」に誰かを書いてください", "say whom in what was said")})
		if who.IsHost() && len(p.Call.Rungs) > 0 {
			p.Call.Values.Set("rung", p.Call.Rungs[0].Value)
		}
	}
	if who.May(tenants.NoteIncident, r.TenantID) {
		form := filled(base + "/notes")
		p.Note = &form
	}
}

// oneEach leaves out who stands twice: the last rung is told again and again.
func oneEach(options []view.Option) []view.Option {
	seen, out := map[string]bool{}, options[:0]
	for _, o := range options {
		if key := o.Label + o.Help; !seen[key] {
			seen[key] = true
			out = append(out, o)
		}
	}
	return out
}

func hours(lang view.Lang, text string) string {
	if text == "" {
		return ""
	}
	return lang.Tr("（"+text+"）", " ("+text+")")
}

// zoneOf is a town's time zone; one that is not known here is the installation's.
func (d *door) zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return d.Zone
	}
	return zone
}

// promises are answers ready to be chosen.
func (d *door) promises(lang view.Lang) []view.Option {
	var out []view.Option
	for _, o := range [][3]string{{"vendor", "業者に確認中", "asking the vendor"}, {"rerun", "再実行する", "running it again"},
		{"morning", "朝に確認する", "will look in the morning"}, {"planned", "作業の予定どおり", "as planned by our own work"}} {
		out = append(out, view.Option{Value: o[0], Label: d.say(lang, o[1], o[2])})
	}
	return out
}

func (d *door) callResults(lang view.Lang) []view.Option {
	var out []view.Option
	for _, o := range [][3]string{{"answered", "受領した", "answered"}, {"absent", "不在", "absent"}, {"busy", "話し中", "busy"}, {"no_reply", "応答なし", "no reply"}} {
		out = append(out, view.Option{Value: o[0], Label: d.say(lang, o[1], o[2])})
	}
	return out
}

// chosen is the words of an option, empty where there is none.
func chosen(options []view.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}
