package history

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tanamori/tenants"
)

// columns of a line. The address of the host's staff is not a town's to know; that of its own people is.
const columns = `l.tenant_id, l.id, l.at, coalesce(l.actor_id, 0) AS actor_id, l.actor, l.post, l.act, l.object, coalesce(l.object_id, 0) AS object_id,
	l.before::text AS before, l.after::text AS after, l.request_id, CASE WHEN l.tenant_id = ANY (CAST(@whole AS bigint[])) OR l.post IN ('town', 'link') THEN l.remote ELSE '' END AS remote`

// mostPlaces is in how many places of the index a search by person looks at most. A name that stands in more is so common
// that the newest lines have it.
const mostPlaces = 2000

// glance is how many of the newest lines of very many towns are looked through before each town's own index is: what is
// frequent stands among them, and looking into each town for a page of it would read a page for each.
const glance = 5000

// List gives lines of the towns that the actor may read, the newest first.
func List(_ context.Context, tx *tenants.Tx, s Search) ([]Line, error) {
	towns, err := within(tx, s)
	if err != nil {
		return nil, err
	}
	args := s.args(tx, towns)
	all, err := statements(tx, s, towns, args)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, rows := range all { // the last gives what there is; one before it serves where it fills the page
		lines = nil
		if err := tx.DB.Raw(rows, args).Scan(&lines).Error; err != nil {
			return nil, fmt.Errorf("search the operation log: %w", err)
		}
		if len(lines) == s.Limit {
			break
		}
	}
	return lines, nil
}

// within is in which towns to search.
func within(tx *tenants.Tx, s Search) ([]int64, error) {
	if s.Town != 0 {
		return []int64{s.Town}, tx.Permit(tenants.ReadTownLog, s.Town)
	}
	return tx.Reach(tenants.ReadTownLog)
}

func (s Search) args(tx *tenants.Tx, towns []int64) map[string]any {
	whole := tx.Actor.Reach(tenants.ReadLog) // where one post allows more than another
	return map[string]any{"towns": &towns, "whole": &whole, "person": s.Person, "who": strings.TrimSpace(s.Who), "post": s.Post,
		"act": s.Act, "object": s.Object, "object_id": s.ObjectID, "request": s.Request, "from": s.From, "to": s.To, "after_at": s.After.At,
		"after": s.After.ID, "limit": s.Limit}
}

// span is the stretch of time that a search is about: its days, and what the pages before have shown.
func (s Search) span() string {
	return Search{From: s.From, To: s.To, After: s.After}.conditions()
}

// conditions are what the search asks of a line, but for the town and the person.
func (s Search) conditions() string {
	var b strings.Builder
	for _, c := range []struct {
		asked bool
		text  string
	}{
		{s.Post != "", ` AND l.post = @post`},
		{s.Act != "", ` AND l.act = @act`},
		{s.Object != "", ` AND l.object = @object`},
		{s.ObjectID != 0, ` AND l.object_id = @object_id`},
		{s.Request != "", ` AND l.request_id = @request`},
		{!s.From.IsZero(), ` AND l.at >= @from`},
		{!s.To.IsZero(), ` AND l.at < @to`},
		{s.After.ID != 0, ` AND (l.at, l.id) < (@after_at, @after)`},
	} {
		if c.asked {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

const newestFirst = ` ORDER BY l.at DESC, l.id DESC LIMIT @limit`

// statements are the SELECTs of a search, the cheaper first; none where nobody of that name stands in the log. Each reads
// what it gives from where an index has it. The index is chosen here and not by what the planner believes of the
// values.
func statements(tx *tenants.Tx, s Search, towns []int64, args map[string]any) ([]string, error) {
	lines := `SELECT ` + columns + ` FROM operation_log l WHERE true` + s.conditions()
	ours := ` AND l.tenant_id = ANY (CAST(@towns AS bigint[]))`
	few := func(found string) []string {
		return []string{`WITH l AS MATERIALIZED (SELECT * FROM operation_log l WHERE ` + found + ours + `)
			SELECT ` + columns + ` FROM l WHERE true` + s.person() + s.conditions() + newestFirst}
	}
	glanced := `SELECT ` + columns + ` FROM (SELECT * FROM operation_log l WHERE true` + ours + s.span() + ` ORDER BY l.at DESC, l.id DESC LIMIT ` + strconv.Itoa(glance) +
		`) l WHERE true` + s.person() + s.conditions() + newestFirst
	switch {
	case s.Request != "":
		return few(`l.request_id = @request`), nil
	case s.ObjectID != 0:
		return few(`l.object_id = @object_id`), nil
	case s.Person != 0 || strings.TrimSpace(s.Who) != "":
		places, err := placesOf(tx, args)
		if err != nil || len(places.Towns) == 0 {
			return nil, err
		}
		if len(places.Towns) > mostPlaces {
			return []string{glanced, lines + ours + s.person() + newestFirst}, nil
		}
		args["in"], args["actors"] = &places.Towns, &places.Actors
		person := ``
		if s.Person != 0 { // two may have borne one name
			person = ` AND l.actor_id = @person`
		}
		each := newest(`unnest(CAST(@in AS bigint[]), CAST(@actors AS text[])) place (town, actor)`,
			lines+` AND l.tenant_id = place.town AND l.actor = place.actor`+person)
		if len(places.Towns) < tenants.ManyTowns {
			return []string{each}, nil
		}
		return []string{glanced, each}, nil
	case len(towns) < tenants.ManyTowns:
		return []string{newest(eachTown, lines+` AND l.tenant_id = place.town`)}, nil
	case s.Act != "" || s.Object != "":
		return []string{glanced, newest(eachTown, lines+` AND l.tenant_id = place.town`)}, nil
	}
	return []string{lines + ours + newestFirst}, nil
}

const eachTown = `unnest(CAST(@towns AS bigint[])) place (town)`

// newest takes the newest of each place and of these the newest.
func newest(places, lines string) string {
	return `SELECT l.* FROM ` + places + ` CROSS JOIN LATERAL (` + lines + newestFirst + `) l` + newestFirst
}

// named is the condition on who stands in a log.
const named = `(CAST(@person AS bigint) = 0 OR a.actor_id = @person) AND a.search LIKE '%' || replace(replace(replace(tanamori_search_key(@who), '\', '\\'), '%', '\%'), '_', '\_') || '%'`

// person is the condition on who acted, where the lines are found otherwise.
func (s Search) person() (where string) {
	if s.Person != 0 || strings.TrimSpace(s.Who) != "" {
		where = ` AND (l.tenant_id, l.actor) IN (SELECT a.tenant_id, a.actor FROM log_actor a WHERE a.tenant_id = ANY (CAST(@towns AS bigint[])) AND ` + named + `)`
	}
	if s.Person != 0 {
		where += ` AND l.actor_id = @person`
	}
	return where
}

// places are a person's in the logs: each town with each name.
type places struct {
	Towns  []int64
	Actors []string
}

func placesOf(tx *tenants.Tx, args map[string]any) (places, error) {
	var rows []struct {
		TenantID int64
		Actor    string
	}
	args["most"] = mostPlaces + 1
	err := tx.DB.Raw(`SELECT DISTINCT a.tenant_id, a.actor FROM log_actor a WHERE a.tenant_id = ANY (CAST(@towns AS bigint[])) AND `+named+` LIMIT @most`, args).Scan(&rows).Error
	if err != nil {
		return places{}, fmt.Errorf("find who is meant in the operation log: %w", err)
	}
	var p places
	for _, r := range rows {
		p.Towns, p.Actors = append(p.Towns, r.TenantID), append(p.Actors, r.Actor)
	}
	return p, nil
}
