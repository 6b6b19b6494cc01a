package tenantstest

import (
	"fmt"
	"slices"
	"time"
)

// WithAndWithoutGathering prints a figure of `make bench`: what the log of evidence adds to something, which is done so many
// times, by turns without and with the triggers that write the lines of its rows. The ratio is that of the
// best of each.
func WithAndWithoutGathering(b *Bench, name string, rounds int, once func() time.Duration) {
	b.t.Helper()
	var took [2][]time.Duration
	for n := range rounds {
		act := [2]string{"DISABLE", "ENABLE"}[n%2]
		for _, t := range b.SQL(`SELECT CAST(tgrelid AS regclass)::text AS name FROM pg_trigger WHERE tgname = 'due'`) {
			b.SQL(fmt.Sprintf(`ALTER TABLE %s %s TRIGGER due`, t["name"], act))
		}
		took[n%2] = append(took[n%2], once())
	}
	without, with := slices.Min(took[0]), slices.Min(took[1]) // what else the machine does only adds
	ratio, verdict := with.Seconds()/without.Seconds(), "ok"
	if ratio > 1.15 {
		verdict = "short"
	}
	fmt.Printf("BENCH %s %.1f ms %.2f 1.15 %s\n", name, float64(with.Microseconds())/1000, ratio, verdict)
}
