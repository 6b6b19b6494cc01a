package frontend

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// promised is what a form promises: the ready-made words, and what was written beside them.
func (d *door) promised(c echo.Context) string {
	quick := chosen(d.promises(d.lang(c)), c.FormValue("quick"))
	text := strings.TrimSpace(c.FormValue("promise"))
	switch {
	case quick == "":
		return text
	case text == "":
		return quick
	}
	return quick + d.say(d.lang(c), "。", ". ") + text
}

// acknowledge records the answer of whoever is signed in.
func (d *door) acknowledge(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.Acknowledge, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		var v tenants.Invalid
		until := moment(&v, c, "until", t.Location())
		if until.IsZero() && len(v.Fields) == 0 {
			v.Add("until", "いつまでかを入力してください。", "Enter until when.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		_, err = incident.Acknowledge(ctx, tx, incident.AckInput{Town: of, Incident: which, Via: incident.ViaConsole, Promise: d.promised(c), Until: until})
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.incidentForms(c, status, "ack", form) })
	}
	return d.done(c, incidentURL(of, which), "受領を記録しました。約束の時刻まで、次の人への連絡は止まります。", "Recorded. Nobody else is told until the promised time.")
}

// recordCall writes a telephone call down: an answer where there was one, else a line in the course.
func (d *door) recordCall(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	result := c.FormValue("result")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return d.call(ctx, tx, c, of, which, result) })
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error {
			for i, e := range form.Errors { // the room's words for the same fields
				switch e.Field {
				case "occurred_at":
					form.Errors[i].Field = "at"
				case "by":
					form.Errors[i].Field = "promise"
				}
			}
			return d.incidentForms(c, status, "call", form)
		})
	}
	if result != "answered" {
		return d.done(c, incidentURL(of, which), "電話がつながらなかったことを記録しました。連絡は続きます。", "Recorded that nobody answered; telling goes on.")
	}
	return d.done(c, incidentURL(of, which), "電話での受領を記録しました。", "The answer by telephone is recorded.")
}

func (d *door) call(ctx context.Context, tx *tenants.Tx, c echo.Context, of, which int64, result string) error {
	if err := tx.Permit(tenants.RecordCall, of); err != nil {
		return err
	}
	t, err := town.Get(ctx, tx, of)
	if err != nil {
		return err
	}
	var v tenants.Invalid
	in := incident.AckInput{Town: of, Incident: which, Via: incident.ViaPhone, OccurredAt: moment(&v, c, "at", t.Location()), Promise: strings.TrimSpace(c.FormValue("promise"))}
	if in.OccurredAt.IsZero() && len(v.Fields) == 0 {
		v.Add("at", "かけた時刻を入力してください。", "Enter when you called.")
	}
	rung, err := strconv.ParseInt(c.FormValue("rung"), 10, 64)
	if err != nil || rung < 0 {
		v.Add("rung", "かけた相手を選んでください。", "Choose whom you called.")
	}
	said := chosen(d.callResults(view.JA), result)
	if said == "" {
		v.Add("result", "結果を選んでください。", "Choose what came of it.")
	}
	if result == "answered" {
		if in.Until = moment(&v, c, "until", t.Location()); in.Until.IsZero() && c.FormValue("until") == "" {
			v.Add("until", "いつまでかを入力してください。", "Enter until when.")
		}
		if rung == 0 && in.Promise == "" {
			v.Add("promise", "電話に出た方と、相手の話を書いてください。", "Say who answered and what was said.")
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	if result == "answered" {
		if rung > 0 {
			in.RungID = &rung
		} else {
			in.ByText = "電話に出た方"
		}
		_, err = incident.Acknowledge(ctx, tx, in)
		return err
	}
	// Nobody answered: the ladder goes on, and the course says that it was tried. Who may record a call may note.
	seen, err := incident.Get(ctx, tx, of, which)
	if err != nil {
		return err
	}
	whom := ""
	for _, r := range seen.Rungs {
		if r.ID == rung {
			whom = strings.TrimSpace(r.Post + " " + r.Name)
		}
	}
	if whom == "" && rung > 0 {
		return tenants.NotFound()
	}
	text := in.OccurredAt.In(t.Location()).Format("15:04") + " " + strings.TrimSpace(whom+"へ電話") + "：" + said
	if in.Promise != "" {
		text += "。" + in.Promise
	}
	return incident.Note(ctx, tx, incident.NoteInput{Town: of, Incident: which, Text: text})
}

func (d *door) note(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		return incident.Note(ctx, tx, incident.NoteInput{Town: of, Incident: which, Text: c.FormValue("text")})
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.incidentForms(c, status, "note", form) })
	}
	return d.done(c, incidentURL(of, which), "経過に書き足しました。", "The note was added.")
}

// townAndID are the two numbers in the address of most things.
func townAndID(c echo.Context) (of, which int64, err error) {
	if of, err = id(c, "town"); err != nil {
		return 0, 0, err
	}
	which, err = id(c, "id")
	return of, which, err
}

// seeOther leads on without a word.
func seeOther(c echo.Context, to string) error { return c.Redirect(http.StatusSeeOther, to) }
