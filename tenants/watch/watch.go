// Package watch is Tanamori watching itself (見張り): what the audit found late and what it put right, the one incident
// about that in the host town of each consortium concerned, and the sign of life that is sent outside.
package watch

import (
	"time"

	"tanamori/tenants"
)

// KindRound is the breach of a job that has not ended well for longer than it should. It concerns every consortium.
const KindRound = "watch.round"

var _ = tenants.Sentences(map[string][2]string{
	KindRound:     {"棚守の{n}つの働きが、正常に終わっていません（{since}から）{more}", "{n} of Tanamori's jobs have not ended well since {since}{more}"},
	"watch.more":  {"。ほかの異常もあり、「朝の確認」の「見張り」で確かめられます", "; there is more, see Watch on the morning check"},
	"watch.clean": {"見張りの点検で、異常がなくなったことを確かめました", "The audit finds nothing wrong any more"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindRound: {"止まっている働き{n}つ", "{n} jobs stand still"},
})

const (
	// Patience is how long something must stand before it counts: found by one audit, it is still there at the next.
	Patience = time.Minute
	// Calm is how long the audits must be clean before the incident is over.
	Calm = 5 * time.Minute
	// Remembered is how long what was found or put right stays in sight.
	Remembered = 24 * time.Hour
	// mendsAtMost is how often in a row, no day between them free of it, a kind may be put right in a town. What comes back
	// as often is not put right, and somebody is told.
	mendsAtMost = 3
)

// Cause is what the incident about Tanamori itself is known by within the host town, About what it is about.
const (
	Cause = "watch:audit"
	About = "watch"
)

// Subject is what that incident is about, as people say it.
const Subject = "棚守の見張り"

// Breach is what stands against a town, as it is kept.
type Breach struct {
	tenants.Breach
	FoundAt time.Time // the first audit that found it
}

// Reason is the breach as a sentence, or in a few words by its Short. zone is whose time of day is told.
func Reason(kind string, count int, since, now time.Time, zone *time.Location, more bool) tenants.Reason {
	p := tenants.Params{"n": number(count), "since": clock(since, now, zone), "more": ""}
	if more {
		p["more"] = "@watch.more"
	}
	return tenants.Reason{Code: kind, Params: p}
}

// clock is a time of day, with the date where it is not today's and the zone where it is nobody's own.
func clock(t, now time.Time, zone *time.Location) string {
	local, today, format := t.In(zone), now.In(zone), "15:04"
	if local.YearDay() != today.YearDay() || local.Year() != today.Year() {
		format = "1/2 15:04"
	}
	if zone == time.UTC {
		format += " UTC"
	}
	return local.Format(format)
}
