// Package retention keeps the rules of how long records are kept (記録の保存期間), binds closed months into volumes (簿冊)
// that can be checked away from the database, and removes what has been kept long enough. It knows no ledger: each
// describes itself in the table record_kind, by a line of its own migration.
package retention

import (
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// BindDays is how many days after its end a month is bound at the earliest: what was under way is over by then.
const BindDays = 10

// NoticeDays is how many days a shorter period is announced before it holds.
const NoticeDays = 30

// The series of records, as one rule speaks of them. A later ledger may bring its own.
const (
	SeriesLog      = "log"
	SeriesCheckin  = "checkin"
	SeriesBackup   = "backup"
	SeriesIncident = "incident"
	SeriesNotice   = "notice"
)

var _ = tenants.Sentences(map[string][2]string{
	"retention.series.log":      {"操作履歴", "Operation log"},
	"retention.series.checkin":  {"届いた申告", "Check-ins as received"},
	"retention.series.backup":   {"バックアップの結果と確認", "Backups: verdicts, proofs, confirmations"},
	"retention.series.incident": {"障害の経過", "Incidents and their course"},
	"retention.series.notice":   {"送信の記録", "Messages and every attempt"},

	"retention.series.appointment": {"任命と指定", "Appointments and designations"},
	"retention.basis.appointment":  {"運用上。文書分類表の10年に合わせています", "Operational, as ten-year documents"},
	"retention.kind.appointment":   {"任命簿・取扱者指定簿", "register of appointments"},

	"retention.basis.log":      {"住基ネット規程第17条第2項（7年前まで解析できるよう保管）。7年より短くはできません", "Juki-net rule, Article 17 (2): seven years, and no less"},
	"retention.basis.checkin":  {"運用上。結果は「バックアップの結果と確認」に残ります", "Operational: what came of it stays with the backups"},
	"retention.basis.backup":   {"運用上。操作履歴に合わせています（蘭越町要領別表 管理基準の期間）", "Operational, as long as the operation log"},
	"retention.basis.incident": {"運用上。文書分類表の5年に合わせています", "Operational, as five-year documents"},
	"retention.basis.notice":   {"運用上。文書分類表の5年に合わせています", "Operational, as five-year documents"},

	"retention.kind.operation_log":   {"操作履歴", "operation log"},
	"retention.kind.checkin":         {"届いた申告", "check-ins"},
	"retention.kind.confirmation":    {"確認", "confirmations"},
	"retention.kind.excuse":          {"対象なしの届出", "excuses"},
	"retention.kind.verification":    {"検証の結果", "proofs"},
	"retention.kind.run":             {"実行", "runs"},
	"retention.kind.occurrence":      {"夜ごとの判定", "nights and verdicts"},
	"retention.kind.duty_answer":     {"履行の記録", "what people did"},
	"retention.kind.acknowledgement": {"受領確認", "acknowledgements"},
	"retention.kind.incident_event":  {"障害の経過", "course of incidents"},
	"retention.kind.incident":        {"障害", "incidents"},
	"retention.kind.attempt":         {"送信の試み", "attempts to send"},
	"retention.kind.notice":          {"送信した文面", "messages"},
})

// SeriesWords is what people call a series of records.
func SeriesWords(series, lang string) string {
	return tenants.Reason{Code: "retention.series." + series}.In(lang)
}

// BasisWords says by what a series is kept.
func BasisWords(series, lang string) string {
	return tenants.Reason{Code: "retention.basis." + series}.In(lang)
}

// KindWords is what people call a kind of records.
func KindWords(kind, lang string) string {
	return tenants.Reason{Code: "retention.kind." + kind}.In(lang)
}

// EndsOn is the first day on which records of a fiscal year that are kept for so many years may go: documents are kept
// from the end of the fiscal year in which they were made.
func EndsOn(fiscalYear, years int) calendar.Date {
	return calendar.FiscalYearStart(fiscalYear + years + 1)
}

// Over tells whether they may go on a day.
func Over(fiscalYear, years int, on calendar.Date) bool {
	return calendar.FiscalYear(on) > fiscalYear+years
}

// nextMonth is the first day of the month after d's.
func nextMonth(d calendar.Date) calendar.Date {
	next := d.AddDays(32 - d.Day())
	return calendar.MustDate(next.Year(), next.Month(), 1)
}

// bindAt is when a month may be bound.
func bindAt(month calendar.Date, zone *time.Location) time.Time {
	return nextMonth(month).AddDays(BindDays).At(0, 0, zone)
}

// recordKind is a line of the table: SQL that the ledger's own migration wrote.
type recordKind struct {
	Kind     string
	Series   string
	Recorded string
	Columns  string // comma separated
	Settled  string
	Free     string
	Along    string
	Act      string
}

func (k recordKind) columns() []string { return strings.Split(k.Columns, ",") }

// in fills the names of the kind into a statement: {table}, {recorded}, {settled}, {free}, {along}.
func (k recordKind) in(sql string) string {
	return strings.NewReplacer("{table}", quoted(k.Kind), "{recorded}", "t."+quoted(k.Recorded), "{settled}", k.Settled, "{free}", k.Free,
		"{along}", quoted(k.Along), "{along_id}", quoted(k.Kind+"_id")).Replace(sql)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func kinds(tx *tenants.Tx) (map[string]recordKind, error) {
	var rows []recordKind
	err := tx.DB.Raw(`SELECT kind, series, recorded, array_to_string(columns, ',') AS columns, settled, free, along, act FROM record_kind ORDER BY position`).
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the kinds of records: %w", err)
	}
	out := make(map[string]recordKind, len(rows))
	for _, k := range rows {
		out[k.Kind] = k
	}
	return out, nil
}

// kindNamed finds one kind; one that there is not is not found.
func kindNamed(tx *tenants.Tx, kind string) (recordKind, error) {
	all, err := kinds(tx)
	if err != nil {
		return recordKind{}, err
	}
	k, ok := all[kind]
	if !ok {
		return k, tenants.NotFound()
	}
	return k, nil
}

// zone is a town's; what is written there was checked.
func zone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}
