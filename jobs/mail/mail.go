// Package mail hands letters to the mail server (SMTP) and says of each how that ended, without guessing: taken over,
// refused for good, not this time, or unknown because the answer never came.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Sender knows the mail server and how to speak with it. It keeps no connection between batches and is safe to share.
type Sender struct {
	host      string
	port      int
	from      *netmail.Address
	helo      string
	user      string
	password  string
	security  security
	weak      string // a way to sign in that rests on SHA-1 or MD5 and is used only where the address asks for it
	tlsConfig *tls.Config
	dial      time.Duration // to connect, greet and sign in
	letter    time.Duration // for one letter, from MAIL to the answer to its last dot
	lines     int
	private   bool
}

// security is how the connection is kept private.
type security string

const (
	opportunistic security = ""         // STARTTLS where the server offers it
	plain         security = "none"     // never
	starttls      security = "starttls" // STARTTLS or nothing
	fromTheStart  security = "tls"      // TLS before the first word, as smtps:// asks for
)

// Option changes a Sender.
type Option func(*Sender)

// Timeouts bounds connecting (15 s unless told) and handing over one letter (30 s unless told).
func Timeouts(dial, letter time.Duration) Option {
	return func(s *Sender) { s.dial, s.letter = dial, letter }
}

// Connections is how many connections a large batch may use side by side: 4 unless told, at least 1.
func Connections(n int) Option { return func(s *Sender) { s.lines = max(n, 1) } }

// Trust replaces what the server's certificate is checked against.
func Trust(config *tls.Config) Option { return func(s *Sender) { s.tlsConfig = config.Clone() } }

// Private refuses any way to the server that is not encrypted with a certificate that is checked, unless the server is on
// this machine.
func Private() Option {
	return func(s *Sender) { s.private = true }
}

// Hello is the name by which Tanamori introduces itself; the machine's own unless told.
func Hello(name string) Option { return func(s *Sender) { s.helo = name } }

// New reads where mail goes, smtp://user:password@host:25 or smtps://…:465, and whom it is from, "棚守 <a@b.example>" or
// the bare address. ?tls=none, starttls or tls says how the connection is kept private; without it STARTTLS is used
// where the server offers it. ?auth=scram-sha-1 or cram-md5 allows a way to sign in that is otherwise refused. An error names what is wrong and never holds the password.
func New(smtpURL, from string, options ...Option) (*Sender, error) {
	u, err := url.Parse(smtpURL)
	if err != nil {
		// Not wrapped: url.Error quotes the address, password and all.
		return nil, errors.New("read the mail server's address: it is not of the form smtp://user:password@host:port")
	}
	s := &Sender{dial: 15 * time.Second, letter: 30 * time.Second, lines: 4, host: u.Hostname()}
	if s.from, err = netmail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("read the mail's sender %q: %w", from, err)
	}
	switch u.Scheme {
	case "smtp":
		s.port = 25
		s.security = security(u.Query().Get("tls"))
	case "smtps":
		s.port = 465
		s.security = fromTheStart
	default:
		return nil, fmt.Errorf("read the mail server's address: scheme %q is neither smtp nor smtps", u.Scheme)
	}
	switch s.security {
	case opportunistic, plain, starttls, fromTheStart:
	default:
		return nil, fmt.Errorf("read the mail server's address: tls=%q is none of none, starttls, tls", s.security)
	}
	s.weak = u.Query().Get("auth")
	if s.weak != "" && s.weak != "scram-sha-1" && s.weak != "cram-md5" {
		return nil, fmt.Errorf("read the mail server's address: auth=%q is neither scram-sha-1 nor cram-md5", s.weak)
	}
	for key := range u.Query() {
		if key != "tls" && key != "auth" {
			return nil, fmt.Errorf("read the mail server's address: unknown setting %q", key)
		}
	}
	if s.host == "" {
		return nil, errors.New("read the mail server's address: it names no host")
	}
	if u.Path != "" && u.Path != "/" {
		return nil, errors.New("read the mail server's address: there is nothing after host:port but ?tls=…")
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return nil, fmt.Errorf("read the mail server's address: port %q", p)
		}
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
	}
	for _, option := range options {
		option(s)
	}
	if ip := net.ParseIP(s.host); s.private && s.host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		switch s.security {
		case plain:
			return nil, errors.New("read the mail server's address: tls=none, but TANAMORI_REQUIRE_TLS asks for encryption")
		case opportunistic:
			s.security = starttls
		case starttls, fromTheStart:
		}
	}
	if s.tlsConfig == nil {
		s.tlsConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if s.tlsConfig.ServerName == "" {
		s.tlsConfig.ServerName = s.host
	}
	if s.security == opportunistic && s.user == "" {
		// Encryption that is given up where the server does not offer it proves nothing about the server either
		// (RFC 7435): a relay's own certificate must not be what keeps a night's letters from leaving.
		s.tlsConfig.InsecureSkipVerify = true
	}
	if _, err := s.client(s.dial, nil); err != nil {
		return nil, fmt.Errorf("prepare for the mail server: %w", err)
	}
	return s, nil
}

// Server is where letters go, host:port, for people to read.
func (s *Sender) Server() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// client makes a go-mail client for one connection; keep is given the connection as soon as there is one, and gives back
// what is to be written to. go-mail has one
// timeout for connecting and for a letter, so a line has two clients.
func (s *Sender) client(timeout time.Duration, keep func(net.Conn) net.Conn) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTLSConfig(s.tlsConfig),
		gomail.WithTimeout(timeout),
		gomail.WithoutNoop(), gomail.WithoutRset(), // four round trips a letter, not six
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			conn = keep(conn)
			if s.security != fromTheStart {
				return conn, nil
			}
			secure := tls.Client(conn, s.tlsConfig)
			return secure, secure.HandshakeContext(ctx)
		}),
	}
	switch s.security {
	case opportunistic:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case starttls:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case plain, fromTheStart:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.helo != "" {
		options = append(options, gomail.WithHELO(s.helo))
	}
	if s.user != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&signIn{of: s}))
	}
	return gomail.NewClient(s.host, options...)
}
