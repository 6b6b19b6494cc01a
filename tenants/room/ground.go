package room

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// Person is one of the host's own who may be named: as an escort, on the list, as who entered.
type Person struct {
	ID   int64
	Name string
	Text string // post and name
}

// People are those who work for the host today.
func People(_ context.Context, tx *tenants.Tx) ([]Person, error) {
	if err := reading(tx); err != nil {
		return nil, err
	}
	return working(tx)
}

func working(tx *tenants.Tx) ([]Person, error) {
	return many[Person](tx, `SELECT p.id, p.name, trim(both from coalesce(w.title, '') || ' ' || p.name) AS text FROM person p JOIN tenant t ON t.id = p.tenant_id
		CROSS JOIN LATERAL (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today) d
		CROSS JOIN LATERAL (SELECT (array_agg(o.title ORDER BY o.id))[1] AS title FROM post o WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id
			AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today)) w
		WHERE p.tenant_id = @town AND p.disabled_at IS NULL AND NOT p.machine AND w.title IS NOT NULL ORDER BY p.id`, nil)
}

// named finds one of the host's own; what is none is a field's fault.
func named(tx *tenants.Tx, v *tenants.Invalid, field string, id int64, ja, en string) (Person, error) {
	people, err := working(tx)
	if err != nil {
		return Person{}, err
	}
	n := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
	if n < 0 {
		v.Add(field, ja, en)
		return Person{}, nil
	}
	return people[n], nil
}

// own is the host: its name and zone.
func own(tx *tenants.Tx) (name string, zone *time.Location, err error) {
	t, err := one[struct{ Name, Zone string }](tx, `SELECT name, zone FROM tenant WHERE id = @town`, nil)
	if err != nil {
		return "", time.UTC, err
	}
	zone, err = time.LoadLocation(t.Zone)
	if err != nil {
		zone = time.UTC // what is written there was checked
	}
	return t.Name, zone, nil
}

func today(tx *tenants.Tx) (calendar.Date, error) {
	_, zone, err := own(tx)
	return calendar.DateOf(tx.Now, zone), err
}

// When is when something happened, and why it is written down late, where it is.
type When struct {
	At         time.Time // zero: now
	LateReason string
}

// checked looks at a moment: not in the future, not further back than anybody remembers, and with a reason where it is written
// down later than the host allows. Forms know minutes.
func (w When) checked(tx *tenants.Tx, v *tenants.Invalid, lateMinutes int) When {
	if w.At.IsZero() {
		w.At = tx.Now
	}
	limit := tx.Now.Add(-time.Duration(lateMinutes+1) * time.Minute)
	switch {
	case w.At.After(tx.Now.Add(time.Minute)):
		v.Add("occurred_at", "これから先の日時は記録できません。", "It cannot have happened in the future.")
	case w.At.Before(tx.Now.AddDate(0, 0, -backDays)):
		v.Add("occurred_at", fmt.Sprintf("%d日より前の日時は記録できません。", backDays), fmt.Sprintf("It cannot lie more than %d days back.", backDays))
	case w.At.Before(limit) && strings.TrimSpace(w.LateReason) == "":
		v.Add("late_reason", fmt.Sprintf("%d分より前のことを記録するときは、遅れた理由を入力してください。", lateMinutes),
			fmt.Sprintf("Say why it is written down more than %d minutes later.", lateMinutes))
	}
	w.LateReason = entry.OptionalLine(v, "late_reason", w.LateReason, 200)
	if !w.At.Before(limit) {
		w.LateReason = "" // it is not late
	}
	return w
}

func number(v *tenants.Invalid, field string, n, least, most int) {
	if n < least || n > most {
		v.Add(field, fmt.Sprintf("%d〜%dで入力してください。", least, most), fmt.Sprintf("Enter %d to %d.", least, most))
	}
}

// exec runs one statement of the host's own; zero rows changed is a bug here, not the caller's.
func exec(tx *tenants.Tx, what, query string, args map[string]any) error {
	args["town"], args["now"], args["by"], args["by_text"] = tx.Actor.TenantID, tx.Now, tx.Actor.PersonID, tx.Actor.Text()
	if err := tx.DB.Exec(query, args).Error; err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// insert runs one INSERT … RETURNING id.
func insert(tx *tenants.Tx, what, query string, args map[string]any) (id int64, err error) {
	args["town"], args["now"], args["by"], args["by_text"] = tx.Actor.TenantID, tx.Now, tx.Actor.PersonID, tx.Actor.Text()
	if err := tx.DB.Raw(query+` RETURNING id`, args).Scan(&id).Error; err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return id, nil
}

func written(tx *tenants.Tx, act tenants.Act, object string, id int64, before, after any) error {
	if err := tx.Wake(tenants.WakePage, tx.Actor.TenantID); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: act, Object: object, ObjectID: id, Before: before, After: after})
}

func missing(err error) bool {
	f := tenants.AsFault(err)
	return f != nil && f.Kind == tenants.KindNotFound
}

func nilled(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
