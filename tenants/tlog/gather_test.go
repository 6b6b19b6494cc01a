package tlog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
	"tanamori/tenants/tenantstest"
)

func TestRowsBecomeLeavesOnceAndAreSigned(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.nights(3)
	l := h.state()
	require.EqualValues(t, 1+3*9, l.Size, "the beginning, and nine rows a night")
	require.Equal(t, l.Size, l.SignedSize)
	require.Zero(t, l.Waiting)
	require.Zero(t, h.gather(), "nothing is gathered twice")
	require.Empty(t, h.inspect())
	require.Zero(t, h.breaches())
	r := h.verify(h.whole(), evidence.Trust{})
	require.True(t, r.Holds(), said(r))
	require.EqualValues(t, l.Size+1-1, r.Rows)
	require.Equal(t, 3, r.Checkpoints)
	require.Positive(t, tenantstest.Value[int64](h.Bench, `SELECT count(*) FROM tlog_due`), "who took the file out stands in the log")
}
