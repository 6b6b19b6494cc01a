package ping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if order := os.Getenv(loadVariable); order != "" {
		if err := generate(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// generate is a lean load generator: one thread, one epoll, each connection sends its next request when the answer to the
// last one is there. What it burns is taken from the server on the same cores.
func generate(text string) error {
	runtime.LockOSThread()
	var order loadOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return err
	}
	requests := make([][]byte, len(order.UUIDs))
	for i, id := range order.UUIDs {
		requests[i] = fmt.Appendf(nil, "POST /ping/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", id, order.Address, len(order.Body), order.Body)
	}
	poll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	sent := map[int32]time.Time{}
	next := 0
	send := func(fd int32) error {
		next = (next + 7919) % len(requests)
		sent[fd] = time.Now()
		_, err := unix.Write(int(fd), requests[next])
		return err
	}
	for range order.Connections {
		fd, err := connect(order.Address)
		if err != nil {
			return err
		}
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
		if err := send(int32(fd)); err != nil {
			return err
		}
	}
	var seen load
	var took []time.Duration
	begin := time.Now().Add(order.Time / 6) // the first of it warms up
	end := time.Now().Add(order.Time)
	events, buffer := make([]unix.EpollEvent, 256), make([]byte, 4096)
	for waiting := order.Connections; waiting > 0; {
		n, err := unix.EpollWait(poll, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range events[:n] {
			n, err := unix.Read(int(e.Fd), buffer)
			if err != nil {
				return err
			}
			now := time.Now()
			// An answer of 300 bytes arrives in one piece on loopback.
			if good := bytes.HasPrefix(buffer[:n], []byte("HTTP/1.1 200 ")) && bytes.HasSuffix(buffer[:n], []byte("\r\n\r\nOK")); !good {
				return fmt.Errorf("answer: %q", buffer[:n])
			}
			if now.After(begin) && now.Before(end) {
				took = append(took, now.Sub(sent[e.Fd]))
			}
			if now.After(end) {
				waiting--
				continue
			}
			if err := send(e.Fd); err != nil {
				return err
			}
		}
	}
	slices.Sort(took)
	ms := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	seen.Rate = float64(len(took)) / end.Sub(begin).Seconds()
	seen.P50, seen.P99, seen.Worst = ms(0.5), ms(0.99), ms(1)
	return json.NewEncoder(os.Stdout).Encode(seen)
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
