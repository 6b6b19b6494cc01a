package people

import (
	"encoding/json"
	"slices"
	"time"

	"tanamori/tenants"
)

// The posts of today come with their scopes; the consortium's towns only where a post at the host reaches them.
const loadSQL = `
SELECT t.consortium_id, p.name, p.lang, p.machine, p.password_hash, p.disabled_at IS NOT NULL AS disabled,
	coalesce(t.left_on <= (CAST(@now AS timestamptz) AT TIME ZONE t.zone)::date, false) AS has_left,
	coalesce(o.posts, '[]')::text AS posts,
	CASE WHEN o.host THEN (SELECT string_agg(c.id::text, ',' ORDER BY c.kind, c.code) FROM tenant c WHERE c.consortium_id = t.consortium_id) ELSE '' END AS towns
FROM person p JOIN tenant t ON t.id = p.tenant_id
CROSS JOIN LATERAL (
	SELECT jsonb_agg(jsonb_build_object('kind', o.kind, 'title', o.title, 'at', h.id, 'acts', o.acts, 'towns', o.towns) ORDER BY r.rank, o.id) AS posts,
		coalesce(bool_or(o.kind <> 'town'), false) AS host
	FROM post o JOIN tenant h ON h.id = coalesce(o.held_at, o.tenant_id) AND h.consortium_id = t.consortium_id
	JOIN unnest(ARRAY['host_admin', 'operator', 'facility', 'auditor', 'town']) WITH ORDINALITY r(kind, rank) ON r.kind = o.kind
	CROSS JOIN LATERAL (SELECT (CAST(@now AS timestamptz) AT TIME ZONE h.zone)::date AS today) d
	WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id AND o.withdrawn_at IS NULL AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today)
		AND NOT coalesce(h.left_on <= d.today, false) AND (h.kind = 'host' OR o.kind = 'town')) o
WHERE p.tenant_id = @town AND p.id = @person`

type loaded struct {
	ConsortiumID      int64
	Name, Lang        string
	Machine           bool
	PasswordHash      string
	Disabled, HasLeft bool
	Posts, Towns      string
}

type loadedPost struct {
	Kind  tenants.Post  `json:"kind"`
	Title string        `json:"title"`
	At    int64         `json:"at"`
	Acts  []tenants.Act `json:"acts"`
	Towns []int64       `json:"towns"`
}

// give fills in what the posts give. Where every one of them allows all that its kind does in all the towns there are,
// nothing needs to be said of each.
func (p loaded) give(a *tenants.Actor) error {
	var posts []loadedPost
	if err := json.Unmarshal([]byte(p.Posts), &posts); err != nil {
		return err
	}
	all, err := idsOf(p.Towns)
	if err != nil {
		return err
	}
	reached, same := map[int64]struct{}{}, true
	var reaches []int
	for _, o := range posts {
		g := tenants.Grant{Post: o.Kind, Scope: tenants.Scope{Acts: o.Acts, Towns: []int64{o.At}}}
		if o.Kind != tenants.Town {
			g.Towns = all
			if len(o.Towns) > 0 {
				g.Towns = slices.DeleteFunc(slices.Clone(all), func(t int64) bool { return !slices.Contains(o.Towns, t) })
			}
		}
		if len(g.Acts) == 0 {
			g.Acts = nil
		}
		if len(g.Towns) == 0 {
			continue // of towns that are no longer there
		}
		if a.Title == "" {
			a.Title = o.Title
		}
		if !slices.Contains(a.Posts, o.Kind) {
			a.Posts = append(a.Posts, o.Kind)
		}
		for _, t := range g.Towns {
			reached[t] = struct{}{}
		}
		same = same && len(g.Acts) == 0 && len(o.Towns) == 0
		reaches = append(reaches, len(g.Towns))
		if o.Kind != tenants.Town && len(o.Towns) == 0 {
			g.Towns = nil // the whole consortium, and whoever joins it
		}
		a.Grants = append(a.Grants, g)
	}
	if len(a.Grants) == 0 {
		return nil
	}
	_, atHome := reached[a.TenantID]
	same = same && atHome && !slices.ContainsFunc(reaches, func(n int) bool { return n != len(reached) })
	reached[a.TenantID] = struct{}{} // its own rows are theirs to write (atHome), whatever they may read there
	if len(all) > 0 {
		a.Towns = slices.DeleteFunc(slices.Clone(all), func(t int64) bool { _, ok := reached[t]; return !ok })
	} else {
		for t := range reached {
			a.Towns = append(a.Towns, t)
		}
		slices.Sort(a.Towns)
	}
	if same {
		a.Grants = nil
	}
	return nil
}

// zoneOf is a town's time zone; one that this program does not know is that of the country.
func zoneOf(name string) *time.Location {
	for _, n := range []string{name, "Asia/Tokyo"} {
		if loc, err := time.LoadLocation(n); err == nil {
			return loc
		}
	}
	return time.UTC
}
