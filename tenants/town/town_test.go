package town_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

type bundle struct {
	*tenantstest.Bench
	host, town, stranger      int64
	admin, operator, clerk    tenants.Actor
	auditor, strangersManager tenants.Actor
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t)}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.operator = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Operator)
	b.auditor, b.clerk = b.Person(b.host, tenants.Auditor), b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Host("見本町", "010006")
	b.strangersManager = b.Person(b.stranger, tenants.HostAdmin)
	return b
}

var suttsu = town.Input{Code: "013927", Name: "寿都町", Kana: "すっつちょう", JoinedOn: calendar.MustDate(2026, 12, 1)}

func TestListShowsTheConsortiumTheHostFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := func(a tenants.Actor) (names []string, keys int) {
		b.Do(a, func(ctx context.Context, tx *tenants.Tx) error {
			towns, err := town.List(ctx, tx)
			for _, one := range towns {
				names = append(names, one.Name)
				keys += len(one.PingKey) / 22
			}
			return err
		})
		return names, keys
	}
	names, keys := list(b.admin)
	require.Equal(t, []string{"蘭越町", "むかわ町"}, names)
	require.Equal(t, 2, keys)
	names, keys = list(b.clerk)
	require.Equal(t, []string{"むかわ町"}, names)
	require.Zero(t, keys, "who may not read check-in addresses gets no ping key")
	_, keys = list(b.auditor)
	require.Zero(t, keys)
	names, keys = list(tenants.Job("judge"))
	require.Equal(t, []string{"蘭越町", "むかわ町", "見本町"}, names, "jobs see every town, consortium by consortium")
	require.Zero(t, keys)

	require.Equal(t, 1, b.QueryCount(func() { list(b.admin) }))
}

func TestGetTellsNothingOfTownsOutOfSight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		mukawa, err := town.Get(ctx, tx, b.town)
		require.Equal(t, town.Member, mukawa.Kind)
		require.Equal(t, calendar.MustDate(2020, 4, 1), mukawa.JoinedOn)
		require.Nil(t, mukawa.LeftOn)
		require.Equal(t, "Asia/Tokyo", mukawa.Location().String())
		return err
	})
	for _, id := range []int64{b.host, b.stranger, 1, 0, -1} {
		b.Fault(tenants.KindNotFound, b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.Get(ctx, tx, id)
			return err
		})
	}
	b.Do(tenants.Job("deliver"), func(ctx context.Context, tx *tenants.Tx) error {
		towns, err := town.ByID(ctx, tx, []int64{b.town, b.stranger, 1})
		require.Len(t, towns, 2)
		require.Equal(t, "見本町", towns[b.stranger].Name)
		return err
	})
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
		c, err := town.Consortium(ctx, tx)
		require.Equal(t, town.ConsortiumInfo{ID: b.clerk.Consortium, Name: "見本戸籍共同利用"}, c)
		return err
	})
}

func TestAddTakesATownInWithItsLadderAndKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var added town.Town
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		in := suttsu
		in.Code, in.Name = " ０１３９２７ ", " 寿都町　"
		added, err = town.Add(ctx, tx, in)
		require.NoError(t, err)
		again, err := town.Get(ctx, tx, added.ID) // the transaction sees the town from here on
		require.Equal(t, added, again)
		return err
	})
	require.Equal(t, town.Town{ID: added.ID, ConsortiumID: b.admin.Consortium, Code: "013927", Kind: town.Member, Name: "寿都町",
		Kana: "すっつちょう", Zone: "Asia/Tokyo", JoinedOn: suttsu.JoinedOn, PingKey: added.PingKey}, added)
	require.Len(t, added.PingKey, 22)
	row := b.SQL(`SELECT search FROM tenant WHERE id = $1`, added.ID)[0]
	require.Equal(t, "寿都町 すっつちょう 013927", row["search"])

	again := b.Person(b.host, tenants.HostAdmin)
	b.Do(again, func(ctx context.Context, tx *tenants.Tx) error {
		ladders, err := town.Ladders(ctx, tx, added.ID)
		require.Len(t, ladders, 1)
		require.Equal(t, town.Ladder{TenantID: added.ID, ID: ladders[0].ID, Name: "標準", Delays: []int{0, 15, 30}, RepeatMinutes: 30}, ladders[0])
		return err
	})
	line := b.SQL(`SELECT * FROM operation_log`)
	require.Len(t, line, 1)
	require.Equal(t, added.ID, line[0]["tenant_id"])
	require.Equal(t, "town.write", line[0]["act"])
	require.Equal(t, "戸籍データ等管理者 見本 一郎", line[0]["actor"])
	after, err := json.Marshal(line[0]["after"])
	require.NoError(t, err)
	require.Contains(t, string(after), "寿都町")
	require.NotContains(t, string(after), added.PingKey, "a key is a secret: not in the log")
}

func TestAddSaysWhatIsWrongAtItsField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := calendar.MustDate(2026, 12, 1)
	before := day.AddDays(-1)
	for field, in := range map[string]town.Input{
		"code":      {Code: "013928", Name: "寿都町", Kana: "すっつちょう", JoinedOn: day},
		"name":      {Code: "013927", Name: strings.Repeat("町", 41), Kana: "すっつちょう", JoinedOn: day},
		"kana":      {Code: "013927", Name: "寿都町", Kana: "寿都町", JoinedOn: day},
		"zone":      {Code: "013927", Name: "寿都町", Kana: "スッツ", JoinedOn: day, Zone: "Asia/Suttsu"},
		"joined_on": {Code: "013927", Name: "寿都町", Kana: "スッツ"},
		"left_on":   {Code: "013927", Name: "寿都町", Kana: "スッツ", JoinedOn: day, LeftOn: &before},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.Add(ctx, tx, in)
			return err
		})
		require.Len(t, fault.Fields, 1, field)
		require.Equal(t, field, fault.Fields[0].Field)
	}
	fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.Add(ctx, tx, town.Input{})
		return err
	})
	require.Len(t, fault.Fields, 4, "everything that is wrong at once: %v", fault)
	require.Empty(t, b.SQL(`SELECT * FROM operation_log`))
}

func TestOnlyTheHostsManagerWritesTowns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, actor := range []tenants.Actor{b.operator, b.auditor, b.clerk} {
		b.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.Add(ctx, tx, suttsu)
			return err
		})
		b.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.Change(ctx, tx, b.town, suttsu)
			return err
		})
		b.Fault(tenants.KindForbidden, actor, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := town.RotatePingKey(ctx, tx, b.town)
			return err
		})
	}
	b.Fault(tenants.KindNotFound, b.strangersManager, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.Change(ctx, tx, b.town, suttsu)
		return err
	})
}

func TestTwoAddsOfOneCodeAreOneTownAndOneFieldFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() {
			errs[i] = b.Try(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
				_, err := town.Add(ctx, tx, suttsu)
				return err
			})
		})
	}
	wg.Wait()
	if errs[0] != nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	require.NoError(t, errs[0])
	fault := tenants.AsFault(errs[1])
	require.Equal(t, tenants.KindInvalid, fault.Kind)
	require.Equal(t, "code", fault.Fields[0].Field)
	require.Len(t, b.SQL(`SELECT 1 FROM tenant WHERE code = '013927'`), 1)
}

func TestChangeIsLoggedWithBeforeAndAfter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	left := calendar.MustDate(2027, 3, 31)
	in := town.Input{Code: "015865", Name: "むかわ町", Kana: "むかわちょう", JoinedOn: calendar.MustDate(2020, 4, 1), LeftOn: &left}
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		changed, err := town.Change(ctx, tx, b.town, in)
		require.NoError(t, err)
		require.Equal(t, left, *changed.LeftOn)
		require.False(t, changed.HasLeft(left.AddDays(-1)))
		require.True(t, changed.HasLeft(left))
		return nil
	})
	line := b.SQL(`SELECT before->>'Kana' AS before, after->>'Kana' AS after, after->>'LeftOn' AS left FROM operation_log`)
	require.Equal(t, []map[string]any{{"before": "", "after": "むかわちょう", "left": "2027-03-31"}}, line)

	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		old, err := town.Get(ctx, tx, b.town)
		require.NoError(t, err)
		changed, err := town.RotatePingKey(ctx, tx, b.town)
		require.NotEqual(t, old.PingKey, changed.PingKey)
		return err
	})
	fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		in := in
		in.Code = "013943"
		_, err := town.Change(ctx, tx, b.town, in)
		return err
	})
	require.Equal(t, "code", fault.Fields[0].Field, "the host's code")
	fault = b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		in := in
		in.Code = "013943"
		_, err := town.Change(ctx, tx, b.host, in)
		return err
	})
	require.Equal(t, "left_on", fault.Fields[0].Field, "a host cannot leave")
}

func TestAChangeIsToldToThePages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	conn, err := b.Owner.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), `LISTEN `+tenants.Channel)
	require.NoError(t, err)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := town.RotatePingKey(ctx, tx, b.town)
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	n, err := conn.Conn().WaitForNotification(ctx)
	require.NoError(t, err)
	require.Equal(t, "page:"+tenants.IDs([]int64{b.town}), n.Payload)
}
