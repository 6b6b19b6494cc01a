package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// covered is one review as far as it matters for what is left.
type covered struct {
	from, to calendar.Date
	by       int64
}

// stretch are days on end that the same persons have reviewed.
type stretch struct {
	from, to calendar.Date
	by       []int64
}

// stretches cuts the days from one to another at every beginning and end of a review.
func stretches(from, to calendar.Date, list []covered) []stretch {
	if to.Before(from) {
		return nil
	}
	cuts := []calendar.Date{from, to.AddDays(1)}
	for _, c := range list {
		for _, d := range []calendar.Date{c.from, c.to.AddDays(1)} {
			if d.After(from) && !d.After(to) {
				cuts = append(cuts, d)
			}
		}
	}
	slices.SortFunc(cuts, calendar.Date.Compare)
	cuts = slices.Compact(cuts)
	var out []stretch
	for i, d := range cuts[:len(cuts)-1] {
		s := stretch{from: d, to: cuts[i+1].AddDays(-1)}
		for _, c := range list {
			if !c.from.After(s.from) && !c.to.Before(s.to) && !slices.Contains(s.by, c.by) {
				s.by = append(s.by, c.by)
			}
		}
		out = append(out, s)
	}
	return out
}

// Left are days of which something is not reviewed yet.
type Left struct {
	FromOn, ToOn calendar.Date
	// Of is 0 where nobody has reviewed these days; else the person whose own lines are left to another.
	Of    int64
	Whose string
	Lines int64 // of that person
}

// mostLeft is how many stretches with one reviewer are looked into: a year of months and more. What lies before them was
// looked into when it was newer.
const mostReviews = 5000 // more than the years bring that the log is kept

// remaining is what is left to review of the days up to one, the oldest first. A stretch that one person has reviewed lacks
// that person's own lines; two persons lack nothing.
func remaining(tx *tenants.Tx, h host, towns []int64, up calendar.Date) ([]Left, error) {
	list, err := reviews(tx, h.ID, 0, mostReviews)
	if err != nil {
		return nil, err
	}
	all := make([]covered, len(list))
	for i, r := range list {
		all[i] = covered{r.FromOn, r.ToOn, r.ByID}
	}
	cut := stretches(h.began(), up, all)
	own, err := ownLines(tx, h, towns, cut)
	if err != nil {
		return nil, err
	}
	var left []Left
	for i, s := range cut {
		switch l, some := own[i]; {
		case len(s.by) == 0:
			left = append(left, Left{FromOn: s.from, ToOn: s.to})
		case some:
			left = append(left, l)
		}
	}
	return joined(left), nil
}

// joined puts together what lies side by side.
func joined(left []Left) []Left {
	var out []Left
	for _, l := range left {
		if n := len(out); n > 0 && out[n-1].Of == l.Of && out[n-1].ToOn.AddDays(1) == l.FromOn {
			out[n-1].ToOn, out[n-1].Lines = l.ToOn, out[n-1].Lines+l.Lines
			continue
		}
		out = append(out, l)
	}
	return out
}

const countOwn = `
SELECT x.n, count(*) AS lines, max(l.actor) AS whose
FROM unnest(CAST(@ns AS bigint[]), CAST(@persons AS bigint[]), CAST(@froms AS timestamptz[]), CAST(@tos AS timestamptz[])) x (n, person, from_at, to_at)
CROSS JOIN LATERAL (SELECT DISTINCT tenant_id, actor FROM log_actor WHERE tenant_id = ANY (CAST(@towns AS bigint[])) AND actor_id = x.person) a
CROSS JOIN LATERAL (SELECT l.actor FROM operation_log l WHERE l.tenant_id = a.tenant_id AND l.actor = a.actor AND l.actor_id = x.person
	AND l.at >= x.from_at AND l.at < x.to_at) l
GROUP BY x.n`

// ownLines counts what the only reviewer of some days did in them, by the names under which they stand in the logs.
func ownLines(tx *tenants.Tx, h host, towns []int64, cut []stretch) (map[int]Left, error) {
	var ns, persons []int64
	var froms, tos []time.Time
	for i, s := range cut {
		if len(s.by) == 1 {
			ns, persons = append(ns, int64(i)), append(persons, s.by[0])
			froms, tos = append(froms, s.from.At(0, 0, h.zone())), append(tos, s.to.AddDays(1).At(0, 0, h.zone()))
		}
	}
	out := map[int]Left{}
	if len(ns) == 0 {
		return out, nil
	}
	var rows []struct {
		N     int
		Lines int64
		Whose string
	}
	err := tx.DB.Raw(countOwn, map[string]any{"towns": &towns, "ns": &ns, "persons": &persons, "froms": &froms, "tos": &tos}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count the reviewers' own lines: %w", err)
	}
	for _, r := range rows {
		s := cut[r.N]
		out[r.N] = Left{FromOn: s.from, ToOn: s.to, Of: s.by[0], Whose: r.Whose, Lines: r.Lines}
	}
	return out, nil
}

// State is how the review of the log stands.
type State struct {
	BeganOn    calendar.Date // the first day that there is a log of
	ReviewedTo calendar.Date // every day up to this one is reviewed; zero where not even the first is
	Left       []Left        // up to yesterday, the oldest first
	Setting    Setting
	DueAt      *time.Time // by when the next review is due
}

// Standing tells how the review stands, up to yesterday.
func Standing(_ context.Context, tx *tenants.Tx) (State, error) {
	if err := tx.Permit(tenants.ReviewLog); err != nil {
		return State{}, err
	}
	h, err := hostOf(tx)
	if err != nil {
		return State{}, err
	}
	yesterday := calendar.DateOf(tx.Now, h.zone()).AddDays(-1)
	s := State{BeganOn: h.began(), ReviewedTo: yesterday}
	towns, err := tx.Reach(tenants.ReadLog)
	if err != nil {
		return State{}, err
	}
	if s.Left, err = remaining(tx, h, towns, yesterday); err != nil {
		return State{}, err
	}
	if len(s.Left) > 0 {
		s.ReviewedTo = s.Left[0].FromOn.AddDays(-1)
	}
	if s.ReviewedTo.Before(s.BeganOn) {
		s.ReviewedTo = calendar.Date{}
	}
	d, err := settingOf(tx, h.ID)
	if err != nil {
		return State{}, err
	}
	s.Setting = d.Setting
	if d.DutyID == 0 {
		return s, nil
	}
	var next []time.Time
	err = tx.DB.Raw(`SELECT due_at FROM occurrence WHERE tenant_id = @town AND duty_id = @duty AND verdict IS NULL ORDER BY scheduled_at LIMIT 1`,
		map[string]any{"town": h.ID, "duty": d.DutyID}).Scan(&next).Error
	if err != nil {
		return State{}, fmt.Errorf("find when the next review is due: %w", err)
	}
	if len(next) > 0 {
		s.DueAt = &next[0]
	}
	return s, nil
}
