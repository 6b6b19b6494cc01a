package incident

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
)

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
	var rows []bare
	err := tx.DB.Raw(`SELECT i.tenant_id, i.id FROM incident i
		WHERE i.state = 'open' AND NOT EXISTS (SELECT FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id)
		AND EXISTS (SELECT FROM tenant t JOIN tenant h ON h.consortium_id = t.consortium_id AND (h.id = t.id OR h.kind = 'host')
			JOIN contact c ON c.tenant_id = h.id AND c.retired_at IS NULL WHERE t.id = i.tenant_id)
		LIMIT @limit FOR NO KEY UPDATE OF i SKIP LOCKED`, map[string]any{"limit": limit}).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("find incidents without a ladder: %w", err)
	}
	return len(rows), restring(ctx, tx, rows)
}

// bare is an open incident without a single rung.
type bare struct{ TenantID, ID int64 }

func restring(ctx context.Context, tx *tenants.Tx, rows []bare) error {
	towns := make([]int64, len(rows))
	for i, r := range rows {
		towns[i] = r.TenantID
	}
	ladders, err := laddersOf(tx, towns)
	if err != nil {
		return err
	}
	fresh := make([]freshIncident, len(rows))
	for i, r := range rows {
		fresh[i] = freshIncident{town: r.TenantID, id: r.ID, steps: ladders.of(OpenInput{Town: r.TenantID}), again: true}
	}
	if err := raise(ctx, tx, fresh); err != nil {
		return err
	}
	return wake(tx, towns)
}
