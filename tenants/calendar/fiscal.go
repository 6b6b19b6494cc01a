package calendar

import "time"

// FiscalYear is the fiscal year (年度) of d, named by the Western year in which
// it begins: 1 April to 31 March.
func FiscalYear(d Date) int {
	if d.month < time.April {
		return d.year - 1
	}
	return d.year
}

// FiscalYearLabel is a fiscal year's name, 令和8年度. It takes the era of the
// year's 31 December, which gives the names in official use: 2019 is 令和元年度
// although it began in 平成31年, 1988 is 昭和63年度 although it ended in
// 平成元年.
func FiscalYearLabel(fiscalYear int) string {
	return Date{fiscalYear, time.December, 31}.warekiYear() + "度"
}

// FiscalYearStart is the first day of a fiscal year, 1 April.
func FiscalYearStart(fiscalYear int) Date {
	return Date{fiscalYear, time.April, 1}
}

// FiscalYearEnd is the last day of a fiscal year, 31 March of the next year.
func FiscalYearEnd(fiscalYear int) Date {
	return Date{fiscalYear + 1, time.March, 31}
}
