package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// load is what a load generator saw. It is a process of its own, as the machines are.
type load struct {
	Rate            float64 // answers 200 a second
	Refused         float64 // answers 503 a second
	Offered         float64 // requests a second that came due, sent or not
	P50, P99, Worst float64 // ms to a 200; with a fixed rate from when the request was due
	Batch           float64 `json:"-"`
}

type loadOrder struct {
	Address     string
	UUIDs       []string
	Body        string
	Connections int
	Rate        float64 // requests a second whatever the answers do; 0: the next when the last is answered
	Time        time.Duration
}

const loadVariable = "TANAMORI_BENCH_LOAD"

// The benchmark calls its own binary anew; this comes before any test of it.
func init() {
	order := os.Getenv(loadVariable)
	if order == "" {
		return
	}
	if err := generate(order); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// generator is lean: one thread, one epoll. What it burns is taken from the server on the same cores.
type generator struct {
	order    loadOrder
	requests [][]byte
	next     int
	poll     int
	idle     []int32 // connections that wait for something to send
	due      map[int32]time.Time
	begin    time.Time
	end      time.Time
	took     []time.Duration
	refused  int
	offered  int
}

func generate(text string) error {
	runtime.LockOSThread()
	g := generator{due: map[int32]time.Time{}}
	if err := json.Unmarshal([]byte(text), &g.order); err != nil {
		return err
	}
	for _, id := range g.order.UUIDs {
		g.requests = append(g.requests, fmt.Appendf(nil, "POST /ping/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", id, g.order.Address, len(g.order.Body), g.order.Body))
	}
	var err error
	if g.poll, err = unix.EpollCreate1(0); err != nil {
		return err
	}
	for range g.order.Connections {
		fd, err := connect(g.order.Address)
		if err != nil {
			return err
		}
		if err := unix.EpollCtl(g.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
		g.idle = append(g.idle, int32(fd))
	}
	g.begin = time.Now().Add(g.order.Time / 6) // the first of it warms up
	g.end = g.begin.Add(g.order.Time * 5 / 6)
	if err := g.run(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(g.seen())
}

// run sends until the time is over. With a rate, requests that came due while every connection was taken are sent as soon
// as one is free, and their time counts from when they were due; those that are more than a second late were given up.
func (g *generator) run() error {
	events, buffer := make([]unix.EpollEvent, 256), make([]byte, 4096)
	started, sent := time.Now(), 0
	for now := started; now.Before(g.end); now = time.Now() {
		wait := 100
		for len(g.idle) > 0 {
			due := now
			if g.order.Rate > 0 {
				if overdue := int((now.Sub(started).Seconds() - 1) * g.order.Rate); sent < overdue {
					sent = overdue
				}
				due = started.Add(time.Duration(float64(sent) / g.order.Rate * 1e9))
				if due.After(now) {
					wait = 1
					break
				}
			}
			sent++
			if err := g.send(due); err != nil {
				return err
			}
		}
		n, err := unix.EpollWait(g.poll, events, wait)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range events[:n] {
			if err := g.answered(e.Fd, buffer); err != nil {
				return err
			}
		}
	}
	if g.offered = len(g.took) + g.refused; g.order.Rate > 0 {
		g.offered = int(g.order.Rate * g.end.Sub(g.begin).Seconds())
	}
	return nil
}

func (g *generator) send(due time.Time) error {
	fd := g.idle[len(g.idle)-1]
	g.idle = g.idle[:len(g.idle)-1]
	g.next = (g.next + 7919) % len(g.requests)
	g.due[fd] = due
	_, err := unix.Write(int(fd), g.requests[g.next])
	return err
}

// answered reads an answer; one of some 300 bytes arrives in one piece on loopback.
func (g *generator) answered(fd int32, buffer []byte) error {
	n, err := unix.Read(int(fd), buffer)
	if err != nil {
		return err
	}
	now := time.Now()
	counts := now.After(g.begin) && now.Before(g.end)
	answer := buffer[:n]
	switch {
	case bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) && bytes.HasSuffix(answer, []byte("\r\n\r\nOK")):
		if counts {
			g.took = append(g.took, now.Sub(g.due[fd]))
		}
	case bytes.HasPrefix(answer, []byte("HTTP/1.1 503 ")) && bytes.Contains(answer, []byte("\r\nRetry-After: ")):
		if counts {
			g.refused++
		}
	default:
		return fmt.Errorf("answer: %q", answer)
	}
	g.idle = append(g.idle, fd)
	return nil
}

func (g *generator) seen() load {
	slices.Sort(g.took)
	ms := func(share float64) float64 {
		if len(g.took) == 0 {
			return 0
		}
		return float64(g.took[int(share*float64(len(g.took)-1))].Microseconds()) / 1000
	}
	seconds := g.end.Sub(g.begin).Seconds()
	return load{Rate: float64(len(g.took)) / seconds, Refused: float64(g.refused) / seconds, Offered: float64(g.offered) / seconds,
		P50: ms(0.5), P99: ms(0.99), Worst: ms(1)}
}

func connect(address string) (int, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return 0, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return 0, err
	}
	return fd, unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
}
