package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/contact"
	"tanamori/tenants/history"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
)

// who is somebody of the demonstration with the posts they hold where the clock stands.
func (l *loader) who(ctx context.Context, login string) (who tenants.Actor, err error) {
	home := l.found.TenantID
	if town, ok := l.towns[login]; ok {
		home = town
	}
	err = l.ground.Do(ctx, tenants.Gate("demo", ""), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.Load(ctx, tx, home, l.people[login])
		return err
	})
	if err != nil {
		return who, fmt.Errorf("be %s: %w", login, err)
	}
	return who, nil
}

// as acts as one of the sign-ins.
func (l *loader) as(ctx context.Context, login string, fn func(context.Context, *tenants.Tx) error) error {
	who, err := l.who(ctx, login)
	if err != nil {
		return err
	}
	who.RequestID, who.Remote = "demo", "127.0.0.1"
	if err := l.ground.Do(ctx, who, fn); err != nil {
		return fmt.Errorf("as %s: %w", login, err)
	}
	return nil
}

// use lets somebody sign in and out; in between lies what the story lets them do.
func (l *loader) use(ctx context.Context, login string, from, until time.Time, between func() error) error {
	who, err := l.who(ctx, login)
	if err != nil {
		return err
	}
	l.at(from)
	err = l.ground.Do(ctx, tenants.Gate("demo", "192.0.2.21"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		who, err = people.Enter(ctx, tx, who.TenantID, who.PersonID, people.ByPassword, "Chrome / Windows")
		return err
	})
	if err != nil {
		return fmt.Errorf("sign in as %s: %w", login, err)
	}
	if err := between(); err != nil {
		return err
	}
	l.at(until)
	who.RequestID, who.Remote = "demo", "192.0.2.21"
	if err := l.ground.Do(ctx, who, people.Leave); err != nil {
		return fmt.Errorf("sign out as %s: %w", login, err)
	}
	return nil
}

func nothing() error { return nil }

// daily is what happens beside the backups n days after the first night: a use after hours, something refused, and early in
// a month the review of the operation log of the one before.
func (l *loader) daily(ctx context.Context, day calendar.Date, n int) error {
	switch n {
	case 4:
		return l.as(ctx, "suttsu", func(ctx context.Context, tx *tenants.Tx) error {
			return history.Refuse(ctx, tx, history.Refusal{Object: "town", ObjectID: l.towns["mukawa"], Method: "GET", Route: "/towns/:town",
				Path: fmt.Sprintf("/towns/%d", l.towns["mukawa"]), Status: 404})
		})
	case 5:
		return l.use(ctx, "facility", day.At(21, 10, l.zone), day.At(21, 40, l.zone), nothing)
	}
	if day.Day() < 3 || day.Month() == l.reviewed || day.Month() == l.began.Month() {
		return nil
	}
	l.reviewed = day.Month()
	last := day.AddDays(-day.Day())
	err := l.use(ctx, "auditor", day.At(10, 0, l.zone), day.At(10, 50, l.zone), func() error {
		return l.as(ctx, "auditor", func(ctx context.Context, tx *tenants.Tx) error {
			_, err := history.Confirm(ctx, tx, history.ReviewInput{FromOn: l.began, ToOn: last, Found: true, Findings: "時間外のログインが1件ありました。",
				Measures: "設備点検のための使用であることを施設管理者に確認しました。"})
			return err
		})
	})
	if err != nil {
		return err
	}
	return l.as(ctx, "admin", func(ctx context.Context, tx *tenants.Tx) error { // the auditor's own operations are for somebody else
		_, err := history.Confirm(ctx, tx, history.ReviewInput{FromOn: l.began, ToOn: last})
		return err
	})
}

// prospects are what lies ahead at the newest morning: an office that changes hands next April, and a change of a town's
// contacts that waits for a second person.
func (l *loader) prospects(ctx context.Context) error {
	today := calendar.DateOf(l.clock(), l.zone)
	next := calendar.FiscalYearStart(calendar.FiscalYear(today) + 1)
	err := l.as(ctx, "admin", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.HandOver(ctx, tx, l.found.TenantID, l.office, people.HandOverInput{To: l.people["rankoshi"], FromOn: next, Document: "内示第3号", DocumentOn: &today})
		if err != nil {
			return err
		}
		_, err = proposal.Set(ctx, tx, l.towns["mukawa"], []tenants.Act{tenants.WriteContact})
		return err
	})
	if err != nil {
		return err
	}
	return l.propose(ctx)
}

// errTried rolls back a change that was only tried, as the doors do.
var errTried = errors.New("tried")

func (l *loader) propose(ctx context.Context) error {
	town := l.towns["mukawa"]
	in := contact.Input{Post: "宿直", Name: "見本 三郎", Phone: "0145-00-0004", Hours: "平日の夜間と閉庁日"}
	var lines []tenants.Line
	err := l.as(ctx, "mukawa", func(ctx context.Context, tx *tenants.Tx) error {
		if _, err := contact.Add(ctx, tx, town, in); err != nil {
			return err
		}
		lines = tx.Lines()
		return errTried
	})
	if !errors.Is(err, errTried) {
		return err
	}
	form := url.Values{"post": {in.Post}, "name": {in.Name}, "mail": {in.Mail}, "phone": {in.Phone}, "hours": {in.Hours}}
	return l.as(ctx, "mukawa", func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Propose(ctx, tx, town, lines, "", proposal.Request{Method: "POST", URI: fmt.Sprintf("/settings/towns/%d/contacts", town),
			ContentType: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
		return err
	})
}
