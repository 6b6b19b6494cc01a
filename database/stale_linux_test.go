package database

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pgx leaves a goroutine blocked reading a connection whose last write was slow. Looking at such a connection must not
// wait for that reader: nothing would ever wake it.
func TestLookingAtAConnectionDoesNotWaitForItsReader(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	ours, err := net.Dial("tcp", ln.Addr().String())
	require.NoError(t, err)
	theirs, err := ln.Accept()
	require.NoError(t, err)
	read := make(chan struct{})
	go func() {
		defer close(read)
		var one [1]byte
		_, _ = ours.Read(one[:]) // ends when the connection does
	}()
	time.Sleep(20 * time.Millisecond) // the reader is blocked by now; if it is not yet, the test only proves less
	looked := make(chan bool, 1)
	go func() { looked <- suspicious(ours) }()
	select {
	case s := <-looked:
		require.False(t, s, "nothing waits to be read")
	case <-time.After(5 * time.Second):
		t.Fatal("it waits for the reader")
	}
	require.NoError(t, theirs.Close())
	<-read
	require.True(t, suspicious(ours), "it has ended")
	require.NoError(t, ours.Close())
}
