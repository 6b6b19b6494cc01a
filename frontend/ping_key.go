package frontend

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/town"
)

// pingKey shows a town's key for check-ins by slug to whoever may read check-in addresses.
func (d *door) pingKey(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	page := view.PingKeyPage{BackURL: "/settings/towns"}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ReadPingURL, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town, page.Key = view.Link{Text: t.Name, URL: townURL(of)}, t.PingKey
		page.Address = strings.TrimRight(d.BaseURL, "/") + "/ping/" + t.PingKey + "/" + d.say(d.lang(c), "宛先の名前", "slug")
		if tx.Actor.May(tenants.WritePlan, of) {
			page.RotateURL = settingsURL(of, "ping-key")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.PingKey.With(f, page) })
}

func (d *door) pingKeyRotate(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.RotatePingKey(ctx, tx, of)
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, settingsURL(of, "ping-key"), "申告の鍵を新しくしました。機械の設定も書き換えてください。", "The town has a new key. The machines' settings must follow.")
}
