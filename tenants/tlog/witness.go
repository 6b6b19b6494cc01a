package tlog

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/mail"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
	"tanamori/tenants/notice"
)

// MailHour is from when the day's checkpoint goes out, by the town's own clock.
const MailHour = 7

// The templates' own marks are [[ ]], so that {{base}} stays as it is until the message leaves.
//
//go:embed witness.txt witness.html
var witnessFiles embed.FS

var (
	witnessText = texttemplate.Must(texttemplate.New("").Delims("[[", "]]").ParseFS(witnessFiles, "*.txt"))
	witnessHTML = htmltemplate.Must(htmltemplate.New("").Delims("[[", "]]").ParseFS(witnessFiles, "*.html"))
)

// A town's checkpoint goes to its witness once a day, where there is one and a new checkpoint. The tree's row holds the claim;
// which day it went is filled in with the message.
const mailDue = `
SELECT t.tenant_id, n.name, n.zone, y.today, c.size, c.note, c.at, x.name AS "to", x.mail,
	(SELECT k.verifier FROM tlog_key k WHERE k.tenant_id = t.tenant_id AND k.id = c.key_id) AS verifier
FROM tlog_tree t JOIN tenant n ON n.id = t.tenant_id
CROSS JOIN LATERAL (SELECT CAST(l.local AS date) AS today, extract(hour FROM l.local) AS hour FROM (SELECT CAST(@now AS timestamptz) AT TIME ZONE n.zone AS local) l) y
JOIN tlog_checkpoint c ON c.tenant_id = t.tenant_id AND c.size = t.signed_size
JOIN tlog_witness x ON x.tenant_id = t.tenant_id
WHERE t.signed_size > t.mailed_size AND t.mailed_on < y.today AND y.hour >= @hour
ORDER BY t.tenant_id LIMIT @limit FOR UPDATE OF t SKIP LOCKED`

type mailing struct {
	TenantID   int64
	Name, Zone string
	Today      calendar.Date
	Size       int64
	Note       string
	At         time.Time
	To, Mail   string
	Verifier   string
}

// Signed is when the checkpoint was signed, as the letter says it.
func (m mailing) Signed() string {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	return calendar.DateOf(m.At, zone).WarekiWeekday() + m.At.In(zone).Format("15:04")
}

// Addressee is who gets a town's checkpoints (検証値の送付先).
type Addressee struct{ Name, Mail string }

// SetWitness says to whom a town's checkpoints go; an empty address: to nobody.
func SetWitness(_ context.Context, tx *tenants.Tx, town int64, to Addressee) error {
	if err := tx.Permit(tenants.SetWitness, town); err != nil {
		return err
	}
	var v tenants.Invalid
	to.Name, to.Mail = entry.OptionalLine(&v, "name", to.Name, 100), entry.OptionalLine(&v, "mail", to.Mail, 254)
	if to.Mail != "" {
		parsed, err := mail.ParseAddress(to.Mail)
		switch {
		case err != nil || parsed.Name != "" || parsed.Address != to.Mail || strings.ContainsFunc(to.Mail, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' }):
			v.Add("mail", "メールアドレスの形になっていません。", "This is no mail address.")
		case to.Name == "":
			v.Add("name", "受け取る人か課の名前を入力してください。", "Say who gets it.")
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	args := map[string]any{"town": town, "name": to.Name, "mail": to.Mail}
	sql := `INSERT INTO tlog_witness (tenant_id, name, mail) VALUES (@town, @name, @mail) ON CONFLICT (tenant_id) DO UPDATE SET name = EXCLUDED.name, mail = EXCLUDED.mail`
	if to.Mail == "" {
		sql = `DELETE FROM tlog_witness WHERE tenant_id = @town`
	}
	var before []Addressee
	if err := tx.DB.Raw(`SELECT name, mail FROM tlog_witness WHERE tenant_id = @town FOR UPDATE`, args).Scan(&before).Error; err != nil {
		return fmt.Errorf("read the witness of town %d: %w", town, err)
	}
	if err := tx.DB.Exec(sql, args).Error; err != nil {
		return fmt.Errorf("set the witness of town %d: %w", town, err)
	}
	line := tenants.Line{Town: town, Act: tenants.SetWitness, Object: "witness"}
	if len(before) > 0 {
		line.Before = before[0]
	}
	if to.Mail != "" {
		line.After = to
	}
	return tx.Record(line)
}

// Witness sends each town the day's checkpoint of its own log, at most limit, and tells how many: whoever keeps them is a
// witness of what the records were. Jobs only.
func Witness(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var list []mailing
	if err := tx.DB.Raw(mailDue, map[string]any{"now": tx.Now, "hour": MailHour, "limit": limit}).Scan(&list).Error; err != nil {
		return 0, fmt.Errorf("look for checkpoints to send: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	var letters []notice.Message
	var towns, sizes []int64
	var days []string
	for _, m := range list {
		towns, sizes, days = append(towns, m.TenantID), append(sizes, m.Size), append(days, m.Today.String())
		letter, err := m.letter()
		if err != nil {
			return 0, err
		}
		letters = append(letters, letter)
	}
	if _, err := notice.QueueMany(ctx, tx, letters); err != nil {
		return 0, fmt.Errorf("send %d checkpoints: %w", len(letters), err)
	}
	err := tx.DB.Exec(`UPDATE tlog_tree t SET mailed_on = CAST(x.day AS date), mailed_size = x.size
		FROM unnest(CAST(@towns AS bigint[]), CAST(@days AS text[]), CAST(@sizes AS bigint[])) x (town, day, size) WHERE t.tenant_id = x.town`,
		map[string]any{"towns": &towns, "days": &days, "sizes": &sizes}).Error
	if err != nil {
		return 0, fmt.Errorf("note which checkpoints were sent: %w", err)
	}
	return len(list), nil
}

func (m mailing) letter() (notice.Message, error) {
	var text, markup bytes.Buffer
	if err := witnessText.ExecuteTemplate(&text, "witness.txt", m); err != nil {
		return notice.Message{}, fmt.Errorf("write a checkpoint's letter: %w", err)
	}
	if err := witnessHTML.ExecuteTemplate(&markup, "witness.html", m); err != nil {
		return notice.Message{}, fmt.Errorf("write a checkpoint's letter: %w", err)
	}
	return notice.Message{Town: m.TenantID, Kind: notice.Checkpoint, About: "evidence", AboutID: m.Size, Dedup: "checkpoint:" + m.Today.String(),
		ToName: m.To, ToAddress: m.Mail, Subject: "【棚守】" + m.Name + "：" + m.Today.Wareki() + "の検証値（保管してください）", Text: text.String(), HTML: markup.String()}, nil
}
