package correction

import (
	"context"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// same tells whether two values of the field are one: two spellings of a moment are, and so are two moments of one minute, for
// forms know no seconds.
func (f Field) same(a, b string) bool {
	if f.Kind == Time {
		x, errX := time.Parse(time.RFC3339Nano, a)
		y, errY := time.Parse(time.RFC3339Nano, b)
		return errX == nil && errY == nil && x.Truncate(time.Minute).Equal(y.Truncate(time.Minute))
	}
	return a == b
}

// checked gives a value as it is kept, and of a person the name.
func (f Field) checked(ctx context.Context, tx *tenants.Tx, v *tenants.Invalid, r Record, typed string) (value, name string, err error) {
	if typed == "" && f.Required {
		v.Add(f.Name, "入力してください。", "Please enter this.")
		return "", "", nil
	}
	switch f.Kind {
	case Line:
		if f.Required {
			return entry.Line(v, f.Name, typed, f.Longest), "", nil
		}
		return entry.OptionalLine(v, f.Name, typed, f.Longest), "", nil
	case Text:
		if f.Required && strings.TrimSpace(typed) == "" {
			v.Add(f.Name, "入力してください。", "Please enter this.")
		}
		return entry.Text(v, f.Name, typed, f.Longest), "", nil
	case Time:
		return f.moment(v, tx.Now, r.RecordedAt, typed), "", nil
	case Date:
		return f.day(v, typed), "", nil
	case Choice:
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == typed }) {
			v.Add(f.Name, "選んでください。", "Choose one.")
		}
	case Person:
		people, err := f.People(ctx, tx, r.TenantID)
		if err != nil {
			return "", "", err
		}
		n := slices.IndexFunc(people, func(o Option) bool { return o.Value == typed })
		if n < 0 {
			if typed == r.Now[f.Name] { // who it is already may have left since
				return typed, r.Now[f.Name+NameOf], nil
			}
			v.Add(f.Name, "人を選んでください。", "Choose a person.")
			return "", "", nil
		}
		return typed, people[n].Ja, nil
	}
	return typed, "", nil
}

// moment checks when something happened: before now, and before it was written down, by no more than a year.
func (f Field) moment(v *tenants.Invalid, now, recorded time.Time, typed string) string {
	at, err := time.Parse(time.RFC3339Nano, typed)
	switch {
	case err != nil:
		v.Add(f.Name, "日付と時刻を入力してください。", "Enter a date and a time.")
	case at.After(now.Add(time.Minute)): // a form's minute may be ahead of the second
		v.Add(f.Name, "これから先の日時は記録できません。", "It cannot have happened in the future.")
	case at.After(recorded.Add(time.Minute)):
		v.Add(f.Name, "記録した時よりあとの日時です。", "It would lie after it was written down.")
	case at.Before(recorded.AddDate(-1, 0, 0)):
		v.Add(f.Name, "記録より1年以上前の日時にはできません。", "It cannot lie more than a year before it was written down.")
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func (f Field) day(v *tenants.Invalid, typed string) string {
	if typed == "" {
		return ""
	}
	day, err := calendar.Parse(typed)
	if err != nil {
		v.Add(f.Name, "日付として読めません。", "This is not a date.")
		return ""
	}
	return day.String()
}

// location is a town's zone.
func location(tx *tenants.Tx, town int64) *time.Location {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, town).Scan(&name).Error; err != nil {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
