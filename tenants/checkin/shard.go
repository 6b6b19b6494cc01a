package checkin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tanamori/tenants"
)

// shard is a queue with one writer.
type shard struct {
	intake *Intake
	depth  int

	mu     sync.Mutex
	filled sync.Cond
	queue  []*item
	closed bool

	batch   []*item
	columns columns
}

func newShard(k *Intake, depth int) *shard {
	s := &shard{intake: k, depth: depth}
	s.filled.L = &s.mu
	return s
}

func (s *shard) put(it *item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if len(s.queue) >= s.depth {
		return ErrFull
	}
	s.queue = append(s.queue, it)
	if len(s.queue) == 1 {
		s.filled.Signal()
	}
	return nil
}

func (s *shard) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.filled.Signal()
}

func (s *shard) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// take waits for check-ins and gives those that wait, at most MaxBatch; none once the shard is closed and empty.
func (s *shard) take() []*item {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && !s.closed {
		s.filled.Wait()
	}
	n := min(len(s.queue), s.intake.config.MaxBatch)
	s.batch = append(s.batch[:0], s.queue[:n]...)
	rest := copy(s.queue, s.queue[n:])
	clear(s.queue[rest:])
	s.queue = s.queue[:rest]
	return s.batch
}

func (s *shard) run() {
	for {
		batch := s.take()
		if len(batch) == 0 {
			return
		}
		s.write(batch)
		clear(batch)
	}
}

// write keeps a batch and answers it. Where a row is to blame the batch is halved until only that row fails.
func (s *shard) write(batch []*item) {
	err := s.attempt(batch)
	switch {
	case err == nil:
		s.intake.trouble.over()
	case len(batch) > 1 && rowToBlame(err):
		s.write(batch[:len(batch)/2])
		s.write(batch[len(batch)/2:])
		return
	default:
		err = fmt.Errorf("keep check-in: %w", asFault(err))
		s.intake.failed.Add(int64(len(batch)))
		if rowToBlame(err) {
			s.intake.log.Error("a check-in cannot be kept", "slug", batch[0].Slug, "method", batch[0].Method, "remote", batch[0].Remote, "error", err)
		} else {
			s.intake.trouble.at(batch[0].at, len(batch), err)
		}
	}
	kept := int64(0)
	for _, it := range batch {
		it.err = err
		if it.found {
			kept++
		}
		it.done <- struct{}{} // holds one: never waits
	}
	if err == nil {
		s.intake.kept.Add(kept)
		s.intake.unknown.Add(int64(len(batch)) - kept)
	}
}

// attempts is how often a batch is tried that another transaction got in the way of, or that was never sent.
const attempts = 3

func (s *shard) attempt(batch []*item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanicked, r, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(s.intake.ctx, s.intake.config.Patience)
	defer cancel()
	for range attempts {
		for _, it := range batch {
			it.found = false
		}
		s.intake.batches.Add(1)
		if err = s.send(ctx, batch); err == nil || !harmless(err) {
			return err
		}
	}
	return err
}

// harmless errors leave nothing behind, and the same batch may succeed at once.
func harmless(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return pgconn.SafeToRetry(err)
}

// rowToBlame tells whether the database refused for what a row holds, rather than for the state it is in itself.
func rowToBlame(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || len(pg.Code) != 5 {
		return false
	}
	switch pg.Code[:2] {
	case "21", "22", "23", "44", "54", "P0", "XX": // cardinality, data, constraint, policy, size, raised by a trigger, damaged row
		return true
	}
	return false
}

var (
	errAway = &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "データベースにつながりません。しばらくすると自動で戻ります。",
		En: "The database cannot be reached. It recovers by itself; please try again shortly."}
	errPanicked = errors.New("the writer panicked")
)

// asFault is Unavailable for what passes by itself, so that the machine sends again. A row that is to blame and a fault
// of ours (a statement that the database does not understand or does not permit) stay what they are.
func asFault(err error) error {
	var pg *pgconn.PgError
	ours := errors.Is(err, errPanicked) || errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "42") || strings.HasPrefix(pg.Code, "0A"))
	if ours || rowToBlame(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errAway, err)
}

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
	if t.said.IsZero() || now.Sub(t.said) >= sayAgain {
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
