package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

const ownUses = 50

// ownSessions is where the person is signed in, and was.
func (d *door) ownSessions(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.UsesPage{Title: d.say(lang, "自分のログイン", "Your sessions"), Lead: d.say(lang, "身に覚えのないものがあれば終わらせて、パスワードを変更してください。",
		"End what you do not recognise, and change your password.")}
	err = d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.OwnUses(ctx, tx, ownUses)
		for _, u := range list {
			page.Rows = append(page.Rows, d.useRow(lang, who, u, "", "/settings/sessions/"+strconv.FormatInt(u.ID, 10)+"/end"))
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Uses.With(f, page) })
}

func (d *door) useRow(lang view.Lang, who tenants.Actor, u people.Use, org, endURL string) view.UseRow {
	ways := map[people.Way][2]string{people.ByPassword: {"パスワード", "password"}, people.ByTOTP: {"パスワードと認証アプリ", "password and app"},
		people.ByRecovery: {"パスワードと回復コード", "password and recovery code"}, people.ByPasskey: {"パスキー", "passkey"}, people.BySSO: {"シングルサインオン", "single sign-on"},
		people.BySSOStrong: {"シングルサインオン（二要素）", "single sign-on with two factors"}, people.BySSOTOTP: {"シングルサインオンと認証アプリ", "single sign-on and app"},
		people.BySSORecovery: {"シングルサインオンと回復コード", "single sign-on and recovery code"}}
	ends := map[string][2]string{"signed_out": {"ログアウト", "signed out"}, "idle": {"操作がないため", "without use"}, "whole": {"時間が過ぎたため", "too long"},
		"revoked": {"終わらされた", "ended"}, "password": {"パスワードの変更", "new password"}}
	row := view.UseRow{Name: u.Name, Login: u.Login, Org: org, BeganAt: u.BeganAt, SeenAt: u.SeenAt, EndedAt: sinceOf(u.EndedAt),
		Way: d.say(lang, ways[u.Way][0], ways[u.Way][1]), Remote: u.Remote, Agent: browserOf(u.Agent), OffHours: u.OffHours, This: u.ID == who.SignIn}
	if u.EndedAt == nil {
		if !row.This {
			row.EndURL = endURL
		}
		return row
	}
	row.Ended = d.say(lang, ends[u.EndedWhy][0], ends[u.EndedWhy][1])
	if u.EndedWhy == "revoked" && u.EndedBy != "" {
		row.Ended += "（" + u.EndedBy + "）"
	}
	return row
}

var browsers = regexp.MustCompile(`(Edg|Firefox|Chrome|Version)/(\d+)`)

// browserOf is a browser as people call it; another program's name stays as it is.
func browserOf(agent string) string {
	m := browsers.FindAllStringSubmatch(agent, -1)
	if len(m) == 0 {
		return agent
	}
	last := m[len(m)-1]
	name := map[string]string{"Edg": "Edge", "Version": "Safari"}[last[1]]
	if name == "" {
		name = last[1]
	}
	on := ""
	for _, s := range []string{"Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"} {
		if strings.Contains(agent, s) {
			on = " / " + s
			break
		}
	}
	return name + " " + last[2] + on
}

func (d *door) ownSessionEnd(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.gate.Home(c, func(ctx context.Context, tx *tenants.Tx) error { return people.EndOwnUse(ctx, tx, which) })
	if err != nil {
		return err
	}
	return d.done(c, "/settings/sessions", "終わらせました。", "The session was ended.")
}

// uses is the record of use (使用者の記録): who was signed in, from when to when, from where.
func (d *door) uses(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	off := c.QueryParam("off") != ""
	page := view.UsesPage{People: true, Title: d.say(lang, "使用の記録", "Record of use"),
		Lead: d.say(lang, "誰が、いつからいつまで、どこから棚守を使ったか。", "Who used Tanamori, from when to when, and from where."),
		Choices: []view.Choice{{Label: d.say(lang, "すべて", "All"), URL: "/settings/uses", Current: !off},
			{Label: d.say(lang, "時間外", "After hours"), URL: "/settings/uses?off=1", Current: off}}}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := people.Uses(ctx, tx, 0, before(c), off, listed)
		if err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i, u := range list {
			ids[i] = u.TenantID
		}
		names, err := townNames(ctx, tx, ids)
		for _, u := range list {
			end := ""
			if who.May(tenants.WriteSignIn, u.TenantID) {
				end = fmt.Sprintf("/settings/uses/%d/%d/end", u.TenantID, u.ID)
			}
			page.Rows = append(page.Rows, d.useRow(lang, who, u, names[u.TenantID], end))
		}
		page.Pages = view.Pages{Shown: len(list), NewerURL: newest(c)}
		if len(list) == listed {
			page.Pages.OlderURL = older(c, list[len(list)-1].ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Uses.With(f, page) })
}

func (d *door) useEnd(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return people.EndUse(ctx, tx, of, which) })
	if err != nil {
		return err
	}
	return d.done(c, "/settings/uses", "終わらせました。", "The session was ended.")
}

// signInPolicy shows what an organisation asks at sign-in: the person's own, or the one they choose.
func (d *door) signInPolicy(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	of := who.TenantID
	if n, err := strconv.ParseInt(c.QueryParam("town"), 10, 64); err == nil {
		of = n
	}
	var p people.Policy
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		p, err = people.PolicyOf(ctx, tx, of)
		return err
	})
	if err != nil {
		return err
	}
	form := filled("", "idle_minutes", strconv.Itoa(p.IdleMinutes), "whole_hours", strconv.Itoa(p.WholeHours), "hours_from", clockOf(p.HoursFrom), "hours_until", clockOf(p.HoursUntil))
	if p.SecondFactor {
		form.Values.Set("second_factor", "on")
	}
	return d.signInPolicyForm(c, http.StatusOK, of, form)
}

func clockOf(minutes int) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }

// minutesOf reads a time of day up to 24:00, in digits of any width; -1 where it is none.
func minutesOf(text string) int {
	h, m, ok := strings.Cut(strings.ReplaceAll(strings.TrimSpace(text), "：", ":"), ":")
	hours, okH := number(h)
	minutes, okM := number(m)
	if !ok || !okH || !okM || hours < 0 || hours > 24 || minutes < 0 || minutes > 59 || hours == 24 && minutes > 0 {
		return -1
	}
	return int(hours*60 + minutes)
}

func (d *door) signInPolicyForm(c echo.Context, status int, of int64, form view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	page := view.SignInPolicyPage{Form: form}
	page.Form.Action = ""
	if who.May(tenants.WriteSignIn, of) {
		page.Form.Action = "/settings/sign-in/" + strconv.FormatInt(of, 10)
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		own, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: own.Name}
		if len(tx.Actor.Towns) > townsShown {
			return nil
		}
		list, err := town.List(ctx, tx)
		for _, t := range list {
			page.Towns = append(page.Towns, view.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.SignInPolicy.With(f, page) })
}

func (d *door) signInPolicySet(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteSignIn, of); err != nil {
			return err
		}
		var v tenants.Invalid
		in := people.Policy{SecondFactor: c.FormValue("second_factor") == "on", IdleMinutes: whole(&v, c, "idle_minutes"), WholeHours: whole(&v, c, "whole_hours"),
			HoursFrom: minutesOf(c.FormValue("hours_from")), HoursUntil: minutesOf(c.FormValue("hours_until"))}
		if err := v.Err(); err != nil {
			return err
		}
		_, err := people.SetPolicy(ctx, tx, of, in)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.signInPolicyForm(c, status, of, form) })
	}
	return d.done(c, "/settings/sign-in?"+url.Values{"town": {strconv.FormatInt(of, 10)}}.Encode(), "変更しました。", "Changed.")
}
