package frontend

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/town"
)

// outbox lists the messages with every try to deliver them.
func (d *door) outbox(c echo.Context) error {
	state := c.QueryParam("state")
	switch state {
	case "", "unsent", notice.StateSent, notice.StateFailed, notice.StateWithdrawn:
	default:
		return tenants.NotFound()
	}
	var list []notice.Notice
	var totals notice.Totals
	var names map[int64]string
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if list, err = notice.List(ctx, tx, notice.Filter{State: state, Before: before(c), Limit: listed}); err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i, n := range list {
			ids[i] = n.TenantID
		}
		if names, err = townNames(ctx, tx, ids); err != nil {
			return err
		}
		totals, err = notice.Counts(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.OutboxPage{}
	for _, s := range []struct {
		state, ja, en string
		n             int
	}{{"", "すべて", "All", -1}, {"unsent", "送信待ち", "Waiting", totals.Queued}, {notice.StateFailed, "送れません", "Undeliverable", totals.Failed}, {notice.StateSent, "送信済", "Sent", -1},
		{notice.StateWithdrawn, "撤回", "Withdrawn", -1}} {
		to := "/outbox"
		if s.state != "" {
			to += "?" + url.Values{"state": {s.state}}.Encode()
		}
		page.States = append(page.States, view.Choice{Label: d.say(lang, s.ja, s.en), URL: to, Count: s.n, ShowN: s.n >= 0, Current: s.state == state})
	}
	if !d.MailReady {
		page.NoServer = d.say(lang, "メールサーバが設定されていません。連絡は送信待ちのまま残り、設定するとすぐに送られます。設定は環境変数 TANAMORI_SMTP_URL と TANAMORI_MAIL_FROM で行います。",
			"No mail server is set. Messages wait here and leave as soon as one is: set TANAMORI_SMTP_URL and TANAMORI_MAIL_FROM.")
	}
	for _, n := range list {
		page.Rows = append(page.Rows, d.noticeRow(n, names[n.TenantID]))
	}
	page.Pages = view.Pages{Shown: len(list), NewerURL: newest(c)}
	if len(list) == listed {
		page.Pages.OlderURL = older(c, list[len(list)-1].ID)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Outbox.With(f, page) })
}

// townNames are the names of the towns of a page's rows.
func townNames(ctx context.Context, tx *tenants.Tx, ids []int64) (map[int64]string, error) {
	slices.Sort(ids)
	towns, err := town.ByID(ctx, tx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(towns))
	for id, t := range towns {
		names[id] = t.Name
	}
	return names, nil
}

func (d *door) noticeRow(n notice.Notice, name string) view.NoticeRow {
	row := view.NoticeRow{ID: strconv.FormatInt(n.ID, 10), Kind: n.Kind, Town: name, Subject: n.Subject, To: cmp.Or(n.ToPost, n.ToName), Address: n.ToAddress, State: n.State,
		QueuedAt: n.QueuedAt, Repeated: n.Repeated}
	if n.About == "town" {
		row.About = view.Link{Text: n.Subject, URL: townURL(n.TenantID)}
	}
	if n.About == "incident" {
		row.About = view.Link{Text: n.Subject, URL: incidentURL(n.TenantID, n.AboutID)}
		row.Also = len(n.Also)
	}
	if n.NextAt != nil && n.State == notice.StateQueued {
		row.NextAt = *n.NextAt
	}
	if n.SentAt != nil {
		row.SentAt = *n.SentAt
	}
	if n.WithdrawnAt != nil {
		row.WithdrawnAt = *n.WithdrawnAt
	}
	for _, a := range n.Attempts {
		try := view.Attempt{N: a.N, At: a.StartedAt, Outcome: a.Outcome, Detail: a.Detail}
		if a.Outcome == "sent" { // what a mail server says when all is well tells nobody anything
			try.Detail = ""
		}
		if a.EndedAt != nil {
			try.Took = a.EndedAt.Sub(a.StartedAt)
		}
		row.Attempts = append(row.Attempts, try)
	}
	return row
}
