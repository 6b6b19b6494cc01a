package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/api/gate"
	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

// link is the town and the rung that a mail's link is about. What is no link of ours is not found.
func (d *door) link(c echo.Context) (of, rung int64, err error) {
	h := c.Response().Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key
	var linkFor string
	var ok bool
	err = d.gate.Ground().Do(c.Request().Context(), tenants.Gate(gate.RequestID(c), c.RealIP()), func(ctx context.Context, tx *tenants.Tx) (err error) {
		of, linkFor, ok, err = notice.Linked(ctx, tx, c.Param("token"))
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	if !ok {
		return 0, 0, tenants.NotFound()
	}
	if rung, ok = incident.RungOf(linkFor); !ok {
		return 0, 0, tenants.NotFound()
	}
	return of, rung, nil
}

// linked reads what a link is about, as whoever holds it.
func (d *door) linked(c echo.Context) (v incident.Link, err error) {
	of, rung, err := d.link(c)
	if err != nil {
		return v, err
	}
	holder := tenants.Link(of, "メールのリンク", gate.RequestID(c), c.RealIP())
	err = d.gate.Ground().Do(c.Request().Context(), holder, func(ctx context.Context, tx *tenants.Tx) (err error) {
		v, err = incident.LinkView(ctx, tx, of, rung)
		return err
	})
	return v, err
}

// ack shows what a mail's link is about. It changes nothing: programs that look into mails follow links.
func (d *door) ack(c echo.Context) error { return d.ackShow(c, http.StatusOK, "", view.Form{}) }

func (d *door) ackShow(c echo.Context, status int, state string, refused view.Form) error {
	v, err := d.linked(c)
	if err != nil {
		return err
	}
	page := d.ackPage(c, v)
	if state != "" {
		page.State = state
	}
	if refused.Action != "" {
		page.Form.Form = refused
	}
	lang := d.lang(c)
	f := view.Frame{Lang: lang, Zone: d.zoneOf(v.Zone), Now: d.gate.Ground().Now(), Home: "/", Path: c.Request().URL.Path,
		LangURL: "/lang?" + url.Values{"next": {c.Request().URL.Path}}.Encode()}
	return d.views.Write(c.Response(), status, view.Ack.With(f, page))
}

func (d *door) ackPage(c echo.Context, v incident.Link) view.AckPage {
	lang := d.lang(c)
	space := d.say(lang, "　", " · ")
	first, open := v.Matters[0], v.Open()
	page := view.AckPage{State: view.AckAsk, Title: v.TownName + space + first.Subject + space + first.Reason.Short(string(lang)), Sentence: sentence(lang, first.Reason),
		Number: incidentNumber(first.Incident, d.Zone), OpenedAt: first.OpenedAt, ToPost: v.Rung.Post, Open: len(open),
		Form: view.AckForm{Form: filled(c.Request().URL.Path, "until", v.Suggested.In(d.zoneOf(v.Zone)).Format(minutes)), Quick: d.promises(lang)}}
	if len(v.Matters) > 1 {
		page.Title, page.Sentence = v.TownName+space+fmt.Sprintf(d.say(lang, "%d件の異常", "%d incidents"), len(v.Matters)), ""
		for _, m := range v.Matters {
			page.Matters = append(page.Matters, d.ackMatter(lang, m))
		}
	}
	over, lapsed := 0, false
	var answered *incident.Answered
	for _, m := range v.Matters {
		if m.ResolvedAt != nil {
			over++
			if m.ResolvedAt.After(page.At) {
				page.At = *m.ResolvedAt
			}
		}
		if m.Answer != nil {
			answered = m.Answer
			lapsed = lapsed || m.State == incident.StateOpen
		}
	}
	switch {
	case over == len(v.Matters):
		page.State = view.AckClosed
	case len(open) > 0:
	case lapsed:
		page.State = view.AckExpired // its promise has passed, and a newer mail is on its way
	default:
		page.State = view.AckAlready
	}
	if answered != nil && page.State != view.AckClosed && page.State != view.AckExpired {
		page.At, page.Answered = answered.At, &view.Promise{By: answered.By, Text: answered.Promise, Until: answered.Until}
	}
	return page
}

// ackMatter is one of several things that a mail tells of, as it stands now.
func (d *door) ackMatter(lang view.Lang, m incident.Linked) view.AckMatter {
	out := view.AckMatter{Number: incidentNumber(m.Incident, d.Zone), Title: m.Subject + d.say(lang, "　", " · ") + m.Reason.Short(string(lang)),
		Sentence: sentence(lang, m.Reason), State: m.State, OpenedAt: m.OpenedAt}
	if m.ResolvedAt != nil {
		out.Resolved = *m.ResolvedAt
	}
	if m.State == incident.StateAcknowledged && m.Newest != nil {
		out.Answered = &view.Promise{By: m.Newest.By, Text: m.Newest.Promise, Until: m.Newest.Until}
	}
	return out
}

// ackDone records the answer, once, for all that the mail tells of and that is still open.
func (d *door) ackDone(c echo.Context) error {
	seen, err := d.linked(c)
	if err != nil {
		return err
	}
	var v tenants.Invalid
	until := moment(&v, c, "until", d.zoneOf(seen.Zone))
	if err = v.Err(); err == nil {
		name := strings.TrimSpace(seen.Rung.Post + " " + seen.Rung.Name)
		holder := tenants.Link(seen.Town, name, gate.RequestID(c), c.RealIP())
		err = d.gate.Ground().Do(c.Request().Context(), holder, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.AnswerLink(ctx, tx, incident.LinkAnswer{Town: seen.Town, RungID: seen.Rung.ID, Promise: d.promised(c), Until: until})
			return err
		})
	}
	switch {
	case err == nil:
		return d.ackAnswered(c)
	case tenants.AsFault(err).Kind == tenants.KindGone, tenants.AsFault(err).Kind == tenants.KindConflict:
		return d.ackShow(c, http.StatusOK, "", view.Form{}) // answered or over meanwhile: the page says which
	}
	return d.again(c, err, func(status int, form view.Form) error { return d.ackShow(c, status, "", form) })
}

// ackAnswered says that the answer was kept; reading it back shows what was kept.
func (d *door) ackAnswered(c echo.Context) error {
	return d.ackShow(c, http.StatusOK, view.AckDone, view.Form{})
}
