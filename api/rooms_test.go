package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
)

// visitRooms gives a host a room with somebody inside and somebody who came in without permission, an empty one, an application
// that waits, and two badges, one of which is worn.
func (w *world) visitRooms(admin, facility tenants.Actor, places ...*place) {
	w.t.Helper()
	p := places[0]
	escort := p.Witness
	w.Do(facility, func(ctx context.Context, tx *tenants.Tx) error {
		building, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "入退室の棟"})
		if err != nil {
			return err
		}
		for _, name := range []string{"サーバ室", "媒体保管室"} {
			a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: building.ID, Kind: "server_room", Name: name, PlanRows: 1, PlanPlaces: 2})
			if err != nil {
				return err
			}
			if p.Room == 0 {
				p.Room = a.ID
			} else {
				require.Equal(w.t, p.Room+1, a.ID)
			}
		}
		if _, err := room.Confirm(ctx, tx, p.Room+1, room.LockInput{Found: "まだ使っていない"}); err != nil {
			return err
		}
		listed, err := room.Grant(ctx, tx, room.PermitInput{AreaID: p.Room, PersonID: escort, Document: "蘭住第12号"})
		if err != nil {
			return err
		}
		p.Listed = listed.ID
		in, err := room.Enter(ctx, tx, room.EnterInput{AreaID: p.Room, Who: fmt.Sprintf("person:%d", escort), Purpose: "巡回点検"})
		if err != nil {
			return err
		}
		p.Inside = in.ID
		bad, err := room.Enter(ctx, tx, room.EnterInput{AreaID: p.Room, Who: "other", Name: "見本 三郎", Org: "見本電気", Purpose: "漏電の調査", Reason: "緊急のため", EscortID: escort})
		if err != nil {
			return err
		}
		p.Unpermitted = bad.ID
		v, err := room.Apply(ctx, tx, room.VisitInput{Company: "見本保守", Names: "見本 太郎\n見本 次郎", FromAt: tx.Now.Add(-time.Hour), UntilAt: tx.Now.Add(24 * time.Hour), Reason: "障害対応のため",
			Work: "ディスクの交換", Areas: []int64{p.Room}, EscortID: escort})
		if err != nil {
			return err
		}
		p.Visit, p.Visitor = v.ID, v.Visitors[0].ID
		for number, id := range map[string]*int64{"業者1": &p.Badge, "業者2": &p.Worn} {
			b, err := room.AddBadge(ctx, tx, number, "")
			if err != nil {
				return err
			}
			*id = b.ID
		}
		_, err = room.HandOut(ctx, tx, p.Worn, v.Visitors[1].ID, room.When{})
		return err
	})
	require.NotZero(w.t, admin.PersonID)
	for _, other := range places[1:] {
		other.Room, other.Inside, other.Unpermitted, other.Listed, other.Visit, other.Visitor, other.Badge, other.Worn = p.Room, p.Inside, p.Unpermitted, p.Listed, p.Visit, p.Visitor, p.Badge, p.Worn
	}
}

// applied makes so many more applications.
func (w *world) applied(n int) {
	w.t.Helper()
	w.Do(w.people[tenants.Facility], func(ctx context.Context, tx *tenants.Tx) error {
		for range n {
			_, err := room.Apply(ctx, tx, room.VisitInput{Company: "見本保守", Names: "見本 太郎", FromAt: tx.Now, UntilAt: tx.Now.Add(time.Hour), Reason: "点検のため",
				Work: "定期点検", Areas: []int64{w.home.Room}, EscortID: w.home.Witness})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// A visit by the API: what is refused says so at its field, and the ledger comes out as a file.
func TestAVisitByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.home
	path := func(format string, id int64) string { return fmt.Sprintf(format, id) }
	require.Equal(t, "approved", w.as(tenants.HostAdmin, "POST", path("/visits/%d/approval", p.Visit), nil).json()["state"])
	w.as(tenants.HostAdmin, "POST", path("/visits/%d/approval", p.Visit), nil).problem(http.StatusConflict)
	enter := object{"who": "visitor:" + itoa(p.Visitor), "escort_id": p.Witness, "badge_id": p.Worn}
	problem := w.as(tenants.Operator, "POST", path("/rooms/%d/entries", p.Room), enter).problem(http.StatusUnprocessableEntity)
	require.Contains(t, fmt.Sprint(problem), "{badge_id ")
	enter["badge_id"] = p.Badge
	made := w.as(tenants.Operator, "POST", path("/rooms/%d/entries", p.Room), enter).json()
	require.Equal(t, []any{"visit", "業者1", "ディスクの交換"}, []any{made["basis"], made["badge"], made["purpose"]})
	id := int64(made["id"].(float64))
	left := w.as(tenants.Facility, "POST", path("/room-entries/%d/exit", id), object{"badge_back": true, "carried_out": "=HYPERLINK(\"x\")"}).json()
	require.Equal(t, false, left["empty"])
	got := w.as(tenants.Auditor, "GET", path("/rooms/%d/entries/export", p.Room), nil)
	require.Equal(t, http.StatusOK, got.Code)
	file := got.Body.String()
	require.True(t, strings.HasPrefix(file, "\ufeff記録番号,"))
	require.Contains(t, file, "令和8年度　第1号")
	require.Contains(t, file, `'=HYPERLINK`)
	require.Len(t, w.as(tenants.Auditor, "GET", path("/rooms/%d/entries", p.Room), nil).json()["items"], 3)
	require.Len(t, w.as(tenants.Auditor, "GET", path("/room-entries?room_id=%d", p.Room), nil).json()["items"], 2)
	for _, format := range []string{"/rooms/%d", "/rooms/%d/entries/export"} {
		w.as(tenants.HostAdmin, "GET", path(format, w.foreign.Room), nil).problem(http.StatusNotFound)
	}
	w.as(tenants.HostAdmin, "GET", path("/visits/%d", w.foreign.Visit), nil).problem(http.StatusNotFound)
	w.as(tenants.Operator, "POST", path("/room-entries/%d/exit", w.foreign.Inside), object{}).problem(http.StatusNotFound)
}
