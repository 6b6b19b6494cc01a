package rack_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/tenantstest"
)

// room is a host with a server room of one rack, two towns with a server each, and a stranger.
type room struct {
	*tenantstest.Bench
	t                                 testing.TB
	host, mukawa, niseko              int64
	admin, facility, operator, staff  tenants.Actor
	far                               tenants.Actor
	building, area, rack              int64
	mukawaServer, nisekoServer, alien int64
}

func newRoom(t testing.TB) *room {
	t.Helper()
	b := tenantstest.New(t)
	r := &room{Bench: b, t: t, host: b.Host("蘭越町", "013943"), mukawa: b.Town("むかわ町", "015865"), niseko: b.Town("ニセコ町", "013951")}
	r.admin, r.facility, r.operator, r.staff = b.Person(r.host, tenants.HostAdmin), b.Person(r.host, tenants.Facility), b.Person(r.host, tenants.Operator), b.Person(r.mukawa, tenants.Town)
	b.Contact(r.host, "施設管理者", "見本 一郎", "facility@rankoshi.example.jp")
	r.mukawaServer, r.nisekoServer = b.Server(r.mukawa, "戸籍正"), b.Server(r.niseko, "附票")
	b.Consortium()
	stranger := b.Host("見本町", "010006")
	r.far, r.alien = b.Person(stranger, tenants.HostAdmin), b.Server(stranger, "戸籍正")
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		made, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput{Name: "本庁舎"})
		if err != nil {
			return err
		}
		area, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput{BuildingID: made.ID, Kind: "server_room", Name: "サーバ室", Floor: "2階", PlanRows: 2, PlanPlaces: 4})
		if err != nil {
			return err
		}
		one, err := rack.Add(ctx, tx, r.input(area.ID, "A-03", 1, 3))
		r.building, r.area, r.rack = made.ID, area.ID, one.ID
		return err
	})
	return r
}

func (r *room) input(area int64, code string, row, place int) rack.Input {
	return rack.Input{AreaID: area, Code: code, PlanRow: row, PlanPlace: place, Units: 42, Lock: "前後扉 同一シリンダー", Fixing: "アンカーボルト4点", Dedicated: true, CheckMonths: 6}
}

func (r *room) place(in rack.EquipmentInput) (e rack.Equipment) {
	r.t.Helper()
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		e, err = rack.Place(ctx, tx, in)
		return err
	})
	return e
}

func (r *room) server(owner, id int64, unit int) rack.EquipmentInput {
	return rack.EquipmentInput{RackID: r.rack, Kind: "server", OwnerID: owner, ServerID: id, Unit: unit, Units: 2, Face: rack.Both, PowerA: "PDU-A 3番", PowerB: "PDU-B 3番"}
}

func (r *room) refused(field string, in rack.EquipmentInput) {
	r.t.Helper()
	f := r.Fault(tenants.KindInvalid, r.facility, func(ctx context.Context, tx *tenants.Tx) error { _, err := rack.Place(ctx, tx, in); return err })
	require.Len(r.t, f.Fields, 1)
	require.Equal(r.t, field, f.Fields[0].Field, f.Fields[0].Ja)
}

func TestTwoThingsNeverShareAUnit(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	first := r.place(r.server(r.mukawa, r.mukawaServer, 20))
	require.Equal(t, "戸籍正", first.Name, "a server goes by its own name")
	for _, unit := range []int{19, 20, 21} {
		r.refused("unit", r.server(r.niseko, r.nisekoServer, unit))
	}
	r.place(r.server(r.niseko, r.nisekoServer, 22))
	panel := rack.EquipmentInput{RackID: r.rack, Kind: "network", Name: "パッチパネル", Unit: 10, Units: 1, Face: rack.Front}
	r.place(panel)
	panel.Face, panel.Name = rack.Rear, "電源タップ"
	r.place(panel)
	r.refused("unit", panel)
	panel.Face = rack.Both
	r.refused("unit", panel)
	panel.Unit, panel.Units = 42, 2
	r.refused("units", panel)
	stray := r.server(r.mukawa, r.nisekoServer, 30)
	stray.Name = "戸籍正"
	r.refused("server_id", stray)
	stray.OwnerID, stray.ServerID = r.far.TenantID, r.alien
	r.refused("owner_id", stray)
	r.refused("rack_id", rack.EquipmentInput{RackID: 999, Kind: "other", Name: "x", Unit: 1, Units: 1, Face: rack.Both})

	// The database keeps it too, whoever writes.
	_, err := r.TrySQL(`INSERT INTO rack_unit (tenant_id, rack_id, face, unit, equipment_id) VALUES ($1, $2, 'front', 20, $3)`, r.host, r.rack, first.ID)
	require.Error(t, err)
}

func TestOfManyAtOnceOneGetsTheUnits(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			errs[i] = r.Try(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := rack.Place(ctx, tx, rack.EquipmentInput{RackID: r.rack, Kind: "other", Name: "見本機器", Unit: 5 + i%2, Units: 2, Face: rack.Front})
				return err
			})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.Equal(t, "unit", tenants.AsFault(err).Fields[0].Field)
	}
	require.Equal(t, 1, won)
}

func TestATownSeesItsOwnAndThatOtherPlacesAreTaken(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.place(r.server(r.mukawa, r.mukawaServer, 20))
	other := r.place(r.server(r.niseko, r.nisekoServer, 22))
	r.place(rack.EquipmentInput{RackID: r.rack, Kind: "network", Name: "スイッチ1号", Unit: 40, Units: 1, Face: rack.Both})
	views := func(who tenants.Actor, town int64) (v []rack.View) {
		r.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) { v, err = rack.Views(ctx, tx, town); return err })
		return v
	}
	seen := views(r.staff, r.mukawa)
	require.Len(t, seen, 1)
	require.Equal(t, "A-03", seen[0].Code)
	require.Equal(t, []rack.Block{
		{Kind: "network", Unit: 40, Units: 1, Face: rack.Both},
		{Kind: "other", Unit: 22, Units: 2, Face: rack.Both, Foreign: true},
		{Kind: "server", Name: "戸籍正", Unit: 20, Units: 2, Face: rack.Both, Own: true},
	}, seen[0].Blocks)
	require.Equal(t, "A-03 U20–21", tenantstest.Value[string](r.Bench, `SELECT rack_place FROM server WHERE id = $1`, r.mukawaServer))
	r.Fault(tenants.KindNotFound, r.staff, func(ctx context.Context, tx *tenants.Tx) error { _, err := rack.Views(ctx, tx, r.niseko); return err })
	r.Fault(tenants.KindForbidden, r.staff, func(ctx context.Context, tx *tenants.Tx) error { _, err := rack.Racks(ctx, tx); return err })

	// Moved, renamed, removed: the towns' rows follow.
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Change(ctx, tx, r.rack, r.input(r.area, "B-01", 2, 1))
		return err
	})
	require.Equal(t, "B-01", views(r.staff, r.mukawa)[0].Code)
	require.Equal(t, "B-01 U20–21", tenantstest.Value[string](r.Bench, `SELECT rack_place FROM server WHERE id = $1`, r.mukawaServer))
	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error { return rack.Remove(ctx, tx, other.ID) })
	require.Empty(t, views(r.admin, r.niseko))
	require.Len(t, views(r.staff, r.mukawa)[0].Blocks, 2)
	require.Empty(t, tenantstest.Value[string](r.Bench, `SELECT rack_place FROM server WHERE id = $1`, r.nisekoServer))
}

func TestALookAtTheInstallationIsAskedForAndAnswers(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	look := func(in rack.CheckInput) {
		r.t.Helper()
		r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := rack.LookAt(ctx, tx, r.rack, in)
			return err
		})
		r.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error {
			if _, err := duty.TakeAnswers(ctx, tx, 10); err != nil {
				return err
			}
			_, err := duty.JudgeDue(ctx, tx, 10)
			return err
		})
	}
	open := func() int64 {
		return tenantstest.Value[int64](r.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`)
	}
	r.Clock.Advance(5 * 24 * time.Hour) // it was set up on a Saturday before a holiday
	r.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error { _, err := duty.JudgeDue(ctx, tx, 10); return err })
	require.EqualValues(t, 1, open(), "a rack that nobody has looked at since it was set up")
	look(rack.CheckInput{Fixed: true, Lockable: true, Dedicated: true})
	require.Zero(t, open())
	var now rack.Rack
	var checks []rack.Check
	read := func() {
		r.Do(r.operator, func(ctx context.Context, tx *tenants.Tx) (err error) {
			now, _, checks, err = rack.Get(ctx, tx, r.rack)
			return err
		})
	}
	read()
	require.Equal(t, calendar.DateOf(r.Clock.Now(), time.FixedZone("", 9*3600)).AddMonths(6), now.CheckDueOn)
	r.Clock.Advance(24 * time.Hour)
	look(rack.CheckInput{Fixed: false, Lockable: true, Dedicated: true, Found: "アンカーボルト1本の緩み"})
	require.EqualValues(t, 1, open())
	r.Clock.Advance(time.Hour)
	look(rack.CheckInput{Fixed: true, Lockable: true, Dedicated: true, Found: "締め直した"})
	require.Zero(t, open())
	read()
	require.Len(t, checks, 3)
	for field, in := range map[string]rack.CheckInput{
		"found":       {Lockable: true},
		"occurred_at": {Fixed: true, Lockable: true, Dedicated: true, OccurredAt: r.Clock.Now().Add(time.Hour)},
	} {
		f := r.Fault(tenants.KindInvalid, r.facility, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := rack.LookAt(ctx, tx, r.rack, in)
			return err
		})
		require.Equal(t, field, f.Fields[0].Field)
	}
	r.Fault(tenants.KindForbidden, r.operator, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.LookAt(ctx, tx, r.rack, rack.CheckInput{Fixed: true, Lockable: true, Dedicated: true})
		return err
	})
}

func TestWhatHoldsSomethingStays(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	thing := r.place(r.server(r.mukawa, r.mukawaServer, 20))
	conflict := func(fn func(ctx context.Context, tx *tenants.Tx) error) {
		r.t.Helper()
		r.Fault(tenants.KindConflict, r.facility, fn)
	}
	conflict(func(ctx context.Context, tx *tenants.Tx) error { return rack.RetireBuilding(ctx, tx, r.building) })
	conflict(func(ctx context.Context, tx *tenants.Tx) error { return rack.RetireArea(ctx, tx, r.area) })
	conflict(func(ctx context.Context, tx *tenants.Tx) error { return rack.Retire(ctx, tx, r.rack) })
	invalid := func(field string, fn func(ctx context.Context, tx *tenants.Tx) error) {
		r.t.Helper()
		require.Equal(t, field, r.Fault(tenants.KindInvalid, r.facility, fn).Fields[0].Field)
	}
	invalid("plan_rows", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.SaveArea(ctx, tx, r.area, rack.AreaInput{BuildingID: r.building, Kind: "server_room", Name: "サーバ室", PlanRows: 1, PlanPlaces: 2})
		return err
	})
	small := r.input(r.area, "A-03", 1, 3)
	small.Units = 18
	invalid("units", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Change(ctx, tx, r.rack, small)
		return err
	})
	invalid("code", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Add(ctx, tx, r.input(r.area, "A-03", 1, 1))
		return err
	})
	invalid("plan_place", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := rack.Add(ctx, tx, r.input(r.area, "A-04", 1, 3))
		return err
	})
	r.Fault(tenants.KindForbidden, r.operator, func(ctx context.Context, tx *tenants.Tx) error { return rack.Remove(ctx, tx, thing.ID) })
	r.Fault(tenants.KindNotFound, r.far, func(ctx context.Context, tx *tenants.Tx) error { return rack.Remove(ctx, tx, thing.ID) })

	r.Do(r.facility, func(ctx context.Context, tx *tenants.Tx) error {
		old, err := label.Of(ctx, tx, tenants.ReadRack, r.host, rack.Kind)
		require.Contains(t, old, r.rack)
		if err != nil {
			return err
		}
		for _, act := range []func() error{
			func() error { return rack.Remove(ctx, tx, thing.ID) }, func() error { return rack.Retire(ctx, tx, r.rack) },
			func() error { return rack.RetireArea(ctx, tx, r.area) }, func() error { return rack.RetireBuilding(ctx, tx, r.building) },
		} {
			if err := act(); err != nil {
				return err
			}
		}
		now, err := label.Of(ctx, tx, tenants.ReadRack, r.host, rack.Kind)
		require.Empty(t, now)
		return err
	})
	require.Zero(t, tenantstest.Value[int64](r.Bench, `SELECT count(*) FROM occurrence WHERE verdict IS NULL`))
	conflict(func(ctx context.Context, tx *tenants.Tx) error { return rack.Remove(ctx, tx, thing.ID) })
}
