package custody_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
	"tanamori/tenants/custody"
)

// fix corrects fields of a line as the administrator, with whose agreement stands in agreed; nobody's where that is zero.
func (b bundle) fix(agreed tenants.Actor, event int64, reason string, becomes map[string]string) error {
	who := b.admin
	if agreed.PersonID != 0 {
		who.Second, who.SecondID = agreed.Text(), agreed.PersonID
	}
	return b.Try(who, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := correction.Get(ctx, tx, b.host, "credential_event", event)
		if err != nil {
			return err
		}
		in := correction.Input{Town: b.host, Ledger: "credential_event", Row: event, Reason: reason}
		for field, value := range becomes {
			in.Changes = append(in.Changes, correction.Change{Field: field, Was: r.Now[field], Becomes: value})
		}
		_, err = correction.Correct(ctx, tx, in)
		return err
	})
}

func id(a tenants.Actor) string { return strconv.FormatInt(a.PersonID, 10) }

func TestACorrectedLineMovesWhatFollowsFromIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.add(startup)
	b.Clock.Advance(48 * time.Hour)
	b.record(c, custody.EventInput{Kind: custody.Opened, Witness: b.operator.PersonID, Reason: "点検のため", OccurredAt: b.Clock.Now().Add(-time.Hour)})
	before, events := b.get(c)
	require.Equal(t, tenants.KindHeld, tenants.AsFault(b.fix(tenants.Actor{}, events[0].ID, "番号の書き誤り", map[string]string{"envelope": "K-010"})).Kind, "as two persons stand in each line")
	unchanged, _ := b.get(c)
	require.Equal(t, before, unchanged)

	require.NoError(t, b.fix(b.facility, events[0].ID, "番号の書き誤り", map[string]string{"envelope": "K-010", "by": id(b.operator)}))
	after, lines := b.get(c)
	require.Equal(t, "K-010", after.Envelope)
	require.Equal(t, b.operator.PersonID, lines[0].ByID)
	require.Contains(t, lines[0].ByText, b.operator.Name)
	require.Equal(t, after.SetBy, lines[0].ByText, "and who set the present one")
	require.True(t, after.Opened)
	require.Len(t, lines, 2)
	require.Equal(t, "K-001", lines[0].Corrections[0].Was["envelope"])
	require.Equal(t, b.facility.PersonID, *lines[0].Corrections[0].ApproverID)

	earlier := b.Clock.Now().Add(-25 * time.Hour)
	require.NoError(t, b.fix(b.facility, events[1].ID, "日付の誤り", map[string]string{"occurred_at": earlier.Format(time.RFC3339), "reason_given": "停電のため"}))
	after, lines = b.get(c)
	require.Equal(t, calendar.DateOf(earlier, b.zone).AddDays(7), after.DueOn, "the deadline follows from what really happened")
	require.Equal(t, "停電のため", lines[1].Reason)
	require.Equal(t, []map[string]any{{"on": after.DueOn.String()}}, b.SQL(`SELECT after ->> 'due_on' AS on FROM operation_log WHERE act = 'custody.write' ORDER BY id DESC LIMIT 1`),
		"that it moved stands in the log beside the correction")
	require.Equal(t, []map[string]any{{"envelope": "K-001", "reason": "点検のため"}}, b.SQL(`SELECT max(envelope) AS envelope, max(reason) AS reason FROM credential_event`), "what was written stays")

	for field, becomes := range map[string]map[string]string{
		"witness":      {"witness": id(b.operator)},
		"envelope":     {"envelope": ""},
		"occurred_at":  {"occurred_at": b.Clock.Now().Format(time.RFC3339)}, // after the opening
		"reason_given": {"reason_given": ""},
	} {
		line := events[0].ID
		if field == "reason_given" {
			line = events[1].ID // why it was opened is to be said
		}
		f := tenants.AsFault(b.fix(b.facility, line, "x", becomes))
		require.Equal(t, tenants.KindInvalid, f.Kind, field)
		require.Equal(t, field, f.Fields[0].Field)
	}
}
