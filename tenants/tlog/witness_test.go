package tlog_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// The day's checkpoint goes to whom the town named, once, in the morning by its own clock, whichever node looks.
func TestATownIsSentItsCheckpointOnceADay(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Contact(h.town, "係長", "見本 二郎", "jiro@example.jp") // for emergencies only
	set := func(name, mail string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			return tlog.SetWitness(ctx, tx, h.town, tlog.Addressee{Name: name, Mail: mail})
		}
	}
	h.Fault(tenants.KindForbidden, h.audit, set("x", "x@example.jp"))
	h.Fault(tenants.KindInvalid, h.clerk, set("", "x@example.jp"))
	h.Fault(tenants.KindInvalid, h.clerk, set("x", "見本 <x@example.jp>"))
	h.Do(h.admin, set("x", "x@example.jp"))
	h.Do(h.clerk, set("", ""))
	sent := func() int64 {
		var nodes sync.WaitGroup
		for range 3 {
			nodes.Go(func() {
				noError(t, h.Try(tenants.Job("witness"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Witness(ctx, tx, 10); return err }))
			})
		}
		nodes.Wait()
		return tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM notice WHERE kind = 'checkpoint' AND tenant_id = $1`, h.town)
	}
	require.Zero(t, sent(), "there is nothing yet")
	h.nights(1)
	require.Zero(t, sent(), "from the next morning on")
	h.Clock.Set(time.Date(2026, 11, 21, 21, 59, 0, 0, time.UTC))
	require.Zero(t, sent(), "06:59")
	h.Clock.Advance(time.Minute)
	note := h.state().Note
	require.Zero(t, sent(), "nobody is to get it")
	h.Do(h.clerk, set("町民生活課 見本 花子", "hanako@example.jp"))
	require.EqualValues(t, 1, sent())
	require.EqualValues(t, 1, sent())
	mail := h.SQL(`SELECT to_address, subject, body_text, body_html FROM notice WHERE kind = 'checkpoint'`)[0]
	require.Equal(t, "hanako@example.jp", mail["to_address"])
	require.Equal(t, "【棚守】むかわ町：令和8年11月22日の検証値（保管してください）", mail["subject"])
	require.Contains(t, mail["body_text"], note)
	require.Contains(t, mail["body_text"], h.state().Keys[0].Verifier)
	require.Contains(t, strings.ReplaceAll(mail["body_html"].(string), "&#43;", "+"), strings.SplitN(note, "\n", 2)[0])
	r := h.verify(h.whole(), evidence.Trust{Checkpoints: []string{note}, Keys: []string{h.state().Keys[0].Verifier}})
	require.True(t, r.Holds(), said(r))
	h.gather() // the message is a row, too
	h.Clock.Advance(24 * time.Hour)
	require.EqualValues(t, 2, sent())
	h.Clock.Advance(24 * time.Hour)
	h.SQL(`UPDATE tlog_tree SET mailed_size = signed_size`)
	require.EqualValues(t, 2, sent(), "nothing new, no mail")
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
