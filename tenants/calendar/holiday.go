package calendar

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"
)

// holidaysCSV comes from holidays.mjs; its first line names the source.
//
//go:embed holidays.csv
var holidaysCSV string

// Holiday is a national holiday (国民の祝日), a substitute day (振替休日) or a
// day made a holiday by an act of its own.
type Holiday struct {
	Date   Date
	Ja, En string
}

type holidayTable struct {
	byDate       map[Date]Holiday
	starts, ends Date
}

// holidays is read at the first use: 1,300 short lines.
var holidays = sync.OnceValue(func() holidayTable {
	table, err := readHolidays(holidaysCSV)
	if err != nil {
		panic("calendar: holidays.csv: " + err.Error()) // compiled in: cannot differ from what was tested
	}
	return table
})

func readHolidays(csv string) (holidayTable, error) {
	table := holidayTable{byDate: make(map[Date]Holiday, 1400)}
	var last Date
	for line := range strings.Lines(csv) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line == "date,ja,en" {
			continue
		}
		part := strings.Split(line, ",")
		if len(part) != 3 || part[1] == "" || part[2] == "" {
			return holidayTable{}, fmt.Errorf("line %q: want date,ja,en", line)
		}
		date, err := Parse(part[0])
		if err != nil {
			return holidayTable{}, fmt.Errorf("line %q: %w", line, err)
		}
		if !date.After(last) {
			return holidayTable{}, fmt.Errorf("line %q: not after %s", line, last)
		}
		if last.IsZero() {
			table.starts = Date{date.year, time.January, 1}
		}
		table.byDate[date] = Holiday{Date: date, Ja: part[1], En: part[2]}
		last = date
	}
	if last.IsZero() {
		return holidayTable{}, fmt.Errorf("no holidays")
	}
	table.ends = Date{last.year, time.December, 31}
	return table, nil
}

// HolidayOn is the national holiday on d, if d is one.
func HolidayOn(d Date) (Holiday, bool) {
	h, ok := holidays().byDate[d]
	return h, ok
}

// Holidays lists the national holidays from the first to the last date, both
// included, in order.
func Holidays(first, last Date) []Holiday {
	table := holidays()
	if first.Before(table.starts) {
		first = table.starts
	}
	if last.After(table.ends) {
		last = table.ends
	}
	var found []Holiday
	for d := first; !d.After(last); d = d.AddDays(1) {
		if h, ok := table.byDate[d]; ok {
			found = append(found, h)
		}
	}
	return found
}

// Starts is the first day of the holiday table; earlier holidays are unknown.
func Starts() Date { return holidays().starts }

// Ends is the last day of the holiday table. After it only weekends, 12/29-1/3
// and local days are known to be closed, so the console warns well before.
func Ends() Date { return holidays().ends }
