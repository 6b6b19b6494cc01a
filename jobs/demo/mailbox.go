package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
)

// From is the sender of the demonstration's mails.
const From = "棚守（実演） <tanamori@datacenter.rankoshi.example>"

// Mailbox is a real mail server on a local port that keeps every mail in a directory: the demonstration's towns have no
// other, and nothing ever leaves the machine.
type Mailbox struct {
	dir    string
	log    *slog.Logger
	server *smtp.Server
	addr   string
}

// Mail is one mail as the demonstration's page shows it.
type Mail struct {
	ID      string
	At      time.Time
	To      string
	Subject string
	Text    string
	Repeat  bool
}

// OpenMailbox starts the mail server on a free local port; mails that are there already stay.
func OpenMailbox(dir string, log *slog.Logger) (*Mailbox, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	m := &Mailbox{dir: dir, log: log}
	m.server = smtp.NewServer(backend{m})
	m.server.Domain, m.server.AllowInsecureAuth = "localhost", true
	m.server.ReadTimeout, m.server.WriteTimeout, m.server.MaxMessageBytes = 30*time.Second, 30*time.Second, 1<<20
	m.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	m.addr = ln.Addr().String()
	go func() {
		if err := m.server.Serve(ln); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			log.Error("the demonstration's mail server stopped", "error", err)
		}
	}()
	return m, nil
}

// URL is where mails are handed in.
func (m *Mailbox) URL() string { return "smtp://" + m.addr + "?tls=none" }

// Close stops taking mails.
func (m *Mailbox) Close() error { return m.server.Close() }

// List gives the newest mails, at most limit.
func (m *Mailbox) List(limit int) ([]Mail, error) {
	names, err := filepath.Glob(filepath.Join(m.dir, "*.eml"))
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	sort.Sort(sort.Reverse(sort.StringSlice(names)))
	mails := make([]Mail, 0, min(limit, len(names)))
	for _, name := range names[:min(limit, len(names))] {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read mail: %w", err)
		}
		one, err := read(b)
		if err != nil {
			return nil, fmt.Errorf("read mail %s: %w", filepath.Base(name), err)
		}
		one.ID = strings.TrimSuffix(filepath.Base(name), ".eml")
		mails = append(mails, one)
	}
	return mails, nil
}

func read(b []byte) (Mail, error) {
	r, err := mail.CreateReader(bytes.NewReader(b))
	if err != nil {
		return Mail{}, err
	}
	var m Mail
	if m.Subject, err = r.Header.Subject(); err != nil {
		return Mail{}, err
	}
	if m.At, err = r.Header.Date(); err != nil {
		return Mail{}, err
	}
	to, err := r.Header.AddressList("To")
	if err != nil {
		return Mail{}, err
	}
	for _, a := range to {
		m.To = a.Name + " <" + a.Address + ">"
	}
	m.Repeat = r.Header.Get("X-Tanamori-Repeat") != ""
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return Mail{}, err
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue
		}
		if kind, _, err := inline.ContentType(); err == nil && kind == "text/plain" {
			text, err := io.ReadAll(part.Body)
			if err != nil {
				return Mail{}, err
			}
			m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
}

type backend struct{ box *Mailbox }

func (b backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{box: b.box}, nil }

type session struct{ box *Mailbox }

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data keeps one mail, under a name that sorts by when it was written.
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := read(b)
	if err != nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "cannot be read: " + err.Error()}
	}
	if err := s.box.keep(parsed.At, b); err != nil {
		s.box.log.Error("the demonstration's mailbox cannot keep a mail", "error", err)
		// Not for good: a full disk says nothing of the mail.
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "cannot be kept now"}
	}
	return nil
}

// keep writes a mail whole or not at all.
func (m *Mailbox) keep(at time.Time, b []byte) error {
	f, err := os.CreateTemp(m.dir, at.UTC().Format("20060102T150405.000000000")+"-*.eml")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
