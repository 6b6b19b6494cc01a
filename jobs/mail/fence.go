package mail

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"tanamori/database/failpoint"
)

// errOver is what a write gets once nothing may leave any more.
var errOver = errors.New("the time for sending is over")

// fenced is a connection that looks at the clock before every write. A process that was paused, and goes on after
// somebody else has taken its letters up, writes nothing: the timers that would tell it have not fired yet.
type fenced struct {
	net.Conn
	until time.Time // zero: for ever
	over  atomic.Bool
}

// fence puts the deadline of ctx before every write on conn.
func fence(ctx context.Context, conn net.Conn) *fenced {
	f := &fenced{Conn: conn}
	f.until, _ = ctx.Deadline()
	return f
}

// Write writes as long as there is time.
func (f *fenced) Write(p []byte) (int, error) {
	failpoint.Here("letter.writing")
	if f.until.IsZero() {
		return f.Conn.Write(p)
	}
	// By both clocks: the one that nobody sets does not go on while the machine sleeps, the one on the wall does.
	now := time.Now()
	if !now.Before(f.until) || !now.Round(0).Before(f.until.Round(0)) {
		f.over.Store(true)
		return 0, errOver
	}
	return f.Conn.Write(p)
}
