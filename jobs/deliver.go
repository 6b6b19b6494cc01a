package jobs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tanamori/database/failpoint"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// Carrier hands letters to whoever carries them and tells how each ended; jobs/mail has one for SMTP. Once ctx's deadline
// has passed nothing may leave, even if the process was paused and no timer has told of it yet.
type Carrier interface {
	Send(ctx context.Context, letters []mail.Letter) []notice.Outcome
}

// Post is how messages leave: a carrier, and the address people open the console at. Without a carrier nothing leaves;
// messages stay in the outbox and the board says so.
type Post struct {
	Carrier Carrier
	BaseURL string
	Zone    *time.Location // of the letters' Date header
	Beacon  Beacon         // where the sign of life goes; nil: nowhere
}

// Configured tells whether messages can leave at all.
func (p *Post) Configured() bool { return p.Carrier != nil }

// deliver claims messages, sends them outside any transaction, and marks how each ended. Who dies in between leaves a
// claim that lapses: the message goes once more, marked, with the same Message-ID.
func deliver(ctx context.Context, t *Tower) (int, bool, error) {
	// As many as a slow mail server takes within the lease, at nearly five seconds a letter on each of four lines: whatever
	// is claimed and not begun by then would stand in its record as a try.
	const limit = 100
	if !t.post.Configured() {
		return 0, false, nil
	}
	begun := time.Now() // before the claim, so that the lease cannot end sooner than we think, whenever we are paused
	var claimed []notice.Claimed
	var secret []byte
	err := t.ground.Do(ctx, tenants.Job("deliver"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		if secret, err = notice.Secret(ctx, tx); err != nil {
			return err
		}
		claimed, err = notice.Claim(ctx, tx, limit, t.lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return 0, false, err
	}
	failpoint.Here("deliver.claimed")
	letters := make([]mail.Letter, len(claimed))
	for i, c := range claimed {
		letters[i] = t.post.letter(c, secret)
	}
	// Nothing may leave once the claim has lapsed: the carrier looks at the clock before every word.
	until, cancel := context.WithDeadline(ctx, begun.Add(t.lease-t.lease/24))
	outcomes := t.post.Carrier.Send(until, letters)
	cancel()
	failpoint.Here("deliver.sent")
	settled := make([]notice.Settled, len(claimed))
	for i, c := range claimed {
		settled[i] = notice.Settled{Claimed: c, Outcome: outcomes[i]}
	}
	if err := t.mark(ctx, settled, begun.Add(t.lease)); err != nil {
		return 0, false, fmt.Errorf("mark %d messages: %w", len(settled), err)
	}
	return len(claimed), len(claimed) == limit, nil
}

// mark writes down how messages ended, even while the program is stopping. A database that is away for a moment is asked
// again for as long as the claim holds: what is not marked by then goes once more.
func (t *Tower) mark(ctx context.Context, settled []notice.Settled, until time.Time) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := t.markOnce(ctx, settled)
		if err == nil || time.Now().Add(pause).After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

func (t *Tower) markOnce(ctx context.Context, settled []notice.Settled) error {
	trying, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	err := t.ground.Do(trying, tenants.Job("deliver"), func(ctx context.Context, tx *tenants.Tx) error {
		lost, err := notice.Settle(ctx, tx, settled)
		if lost > 0 {
			t.log.WarnContext(ctx, "messages were no longer ours to mark; they go once more, marked", "count", lost)
		}
		failpoint.Here("deliver.uncommitted")
		return err
	})
	failpoint.Here("deliver.marked")
	return err
}

func (p *Post) letter(c notice.Claimed, secret []byte) mail.Letter {
	text, markup := c.Fill(p.BaseURL, secret)
	return mail.Letter{MessageID: c.MessageID, At: c.QueuedAt.In(p.Zone), ToName: c.ToName, ToAddress: c.ToAddress, Subject: c.Subject,
		Text: text, HTML: markup, Kind: c.Kind, Ref: strconv.FormatInt(c.TenantID, 10) + "-" + strconv.FormatInt(c.ID, 10), Repeat: c.Repeated}
}
