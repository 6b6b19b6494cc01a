package frontend

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// refused is a form as it was typed, with what is wrong at each field in the reader's language.
func (d *door) refused(c echo.Context, f *tenants.Fault) view.Form {
	lang := string(d.lang(c))
	form := view.Form{Action: c.Request().URL.Path, Values: url.Values{}}
	if values, err := c.FormParams(); err == nil {
		for k, v := range values {
			form.Values[k] = append([]string(nil), v...)
		}
	}
	for _, x := range f.Fields {
		form.Errors = append(form.Errors, view.FieldError{Field: x.Field, Message: x.Message(lang)})
	}
	if len(f.Fields) == 0 {
		form.Fault = f.Message(lang)
	}
	return form
}

// again shows a refused form once more; any other error is the fault page's.
func (d *door) again(c echo.Context, err error, show func(status int, form view.Form) error) error {
	f := tenants.AsFault(err)
	if f.Kind != tenants.KindInvalid && f.Kind != tenants.KindConflict {
		return err
	}
	return show(http.StatusUnprocessableEntity, d.refused(c, f))
}

// done leads on after an act, with a line that says so.
func (d *door) done(c echo.Context, to, ja, en string) error {
	d.gate.Flash(c, view.FlashOK, d.say(d.lang(c), ja, en))
	return c.Redirect(http.StatusSeeOther, to)
}

// id reads a path parameter; what is no number is not found.
func id(c echo.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, tenants.NotFound()
	}
	return n, nil
}

// whole reads a number from a form: digits of any width, with or without separators. What is none is a field's fault.
func whole(v *tenants.Invalid, c echo.Context, field string) int {
	n, ok := number(c.FormValue(field))
	if !ok {
		v.Add(field, "数字で入力してください。", "Enter a number.")
	}
	return int(n)
}

// optional reads a number that may be left empty.
func optional(v *tenants.Invalid, c echo.Context, field string) *int64 {
	if strings.TrimSpace(c.FormValue(field)) == "" {
		return nil
	}
	n, ok := number(c.FormValue(field))
	if !ok {
		v.Add(field, "数字で入力してください。", "Enter a number.")
		return nil
	}
	return &n
}

func number(s string) (int64, bool) {
	s = strings.NewReplacer(",", "", "，", "", " ", "", "　", "").Replace(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, s))
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// day reads a date as people type it; left empty it is no date, which the room judges.
func day(v *tenants.Invalid, c echo.Context, field string) calendar.Date {
	text := strings.TrimSpace(c.FormValue(field))
	if text == "" {
		return calendar.Date{}
	}
	date, err := calendar.ParseInput(text)
	var wrong *calendar.InputError
	if errors.As(err, &wrong) {
		v.Add(field, wrong.Ja, wrong.En)
	} else if err != nil {
		v.Add(field, "日付として読めません。", "This is not a date.")
	}
	return date
}

// optionalDay is day, nil where nothing was typed.
func optionalDay(v *tenants.Invalid, c echo.Context, field string) *calendar.Date {
	date := day(v, c, field)
	if date.IsZero() {
		return nil
	}
	return &date
}

// minutes is how browsers write a date and a time of day.
const minutes = "2006-01-02T15:04"

// moment reads a date and time of day in a zone; left empty it is the zero time.
func moment(v *tenants.Invalid, c echo.Context, field string, zone *time.Location) time.Time {
	text := strings.TrimSpace(c.FormValue(field))
	if text == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(minutes, text, zone)
	if err != nil {
		v.Add(field, "日付と時刻を入力してください。", "Enter a date and a time.")
	}
	return t
}

// filled is a form's values from name–value pairs.
func filled(action string, pairs ...string) view.Form {
	form := view.Form{Action: action, Values: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Values.Set(pairs[i], pairs[i+1])
	}
	return form
}

// older is the address of a list's next page: the same question, before the given id.
func older(c echo.Context, before int64) string {
	q := c.Request().URL.Query()
	q.Set("before", strconv.FormatInt(before, 10))
	return c.Request().URL.Path + "?" + q.Encode()
}

// newest is the address of a list's first page where this is a later one, else empty.
func newest(c echo.Context) string {
	q := c.Request().URL.Query()
	if q.Get("before") == "" {
		return ""
	}
	q.Del("before")
	if len(q) == 0 {
		return c.Request().URL.Path
	}
	return c.Request().URL.Path + "?" + q.Encode()
}

// before reads the cursor of a list; what is none is the first page.
func before(c echo.Context) int64 {
	n, err := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
