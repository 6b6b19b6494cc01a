package frontend

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
)

// mailsShown is how many of the newest mails the demonstration's mailbox lists.
const mailsShown = 30

// linkInMail is the link of a mail that answers an incident.
var linkInMail = regexp.MustCompile(`https?://\S+?(/a/[a-z2-7]+\.[a-z2-7]+)`)

// mailbox shows what the demonstration's own mail server took in, marked as such.
func (d *door) mailbox(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	if d.Mailbox == nil || !who.IsHost() {
		return tenants.NotFound()
	}
	mails, err := d.Mailbox(mailsShown)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	var page view.MailboxPage
	asked := c.QueryParam("mail")
	for i, m := range mails {
		open := m.ID == asked || asked == "" && i == 0
		page.Rows = append(page.Rows, view.MailRow{URL: "/demo/mailbox?" + url.Values{"mail": {m.ID}}.Encode(), At: m.At, To: recipient(m.To), Subject: m.Subject, Current: open})
		if !open {
			continue
		}
		page.Open = &view.Mail{From: m.From, To: m.To, Subject: m.Subject, MessageID: m.MessageID, At: m.At, Text: m.Text}
		if found := linkInMail.FindStringSubmatch(m.Text); found != nil {
			page.Open.Links = []view.Link{{Text: d.say(lang, "受領確認のページを開く", "Open the page to answer"), URL: found[1]}}
		}
	}
	if asked != "" && page.Open == nil {
		return tenants.NotFound()
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.Mailbox.With(f, page) })
}

// recipient is a person's name without their address.
func recipient(to string) string {
	if name, _, ok := strings.Cut(to, " <"); ok && name != "" {
		return name
	}
	return to
}
