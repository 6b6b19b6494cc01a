package retention_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/retention"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/volume"
)

func TestAMonthIsBoundOnceItIsOver(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	april := h.checkin(on(2019, time.April, 30, 23))
	may := h.checkin(on(2019, time.May, 1, 0))
	h.Clock.Set(on(2019, time.May, 10, 23))
	h.bind()
	require.Empty(t, h.volumes("checkin"), "ten days after the month's end and not before")
	h.Clock.Set(on(2019, time.May, 11, 0))
	require.Positive(t, h.bind())
	got := h.volumes("checkin")
	require.Len(t, got, 1)
	require.Equal(t, "2019-04-01", got[0].Month.String())
	require.Equal(t, april, got[0].LastID)
	require.EqualValues(t, 1, got[0].RowCount)
	require.Equal(t, volume.First, got[0].Previous)
	require.Zero(t, h.bind(), "a month is bound once")

	h.Clock.Set(on(2019, time.August, 15, 9))
	h.bind()
	got = h.volumes("checkin")
	require.Len(t, got, 4, "months without a record have their volume too")
	require.Equal(t, may, got[2].LastID)
	for i := range got[:3] {
		require.Equal(t, got[i+1].Digest, got[i].Previous, "each follows the one before")
		require.Equal(t, got[i+1].LastID, got[i].AfterID)
	}
	require.Equal(t, h.checks(h.export(h.clerk, "checkin", 2)).Digest, got[2].Digest)
}

func TestTheHashIsThatOfTheLines(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	for day := range 5 {
		h.checkin(on(2019, time.April, 20+day, 12))
	}
	h.SQL(`INSERT INTO operation_log (tenant_id, at, actor_id, actor, post, act, object, object_id, before, after, request_id, remote)
		VALUES ($1, $2, NULL, '見本 一郎 "改行
		と𠮷"', 'host_admin', 'town.write', 'town', 1, '{"name": "旧"}', '{"name": "新", "n": 1.50}', 'r', '')`, h.town, on(2019, time.April, 21, 9))
	h.Clock.Set(on(2019, time.May, 12, 0))
	h.bind()
	for kind, rows := range map[string]int{"checkin": 5, "operation_log": 1} {
		file := h.export(h.admin, kind, 1)
		lines := strings.SplitAfter(strings.TrimSuffix(string(file), "\n"), "\n")
		require.Len(t, lines, rows+2)
		sum := sha256.Sum256([]byte(strings.Join(lines[1:rows+1], "")))
		require.Equal(t, hex.EncodeToString(sum[:]), h.checks(file).SHA256, "sed '1d;$d' | sha256sum gives it")
	}
	require.EqualValues(t, 2, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM operation_log WHERE tenant_id = $1 AND act = 'volume.export'`, h.town),
		"whoever takes records out stands in the operation log")
	h.SQL(`ALTER DATABASE ` + tenantstest.Value[string](h.Bench, `SELECT current_database()::text`) + ` SET bytea_output = 'escape'`)
	require.Equal(t, h.export(h.admin, "checkin", 1), h.export(h.clerk, "checkin", 1), "whoever takes it out")
}

func TestLateRowsBelongToALaterVolume(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.checkin(on(2019, time.April, 25, 12))
	h.Clock.Set(on(2019, time.May, 12, 0))
	h.bind()
	before := h.export(h.admin, "checkin", 1)
	late := h.checkin(on(2019, time.April, 26, 12)) // a clock that had gone back
	require.Equal(t, before, h.export(h.admin, "checkin", 1))
	h.Clock.Set(on(2019, time.June, 12, 0))
	h.bind()
	got := h.volumes("checkin")
	require.Len(t, got, 2)
	require.Equal(t, late, got[0].LastID)
	require.EqualValues(t, 1, got[0].RowCount)
}

func TestAMonthWaitsForWhatIsStillToBeWritten(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.SQL(`INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html, message_id, state, queued_at, sent_at)
		VALUES ($1, 'a', 'opened', 'incident', 1, 'mail', '', '', '', '', '', '', 'm', 'sent', $2, $2)`, h.town, on(2019, time.April, 22, 9))
	h.SQL(`INSERT INTO attempt (tenant_id, notice_id, n, started_at) SELECT tenant_id, id, 1, queued_at FROM notice`)
	h.Clock.Set(on(2019, time.May, 11, 0))
	h.bind()
	require.Empty(t, h.volumes("attempt"))
	require.Len(t, h.volumes("notice"), 1)
	h.SQL(`UPDATE attempt SET ended_at = started_at, outcome = 'unknown'`)
	require.Zero(t, h.bind(), "it is looked at once a day")
	h.Clock.Advance(24 * time.Hour)
	h.bind()
	require.Len(t, h.volumes("attempt"), 1)
	h.SQL(`UPDATE checkin SET taken_at = $1 WHERE taken_at IS NULL`, h.Clock.Now())
}

func TestTwoNodesBindAMonthOnce(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	for month := range 12 {
		h.checkin(on(2019, time.April+time.Month(month), 25, 12))
	}
	h.Clock.Set(on(2020, time.May, 11, 0))
	h.Do(tenants.Job("bind"), func(ctx context.Context, tx *tenants.Tx) error { // the shelves stand
		_, err := retention.Bind(ctx, tx, 1)
		return err
	})
	var nodes sync.WaitGroup
	for range 2 {
		nodes.Go(func() {
			for did := 3; did == 3; {
				err := h.Try(tenants.Job("bind"), func(ctx context.Context, tx *tenants.Tx) (err error) {
					did, err = retention.Bind(ctx, tx, 3)
					return err
				})
				if !noError(t, err) {
					return
				}
			}
		})
	}
	nodes.Wait()
	h.bind() // what one node left because the other held it
	got := h.volumes("checkin")
	require.Len(t, got, 13)
	for i := range got[:12] {
		require.Equal(t, got[i+1].Digest, got[i].Previous)
	}
	for n := range 13 {
		h.checks(h.export(h.admin, "checkin", n+1))
	}
}

func noError(t *testing.T, err error) bool {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	return err == nil
}

func TestWhatWasChangedBehindItsBackIsFound(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	var ids []int64
	for day := range 5 {
		ids = append(ids, h.checkin(on(2019, time.April, 20+day, 12)))
	}
	h.Clock.Set(on(2019, time.May, 12, 0))
	h.bind()
	h.SQL(`ALTER TABLE checkin DISABLE TRIGGER append_only`)
	for _, tamper := range []string{
		`UPDATE checkin SET kind = 'fail' WHERE id = $1`,
		`DELETE FROM checkin WHERE id = $1`,
	} {
		h.SQL(tamper, ids[2])
		_, err := volume.Check(bytes.NewReader(h.export(h.admin, "checkin", 1)))
		var wrong *volume.Wrong
		require.ErrorAs(t, err, &wrong, tamper)
	}
}

func TestRightsOfVolumes(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.checkin(on(2019, time.April, 25, 12))
	h.Clock.Set(on(2019, time.May, 12, 0))
	h.bind()
	take := func(town int64, kind string, number int) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := retention.TakeOut(ctx, tx, town, kind, number)
			return err
		}
	}
	h.Fault(tenants.KindForbidden, h.clerk, take(h.town, "operation_log", 1)) // the log is the host's and the auditor's to read
	h.Fault(tenants.KindForbidden, h.clerk, take(h.town, "attempt", 1))
	h.Fault(tenants.KindNotFound, h.clerk, take(h.host, "checkin", 1))
	h.Fault(tenants.KindNotFound, h.admin, take(h.town, "checkin", 2))
	h.Fault(tenants.KindNotFound, h.admin, take(h.town, `checkin" t; DROP TABLE volume; --`, 1))
	h.Fault(tenants.KindForbidden, h.Person(h.host, tenants.Operator), take(h.town, "operation_log", 1))
	h.checks(h.export(h.Person(h.host, tenants.Auditor), "operation_log", 1))
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := retention.Bind(ctx, tx, 1)
		return err
	})
	h.Fault(tenants.KindForbidden, h.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := retention.Expire(ctx, tx, 1)
		return err
	})
}
