package api

import (
	"context"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/town"
)

// LocalDay is one of a town's own days: closed where others are open, or open where others are closed.
type LocalDay struct {
	Day  calendar.Date `json:"day" format:"date"`
	Open bool          `json:"open"`
	Name string        `json:"name" example:"役場臨時閉庁"`
}

// LocalDayInput is what is entered about one.
type LocalDayInput struct {
	Open bool   `json:"open" doc:"true: open although others are closed."`
	Name string `json:"name" maxLength:"1000" example:"役場臨時閉庁"`
}

// DayOfTown names a day of a town in the path.
type DayOfTown struct {
	InTown
	Day calendar.Date `path:"day" format:"date" doc:"The day." example:"2026-12-28"`
}

func listLocalDays(ctx context.Context, tx *tenants.Tx, in *InTown) (List[LocalDay], error) {
	days, err := town.LocalDays(ctx, tx, in.Town)
	return whole(days, func(d town.LocalDay) LocalDay { return LocalDay(d) }), err
}

func setLocalDay(ctx context.Context, tx *tenants.Tx, in *struct {
	DayOfTown
	Body LocalDayInput
}) (LocalDay, error) {
	day := town.LocalDay{Day: in.Day, Open: in.Body.Open, Name: in.Body.Name}
	err := town.SetLocalDay(ctx, tx, in.Town, day)
	return LocalDay(day), err
}

func dropLocalDay(ctx context.Context, tx *tenants.Tx, in *DayOfTown) error {
	return town.DropLocalDay(ctx, tx, in.Town, in.Day)
}

// CalendarDay is one day of a town's calendar.
type CalendarDay struct {
	Day    calendar.Date `json:"day" format:"date"`
	Open   bool          `json:"open" doc:"Whether the town's offices are open (開庁日)."`
	Kind   *string       `json:"kind" enum:"local,holiday,year_end,weekend" doc:"By what rule it is closed; null on an open day."`
	NameJa *string       `json:"name_ja" doc:"Why it is closed, in Japanese." example:"勤労感謝の日"`
	NameEn *string       `json:"name_en" doc:"Why it is closed, in English."`
}

// Calendar is the days of a town.
type Calendar struct {
	Days       []CalendarDay `json:"days" nullable:"false"`
	KnownUntil calendar.Date `json:"known_until" format:"date" doc:"The last day of the table of national holidays; after it only weekends, the year's end and local days are known."`
}

// Span asks for days from one to another.
type Span struct {
	From calendar.Date `query:"from" format:"date" required:"true" doc:"The first day."`
	To   calendar.Date `query:"to" format:"date" required:"true" doc:"The last day, at most 400 after the first."`
}

const longestSpan = 400

// days counts a span's days, and says what is wrong with it.
func (s Span) days() (int, error) {
	var v tenants.Invalid
	n := s.From.DaysUntil(s.To) + 1
	if n < 1 || n > longestSpan+1 {
		v.Add("to", "from から400日以内の日を指定してください。", "Give a day within 400 days after from.")
	}
	return n, v.Err()
}

func getCalendar(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Span
}) (Calendar, error) {
	calendars, err := town.Calendars(ctx, tx, []int64{in.Town})
	if err != nil {
		return Calendar{}, err
	}
	n, err := in.days()
	if err != nil {
		return Calendar{}, err
	}
	out := Calendar{Days: make([]CalendarDay, n), KnownUntil: calendar.Ends()}
	for i := range out.Days {
		day := CalendarDay{Day: in.From.AddDays(i), Open: true}
		if why, closed := calendars[in.Town].Closure(day.Day); closed {
			day.Open, day.Kind, day.NameJa, day.NameEn = false, ptr(string(why.Kind)), &why.Ja, &why.En
		}
		out.Days[i] = day
	}
	return out, nil
}
