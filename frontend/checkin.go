package frontend

import (
	"context"
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
)

// checkIn is where a plan's machine says what it does, and how: for those who may know the address.
func (d *door) checkIn(lang view.Lang, who tenants.Actor, r planRead, base string) *view.CheckIn {
	root := strings.TrimRight(d.BaseURL, "/") + "/ping/"
	in := &view.CheckIn{URL: root + r.plan.UUID, Snippets: recipes(lang, root+r.plan.UUID)}
	if r.town.PingKey != "" && r.plan.Slug != "" {
		in.SlugURL = root + r.town.PingKey + "/" + r.plan.Slug
	}
	if len(r.checkins) > 0 {
		last := r.checkins[0]
		in.LastAt, in.LastKind = last.At, d.checkinWord(lang, last)
	}
	if who.May(tenants.WritePlan, r.town.ID) {
		in.Rotate = base + "/uuid"
	}
	return in
}

func (d *door) checkinWord(lang view.Lang, last checkin.Checkin) string {
	switch last.Kind {
	case checkin.Start:
		return d.say(lang, "開始", "start")
	case checkin.Success:
		return d.say(lang, "正常終了", "success")
	case checkin.Fail:
		if last.ExitStatus != nil {
			return fmt.Sprintf(d.say(lang, "失敗（終了コード %d）", "failure (exit status %d)"), *last.ExitStatus)
		}
		return d.say(lang, "失敗", "failure")
	case checkin.Log:
		return d.say(lang, "記録", "log")
	}
	return string(last.Kind)
}

// recipes are ways to report to an address, to be copied.
func recipes(lang view.Lang, at string) []view.Snippet {
	return []view.Snippet{
		{Name: lang.Tr("tanamori report（大きさとハッシュ値も送る）", "tanamori report (sends size and hash too)"),
			Text: "export TANAMORI_PING_URL=" + at + "\ntanamori report --start koseki.dump -- pg_dump -Fc -f koseki.dump koseki\n"},
		{Name: "curl", Text: "curl -fsS -m 10 --retry 5 " + at + "/start\n" +
			"./backup.sh; status=$?\n" + "curl -fsS -m 10 --retry 5 " + at + "/$status\n"},
		{Name: "cron", Text: "0 2 * * * curl -fsS -m 10 --retry 5 " + at + "/start; /usr/local/bin/backup.sh; curl -fsS -m 10 --retry 5 " + at + "/$?\n"},
		{Name: "PowerShell", Text: "$url = \"" + at + "\"\nInvoke-RestMethod -Uri \"$url/start\" -TimeoutSec 10\n& C:\\backup\\backup.ps1\n" +
			"Invoke-RestMethod -Uri \"$url/$LASTEXITCODE\" -TimeoutSec 10\n"},
		{Name: "restic", Text: "curl -fsS -m 10 --retry 5 " + at + "/start\n" +
			"restic backup --json /srv/koseki > /tmp/restic.log 2>&1; status=$?\n" +
			"tail -n 1 /tmp/restic.log | curl -fsS -m 10 --retry 5 --data-binary @- " + at + "/$status\n"},
		{Name: "borgmatic", Text: "healthchecks:\n    ping_url: " + at + "\n    send_logs: true\n    states:\n        - start\n        - finish\n        - fail\n"},
	}
}

// rotateUUID gives the plan another address to check in at.
func (d *door) rotateUUID(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		p, err := backup.GetPlan(ctx, tx, of, which)
		if err != nil {
			return err
		}
		_, err = checkin.RotateUUID(ctx, tx, of, *p.SourceID)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, planURL(of, which)+"#ping-head", "宛先を新しくしました。機械の設定も変えてください。", "The address is a new one. Change the machine's settings too.")
}
