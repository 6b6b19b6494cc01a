package history

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Sight is what somebody of the host has looked at.
type Sight struct {
	Town     int64  // 0: a list over many towns
	Object   string // the noun
	ObjectID int64
}

// japan is where a night begins at noon, for the window of looks at the board.
var japan = time.FixedZone("Asia/Tokyo", 9*60*60)

// Window is the beginning of the stretch of time in which one line stands for every look at the same thing: the hour for
// one of a town, the night (from noon to noon) for a list over all towns.
func (s Sight) Window(now time.Time) time.Time {
	if s.Town != 0 {
		return now.Truncate(time.Hour)
	}
	local := now.In(japan)
	noon := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, japan)
	if noon.After(now) {
		noon = noon.AddDate(0, 0, -1)
	}
	return noon
}

// Look writes down that somebody of the host looked at something of a town, once in a window for each person and thing: a
// line in that town's log, which the town reads; a look at a list over all towns in the host's own. The statement is one
// look into an index. Two requests at the same moment may write a line each, which is true of both.
func Look(_ context.Context, tx *tenants.Tx, s Sight) error {
	line := tenants.Line{Town: s.Town, Act: tenants.LookAtTown, Object: s.Object, ObjectID: s.ObjectID}
	if s.Town == 0 {
		line.Town, line.Act = tx.Actor.TenantID, tenants.ReadBoard
	}
	var found []int
	err := tx.DB.Raw(`SELECT 1 FROM operation_log l WHERE l.tenant_id = @town AND l.actor = @actor AND l.at >= @since AND l.act = @act AND l.object = @object
		AND coalesce(l.object_id, 0) = @object_id AND l.actor_id = @person LIMIT 1`,
		map[string]any{"town": line.Town, "actor": tx.Actor.Text(), "since": s.Window(tx.Now), "act": string(line.Act), "object": line.Object,
			"object_id": line.ObjectID, "person": tx.Actor.PersonID}).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("find out whether it was looked at: %w", err)
	}
	if len(found) > 0 {
		return nil
	}
	return tx.Record(line)
}

// Refusal is what a door refused to somebody who is signed in.
type Refusal struct {
	Object   string
	ObjectID int64
	Act      tenants.Act // which the posts do not allow; empty where the thing is not there, or not to be known of
	Method   string
	Route    string // as the door names it, with what its path was
	Path     string
	Status   int
}

// Bounds of refusals: of equal ones the first in a minute is written, and so many of one person in an hour; the one after
// says that there were more. So a loop writes a line a minute, and whoever tries thousands of addresses sixty-one an hour.
const (
	equalRefusals = time.Minute
	mostRefusals  = 60
)

const refusedLately = `
SELECT count(*) AS all_of_them, count(*) FILTER (WHERE l.object = 'refusals') AS told,
	count(*) FILTER (WHERE l.at > @minute AND l.object = @object AND coalesce(l.object_id, 0) = @object_id AND l.after ->> 'path' = @path
		AND l.after ->> 'method' = @method) AS equal
FROM (SELECT * FROM operation_log l WHERE l.tenant_id = @town AND l.actor = @actor AND l.act = @act AND l.at > @hour LIMIT @most) l`

// Refuse writes a refusal down in the log of the person's own organisation, never in that of the town they asked for. It
// is called after the refused transaction is gone, in one of its own.
func Refuse(_ context.Context, tx *tenants.Tx, r Refusal) error {
	person := tx.Actor.PersonID
	if person == 0 {
		return nil
	}
	// One at a time of each person, so that the bounds hold however many requests come at once.
	if err := tx.DB.Exec(`SELECT pg_advisory_xact_lock(hashtextextended('tanamori.refusal', @person))`, map[string]any{"person": person}).Error; err != nil {
		return fmt.Errorf("wait for a turn to record a refusal: %w", err)
	}
	var lately struct{ AllOfThem, Told, Equal int }
	err := tx.DB.Raw(refusedLately, map[string]any{"town": tx.Actor.TenantID, "actor": tx.Actor.Text(), "act": string(tenants.Refused), "object": r.Object,
		"object_id": r.ObjectID, "path": r.Path, "method": r.Method, "minute": tx.Now.Add(-equalRefusals), "hour": tx.Now.Add(-time.Hour),
		"most": mostRefusals + 2}).Scan(&lately).Error
	if err != nil {
		return fmt.Errorf("count refusals: %w", err)
	}
	line := tenants.Line{Town: tx.Actor.TenantID, Act: tenants.Refused, Object: r.Object, ObjectID: r.ObjectID}
	after := map[string]any{"method": r.Method, "route": r.Route, "path": r.Path, "status": r.Status}
	if r.Act != "" {
		after["act"] = string(r.Act)
	}
	switch {
	case lately.Equal > 0, lately.Told > 0:
		return nil
	case lately.AllOfThem >= mostRefusals:
		line.Object, line.ObjectID = "refusals", 0
		after = map[string]any{"more_than": mostRefusals}
	}
	line.After = after
	return tx.Record(line)
}
