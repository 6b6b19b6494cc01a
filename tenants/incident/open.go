package incident

import (
	"context"
	"encoding/json"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// OpenInput is something wrong in a town.
type OpenInput struct {
	Town     int64
	Cause    string // one open incident for each within the town
	About    string
	AboutID  int64
	Subject  string // what it concerns, as people say it: 戸籍正 バックアップ
	Night    *calendar.Date
	Severity string
	Reason   tenants.Reason
	LadderID int64 // 0: the town's first one
}

// Opened is the incident of an input. New is false where it was open already.
type Opened struct {
	ID  int64
	New bool
}

type cause struct {
	town int64
	text string
}

// OpenMany opens incidents, and gives for each input its own in order; however many there are, the number of statements
// stays the same. A cause that is open already gets no second incident, but a line in its course where the reason or the
// night is another one. A new one gets its ladder: the town's contacts as they stand now.
func OpenMany(ctx context.Context, tx *tenants.Tx, inputs []OpenInput) ([]Opened, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	towns := make([]int64, 0, len(inputs))
	rest := make([]int, 0, len(inputs)) // inputs without an incident yet
	seen := make(map[cause]bool, len(inputs))
	for i, in := range inputs {
		towns = append(towns, in.Town)
		if key := (cause{in.Town, in.Cause}); !seen[key] { // the first of several inputs of one cause speaks for all
			seen[key] = true
			rest = append(rest, i)
		}
	}
	if err := within(tx, towns...); err != nil {
		return nil, err
	}
	ladders, err := laddersOf(tx, towns)
	if err != nil {
		return nil, err
	}
	found := make(map[cause]Opened, len(inputs))
	var fresh []freshIncident
	// A cause can be resolved by somebody else between our insert, which it stopped, and our look for it. Then it is
	// opened after all; this ends, because what we have seen we have locked.
	for round := 0; len(rest) > 0; round++ {
		if round == 10 {
			return nil, fmt.Errorf("open incidents: %d causes open and close faster than they can be opened", len(rest))
		}
		made, err := insertIncidents(tx, inputs, rest, ladders)
		if err != nil {
			return nil, err
		}
		var standing []int
		for _, i := range rest {
			key := cause{inputs[i].Town, inputs[i].Cause}
			if id, ok := made[key]; ok {
				found[key] = Opened{ID: id, New: true}
				fresh = append(fresh, freshIncident{town: key.town, id: id, steps: ladders.of(inputs[i]), detail: inputs[i].detail()})
			} else {
				standing = append(standing, i)
			}
		}
		if rest, err = worsen(tx, inputs, standing, found); err != nil {
			return nil, err
		}
	}
	if err := raise(ctx, tx, fresh); err != nil {
		return nil, err
	}
	opened := make([]Opened, len(inputs))
	for i, in := range inputs {
		opened[i] = found[cause{in.Town, in.Cause}]
	}
	return opened, wake(tx, towns)
}

func (in OpenInput) detail() Detail {
	d := Detail{Reason: &in.Reason, Severity: in.Severity}
	if in.Night != nil {
		d.Night = in.Night.String()
	}
	return d
}

// The rows go in by (town, cause), so that two transactions opening the same causes wait for each other in one order.
const insertSQL = `
INSERT INTO incident (tenant_id, cause, about, about_id, subject, night, severity, reason_code, reason_params, state, opened_at, repeat_minutes)
SELECT town, cause, about, about_id, subject, CAST(night AS date), severity, code, CAST(params AS jsonb), 'open', CAST(@now AS timestamptz), repeat
FROM unnest(CAST(@towns AS bigint[]), CAST(@causes AS text[]), CAST(@abouts AS text[]), CAST(@about_ids AS bigint[]), CAST(@subjects AS text[]),
	CAST(@nights AS text[]), CAST(@severities AS text[]), CAST(@codes AS text[]), CAST(@params AS text[]), CAST(@repeats AS integer[]))
	AS x (town, cause, about, about_id, subject, night, severity, code, params, repeat)
ORDER BY town, cause
ON CONFLICT (tenant_id, cause) WHERE state <> 'resolved' DO NOTHING
RETURNING tenant_id, id, cause`

func insertIncidents(tx *tenants.Tx, inputs []OpenInput, which []int, ladders townLadders) (map[cause]int64, error) {
	var towns, aboutIDs []int64
	var causes, abouts, subjects, severities, codes, params []string
	var nights []*string
	var repeats []int32
	for _, i := range which {
		in := inputs[i]
		b, err := json.Marshal(orEmpty(in.Reason.Params))
		if err != nil {
			return nil, fmt.Errorf("open incident %q: %w", in.Cause, err)
		}
		var night *string
		if in.Night != nil {
			s := in.Night.String()
			night = &s
		}
		towns, aboutIDs, nights = append(towns, in.Town), append(aboutIDs, in.AboutID), append(nights, night)
		causes, abouts, subjects = append(causes, in.Cause), append(abouts, in.About), append(subjects, in.Subject)
		severities, codes, params = append(severities, in.Severity), append(codes, in.Reason.Code), append(params, string(b))
		repeats = append(repeats, int32(ladders.of(in).repeat))
	}
	var rows []struct {
		TenantID, ID int64
		Cause        string
	}
	err := tx.DB.Raw(insertSQL, map[string]any{"now": tx.Now, "towns": &towns, "causes": &causes, "abouts": &abouts, "about_ids": &aboutIDs,
		"subjects": &subjects, "nights": &nights, "severities": &severities, "codes": &codes, "params": &params, "repeats": &repeats}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("open %d incidents: %w", len(which), err)
	}
	made := make(map[cause]int64, len(rows))
	for _, r := range rows {
		made[cause{r.TenantID, r.Cause}] = r.ID
	}
	return made, nil
}

func orEmpty(p tenants.Params) tenants.Params {
	if p == nil {
		return tenants.Params{}
	}
	return p
}

// worsen finds the incidents that stand already, notes in their course what has changed, and gives back the inputs for
// which there is none any more.
func worsen(tx *tenants.Tx, inputs []OpenInput, which []int, found map[cause]Opened) (gone []int, err error) {
	if len(which) == 0 {
		return nil, nil
	}
	var towns []int64
	var causes []string
	for _, i := range which {
		towns, causes = append(towns, inputs[i].Town), append(causes, inputs[i].Cause)
	}
	var standing []Incident
	err = tx.DB.Raw(`SELECT `+incidentColumns+` FROM unnest(CAST(@towns AS bigint[]), CAST(@causes AS text[])) x (town, cause)
		JOIN incident i ON i.tenant_id = x.town AND i.cause = x.cause AND i.state <> 'resolved'
		ORDER BY i.tenant_id, i.id FOR NO KEY UPDATE OF i`, map[string]any{"towns": &towns, "causes": &causes}).Scan(&standing).Error
	if err != nil {
		return nil, fmt.Errorf("find %d open incidents: %w", len(which), err)
	}
	byCause := make(map[cause]Incident, len(standing))
	for _, s := range standing {
		byCause[cause{s.TenantID, s.Cause}] = s
	}
	var changedTowns, changedIDs []int64
	var codes, params, nights []string
	var course []happening
	for _, i := range which {
		in := inputs[i]
		s, there := byCause[cause{in.Town, in.Cause}]
		if !there {
			gone = append(gone, i)
			continue
		}
		found[cause{in.Town, in.Cause}] = Opened{ID: s.ID}
		another := in.Night != nil && (s.Night == nil || in.Night.After(*s.Night))
		if s.Reason.Code == in.Reason.Code && !another {
			continue
		}
		b, err := json.Marshal(orEmpty(in.Reason.Params))
		if err != nil {
			return nil, fmt.Errorf("worsen incident %d: %w", s.ID, err)
		}
		changedTowns, changedIDs = append(changedTowns, s.TenantID), append(changedIDs, s.ID)
		codes, params, nights = append(codes, in.Reason.Code), append(params, string(b)), append(nights, in.detail().Night)
		course = append(course, happening{s.TenantID, s.ID, "worsened", in.detail()})
	}
	if len(changedIDs) == 0 {
		return gone, nil
	}
	err = tx.DB.Exec(`UPDATE incident i SET reason_code = x.code, reason_params = CAST(x.params AS jsonb),
			night = greatest(i.night, CAST(NULLIF(x.night, '') AS date))
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[]), CAST(@codes AS text[]), CAST(@params AS text[]), CAST(@nights AS text[]))
			x (town, id, code, params, night) WHERE i.tenant_id = x.town AND i.id = x.id`,
		map[string]any{"towns": &changedTowns, "ids": &changedIDs, "codes": &codes, "params": &params, "nights": &nights}).Error
	if err != nil {
		return nil, fmt.Errorf("worsen %d incidents: %w", len(changedIDs), err)
	}
	return gone, record(tx, course)
}
