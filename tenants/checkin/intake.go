package checkin

import (
	"cmp"
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"tanamori/tenants"
)

// In is one check-in at the door: addressed by UUID, or by PingKey and Slug where UUID is zero. Body must not change once
// it was handed over.
type In struct {
	UUID          uuid.UUID
	PingKey, Slug string

	Kind        Kind
	ExitStatus  *int
	RID         *uuid.UUID
	Method      string
	Remote      string
	Agent       string
	ContentType string
	Body        []byte
}

// Why the intake takes nothing at the moment. Both are Unavailable: whoever tries again later is served.
var (
	ErrFull = &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "受付が混み合っています。しばらくしてからもう一度お送りください。",
		En: "Too many check-ins at once; please send it again shortly."}
	ErrClosed = &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "サーバが停止するところです。しばらくしてからもう一度お送りください。",
		En: "The server is stopping; please send it again shortly."}
)

// IntakeConfig says how wide the intake is. Zero fields take the defaults. One shard makes the largest batches and is the
// fastest wherever the processors are the limit; more shards help where the disk is slow to flush.
type IntakeConfig struct {
	Shards   int // writers, each with its own queue and connection; 1
	Depth    int // check-ins that may wait in all queues together; 8192
	MaxBytes int // bodies that may wait, in bytes together; 64 MiB
	MaxBatch int // check-ins in one statement; 256
	// Patience bounds the writing of one batch, waiting for a connection included, and how long a check-in waits for its
	// turn; 10 s. Clients seldom wait longer: what could not be written by then fails, and is sent again.
	Patience time.Duration
	// MaxWait is how long the one at the head of a queue may have waited when another still joins it; 2 s. Where the disk
	// is fast Depth comes first, where it is slow a queue of that length would be minutes.
	MaxWait time.Duration
}

// Intake makes check-ins durable. Those that arrive while a batch commits become the next batch: nothing waits for a
// timer, and the more arrive the cheaper each becomes. Two check-ins of one address keep their order.
type Intake struct {
	pool   *pgxpool.Pool
	clock  func() time.Time
	config IntakeConfig
	seed   maphash.Seed
	shards []*shard
	items  sync.Pool

	ctx    context.Context // of the writers; ends when Stop has lost its patience
	cancel context.CancelFunc
	done   sync.WaitGroup

	kept, unknown, refused, failed, batches atomic.Int64
	trouble                                 trouble
}

// Stats is what an intake has done since it was made.
type Stats struct {
	Waiting int   // accepted and not yet written
	Kept    int64 // written, each answered after its commit
	Unknown int64 // to no source in use
	Refused int64 // the intake was full or stopping
	Failed  int64 // the database did not take them
	Batches int64 // statements sent
}

// item is a check-in on its way through a shard. done gets one value when it has been written or has failed.
type item struct {
	In
	at    time.Time
	found bool
	err   error
	done  chan struct{}
}

// NewIntake starts an intake that writes over the pool of tanamori_app. Stop ends it.
func NewIntake(pool *pgxpool.Pool, clock func() time.Time, log *slog.Logger, config IntakeConfig) *Intake {
	config.Shards = cmp.Or(config.Shards, 1)
	config.Depth = cmp.Or(config.Depth, 8192)
	config.MaxBytes = cmp.Or(config.MaxBytes, 64<<20)
	config.MaxBatch = cmp.Or(config.MaxBatch, 256)
	config.Patience = cmp.Or(config.Patience, 10*time.Second)
	config.MaxWait = cmp.Or(config.MaxWait, 2*time.Second)
	k := &Intake{pool: pool, clock: clock, config: config, seed: maphash.MakeSeed(), trouble: trouble{log: log}}
	k.items.New = func() any { return &item{done: make(chan struct{}, 1)} }
	k.ctx, k.cancel = context.WithCancel(context.Background())
	for range config.Shards {
		k.shards = append(k.shards, newShard(k, max(config.Depth/config.Shards, 1)))
	}
	for _, s := range k.shards {
		k.done.Go(s.run)
	}
	return k
}

// Accept takes one check-in and returns when it is durable (found), when nobody has opened its address (not found), or
// with the reason why it could not be kept. When ctx ends first Accept returns its error; what was accepted is written
// nevertheless, if its turn comes in time. The time of the check-in is that of the call.
func (k *Intake) Accept(ctx context.Context, in In) (found bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := in.tidy(); err != nil {
		return false, err
	}
	it, ok := k.items.Get().(*item)
	if !ok {
		it = &item{done: make(chan struct{}, 1)}
	}
	it.In, it.at = in, k.clock()
	if err := k.shardOf(&in).put(it); err != nil {
		k.refused.Add(1)
		k.recycle(it)
		return false, err
	}
	select {
	case <-it.done:
		found, err = it.found, it.err
		k.recycle(it)
		return found, err
	case <-ctx.Done():
		return false, ctx.Err() // the item is the writer's now
	}
}

func (k *Intake) recycle(it *item) {
	*it = item{done: it.done}
	k.items.Put(it)
}

// shardOf sends one address always to the same writer.
func (k *Intake) shardOf(in *In) *shard {
	if len(k.shards) == 1 {
		return k.shards[0]
	}
	var h uint64
	if in.UUID != uuid.Nil {
		h = maphash.Bytes(k.seed, in.UUID[:])
	} else {
		h = maphash.String(k.seed, in.PingKey) ^ maphash.String(k.seed, in.Slug)
	}
	return k.shards[h%uint64(len(k.shards))]
}

// Stats tells what the intake has done.
func (k *Intake) Stats() Stats {
	s := Stats{Kept: k.kept.Load(), Unknown: k.unknown.Load(), Refused: k.refused.Load(), Failed: k.failed.Load(), Batches: k.batches.Load()}
	for _, sh := range k.shards {
		s.Waiting += sh.waiting()
	}
	return s
}

// Stop refuses what comes from now on, writes what was accepted, and returns when all of it has its answer. When ctx ends
// first, what is still waiting fails and ctx's error is returned. It may be called more than once.
func (k *Intake) Stop(ctx context.Context) error {
	for _, s := range k.shards {
		s.close()
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		k.done.Wait()
	}()
	select {
	case <-written:
		k.cancel()
		return nil
	case <-ctx.Done():
		k.cancel()
		<-written // every writer's statement has lost its context
		return ctx.Err()
	}
}
