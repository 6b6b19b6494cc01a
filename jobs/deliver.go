package jobs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// Carrier hands letters to whoever carries them and tells how each ended; jobs/mail has one for SMTP.
type Carrier interface {
	Send(ctx context.Context, letters []mail.Letter) []notice.Outcome
}

// Post is how messages leave: a carrier, and the address people open the console at. Without a carrier nothing leaves;
// messages stay in the outbox and the board says so.
type Post struct {
	Carrier Carrier
	BaseURL string
	Zone    *time.Location // of the letters' Date header

	secret []byte
}

// Configured tells whether messages can leave at all.
func (p *Post) Configured() bool { return p.Carrier != nil }

// deliver claims messages, sends them outside any transaction, and marks how each ended. Who dies in between leaves a
// claim that lapses: the message goes once more, marked, with the same Message-ID.
func deliver(ctx context.Context, t *Tower) (int, bool, error) {
	const limit = 500
	if !t.post.Configured() {
		return 0, false, nil
	}
	var claimed []notice.Claimed
	err := t.ground.Do(ctx, tenants.Job("deliver"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		if t.post.secret == nil {
			if t.post.secret, err = notice.Secret(ctx, tx); err != nil {
				return err
			}
		}
		claimed, err = notice.Claim(ctx, tx, limit, deliverLease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return 0, false, err
	}
	letters := make([]mail.Letter, len(claimed))
	for i, c := range claimed {
		letters[i] = t.post.letter(c)
	}
	// Nothing may leave once the claim has lapsed.
	until, cancel := context.WithTimeout(ctx, claimed[0].Until.Sub(t.ground.Now())-5*time.Second)
	outcomes := t.post.Carrier.Send(until, letters)
	cancel()
	settled := make([]notice.Settled, len(claimed))
	for i, c := range claimed {
		settled[i] = notice.Settled{Claimed: c, Outcome: outcomes[i]}
	}
	// How they ended must be written down even while the program is stopping.
	mark, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	err = t.ground.Do(mark, tenants.Job("deliver"), func(ctx context.Context, tx *tenants.Tx) error {
		lost, err := notice.Settle(ctx, tx, settled)
		if lost > 0 {
			t.log.WarnContext(ctx, "messages were no longer ours to mark; they go once more, marked", "count", lost)
		}
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("mark %d messages: %w", len(settled), err)
	}
	return len(claimed), len(claimed) == limit, nil
}

func (p *Post) letter(c notice.Claimed) mail.Letter {
	text, markup := c.Fill(p.BaseURL, p.secret)
	return mail.Letter{MessageID: c.MessageID, At: c.QueuedAt.In(p.Zone), ToName: c.ToName, ToAddress: c.ToAddress, Subject: c.Subject,
		Text: text, HTML: markup, Kind: c.Kind, Ref: strconv.FormatInt(c.TenantID, 10) + "-" + strconv.FormatInt(c.ID, 10), Repeat: c.Repeated}
}
