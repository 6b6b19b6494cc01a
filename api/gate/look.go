package gate

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/history"
)

// wide are the lists over many towns; what else names no town is the reader's own.
var wide = map[string]bool{"board": true, "incident": true, "town": true, "notice": true, "server": true, "person": true, "operation_log": true}

const keyLooked = "gate.looked"

// seen remembers which looks this node has written down, so that reading the same again costs nothing. It is a memory of
// lines that stand: what it has forgotten, and what another node wrote, the statement finds.
type seen struct {
	mu    sync.Mutex
	since time.Time
	looks map[look]struct{}
}

type look struct {
	person, town int64
	object       string
	id           int64
	window       time.Time
}

// mostSeen is how many looks are remembered.
const mostSeen = 20_000

func (s *seen) has(l look) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.looks[l]
	return ok
}

func (s *seen) add(l look, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if hour := now.Truncate(time.Hour); !hour.Equal(s.since) || len(s.looks) >= mostSeen {
		s.since, s.looks = hour, map[look]struct{}{}
	}
	s.looks[l] = struct{}{}
}

// looked runs fn and writes down, in the same transaction, that somebody of the host reads what is a town's: once an hour
// for each person and thing, once a night for a list over all towns. What fn recorded itself (an export) needs no second
// line.
func (g *Gate) looked(c echo.Context, who tenants.Actor, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	town, object, id := thing(c)
	one := town != 0 && town != who.TenantID && who.Sees(town)
	all := town == 0 && id == 0 && wide[object]
	if !who.IsHost() || !reading(c) || c.Get(keyLooked) != nil || !one && !all {
		return g.ground.Do(c.Request().Context(), ofPath(c, who), fn)
	}
	s := history.Sight{Object: object, ObjectID: id}
	if one {
		s.Town = town
	}
	now := g.ground.Now()
	l := look{who.PersonID, s.Town, object, id, s.Window(now)}
	if g.seen.has(l) {
		return g.ground.Do(c.Request().Context(), ofPath(c, who), fn)
	}
	stands := false
	err := g.ground.Do(c.Request().Context(), ofPath(c, who), func(ctx context.Context, tx *tenants.Tx) error {
		if err := fn(ctx, tx); err != nil || tx.Recorded() {
			return err
		}
		stands = true
		return history.Look(ctx, tx, s)
	})
	if err == nil {
		c.Set(keyLooked, true) // one line a request, whatever it reads further
		if stands {
			g.seen.add(l, now)
		}
	}
	return err
}
