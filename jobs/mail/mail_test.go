package mail_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"tanamori/database/databasetest"
	"tanamori/jobs/mail"
	"tanamori/tenants/notice"
)

const from = "棚守 <tanamori@example.jp>"

// Every connection and goroutine of a Send is gone when it returns.
func TestMain(m *testing.M) { databasetest.NoLeaks(m) }

func letter(to string) mail.Letter {
	return mail.Letter{
		MessageID: "0b8f@tanamori", At: time.Date(2026, 11, 21, 2, 31, 0, 0, time.FixedZone("JST", 9*3600)),
		ToName: "見本 一郎", ToAddress: to + "@example.jp", Subject: "【棚守】むかわ町 戸籍正 バックアップ：途中で切れています",
		Text: "3.9 GBのうち2.4 GBで終わっています。\n", HTML: "<p>3.9 GBのうち2.4 GBで終わっています。</p>\n", Kind: "opened", Ref: "7-12",
	}
}

func sender(t testing.TB, url string, options ...mail.Option) *mail.Sender {
	t.Helper()
	s, err := mail.New(url, from, append([]mail.Option{mail.Timeouts(2*time.Second, 2*time.Second), mail.Hello("console.example.jp")}, options...)...)
	require.NoError(t, err)
	return s
}

func results(outcomes []notice.Outcome) (out []notice.Result) {
	for _, o := range outcomes {
		out = append(out, o.Result)
	}
	return out
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	repeat := letter("a")
	repeat.Repeat = true
	out := sender(t, s.url("", "")).Send(t.Context(), []mail.Letter{letter("a"), repeat})
	require.Equal(t, []notice.Result{notice.Accepted, notice.Accepted}, results(out))
	require.Contains(t, out[0].Detail, "OK")
	require.EqualValues(t, 1, s.conns.Load(), "one connection carries them all")

	require.Len(t, s.received(), 2)
	m, err := message.Read(bytes.NewReader(s.received()[0]))
	require.NoError(t, err)
	words := new(mime.WordDecoder)
	header := func(name string) string {
		v, err := words.DecodeHeader(m.Header.Get(name))
		require.NoError(t, err)
		return v
	}
	require.Equal(t, "【棚守】むかわ町 戸籍正 バックアップ：途中で切れています", header("Subject"))
	require.Equal(t, "<0b8f@tanamori>", header("Message-Id"))
	require.Equal(t, "Sat, 21 Nov 2026 02:31:00 +0900", header("Date"))
	require.Equal(t, "auto-generated", header("Auto-Submitted"))
	require.Equal(t, "opened", header("X-Tanamori-Kind"))
	require.Equal(t, "7-12", header("X-Tanamori-Notice"))
	require.Empty(t, header("X-Tanamori-Repeat"))
	require.Contains(t, header("To"), "見本 一郎")
	require.Contains(t, header("From"), "棚守")
	for _, line := range strings.Split(string(s.received()[0]), "\r\n") {
		require.LessOrEqual(t, len(line), 78)
	}

	var bodies []string
	parts := m.MultipartReader()
	require.NotNil(t, parts)
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		b, err := io.ReadAll(p.Body)
		require.NoError(t, err)
		bodies = append(bodies, p.Header.Get("Content-Type"), strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	require.Equal(t, []string{"text/plain; charset=UTF-8", letter("a").Text, "text/html; charset=UTF-8", letter("a").HTML}, bodies)

	again, err := message.Read(bytes.NewReader(s.received()[1]))
	require.NoError(t, err)
	require.Equal(t, "outcome-unknown", again.Header.Get("X-Tanamori-Repeat"))
	require.Equal(t, m.Header.Get("Message-Id"), again.Header.Get("Message-Id"))
}

func TestWhatAPersonTypedStaysInItsHeader(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	l := letter("a")
	l.Subject, l.ToName, l.Ref = "件名\r\nBcc: all@example.jp", "見本\nX: y", "1\r\nX-Evil: 1"
	require.Equal(t, []notice.Result{notice.Accepted}, results(sender(t, s.url("", "")).Send(t.Context(), []mail.Letter{l})))
	m, err := message.Read(bytes.NewReader(s.received()[0]))
	require.NoError(t, err)
	require.Empty(t, m.Header.Get("Bcc")+m.Header.Get("X")+m.Header.Get("X-Evil"))

	for _, bad := range []string{"", "no address", "a@b.example>\r\nRCPT TO:<c@d.example", "見本", "a@b, c@d"} {
		l := letter("a")
		l.ToAddress = bad
		out := sender(t, s.url("", "")).Send(t.Context(), []mail.Letter{l})
		require.Equal(t, notice.Refused, out[0].Result, "%q", bad)
	}
	require.Len(t, s.received(), 1)
}

func TestEachRefusalIsCalledWhatItIs(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for to, want := range map[string]notice.Result{
		"rcpt550":  notice.Refused, // this address
		"rcpt450":  notice.Delayed,
		"relay554": notice.Delayed, // our settings, not the address: class 5.7
		"data554":  notice.Refused, // this letter
		"data451":  notice.Delayed,
		"cut":      notice.Unknown, // the last dot had left by the time we saw it
		"late":     notice.Unknown,
		"a":        notice.Accepted,
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			// Between two good letters: whatever it does, it takes neither of them along.
			out := sender(t, s.url("", ""), mail.Connections(1)).Send(t.Context(), []mail.Letter{letter("a"), letter(to), letter("a")})
			require.Equal(t, []notice.Result{notice.Accepted, want, notice.Accepted}, results(out), "%v", out)
			require.NotEmpty(t, out[1].Detail)
			require.NotContains(t, out[1].Detail, "@example.jp", "the address stands beside it already")
		})
	}
}

func TestALetterBrokenOffBeforeItsEndCannotHaveArrived(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	long := letter("cut")
	long.Text = strings.Repeat("3.9 GBのうち2.4 GBで終わっています。\n", 200_000) // more than any socket takes in one go
	out := sender(t, s.url("", "")).Send(t.Context(), []mail.Letter{long, letter("a")})
	require.Equal(t, []notice.Result{notice.Delayed, notice.Accepted}, results(out), "%v", out)
}

func TestAServerThatHangsCostsOneLettersTime(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	fast := sender(t, s.url("", ""), mail.Timeouts(2*time.Second, 300*time.Millisecond))
	out := fast.Send(t.Context(), []mail.Letter{letter("a"), letter("hang"), letter("a")})
	require.Equal(t, []notice.Result{notice.Accepted, notice.Unknown, notice.Accepted}, results(out))

	// Every letter hangs: after a few the rest are not tried, so that a lease is not spent on a dead server.
	many := make([]mail.Letter, 9)
	for i := range many {
		many[i] = letter("hang")
	}
	out = fast.Send(t.Context(), many)
	require.Equal(t, []notice.Result{notice.Unknown, notice.Unknown, notice.Unknown}, results(out[:3]))
	for _, o := range out[3:] {
		require.Equal(t, notice.Away, o.Result)
	}
}

func TestAServerThatIsAwayIsNobodysRefusal(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := ln.Addr().String()
	require.NoError(t, ln.Close())
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes the connection and never greets
	require.NoError(t, err)
	t.Cleanup(func() { _ = mute.Close() })

	refusing := serve(t, func(s *server) { s.refuseFrom = true })
	locked := serve(t, func(s *server) { s.password = "himitsu" })
	full := serve(t, func(s *server) { s.lines = -1 })
	full.Backend = smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 3, 2}, Message: "no service here"}
	})
	for name, url := range map[string]string{
		"nobody listens": "smtp://" + gone, "never greets": "smtp://" + mute.Addr().String(),
		"no such host": "smtp://mail.invalid:25", "refuses our sender": refusing.url("", ""), "asks to sign in": locked.url("", ""),
		"wrong password": locked.url("tanamori:wrong", "?tls=none"), "refuses to serve": full.url("", ""),
		"no STARTTLS": refusing.url("", "?tls=starttls"), "no TLS": refusing.url("", "?tls=tls"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			letters := make([]mail.Letter, 25)
			for i := range letters {
				letters[i] = letter("a")
			}
			out := sender(t, url, mail.Timeouts(300*time.Millisecond, 300*time.Millisecond)).Send(t.Context(), letters)
			for i, o := range out {
				require.Equal(t, notice.Away, o.Result, "letter %d: %v", i, o)
				require.NotEmpty(t, o.Detail)
				require.NotContains(t, o.Detail, "wrong")
			}
		})
	}
}

func TestAServerWithItsOwnHabits(t *testing.T) {
	t.Parallel()
	letters := make([]mail.Letter, 60)
	for i := range letters {
		letters[i] = letter(fmt.Sprint("a", i))
	}
	t.Run("few letters a connection", func(t *testing.T) {
		t.Parallel()
		s := serve(t, func(s *server) { s.perLine = 7 })
		for _, o := range sender(t, s.url("", "")).Send(t.Context(), letters) {
			require.Equal(t, notice.Accepted, o.Result, o.Detail)
		}
		require.Len(t, s.received(), 60)
	})
	t.Run("one connection at a time", func(t *testing.T) {
		t.Parallel()
		s := serve(t, func(s *server) { s.lines = 1 })
		for _, o := range sender(t, s.url("", "")).Send(t.Context(), letters) {
			require.Equal(t, notice.Accepted, o.Result, o.Detail)
		}
		require.Len(t, s.received(), 60)
	})
	t.Run("as many as we like", func(t *testing.T) {
		t.Parallel()
		s := serve(t, nil)
		sender(t, s.url("", ""), mail.Connections(3)).Send(t.Context(), letters)
		require.Len(t, s.received(), 60)
		require.LessOrEqual(t, s.mostOpen.Load(), int64(3))
	})
}

func TestStoppingLosesNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	letters := []mail.Letter{letter("a"), letter("hang"), letter("a"), letter("a")}
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, stop)
	out := sender(t, s.url("", ""), mail.Timeouts(time.Minute, time.Minute), mail.Connections(1)).Send(ctx, letters)
	require.Equal(t, []notice.Result{notice.Accepted, notice.Unknown, notice.Untried, notice.Untried}, results(out))

	out = sender(t, s.url("", "")).Send(ctx, letters)
	require.Equal(t, []notice.Result{notice.Untried, notice.Untried, notice.Untried, notice.Untried}, results(out))
	require.Empty(t, sender(t, s.url("", "")).Send(t.Context(), nil))
}

func TestTheWayToTheServerIsAsPrivateAsAskedFor(t *testing.T) {
	t.Parallel()
	offering := serve(t, func(s *server) { s.withTLS(t); s.password = "himitsu" })
	send := func(url string, options ...mail.Option) notice.Outcome {
		return sender(t, url, options...).Send(t.Context(), []mail.Letter{letter("a")})[0]
	}
	trust := mail.Trust(&tls.Config{RootCAs: offering.cert})

	o := send(offering.url("tanamori:himitsu", ""), trust)
	require.Equal(t, notice.Accepted, o.Result, o.Detail)
	require.EqualValues(t, 1, offering.secure.Load(), "STARTTLS where it is offered")
	o = send(offering.url("tanamori:himitsu", "?tls=starttls"), trust)
	require.Equal(t, notice.Accepted, o.Result, o.Detail)
	o = send(offering.url("tanamori:himitsu", ""))
	require.Equal(t, notice.Away, o.Result, "a password goes to nobody whose certificate is not known")
	o = send(offering.url("tanamori:himitsu", "?tls=none"))
	require.Equal(t, notice.Accepted, o.Result, "unless the operator says so: %s", o.Detail)
	require.EqualValues(t, 2, offering.secure.Load())

	open := serve(t, func(s *server) { s.withTLS(t) })
	o = send(open.url("", ""))
	require.Equal(t, notice.Accepted, o.Result, "without a password an unknown certificate is better than none: %s", o.Detail)
	require.EqualValues(t, 1, open.secure.Load())
	o = send(open.url("", "?tls=starttls"))
	require.Equal(t, notice.Away, o.Result)

	wrapped := serve(t, func(s *server) { s.withTLS(t); s.password = "himitsu" })
	ln, err := tls.Listen("tcp", "127.0.0.1:0", wrapped.TLSConfig)
	require.NoError(t, err)
	go func() { _ = wrapped.Serve(ln) }()
	o = send("smtps://tanamori:himitsu@"+ln.Addr().String(), mail.Trust(&tls.Config{RootCAs: wrapped.cert}))
	require.Equal(t, notice.Accepted, o.Result, o.Detail)
	require.EqualValues(t, 1, wrapped.secure.Load())
}

// MD5 answers nobody unless whoever runs the console has asked for it.
func TestWeakWaysToSignInAreAskedFor(t *testing.T) {
	t.Parallel()
	s := serve(t, func(s *server) { s.password, s.ways = "himitsu", []string{"CRAM-MD5"} })
	send := func(settings string) notice.Outcome {
		return sender(t, s.url("tanamori:himitsu", settings)).Send(t.Context(), []mail.Letter{letter("a")})[0]
	}
	o := send("?tls=none")
	require.NotEqual(t, notice.Accepted, o.Result)
	require.Empty(t, s.received())
	o = send("?tls=none&auth=scram-sha-1")
	require.NotEqual(t, notice.Accepted, o.Result)
	o = send("?tls=none&auth=cram-md5")
	require.Equal(t, notice.Accepted, o.Result, o.Detail)
}

func TestSettingsAreReadWholeAtTheStart(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"smtp://mail.example.jp": "mail.example.jp:25", "smtps://u:p@mail.example.jp": "mail.example.jp:465",
		"smtp://[::1]:2525/?tls=none": "[::1]:2525", "smtp://u%40x:p%2Fw@mail:587?tls=starttls": "mail:587",
	} {
		s, err := mail.New(url, from)
		require.NoError(t, err, url)
		require.Equal(t, want, s.Server())
	}
	for _, url := range []string{"", "mail.example.jp:25", "http://mail", "smtp://", "smtp://mail:99999", "smtp://mail:0", "smtp://mail?tls=maybe",
		"smtp://mail?ssl=1", "smtp://mail?auth=md5", "smtp://mail/inbox", "smtp://u:geheim%zz@mail"} {
		_, err := mail.New(url, from)
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "geheim")
	}
	_, err := mail.New("smtp://mail", "nobody")
	require.Error(t, err)
}

func BenchmarkTenThousand(b *testing.B) {
	s := serve(b, nil)
	letters := make([]mail.Letter, 10_000)
	for i := range letters {
		letters[i] = letter("a")
		letters[i].Text = strings.Repeat("3.9 GBのうち2.4 GBで終わっています。\n", 20)
		letters[i].HTML = strings.Repeat("<p>3.9 GBのうち2.4 GBで終わっています。</p>\n", 40)
	}
	m := sender(b, s.url("", ""))
	for b.Loop() {
		for _, o := range m.Send(b.Context(), letters) {
			require.Equal(b, notice.Accepted, o.Result)
		}
	}
}
