package frontend

import (
	"context"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/incident"
	"tanamori/tenants/town"
)

// What of a page this person may read. A part that they may not is empty: the page itself is for whoever may open it.

// several tells whether somebody looks at more than their own town: the host's people, and who holds posts in two towns.
func several(a tenants.Actor) bool { return a.IsHost() || len(a.Reach(tenants.ReadTown)) > 1 }

// ownTown is the town of somebody who looks at one: their own, or the one in which they hold their post.
func ownTown(a tenants.Actor) int64 {
	if seen := a.Reach(tenants.ReadTown); len(seen) > 0 && !slices.Contains(seen, a.TenantID) {
		return seen[0]
	}
	return a.TenantID
}

// permitted leaves those of the towns in which the act is permitted.
func permitted(tx *tenants.Tx, act tenants.Act, towns []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(towns), func(t int64) bool { return !tx.Actor.May(act, t) })
}

// some reads a list of the towns in which the act is permitted, if there is any.
func some[T any](ctx context.Context, tx *tenants.Tx, act tenants.Act, towns []int64, read func(context.Context, *tenants.Tx, ...int64) ([]T, error)) ([]T, error) {
	if towns = permitted(tx, act, towns); len(towns) == 0 {
		return nil, nil
	}
	return read(ctx, tx, towns...)
}

func incidentsOf(ctx context.Context, tx *tenants.Tx, f incident.Filter) ([]incident.Item, error) {
	if f.Town != 0 && !tx.Actor.May(tenants.ReadIncident, f.Town) || !tx.Actor.May(tenants.ReadIncident) {
		return nil, nil
	}
	return incident.List(ctx, tx, f)
}

func daysOf(ctx context.Context, tx *tenants.Tx, of int64) (calendar.Calendar, error) {
	if !tx.Actor.May(tenants.ReadCalendar, of) {
		return calendar.Calendar{}, nil
	}
	days, err := town.Calendars(ctx, tx, []int64{of})
	return days[of], err
}

// across runs an act that concerns other towns than the one in the path: over all that whoever is signed in sees.
func (d *door) across(c echo.Context, fn func(ctx context.Context, tx *tenants.Tx) error) error {
	return d.gate.Across(c, fn)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
