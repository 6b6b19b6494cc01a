package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/morning"
	"tanamori/tenants/town"
)

// spareReaders is how many empty lines the form has besides those that are filled in.
const spareReaders = 2

func readerField(n int, what string) string { return fmt.Sprintf("readers.%d.%s", n, what) }

// morning shows when a town's morning report goes out, and to whom (朝の報告).
func (d *door) morning(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	var s morning.Setting
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		s, err = morning.Get(ctx, tx, of)
		return err
	})
	if err != nil {
		return err
	}
	values := url.Values{"at": {s.Clock()}, "days": {"open"}}
	if s.EveryDay {
		values.Set("days", "every")
	}
	for i, r := range s.Readers {
		values.Set(readerField(i, "name"), r.Name)
		values.Set(readerField(i, "mail"), r.Mail)
	}
	return d.morningForm(c, http.StatusOK, of, view.Form{Values: values})
}

func (d *door) morningForm(c echo.Context, status int, of int64, form view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.MorningPage{Form: form, BackURL: "/settings/towns", EvidenceURL: evidenceURL(of)}
	page.Form.Action = ""
	if who.May(tenants.SetMorning, of) {
		page.Form.Action = settingsURL(of, "morning")
	}
	lang := d.lang(c)
	page.Days = []view.Option{
		{Value: "open", Label: d.say(lang, "開庁日", "Open days"), Help: d.say(lang, "閉庁日の夜の結果は、次の開庁日にまとめて送ります。", "The nights of closed days are told on the next open one.")},
		{Value: "every", Label: d.say(lang, "毎日", "Every day"), Help: d.say(lang, "閉庁日は、知らせることがあるときだけ送ります。", "On a closed day only where there is something to tell.")},
	}
	shown := readersTyped(form.Values)
	if page.Form.Action != "" {
		shown = min(shown+spareReaders, morning.MostReaders)
	}
	for i := range shown {
		page.Readers = append(page.Readers, view.MorningReader{N: i + 1, Name: readerField(i, "name"), Mail: readerField(i, "mail")})
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Morning.With(f, page) })
}

// readersTyped is how many lines there are up to the last one with anything in it.
func readersTyped(values url.Values) int {
	for n := morning.MostReaders; n > 0; n-- {
		if strings.TrimSpace(values.Get(readerField(n-1, "name"))+values.Get(readerField(n-1, "mail"))) != "" {
			return n
		}
	}
	return 0
}

func (d *door) morningSet(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	in := morning.Setting{Minute: -1, EveryDay: c.FormValue("days") == "every"}
	if minute, ok := morning.ParseClock(c.FormValue("at")); ok {
		in.Minute = minute
	}
	for i := range morning.MostReaders {
		in.Readers = append(in.Readers, morning.Reader{Name: c.FormValue(readerField(i, "name")), Mail: c.FormValue(readerField(i, "mail"))})
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := morning.Set(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.morningForm(c, status, of, form) })
	}
	return d.done(c, settingsURL(of, "morning"), "朝の報告の設定を変更しました。", "The morning report was changed.")
}

// readersOf names who gets a town's report, for whoever may know.
func readersOf(ctx context.Context, tx *tenants.Tx, who tenants.Actor, of int64) (string, error) {
	if !who.May(tenants.ReadMorning, of) {
		return "", nil
	}
	s, err := morning.Get(ctx, tx, of)
	names := make([]string, len(s.Readers))
	for i, r := range s.Readers {
		names[i] = r.Name
	}
	return strings.Join(names, "、"), err
}
