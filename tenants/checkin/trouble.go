package checkin

import (
	"log/slog"
	"sync"
	"time"
)

// trouble keeps the log readable while the database is away: one line when it begins, one every ten seconds, one at the
// end.
type trouble struct {
	log *slog.Logger

	mu     sync.Mutex
	since  time.Time
	said   time.Time
	failed int
}

const sayAgain = 10 * time.Second

func (t *trouble) at(now time.Time, failed int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() {
		t.since = now
	}
	t.failed += failed
	if t.said.IsZero() || now.Sub(t.said).Abs() >= sayAgain {
		t.said = now
		t.log.Error("check-ins cannot be kept", "failed", t.failed, "error", err)
	}
}

func (t *trouble) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() {
		return
	}
	t.log.Info("check-ins are kept again", "failed", t.failed)
	t.since, t.said, t.failed = time.Time{}, time.Time{}, 0
}
