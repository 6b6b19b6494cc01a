package people_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

// office makes 住民福祉課長 of the host, with whom 管理者 goes (RK 第16条), held by the first of two people.
func (b bundle) office() (office people.Office, former, next people.Person) {
	former, _ = b.add(b.host, people.Input{Login: "former", Name: "見本 竹子", Posts: []people.PostInput{{Kind: tenants.Town, Title: "課員", FromOn: since}}})
	next, _ = b.add(b.host, people.Input{Login: "next", Name: "見本 松子", Posts: []people.PostInput{{Kind: tenants.Town, Title: "課員", FromOn: since}}})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if office, err = people.AddOffice(ctx, tx, b.host, "住民福祉課長"); err != nil {
			return err
		}
		if office, err = people.AddOfficePost(ctx, tx, b.host, office.ID, people.OfficePostInput{Kind: tenants.HostAdmin}); err != nil {
			return err
		}
		office, err = people.HandOver(ctx, tx, b.host, office.ID, people.HandOverInput{To: former.ID, FromOn: since, Document: "辞令第1号"})
		return err
	})
	return office, former, next
}

func TestAnOfficeChangesHandsAtMidnight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	holder, ok := office.Holder(today)
	require.True(t, ok)
	require.Equal(t, former.ID, holder.PersonID)
	b.SQL(`UPDATE tenant SET zone = 'Asia/Kathmandu' WHERE id = $1`, b.host) // a zone that nobody takes for the program's own
	a, err := b.load(former)
	require.NoError(t, err)
	require.True(t, a.May(tenants.WritePeople, b.town))

	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.HandOver(ctx, tx, b.host, office.ID, people.HandOverInput{To: next.ID, FromOn: *day(2027, 4, 1), Document: "辞令第2号", DocumentOn: day(2027, 3, 20)})
		return err
	})
	// What each holds by themselves ends with the fiscal year: it is prolonged, so that only the office changes.
	for _, p := range []people.Person{former, next} {
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, p.Posts[0].ID, *day(2028, 3, 31))
			return err
		})
	}
	zone, err := time.LoadLocation("Asia/Kathmandu")
	require.NoError(t, err)
	midnight := time.Date(2027, 4, 1, 0, 0, 0, 0, zone)
	for _, at := range []struct {
		when         time.Time
		former, next bool
	}{{midnight.Add(-time.Microsecond), true, false}, {midnight, false, true}} {
		b.Clock.Set(at.when)
		f, err := b.load(former)
		require.NoError(t, err)
		n, err := b.load(next)
		require.NoError(t, err)
		require.Equal(t, at.former, f.May(tenants.WritePeople, b.town), at.when)
		require.Equal(t, at.next, n.May(tenants.WritePeople, b.town), at.when)
		require.Equal(t, at.former, f.Sees(b.town), at.when)
	}
	n, err := b.load(next)
	require.NoError(t, err)
	require.Equal(t, "住民福祉課長", n.Title)
	require.Equal(t, []map[string]any{
		{"person": "見本 竹子", "event": "begun", "office": "住民福祉課長", "document": "辞令第1号"},
		{"person": "見本 竹子", "event": "ended", "office": "住民福祉課長", "document": "辞令第1号"},
		{"person": "見本 松子", "event": "begun", "office": "住民福祉課長", "document": "辞令第2号"},
	}, b.SQL(`SELECT person, event, office, document FROM appointment WHERE kind = 'host_admin' ORDER BY id`))
	require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE object = 'office' AND after->>'from_on' IS NOT NULL`))
}

func TestHandOverIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	clerk, _ := b.add(b.town, clerkNamed("mukawa"))
	hand := func(in people.HandOverInput) act {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.HandOver(ctx, tx, b.host, office.ID, in)
			return err
		}
	}
	for what, try := range map[string]struct {
		field string
		in    people.HandOverInput
	}{
		"no day":                  {"from_on", people.HandOverInput{To: next.ID}},
		"the day the former came": {"from_on", people.HandOverInput{To: next.ID, FromOn: since}},
		"to the holder":           {"to", people.HandOverInput{To: former.ID, FromOn: *day(2027, 4, 1)}},
	} {
		fault := b.Fault(tenants.KindInvalid, b.admin, hand(try.in))
		require.Len(t, fault.Fields, 1, what)
		require.Equal(t, try.field, fault.Fields[0].Field, what)
	}
	b.Fault(tenants.KindNotFound, b.admin, hand(people.HandOverInput{To: clerk.ID, FromOn: *day(2027, 4, 1)}))
	b.Fault(tenants.KindForbidden, b.operator, hand(people.HandOverInput{To: next.ID, FromOn: *day(2027, 4, 1)}))
	b.Fault(tenants.KindNotFound, b.stranger, hand(people.HandOverInput{To: next.ID, FromOn: *day(2027, 4, 1)}))

	// An office may stand empty for a while; what goes with it is not forgotten.
	b.Do(b.admin, hand(people.HandOverInput{FromOn: today}))
	require.Equal(t, "to", b.Fault(tenants.KindInvalid, b.admin, hand(people.HandOverInput{FromOn: today.AddDays(3)})).Fields[0].Field)
	require.Equal(t, "from_on", b.Fault(tenants.KindInvalid, b.admin, hand(people.HandOverInput{To: next.ID, FromOn: today.AddDays(-1)})).Fields[0].Field)
	b.Do(b.admin, hand(people.HandOverInput{To: next.ID, FromOn: today}))
	a, err := b.load(next)
	require.NoError(t, err)
	require.True(t, a.May(tenants.WritePeople, b.host))
	a, err = b.load(former)
	require.NoError(t, err)
	require.False(t, a.May(tenants.WritePeople))
}

func TestAPostComesToAnOfficeAndGoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		if _, err := people.HandOver(ctx, tx, b.host, office.ID, people.HandOverInput{To: next.ID, FromOn: today.AddDays(5)}); err != nil {
			return err
		}
		var err error
		office, err = people.AddOfficePost(ctx, tx, b.host, office.ID, people.OfficePostInput{Kind: tenants.Town, At: b.town, Title: "併任"})
		return err
	})
	a, err := b.load(former)
	require.NoError(t, err)
	require.Contains(t, a.Grants, tenants.Grant{Post: tenants.Town, Scope: tenants.Scope{Towns: []int64{b.town}}})
	require.Len(t, office.Posts, 2)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.DropOfficePost(ctx, tx, b.host, office.ID, office.Posts[1].ID)
		return err
	})
	require.Equal(t, []map[string]any{{"person": "見本 松子", "event": "begun"}, {"person": "見本 竹子", "event": "begun"}, {"person": "見本 竹子", "event": "ended"}, {"person": "見本 松子", "event": "withdrawn"}},
		b.SQL(`SELECT person, event FROM appointment WHERE title = '併任' ORDER BY id`), "the holder's until today, the successor's never begins")
	b.Fault(tenants.KindNotFound, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.DropOfficePost(ctx, tx, b.host, office.ID, office.Posts[1].ID)
		return err
	})
	require.Equal(t, "name", b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.AddOffice(ctx, tx, b.host, "住民福祉課長")
		return err
	}).Fields[0].Field)
}
