package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/vault"
)

// readiness is what /readyz answers: names and times, nothing of any town.
type readiness struct {
	Ready      bool       `json:"ready"`
	Database   string     `json:"database"`   // ok, full, away
	Migrations string     `json:"migrations"` // ok, behind, ahead, unknown
	Jobs       string     `json:"jobs"`       // ok, stale, unknown
	Keys       string     `json:"keys"`       // ok, missing, unknown: to what is locked in the database
	Stale      []string   `json:"stale,omitempty"`
	Looked     *time.Time `json:"looked,omitempty"`            // the oldest of the jobs' newest good looks
	Audit      *time.Time `json:"audit,omitempty"`             // when the audit last ended well; what it finds takes no node out
	ClockOff   float64    `json:"clock_off_seconds,omitempty"` // of the node whose own clock is off most; it works on by the database's
}

// ready tells whether this node can do its work: the database answers and has room, holds the schema of this program, and every job
// has looked of late, on whichever node.
func (d *door) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	r := readiness{Database: "away", Migrations: "unknown", Jobs: "unknown", Keys: "unknown"}
	err := d.gate.Ground().Do(ctx, tenants.Gate("readyz", c.RealIP()), func(ctx context.Context, tx *tenants.Tx) error {
		if err := r.schema(tx); err != nil {
			return err
		}
		rounds, err := duty.Rounds(ctx, tx)
		if err != nil {
			return err
		}
		r.jobs(rounds, tx.Now)
		off, err := duty.ClockOff(ctx, tx)
		if err != nil {
			return err
		}
		r.ClockOff = off.Seconds()
		return r.keys(ctx, tx)
	})
	if err != nil {
		d.gate.Log().WarnContext(ctx, "not ready", "error", err)
	}
	if d.gate.DiskFull() {
		r.Database = "full" // what it can still read is of no use: nothing can be kept
	}
	r.Ready = err == nil && r.Database == "ok" && r.Migrations == "ok" && r.Jobs == "ok" && r.Keys == "ok"
	status := http.StatusOK
	if !r.Ready {
		status = http.StatusServiceUnavailable
		c.Response().Header().Set("Retry-After", "5")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, r)
}

// schema compares the database with the program. The version is the migrations' own table, which no room knows of.
func (r *readiness) schema(tx *tenants.Tx) error {
	want, err := migrations.Newest()
	if err != nil {
		return err
	}
	var have int64
	if err := tx.DB.Raw(`SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have).Error; err != nil {
		return err
	}
	r.Database = "ok"
	switch {
	case have == want:
		r.Migrations = "ok"
	case have < want:
		r.Migrations = "behind"
	default:
		r.Migrations = "ahead"
	}
	return nil
}

// keys are missing where something is locked under one that this node does not hold.
func (r *readiness) keys(ctx context.Context, tx *tenants.Tx) error {
	missing, err := vault.Missing(ctx, tx)
	if err != nil {
		return err
	}
	r.Keys = "ok"
	if len(missing) > 0 {
		r.Keys = "missing"
		return errors.New(vault.Advice(missing))
	}
	return nil
}

func (r *readiness) jobs(rounds []duty.Round, now time.Time) {
	for _, round := range rounds {
		last := round.OkAt
		if round.Job == "audit" {
			r.Audit = utc(last)
		}
		if round.Stale(now) {
			r.Stale = append(r.Stale, round.Job)
		}
		if last != nil && (r.Looked == nil || last.Before(*r.Looked)) {
			r.Looked = utc(last)
		}
	}
	switch {
	case len(rounds) == 0: // they have not begun
	case len(r.Stale) == 0:
		r.Jobs = "ok"
	default:
		r.Jobs = "stale"
	}
}
