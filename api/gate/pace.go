package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// Pace is how many requests one person, or one token, may make: Burst at once, and PerSecond on the long run. It holds a
// program off that went wild, and is far above what people do, with a dozen boards open in a storm of incidents. Each node
// counts for itself. Zero: no bound.
type Pace struct {
	PerSecond float64
	Burst     float64
}

// maxPaced is how many are remembered. Beyond, those go first that have asked for nothing for longest.
const maxPaced = 10_000

type paces struct {
	Pace
	mu   sync.Mutex
	seen map[string]paced
}

// paced is who may make so many requests as of a moment.
type paced struct {
	left float64
	at   time.Time
}

// take counts a request and tells how long to wait where there have been too many.
func (p *paces) take(who string, now time.Time) time.Duration {
	if p.PerSecond <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b, known := p.seen[who]
	if !known {
		b = paced{left: p.Burst, at: now}
		p.makeRoom(now)
	}
	if since := now.Sub(b.at); since > 0 {
		b.left, b.at = min(p.Burst, b.left+since.Seconds()*p.PerSecond), now
	} else if since < 0 {
		b.at = now // the clock was put back: nobody waits for the time that has gone
	}
	wait := time.Duration(0)
	if b.left < 1 {
		wait = time.Duration((1 - b.left) / p.PerSecond * float64(time.Second))
	} else {
		b.left--
	}
	if p.seen == nil {
		p.seen = map[string]paced{}
	}
	p.seen[who] = b
	return wait
}

// makeRoom forgets those whose bound is whole again, which loses nothing, and else whoever was heard longest ago.
func (p *paces) makeRoom(now time.Time) {
	if len(p.seen) < maxPaced {
		return
	}
	oldest, at := "", now
	for who, b := range p.seen {
		if b.left+now.Sub(b.at).Seconds()*p.PerSecond >= p.Burst {
			delete(p.seen, who)
		} else if !b.at.After(at) {
			oldest, at = who, b.at
		}
	}
	if len(p.seen) >= maxPaced {
		delete(p.seen, oldest)
	}
}

// paced holds off who asks too much. A stream of events counts once, however long it lasts.
func (g *Gate) paced(c echo.Context, who tenants.Actor) error {
	name := "person " + strconv.FormatInt(who.PersonID, 10)
	if token, ok := bearer(c); ok {
		sum := sha256.Sum256([]byte(token))
		name = "token " + hex.EncodeToString(sum[:])
	}
	wait := g.paces.take(name, g.ground.Now())
	if wait == 0 {
		return nil
	}
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return &tenants.Fault{Kind: tenants.KindTooMany, Wait: wait,
		Ja: "短い間に操作が多すぎます。" + seconds + "秒ほど待ってからもう一度お試しください。",
		En: "Too many requests in a short time. Please try again in about " + seconds + " s."}
}
