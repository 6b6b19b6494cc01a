package evidence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/evidence"
)

// Whoever makes up a whole file puts the town's key into its list of keys, and lets it sign nothing: a checkpoint that the town
// was sent vouches for a file only where its root is one of the file's own tree.
func TestAKeptCheckpointVouchesOnlyForItsOwnTree(t *testing.T) {
	t.Parallel()
	k, forger := newKey(t, 1), newKey(t, 9)
	sent := newBook(t, k).add(3).sign("", k)
	madeUp := newBook(t, forger, k).add(10).sign("", forger).add(4).sign("", forger).from(10, nil)
	require.Empty(t, said(t, madeUp, evidence.Trust{}), "it is good in itself")
	require.Equal(t, "unmet", said(t, madeUp, evidence.Trust{Checkpoints: sent.signed}))
	later := newBook(t, k).add(12).sign("", k)
	require.Contains(t, said(t, madeUp, evidence.Trust{Checkpoints: later.signed}), "not signed by this log's keys", "its key signed nothing here")

	// So it is with a good file of other days: it is not false, and not proved by that checkpoint either.
	good := newBook(t, k).add(3).sign("", k).add(7).sign("", k).add(4).sign("", k)
	file := good.from(10, nil)
	require.Equal(t, "unmet", said(t, file, evidence.Trust{Checkpoints: sent.signed}))
	require.Empty(t, said(t, file, evidence.Trust{Checkpoints: append(sent.signed, good.signed[2])}), "one of them is enough")
	require.Empty(t, said(t, file, evidence.Trust{Checkpoints: sent.signed, Keys: []string{k.verifier}}), "or the key")
}
