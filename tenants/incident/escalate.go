package incident

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// Rungs and their incidents are locked together and what somebody else holds is passed over: an answer under way ends
// first, and two nodes never work on one incident. A pending rung's incident is open, so its state is not asked: that
// would offer the planner the index of open incidents, which it takes for tiny whenever it last counted on a quiet day.
const dueSQL = `
SELECT ` + rungColumns + ` FROM rung r JOIN incident i ON i.tenant_id = r.tenant_id AND i.id = r.incident_id
WHERE r.state = 'pending' AND r.due_at <= CAST(@now AS timestamptz)
ORDER BY r.due_at LIMIT @limit FOR NO KEY UPDATE OF r, i SKIP LOCKED`

// Escalate tells whoever is due, at most limit rungs, the longest due first, and gives how many there were. A rung
// without an address makes the next one due at once. Where the last rung of an incident has been told, it is told again
// after the ladder's repeat: an open incident always has somebody who will be told. Jobs only; the number of statements
// does not grow with the number of rungs.
func Escalate(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var due []Rung
	if err := tx.DB.Raw(dueSQL, map[string]any{"now": tx.Now, "limit": limit}).Scan(&due).Error; err != nil {
		return 0, fmt.Errorf("find rungs that are due: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	// In the order of the ladder: of several rungs due at once the later one's letter names the earlier one as told.
	slices.SortFunc(due, func(a, b Rung) int {
		if a.IncidentID != b.IncidentID {
			return int(a.IncidentID - b.IncidentID)
		}
		return a.Position - b.Position
	})
	towns, incidents := of(due)
	around, err := surroundings(tx, towns, incidents)
	if err != nil {
		return 0, err
	}
	messages, course, err := lettersFor(due, around, tx)
	if err != nil {
		return 0, err
	}
	notices, err := notice.QueueMany(ctx, tx, messages)
	if err != nil {
		return 0, fmt.Errorf("tell %d rungs: %w", len(messages), err)
	}
	if err := fire(tx, due, notices, course); err != nil {
		return 0, err
	}
	if err := goOn(tx, due); err != nil {
		return 0, err
	}
	if err := record(tx, course); err != nil {
		return 0, err
	}
	return len(due), wake(tx, towns)
}

// of gives the towns and incidents of rungs, each incident once.
func of(rungs []Rung) (towns, incidents []int64) {
	seen := make(map[int64]bool, len(rungs))
	for _, r := range rungs {
		if !seen[r.IncidentID] { // ids are of one sequence over all towns
			seen[r.IncidentID] = true
			towns, incidents = append(towns, r.TenantID), append(incidents, r.IncidentID)
		}
	}
	return towns, incidents
}

// around is what a letter about an incident has to say besides the rung itself.
type around struct {
	incidents map[int64]Incident
	rungs     map[int64][]Rung // the newest of each incident, in order
	said      map[int64]int    // messages so far
	acks      map[int64]*Acknowledgement
	places    map[int64]place
}

// newestRungs is how many people a letter names at most; an incident that has repeated for days has more rungs.
const newestRungs = 20

func surroundings(tx *tenants.Tx, towns, incidents []int64) (around, error) {
	a := around{incidents: map[int64]Incident{}, rungs: map[int64][]Rung{}, said: map[int64]int{}, acks: map[int64]*Acknowledgement{}}
	args := map[string]any{"towns": &towns, "ids": &incidents, "newest": newestRungs}
	const each = ` FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id) `

	var facts []struct {
		Incident
		Said int
	}
	err := tx.DB.Raw(`SELECT `+incidentColumns+`, (SELECT count(*) FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.notice_id IS NOT NULL) AS said`+
		each+`JOIN incident i ON i.tenant_id = x.town AND i.id = x.id`, args).Scan(&facts).Error
	if err != nil {
		return a, fmt.Errorf("read incidents: %w", err)
	}
	for _, f := range facts {
		a.incidents[f.ID], a.said[f.ID] = f.Incident, f.Said
	}
	var rungs []Rung
	err = tx.DB.Raw(`SELECT r.*`+each+`CROSS JOIN LATERAL (SELECT `+rungColumns+` FROM rung r WHERE r.tenant_id = x.town AND r.incident_id = x.id
		AND r.state <> 'dropped' ORDER BY r.position DESC LIMIT @newest) r ORDER BY r.incident_id, r.position`, args).Scan(&rungs).Error
	if err != nil {
		return a, fmt.Errorf("read the ladders of incidents: %w", err)
	}
	for _, r := range rungs {
		a.rungs[r.IncidentID] = append(a.rungs[r.IncidentID], r)
	}
	var acks []Acknowledgement
	err = tx.DB.Raw(`SELECT a.*`+each+`CROSS JOIN LATERAL (SELECT `+acknowledgementColumns+` FROM acknowledgement a WHERE a.tenant_id = x.town
		AND a.incident_id = x.id ORDER BY a.id DESC LIMIT 1) a`, args).Scan(&acks).Error
	if err != nil {
		return a, fmt.Errorf("read the answers to incidents: %w", err)
	}
	for i := range acks {
		a.acks[acks[i].IncidentID] = &acks[i]
	}
	a.places, err = placesOf(tx, towns)
	return a, err
}

// lettersFor writes the letters of rungs that are due, those with an address, and the course's lines for all of them.
func lettersFor(due []Rung, a around, tx *tenants.Tx) (messages []notice.Message, course []happening, err error) {
	for i := range due {
		r := &due[i]
		rungs := a.rungs[r.IncidentID]
		at := slices.IndexFunc(rungs, func(x Rung) bool { return x.ID == r.ID })
		r.State, r.FiredAt = RungFired, &tx.Now
		line := Detail{Rung: r.ID, Post: r.Post, Name: r.Name}
		if r.Mail == "" {
			course = append(course, happening{r.TenantID, r.IncidentID, "unreachable", line})
			if at >= 0 {
				rungs[at] = *r
			}
			continue
		}
		kind := notice.Opened
		if slices.ContainsFunc(rungs, func(x Rung) bool { return x.NoticeID != nil && x.Mail == r.Mail && x.Position < r.Position }) {
			kind = notice.Repeated
		}
		a.said[r.IncidentID]++
		f := facts{kind: kind, number: a.said[r.IncidentID], place: a.places[r.TenantID], incident: a.incidents[r.IncidentID], now: tx.Now, to: *r,
			ack: a.acks[r.IncidentID], others: others(rungs, *r)}
		m, err := write(f)
		if err != nil {
			return nil, nil, err
		}
		m.Dedup = fmt.Sprintf("rung:%d", r.ID)
		messages = append(messages, m)
		line.Number = f.number
		course = append(course, happening{r.TenantID, r.IncidentID, "told", line})
		if at >= 0 { // for the letters that follow, this person has been told
			pending := int64(0)
			rungs[at] = *r
			rungs[at].NoticeID = &pending
		}
	}
	return messages, course, nil
}

// others is whom a letter names besides its reader: each person once, as they stand latest.
func others(rungs []Rung, to Rung) []Rung {
	var out []Rung
	for _, r := range rungs {
		if r.Mail == to.Mail && r.Name == to.Name {
			continue
		}
		if i := slices.IndexFunc(out, func(x Rung) bool { return x.Mail == r.Mail && x.Name == r.Name }); i < 0 {
			out = append(out, r)
		} else if r.State == RungFired {
			out[i] = r
		}
	}
	return out
}

// fire marks rungs as told, in the order in which their notices were queued, and puts the notices into the course.
func fire(tx *tenants.Tx, due []Rung, notices []int64, course []happening) error {
	var towns, ids []int64
	var messages []*int64
	next := 0
	for i := range due {
		towns, ids = append(towns, due[i].TenantID), append(ids, due[i].ID)
		if due[i].Mail == "" {
			messages = append(messages, nil)
			continue
		}
		id := notices[next]
		next++
		due[i].NoticeID = &id
		messages = append(messages, &id)
		course[i].detail.Notice = id
	}
	err := tx.DB.Exec(`UPDATE rung r SET state = 'fired', fired_at = CAST(@now AS timestamptz), notice_id = x.notice
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@notices AS bigint[])) x (town, id, notice)
		WHERE r.tenant_id = x.town AND r.id = x.id`,
		map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids, "notices": &messages}).Error
	if err != nil {
		return fmt.Errorf("mark %d rungs: %w", len(due), err)
	}
	return nil
}

// goOn keeps ladders moving: behind a rung that could not be told the next is due now, and behind the last one the last
// who can be told follows again.
func goOn(tx *tenants.Tx, fired []Rung) error {
	var skipTowns, skipped []int64
	for _, r := range fired {
		if r.NoticeID == nil {
			skipTowns, skipped = append(skipTowns, r.TenantID), append(skipped, r.IncidentID)
		}
	}
	if len(skipped) > 0 {
		err := tx.DB.Exec(`UPDATE rung r SET due_at = least(r.due_at, CAST(@now AS timestamptz))
			FROM (SELECT DISTINCT * FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) u (town, incident)) x
			CROSS JOIN LATERAL (SELECT min(p.position) FILTER (WHERE p.state = 'pending') AS position FROM rung p
				WHERE p.tenant_id = x.town AND p.incident_id = x.incident) n
			WHERE r.tenant_id = x.town AND r.incident_id = x.incident AND r.position = n.position`,
			map[string]any{"now": tx.Now, "towns": &skipTowns, "ids": &skipped}).Error
		if err != nil {
			return fmt.Errorf("go on behind unreachable rungs: %w", err)
		}
	}
	towns, incidents := of(fired)
	newest := make(map[int64]int64, len(incidents)) // the last fired rung of each, whose person follows again
	for _, r := range fired {
		newest[r.IncidentID] = r.ID
	}
	last := make([]int64, len(incidents))
	for i, id := range incidents {
		last[i] = newest[id]
	}
	// Whether anybody is left is counted over the incident's own rungs: as a NOT EXISTS over pending ones it would go
	// through the index of everything pending, once an incident.
	err := tx.DB.Exec(`INSERT INTO rung (tenant_id, incident_id, position, contact_id, post, name, mail, phone, hours, after_minutes, due_at, state)
		SELECT i.tenant_id, i.id, m.top + 1,
			l.contact_id, l.post, l.name, l.mail, l.phone, l.hours,
			least(floor(extract(epoch FROM CAST(@now AS timestamptz) - i.opened_at) / 60) + i.repeat_minutes, 2147483647),
			CAST(@now AS timestamptz) + make_interval(mins => i.repeat_minutes), 'pending'
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@last AS bigint[])) x (town, id, last)
		JOIN incident i ON i.tenant_id = x.town AND i.id = x.id
		CROSS JOIN LATERAL (SELECT max(position) AS top, bool_or(state = 'pending') AS waiting FROM rung c
			WHERE c.tenant_id = x.town AND c.incident_id = x.id) m
		CROSS JOIN LATERAL (SELECT c.* FROM rung c WHERE c.tenant_id = x.town AND c.incident_id = x.id AND (c.mail <> '' OR c.id = x.last)
			ORDER BY (c.mail <> '') DESC, (c.id = x.last) DESC, c.position DESC LIMIT 1) l
		WHERE NOT m.waiting`,
		map[string]any{"now": tx.Now, "towns": &towns, "ids": &incidents, "last": &last}).Error
	if err != nil {
		return fmt.Errorf("repeat the last rungs: %w", err)
	}
	return nil
}
