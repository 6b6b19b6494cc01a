package tenants

import (
	"context"
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
}

// NewGround puts the ground on a GORM handle that logs in as tanamori_app; clock is time.Now but in tests.
func NewGround(db *gorm.DB, clock func() time.Time) *Ground { return &Ground{db: db, clock: clock} }

// Now is the ground's clock, for doors that must know the time outside a transaction.
func (g *Ground) Now() time.Time { return g.clock() }

// Tx is one transaction: who asks, which towns they see, and one moment. Rooms are functions over it.
type Tx struct {
	DB    *gorm.DB // already bound to the context and the transaction
	Actor Actor
	Now   time.Time // fixed at the beginning, microseconds as Postgres keeps them
}

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
	return g.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		set := db.Exec(`SELECT set_config('tanamori.towns', ?, true), set_config('tanamori.consortium', ?, true), set_config('role', ?, true)`,
			strings.Join(towns, ","), consortium, actor.role)
		if set.Error != nil {
			return fmt.Errorf("begin as %s: %w", actor.role, set.Error)
		}
		return fn(ctx, &Tx{DB: db, Actor: actor, Now: g.clock().Truncate(time.Microsecond)})
	})
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
	WakePage    Topic = "page"    // what a town's pages show has changed
)

// Channel is the one Postgres channel all wake-ups go over; the payload is "topic" or "topic:tenant".
const Channel = "tanamori"

// Wake tells every node, when this transaction commits, that there is something to look at. It is only a hint: what is
// due is found by its state whether or not the hint arrives.
func (tx *Tx) Wake(topic Topic, tenantID int64) error {
	if err := tx.DB.Exec(`SELECT pg_notify(?, ?)`, Channel, fmt.Sprintf("%s:%d", topic, tenantID)).Error; err != nil {
		return fmt.Errorf("wake %s: %w", topic, err)
	}
	return nil
}
