package calendar

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var isoDate = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)

// Parse reads YYYY-MM-DD and nothing else, the form machines exchange. For what
// a person typed use ParseInput. Its error is an *InputError.
func Parse(s string) (Date, error) {
	part := isoDate.FindStringSubmatch(s)
	if part == nil {
		return Date{}, inputError(CodeSyntax, s,
			fmt.Sprintf("「%s」は日付として読めません。YYYY-MM-DD の形式で指定してください。", clip(s)),
			fmt.Sprintf("%q is not a date: use the form YYYY-MM-DD", clip(s)))
	}
	year, _ := strconv.Atoi(part[1])
	month, _ := strconv.Atoi(part[2])
	day, _ := strconv.Atoi(part[3])
	return newDate(s, year, month, day)
}

// String is the date as YYYY-MM-DD, empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, int(d.month), d.day)
}

// MarshalText writes what String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalJSON writes "YYYY-MM-DD", or null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads "YYYY-MM-DD"; null and "" are the zero Date.
func (d *Date) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*d = Date{}
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return inputError(CodeSyntax, string(data),
			"日付は \"YYYY-MM-DD\" の文字列で指定してください。",
			`a date must be a string "YYYY-MM-DD"`)
	}
	return d.UnmarshalText([]byte(s))
}

// Value is the date for a Postgres date column, NULL for the zero Date. It is
// text, so that no session time zone can move it by a day.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	if d.year < minYear || d.year > maxYear { // counted there by AddDays; Scan would not read it back
		return nil, fmt.Errorf("store date: year %d is out of range", d.year)
	}
	return d.String(), nil
}

// Scan reads a Postgres date; NULL is the zero Date. From a time.Time it takes
// the year, month and day as they stand, which is how drivers hand over a date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		year, month, day := v.Date()
		scanned, err := NewDate(year, month, day)
		if err != nil {
			return fmt.Errorf("scan date: %w", err)
		}
		*d = scanned
		return nil
	case string:
		return d.scanText(v)
	case []byte:
		return d.scanText(string(v))
	default:
		return fmt.Errorf("scan date: cannot read a %T", src)
	}
}

func (d *Date) scanText(s string) error {
	scanned, err := Parse(s)
	if err != nil {
		return fmt.Errorf("scan date: %w", err)
	}
	*d = scanned
	return nil
}
