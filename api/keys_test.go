package api_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/rack"
)

// keyed is the ids of a host's keys: a kind of key, one without copies, copies that are in, out and lost, requests that wait and are
// agreed to, a cabinet with keys and an empty one, a count.
type keyed struct {
	Area, Rack, Item, BareItem, In, Out, Lost, Asked, Ready, Cabinet, BareCabinet, Count int64
}

// hang gives a host its keys. Whoever borrows is the operator, whoever agrees the administrator.
func (w *world) hang(admin, operator tenants.Actor) (k keyed) {
	w.t.Helper()
	due := w.Clock.Now().Add(3 * time.Hour)
	ask := key.AskInput{Borrower: operator.PersonID, Purpose: "定期保守", DueAt: &due}
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
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
		k.Area, k.Rack = area.ID, stand.ID
		for name, id := range map[string]*int64{"鍵保管庫": &k.Cabinet, "空の保管庫": &k.BareCabinet} {
			c, err := key.AddCabinet(ctx, tx, key.CabinetInput{AreaID: area.ID, Name: name, Slots: 20, StockMonths: 1})
			if err != nil {
				return err
			}
			*id = c.ID
		}
		for name, id := range map[string]*int64{"サーバラックの鍵": &k.Item, "予備の鍵": &k.BareItem} {
			i, err := key.AddItem(ctx, tx, key.ItemInput{Kind: key.Metal, Name: name, Racks: []int64{stand.ID}, Authorisers: 1, DueClock: 1020})
			if err != nil {
				return err
			}
			*id = i.ID
		}
		var asked, ready int64
		for n, id := range []*int64{&k.In, &k.Out, &k.Lost, &asked, &ready} {
			c, err := key.AddCopy(ctx, tx, k.Item, key.CopyInput{Serial: fmt.Sprintf("K-%d", n), Rank: key.Main, Number: n + 1, CabinetID: k.Cabinet, Slot: n + 1})
			if err != nil {
				return err
			}
			*id = c.ID
		}
		if _, err := key.Lose(ctx, tx, k.Lost, key.Happened{Reason: "見当たらない"}); err != nil {
			return err
		}
		for _, x := range []struct {
			copy          int64
			approve, hand bool
			to            *int64
		}{{k.Out, true, true, new(int64)}, {asked, false, false, &k.Asked}, {ready, true, false, &k.Ready}} {
			in := ask
			in.Approve, in.HandOut = x.approve, x.hand
			l, err := key.Ask(ctx, tx, x.copy, in)
			if err != nil {
				return err
			}
			*x.to = l.ID
		}
		n, err := key.TakeStock(ctx, tx, k.Cabinet, key.StockInput{Accept: true})
		k.Count = n.ID
		return err
	})
	return k
}

// ownRequest is a request that the person has made.
func (w *world) ownRequest(post tenants.Post) (id int64) {
	w.t.Helper()
	w.Do(w.people[post], func(ctx context.Context, tx *tenants.Tx) error {
		hour := 60
		l, err := key.Ask(ctx, tx, w.home.In, key.AskInput{Purpose: "点検", DueMinutes: &hour})
		id = l.ID
		return err
	})
	return id
}

func ofKey(format string, id func(p place) int64) sample {
	return sample{path: func(p place) string { return fmt.Sprintf(format, id(p)) }}
}

var (
	keyItem   = func(p place) int64 { return p.Item }
	keyIn     = func(p place) int64 { return p.In }
	keyOut    = func(p place) int64 { return p.Out }
	because   = object{"reason": "見本の理由"}
	keySample = map[string]sample{
		"list-key-items": fixed("/key-items"),
		"add-key-item": fixed("/key-items").with(func(p place) any {
			return object{"name": "媒体ラックの鍵", "racks": []int64{p.Rack}, "excludes": []int64{p.Item}, "authorisers": 1}
		}),
		"get-key-item":    ofKey("/key-items/%d", keyItem),
		"change-key-item": ofKey("/key-items/%d", func(p place) int64 { return p.BareItem }).with(func(p place) any { return object{"name": "予備", "areas": []int64{p.Area}, "due_minutes": 120} }),
		"retire-key-item": ofKey("/key-items/%d/retirement", func(p place) int64 { return p.BareItem }),
		"add-key-copy": ofKey("/key-items/%d/copies", keyItem).with(func(p place) any {
			return object{"serial": "K-90", "rank": "spare", "number": 1, "cabinet_id": p.Cabinet, "slot": 19}
		}),
		"change-key-cylinder": ofKey("/key-items/%d/cylinder-changes", keyItem).with(always(object{"by": "見本錠前店", "reason": "紛失のため"})),
		"list-key-copies":     fixed("/key-copies"),
		"get-key-copy":        ofKey("/key-copies/%d", keyOut),
		"place-key":           ofKey("/key-copies/%d/place", keyIn).with(func(p place) any { return object{"cabinet_id": p.BareCabinet, "slot": 2} }),
		"relabel-key":         ofKey("/key-copies/%d/labels", keyIn),
		"ask-for-key":         ofKey("/key-copies/%d/requests", keyIn).with(always(object{"purpose": "定期保守", "due_minutes": 120})),
		"return-key":          ofKey("/key-copies/%d/returns", keyOut).with(always(object{})),
		"extend-key":          ofKey("/key-copies/%d/extensions", keyOut).with(always(object{"due_minutes": 600, "reason": "部品待ち"})),
		"inspect-key":         ofKey("/key-copies/%d/inspections", keyIn).with(always(because)),
		"lose-key":            ofKey("/key-copies/%d/losses", keyOut).with(always(because)),
		"find-key":            ofKey("/key-copies/%d/findings", func(p place) int64 { return p.Lost }).with(always(because)),
		"retire-key":          ofKey("/key-copies/%d/retirement", keyIn).with(always(because)),
		"list-key-requests":   fixed("/key-requests"),
		"export-key-loans":    fixed("/key-loans/export?from=2026-11-01&to=2026-12-31"),
		"get-key-loan":        ofKey("/key-loans/%d", func(p place) int64 { return p.Asked }),
		"approve-key-loan":    ofKey("/key-loans/%d/approvals", func(p place) int64 { return p.Asked }),
		"refuse-key-loan":     ofKey("/key-loans/%d/refusal", func(p place) int64 { return p.Asked }).with(always(because)),
		"withdraw-key-loan":   ofKey("/key-loans/%d/withdrawal", func(p place) int64 { return p.Asked }),
		"hand-out-key":        ofKey("/key-loans/%d/handout", func(p place) int64 { return p.Ready }).with(always(object{})),
		"list-key-cabinets":   fixed("/key-cabinets"),
		"add-key-cabinet":     fixed("/key-cabinets").with(func(p place) any { return object{"area_id": p.Area, "name": "副保管庫", "slots": 10} }),
		"get-key-cabinet":     ofKey("/key-cabinets/%d", func(p place) int64 { return p.Cabinet }),
		"change-key-cabinet":  ofKey("/key-cabinets/%d", func(p place) int64 { return p.Cabinet }).with(func(p place) any { return object{"area_id": p.Area, "name": "鍵保管庫1", "slots": 30} }),
		"retire-key-cabinet":  ofKey("/key-cabinets/%d/retirement", func(p place) int64 { return p.BareCabinet }),
		"take-key-stock":      ofKey("/key-cabinets/%d/inventories", func(p place) int64 { return p.BareCabinet }).with(always(object{"labels": []string{}})),
		"get-key-inventory":   ofKey("/key-inventories/%d", func(p place) int64 { return p.Count }),
		"get-key-setting":     fixed("/key-setting"),
		"set-key-setting":     fixed("/key-setting").with(always(object{"grace_minutes": 10, "backdate_hours": 48, "cylinder_days": 3})),
	}
)

func init() { maps.Copy(samples, keySample) }

// The host's keys are nobody else's: another host's are not there, and a town's people may not even list them.
func TestKeysAreTheHostsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.fingerprint()
	for _, o := range api.Operations() {
		s, ok := keySample[o.ID]
		if !ok {
			continue
		}
		w.as(tenants.Town, o.Method, s.path(w.home), s.request(w.home)).problem(http.StatusForbidden)
		if strings.Contains(o.Path, "{id}") {
			got := w.as(tenants.HostAdmin, o.Method, s.path(w.foreign), s.request(w.home))
			require.Equal(t, http.StatusNotFound, got.Code, "%s: %s", o.ID, got.Body)
		}
	}
	for _, path := range []string{"/key-items", "/key-copies", "/key-cabinets", "/key-requests"} {
		for _, item := range w.as(tenants.Auditor, "GET", path, nil).json()["items"].([]any) {
			id := int64(item.(map[string]any)["id"].(float64))
			require.NotContains(t, []int64{w.foreign.Item, w.foreign.In, w.foreign.Out, w.foreign.Cabinet, w.foreign.Asked}, id, path)
		}
	}
	require.Equal(t, kept(before), kept(w.fingerprint()), "what was refused left nothing behind")
}

// A loan through the API: the borrower's own agreement is refused at the field, the other person's is taken, and the file of the loan
// book has its line.
func TestALoanByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/key-copies/%d", w.home.In)
	asked := w.as(tenants.Facility, "POST", path+"/requests", object{"purpose": "ディスク交換", "work": "作業票3", "due_minutes": 120}).json()
	loan := fmt.Sprintf("/key-loans/%d", int64(asked["id"].(float64)))
	require.Equal(t, "by", w.as(tenants.Facility, "POST", loan+"/approvals", nil).problem(http.StatusUnprocessableEntity).Errors[0].Field)
	w.as(tenants.Facility, "POST", loan+"/handout", object{}).problem(http.StatusConflict)
	require.Len(t, w.as(tenants.HostAdmin, "POST", loan+"/approvals", nil).json()["approvals"], 1)
	require.Equal(t, "out", w.as(tenants.Facility, "POST", loan+"/handout", object{}).json()["state"])
	now := w.as(tenants.Auditor, "GET", path, nil).json()
	require.Equal(t, "out", now["state"])
	require.Len(t, now["label"], 6)
	require.Equal(t, "lent", now["events"].([]any)[0].(map[string]any)["kind"])
	file := w.as(tenants.Auditor, "GET", "/key-loans/export?from=2026-11-01&to=2026-12-31", nil)
	require.Equal(t, "text/csv; charset=utf-8", file.Header().Get("Content-Type"))
	require.Contains(t, file.Body.String(), "ディスク交換,作業票3")
	w.as(tenants.Operator, "POST", path+"/returns", object{"occurred_at": w.Clock.Now().Add(time.Hour)}).problem(http.StatusUnprocessableEntity)
	require.Equal(t, "returned", w.as(tenants.Operator, "POST", path+"/returns", object{}).json()["kind"])
	w.as(tenants.Operator, "POST", path+"/returns", object{}).problem(http.StatusConflict)
}
