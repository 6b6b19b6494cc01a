package correction_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/tenants"
	"tanamori/tenants/correction"
	"tanamori/tenants/tenantstest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

// A ledger of the test's own, as a new one would be declared: nothing else is written for it.
var _ = correction.Register(correction.Ledger{Table: "sample_entry", Ja: "入室の記録", En: "room entry", Recorded: "recorded_at", About: "t.visitor", Rows: "t.kind = 'written'",
	Read: tenants.ReadIncident, Act: tenants.NoteIncident, Days: 30,
	Fields: []correction.Field{
		{Name: "occurred_at", Ja: "入室", En: "Entered", Kind: correction.Time, Required: true},
		{Name: "visitor", Ja: "氏名", En: "Visitor", Kind: correction.Line, Longest: 10, Required: true},
		{Name: "purpose", Ja: "目的", En: "Purpose", Kind: correction.Text, Longest: 20},
		{Name: "way", Ja: "経路", En: "Way", Kind: correction.Choice, Options: []correction.Option{{Value: "front", Ja: "表", En: "front"}, {Value: "back", Ja: "裏", En: "back"}}},
		{Name: "badge_on", Ja: "発行日", En: "Badge of", Kind: correction.Date},
		{Name: "escort", Column: "t.escort_id", Words: "t.escort", Ja: "立会者", En: "Escort", Kind: correction.Person, People: escorts, Required: true},
		{Name: "seal", Only: "t.seal <> ''", Ja: "封印", En: "Seal", Kind: correction.Line, Longest: 10},
	}})

// The same rows under the eye of another person.
var _ = correction.Register(correction.Ledger{Table: "sample_held", Ja: "封印の記録", En: "seal", Recorded: "recorded_at", About: "t.visitor",
	Read: tenants.ReadIncident, Act: tenants.NoteIncident, Approve: tenants.ReadIncident,
	Fields: []correction.Field{{Name: "visitor", Ja: "氏名", En: "Visitor", Kind: correction.Line, Longest: 10}}})

func escorts(_ context.Context, tx *tenants.Tx, town int64) ([]correction.Option, error) {
	var out []correction.Option
	err := tx.DB.Raw(`SELECT CAST(id AS text) AS value, name AS ja, name AS en FROM person WHERE tenant_id = ? ORDER BY id`, town).Scan(&out).Error
	return out, err
}

type bundle struct {
	*tenantstest.Bench
	t                                          *testing.T
	host, town                                 int64
	admin, operator, facility, clerk, stranger tenants.Actor
	row, other                                 int64
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t), t: t}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.operator, b.facility = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Operator), b.Person(b.host, tenants.Facility)
	b.clerk = b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	for _, table := range []string{"sample_entry", "sample_held", "sample_narrow"} {
		b.SQL(`CREATE TABLE ` + table + ` (tenant_id bigint NOT NULL REFERENCES tenant, id bigint GENERATED ALWAYS AS IDENTITY, kind text NOT NULL DEFAULT 'written', occurred_at timestamptz NOT NULL,
			recorded_at timestamptz NOT NULL, visitor text NOT NULL, purpose text NOT NULL DEFAULT '', way text NOT NULL DEFAULT 'front', badge_on date, escort_id bigint NOT NULL, escort text NOT NULL,
			seal text NOT NULL DEFAULT '', PRIMARY KEY (tenant_id, id))`)
		b.SQL(`CALL tanamori_isolate('` + table + `')`)
		b.SQL(`GRANT SELECT ON ` + table + ` TO tanamori_town, tanamori_host`)
		for _, kind := range []string{"written", "made"} {
			b.SQL(`INSERT INTO `+table+` (tenant_id, kind, occurred_at, recorded_at, visitor, escort_id, escort) VALUES ($1, $2, $3, $4, '見本 三郎', $5, '見本 太郎')`,
				b.town, kind, b.Clock.Now().Add(-time.Hour), b.Clock.Now(), b.clerk.PersonID)
		}
	}
	b.row = tenantstest.Value[int64](b.Bench, `SELECT id FROM sample_entry WHERE kind = 'written'`)
	b.other = tenantstest.Value[int64](b.Bench, `SELECT id FROM sample_entry WHERE kind = 'made'`)
	return b
}

func (b bundle) get() (r correction.Record) {
	b.t.Helper()
	b.Do(b.clerk, func(ctx context.Context, tx *tenants.Tx) (err error) {
		r, err = correction.Get(ctx, tx, b.town, "sample_entry", b.row)
		return err
	})
	return r
}

// input corrects the row's field from what it says to something else.
func (b bundle) input(field, becomes string) correction.Input {
	return correction.Input{Town: b.town, Ledger: "sample_entry", Row: b.row, Reason: "書き誤り", Changes: []correction.Change{{Field: field, Was: b.get().Now[field], Becomes: becomes}}}
}

func (b bundle) correct(who tenants.Actor, in correction.Input) (c correction.Correction, err error) {
	err = b.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		c, err = correction.Correct(ctx, tx, in)
		return err
	})
	return c, err
}

func TestARecordStaysAndWhatItShouldHaveSaidStandsBesideIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.correct(b.clerk, b.input("visitor", "見本 四郎"))
	require.NoError(t, err)
	b.Clock.Advance(time.Hour)
	c, err := b.correct(b.admin, b.input("visitor", "見本 五郎"))
	require.NoError(t, err)
	require.Equal(t, 2, c.N)
	escort := strconv.FormatInt(b.clerk.PersonID, 10)
	r := b.get()
	require.Equal(t, escort, r.Now["escort"])
	require.Equal(t, "見本 三郎", r.Written["visitor"])
	require.Equal(t, "見本 五郎", r.Now["visitor"], "the latest stands")
	require.Len(t, r.Corrections, 2, "and all are to be seen")
	require.Equal(t, correction.Values{"visitor": "見本 三郎"}, r.Corrections[0].Was)
	require.Equal(t, correction.Values{"visitor": "見本 四郎"}, r.Corrections[1].Was)
	require.Equal(t, "見本 三郎", tenantstest.Value[string](b.Bench, `SELECT visitor FROM sample_entry WHERE id = $1`, b.row))
	require.False(t, r.Has(r.Ledger.Fields[6]), "no seal: no such field")

	lines := b.SQL(`SELECT act, object, object_id, before ->> 'visitor' AS was, after ->> 'visitor' AS becomes, after ->> 'correction_reason' AS reason FROM operation_log WHERE act = 'correction.write' ORDER BY id`)
	require.Len(t, lines, 2)
	require.Equal(t, map[string]any{"act": "correction.write", "object": "correction", "object_id": c.ID, "was": "見本 四郎", "becomes": "見本 五郎", "reason": "書き誤り"}, lines[1])
	require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM tlog_due WHERE kind = 'correction'`), "a correction is evidence itself")
}

func TestEveryKindOfFieldIsTakenAndShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	colleague := b.Person(b.town, tenants.Town)
	at := b.Clock.Now().Add(-2 * time.Hour)
	for _, x := range []struct{ field, becomes, ja string }{
		{"occurred_at", at.Format(time.RFC3339), "令和8年11月21日 " + at.In(time.FixedZone("", 9*3600)).Format("15:04")},
		{"purpose", "点検\n二日目", "点検\n二日目"}, {"way", "back", "裏"}, {"badge_on", "2026-11-01", "令和8年11月1日"},
		{"escort", strconv.FormatInt(colleague.PersonID, 10), tenantstest.Value[string](b.Bench, `SELECT name FROM person WHERE id = $1`, colleague.PersonID)},
	} {
		c, err := b.correct(b.clerk, b.input(x.field, x.becomes))
		require.NoError(t, err, x.field)
		require.Len(t, c.Fields(), 1)
		require.Equal(t, x.ja, c.Fields()[0].Show(c.Becomes, "ja", time.FixedZone("", 9*3600)), x.field)
	}
	_, err := b.correct(b.clerk, b.input("badge_on", ""))
	require.NoError(t, err, "what need not be there may be taken back")
	require.Empty(t, b.get().Now["badge_on"])
}

func TestWhatCannotBeIsRefusedAtTheField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := b.Clock.Now()
	for name, x := range map[string]struct{ field, becomes, at string }{
		"nothing changes":      {"visitor", "見本 三郎", "occurred_at"},
		"a time to come":       {"occurred_at", now.Add(time.Hour).Format(time.RFC3339), "occurred_at"},
		"no time":              {"occurred_at", "きのう", "occurred_at"},
		"years ago":            {"occurred_at", now.AddDate(-2, 0, 0).Format(time.RFC3339), "occurred_at"},
		"empty":                {"visitor", "", "visitor"},
		"spaces":               {"visitor", "　", "visitor"},
		"too long":             {"visitor", "見本見本見本見本見本見本", "visitor"},
		"two lines":            {"visitor", "見本\n三郎", "visitor"},
		"no such choice":       {"way", "roof", "way"},
		"no day":               {"badge_on", "2026-02-30", "badge_on"},
		"nobody":               {"escort", "0", "escort"},
		"of another town":      {"escort", strconv.FormatInt(b.stranger.PersonID, 10), "escort"},
		"no such field":        {"colour", "red", "colour"},
		"not in this record":   {"seal", "7", "seal"},
		"what the system sets": {"recorded_at", now.Format(time.RFC3339), "recorded_at"},
	} {
		in := correction.Input{Town: b.town, Ledger: "sample_entry", Row: b.row, Reason: "書き誤り", Changes: []correction.Change{{Field: x.field, Was: b.get().Now[x.field], Becomes: x.becomes}}}
		_, err := b.correct(b.clerk, in)
		f := tenants.AsFault(err)
		require.NotNil(t, f, name)
		require.Equal(t, tenants.KindInvalid, f.Kind, name)
		require.Equal(t, x.at, f.Fields[0].Field, name)
		require.NotEmpty(t, f.Fields[0].Ja+f.Fields[0].En, name)
	}
	in := b.input("visitor", "見本 四郎")
	in.Reason = ""
	_, err := b.correct(b.clerk, in)
	require.Equal(t, "reason", tenants.AsFault(err).Fields[0].Field)
	in = b.input("visitor", "見本 四郎")
	in.Changes = append(in.Changes, in.Changes[0])
	_, err = b.correct(b.clerk, in)
	require.Equal(t, "visitor", tenants.AsFault(err).Fields[0].Field, "twice")
	in = b.input("visitor", "見本 四郎")
	in.Ledger = "person"
	_, err = b.correct(b.clerk, in)
	require.Equal(t, "ledger", tenants.AsFault(err).Fields[0].Field)
	require.Empty(t, b.get().Corrections)
}

func TestWhoMayAndUntilWhen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	machine := b.clerk
	machine.Machine = true
	for name, x := range map[string]struct {
		who  tenants.Actor
		kind tenants.Kind
	}{
		"whose post does not":         {b.facility, tenants.KindForbidden},
		"of another consortium":       {b.stranger, tenants.KindNotFound},
		"whoever holds a mail's link": {tenants.Link(b.town, "見本", "r", ""), tenants.KindForbidden},
		"a machine":                   {machine, tenants.KindConflict},
	} {
		_, err := b.correct(x.who, b.input("visitor", "見本 四郎"))
		require.Equal(t, x.kind, tenants.AsFault(err).Kind, name)
	}
	in := b.input("visitor", "見本 四郎")
	in.Town = b.host
	_, err := b.correct(b.admin, in)
	require.Equal(t, tenants.KindNotFound, tenants.AsFault(err).Kind, "a row of another town")
	in = b.input("visitor", "見本 四郎")
	in.Row = b.other
	_, err = b.correct(b.clerk, in)
	require.Equal(t, tenants.KindNotFound, tenants.AsFault(err).Kind, "what nobody wrote")

	in = b.input("visitor", "見本 四郎")
	b.Clock.Advance(30*24*time.Hour - time.Second)
	_, err = b.correct(b.clerk, in)
	require.NoError(t, err, "the last moment")
	in = b.input("visitor", "見本 五郎")
	b.Clock.Advance(time.Second)
	_, err = b.correct(b.clerk, in)
	require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind, "too late")
}

// Two at once: one of them wins, the other is told by whom and what it says now.
func TestOfTwoAtOnceOneWins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.input("visitor", "")
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			mine := in
			mine.Changes = []correction.Change{{Field: "visitor", Was: in.Changes[0].Was, Becomes: fmt.Sprintf("見本 %d", i)}}
			_, errs[i] = b.correct(b.clerk, mine)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		f := tenants.AsFault(err)
		require.Equal(t, tenants.KindConflict, f.Kind)
		require.Equal(t, "visitor", f.Fields[0].Field)
		require.Contains(t, f.Fields[0].Ja, b.clerk.Text()+"が先に訂正しました。いまは「"+b.get().Now["visitor"]+"」です。")
	}
	require.Equal(t, 1, won)
	require.Len(t, b.get().Corrections, 1)

	_, err := b.correct(b.operator, b.input("purpose", "点検"))
	require.NoError(t, err, "another field is nobody's conflict")
}

func TestWhereTheLedgerSaysSoAnotherPersonAgrees(t *testing.T) {
	t.Parallel()
	b := setup(t)
	row := tenantstest.Value[int64](b.Bench, `SELECT min(id) FROM sample_held`)
	in := correction.Input{Town: b.town, Ledger: "sample_held", Row: row, Reason: "書き誤り", Changes: []correction.Change{{Field: "visitor", Was: "見本 三郎", Becomes: "見本 四郎"}}}
	_, err := b.correct(b.clerk, in)
	f := tenants.AsFault(err)
	require.Equal(t, tenants.KindHeld, f.Kind)
	require.Equal(t, tenants.ReadIncident, f.Act)
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM correction`), "alone it leaves nothing, whatever the door does")

	confirmed := b.clerk // as the gate carries a confirmed request out
	confirmed.Second, confirmed.SecondID = b.operator.Text(), b.operator.PersonID
	c, err := b.correct(confirmed, in)
	require.NoError(t, err)
	require.Equal(t, b.operator.PersonID, *c.ApproverID)
	require.Equal(t, b.operator.Text(), c.Approver)
	require.Equal(t, b.clerk.Text(), c.ByText)

	confirmed.SecondID = b.clerk.PersonID
	in.Changes[0] = correction.Change{Field: "visitor", Was: "見本 四郎", Becomes: "見本 五郎"}
	_, err = b.correct(confirmed, in)
	require.Error(t, err, "the database refuses one person as both")
}

func TestListsAreOfWhatOneMayRead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 5 {
		b.Clock.Advance(24 * time.Hour)
		_, err := b.correct(b.clerk, b.input("visitor", fmt.Sprintf("見本 %d", i)))
		require.NoError(t, err)
	}
	b.SQL(`INSERT INTO correction (tenant_id, ledger, row_id, n, about, was, becomes, reason, by_id, by_text, at, recorded_at)
		VALUES ($1, 'gone_ledger', 1, 1, '', '{"a": "1"}', '{"a": "2"}', 'x', 1, 'x', $2, $2)`, b.town, b.Clock.Now())
	list := func(who tenants.Actor, f correction.Filter) (out []correction.Correction) {
		b.Do(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
			out, err = correction.List(ctx, tx, f)
			return err
		})
		return out
	}
	all := list(b.admin, correction.Filter{Limit: 10})
	require.Len(t, all, 5, "but not of a ledger that nobody declares")
	require.Equal(t, "見本 4", all[0].Becomes["visitor"], "the newest first")
	require.Len(t, list(b.clerk, correction.Filter{Town: b.town, Limit: 3}), 3)
	require.Len(t, list(b.clerk, correction.Filter{Town: b.town, Limit: 3, Before: all[2].ID}), 2)
	require.Len(t, list(b.admin, correction.Filter{From: all[3].At, Until: all[1].At, Limit: 10}), 2)
	require.Empty(t, list(b.admin, correction.Filter{Ledger: "confirmation", Limit: 10}))
	require.Len(t, list(b.admin, correction.Filter{Ledger: "sample_entry", Row: b.row, Limit: 10}), 5)
	require.Empty(t, list(b.stranger, correction.Filter{Limit: 10}))
	b.Fault(tenants.KindNotFound, b.stranger, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := correction.List(ctx, tx, correction.Filter{Town: b.town, Limit: 10})
		return err
	})
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		totals, err := correction.Count(ctx, tx, correction.Filter{From: all[4].At})
		require.Equal(t, []correction.Total{{TenantID: b.town, Ledger: "sample_entry", Corrections: 5, Records: 1}}, totals)
		return err
	})
}

func TestACorrectionIsKeptAsLongAsItsRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.correct(b.clerk, b.input("visitor", "見本 四郎"))
	require.NoError(t, err)
	free := `SELECT NOT tanamori_stands(ledger, tenant_id, row_id) FROM correction`
	require.False(t, tenantstest.Value[bool](b.Bench, free))
	b.SQL(`DELETE FROM sample_entry WHERE id = $1`, b.row)
	require.True(t, tenantstest.Value[bool](b.Bench, free))
	b.SQL(`DROP TABLE sample_entry`)
	require.True(t, tenantstest.Value[bool](b.Bench, free))
}
