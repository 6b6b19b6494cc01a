package frontend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
)

// build gives the host a server room with a rack and something in it.
func (c *console) build(places ...*place) {
	c.t.Helper()
	c.Do(places[0].admin, func(ctx context.Context, tx *tenants.Tx) error {
		b, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎"})
		if err != nil {
			return err
		}
		a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: b.ID, Kind: "server_room", Name: "サーバ室", PlanRows: 2, PlanPlaces: 6})
		if err != nil {
			return err
		}
		k, err := rack.Add(ctx, tx, rack.Input{AreaID: a.ID, Code: "A-03", PlanRow: 1, PlanPlace: 3, Units: 42, Lock: "前後扉", Fixing: "アンカーボルト", Dedicated: true, CheckMonths: 12})
		if err != nil {
			return err
		}
		e, err := rack.Place(ctx, tx, rack.EquipmentInput{RackID: k.ID, Kind: "storage", Name: "NAS", OwnerID: places[len(places)-1].town, Unit: 10, Units: 2, Face: rack.Both})
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadRack, tx.Actor.TenantID, rack.Kind)
		for _, p := range places {
			p.building, p.area, p.rack, p.thing, p.label = b.ID, a.ID, k.ID, e.ID, labels[k.ID]
		}
		return err
	})
}

// next is a number not given before on this console.
func (c *console) next() int {
	c.made++
	return c.made
}

// Forms of things that may be there once only.
func newBuilding(c *console) url.Values { return form("name", fmt.Sprint("別館", c.next()))(c) }
func newArea(c *console) url.Values     { return areaForm(fmt.Sprint("媒体保管室", c.next()))(c) }
func newThing(c *console) url.Values    { return thingForm(fmt.Sprint(20 + c.next()))(c) }
func newRack(c *console) url.Values {
	n := c.next()
	values := rackForm(fmt.Sprint("B-", n), fmt.Sprint(n))(c)
	values.Set("plan_row", "2")
	return values
}

func areaForm(name string) func(c *console) url.Values {
	return func(c *console) url.Values {
		return form("building_id", fmt.Sprint(c.host.building), "kind", "store", "name", name, "plan_rows", "２", "plan_places", "6")(c)
	}
}

func rackForm(code, at string) func(c *console) url.Values {
	return func(c *console) url.Values {
		return form("area_id", fmt.Sprint(c.host.area), "code", code, "plan_row", "1", "plan_place", at, "units", "42", "lock", "前後扉", "fixing", "アンカーボルト", "check_months", "12")(c)
	}
}

func thingForm(unit string) func(c *console) url.Values {
	return func(c *console) url.Values {
		return form("rack_id", fmt.Sprint(c.host.rack), "kind", "network", "owner", "shared", "name", "スイッチ"+unit, "unit", unit, "units", "1", "face", "front")(c)
	}
}

func TestTheRegisterOfRacksInABrowser(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.as("facility")
	code := c.host.label
	got := b.get("/at?code=" + code[:3] + "－" + code[3:])
	require.Equal(t, http.StatusSeeOther, got.status, "typed in full-width, with a hyphen")
	require.Equal(t, fmt.Sprintf("/racks/%d", c.host.rack), got.location)
	page := b.get(fmt.Sprintf("/racks/%d", c.host.rack)).body
	require.Contains(t, page, "むかわ町 NAS", "whose it is stands in the drawing")

	// Two things in one unit: refused at the field, with what stands there, and nothing typed is lost.
	refused := b.post(fmt.Sprintf("/racks/%d/equipment", c.host.rack), thingForm("11")(c))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "U10〜U11はNASが使っています。")
	require.Contains(t, refused.body, `value="スイッチ11"`)

	// A label that is void says so; the sheet shows the new one with its address.
	require.Equal(t, http.StatusSeeOther, b.post(fmt.Sprintf("/racks/%d/label", c.host.rack), nil).status)
	require.Equal(t, http.StatusGone, b.get("/at/"+code).status)
	sheet := b.get("/racks/labels?sheet=44&skip=3").body
	require.Contains(t, sheet, "ラック A-03")
	require.Contains(t, sheet, `class="qr"`)

	// A town sees its own thing by name in the rack, and nothing of the host's register.
	town := c.as("mukawa")
	require.Contains(t, town.get(fmt.Sprintf("/towns/%d/racks", c.mukawa.town)).body, "NAS")
	require.Equal(t, http.StatusForbidden, town.get("/racks").status)
	require.Equal(t, http.StatusForbidden, town.get("/at/"+c.host.label).status)
}
