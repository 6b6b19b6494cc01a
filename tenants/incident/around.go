package incident

import (
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

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
	err := tx.DB.Raw(`SELECT `+incidentColumns+`, (SELECT count(DISTINCT r.notice_id) FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id) AS said`+
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
	if err := corrected(tx, acks); err != nil {
		return a, err
	}
	for i := range acks {
		a.acks[acks[i].IncidentID] = &acks[i]
	}
	a.places, err = placesOf(tx, towns)
	return a, err
}

// kindFor is the kind of letter for a rung: the first to its address, or one more.
func (a around) kindFor(r Rung) string {
	for _, x := range a.rungs[r.IncidentID] {
		if x.NoticeID != nil && x.Mail == r.Mail && x.Position < r.Position {
			return notice.Repeated
		}
	}
	return notice.Opened
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
