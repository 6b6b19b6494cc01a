package reliability_test

import (
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// loadPost is a mail server that refuses some letters while it is troubled, and keeps the links of those it took.
type loadPost struct {
	address  string
	troubled atomic.Bool
	once     atomic.Bool // the next letter is put off, whatever the dice say: the shortest load has some of everything
	mu       sync.Mutex
	links    []string
}

func newLoadPost(t testing.TB) *loadPost {
	t.Helper()
	p := &loadPost{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return loadSession{p}, nil }))
	server.Domain, server.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.address = ln.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }() // ends with Close
	t.Cleanup(func() { _ = server.Close(); <-done })
	return p
}

// link is the newest link that nobody has opened.
func (p *loadPost) link() (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.links) == 0 {
		return "", false
	}
	last := p.links[len(p.links)-1]
	p.links = p.links[:len(p.links)-1]
	return last, true
}

type loadSession struct{ post *loadPost }

func (s loadSession) chance(percent int) bool {
	return s.post.troubled.Load() && rand.IntN(100) < percent
}

// Reset has nothing to forget.
func (loadSession) Reset() {}

// Logout has nothing to close.
func (loadSession) Logout() error { return nil }

// Mail takes any sender.
func (loadSession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt puts some off and refuses a few for good.
func (s loadSession) Rcpt(string, *smtp.RcptOptions) error {
	switch {
	case s.post.once.CompareAndSwap(true, false), s.chance(10):
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "busy, come again"}
	case s.chance(3):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

var loadLink = regexp.MustCompile(`/a/[a-z2-7]+\.[a-z2-7]+`)

// Data takes a letter, after a while, and keeps its link.
func (s loadSession) Data(r io.Reader) error {
	m, err := mail.CreateReader(r)
	if err != nil {
		return err
	}
	link := ""
	for {
		part, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part.Body)
		if err != nil {
			return err
		}
		if link == "" {
			link = loadLink.FindString(string(text))
		}
	}
	if s.chance(5) {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "disk full"}
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if link != "" {
		s.post.links = append(s.post.links, link)
	}
	return nil
}
