package reliability_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/database/failpoint"
)

// kills is how often the crash test kills, both worlds together.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TANAMORI_KILLS")
	if text == "" {
		return 200
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "TANAMORI_KILLS")
	return n
}

// steps are those that a running node comes by.
func steps() (list []string) {
	for _, s := range failpoint.Steps {
		if !strings.HasPrefix(s, "migrate.") {
			list = append(list, s)
		}
	}
	return list
}

// Two worlds at once, since most of a crash is waiting for the disk: one on a Postgres of its own, which stays, and one on
// the embedded Postgres, which goes down with the program.
func TestNothingIsLostByACrash(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		keeping keeping
		share   int
	}{"external": {external, 7}, "embedded": {builtIn, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crash(t, newWorld(t, one.keeping), kills(t)*one.share/10)
		})
	}
}

// crash kills a world's only node again and again: once at every step, then at steps and moments by chance.
func crash(t *testing.T, w *world, kills int) {
	t.Helper()
	address := freeAddress(t)
	n := w.serve(address, "")
	n.awaitReady()
	load := w.load(address)
	began, atSteps := time.Now(), 0
	n.kill()
	w.trouble.Add(1)
	tour := steps()
	rand.Shuffle(len(tour), func(i, j int) { tour[i], tour[j] = tour[j], tour[i] })
	for _, step := range tour {
		n = w.serve(address, step+"=kill")
		await(t, "somebody comes by "+step, n.dead)
		require.True(t, n.killedItself(), "at %s:\n%s", step, n.said)
		w.trouble.Add(1)
		atSteps++
	}
	for int(w.trouble.Load()) < kills {
		moment := time.Duration(rand.IntN(600)) * time.Millisecond
		if rand.IntN(3) == 0 { // any moment, starting included
			n = w.serve(address, "")
			time.Sleep(moment)
		} else {
			step := tour[rand.IntN(len(tour))]
			n = w.serve(address, step+"=kill@"+strconv.Itoa(1+rand.IntN(2)))
			if within(2*time.Second+moment, n.dead) {
				atSteps++
			}
		}
		n.kill()
		require.True(t, n.killedItself(), "nothing but SIGKILL ends a node:\n%s", n.said)
		w.trouble.Add(1)
	}
	took := time.Since(began)
	n = w.serve(address, "")
	n.awaitReady()
	load.stop()
	w.rest()
	w.check()
	t.Logf("%d of the kills at named steps; %d kills in %v", atSteps, w.trouble.Load(), took.Round(time.Second))
}
