package custody_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/custody"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

// Nothing that a test of this package starts runs on when the tests have ended.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

type bundle struct {
	*tenantstest.Bench
	t                                                   *testing.T
	host, town                                          int64
	admin, operator, facility, auditor, clerk, stranger tenants.Actor
	zone                                                *time.Location
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{Bench: tenantstest.New(t), t: t}
	b.host, b.town = b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	b.admin, b.operator, b.facility = b.Person(b.host, tenants.HostAdmin), b.Person(b.host, tenants.Operator), b.Person(b.host, tenants.Facility)
	b.auditor, b.clerk = b.Person(b.host, tenants.Auditor), b.Person(b.town, tenants.Town)
	b.Consortium()
	b.stranger = b.Person(b.Host("見本町", "010006"), tenants.HostAdmin)
	var err error
	b.zone, err = time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	b.Clock.Set(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)) // a Friday
	return b
}

var startup = custody.Input{Kind: custody.Startup, Name: "戸籍サーバ（正）", AppliesTo: "ラックA-01 U20の起動画面", RotateMonths: 12, OpenDays: 7}

func (b bundle) sealed() custody.EventInput {
	return custody.EventInput{By: b.facility.PersonID, Witness: b.admin.PersonID, Envelope: "K-001", Place: "本庁舎 耐火金庫2段目"}
}

func (b bundle) add(in custody.Input) (c custody.Credential) {
	b.t.Helper()
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		c, err = custody.Add(ctx, tx, in, b.sealed())
		return err
	})
	return c
}

func (b bundle) record(c custody.Credential, in custody.EventInput) (after custody.Credential) {
	b.t.Helper()
	b.Do(b.admin, b.recording(c, in, &after))
	return after
}

func (b bundle) recording(c custody.Credential, in custody.EventInput, after *custody.Credential) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) (err error) {
		var done custody.Credential
		done, err = custody.Record(ctx, tx, c.ID, in)
		if after != nil {
			*after = done
		}
		return err
	}
}

func (b bundle) get(c custody.Credential) (now custody.Credential, events []custody.Event) {
	b.t.Helper()
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		now, events, err = custody.Get(ctx, tx, c.ID)
		return err
	})
	return now, events
}

// jobs does once what the jobs do.
func (b bundle) jobs() {
	b.t.Helper()
	for _, act := range []func(context.Context, *tenants.Tx, int) (int, error){custody.TakeIn, duty.PlanAhead, duty.JudgeDue} {
		b.Do(tenants.Job("test"), func(ctx context.Context, tx *tenants.Tx) error { _, err := act(ctx, tx, 100); return err })
	}
}

// to moves the clock on, the jobs running every few hours, as they do.
func (b bundle) to(when time.Time) {
	b.t.Helper()
	for b.Clock.Now().Before(when) {
		next := b.Clock.Now().Add(6 * time.Hour)
		if next.After(when) {
			next = when
		}
		b.Clock.Set(next)
		// Nodes were alive all the time: what is not seen is not an outage.
		b.SQL(`INSERT INTO heartbeat (node, started_at, seen_at) VALUES ('00000000-0000-0000-0000-000000000001', $1, $1) ON CONFLICT (node) DO UPDATE SET seen_at = EXCLUDED.seen_at`, next)
		b.jobs()
	}
}

func (b bundle) verdicts() (all []string) {
	b.t.Helper()
	for _, row := range b.SQL(`SELECT to_char(scheduled_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD HH24:MI') || ' ' || coalesce(verdict, 'pending') || CASE WHEN recovered_at IS NULL THEN '' ELSE ' recovered' END AS v
		FROM occurrence ORDER BY scheduled_at`) {
		all = append(all, row["v"].(string))
	}
	return all
}

func (b bundle) open() int64 {
	return tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`)
}

func TestTheLedgerAndNotTheSecretIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(startup)
	require.Equal(t, custody.Standing{Envelope: "K-001", Place: "本庁舎 耐火金庫2段目", SetAt: b.Clock.Now(), SetBy: b.facility.Text(), DueOn: calendar.MustDate(2027, 11, 19)}, c.Standing)
	b.Clock.Advance(time.Hour)
	opened := b.record(c, custody.EventInput{Kind: custody.Opened, Witness: b.operator.PersonID, Reason: "停電後の再起動のため"})
	require.True(t, opened.Opened)
	require.Equal(t, calendar.MustDate(2026, 11, 27), opened.DueOn, "within a week of the opening")
	b.Clock.Advance(time.Hour)
	resealed := b.record(c, custody.EventInput{Kind: custody.Resealed, Witness: b.operator.PersonID, Envelope: "K-002", Place: "本庁舎 耐火金庫2段目"})
	require.False(t, resealed.Opened)
	require.Equal(t, "K-002", resealed.Envelope)
	require.Equal(t, calendar.MustDate(2026, 11, 27), resealed.DueOn, "sealed again is not changed")
	b.Clock.Advance(time.Hour)
	changed := b.record(c, custody.EventInput{Kind: custody.Changed, By: b.facility.PersonID, Witness: b.admin.PersonID, Envelope: "K-003", Place: "支所 書庫"})
	require.Equal(t, calendar.MustDate(2027, 11, 19), changed.DueOn)
	require.Equal(t, "支所 書庫", changed.Place)
	b.Clock.Advance(time.Hour)
	retired := b.record(c, custody.EventInput{Kind: custody.Retired, Witness: b.operator.PersonID, Reason: "サーバ更新のため"})
	require.NotNil(t, retired.RetiredAt)
	now, events := b.get(c)
	require.Equal(t, retired, now)
	var kinds []string
	for _, e := range events {
		require.NotEqual(t, e.ByID, e.WitnessID)
		require.Equal(t, b.admin.Text(), e.RecordedBy)
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []string{"set", "opened", "resealed", "changed", "retired"}, kinds)
	b.Fault(tenants.KindConflict, b.admin, b.recording(c, custody.EventInput{Kind: custody.Opened, Witness: b.operator.PersonID, Reason: "x"}, nil))
	require.NotEqual(t, c.ID, b.add(startup).ID, "the name of what was retired may be used again")
	require.EqualValues(t, 6, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE act = 'custody.write' AND object = 'credential'`))
}

func TestTwoPersonsAndOneOfThemWritesItDown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(startup)
	try := func(by, witness tenants.Actor) string {
		fault := b.Fault(tenants.KindInvalid, b.admin, b.recording(c, custody.EventInput{Kind: custody.Opened, By: by.PersonID, Witness: witness.PersonID, Reason: "点検のため"}, nil))
		return fault.Fields[0].Field
	}
	require.Equal(t, "witness_id", try(b.admin, b.admin))
	require.Equal(t, "by_id", try(b.facility, b.operator), "neither of them is the one who writes it down")
	require.Equal(t, "witness_id", try(b.admin, b.clerk), "a town's people are no witnesses at the host")
	require.Equal(t, "by_id", try(b.stranger, b.admin))
	// Persons are compared, not posts: the same one with another post is the same one.
	b.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) VALUES ($1, $2, 'facility', '施設管理者', '2026-04-01')`, b.host, b.admin.PersonID)
	require.Equal(t, "witness_id", try(b.admin, b.admin))
	// The database itself refuses one person in both places.
	_, err := b.TrySQL(`INSERT INTO credential_event (tenant_id, credential_id, kind, occurred_at, recorded_at, by_id, by_text, witness_id, witness_text, recorded_by)
		VALUES ($1, $2, 'opened', $3, $3, $4, 'x', $4, 'x', 'x')`, b.host, c.ID, b.Clock.Now(), b.admin.PersonID)
	require.ErrorContains(t, err, "credential_event_two_persons")
	b.SQL(`UPDATE person SET disabled_at = $2 WHERE id = $1`, b.operator.PersonID, b.Clock.Now())
	require.Equal(t, "witness_id", try(b.admin, b.operator), "who is disabled is nobody's witness")
	_, events := b.get(c)
	require.Len(t, events, 1)
}

func TestWhoMayAndWhatIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(startup)
	for _, who := range []tenants.Actor{b.operator, b.facility, b.auditor, b.clerk} {
		b.Fault(tenants.KindForbidden, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := custody.Add(ctx, tx, startup, b.sealed())
			return err
		})
		b.Fault(tenants.KindForbidden, who, b.recording(c, custody.EventInput{Kind: custody.Opened}, nil))
		b.Fault(tenants.KindForbidden, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := custody.Change(ctx, tx, c.ID, startup)
			return err
		})
	}
	b.Fault(tenants.KindForbidden, b.clerk, func(ctx context.Context, tx *tenants.Tx) error { _, err := custody.List(ctx, tx); return err })
	b.Fault(tenants.KindForbidden, b.clerk, func(ctx context.Context, tx *tenants.Tx) error { _, _, err := custody.Get(ctx, tx, c.ID); return err })
	b.Fault(tenants.KindNotFound, b.stranger, func(ctx context.Context, tx *tenants.Tx) error { _, _, err := custody.Get(ctx, tx, c.ID); return err })
	b.Fault(tenants.KindNotFound, b.stranger, b.recording(c, custody.EventInput{Kind: custody.Opened}, nil))

	wrong := func(field string, in custody.Input, first custody.EventInput) {
		t.Helper()
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := custody.Add(ctx, tx, in, first)
			return err
		})
		require.Len(t, fault.Fields, 1, field)
		require.Equal(t, field, fault.Fields[0].Field)
	}
	other := func(change func(*custody.Input)) custody.Input {
		in := startup
		in.Name = "別の機械"
		change(&in)
		return in
	}
	wrong("name", startup, b.sealed()) // there is one
	wrong("kind", other(func(in *custody.Input) { in.Kind = "x" }), b.sealed())
	wrong("applies_to", other(func(in *custody.Input) { in.AppliesTo = " " }), b.sealed())
	wrong("rotate_months", other(func(in *custody.Input) { in.RotateMonths = 13 }), b.sealed())
	wrong("open_days", other(func(in *custody.Input) { in.OpenDays = 0 }), b.sealed())
	for field, change := range map[string]func(*custody.EventInput){
		"envelope": func(e *custody.EventInput) { e.Envelope = "" }, "place": func(e *custody.EventInput) { e.Place = strings.Repeat("あ", 101) },
		"occurred_at": func(e *custody.EventInput) { e.OccurredAt = b.Clock.Now().Add(time.Hour) },
	} {
		first := b.sealed()
		change(&first)
		wrong(field, other(func(*custody.Input) {}), first)
	}
	event := func(kind tenants.Kind, field string, in custody.EventInput) {
		t.Helper()
		in.Witness = b.operator.PersonID
		fault := b.Fault(kind, b.admin, b.recording(c, in, nil))
		if field != "" {
			require.Equal(t, field, fault.Fields[0].Field)
		}
	}
	event(tenants.KindInvalid, "reason", custody.EventInput{Kind: custody.Opened})
	event(tenants.KindInvalid, "kind", custody.EventInput{Kind: custody.Set, Envelope: "K-009", Place: "x"})
	event(tenants.KindInvalid, "kind", custody.EventInput{Kind: "corrected", Envelope: "K-009", Place: "x"})
	event(tenants.KindInvalid, "envelope", custody.EventInput{Kind: custody.Changed, Envelope: "K-001", Place: "x"})
	event(tenants.KindInvalid, "occurred_at", custody.EventInput{Kind: custody.Opened, Reason: "x", OccurredAt: b.Clock.Now().Add(-time.Hour)})
	event(tenants.KindConflict, "", custody.EventInput{Kind: custody.Resealed, Envelope: "K-009", Place: "x"})
}
