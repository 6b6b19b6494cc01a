// Package morning tells each town in the morning how the night went (朝の報告): every duty with its verdict, what stands open
// and with whom, and the day's signed checkpoint of the town's records, to be kept. Nobody has to answer it. It reads what
// duties, incidents, backups and the log of evidence say, and is known by none of them.
package morning

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// DefaultMinute is from when a town's report goes out unless the town says otherwise: 07:30.
const DefaultMinute = 7*60 + 30

// MostReaders is how many people a town may name.
const MostReaders = 10

// Reader is who gets a town's report.
type Reader struct{ Name, Mail string }

// Setting is when a town's report goes out, and to whom; without readers it goes to nobody.
type Setting struct {
	Minute   int      // of the town's own day: 450 is 07:30
	EveryDay bool     // else on the town's open days
	Readers  []Reader `gorm:"-"`
}

// Clock is the time of day as people write it: 07:30.
func (s Setting) Clock() string { return fmt.Sprintf("%02d:%02d", s.Minute/60, s.Minute%60) }

// ParseClock reads a time of day, digits of any width; ok is false for anything else.
func ParseClock(text string) (minute int, ok bool) {
	t, err := time.Parse("15:04", strings.TrimSpace(strings.Map(narrow, text)))
	return t.Hour()*60 + t.Minute(), err == nil
}

func narrow(r rune) rune {
	if r >= '０' && r <= '：' {
		return r - '０' + '0'
	}
	return r
}

// Get gives a town's setting.
func Get(_ context.Context, tx *tenants.Tx, town int64) (Setting, error) {
	if err := tx.Permit(tenants.ReadMorning, town); err != nil {
		return Setting{}, err
	}
	return setting(tx, town)
}

func setting(tx *tenants.Tx, town int64) (Setting, error) {
	s := Setting{Minute: DefaultMinute}
	if err := tx.DB.Raw(`SELECT minute, every_day FROM morning WHERE tenant_id = @town`, map[string]any{"town": town}).Scan(&s).Error; err != nil {
		return s, fmt.Errorf("read the morning's report of town %d: %w", town, err)
	}
	err := tx.DB.Raw(`SELECT name, mail FROM morning_reader WHERE tenant_id = @town ORDER BY position`, map[string]any{"town": town}).Scan(&s.Readers).Error
	if err != nil {
		return s, fmt.Errorf("read who gets the morning's report of town %d: %w", town, err)
	}
	return s, nil
}

// The first report after somebody was named comes at the next such time, and tells of the day before that. What is changed
// later changes neither what was decided about this day nor what was told, and neither does naming somebody again.
const save = `
INSERT INTO morning (tenant_id, minute, every_day, day, told_at)
SELECT t.id, @minute, @every_day, l.day - CASE WHEN l.minute < @minute THEN 1 ELSE 0 END, CAST(@now AS timestamptz) - interval '1 day'
FROM tenant t CROSS JOIN LATERAL (SELECT CAST(x AS date) AS day, extract(hour FROM x) * 60 + extract(minute FROM x) AS minute
	FROM (SELECT CAST(@now AS timestamptz) AT TIME ZONE t.zone AS x) x) l
WHERE t.id = @town
ON CONFLICT (tenant_id) DO UPDATE SET minute = EXCLUDED.minute, every_day = EXCLUDED.every_day,
	day = CASE WHEN @anew THEN greatest(morning.day, EXCLUDED.day) ELSE morning.day END,
	told_at = CASE WHEN @anew THEN greatest(morning.told_at, EXCLUDED.told_at) ELSE morning.told_at END`

// Set says when a town's report goes out, and to whom. Each reader has a name and one address; an entry without both is left
// out. Faults are at readers.0.name and so on, in the order in which they were given.
func Set(_ context.Context, tx *tenants.Tx, town int64, in Setting) (Setting, error) {
	if err := tx.Permit(tenants.SetMorning, town); err != nil {
		return Setting{}, err
	}
	if err := in.check(); err != nil {
		return Setting{}, err
	}
	if err := tx.DB.Exec(`SELECT 1 FROM morning WHERE tenant_id = @town FOR UPDATE`, map[string]any{"town": town}).Error; err != nil {
		return Setting{}, fmt.Errorf("hold the morning's report of town %d: %w", town, err)
	}
	before, err := setting(tx, town)
	if err != nil {
		return Setting{}, err
	}
	var names, mails []string
	for _, r := range in.Readers {
		names, mails = append(names, r.Name), append(mails, r.Mail)
	}
	args := map[string]any{"town": town, "minute": in.Minute, "every_day": in.EveryDay, "now": tx.Now, "names": &names, "mails": &mails,
		"anew": len(before.Readers) == 0}
	for _, sql := range []string{save, `DELETE FROM morning_reader WHERE tenant_id = @town`,
		`INSERT INTO morning_reader (tenant_id, position, name, mail) SELECT CAST(@town AS bigint), n, name, mail
			FROM unnest(CAST(@names AS text[]), CAST(@mails AS text[])) WITH ORDINALITY x (name, mail, n)`} {
		if err := tx.DB.Exec(sql, args).Error; err != nil {
			return Setting{}, fmt.Errorf("set the morning's report of town %d: %w", town, err)
		}
	}
	return in, tx.Record(tenants.Line{Town: town, Act: tenants.SetMorning, Object: "morning", Before: before.line(), After: in.line()})
}

func (s *Setting) check() error {
	var v tenants.Invalid
	if s.Minute < 0 || s.Minute >= 24*60 {
		v.Add("at", "時刻は 7:30 のように入力してください。", "Enter a time of day such as 07:30.")
	}
	var kept []Reader
	seen := map[string]bool{}
	for i, r := range s.Readers {
		field := fmt.Sprintf("readers.%d.", i)
		r.Name, r.Mail = entry.OptionalLine(&v, field+"name", r.Name, 100), entry.OptionalLine(&v, field+"mail", r.Mail, 254)
		switch {
		case r.Name == "" && r.Mail == "":
			continue
		case !plain(r.Mail):
			v.Add(field+"mail", "メールアドレスの形になっていません。", "This is no mail address.")
		case r.Name == "":
			v.Add(field+"name", "受け取る人か課の名前を入力してください。", "Say who gets it.")
		case seen[strings.ToLower(r.Mail)]:
			v.Add(field+"mail", "同じアドレスがすでにあります。", "This address is there already.")
		}
		seen[strings.ToLower(r.Mail)] = true
		kept = append(kept, r)
	}
	if len(kept) > MostReaders {
		v.Add("readers", fmt.Sprintf("送り先は%d件までです。", MostReaders), fmt.Sprintf("At most %d people.", MostReaders))
	}
	s.Readers = kept
	return v.Err()
}

// plain tells whether it is one bare address of ASCII.
func plain(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Name == "" && parsed.Address == address &&
		!strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' })
}

// line is the setting as the operation log keeps it.
func (s Setting) line() map[string]any {
	readers := make([]string, len(s.Readers))
	for i, r := range s.Readers {
		readers[i] = r.Name + " <" + r.Mail + ">"
	}
	return map[string]any{"at": s.Clock(), "every_day": s.EveryDay, "readers": strings.Join(readers, "、")}
}
