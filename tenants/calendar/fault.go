package calendar

// Codes of an InputError.
const (
	CodeEmpty      = "date.empty"       // nothing was entered
	CodeSyntax     = "date.syntax"      // not a form of date that is known
	CodeNoSuchDay  = "date.no_such_day" // the calendar has no such day
	CodeWrongEra   = "date.wrong_era"   // the day is not of the era written
	CodeWrongDay   = "date.weekday"     // the weekday written is another one
	CodeBeforeEras = "date.before_eras" // earlier than 1868-01-25, the first day of 明治
)

// InputError says what is wrong with a date that was entered, in both languages
// of the console.
type InputError struct {
	Code    string // one of the Code constants
	Input   string // what was entered, as it was
	Ja, En  string // a sentence for the person at the form
	Suggest Date   // the date probably meant; zero when there is none
}

// Error is the English sentence.
func (e *InputError) Error() string { return e.En }

func inputError(code, input, ja, en string) *InputError {
	return &InputError{Code: code, Input: input, Ja: ja, En: en}
}

// clip shortens input that is quoted in a message.
func clip(s string) string {
	const limit = 32
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
