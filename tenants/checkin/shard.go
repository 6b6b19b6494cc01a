package checkin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"

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
	bytes  int // of the bodies in queue
	closed bool

	// The writer's own.
	line    line
	batch   []*item
	columns columns
}

func newShard(k *Intake, depth int) *shard {
	s := &shard{intake: k, depth: depth, line: line{pool: k.pool}}
	s.filled.L = &s.mu
	return s
}

func (s *shard) put(it *item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if len(s.queue) >= s.depth || s.bytes >= s.intake.config.MaxBytes/len(s.intake.shards) ||
		len(s.queue) > 0 && it.at.Sub(s.queue[0].at) > s.intake.config.MaxWait {
		return ErrFull
	}
	s.queue, s.bytes = append(s.queue, it), s.bytes+len(it.Body)
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

// maxStatement is how many bytes of bodies one statement carries; one more body may follow.
const maxStatement = 4 << 20

// take waits for check-ins and gives those that wait, at most MaxBatch and about maxStatement; none once the shard is
// closed and empty.
func (s *shard) take() []*item {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && !s.closed {
		s.filled.Wait()
	}
	n, bytes := 0, 0
	for n < len(s.queue) && n < s.intake.config.MaxBatch && bytes < maxStatement {
		bytes += len(s.queue[n].Body)
		n++
	}
	s.bytes -= bytes
	s.batch = append(s.batch[:0], s.queue[:n]...)
	rest := copy(s.queue, s.queue[n:])
	clear(s.queue[rest:])
	s.queue = s.queue[:rest]
	return s.batch
}

func (s *shard) run() {
	defer s.line.drop()
	for {
		batch := s.take()
		if len(batch) == 0 {
			return
		}
		if inTime := s.giveUp(batch); len(inTime) > 0 {
			s.write(inTime)
		}
		clear(batch)
	}
}

// giveUp fails those that waited longer than anybody waits for an answer, as they do behind batches that each ran into a
// database that hangs, and leaves the others. They are the oldest, so they stand in front.
func (s *shard) giveUp(batch []*item) (inTime []*item) {
	n, now := 0, s.intake.clock()
	for n < len(batch) && now.Sub(batch[n].at) > s.intake.config.Patience {
		n++
	}
	if n > 0 {
		err := fmt.Errorf("keep check-in: %w: it waited too long", errAway)
		s.intake.failed.Add(int64(n))
		s.intake.trouble.at(now, n, err)
		answer(batch[:n], err)
	}
	return batch[n:]
}

func answer(batch []*item, err error) {
	for _, it := range batch {
		it.err = err
		it.done <- struct{}{} // holds one: never waits
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
		if !rowToBlame(err) { // of a row its caller tells
			s.intake.trouble.at(batch[0].at, len(batch), err)
		}
	}
	if err == nil {
		kept := int64(0)
		for _, it := range batch {
			if it.found {
				kept++
			}
		}
		s.intake.kept.Add(kept)
		s.intake.unknown.Add(int64(len(batch)) - kept)
	}
	answer(batch, err)
}

// attempts is how often a batch is tried that another transaction got in the way of, or that was never sent.
const attempts = 3

func (s *shard) attempt(batch []*item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.line.drop() // who knows in the middle of what
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
		if err = s.send(ctx, batch); err == nil {
			return nil
		}
		if s.line.conn != nil && s.line.conn.Conn().IsClosed() {
			s.line.drop()
		}
		if !harmless(err) {
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
	if pg != nil && pg.Code == "53100" {
		return tenants.DiskFull(err)
	}
	return fmt.Errorf("%w: %w", errAway, err)
}
