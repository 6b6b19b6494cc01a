package tenants

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Bell hears the wake-ups of every node over one database connection and passes them on. It only makes looking prompt:
// whoever misses a ring finds what is due by its state at the next look.
type Bell struct {
	pool *pgxpool.Pool
	log  *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]struct{}
}

type listener struct {
	topics map[Topic]bool
	ring   chan Ring
}

// Ring is one wake-up. Town is 0 where it concerns all of them, or where rings may have been missed.
type Ring struct {
	Topic Topic
	Town  int64
}

// NewBell makes a bell that Run brings to life.
func NewBell(pool *pgxpool.Pool, log *slog.Logger) *Bell {
	return &Bell{pool: pool, log: log, listeners: map[*listener]struct{}{}}
}

// Hear subscribes to topics. A listener that does not keep up misses rings rather than holding up the others; the
// channel holds a few. Call stop when done.
func (b *Bell) Hear(topics ...Topic) (rings <-chan Ring, stop func()) {
	l := &listener{topics: map[Topic]bool{}, ring: make(chan Ring, 64)}
	for _, t := range topics {
		l.topics[t] = true
	}
	b.mu.Lock()
	b.listeners[l] = struct{}{}
	b.mu.Unlock()
	return l.ring, func() {
		b.mu.Lock()
		delete(b.listeners, l)
		b.mu.Unlock()
	}
}

// Run listens until the context ends, and again after the database was away.
func (b *Bell) Run(ctx context.Context) {
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := b.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > 10*time.Second {
			pause = 100 * time.Millisecond
		}
		b.log.WarnContext(ctx, "not hearing wake-ups, trying again", "in", pause, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, 5*time.Second)
	}
}

func (b *Bell) listen(ctx context.Context) error {
	conn, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// The connection listens for good, so it leaves the pool.
	raw := conn.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = raw.Close(closing) // it is given up either way
	}()
	if _, err := raw.Exec(ctx, "LISTEN "+Channel); err != nil {
		return err
	}
	// Whatever rang while nobody listened was missed: everybody looks once.
	b.ringAll()
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		topic, town, _ := strings.Cut(n.Payload, ":")
		id, err := strconv.ParseInt(town, 10, 64)
		if err != nil {
			id = 0
		}
		b.pass(Ring{Topic: Topic(topic), Town: id})
	}
}

func (b *Bell) pass(r Ring) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		if l.topics[r.Topic] {
			select {
			case l.ring <- r:
			default: // full: it is about to look anyway
			}
		}
	}
}

func (b *Bell) ringAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		for t := range l.topics {
			select {
			case l.ring <- Ring{Topic: t}:
			default:
			}
		}
	}
}
