package schedule

import (
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/text/unicode/norm"
)

// Fields of a FieldError, as forms and JSON spell them.
const (
	FieldCron = "cron"
	FieldZone = "zone"
)

// Codes of a FieldError.
const (
	CodeSyntax     = "schedule.syntax"      // not a cron expression
	CodeEvery      = "schedule.every"       // @every has no fixed place in a day
	CodeZoneInside = "schedule.zone_inside" // CRON_TZ=… in the expression
	CodeNever      = "schedule.never"       // a date that no year has
	CodeZone       = "schedule.zone"        // not a zone of the IANA database
)

// FieldError is what is wrong with one field, for the person at the form.
type FieldError struct {
	Field  string // FieldCron or FieldZone
	Code   string // one of the Code constants
	Ja, En string
}

// Errors is all that is wrong with a schedule; Parse returns it as its error.
type Errors []FieldError

// Error is for logs: the English texts.
func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, f := range e {
		texts[i] = f.Field + ": " + f.En
	}
	return strings.Join(texts, "; ")
}

// cronField is one of the five fields and what it may hold.
type cronField struct {
	ja, en       string
	max          int // the largest value
	mayJa, mayEn string
}

var cronFields = [5]cronField{
	{ja: "分", en: "minute", max: 59, mayJa: "0〜59", mayEn: "0-59"},
	{ja: "時", en: "hour", max: 23, mayJa: "0〜23", mayEn: "0-23"},
	{ja: "日", en: "day of month", max: 31, mayJa: "1〜31", mayEn: "1-31"},
	{ja: "月", en: "month", max: 12, mayJa: "1〜12 または jan〜dec ", mayEn: "1-12 or jan-dec"},
	{ja: "曜日", en: "day of week", max: 6, mayJa: "0〜6（0が日曜日）または sun〜sat ", mayEn: "0-6 (0 is Sunday) or sun-sat"},
}

// item is one part of a comma list. robfig/cron would also take "*-5", "+5" and
// an empty list, and make of them something else than was written.
var item = regexp.MustCompile(`^(?:[*?]|(?:\d{1,2}|[A-Za-z]{3})(?:-(?:\d{1,2}|[A-Za-z]{3}))?)(?:/(\d{1,2}))?$`)

// Parse reads a cron expression of five fields (minute, hour, day of month,
// month, day of week) or one of @hourly, @daily, @midnight, @weekly, @monthly,
// @yearly and @annually, to be read in an IANA zone such as Asia/Tokyo. The
// zone is never part of the expression. Its error is Errors, with all that is
// wrong: a syntax that is none, a zone that is unknown, a date that never comes.
func Parse(expr, zone string) (Schedule, error) {
	var wrong Errors
	s, fault := parseExpr(expr)
	if fault != nil {
		wrong = append(wrong, *fault)
	}
	loc, fault := parseZone(zone)
	if fault != nil {
		wrong = append(wrong, *fault)
	}
	if wrong != nil {
		return Schedule{}, wrong
	}
	s.loc = loc
	return s, nil
}

func parseZone(zone string) (*time.Location, *FieldError) {
	// To LoadLocation "" is UTC and "Local" is whatever the machine is set to.
	if zone != "" && zone != "Local" {
		if loc, err := time.LoadLocation(zone); err == nil {
			return loc, nil
		}
	}
	return nil, &FieldError{FieldZone, CodeZone,
		fmt.Sprintf("タイムゾーン「%s」は見つかりません。「Asia/Tokyo」のように指定してください。", clip(zone)),
		fmt.Sprintf("the time zone %q is not known: enter one such as Asia/Tokyo", clip(zone))}
}

func parseExpr(input string) (Schedule, *FieldError) {
	expr := fold(input)
	upper := strings.ToUpper(expr)
	switch {
	case expr == "":
		return Schedule{}, syntax("実施時刻を入力してください。", "enter a schedule")
	case strings.HasPrefix(upper, "TZ=") || strings.HasPrefix(upper, "CRON_TZ="):
		return Schedule{}, &FieldError{FieldCron, CodeZoneInside,
			"タイムゾーンは式の中ではなく、タイムゾーンの欄で指定してください。",
			"name the time zone in its own field, not in the expression"}
	case strings.HasPrefix(upper, "@EVERY"):
		return Schedule{}, &FieldError{FieldCron, CodeEvery,
			"@every は時刻が決まらないため使えません。「*/30 * * * *」のように指定してください。",
			"@every has no fixed time of day: write it like */30 * * * *"}
	case expr[0] == '@':
		expr = strings.ToLower(expr)
	default:
		if fault := checkFields(expr); fault != nil {
			return Schedule{}, fault
		}
	}
	parsed, err := cron.ParseStandard(expr)
	spec, ok := parsed.(*cron.SpecSchedule)
	if err != nil || !ok {
		return Schedule{}, syntax(
			fmt.Sprintf("「%s」は使えません。使えるのは @hourly、@daily、@weekly、@monthly、@yearly です。", clip(expr)),
			fmt.Sprintf("%q is not known: there are @hourly, @daily, @weekly, @monthly and @yearly", clip(expr)))
	}
	if neverFires(spec) {
		return Schedule{}, &FieldError{FieldCron, CodeNever,
			"この日付はどの年にもないため、一度も実施されません。日と月を確かめてください。",
			"no year has this date, so it would never run: check the day and the month"}
	}
	return Schedule{expr: expr, spec: *spec, minutes: minutesOfDay(spec)}, nil
}

// checkFields finds the field that is wrong, which the parser's own errors do
// not name.
func checkFields(expr string) *FieldError {
	fields := strings.Fields(expr)
	if len(fields) != len(cronFields) {
		return syntax(
			fmt.Sprintf("「分 時 日 月 曜日」の5項目を空白で区切って入力してください（入力は%d項目）。例: 0 2 * * *", len(fields)),
			fmt.Sprintf("enter the five fields minute, hour, day, month and weekday, parted by spaces (there are %d), like 0 2 * * *", len(fields)))
	}
	for i, field := range fields {
		if !wellFormed(field, i) {
			f := cronFields[i]
			return syntax(
				fmt.Sprintf("「%s」の指定「%s」が正しくありません。%sで指定してください（*、範囲 a-b、間隔 */n、列挙 a,b が使えます）。", f.ja, clip(field), f.mayJa),
				fmt.Sprintf("the %s %q is wrong: enter %s (*, a range a-b, a step */n and a list a,b are allowed)", f.en, clip(field), f.mayEn))
		}
	}
	return nil
}

// wellFormed tries a field on its own, with stars for the others.
func wellFormed(field string, place int) bool {
	for _, part := range strings.Split(field, ",") {
		match := item.FindStringSubmatch(part)
		if match == nil {
			return false
		}
		// A step over the end would mean only its first value: */90 is a slip.
		if step, _ := strconv.Atoi(match[1]); step > cronFields[place].max {
			return false
		}
	}
	alone := [5]string{"*", "*", "*", "*", "*"}
	alone[place] = field
	_, err := cron.ParseStandard(strings.Join(alone[:], " "))
	return err == nil
}

// neverFires reports whether no date matches: every field has a value, so only
// a day of the month that its months lack can do that, and only where the day
// of the week must match too.
func neverFires(spec *cron.SpecSchedule) bool {
	if spec.Dow&starBit == 0 && spec.Dom&starBit == 0 {
		return false // either will do, and weekdays always come
	}
	longest := [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	first := bits.TrailingZeros64(spec.Dom)
	for month := 1; month <= 12; month++ {
		if spec.Month&(1<<uint(month)) != 0 && first <= longest[month] {
			return false
		}
	}
	return true
}

func minutesOfDay(spec *cron.SpecSchedule) []int {
	var minutes []int
	for hour := range 24 {
		for minute := range 60 {
			if spec.Hour&(1<<uint(hour)) != 0 && spec.Minute&(1<<uint(minute)) != 0 {
				minutes = append(minutes, hour*60+minute)
			}
		}
	}
	return minutes
}

func syntax(ja, en string) *FieldError {
	return &FieldError{FieldCron, CodeSyntax, ja, en}
}

// fold turns full-width characters, as an input method leaves them, into plain
// ones, and runs of spaces into one.
func fold(s string) string {
	const longest = 256 // bytes; a list of all minutes has 170
	if len(s) > longest {
		s = "too long"
	}
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

// clip shortens input that is quoted in a message.
func clip(s string) string {
	const limit = 32
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
