package frontend

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
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
