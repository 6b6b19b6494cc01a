package reliability_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// letter is one copy of a message as the sink was handed it.
type letter struct {
	id, ref string // Message-ID without brackets; X-Tanamori-Notice
	repeat  bool   // X-Tanamori-Repeat
	at      time.Time
	raw     []byte // all of it, where the sink keeps that
}

// sink is a mail server that writes down what it is handed.
type sink struct {
	address string
	keeps   bool // letters whole
	mu      sync.Mutex
	letters []letter
}

func newSink(t testing.TB) *sink {
	t.Helper()
	s := &sink{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{s}, nil }))
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = ln.Addr().String()
	go func() { _ = server.Serve(ln) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// all is every copy so far, in the order they came.
func (s *sink) all() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.letters...)
}

type session struct{ sink *sink }

// Reset has nothing to forget.
func (session) Reset() {}

// Logout has nothing to close.
func (session) Logout() error { return nil }

// Mail takes any sender.
func (session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes any address.
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data writes a letter down once it has come to its end.
func (s session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if s.sink.keeps {
		for name, values := range m.Header {
			for _, v := range values {
				fmt.Fprintf(&raw, "%s: %s\r\n", name, v)
			}
		}
		raw.WriteString("\r\n")
	}
	if _, err := io.Copy(&raw, m.Body); err != nil {
		return err
	}
	id := m.Header.Get("Message-ID")
	l := letter{id: id[1 : len(id)-1], ref: m.Header.Get("X-Tanamori-Notice"), repeat: m.Header.Get("X-Tanamori-Repeat") != "", at: time.Now()}
	if s.sink.keeps {
		l.raw = raw.Bytes()
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.letters = append(s.sink.letters, l)
	return nil
}
