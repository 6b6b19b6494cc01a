package correction_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/tenantstest"
)

// A ledger that some read who may read corrections, and fewer correct than may correct something.
var _ = correction.Register(correction.Ledger{Table: "sample_narrow", Ja: "連絡の記録", En: "message", Recorded: "recorded_at", About: "t.visitor",
	Read: tenants.ReadOutbox, Act: tenants.WriteServer,
	Fields: []correction.Field{{Name: "visitor", Ja: "氏名", En: "Visitor", Kind: correction.Line, Longest: 10}}})

// Beside what corrections ask of everybody, a ledger asks what it declares: of who reads a record, and of who corrects it.
func TestALedgerAsksWhatItDeclares(t *testing.T) {
	t.Parallel()
	b := setup(t)
	row := tenantstest.Value[int64](b.Bench, `SELECT min(id) FROM sample_narrow`)
	get := func(ctx context.Context, tx *tenants.Tx) error {
		_, err := correction.Get(ctx, tx, b.town, "sample_narrow", row)
		return err
	}
	in := correction.Input{Town: b.town, Ledger: "sample_narrow", Row: row, Reason: "書き誤り", Changes: []correction.Change{{Field: "visitor", Was: "見本 三郎", Becomes: "見本 四郎"}}}
	correct := func(ctx context.Context, tx *tenants.Tx) error { _, err := correction.Correct(ctx, tx, in); return err }
	b.Fault(tenants.KindForbidden, b.clerk, get)
	b.Do(b.operator, get)
	b.Fault(tenants.KindForbidden, b.operator, correct)
	b.Fault(tenants.KindForbidden, b.clerk, correct)
	b.Do(b.admin, correct)
	var seen []correction.Correction
	list := func(ctx context.Context, tx *tenants.Tx) (err error) {
		seen, err = correction.List(ctx, tx, correction.Filter{Town: b.town, Limit: 10})
		return err
	}
	b.Do(b.clerk, list)
	require.Empty(t, seen)
	b.Do(b.operator, list)
	require.Len(t, seen, 1)
}

// Who stands beside at the same screen agrees to the change itself, which is asked of them elsewhere: where a ledger asks for
// another person's agreement to a correction, it waits.
func TestWhoStandsBesideIsNoApprover(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := correction.Input{Town: b.town, Ledger: "sample_held", Row: tenantstest.Value[int64](b.Bench, `SELECT min(id) FROM sample_held`), Reason: "書き誤り",
		Changes: []correction.Change{{Field: "visitor", Was: "見本 三郎", Becomes: "見本 四郎"}}}
	who := b.clerk
	who.Second, who.SecondID, who.Beside = b.operator.Text(), b.operator.PersonID, true
	_, err := b.correct(who, in)
	require.Equal(t, tenants.KindHeld, tenants.AsFault(err).Kind)
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM correction`))

	in.Ledger, in.Row = "sample_entry", b.row
	c, err := b.correct(who, in)
	require.NoError(t, err)
	require.Nil(t, c.ApproverID)
}

// What one may not read is not read and thrown away: a list is one statement, however much of it there is.
func TestAListReadsWhatItShows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.correct(b.clerk, b.input("visitor", "見本 四郎"))
	require.NoError(t, err)
	look := func() (statements, found int) {
		statements = b.QueryCount(func() {
			b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) error {
				list, err := correction.List(ctx, tx, correction.Filter{Town: b.town, Limit: 3})
				found = len(list)
				return err
			})
		})
		return statements, found
	}
	before, _ := look()
	b.SQL(`INSERT INTO correction (tenant_id, ledger, row_id, n, about, was, becomes, reason, by_id, by_text, at, recorded_at)
		SELECT $1, 'sample_narrow', n, 1, '', '{"a": "1"}', '{"a": "2"}', 'x', 1, 'x', $2, $2 FROM generate_series(1, 30) n`, b.town, b.Clock.Now())
	after, found := look()
	require.Equal(t, []int{before, 1}, []int{after, found})
}
