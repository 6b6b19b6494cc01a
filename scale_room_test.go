package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

// roomThings are what the paths of the server room may name.
var roomThings = []struct{ param, find string }{
	{":rack", `SELECT coalesce(min(id), 0) FROM rack WHERE $1::bigint > 0`}, {":building", `SELECT coalesce(min(id), 0) FROM building WHERE $1::bigint > 0`},
	{":area", `SELECT coalesce(min(id), 0) FROM area WHERE $1::bigint > 0`}, {":equipment", `SELECT coalesce(min(id), 0) FROM equipment WHERE $1::bigint > 0`},
	{":item", `SELECT coalesce(min(id), 0) FROM key_item WHERE $1::bigint > 0`}, {":copy", `SELECT coalesce(min(id), 0) FROM key_copy WHERE $1::bigint > 0`},
	{":loan", `SELECT coalesce(min(id), 0) FROM key_loan WHERE $1::bigint > 0`}, {":cabinet", `SELECT coalesce(min(id), 0) FROM key_cabinet WHERE $1::bigint > 0`},
	{":inventory", `SELECT coalesce(min(id), 0) FROM key_inventory WHERE $1::bigint > 0`}, {":listed", `SELECT coalesce(min(id), 0) FROM room_permit WHERE $1::bigint > 0`},
	{":visit", `SELECT coalesce(min(id), 0) FROM room_visit WHERE $1::bigint > 0`}, {":badge", `SELECT coalesce(min(id), 0) FROM badge WHERE $1::bigint > 0`},
	{":entry", `SELECT coalesce(min(id), 0) FROM room_entry WHERE $1::bigint > 0`}, {":trespass", `SELECT coalesce(max(id), 0) FROM room_entry WHERE $1::bigint > 0`},
}

// roomRoutes give the routes the names that their parameters have.
var roomRoutes = strings.NewReplacer("/racks/:id/equipment", "/racks/:rack/equipment", "/racks/:id/checks", "/racks/:rack/checks", "/keys/copies/:id/inspection", "/keys/copies/:id/:act",
	"/keys/items/:id/copies", "/keys/items/:id/:act",
	"/api/v1/rooms/:id", "/api/v1/rooms/:room_id")

// roomStatements are as statements, of the server room.
var roomStatements = map[string]int{
	"/racks": 10, "/racks/new": 5, "/racks/labels": 10, "/racks/buildings/new": 4, "/racks/buildings/:building": 5, "/racks/areas/new": 5, "/racks/areas/:area": 6,
	"/racks/:rack": 13, "/racks/:rack/edit": 9, "/racks/:rack/equipment/new": 11, "/racks/:rack/checks/new": 9, "/racks/equipment/:equipment": 12, "/towns/:town/racks": 6,
	"/api/v1/buildings": 3, "/api/v1/areas": 3, "/api/v1/racks": 3, "/api/v1/racks/:rack": 7, "/api/v1/equipment/:equipment": 3, "/api/v1/towns/:town/racks": 3,
	"/keys": 12, "/keys/book": 8, "/keys/setting": 6, "/keys/copies/:copy": 15, "/keys/copies/:copy/inspection": 14, "/keys/loans/:loan": 6, "/keys/items/new": 10, "/keys/items/:item": 12,
	"/keys/items/:item/terms": 14, "/keys/items/:item/copies": 10, "/keys/cabinets": 7, "/keys/cabinets/new": 5, "/keys/cabinets/:cabinet": 9, "/keys/cabinets/:cabinet/terms": 8,
	"/keys/cabinets/:cabinet/inventory": 7, "/keys/inventories/:inventory": 6,
	"/api/v1/key-items": 5, "/api/v1/key-items/:item": 7, "/api/v1/key-copies": 4, "/api/v1/key-copies/:copy": 6, "/api/v1/key-requests": 4, "/api/v1/key-loans/:loan": 4,
	"/api/v1/key-cabinets": 4, "/api/v1/key-cabinets/:cabinet": 7, "/api/v1/key-inventories/:inventory": 4, "/api/v1/key-setting": 3,
	"/api/v1/rooms": 3, "/api/v1/rooms/:area": 3, "/api/v1/rooms/:area/entries?from=2026-11-01&until=2026-11-30": 4, "/api/v1/rooms/:area/locks": 4, "/api/v1/room-entries": 4,
	"/api/v1/room-entries/:entry": 4, "/api/v1/room-permits": 4, "/api/v1/visits": 5, "/api/v1/visits/:visit": 5, "/api/v1/badges": 4, "/api/v1/badges/:badge": 5,
	"/rooms": 13, "/rooms/list": 7, "/rooms/list/new": 6, "/rooms/list/:listed/revocation": 6, "/rooms/visits": 7, "/rooms/visits/new": 6, "/rooms/visits/:visit": 9, "/rooms/badges": 6,
	"/rooms/badges/:badge": 10, "/rooms/entries/:entry/exit": 7, "/rooms/entries/:trespass/review": 6, "/rooms/:area": 10, "/rooms/:area/entry": 15, "/rooms/:area/lock": 5, "/rooms/:area/settings": 5,
}

// furnish gives the country's host a server room: a rack for every town, with its servers in it and a label on it.
func furnish(t *testing.T, b *tenantstest.Bench, host int64, towns int) {
	t.Helper()
	b.SQL(`INSERT INTO building (tenant_id, name, created_at) VALUES ($1, '本庁舎', '2026-11-20Z')`, host)
	b.SQL(`INSERT INTO area (tenant_id, building_id, kind, name, plan_rows, plan_places, created_at)
		SELECT tenant_id, id, 'server_room', 'サーバ室', 30, 40, created_at FROM building WHERE tenant_id = $1`, host)
	b.SQL(`INSERT INTO rack (tenant_id, area_id, code, plan_row, plan_place, units, lock, fixing, dedicated, check_months, check_due_on, created_at)
		SELECT a.tenant_id, a.id, 'R-' || t.id, 1 + row_number() OVER (ORDER BY t.id) / 40, 1 + row_number() OVER (ORDER BY t.id) % 40, 42, '前後扉', 'アンカーボルト', true, 12,
			'2027-11-20', a.created_at FROM area a, tenant t WHERE a.tenant_id = $1`, host)
	b.SQL(`INSERT INTO equipment (tenant_id, rack_id, kind, name, owner_id, server_id, unit, units, face, placed_at)
		SELECT k.tenant_id, k.id, 'server', s.name, s.tenant_id, s.id, row_number() OVER (PARTITION BY s.tenant_id ORDER BY s.id), 1, 'both', k.created_at
		FROM server s JOIN rack k ON k.tenant_id = $1 AND k.code = 'R-' || s.tenant_id`, host)
	b.SQL(`INSERT INTO rack_unit (tenant_id, rack_id, face, unit, equipment_id)
		SELECT tenant_id, rack_id, f, unit, id FROM equipment, unnest('{front,rear}'::text[]) f WHERE tenant_id = $1`, host)
	b.SQL(`INSERT INTO rack_view (tenant_id, host_id, rack_id, building, area, code, plan_row, plan_place, units, blocks, changed_at)
		SELECT DISTINCT e.owner_id, k.tenant_id, k.id, '本庁舎', 'サーバ室', k.code, k.plan_row, k.plan_place, k.units, '[]'::jsonb, k.created_at
		FROM rack k JOIN equipment e ON e.tenant_id = k.tenant_id AND e.rack_id = k.id WHERE k.tenant_id = $1`, host)
	b.SQL(`INSERT INTO label (tenant_id, code, kind, object_id, made_at) SELECT tenant_id, lpad(id::text, 6, '0'), 'rack', id, created_at FROM rack WHERE tenant_id = $1`, host)
	admin, facility := b.Person(host, tenants.HostAdmin), b.Person(host, tenants.Facility)
	area, racks := tenantstest.Value[int64](b, `SELECT id FROM area WHERE tenant_id = $1`, host), tenantstest.Value[int64](b, `SELECT min(id) FROM rack WHERE tenant_id = $1`, host)
	b.Do(facility, func(ctx context.Context, tx *tenants.Tx) error {
		cabinet, err := key.AddCabinet(ctx, tx, key.CabinetInput{AreaID: area, Name: "鍵保管庫", Slots: 100, StockMonths: 1})
		require.NoError(t, err)
		item, err := key.AddItem(ctx, tx, key.ItemInput{Kind: key.Metal, Name: "サーバラックの鍵", Racks: []int64{racks}, Authorisers: 1, DueClock: 1020})
		require.NoError(t, err)
		due := tx.Now.Add(time.Hour)
		for n := range towns {
			c, err := key.AddCopy(ctx, tx, item.ID, key.CopyInput{Serial: fmt.Sprintf("K-%d", n), Rank: key.Main, Number: n + 1, CabinetID: cabinet.ID, Slot: n + 1})
			require.NoError(t, err)
			_, err = key.Ask(ctx, tx, c.ID, key.AskInput{Borrower: admin.PersonID, Purpose: "定期保守", DueAt: &due, Approve: n > 0, HandOut: n > 0})
			require.NoError(t, err)
		}
		_, err = key.TakeStock(ctx, tx, cabinet.ID, key.StockInput{Accept: true})
		require.NoError(t, err)
		_, err = room.Grant(ctx, tx, room.PermitInput{AreaID: area, PersonID: admin.PersonID, Document: "蘭住第12号"})
		require.NoError(t, err)
		_, err = room.Enter(ctx, tx, room.EnterInput{AreaID: area, Who: fmt.Sprintf("person:%d", admin.PersonID), Purpose: "巡回点検"})
		require.NoError(t, err)
		for n := range towns {
			v, err := room.Apply(ctx, tx, room.VisitInput{Company: "見本保守", Names: "見本 太郎\n見本 次郎", FromAt: tx.Now, UntilAt: tx.Now.Add(24 * time.Hour), Reason: "障害対応のため",
				Work: "ディスクの交換", Areas: []int64{area}, EscortID: admin.PersonID})
			require.NoError(t, err)
			badge, err := room.AddBadge(ctx, tx, fmt.Sprint("業者", n), "")
			require.NoError(t, err)
			_, err = room.HandOut(ctx, tx, badge.ID, v.Visitors[0].ID, room.When{})
			require.NoError(t, err)
			_, err = room.Enter(ctx, tx, room.EnterInput{AreaID: area, Who: "other", Name: fmt.Sprint("見本 ", n), Org: "見本電気", Purpose: "漏電の調査", Reason: "緊急のため", EscortID: admin.PersonID})
			require.NoError(t, err)
		}
		return nil
	})
}
