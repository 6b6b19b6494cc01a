package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Letter is one mail to one person. A letter that is sent again is the same letter: MessageID and At stay as they were.
type Letter struct {
	MessageID string    // without angle brackets
	At        time.Time // when it was written; the Date header, in this time's own zone
	ToName    string
	ToAddress string
	Subject   string
	Text      string
	HTML      string // empty: text only
	Kind      string // X-Tanamori-Kind
	Ref       string // X-Tanamori-Notice: by what number the console knows it
	Repeat    bool   // an earlier try may have arrived: X-Tanamori-Repeat: outcome-unknown
}

// message is the letter as go-mail writes it. An error means that the letter itself cannot be sent, by anybody.
func (s *Sender) message(l Letter) (*gomail.Msg, error) {
	to, err := netmail.ParseAddress(l.ToAddress)
	if err != nil || strings.ContainsAny(l.ToAddress, "\r\n") {
		return nil, errors.New("not a mail address")
	}
	// Base64 takes a third of what quoted-printable takes for Japanese, and no relay folds its lines.
	m := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(&netmail.Address{Name: oneLine(l.ToName), Address: to.Address})
	m.Subject(oneLine(l.Subject))
	m.SetMessageIDWithValue(oneLine(l.MessageID))
	m.SetDateWithValue(l.At)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no vacation notices, please
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // and the same for Exchange
	m.SetGenHeader("X-Mailer", "Tanamori")
	m.SetGenHeader("X-Tanamori-Kind", oneLine(l.Kind))
	m.SetGenHeader("X-Tanamori-Notice", oneLine(l.Ref))
	if l.Repeat {
		m.SetGenHeader("X-Tanamori-Repeat", "outcome-unknown")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return m, nil
}

// oneLine keeps what a person typed from becoming a header of its own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
