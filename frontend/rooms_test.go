package frontend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
	"tanamori/tenants/tenantstest"
)

// visitRooms gives a host a room with somebody inside and somebody who came in without permission, an empty one, three
// applications that wait, and two badges, one of which is worn.
func (c *console) visitRooms(places ...*place) {
	c.t.Helper()
	p := places[0]
	escort := tenantstest.Value[int64](c.Bench, `SELECT min(id) FROM person WHERE tenant_id = $1 AND id <> $2`, p.admin.TenantID, p.admin.PersonID)
	if id, ok := c.people["operator"]; ok && p == &c.host {
		escort = id
	}
	c.Do(p.admin, func(ctx context.Context, tx *tenants.Tx) error {
		building, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "入退室の棟"})
		if err != nil {
			return err
		}
		for n, to := range []*int64{&p.room, &p.empty} {
			a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: building.ID, Kind: "server_room", Name: []string{"サーバ室", "媒体保管室"}[n], Floor: "2階", PlanRows: 1, PlanPlaces: 2})
			if err != nil {
				return err
			}
			*to = a.ID
		}
		listed, err := room.Grant(ctx, tx, room.PermitInput{AreaID: p.room, PersonID: escort, Document: "蘭住第12号"})
		if err != nil {
			return err
		}
		in, err := room.Enter(ctx, tx, room.EnterInput{AreaID: p.room, Who: fmt.Sprintf("person:%d", escort), Purpose: "巡回点検"})
		if err != nil {
			return err
		}
		bad, err := room.Enter(ctx, tx, room.EnterInput{AreaID: p.room, Who: "other", Name: "見本 三郎", Org: "見本電気", Purpose: "漏電の調査", Reason: "緊急のため", EscortID: escort})
		if err != nil {
			return err
		}
		p.listed, p.inside, p.unpermitted = listed.ID, in.ID, bad.ID
		var people []room.Visitor
		for n := range p.visits {
			v, err := room.Apply(ctx, tx, room.VisitInput{Company: "見本保守", Names: "見本 太郎\n見本 次郎", FromAt: tx.Now.Add(-time.Hour), UntilAt: tx.Now.Add(4 * time.Hour), Reason: "障害対応のため",
				Work: "ディスクの交換", Areas: []int64{p.room}, EscortID: escort, CarryIn: "交換用ディスク"})
			if err != nil {
				return err
			}
			p.visits[n], people = v.ID, v.Visitors
		}
		p.visitor = people[0].ID
		for n, id := range []*int64{&p.badge, &p.worn} {
			b, err := room.AddBadge(ctx, tx, fmt.Sprintf("業者%d", n+1), "")
			if err != nil {
				return err
			}
			*id = b.ID
		}
		_, err = room.HandOut(ctx, tx, p.worn, people[1].ID, room.When{})
		return err
	})
	for _, other := range places[1:] {
		other.room, other.empty, other.inside, other.unpermitted, other.listed = p.room, p.empty, p.inside, p.unpermitted, p.listed
		other.visits, other.visitor, other.badge, other.worn = p.visits, p.visitor, p.badge, p.worn
	}
}

// A visit at the pages: approved by another person, three taps to be in, out with the badge, and the ledger printed.
func TestAVisitAtThePages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin, operator, facility, auditor, mukawa := c.as("admin"), c.as("operator"), c.as("facility"), c.as("auditor"), c.as("mukawa")
	visit, enter := fmt.Sprintf("/rooms/visits/%d", c.host.visits[2]), fmt.Sprintf("/rooms/%d/entry", c.host.room)
	require.NotContains(t, operator.get(visit).body, visit+"/approval", "the operator does not decide")
	require.Contains(t, admin.get(visit).body, visit+"/approval")
	require.Equal(t, visit, admin.post(visit+"/approval", nil).location)
	require.Contains(t, admin.get(visit).body, "許可")
	require.Equal(t, visit, admin.post(visit+"/refusal", form("reason", "やはり不可")(c)).location)
	require.Contains(t, admin.get(visit).body, "としています", "somebody was quicker: it says who and when")

	now := operator.get("/rooms").body
	for _, text := range []string{"サーバ室", "入室中", "見本 三郎", "許可のない入室", "今日の来訪", "見本 太郎"} {
		require.Contains(t, now, text)
	}
	who := fmt.Sprintf("visitor:%d", c.host.visitor)
	require.Contains(t, now, enter+"?who="+url.QueryEscape(who))
	offered := operator.get(enter + "?who=" + url.QueryEscape(who)).body
	require.Contains(t, offered, "交換用ディスク", "what was announced stands there already")
	in := form("who", who, "escort_id", fmt.Sprint(c.people["operator"]), "badge_id", fmt.Sprint(c.host.worn))
	refused := operator.post(enter, in(c))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "へ貸し出されています（記録：")
	v := in(c)
	v.Set("badge_id", fmt.Sprint(c.host.badge))
	require.Equal(t, "/rooms", operator.post(enter, v).location)
	again := facility.post(enter, v)
	require.Equal(t, http.StatusUnprocessableEntity, again.status)
	require.Contains(t, again.body, "まだ退室していません（記録：操作者 見本 operator）")

	// Somebody who may not: why is said at the field, and the reason makes it an entry without permission.
	self := form("who", fmt.Sprintf("person:%d", c.people["admin"]), "purpose", "巡回点検")(c)
	require.Contains(t, admin.post(enter, self).body, "入室許可者名簿にありません")
	self.Set("reason", "警報が鳴ったため")
	require.Equal(t, "/rooms", admin.post(enter, self).location)
	require.Contains(t, admin.get("/rooms").body, "警報が鳴ったため")

	entry := tenantstest.Value[int64](c.Bench, `SELECT id FROM room_entry WHERE visitor_id = $1`, c.host.visitor)
	exit := fmt.Sprintf("/rooms/entries/%d/exit", entry)
	require.Contains(t, facility.get(exit).body, "名札を返してもらった")
	require.Equal(t, "/rooms", facility.post(exit, form("badge_back", "on", "carried", "故障ディスク")(c)).location)
	twice := operator.post(exit, nil)
	require.Contains(t, twice.body, "退室しています（記録：施設管理者 見本 facility）")
	require.Zero(t, tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM badge WHERE id = $1 AND visitor_id IS NOT NULL`, c.host.badge))

	for id := range map[int64]bool{c.host.inside: true, c.host.unpermitted: true} {
		require.Equal(t, "/rooms", operator.post(fmt.Sprintf("/rooms/entries/%d/exit", id), nil).location)
	}
	last := tenantstest.Value[int64](c.Bench, `SELECT entry_id FROM room_inside WHERE tenant_id = $1`, c.host.town)
	page := admin.get(fmt.Sprintf("/rooms/entries/%d/exit", last)).body
	require.Contains(t, page, "最後の退室です")
	require.Equal(t, "/rooms", admin.post(fmt.Sprintf("/rooms/entries/%d/exit", last), nil).location)
	require.Contains(t, admin.get("/rooms").body, "施錠未確認")
	lock := fmt.Sprintf("/rooms/%d/lock", c.host.room)
	require.Contains(t, operator.post(lock, form("done", "出入口の施錠")(c)).body, "どうなっているかを入力してください")
	all := url.Values{"done": {"出入口の施錠", "全ラックの施錠", "照明の消灯", "警報装置の作動"}}
	require.Equal(t, "/rooms", operator.post(lock, all).location)
	require.Contains(t, admin.get("/rooms").body, "施錠確認済")

	book := auditor.get(fmt.Sprintf("/rooms/%d", c.host.room)).body
	for _, text := range []string{"サーバ室入退室記録簿", "故障ディスク", "業者1", "警報が鳴ったため", "無人時の施錠確認"} {
		require.Contains(t, book, text)
	}
	require.NotContains(t, book, "/exit", "the auditor reads")
	file := auditor.get(fmt.Sprintf("/rooms/%d/export", c.host.room))
	require.Equal(t, "text/csv; charset=utf-8", file.header.Get("Content-Type"))
	require.Contains(t, file.body, "故障ディスク")

	for _, path := range []string{"/rooms", visit, enter, exit, "/rooms/list", "/rooms/badges", fmt.Sprintf("/rooms/%d", c.host.room)} {
		require.Equal(t, http.StatusForbidden, mukawa.get(path).status, path)
	}
	require.NotContains(t, mukawa.get("/settings").body, "/rooms")
	for _, path := range []string{fmt.Sprintf("/rooms/%d", c.foreign.room), fmt.Sprintf("/rooms/visits/%d", c.foreign.visits[0]), fmt.Sprintf("/rooms/badges/%d", c.foreign.badge),
		fmt.Sprintf("/rooms/entries/%d/exit", c.foreign.inside), fmt.Sprintf("/rooms/list/%d/revocation", c.foreign.listed), fmt.Sprintf("/rooms/%d?month=2027-01", c.host.room)} {
		require.Equal(t, http.StatusNotFound, admin.get(path).status, path)
	}
}
