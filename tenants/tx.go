package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Ground is where every act begins: the database and the clock. Doors and jobs hold one; rooms get a Tx.
type Ground struct {
	db    *gorm.DB
	clock func() time.Time
	keys  Keyring
}

// Keyring locks what the database must not be able to read, by AES-256-GCM; tenants/vault has one, and rooms lock by that room.
// What was locked for one place opens at no other.
type Keyring interface {
	// Holds tells whether the key of this id is there.
	Holds(keyID string) bool
	Lock(keyID, place string, plain []byte) ([]byte, error)
	Unlock(keyID, place string, locked []byte) ([]byte, error)
}

// NewGround puts the ground on a GORM handle that logs in as tanamori_app; clock is time.Now but in tests.
func NewGround(db *gorm.DB, clock func() time.Time) *Ground { return &Ground{db: db, clock: clock} }

// With gives the ground its keyring. Without one nothing that is locked can be read, nor anything be locked.
func (g *Ground) With(keys Keyring) *Ground {
	g.keys = keys
	return g
}

// Keys is the ground's keyring; nil: none.
func (g *Ground) Keys() Keyring { return g.keys }

// Now is the ground's clock, for doors that must know the time outside a transaction.
func (g *Ground) Now() time.Time { return g.clock() }

// Tx is one transaction: who asks, which towns they see, and one moment. Rooms are functions over it.
type Tx struct {
	DB    *gorm.DB // already bound to the context and the transaction
	Actor Actor
	Now   time.Time // fixed at the beginning, microseconds as Postgres keeps them
	Keys  Keyring   // for tenants/vault; nil: none

	lines    []Line // recorded so far
	first    Act    // what was permitted first: what this transaction is about
	recorded bool   // a line of the operation log was written
}

// Lines are those that this transaction has written into the operation log so far.
func (tx *Tx) Lines() []Line { return tx.lines }

const asActor = `SELECT set_config('tanamori.towns', ?, true), set_config('tanamori.consortium', ?, true), set_config('role', ?, true)`

// byIndex is for jobs: they look rows up, and where an index serves they take it whatever the statistics say. It matters
// most for what the server looks up itself to check links: it keeps the plan of that, and one made while a table was small
// reads the whole table for each new row ever after. A storm of incidents grew quadratically so.
const byIndex = `, set_config('enable_seqscan', 'off', true)`

// Do runs fn in one transaction as the actor: the database role and the towns are set for this transaction alone and
// are gone after it. It commits when fn returns nil. Answers and outside effects belong after Do has returned.
func (g *Ground) Do(ctx context.Context, actor Actor, fn func(ctx context.Context, tx *Tx) error) error {
	if actor.role == "" {
		return errors.New("tenants: an actor nobody made; use Person, Job, Gate or Link")
	}
	towns := make([]string, len(actor.Towns))
	for i, t := range actor.Towns {
		towns[i] = strconv.FormatInt(t, 10)
	}
	consortium := ""
	if actor.Consortium != 0 {
		consortium = strconv.FormatInt(actor.Consortium, 10)
	}
	err := g.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		begin := asActor
		if actor.role == roleJob {
			begin += byIndex
		}
		set := db.Exec(begin, strings.Join(towns, ","), consortium, actor.role)
		if set.Error != nil {
			return fmt.Errorf("begin as %s: %w", actor.role, set.Error)
		}
		return fn(ctx, &Tx{DB: db, Actor: actor, Now: g.clock().Truncate(time.Microsecond), Keys: g.keys})
	})
	// The end of a context rolls its transaction back on the side; whatever comes next only hears that it is over, not why.
	if gone := ctx.Err(); gone != nil && errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("%w: %w", gone, err)
	}
	return err
}

// Topic is what changed, for whoever waits: a job that looks at once, a page that reloads its board.
type Topic string

// The topics, one per kind of work and one for pages.
const (
	WakeCheckin Topic = "checkin" // check-ins to take in
	WakeJudge   Topic = "judge"   // an occurrence to look at
	WakeVerify  Topic = "verify"  // a run to verify
	WakeRung    Topic = "rung"    // a rung may be due
	WakeDeliver Topic = "deliver" // a message to send
	WakePlan    Topic = "plan"    // occurrences to make
	WakeReview  Topic = "review"  // the log was reviewed
	WakeCustody Topic = "custody" // a password was changed
	WakeAnswer  Topic = "answer"  // a person's record proves something of a duty
	WakePage    Topic = "page"    // what a town's pages show has changed
)

// Channel is the one Postgres channel all wake-ups go over; the payload is "topic" or "topic:tenant".
const Channel = "tanamori"

// Wake tells every node, when this transaction commits, that there is something to look at in these towns. It is only a
// hint: what is due is found by its state whether or not the hint arrives.
func (tx *Tx) Wake(topic Topic, towns ...int64) error {
	if len(towns) == 0 {
		return nil
	}
	err := tx.DB.Exec(`SELECT count(pg_notify(@channel, @topic || ':' || t)) FROM unnest(CAST(@towns AS bigint[])) t`,
		map[string]any{"channel": Channel, "topic": string(topic), "towns": &towns}).Error
	if err != nil {
		return fmt.Errorf("wake %s: %w", topic, err)
	}
	return nil
}
