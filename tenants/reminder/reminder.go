// Package reminder tells the host, once and ahead of time, which posts are about to end: whoever is not given theirs anew
// is shut out from the next day on. There is no incident behind it and nothing to answer.
package reminder

import (
	"context"
	"fmt"
	"html"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/notice"
)

// The posts of each consortium whose newest entry in the register says that they end within the host's days, by host and
// last day; of those that end with their office everybody knows. What was told of a day before is not told again, and
// nobody is written to in the night. The first of the host's contacts hears of it; a host without one has the list on the
// page of people.
const ending = `
WITH host AS (
	SELECT h.id, h.consortium_id, h.name, (CAST(@now AS timestamptz) AT TIME ZONE h.zone)::date AS today, h.post_reminder_days AS days
	FROM tenant h WHERE h.kind = 'host' AND (CAST(@now AS timestamptz) AT TIME ZONE h.zone)::time BETWEEN '08:00' AND '18:00'
)
SELECT h.id AS host, h.name AS host_name, a.until_on, a.id, a.home, a.person, a.kind, a.title, t.name AS held, c.post AS to_post, c.name AS to_name, c.mail
FROM host h JOIN tenant t ON t.consortium_id = h.consortium_id
JOIN appointment a ON a.tenant_id = t.id AND a.until_on BETWEEN h.today AND h.today + h.days AND a.event <> 'withdrawn' AND NOT (a.event = 'ended' AND a.office <> '')
	AND NOT EXISTS (SELECT FROM appointment n WHERE n.tenant_id = a.tenant_id AND n.home_id = a.home_id AND n.post_id = a.post_id AND n.id > a.id)
CROSS JOIN LATERAL (SELECT * FROM contact c WHERE c.tenant_id = h.id AND c.retired_at IS NULL AND c.mail <> '' ORDER BY c.position, c.id LIMIT 1) c
WHERE NOT EXISTS (SELECT FROM notice n WHERE n.tenant_id = h.id AND n.dedup = 'posts-end:' || to_char(a.until_on, 'YYYY-MM-DD'))
ORDER BY h.id, a.until_on, a.tenant_id, a.id`

// listed is how many posts a letter names; the rest are counted.
const listed = 50

type row struct {
	Host                 int64
	HostName             string
	UntilOn              calendar.Date
	ID                   int64
	Home, Person         string
	Kind                 tenants.Post
	Title, Held          string
	ToPost, ToName, Mail string
}

// Ending queues one letter for each host and last day that has come near, and tells how many. Jobs only.
func Ending(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var rows []row
	if err := tx.DB.Raw(ending, map[string]any{"now": tx.Now}).Scan(&rows).Error; err != nil {
		return 0, fmt.Errorf("look for posts that end: %w", err)
	}
	var letters []notice.Message
	for from := 0; from < len(rows) && len(letters) < limit; {
		to := from
		for to < len(rows) && rows[to].Host == rows[from].Host && rows[to].UntilOn == rows[from].UntilOn {
			to++
		}
		letters = append(letters, letter(rows[from:to]))
		from = to
	}
	if _, err := notice.QueueMany(ctx, tx, letters); err != nil {
		return 0, err
	}
	return len(letters), nil
}

// letter tells of the posts of one host that end on one day. It is pure.
func letter(posts []row) notice.Message {
	first := posts[0]
	day := first.UntilOn.Wareki()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s 様\n\n%sで終わる職が%d件あります。続けるときは、その日までに最後の日を延ばしてください。延ばさないときは、翌日から使えなくなります。\n\n", first.ToPost, first.ToName, day, len(posts))
	for _, p := range posts[:min(len(posts), listed)] {
		ja, _ := tenants.PostLabel(p.Kind)
		fmt.Fprintf(&b, "・%s %s　%s（%s、%s）\n", p.Home, p.Person, p.Title, ja, p.Held)
	}
	if rest := len(posts) - listed; rest > 0 {
		fmt.Fprintf(&b, "・ほか%d件\n", rest)
	}
	fmt.Fprintf(&b, "\n利用者の一覧：{{base}}/settings/people\n\n（このメールへの返答は要りません。棚守）\n\nEnglish: %d posts end on %s. Prolong those that go on, by the link above.\n", len(posts), first.UntilOn)
	text := b.String()
	return notice.Message{Town: first.Host, Dedup: "posts-end:" + first.UntilOn.String(), Kind: notice.Reminded, About: "appointment", AboutID: first.ID,
		ToPost: first.ToPost, ToName: first.ToName, ToAddress: first.Mail, Subject: fmt.Sprintf("【棚守】%sで終わる職があります（%d件）", day, len(posts)),
		Text: text, HTML: `<!doctype html><html lang="ja"><body><pre style="font-family:sans-serif;white-space:pre-wrap">` + html.EscapeString(text) + `</pre></body></html>`}
}
