//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// point is what happens at a step, and on which pass.
type point struct {
	signal syscall.Signal
	pass   int64
	passed atomic.Int64
}

var points = read(os.Getenv("TANAMORI_FAILPOINT"))

func read(list string) map[string]*point {
	points := map[string]*point{}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		step, what, _ := strings.Cut(item, "=")
		act, nth, counted := strings.Cut(what, "@")
		p := &point{pass: 1}
		if counted {
			n, err := strconv.ParseInt(nth, 10, 64)
			if err != nil || n < 1 {
				wrong(item)
			}
			p.pass = n
		}
		switch act {
		case "kill":
			p.signal = syscall.SIGKILL
		case "stop":
			p.signal = syscall.SIGSTOP
		default:
			wrong(item)
		}
		if !slices.Contains(Steps, step) {
			wrong(item)
		}
		points[step] = p
	}
	return points
}

func wrong(item string) {
	fmt.Fprintf(os.Stderr, "TANAMORI_FAILPOINT: %q is not step=kill@n or step=stop@n of a step there is\n", item)
	os.Exit(2)
}

// Here is a step. It returns at once unless TANAMORI_FAILPOINT names it and this is the pass.
func Here(step string) {
	p := points[step]
	if p == nil || p.passed.Add(1) != p.pass {
		return
	}
	// Sent to this very thread, the signal is acted upon before the call returns: nothing that follows has begun.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Tgkill(os.Getpid(), syscall.Gettid(), p.signal); err != nil {
		panic(err)
	}
}
