package mail

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"tanamori/database/failpoint"
	"tanamori/tenants/notice"
)

const (
	fewLetters = 10              // for so many another connection is not worth opening
	farewell   = 2 * time.Second // what a letter under way may still take once we are told to stop
	patience   = 3               // connections in a row that end without one letter accepted
)

// Send hands letters to the mail server and gives their outcomes in the same order. It opens its connections, uses each
// for many letters and closes them. When ctx ends, no further letter is begun: what was not is Untried. Once its deadline
// has passed not a byte is written, not even the rest of a letter under way. It never fails as a whole; a server that is
// away is the outcome of every letter.
func (s *Sender) Send(ctx context.Context, letters []Letter) []notice.Outcome {
	b := &batch{sender: s, letters: letters, outcomes: make([]notice.Outcome, len(letters))}
	lines := min(s.lines, (len(letters)+fewLetters-1)/fewLetters)
	var wg sync.WaitGroup
	for range lines {
		wg.Go(func() { b.work(ctx) })
	}
	wg.Wait()
	for i := range b.outcomes { // taken by nobody: every line was down, or we were told to stop
		if b.outcomes[i].Result == "" {
			b.outcomes[i] = notice.Outcome{Result: notice.Untried, Detail: "送る順番が来る前に時間切れになりました"}
			if reason := b.away.Load(); reason != nil && ctx.Err() == nil {
				b.outcomes[i] = notice.Outcome{Result: notice.Away, Detail: *reason}
			}
		}
	}
	return b.outcomes
}

// batch is the letters that several lines take from, each the next one.
type batch struct {
	sender   *Sender
	letters  []Letter
	outcomes []notice.Outcome
	taken    atomic.Int64
	away     atomic.Pointer[string] // why a line gave up
}

// work sends letters over one line until there are none left or the line cannot be held. A line that gives up leaves
// the rest to the others.
func (b *batch) work(ctx context.Context) {
	l := &line{sender: b.sender}
	defer l.close()
	for fruitless := 0; ; {
		if ctx.Err() != nil {
			return
		}
		if err := l.open(ctx); err != nil {
			reason := describe(err)
			b.away.Store(&reason)
			return
		}
		i := int(b.taken.Add(1)) - 1
		if i >= len(b.letters) {
			return
		}
		b.outcomes[i] = l.deliver(ctx, b.letters[i])
		if l.smtp != nil && b.outcomes[i].Result != notice.Away {
			fruitless = 0
			continue
		}
		if fruitless++; fruitless >= patience {
			b.away.Store(&b.outcomes[i].Detail)
			return
		}
	}
}

// line is one connection to the mail server, opened when it is needed.
type line struct {
	sender *Sender
	opener *gomail.Client
	hander *gomail.Client
	smtp   *smtp.Client           // nil while there is no connection
	conn   atomic.Pointer[fenced] // beneath it; whoever ends ctx reaches for it too
	used   bool                   // a letter has gone over it; the server may have hung up since
}

func (l *line) open(ctx context.Context) (err error) {
	if l.smtp != nil {
		return nil
	}
	if l.opener == nil {
		keep := func(conn net.Conn) net.Conn {
			f := fence(ctx, conn)
			l.conn.Store(f)
			return f
		}
		if l.opener, err = l.sender.client(l.sender.dial, keep); err != nil {
			return fmt.Errorf("prepare for the mail server: %w", err)
		}
		if l.hander, err = l.sender.client(l.sender.letter, keep); err != nil {
			return fmt.Errorf("prepare for the mail server: %w", err)
		}
	}
	stop := l.stopWith(ctx)
	defer stop()
	l.smtp, err = l.opener.DialToSMTPClientWithContext(ctx)
	if err != nil {
		l.hangUp() // go-mail leaves a connection open whose greeting or sign-in failed
		return fmt.Errorf("connect to the mail server: %w", err)
	}
	l.used = false
	return nil
}

// deliver hands over one letter. Where only the connection was to blame and nothing can have been accepted, a fresh
// connection gets one more chance.
func (l *line) deliver(ctx context.Context, letter Letter) notice.Outcome {
	message, err := l.sender.message(letter)
	if err != nil {
		return notice.Outcome{Result: notice.Refused, Detail: err.Error()}
	}
	for {
		used := l.used
		f := l.hand(ctx, message)
		if f.lost {
			l.hangUp()
		}
		if !f.unsaid || !used || ctx.Err() != nil {
			return f.outcome
		}
		if err := l.open(ctx); err != nil {
			return notice.Outcome{Result: notice.Away, Detail: describe(err)}
		}
	}
}

func (l *line) hand(ctx context.Context, message *gomail.Msg) failure {
	stop := l.stopWith(ctx)
	defer stop()
	l.used = true
	err := l.hander.SendWithSMTPClient(l.smtp, message)
	if conn := l.conn.Load(); conn != nil && conn.over.Load() {
		// The last dot, if anything of the letter, never left: the server has no whole letter.
		return failure{notice.Outcome{Result: notice.Untried, Detail: errOver.Error()}, true, false}
	}
	if err != nil {
		f := classify(err)
		if !f.lost && l.smtp.Reset() != nil { // a refused letter must leave nothing of itself behind
			f.lost = true
		}
		return f
	}
	failpoint.Here("letter.taken")
	return failure{outcome: notice.Outcome{Result: notice.Accepted, Detail: oneLine(message.ServerResponse())}}
}

// stopWith gives what is under way little time once ctx ends.
func (l *line) stopWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		if conn := l.conn.Load(); conn != nil {
			_ = conn.SetDeadline(time.Now().Add(farewell)) // a connection already closed needs none
		}
	})
}

// hangUp drops the connection without a word.
func (l *line) hangUp() {
	if conn := l.conn.Swap(nil); conn != nil {
		_ = conn.Close() // nothing waits for it any more
	}
	l.smtp = nil
}

// close says goodbye and hangs up.
func (l *line) close() {
	if conn := l.conn.Load(); conn != nil && l.smtp != nil {
		_ = conn.SetDeadline(time.Now().Add(farewell))
		_ = l.smtp.Quit() // every letter has its answer by now
	}
	l.hangUp()
}
