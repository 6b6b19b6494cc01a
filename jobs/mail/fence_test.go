package mail_test

import (
	"context"
	"net"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/mail"
	"tanamori/tenants/notice"
)

// paused is a context as a process sees it that has just been woken: its deadline has passed, and nothing has told of it.
type paused struct {
	context.Context
	until time.Time
}

// Deadline is when the lease ends.
func (p paused) Deadline() (time.Time, bool) { return p.until, true }

// The server answers DATA only once the lease is over. Not a byte of the letter may follow, though no timer has fired.
func TestNothingIsWrittenAfterTheLease(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	until := time.Now().Add(2 * time.Second)
	written := make(chan error, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			written <- err
			return
		}
		text := textproto.NewConn(conn)
		_ = text.PrintfLine("220 localhost") // the reading tells
		for _, answer := range []string{"250 localhost", "250 ok", "250 ok"} {
			if _, err := text.ReadLine(); err != nil {
				written <- err
				return
			}
			_ = text.PrintfLine("%s", answer)
		}
		_, _ = text.ReadLine() // DATA
		time.Sleep(time.Until(until))
		_ = text.PrintfLine("354 go ahead")
		_, err = text.ReadLine()
		written <- err
	}()
	sender, err := mail.New("smtp://"+ln.Addr().String()+"?tls=none", "tanamori@host.example")
	require.NoError(t, err)
	outcomes := sender.Send(paused{t.Context(), until}, []mail.Letter{{MessageID: "1@host.example", At: time.Now(), ToName: "見本 一郎",
		ToAddress: "kakari@town.example", Subject: "件名", Text: "本文"}})
	require.Equal(t, notice.Untried, outcomes[0].Result, "%v", outcomes)
	require.Error(t, <-written, "the connection ends with nothing more said")
}
