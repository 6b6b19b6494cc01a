package mail

import (
	"errors"
	"slices"

	"github.com/wneessen/go-mail/smtp"
)

// signIn signs in to the mail server by the best way that both know. Choosing is ours: the library's own choice goes on to
// ways that rest on MD5 where nothing better is offered.
type signIn struct {
	of     *Sender
	chosen smtp.Auth
}

// Start chooses. Plain ways are for connections that are encrypted; who writes tls=none has decided that the way to the
// server is private enough.
func (a *signIn) Start(server *smtp.ServerInfo) (proto string, first []byte, err error) {
	s := a.of
	inClear := s.security == plain
	for _, way := range []struct {
		name  string
		asked bool
		auth  func() smtp.Auth
	}{
		{"SCRAM-SHA-256", true, func() smtp.Auth { return smtp.ScramSHA256Auth(s.user, s.password) }},
		{"SCRAM-SHA-1", s.weak == "scram-sha-1", func() smtp.Auth { return smtp.ScramSHA1Auth(s.user, s.password) }},
		{"CRAM-MD5", s.weak == "cram-md5", func() smtp.Auth { return smtp.CRAMMD5Auth(s.user, s.password) }},
		{"PLAIN", true, func() smtp.Auth { return smtp.PlainAuth("", s.user, s.password, s.host, inClear) }},
		{"LOGIN", true, func() smtp.Auth { return smtp.LoginAuth(s.user, s.password, s.host, inClear) }},
	} {
		if way.asked && slices.Contains(server.Auth, way.name) {
			a.chosen = way.auth()
			return a.chosen.Start(server)
		}
	}
	return "", nil, errors.New("the mail server offers no way to sign in that is used here (SCRAM-SHA-256, PLAIN, LOGIN; ?auth= allows weaker ones)")
}

// Next answers what the server asks.
func (a *signIn) Next(fromServer []byte, more bool) ([]byte, error) {
	return a.chosen.Next(fromServer, more)
}
