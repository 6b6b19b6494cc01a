package proposal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// KindNobody is what the audit reports: an act waits for a second person and there are not two who may do it, by which nothing
// can be changed any more.
const KindNobody = "proposal.nobody"

var _ = tenants.Sentences(map[string][2]string{
	KindNobody: {"照合できる人が足りない操作が{n}件あります。職を加えるか、照合の設定を外してください{more}",
		"{n} acts wait for a second person, and there are not two who may do them: give a post, or ask for nobody{more}"},

	"retention.series.proposal": {"照合の記録", "Changes confirmed by a second person"},
	"retention.basis.proposal":  {"住基ネット規程第17条第2項に合わせ、操作履歴と同じく7年以上", "As the operation history, seven years at least"},
	"retention.kind.proposal":   {"照合待ちの変更", "changes that waited for a second person"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindNobody: {"照合できる人の不足{n}件", "{n} acts nobody can confirm"},
})

var actNames = map[tenants.Act][2]string{tenants.WriteTown: {"団体の変更", "towns"}, tenants.WriteContact: {"連絡先の変更", "contacts"},
	tenants.WritePlan: {"計画・保管先の変更", "plans and stores"}, tenants.WritePeople: {"利用者の変更", "people"}, tenants.WriteServer: {"サーバの変更", "servers"},
	tenants.WriteCalendar: {"閉庁日の変更", "closed days"}}

// two is how many persons must be able to do what waits for a second one: whoever asks, and whoever confirms.
const two = 2

// Short is an act of a town that waits for a second person, which so few may do.
type Short struct {
	Town   int64
	Name   string // the town's
	Act    tenants.Act
	People int
}

// short finds them as of a day (in each organisation's zone: 0 days ahead of @now). A post at the host reaches the whole
// consortium or the towns of its scope, one of town staff its own; who is disabled, and a machine, confirms nothing.
const short = `
WITH asked AS (SELECT s.tenant_id AS town, s.act, t.consortium_id, t.name FROM second_person s JOIN tenant t ON t.id = s.tenant_id WHERE @everywhere OR s.tenant_id = ANY (CAST(@towns AS bigint[]))),
may AS (SELECT x.act, x.kind FROM jsonb_to_recordset(CAST(@may AS jsonb)) AS x(act text, kind text)),
held AS (
	SELECT p.id, o.kind, o.acts, o.towns, h.id AS at, h.consortium_id FROM post o
	JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id AND p.disabled_at IS NULL AND NOT p.machine
	JOIN tenant h ON h.id = coalesce(o.held_at, o.tenant_id) AND h.consortium_id IN (SELECT a.consortium_id FROM asked a)
	CROSS JOIN LATERAL (SELECT greatest((CAST(@now AS timestamptz) AT TIME ZONE h.zone)::date, CAST(@on AS date)) AS day) d
	WHERE o.withdrawn_at IS NULL AND o.from_on <= d.day AND (o.until_on IS NULL OR o.until_on >= d.day) AND (h.kind = 'host' OR o.kind = 'town')),
able AS (
	SELECT a.town, a.act, x.id FROM asked a JOIN held x ON x.kind = 'town' AND x.at = a.town JOIN may m ON m.act = a.act AND m.kind = x.kind
	WHERE x.acts = '{}' OR a.act = ANY (x.acts)
	UNION
	SELECT a.town, a.act, x.id FROM asked a JOIN held x ON x.kind <> 'town' AND x.consortium_id = a.consortium_id JOIN may m ON m.act = a.act AND m.kind = x.kind
	WHERE (x.acts = '{}' OR a.act = ANY (x.acts)) AND (x.towns = '{}' OR a.town = ANY (x.towns)))
SELECT a.town, a.name, a.act, count(b.id) AS people FROM asked a LEFT JOIN able b ON b.town = a.town AND b.act = a.act
GROUP BY a.town, a.name, a.act HAVING count(b.id) < @two ORDER BY a.town, a.act`

// shortOf looks at the towns, or without one everywhere the actor's role reaches, as of the day or today, whichever is later.
func shortOf(tx *tenants.Tx, on calendar.Date, towns []int64) ([]Short, error) {
	type pair struct {
		Act  tenants.Act  `json:"act"`
		Kind tenants.Post `json:"kind"`
	}
	var pairs []pair
	for _, act := range Acts {
		for _, kind := range tenants.PostsFor(act) {
			pairs = append(pairs, pair{act, kind})
		}
	}
	b, err := json.Marshal(pairs)
	if err != nil {
		return nil, fmt.Errorf("look for second persons: %w", err)
	}
	if on.IsZero() {
		on = calendar.DateOf(tx.Now.AddDate(0, 0, -1), time.UTC) // today, whatever the zone
	}
	var found []Short
	err = tx.DB.Raw(short, map[string]any{"everywhere": towns == nil, "towns": &towns, "may": string(b), "now": tx.Now, "on": on, "two": two}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("look for second persons: %w", err)
	}
	return found, nil
}

// Audit tells in which towns an act waits for a second person whom there is not, however that came about. Jobs only.
func Audit(_ context.Context, tx *tenants.Tx) ([]tenants.Breach, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	found, err := shortOf(tx, calendar.Date{}, nil)
	if err != nil {
		return nil, err
	}
	var out []tenants.Breach
	for _, s := range found {
		if n := len(out); n > 0 && out[n-1].TenantID == s.Town {
			out[n-1].Count++
			continue
		}
		out = append(out, tenants.Breach{TenantID: s.Town, Kind: KindNobody, Count: 1, Since: tx.Now, Setting: true})
	}
	return out, nil
}

// Spare tells before it happens that an act would leave fewer than two who may confirm something: people that are disabled, posts
// and offices that end. It is asked after the act, within its transaction, and refuses it; whoever means it says so (anyway).
func Spare(_ context.Context, tx *tenants.Tx, lines []tenants.Line) error {
	var on calendar.Date
	takes := false
	for _, l := range lines {
		if l.Act != tenants.WritePeople {
			continue
		}
		switch l.Object {
		case "person", "office_post":
			takes = takes || l.Before != nil
		case "post":
			takes = true
			if last, ok := l.After.(calendar.Date); ok && on.Before(last.AddDays(1)) {
				on = last.AddDays(1)
			}
		case "office":
			if after, ok := l.After.(map[string]any); ok {
				if from, ok := after["from_on"].(calendar.Date); ok {
					takes = true
					if on.Before(from) {
						on = from
					}
				}
			}
		}
	}
	if !takes {
		return nil
	}
	found, err := shortOf(tx, on, nil) // all that the role sees
	if err != nil || len(found) == 0 {
		return err
	}
	ja, en := namedShort(found)
	return &tenants.Fault{Kind: tenants.KindConflict, Owed: tenants.OwesAnyway,
		Ja: "このまま行うと、照合できる人が足りなくなり、変更できなくなります（" + ja + "）。先に職を加えるか、照合の設定を外してください。",
		En: "This would leave too few to confirm: " + en + ". Give somebody a post first, or ask for no second person."}
}

// namedShort names at most five.
func namedShort(found []Short) (ja, en string) {
	var jas, ens []string
	for _, s := range found[:min(len(found), 5)] {
		jas = append(jas, fmt.Sprintf("%s：%s %d人", s.Name, actNames[s.Act][0], s.People))
		ens = append(ens, fmt.Sprintf("%s: %s %d", s.Name, actNames[s.Act][1], s.People))
	}
	if rest := len(found) - len(jas); rest > 0 {
		jas, ens = append(jas, fmt.Sprintf("ほか%d件", rest)), append(ens, fmt.Sprintf("%d more", rest))
	}
	return strings.Join(jas, "、"), strings.Join(ens, ", ")
}

// checkEnough refuses to ask for a second person where there are not two who may do the act.
func checkEnough(tx *tenants.Tx, town int64, added []tenants.Act) error {
	if len(added) == 0 {
		return nil
	}
	found, err := shortOf(tx, calendar.Date{}, []int64{town})
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(s Short) bool { return !slices.Contains(added, s.Act) })
	if len(found) == 0 {
		return nil
	}
	ja, en := namedShort(found)
	var v tenants.Invalid
	v.Add("acts", "照合を求めるには、その操作ができる人が2人以上要ります（"+ja+"）。先に職を加えてください。",
		"There must be two who may do it: "+en+". Give somebody a post first.")
	return v.Err()
}

// Lift asks for no second person any more where fewer than two are left who may do the act: nobody could lift it otherwise. It
// goes with access restored by the management password.
func Lift(_ context.Context, tx *tenants.Tx) ([]Short, error) {
	towns, err := tx.Reach(tenants.WriteTown)
	if err != nil {
		return nil, err
	}
	found, err := shortOf(tx, calendar.Date{}, towns)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var lines []tenants.Line
	for _, s := range found {
		if err := tx.DB.Exec(`DELETE FROM second_person WHERE tenant_id = ? AND act = ?`, s.Town, s.Act).Error; err != nil {
			return nil, fmt.Errorf("ask for no second person in town %d: %w", s.Town, err)
		}
		lines = append(lines, tenants.Line{Town: s.Town, Act: tenants.WriteTown, Object: settingObject, ObjectID: s.Town, Before: []tenants.Act{s.Act}, After: []tenants.Act{}})
	}
	return found, tx.Record(lines...)
}
