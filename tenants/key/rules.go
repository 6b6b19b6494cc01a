package key

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
)

// longest is how far ahead a key may be due back.
const longest = 31 * 24 * time.Hour

// when is the moment of something that happened. It lies not before the event on record before it (last), not in the future, and
// longer ago than the host's hours only with a reason.
func (s Setting) when(v *tenants.Invalid, now, at time.Time, last *time.Time, reason string) time.Time {
	if at.IsZero() {
		return now
	}
	switch {
	case at.After(now.Add(time.Minute)): // the form's minute may be ahead of the second
		v.Add("occurred_at", "これから先の日時は記録できません。", "It cannot have happened in the future.")
	case at.Before(now.AddDate(-1, 0, 0)):
		v.Add("occurred_at", "1年より前の日時は記録できません。", "It cannot lie more than a year back.")
	case last != nil && at.Before(last.Truncate(time.Minute)): // forms know minutes
		v.Add("occurred_at", "前の記録より前の日時です。", "It would lie before the event on record before it.")
	case at.Before(now.Add(-time.Duration(s.BackdateHours)*time.Hour)) && reason == "":
		v.Add("reason", fmt.Sprintf("%d時間より前のことを記録するときは、理由を入力してください。", s.BackdateHours),
			fmt.Sprintf("What happened more than %d hours ago needs a reason.", s.BackdateHours))
	}
	return at
}

// due is the moment by which a key handed out at that moment is back: the one that was asked for, or so many minutes later.
func due(at *time.Time, minutes *int, out time.Time) time.Time {
	if minutes != nil {
		return out.Add(time.Duration(*minutes) * time.Minute)
	}
	return *at
}

// checkDue judges by when a key is said to be back: exactly one of the two.
func checkDue(v *tenants.Invalid, now time.Time, at *time.Time, minutes *int) {
	switch {
	case at == nil && minutes == nil:
		v.Add("due_at", "返却予定を入力してください。", "Enter by when it is back.")
	case at != nil && minutes != nil:
		v.Add("due_at", "時刻か時間のどちらか一方で入力してください。", "Enter either a moment or a time from now.")
	case minutes != nil && (*minutes < 15 || time.Duration(*minutes)*time.Minute > 7*24*time.Hour):
		v.Add("due_minutes", "15分から7日までで入力してください。", "From 15 minutes to 7 days, please.")
	case at != nil && !at.After(now):
		v.Add("due_at", "返却予定の時刻を過ぎています。", "That moment has passed.")
	case at != nil && at.After(now.Add(longest)):
		v.Add("due_at", "31日より先にはできません。", "Within 31 days, please.")
	}
}

// Person is somebody of the host who can be named.
type Person struct {
	ID   int64
	Text string // post and name
}

// working are those who work for the host today, by one of the kinds of posts where any are given.
func working(tx *tenants.Tx, kinds ...tenants.Post) ([]Person, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	var found []Person
	err := tx.DB.Raw(`SELECT p.id, trim(both from coalesce(w.title, '') || ' ' || p.name) AS text FROM person p JOIN tenant t ON t.id = p.tenant_id
		CROSS JOIN LATERAL (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today) d
		CROSS JOIN LATERAL (SELECT (array_agg(o.title ORDER BY o.id))[1] AS title, count(*) AS held FROM post o WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id
			AND o.withdrawn_at IS NULL AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today) AND (cardinality(CAST(@kinds AS text[])) = 0 OR o.kind = ANY (CAST(@kinds AS text[])))) w
		WHERE p.tenant_id = @town AND p.disabled_at IS NULL AND NOT p.machine AND w.held > 0 ORDER BY p.id`,
		map[string]any{"now": tx.Now, "town": tx.Actor.TenantID, "kinds": &names}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list who works for the host: %w", err)
	}
	return found, nil
}

// People are those who may borrow a key: who works for the host today.
func People(_ context.Context, tx *tenants.Tx) ([]Person, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	return working(tx)
}

func named(people []Person, id int64) (string, bool) {
	n := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
	if n < 0 {
		return "", false
	}
	return people[n].Text, true
}

// location is the host's time zone.
func location(tx *tenants.Tx) (*time.Location, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, tx.Actor.TenantID).Scan(&name).Error; err != nil {
		return nil, fmt.Errorf("read the zone of town %d: %w", tx.Actor.TenantID, err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // what is written there was checked
	}
	return zone, nil
}
