package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The forms in which people write a date, after full-width characters became
// plain ones. The separators between the numbers of one date may be 年月日 or
// any of - / . and must not change on the way.
var (
	kanjiForm   = regexp.MustCompile(`^(\D*?)(元|\d{1,4})年(\d{1,2})月(\d{1,2})日(?:\(([日月火水木金土])(?:曜日?)?\))?$`)
	dottedForm  = regexp.MustCompile(`^([^\d元]*)(元|\d{1,4})([-/.])(\d{1,2})([-/.])(\d{1,2})$`)
	sevenDigits = regexp.MustCompile(`^([1-5])(\d{2})(\d{2})(\d{2})$`)
	eightDigits = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
)

// ParseInput reads a date as a person at a form types it:
//
//	令和8年11月21日  令和元年5月1日  令和8年11月21日（土）
//	R8.11.21  r8/11/21  R元.5.1  令8.11.21
//	5081121   era code 1-5, then two digits each of year, month and day
//	20261121  2026-11-21  2026/11/21  2026.11.21  2026年11月21日
//
// Full-width characters and spaces are taken as their plain forms. A day that
// does not exist, or did not fall in the era written, is refused with an
// *InputError that names the date probably meant.
func ParseInput(s string) (Date, error) {
	text := plain(s)
	if text == "" {
		return Date{}, inputError(CodeEmpty, s, "日付を入力してください。", "enter a date")
	}
	if p := sevenDigits.FindStringSubmatch(text); p != nil {
		era := eras[number(p[1])-1]
		return eraDate(s, era, number(p[2]), number(p[3]), number(p[4]))
	}
	if p := eightDigits.FindStringSubmatch(text); p != nil {
		return newDate(s, number(p[1]), number(p[2]), number(p[3]))
	}
	if p := kanjiForm.FindStringSubmatch(text); p != nil {
		d, err := eraOrWestern(s, p[1], p[2], p[3], p[4])
		if err != nil {
			return Date{}, err
		}
		if err := checkWeekday(s, d, p[5]); err != nil {
			return Date{}, err
		}
		return d, nil
	}
	if p := dottedForm.FindStringSubmatch(text); p != nil && p[3] == p[5] {
		return eraOrWestern(s, p[1], p[2], p[4], p[6])
	}
	return Date{}, unreadable(s)
}

// plain folds full-width characters and the ligatures of eras (㋿) to plain
// ones and drops all spaces.
func plain(s string) string {
	const longest = 256 // bytes; no date is as long, and folding costs by length
	if len(s) > longest {
		return "too long"
	}
	folded := norm.NFKC.String(s)
	folded = strings.NewReplacer("−", "-", "‐", "-", "–", "-", "。", ".", "・", ".").Replace(folded)
	return strings.Join(strings.Fields(folded), "")
}

// number reads digits that a pattern has already found.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func unreadable(s string) error {
	return inputError(CodeSyntax, s,
		fmt.Sprintf("「%s」は日付として読めません。「令和8年11月21日」「R8.11.21」「2026-11-21」のように入力してください。", clip(s)),
		fmt.Sprintf("%q is not a date: enter it like 令和8年11月21日, R8.11.21 or 2026-11-21", clip(s)))
}

// eraOrWestern makes a date of the parts of one of the separated forms.
func eraOrWestern(s, prefix, year, month, day string) (Date, error) {
	prefix = strings.TrimSuffix(prefix, ".") // R.8.11.21
	if prefix == "" || prefix == "西暦" {
		if len(year) != 4 { // 元年 or 8年 of what? 26年 of which century?
			return Date{}, inputError(CodeSyntax, s,
				fmt.Sprintf("「%s」は年が分かりません。元号を付けるか、西暦4桁で入力してください。", clip(s)),
				fmt.Sprintf("the year of %q is not clear: write the era, or four digits", clip(s)))
		}
		return newDate(s, number(year), number(month), number(day))
	}
	era, ok := eraNamed(prefix)
	if !ok {
		return Date{}, unreadable(s)
	}
	n := 1
	if year != "元" {
		n = number(year)
	}
	return eraDate(s, era, n, number(month), number(day))
}

// eraNamed finds an era by its name, its first character or its letter.
func eraNamed(name string) (Era, bool) {
	for _, era := range eras {
		first := string([]rune(era.Ja)[0])
		if name == era.Ja || name == first || strings.EqualFold(name, era.Letter) {
			return era, true
		}
	}
	return Era{}, false
}

// eraDate checks that the day exists and fell in the era written.
func eraDate(s string, era Era, year, month, day int) (Date, error) {
	if year < 1 {
		return Date{}, inputError(CodeWrongEra, s,
			fmt.Sprintf("%sに0年はありません。最初の年は元年（1年）です。", era.Ja),
			fmt.Sprintf("%s has no year 0: its first year is 1 (元年)", era.En))
	}
	d, err := newDate(s, era.Start.year+year-1, month, day)
	if err != nil {
		return Date{}, err
	}
	actual, _, ok := d.Era()
	if ok && actual.Code == era.Code {
		return d, nil
	}
	return Date{}, wrongEra(s, era, d, ok)
}

// wrongEra says when the era was, and what the day is called.
func wrongEra(s string, era Era, d Date, known bool) error {
	ja := fmt.Sprintf("%sは%sからです。", era.Ja, era.Start.Wareki())
	en := fmt.Sprintf("%s began on %s", era.En, era.Start)
	if end, ended := era.End(); ended && d.After(end) {
		last := era.YearText(end.year-era.Start.year+1) + fmt.Sprintf("%d月%d日", int(end.month), end.day)
		ja = fmt.Sprintf("%sは%sまでです。", era.Ja, last)
		en = fmt.Sprintf("%s ended on %s", era.En, end)
	}
	if !known {
		return inputError(CodeBeforeEras, s,
			ja+"それより前の日付は西暦で入力してください。",
			en+": enter an earlier date by the Western calendar")
	}
	e := inputError(CodeWrongEra, s,
		fmt.Sprintf("%sこの日は%sです。", ja, d.Wareki()),
		fmt.Sprintf("%s: this day is %s (%s)", en, d.Wareki(), d))
	e.Suggest = d
	return e
}

// checkWeekday compares the weekday written, if any, with that of d.
func checkWeekday(s string, d Date, written string) error {
	actual := WeekdayJa(d.Weekday())
	if written == "" || written == actual {
		return nil
	}
	e := inputError(CodeWrongDay, s,
		fmt.Sprintf("%sは%s曜日です（入力は%s曜日）。", d.Wareki(), actual, written),
		fmt.Sprintf("%s is a %s, not the weekday written", d, d.Weekday()))
	e.Suggest = d
	return e
}
