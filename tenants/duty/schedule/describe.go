package schedule

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"tanamori/tenants/calendar"
)

// Describe says in words when an expression fires: 毎日 02:00, 平日 23:30,
// 毎週月曜日 01:00, 毎月1日 03:00, 毎時0分. What has no short words, and what is
// no expression, comes back as it is. 平日 is Monday to Friday; whether holidays
// count is the policy's to say.
func Describe(expr string) (ja, en string) {
	s, fault := parseExpr(expr)
	if fault != nil {
		return expr, expr
	}
	return s.Describe()
}

// Describe is Describe of the schedule's expression.
func (s Schedule) Describe() (ja, en string) {
	days, ok := s.dayWords()
	if !ok {
		return s.expr, s.expr
	}
	times, ok := s.timeWords()
	if !ok {
		return s.expr, s.expr
	}
	switch {
	case times.often && days.daily:
		return times.ja, times.en
	case times.often:
		return days.ja + " " + times.ja, times.en + ", " + days.en
	default:
		return days.ja + " " + times.ja, days.en + " at " + times.en
	}
}

type timeWords struct {
	ja, en string
	often  bool // every so often, rather than at times of day
}

// timeWords words the minutes and hours.
func (s Schedule) timeWords() (timeWords, bool) {
	minutes, hours := values(s.spec.Minute), values(s.spec.Hour)
	if len(minutes) == 0 || len(hours) == 0 {
		return timeWords{}, false
	}
	allDay := len(hours) == 24
	switch step, stepped := stepOf(minutes, 60); {
	case len(minutes) == 60 && allDay:
		return timeWords{"毎分", "every minute", true}, true
	case stepped && allDay:
		return timeWords{fmt.Sprintf("%d分ごと", step), fmt.Sprintf("every %d minutes", step), true}, true
	case len(minutes) == 1 && allDay:
		return timeWords{fmt.Sprintf("毎時%d分", minutes[0]), fmt.Sprintf("every hour at :%02d", minutes[0]), true}, true
	case len(minutes)*len(hours) <= 4:
		var at []string
		for _, hour := range hours {
			for _, minute := range minutes {
				at = append(at, clock(hour, minute))
			}
		}
		return timeWords{strings.Join(at, "・"), listEn(at), false}, true
	case !contiguous(hours):
		return timeWords{}, false
	case len(minutes) == 1:
		first, last := clock(hours[0], minutes[0]), clock(hours[len(hours)-1], minutes[0])
		return timeWords{first + "〜" + last + "の1時間ごと", "every hour from " + first + " to " + last, true}, true
	case stepped:
		first, last := clock(hours[0], 0), clock(hours[len(hours)-1], minutes[len(minutes)-1])
		return timeWords{fmt.Sprintf("%s〜%sの%d分ごと", first, last, step),
			fmt.Sprintf("every %d minutes from %s to %s", step, first, last), true}, true
	default:
		return timeWords{}, false
	}
}

type dayWords struct {
	ja, en string
	daily  bool
}

// dayWords words the days and months, by cron's rule of days (see matches).
func (s Schedule) dayWords() (dayWords, bool) {
	days, weekdays, months := values(s.spec.Dom), values(s.spec.Dow), values(s.spec.Month)
	anyDay, anyWeekday, anyMonth := len(days) == 31, len(weekdays) == 7, len(months) == 12
	if len(days) == 0 || len(weekdays) == 0 || len(months) == 0 {
		return dayWords{}, false
	}
	either := s.spec.Dom&starBit == 0 && s.spec.Dow&starBit == 0
	if either && (anyDay || anyWeekday) {
		anyDay, anyWeekday = true, true // one of the two always matches
	}
	var inJa, inEn string
	if !anyMonth {
		if len(months) > 6 {
			return dayWords{}, false
		}
		inJa = "毎年" + listJa(months, "月")
		inEn = " in " + listEn(monthNames(months))
	}
	switch {
	case anyDay && anyWeekday && anyMonth:
		return dayWords{"毎日", "every day", true}, true
	case anyDay && anyWeekday:
		return dayWords{inJa + "の毎日", "every day" + inEn, false}, true
	case anyDay:
		ja, en := weekdayWords(weekdays)
		if !anyMonth {
			inJa += "の"
		}
		return dayWords{inJa + ja, en + inEn, false}, true
	}
	ja, en, ok := dayOfMonthWords(days)
	if !ok {
		return dayWords{}, false
	}
	if anyMonth {
		inJa, inEn = "毎月", " of every month"
	} else if len(months) > 1 {
		inJa += "の"
	}
	if anyWeekday {
		return dayWords{inJa + ja, "on the " + en + inEn, false}, true
	}
	weekJa, weekEn := weekdayWords(weekdays)
	if !anyMonth {
		return dayWords{}, false // 毎年4月1日および4月の毎週月曜日 … the expression is clearer
	}
	return dayWords{inJa + ja + "および" + weekJa, "on the " + en + inEn + " and " + weekEn, false}, true
}

func weekdayWords(weekdays []int) (ja, en string) {
	if len(weekdays) == 5 && weekdays[0] == 1 && weekdays[4] == 5 {
		return "平日", "weekdays"
	}
	namesJa, namesEn := make([]string, len(weekdays)), make([]string, len(weekdays))
	for i, w := range weekdays {
		namesJa[i] = calendar.WeekdayJa(time.Weekday(w)) + "曜日"
		namesEn[i] = time.Weekday(w).String()
	}
	return "毎週" + strings.Join(namesJa, "・"), "every " + listEn(namesEn)
}

func dayOfMonthWords(days []int) (ja, en string, ok bool) {
	if len(days) > 2 && contiguous(days) {
		first, last := days[0], days[len(days)-1]
		return fmt.Sprintf("%d日〜%d日", first, last), ordinal(first) + " to " + ordinal(last), true
	}
	if len(days) > 4 {
		return "", "", false
	}
	names := make([]string, len(days))
	for i, day := range days {
		names[i] = ordinal(day)
	}
	return listJa(days, "日"), listEn(names), true
}

func monthNames(months []int) []string {
	names := make([]string, len(months))
	for i, m := range months {
		names[i] = time.Month(m).String()
	}
	return names
}

// values lists the values of one of cron's bit sets, ascending.
func values(set uint64) []int {
	var found []int
	for set &^= starBit; set != 0; set &= set - 1 {
		found = append(found, bits.TrailingZeros64(set))
	}
	return found
}

// stepOf finds the even step from 0 that makes the values, if there is one.
func stepOf(values []int, size int) (step int, ok bool) {
	if len(values) < 2 || size%len(values) != 0 {
		return 0, false
	}
	step = size / len(values)
	for i, v := range values {
		if v != i*step {
			return 0, false
		}
	}
	return step, true
}

func contiguous(values []int) bool {
	return values[len(values)-1]-values[0] == len(values)-1
}

func clock(hour, minute int) string { return fmt.Sprintf("%02d:%02d", hour, minute) }

func listJa(values []int, unit string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%d%s", v, unit)
	}
	return strings.Join(words, "・")
}

func listEn(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
