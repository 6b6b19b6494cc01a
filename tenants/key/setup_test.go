package key_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/key"
	"tanamori/tenants/rack"
	"tanamori/tenants/tenantstest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

// hall is a host with two racks, a cabinet, a key of the server rack (two copies) and one of the media rack, and a stranger.
type hall struct {
	*tenantstest.Bench
	t                                          testing.TB
	host                                       int64
	admin, facility, second, operator, auditor tenants.Actor
	staff, far                                 tenants.Actor
	area, rackA, rackB, cabinet                int64
	server, media                              key.Item
	main, spare, other                         key.Copy
}

func newHall(t testing.TB) *hall {
	t.Helper()
	b := tenantstest.New(t)
	h := &hall{Bench: b, t: t, host: b.Host("蘭越町", "013943")}
	h.admin, h.facility, h.second, h.operator = b.Person(h.host, tenants.HostAdmin), b.Person(h.host, tenants.Facility), b.Person(h.host, tenants.Facility), b.Person(h.host, tenants.Operator)
	h.auditor, h.staff = b.Person(h.host, tenants.Auditor), b.Person(b.Town("むかわ町", "015865"), tenants.Town)
	b.Contact(h.host, "施設管理者", "見本 一郎", "facility@rankoshi.example.jp")
	b.Consortium()
	h.far = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	h.Do(h.facility, func(ctx context.Context, tx *tenants.Tx) error {
		building, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎"})
		if err != nil {
			return err
		}
		area, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: building.ID, Kind: "server_room", Name: "サーバ室", PlanRows: 2, PlanPlaces: 4})
		if err != nil {
			return err
		}
		h.area = area.ID
		for n, id := range []*int64{&h.rackA, &h.rackB} {
			r, err := rack.Add(ctx, tx, rack.Input{AreaID: area.ID, Code: fmt.Sprintf("A-0%d", n+1), PlanRow: 1, PlanPlace: n + 1, Units: 42, Lock: "前後扉", Fixing: "アンカー", Dedicated: true, CheckMonths: 6})
			if err != nil {
				return err
			}
			*id = r.ID
		}
		c, err := key.AddCabinet(ctx, tx, key.CabinetInput{AreaID: area.ID, Name: "鍵保管庫", Slots: 10, StockMonths: 1})
		if err != nil {
			return err
		}
		h.cabinet = c.ID
		if h.server, err = key.AddItem(ctx, tx, key.ItemInput{Kind: key.Metal, Name: "サーバラックの鍵", Racks: []int64{h.rackA}, Authorisers: 1, DueClock: 17 * 60}); err != nil {
			return err
		}
		if h.media, err = key.AddItem(ctx, tx, key.ItemInput{Kind: key.Metal, Name: "媒体ラックの鍵", Racks: []int64{h.rackB}, Authorisers: 2, DueClock: 17 * 60, Excludes: []int64{h.server.ID}}); err != nil {
			return err
		}
		for n, x := range []struct {
			to   *key.Copy
			item int64
			rank string
		}{{&h.main, h.server.ID, key.Main}, {&h.spare, h.server.ID, key.Spare}, {&h.other, h.media.ID, key.Main}} {
			if *x.to, err = key.AddCopy(ctx, tx, x.item, key.CopyInput{Serial: fmt.Sprintf("T-%d", n), Rank: x.rank, Number: 1, CabinetID: h.cabinet, Slot: n + 1}); err != nil {
				return err
			}
		}
		return nil
	})
	h.Clock.Advance(time.Hour)
	return h
}

func (h *hall) work(hours int) key.AskInput {
	at := h.Clock.Now().Add(time.Duration(hours) * time.Hour)
	return key.AskInput{Purpose: "定期保守", Work: "作業票12", DueAt: &at}
}

func asking(id int64, in key.AskInput, l *key.Loan) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) (err error) {
		*l, err = key.Ask(ctx, tx, id, in)
		return err
	}
}

// on is an act on one loan.
func on(id int64, act func(context.Context, *tenants.Tx, int64) (key.Loan, error)) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) error { _, err := act(ctx, tx, id); return err }
}

func handOut(ctx context.Context, tx *tenants.Tx, id int64) (key.Loan, error) {
	return key.HandOut(ctx, tx, id, key.Happened{})
}

// event is an act on one copy.
func event(id int64, in key.Happened, act func(context.Context, *tenants.Tx, int64, key.Happened) (key.Event, error)) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) error { _, err := act(ctx, tx, id, in); return err }
}

// lend has the person ask, the administrator agree, and hands the copy out.
func (h *hall) lend(c key.Copy, to tenants.Actor, in key.AskInput) (l key.Loan) {
	h.t.Helper()
	h.Do(to, asking(c.ID, in, &l))
	agree := []tenants.Actor{h.admin, h.second, h.facility}
	for _, who := range agree {
		if who.PersonID == to.PersonID || l.Ready() {
			continue
		}
		h.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) { l, err = key.Approve(ctx, tx, l.ID); return err })
	}
	h.Do(to, func(ctx context.Context, tx *tenants.Tx) (err error) {
		l, err = key.HandOut(ctx, tx, l.ID, key.Happened{})
		return err
	})
	return l
}

func (h *hall) get(c key.Copy) (now key.Copy, events []key.Event) {
	h.t.Helper()
	h.Do(h.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		now, events, err = key.Get(ctx, tx, c.ID)
		return err
	})
	return now, events
}

// jobs does once what the jobs do.
func (h *hall) jobs() {
	h.t.Helper()
	for _, act := range []func(context.Context, *tenants.Tx, int) (int, error){duty.TakeAnswers, duty.JudgeDue} {
		h.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error { _, err := act(ctx, tx, 100); return err })
	}
}

// open are the subjects of the open incidents about keys, in their order.
func (h *hall) open() (out []string) {
	h.t.Helper()
	for _, row := range h.SQL(`SELECT i.subject FROM incident i JOIN duty d ON 'duty:' || d.id = i.cause WHERE i.state <> 'resolved' AND d.kind LIKE 'key%' ORDER BY i.subject`) {
		out = append(out, row["subject"].(string))
	}
	return out
}

// field says that the act is refused at that field.
func (h *hall) field(field string, who tenants.Actor, fn func(context.Context, *tenants.Tx) error) *tenants.Fault {
	h.t.Helper()
	f := h.Fault(tenants.KindInvalid, who, fn)
	require.Equal(h.t, field, f.Fields[0].Field, f.Fields[0].Ja)
	return f
}

// folded holds the row of every copy to what its events come to.
func (h *hall) folded() {
	h.t.Helper()
	h.Do(h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		for _, row := range h.SQL(`SELECT id FROM key_copy WHERE tenant_id = $1`, h.host) {
			c, events, err := key.Get(ctx, tx, row["id"].(int64))
			if err != nil {
				return err
			}
			for i, j := 0, len(events)-1; i < j; i, j = i+1, j-1 {
				events[i], events[j] = events[j], events[i]
			}
			want := key.Fold(events)
			require.Equal(h.t, c.Since == nil, want.Since == nil, c.Name())
			if c.Since != nil {
				require.True(h.t, c.Since.Equal(*want.Since), c.Name())
			}
			if c.DueAt != nil {
				require.True(h.t, c.DueAt.Equal(*want.DueAt), c.Name())
			} else {
				require.Nil(h.t, want.DueAt)
			}
			got := c.Standing
			got.Since, got.DueAt, want.Since, want.DueAt = nil, nil, nil, nil
			require.Equal(h.t, want, got, c.Name())
		}
		return nil
	})
}
