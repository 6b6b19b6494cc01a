package notice_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

func audit(b *tenantstest.Bench) (found []tenants.Breach) {
	b.Do(job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		found, err = notice.Audit(ctx, tx, 2*time.Minute, time.Minute)
		return err
	})
	for i := range found {
		found[i].Since = found[i].Since.UTC()
	}
	return found
}

func TestTheAuditSeesWhatNobodySends(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town, other := b.Town("むかわ町", "015865"), b.Town("寿都町", "013927")
	queue(b, message(town, "a"), message(town, "b"), message(other, "c"))
	b.Clock.Advance(2 * time.Minute)
	require.Empty(t, audit(b))
	b.Clock.Advance(time.Second)
	require.ElementsMatch(t, []tenants.Breach{{TenantID: town, Kind: notice.KindUnsent, Count: 2, Since: tenantstest.Start},
		{TenantID: other, Kind: notice.KindUnsent, Count: 1, Since: tenantstest.Start}}, audit(b))

	// Being sent, put off for an hour, refused and sent are all well.
	claimed := claim(b, 10)
	require.Empty(t, audit(b), "being sent")
	for _, c := range claimed[1:] {
		settle(b, c, notice.Refused, "no such address")
	}
	for range 6 {
		require.Zero(t, settle(b, claimed[0], notice.Delayed, "greylisted"))
		require.Empty(t, audit(b), "put off")
		b.Clock.Advance(time.Hour)
		again := claim(b, 1)
		require.Len(t, again, 1)
		claimed[0] = again[0]
	}
	settle(b, claimed[0], notice.Accepted, "")
	b.Clock.Advance(24 * time.Hour)
	require.Empty(t, audit(b), "everything has its end")
}

// Whoever is put off by an address waits for that address; a server that takes nothing from anybody is somebody's business.
func TestTheAuditSeesThatTheMailServerIsAway(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town, other := b.Town("むかわ町", "015865"), b.Town("寿都町", "013927")
	queue(b, message(town, "a"), message(town, "b"), message(other, "c"))
	try := func(results ...notice.Result) {
		for i, c := range claim(b, 10) {
			require.Zero(t, settle(b, c, results[i%len(results)], "dial tcp: connection refused"))
		}
	}
	for i := range 4 {
		b.Clock.Advance(time.Duration(min(i, 1)) * 5 * time.Minute)
		try(notice.Away)
		require.Empty(t, audit(b), "a restart")
	}
	b.Clock.Advance(time.Second)
	want := []tenants.Breach{{TenantID: town, Kind: notice.KindAway, Count: 2, Since: tenantstest.Start}, {TenantID: other, Kind: notice.KindAway, Count: 1, Since: tenantstest.Start}}
	require.ElementsMatch(t, want, audit(b))
	b.Clock.Advance(5 * time.Minute)
	claimed := claim(b, 10)
	require.ElementsMatch(t, want, audit(b), "while it is tried again")
	for _, c := range claimed {
		require.Zero(t, settle(b, c, notice.Away, "dial tcp: connection refused"))
	}
	require.ElementsMatch(t, want, audit(b))

	b.Clock.Advance(5 * time.Minute)
	try(notice.Accepted, notice.Delayed)
	require.Empty(t, audit(b), "it is back, and one address is not")
}

// A sender that died is found by its lease; one whose lease would end in years is given the end of a new one, and sends
// at most once more, marked.
func TestAClaimThatWouldNeverLapseLapses(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"), message(town, "b"), message(town, "c"))
	claimed := claim(b, 2)
	b.SQL(`UPDATE notice SET next_at = next_at + interval '1 year', claimed_until = claimed_until + interval '1 year' WHERE state = 'sending'`)
	b.SQL(`UPDATE notice SET next_at = next_at + interval '3 hours' WHERE state = 'queued'`)
	require.Equal(t, []tenants.Breach{{TenantID: town, Kind: notice.KindStuck, Mended: 3, Since: tenantstest.Start}}, audit(b))
	require.Empty(t, audit(b))
	require.Len(t, claim(b, 10), 1, "what was only queued is due at once, and what somebody may be sending is not")
	require.Zero(t, settle(b, claimed[0], notice.Accepted, ""), "a sender that lives still marks its own")
	b.Clock.Advance(time.Minute)
	again := claim(b, 10)
	require.Len(t, again, 2)
	for _, c := range again {
		require.True(t, c.Repeated)
		require.NotEqual(t, claimed[0].ID, c.ID, "what was sent is not sent again")
	}
	require.Equal(t, 1, settle(b, claimed[1], notice.Accepted, ""), "and one that comes back too late changes nothing")
}
