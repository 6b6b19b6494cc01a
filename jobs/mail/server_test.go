package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// server is a real SMTP server whose temper a test sets. The address decides what becomes of a letter, see Rcpt and Data.
type server struct {
	*smtp.Server
	address string
	cert    *x509.CertPool

	password     string       // asked for when not empty
	ways         []string     // by which one signs in; PLAIN unless told
	perLine      int          // letters a connection may carry before 421
	lines        int          // connections at a time before 421
	refuseFrom   bool         // 550 to MAIL
	conns, open  atomic.Int64 // connections ever, and now
	mostOpen     atomic.Int64
	secure       atomic.Int64 // letters that came over TLS
	hung         chan struct{}
	mu           sync.Mutex
	mails        [][]byte
	heard        []string // recipients in the order of RCPT
	stopHangings sync.Once
}

func serve(t testing.TB, change func(*server)) *server {
	t.Helper()
	s := &server{hung: make(chan struct{})}
	s.Server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.Domain, s.AllowInsecureAuth = "mail.example.jp", true
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	if change != nil {
		change(s)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = ln.Addr().String()
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() {
		s.release()
		_ = s.Close()
	})
	return s
}

func (s *server) release() { s.stopHangings.Do(func() { close(s.hung) }) }

func (s *server) withTLS(t testing.TB) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	s.cert = x509.NewCertPool()
	s.cert.AddCert(leaf)
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func (s *server) received() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.mails...)
}

func (s *server) session(c *smtp.Conn) (smtp.Session, error) {
	s.conns.Add(1)
	now := s.open.Add(1)
	most := s.mostOpen.Load()
	for now > most && !s.mostOpen.CompareAndSwap(most, now) {
		most = s.mostOpen.Load()
	}
	if s.lines > 0 && now > int64(s.lines) {
		s.open.Add(-1)
		return nil, &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many connections"}
	}
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *server
	conn   *smtp.Conn
	signed bool
	to     string
	count  int
}

func (x *session) Reset() { x.to = "" }
func (x *session) Logout() error {
	x.server.open.Add(-1)
	return nil
}
func (x *session) AuthMechanisms() []string {
	if x.server.ways != nil {
		return x.server.ways
	}
	return []string{sasl.Plain}
}

// cramMD5 is a server's part of RFC 2195, which the library does not have.
type cramMD5 struct {
	x     *session
	asked bool
}

func (m *cramMD5) Next(answer []byte) (challenge []byte, done bool, err error) {
	const ask = "<1.2@mail.example.jp>"
	if !m.asked {
		m.asked = true
		return []byte(ask), false, nil
	}
	mac := hmac.New(md5.New, []byte(m.x.server.password))
	mac.Write([]byte(ask))
	if string(answer) != "tanamori "+hex.EncodeToString(mac.Sum(nil)) {
		return nil, true, smtp.ErrAuthFailed
	}
	m.x.signed = true
	return nil, true, nil
}

func (x *session) Auth(way string) (sasl.Server, error) {
	if way == "CRAM-MD5" {
		return &cramMD5{x: x}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "tanamori" || password != x.server.password {
			return smtp.ErrAuthFailed
		}
		x.signed = true
		return nil
	}), nil
}

func (x *session) Mail(string, *smtp.MailOptions) error {
	switch {
	case x.server.password != "" && !x.signed:
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	case x.server.refuseFrom:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 8}, Message: "sender unknown"}
	case x.server.perLine > 0 && x.count >= x.server.perLine:
		_ = x.conn.Close() // as some relays do, without a word
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "enough for one connection"}
	}
	return nil
}

// The local part says what happens: rcpt550@, rcpt450@, relay554@ … at RCPT, data554@, data451@, cut@, hang@, late@ at DATA.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.server.mu.Lock()
	x.server.heard = append(x.server.heard, to)
	x.server.mu.Unlock()
	x.to, _, _ = strings.Cut(to, "@")
	switch x.to {
	case "rcpt550":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case "rcpt450":
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "greylisted"}
	case "relay554":
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "relay access denied"}
	}
	return nil
}

func (x *session) Data(r io.Reader) error {
	switch x.to {
	case "cut": // the connection breaks in the middle of the letter
		_, _ = io.ReadFull(r, make([]byte, 100))
		_ = x.conn.Conn().Close()
		return errors.New("cut")
	case "late": // the whole letter has come, its answer does not
		_, _ = io.Copy(io.Discard, r)
		_ = x.conn.Conn().Close()
		return errors.New("late")
	case "hang":
		_, _ = io.Copy(io.Discard, r)
		<-x.server.hung
		return errors.New("hung")
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	switch x.to {
	case "data554":
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not this content"}
	case "data451":
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "disk full"}
	}
	x.count++
	if _, ok := x.conn.TLSConnectionState(); ok {
		x.server.secure.Add(1)
	}
	x.server.mu.Lock()
	x.server.mails = append(x.server.mails, b.Bytes())
	x.server.mu.Unlock()
	return nil
}

func (s *server) url(userinfo, query string) string {
	if userinfo != "" {
		userinfo += "@"
	}
	return fmt.Sprintf("smtp://%s%s%s", userinfo, s.address, query)
}
