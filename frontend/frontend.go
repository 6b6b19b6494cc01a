// Package frontend is the page door: it parses what a browser sends, calls one act, and shows a page. Every route stands
// in routes.go; a ledger's pages stand in a file of their own.
package frontend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/api/gate"
	"tanamori/frontend/assets"
	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/town"
)

// Config is what the pages need besides the gate.
type Config struct {
	Bell      *tenants.Bell
	BaseURL   string         // as people open the console
	Zone      *time.Location // where no town has its own
	MailReady bool           // a mail server is set; otherwise the pages say that nothing leaves
	Mailbox   Mailbox        // the demonstration's; nil where there is none
}

// Mailbox shows the mails that a demonstration's own server took in, newest first.
type Mailbox func(limit int) ([]MailboxMail, error)

// MailboxMail is one of them.
type MailboxMail struct {
	ID, From, To, Subject, MessageID, Text string
	At                                     time.Time
}

type door struct {
	Config
	gate  *gate.Gate
	views *view.Engine
}

// Mount puts every page on the server.
func Mount(e *echo.Echo, g *gate.Gate, c Config) error {
	built, err := assets.Load()
	if err != nil {
		return err
	}
	views, err := view.New(view.Options{Zone: c.Zone, Asset: built.Path})
	if err != nil {
		return fmt.Errorf("mount pages: %w", err)
	}
	d := &door{Config: c, gate: g, views: views}
	e.GET("/assets/*", echo.WrapHandler(http.StripPrefix("/assets", built.Handler())))
	d.routes(e.Group("", gate.AnswersBy(d.fault), g.Outside, g.Session, gate.Passive(passive...), inside, d.confirmFirst, d.rulesFirst))
	return nil
}

// body is the largest form a page takes.
const body = 1 << 20

// keySession marks a request whose session was loaded: what is refused before that has none to ask.
const keySession = "frontend.session"

// arriving is how long a form may take to arrive.
const arriving = time.Minute

// inside limits what a form may send and how slowly, takes what stands both in the body and in the address from the body
// alone, and marks that there is a session from here on.
func inside(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(keySession, true)
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, body)
		if r.Method != http.MethodPost {
			return next(c)
		}
		_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(arriving)) // a writer that cannot has none to wait for
		var long *http.MaxBytesError
		if err := r.ParseForm(); errors.As(err, &long) {
			return echo.ErrStatusRequestEntityTooLarge
		}
		maps.Copy(r.Form, r.PostForm)
		return next(c)
	}
}

// act runs fn in one transaction as whoever is signed in.
func (d *door) act(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	return d.gate.Do(c, fn)
}

// who is the signed-in person; pages that nobody signs in for get the zero Actor.
func (d *door) who(c echo.Context) (tenants.Actor, bool) {
	a, err := d.gate.Who(c)
	return a, err == nil
}

// show renders a page in the reader's language inside its frame, which is made here and nowhere else.
func (d *door) show(c echo.Context, status int, page func(view.Frame) view.Page) error {
	f, err := d.frame(c)
	if err != nil {
		return err
	}
	return d.views.Write(c.Response(), status, page(f))
}

func (d *door) lang(c echo.Context) view.Lang {
	fallback := "ja"
	if strings.HasPrefix(c.Request().Header.Get("Accept-Language"), "en") {
		fallback = "en"
	}
	if c.Get(keySession) == nil {
		return view.ParseLang(fallback)
	}
	if a, ok := d.who(c); ok {
		fallback = a.Lang
	}
	return view.ParseLang(d.gate.Lang(c, fallback))
}

func (d *door) frame(c echo.Context) (view.Frame, error) {
	f := view.Frame{Lang: d.lang(c), Zone: d.Zone, Now: d.gate.Ground().Now(), Path: c.Request().URL.RequestURI(), Home: "/",
		LangURL: "/lang?" + url.Values{"next": {c.Request().URL.RequestURI()}}.Encode()}
	if kind, text, ok := d.gate.TakeFlash(c); ok {
		f.Flash = []view.Flash{{Kind: kind, Text: text}}
	}
	a, ok := d.who(c)
	if !ok {
		return f, nil
	}
	f.SessionLeft = d.left(a)
	if a.Owes != "" { // no menu before that is done
		f.SignOutURL = "/signout"
		return f, nil
	}
	err := d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
		info, err := town.Consortium(ctx, tx)
		if err != nil {
			return err
		}
		f.Host = info.Name
		if info.Demo {
			f.Demo = d.say(f.Lang, "これは実演です。団体名のほかは架空のもので、メールはこの機械の外へ出ません。",
				"This is a demonstration: but for the towns' names everything is made up, and no mail leaves this machine.")
		}
		own, err := town.Get(ctx, tx, a.TenantID)
		if err != nil {
			return err
		}
		ja, en := tenants.PostLabel(a.Posts[0])
		f.Zone = own.Location()
		f.Who = &view.Who{Name: a.Name, Post: d.say(f.Lang, ja, en), Org: strings.TrimSpace(own.Name + " " + a.Title)}
		return nil
	})
	if err != nil {
		return f, err
	}
	f.SignOutURL = "/signout"
	f.Nav = d.nav(a, f.Lang)
	return f, nil
}

// say is the text in the page's language.
func (d *door) say(l view.Lang, ja, en string) string {
	if l == view.EN {
		return en
	}
	return ja
}

// nav is what this person may open.
func (d *door) nav(a tenants.Actor, l view.Lang) []view.NavItem {
	var items []view.NavItem
	add := func(may bool, key, ja, en, to string) {
		if may {
			items = append(items, view.NavItem{Key: key, Label: d.say(l, ja, en), URL: to})
		}
	}
	add(a.May(tenants.ReadBoard) && several(a), view.SectionBoard, "朝の確認", "Morning check", "/board")
	add(a.May(tenants.ReadBoard) && !several(a), view.SectionBoard, "わが町の状況", "Our state", "/board")
	add(a.May(tenants.ReadIncident), view.SectionIncident, "障害", "Incidents", "/incidents")
	add(a.May(tenants.ReadTown) && several(a), view.SectionTown, "団体", "Towns", "/towns")
	add(a.May(tenants.ReadTown) && !several(a), view.SectionTown, "わが町", "Our town", townURL(ownTown(a)))
	add(a.May(tenants.ReadRack), view.SectionRoom, "サーバ室", "Server room", racksURL)
	add(a.May(tenants.ReadOutbox), view.SectionOutbox, "送信箱", "Outbox", "/outbox")
	add(a.May(tenants.ReadTownLog), view.SectionLog, "操作履歴", "Operation log", "/log")
	add(true, view.SectionSettings, "設定", "Settings", "/settings")
	add(d.Mailbox != nil && a.IsHost(), view.SectionMailbox, "実演の受信箱", "Demo mailbox", "/demo/mailbox")
	return items
}

// fault shows what went wrong as a page; who is not signed in is asked to, and comes back here afterwards.
func (d *door) fault(c echo.Context, f *tenants.Fault, status int) {
	var err error
	lang := d.lang(c)
	if f.Kind == tenants.KindHeld && c.Get(keySession) != nil {
		d.gate.Flash(c, view.FlashInfo, f.Message(string(lang)))
		if err := c.Redirect(http.StatusSeeOther, "/proposals"); err == nil {
			return
		}
	}
	if f.Owed != "" && c.Get(keySession) != nil {
		if err = d.firstThings(c, f); err == nil {
			return
		}
		d.gate.Log().WarnContext(c.Request().Context(), "cannot lead to what is owed", "error", err)
	}
	if status == http.StatusUnauthorized && c.Get(keySession) != nil && f.Ja != gate.Nobody().Ja {
		d.gate.Flash(c, flashNotice, f.Message(string(lang)))
	}
	switch {
	case status == http.StatusUnauthorized && c.Request().Header.Get("HX-Request") != "":
		c.Response().Header().Set("HX-Redirect", signInURL(c))
		err = c.NoContent(http.StatusUnauthorized)
	case status == http.StatusUnauthorized:
		err = c.Redirect(http.StatusSeeOther, signInURL(c))
	default:
		page := view.ErrorPage{Status: status, Message: f.Message(string(lang)), Request: gate.RequestID(c), BackURL: "/"}
		if status == http.StatusServiceUnavailable {
			page.Retry = 5 * time.Second
		}
		if status == http.StatusNotFound {
			page.Message = "" // the page says it better
		}
		frame := view.Frame{Lang: lang, Zone: d.Zone, Now: d.gate.Ground().Now(), Home: "/", Path: c.Request().URL.RequestURI()}
		if status < http.StatusInternalServerError && c.Get(keySession) != nil {
			if whole, err := d.frame(c); err == nil { // with the menu, for whoever has one
				frame = whole
			}
		}
		err = d.views.Write(c.Response(), status, view.Error.With(frame, page))
	}
	if err != nil {
		d.gate.Log().WarnContext(c.Request().Context(), "cannot answer a fault", "error", err)
	}
}

func signInURL(c echo.Context) string {
	next := "/"
	if c.Request().Method == http.MethodGet {
		next = c.Request().URL.RequestURI()
	}
	return "/signin?" + url.Values{"next": {next}}.Encode()
}

// firstThings leads to what a signed-in person has to do before what they asked for.
func (d *door) firstThings(c echo.Context, f *tenants.Fault) error {
	to := map[tenants.Owed]string{tenants.OwesPassword: "/settings/password", tenants.OwesFactor: factorsURL}[f.Owed]
	switch {
	case c.Request().Header.Get("HX-Request") != "":
		if to == "" {
			to = "/confirm"
		}
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusForbidden)
	case f.Owed == tenants.OwesAnyway:
		return d.anywayForm(c, f)
	case to == "":
		return d.confirmForm(c, http.StatusForbidden, view.Form{}, f.Owed == tenants.OwesBoth)
	}
	lang := d.lang(c)
	d.gate.Flash(c, view.FlashInfo, f.Message(string(lang)))
	return c.Redirect(http.StatusSeeOther, to)
}
