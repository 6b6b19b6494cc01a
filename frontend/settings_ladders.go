package frontend

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/town"
)

func (d *door) ladderEdit(c echo.Context) error { return d.ladderForm(c, http.StatusOK, view.Form{}) }

func (d *door) ladderForm(c echo.Context, status int, form view.Form) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	page := view.LadderFormPage{BackURL: settingsURL(of, "contacts"), Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteTown, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		ladders, err := town.Ladders(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, l := range ladders {
			if l.ID != which {
				continue
			}
			page.Name = l.Name
			if form.Action == "" {
				delays := make([]string, len(l.Delays))
				for i, m := range l.Delays {
					delays[i] = strconv.Itoa(m)
				}
				page.Form = filled(settingsURL(of, "ladders")+"/"+strconv.FormatInt(which, 10), "name", l.Name, "delays", strings.Join(delays, ", "),
					"repeat_minutes", strconv.Itoa(l.RepeatMinutes))
			}
			return nil
		}
		return tenants.NotFound()
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.LadderForm.With(f, page) })
}

func (d *door) ladderChange(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteTown, of); err != nil {
			return err
		}
		var v tenants.Invalid
		in := town.LadderInput{Name: c.FormValue("name"), RepeatMinutes: whole(&v, c, "repeat_minutes"), Delays: delays(&v, c.FormValue("delays"))}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := town.ChangeLadder(ctx, tx, of, which, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.ladderForm(c, status, form) })
	}
	return d.done(c, settingsURL(of, "contacts"), "知らせる間隔を変更しました。", "The ladder was changed.")
}

// delays reads minutes that are written one after another, with whatever between them people write there.
func delays(v *tenants.Invalid, text string) []int {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、 　→\t;/", r) })
	out := make([]int, 0, len(parts))
	for _, p := range parts {
		n, ok := number(strings.TrimSuffix(p, "分"))
		if !ok {
			v.Add("delays", "分を数字で、区切って入力してください。例：0, 15, 30", "Enter minutes in digits, such as 0, 15, 30.")
			return nil
		}
		out = append(out, int(n))
	}
	return out
}
