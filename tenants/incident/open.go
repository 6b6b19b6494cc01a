package incident

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

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

// townLadders are the ladders of some towns, the first of each under id 0 too.
type townLadders map[[2]int64]steps

func (l townLadders) of(in OpenInput) steps {
	if s, ok := l[[2]int64{in.Town, in.LadderID}]; ok {
		return s
	}
	if s, ok := l[[2]int64{in.Town, 0}]; ok {
		return s
	}
	return fallback
}

func laddersOf(tx *tenants.Tx, towns []int64) (townLadders, error) {
	var rows []struct {
		TenantID, ID  int64
		Delays        string
		RepeatMinutes int
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, array_to_string(delays_minutes, ',') AS delays, repeat_minutes FROM ladder
		WHERE tenant_id = ANY (CAST(@towns AS bigint[])) ORDER BY tenant_id, id`, map[string]any{"towns": &towns}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read ladders: %w", err)
	}
	ladders := make(townLadders, 2*len(rows))
	for _, r := range rows {
		s := steps{repeat: r.RepeatMinutes}
		for _, text := range strings.Split(r.Delays, ",") {
			minutes, err := strconv.Atoi(text)
			if err != nil {
				return nil, fmt.Errorf("read ladder %d: %w", r.ID, err)
			}
			s.delays = append(s.delays, minutes)
		}
		ladders[[2]int64{r.TenantID, r.ID}] = s
		if _, have := ladders[[2]int64{r.TenantID, 0}]; !have {
			ladders[[2]int64{r.TenantID, 0}] = s
		}
	}
	return ladders, nil
}

// freshIncident needs its ladder. Kind empty means that it has just been opened.
type freshIncident struct {
	town, id int64
	steps    steps
	detail   Detail
	again    bool // it was opened earlier, when there was nobody to tell
}

// The contacts are read here rather than from their room: thousands of incidents take them in one statement, together
// with those of the host town, which stand in where a town has nobody.
const peopleSQL = `
SELECT t.id AS town, (c.tenant_id = t.id) AS own, c.id, c.post, c.name, c.mail, c.phone, c.hours
FROM tenant t JOIN tenant h ON h.consortium_id = t.consortium_id AND (h.id = t.id OR h.kind = 'host')
JOIN contact c ON c.tenant_id = h.id AND c.retired_at IS NULL
WHERE t.id = ANY (CAST(@towns AS bigint[])) ORDER BY t.id, own DESC, c.position, c.id`

// raise freezes the ladder of each incident and begins its course.
func raise(_ context.Context, tx *tenants.Tx, fresh []freshIncident) error {
	if len(fresh) == 0 {
		return nil
	}
	towns := make([]int64, len(fresh))
	for i, f := range fresh {
		towns[i] = f.town
	}
	var contacts []struct {
		Town                           int64
		Own                            bool
		ID                             int64
		Post, Name, Mail, Phone, Hours string
	}
	if err := tx.DB.Raw(peopleSQL, map[string]any{"towns": &towns}).Scan(&contacts).Error; err != nil {
		return fmt.Errorf("read whom to tell: %w", err)
	}
	own, host := make(map[int64][]person), make(map[int64][]person)
	for _, c := range contacts {
		p := person{&c.ID, c.Post, c.Name, c.Mail, c.Phone, c.Hours}
		if c.Own {
			own[c.Town] = append(own[c.Town], p)
		} else {
			host[c.Town] = append(host[c.Town], p)
		}
	}
	var rungs rungRows
	course := make([]happening, 0, len(fresh))
	for _, f := range fresh {
		if !f.again {
			course = append(course, happening{f.town, f.id, "opened", f.detail})
		}
		people := climb(own[f.town], host[f.town])
		if len(people) == 0 && !f.again {
			course = append(course, happening{f.town, f.id, "unreachable", Detail{Text: "no contacts"}})
		}
		for n, p := range people {
			after := f.steps.after(n)
			rungs.add(f.town, f.id, n+1, p, after, tx.Now.Add(time.Duration(after)*time.Minute))
		}
	}
	if err := rungs.insert(tx); err != nil {
		return err
	}
	return record(tx, course)
}

// rungRows are new pending rungs, column by column.
type rungRows struct {
	towns, incidents                    []int64
	contacts                            []*int64
	positions, afters                   []int32
	posts, names, mails, phones, hourss []string
	dues                                []time.Time
}

func (r *rungRows) add(town, incident int64, position int, p person, after int, due time.Time) {
	r.towns, r.incidents, r.contacts = append(r.towns, town), append(r.incidents, incident), append(r.contacts, p.contact)
	r.positions, r.afters, r.dues = append(r.positions, int32(position)), append(r.afters, int32(after)), append(r.dues, due)
	r.posts, r.names, r.mails = append(r.posts, p.post), append(r.names, p.name), append(r.mails, p.mail)
	r.phones, r.hourss = append(r.phones, p.phone), append(r.hourss, p.hours)
}

func (r *rungRows) insert(tx *tenants.Tx) error {
	if len(r.towns) == 0 {
		return nil
	}
	err := tx.DB.Exec(`INSERT INTO rung (tenant_id, incident_id, position, contact_id, post, name, mail, phone, hours, after_minutes, due_at, state)
		SELECT town, incident, position, contact, post, name, mail, phone, hours, after, due, 'pending'
		FROM unnest(CAST(@towns AS bigint[]), CAST(@incidents AS bigint[]), CAST(@positions AS integer[]), CAST(@contacts AS bigint[]),
			CAST(@posts AS text[]), CAST(@names AS text[]), CAST(@mails AS text[]), CAST(@phones AS text[]), CAST(@hours AS text[]),
			CAST(@afters AS integer[]), CAST(@dues AS timestamptz[]))
			x (town, incident, position, contact, post, name, mail, phone, hours, after, due)`,
		map[string]any{"towns": &r.towns, "incidents": &r.incidents, "positions": &r.positions, "contacts": &r.contacts, "posts": &r.posts,
			"names": &r.names, "mails": &r.mails, "phones": &r.phones, "hours": &r.hourss, "afters": &r.afters, "dues": &r.dues}).Error
	if err != nil {
		return fmt.Errorf("freeze %d rungs: %w", len(r.towns), err)
	}
	return nil
}

// Restring gives a ladder to open incidents that have none, because there was nobody to tell when they opened and there
// is somebody now. Jobs only; it gives how many it helped, at most limit.
func Restring(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var rows []struct{ TenantID, ID int64 }
	err := tx.DB.Raw(`SELECT i.tenant_id, i.id FROM incident i
		WHERE i.state = 'open' AND NOT EXISTS (SELECT FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id)
		AND EXISTS (SELECT FROM tenant t JOIN tenant h ON h.consortium_id = t.consortium_id AND (h.id = t.id OR h.kind = 'host')
			JOIN contact c ON c.tenant_id = h.id AND c.retired_at IS NULL WHERE t.id = i.tenant_id)
		LIMIT @limit FOR NO KEY UPDATE OF i SKIP LOCKED`, map[string]any{"limit": limit}).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("find incidents without a ladder: %w", err)
	}
	towns := make([]int64, len(rows))
	for i, r := range rows {
		towns[i] = r.TenantID
	}
	ladders, err := laddersOf(tx, towns)
	if err != nil {
		return 0, err
	}
	fresh := make([]freshIncident, len(rows))
	for i, r := range rows {
		fresh[i] = freshIncident{town: r.TenantID, id: r.ID, steps: ladders.of(OpenInput{Town: r.TenantID}), again: true}
	}
	if err := raise(ctx, tx, fresh); err != nil {
		return 0, err
	}
	return len(rows), wake(tx, towns)
}

// sentence is a reason as one sentence of Japanese, ended as one.
func sentence(r tenants.Reason) string {
	text := strings.TrimSpace(r.In("ja"))
	return strings.TrimSuffix(cmp.Or(text, r.Code), "。") + "。"
}
