package database

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	diskFull = "53100"
	// remembered is how long a refusal stands for a full disk: the jobs try at least this often.
	remembered = 15 * time.Second
	// segment is one file of PostgreSQL's log. A server that has no room for the next one dies, and says so to nobody.
	segment = 16 << 20
	// mentionAgain keeps the log readable while the disk stays full.
	mentionAgain = time.Minute
)

// disk knows whether the database's disk is full: from what the server refuses, and for the embedded cluster, whose server
// may have died of it, from the disk itself.
type disk struct {
	log *slog.Logger
	dir string // of the embedded cluster; else empty

	mu        sync.Mutex
	refused   time.Time
	mentioned time.Time
}

// onPgError hears every error of the server. A connection that ended with a fatal one is given up, as pgx does by itself.
func (d *disk) onPgError(_ *pgconn.PgConn, err *pgconn.PgError) bool {
	if err.Code == diskFull {
		d.refuse(time.Now(), err.Message)
	}
	return !strings.EqualFold(err.SeverityUnlocalized, "FATAL")
}

func (d *disk) refuse(now time.Time, message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = now
	if now.Sub(d.mentioned) >= mentionAgain {
		d.mentioned = now
		d.log.Error("the database's disk is full: nothing can be written until there is room", "server", message)
	}
}

func (d *disk) full(now time.Time) bool {
	d.mu.Lock()
	refused := !d.refused.IsZero() && now.Sub(d.refused) < remembered
	d.mu.Unlock()
	if refused || d.dir == "" {
		return refused
	}
	free, err := freeBytes(d.dir)
	return err == nil && free < segment
}

// DiskFull tells whether the database's disk is full as far as can be known: it refused for that a moment ago, or there is
// next to no room left where the embedded cluster lies.
func (h *Handle) DiskFull() bool { return h.disk.full(time.Now()) }
