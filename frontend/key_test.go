package frontend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/tenantstest"
)

// keyed is the ids of a host's keys.
type keyed struct {
	keyArea, keyRack, keyItem, keyIn, keyOut, keyAsked, keyCabinet, keyCount int64
}

// hang gives a host a cabinet with three copies of a key: one that hangs there, one that is out, one that is asked for.
func (c *console) hang(places ...*place) {
	c.t.Helper()
	admin := places[0].admin
	borrower := tenantstest.Value[int64](c.Bench, `INSERT INTO person (tenant_id, login, name, password_hash, created_at) VALUES ($1, $2, '見本 借受', '', $3) RETURNING id`,
		admin.TenantID, fmt.Sprintf("borrower%d", admin.TenantID), c.Clock.Now())
	c.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) VALUES ($1, $2, 'operator', '操作者', '2026-04-01')`, admin.TenantID, borrower)
	due := c.Clock.Now().Add(30 * 24 * time.Hour)
	var k keyed
	c.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		building, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "鍵の棟"})
		if err != nil {
			return err
		}
		area, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: building.ID, Kind: "server_room", Name: "鍵の部屋", PlanRows: 1, PlanPlaces: 1})
		if err != nil {
			return err
		}
		stand, err := rack.Add(ctx, tx, rack.Input{AreaID: area.ID, Code: "鍵-01", PlanRow: 1, PlanPlace: 1, Units: 42, Lock: "前後扉", Fixing: "アンカー", Dedicated: true, CheckMonths: 6})
		if err != nil {
			return err
		}
		k.keyArea, k.keyRack = area.ID, stand.ID
		cabinet, err := key.AddCabinet(ctx, tx, key.CabinetInput{AreaID: area.ID, Name: "鍵保管庫", Slots: 20, StockMonths: 1})
		if err != nil {
			return err
		}
		item, err := key.AddItem(ctx, tx, key.ItemInput{Kind: key.Metal, Name: "サーバラックの鍵", Racks: []int64{stand.ID}, Authorisers: 1, DueClock: 1020})
		if err != nil {
			return err
		}
		k.keyCabinet, k.keyItem = cabinet.ID, item.ID
		var asked int64
		for n, id := range []*int64{&k.keyIn, &k.keyOut, &asked} {
			made, err := key.AddCopy(ctx, tx, item.ID, key.CopyInput{Serial: fmt.Sprintf("K-%d", n), Rank: key.Main, Number: n + 1, CabinetID: cabinet.ID, Slot: n + 1})
			if err != nil {
				return err
			}
			*id = made.ID
		}
		in := key.AskInput{Borrower: borrower, Purpose: "定期保守", DueAt: &due}
		l, err := key.Ask(ctx, tx, asked, in)
		if err != nil {
			return err
		}
		k.keyAsked = l.ID
		in.Approve, in.HandOut = true, true
		if _, err := key.Ask(ctx, tx, k.keyOut, in); err != nil {
			return err
		}
		n, err := key.TakeStock(ctx, tx, cabinet.ID, key.StockInput{Accept: true})
		k.keyCount = n.ID
		return err
	})
	for _, p := range places {
		p.keyed = k
	}
}

func (c *console) keyLabel(id int64) (code string) {
	c.Do(c.host.admin, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, key.Kind)
		code = all[id]
		return err
	})
	return code
}

// A key is asked for by the facility manager, whose own agreement is refused in words; the administrator agrees, the key goes out and
// comes back, and the loan book has its line.
func TestAKeyIsBorrowedAndReturnedOnPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	facility, admin, auditor := c.as("facility"), c.as("admin"), c.as("auditor")
	base := fmt.Sprintf("/keys/copies/%d", c.host.keyIn)
	require.Contains(t, facility.get("/keys").body, base+"/loan")
	require.Contains(t, facility.get(base+"/loan").body, "使用目的")
	ask := url.Values{"borrower_id": {fmt.Sprint(c.people["facility"])}, "purpose": {"<b>ディスク交換</b>"}, "work": {"作業票3"}, "due": {"after"}, "due_hours": {"０．５時"}}
	got := facility.post(base+"/loan", ask)
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, `href="#f-due_hours"`)
	require.Contains(t, got.body, "&lt;b&gt;ディスク交換&lt;/b&gt;", "nothing typed is lost")
	ask.Set("due_hours", "０．５")
	got = facility.post(base+"/loan", ask)
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	loan := got.header.Get("Location")
	require.True(t, strings.HasPrefix(loan, "/keys/loans/"), loan)
	page := facility.get(loan).body
	require.Contains(t, page, "借りる本人は承認できません")
	require.NotContains(t, page, loan+"/approval")
	got = facility.post(loan+"/approval", nil)
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, "別の職としてもできません")
	require.Contains(t, admin.get(loan).body, loan+"/approval")
	require.Equal(t, http.StatusSeeOther, admin.post(loan+"/approval", nil).status)
	require.Equal(t, http.StatusSeeOther, facility.post(loan+"/handout", nil).status)
	got = facility.post(loan+"/handout", nil)
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, "に貸し出されています")

	require.Contains(t, auditor.get(base).body, "貸出中")
	require.NotContains(t, auditor.get(base).body, base+"/return")
	require.Equal(t, http.StatusSeeOther, facility.post(base+"/return", url.Values{"occurred_at": {"2026-11-21T07:30"}}).status)
	got = facility.post(base+"/return", url.Values{"occurred_at": {"2026-11-21T07:30"}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, "貸し出されていません")
	book := auditor.get("/keys/book").body
	require.Contains(t, book, "作業票3")
	require.Contains(t, book, `class="seals"`)
	file := auditor.get("/keys/book/export?month=2026-11")
	require.Equal(t, "text/csv; charset=utf-8", file.header.Get("Content-Type"))
	require.Contains(t, file.body, "作業票3")
	require.NotContains(t, c.as("mukawa").get("/settings").body, `href="/keys"`)
	for _, path := range []string{fmt.Sprintf("/keys/copies/%d", c.foreign.keyIn), fmt.Sprintf("/keys/items/%d", c.foreign.keyItem), fmt.Sprintf("/keys/cabinets/%d", c.foreign.keyCabinet), fmt.Sprintf("/keys/loans/%d", c.foreign.keyAsked)} {
		require.Equal(t, http.StatusNotFound, admin.get(path).status, path)
	}
}

// A count that differs is shown before it is kept; the key that nobody has is lost from there, and found again.
func TestAKeyIsCountedLostAndFoundOnPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	facility := c.as("facility")
	count := fmt.Sprintf("/keys/cabinets/%d/inventory", c.host.keyCabinet)
	require.Contains(t, facility.get(count).body, "いま2本がかかっているはずです")
	got := facility.post(count, url.Values{"codes": {"999"}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, "使用中の鍵のラベルではありません：999")
	codes := label.Shown(c.keyLabel(c.host.keyOut))
	got = facility.post(count, url.Values{"codes": {codes}})
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.body, "サーバラックの鍵 正1が見当たらない")
	require.Contains(t, got.body, codes, "what was read stays")
	got = facility.post(count, url.Values{"codes": {codes}, "accept": {"on"}})
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	loss := fmt.Sprintf("/keys/copies/%d/loss", c.host.keyIn)
	require.Contains(t, facility.get(got.header.Get("Location")).body, loss)
	require.Equal(t, http.StatusUnprocessableEntity, facility.post(loss, url.Values{"occurred_at": {"2026-11-21T07:30"}}).status)
	require.Equal(t, http.StatusSeeOther, facility.post(loss, url.Values{"occurred_at": {"2026-11-21T07:30"}, "reason": {"棚卸で不明"}}).status)
	require.Contains(t, facility.get("/keys").body, "紛失 1本")
	require.NotContains(t, facility.get(got.header.Get("Location")).body, loss)
	require.Equal(t, http.StatusSeeOther, facility.post(fmt.Sprintf("/keys/copies/%d/finding", c.host.keyIn), url.Values{"occurred_at": {"2026-11-21T07:30"}, "reason": {"引出しにあった"}}).status)
	require.NotContains(t, facility.get("/keys").body, "紛失 1本")

	// What is registered: a key of the cabinet with a copy, a new cylinder.
	got = facility.post("/keys/items", url.Values{"kind": {"key"}, "name": {"保管庫の鍵"}, "authorisers": {"１"}, "due_clock": {"１７：００"}, "opens": {fmt.Sprintf("cabinet:%d", c.host.keyCabinet)}, "excludes": {fmt.Sprint(c.host.keyItem)}})
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	item := got.header.Get("Location")
	require.Contains(t, facility.get(item).body, "サーバラックの鍵")
	require.Contains(t, facility.get(item+"/terms").body, "checked")
	got = facility.post(item+"/copies", url.Values{"serial": {"C-1"}, "rank": {"spare"}, "number": {"1"}, "cabinet_id": {fmt.Sprint(c.host.keyCabinet)}, "slot": {"１０"}, "occurred_at": {"2026-11-21T07:30"}})
	require.Equal(t, http.StatusSeeOther, got.status, excerpt(got.body))
	require.Equal(t, http.StatusUnprocessableEntity, facility.post(item+"/cylinder", url.Values{"occurred_at": {"2026-11-21T07:30"}}).status)
	require.Equal(t, http.StatusSeeOther, facility.post(item+"/cylinder", url.Values{"occurred_at": {"2026-11-21T07:30"}, "by": {"見本錠前店"}, "reason": {"更新"}}).status)
	require.Contains(t, facility.get(item).body, "2代目")
	require.Equal(t, http.StatusSeeOther, facility.post(item+"/retirement", nil).status)
}
