package room

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// correctable is for how many days an entry may be corrected: until the yearly audit of the ledger.
const correctable = 400

// Who entered, and by which permission, is what findings follow from: that is set right by another entry and the
// administrator's look into it. What else was written down can be wrong.
var (
	_ = correction.Register(correction.Ledger{Table: "room_entry", Ja: "入室の記録", En: "entry", Recorded: "recorded_at", About: `t.name || '　' || t.org`,
		Read: tenants.ReadRoom, Act: tenants.EnterRoom, Days: correctable, Check: checkEntry,
		Fields: []correction.Field{
			{Name: "occurred_at", Ja: "入室", En: "In", Kind: correction.Time, Required: true},
			{Name: "purpose", Ja: "目的・作業内容", En: "Purpose", Kind: correction.Line, Longest: 200, Required: true},
			{Name: "badge", Only: `t.badge <> ''`, Ja: "名札", En: "Badge", Kind: correction.Line, Longest: 40},
			{Name: "carried", Ja: "搬入物", En: "Carried in", Kind: correction.Line, Longest: 200},
		}})
	_ = correction.Register(correction.Ledger{Table: "room_exit", Ja: "退室の記録", En: "exit", Recorded: "recorded_at",
		About: `(SELECT e.name || '　' || e.org FROM room_entry e WHERE e.tenant_id = t.tenant_id AND e.id = t.entry_id)`,
		Read:  tenants.ReadRoom, Act: tenants.EnterRoom, Days: correctable, Check: checkExit,
		Fields: []correction.Field{
			{Name: "left_at", Column: "t.occurred_at", Ja: "退室", En: "Out", Kind: correction.Time, Required: true},
			{Name: "left_carried", Column: "t.carried", Ja: "搬出物", En: "Carried out", Kind: correction.Line, Longest: 200},
		}})
	_ = correction.Register(correction.Ledger{Table: "room_lock", Ja: "施錠確認", En: "lock confirmation", Recorded: "recorded_at",
		About: `(SELECT a.name FROM area a WHERE a.tenant_id = t.tenant_id AND a.id = t.area_id)`, Read: tenants.ReadRoom, Act: tenants.EnterRoom, Days: correctable,
		Fields: []correction.Field{
			{Name: "occurred_at", Ja: "確認した日時", En: "When", Kind: correction.Time, Required: true},
			{Name: "found", Only: `t.undone <> '[]'`, Ja: "見つかったこと", En: "What was found", Kind: correction.Line, Longest: 200, Required: true},
		}})
)

func checkEntry(_ context.Context, tx *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	return ordered(tx, `WHERE e.tenant_id = @town AND e.id = @id`, r, v)
}

func checkExit(_ context.Context, tx *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	return ordered(tx, `WHERE e.tenant_id = @town AND x.id = @id`, r, v)
}

// ordered holds that nobody left before they came.
func ordered(tx *tenants.Tx, where string, r correction.Record, v *tenants.Invalid) error {
	e, err := entries(tx, entryQuery+where, map[string]any{"id": r.ID})
	if err != nil || len(e) == 0 {
		return err
	}
	now := correction.History{{Becomes: r.Now}}
	if e[0].LeftAt == nil {
		return nil
	}
	in, out := e[0].OccurredAt, *e[0].LeftAt
	now.Time("occurred_at", &in)
	now.Time("left_at", &out)
	if in.After(out) {
		field := "occurred_at"
		if now.Changed("left_at") {
			field = "left_at"
		}
		v.Add(field, "退室が入室より前になります。", "The exit would lie before the entry.")
	}
	return nil
}

// entries reads entries as they stand, with what was corrected of them and of their exits.
func entries(tx *tenants.Tx, query string, args map[string]any) ([]Entry, error) {
	found, err := many[Entry](tx, query, args)
	if err != nil || len(found) == 0 {
		return found, err
	}
	refs := make([]correction.Ref, 0, 2*len(found))
	for _, e := range found {
		refs = append(refs, correction.Ref{Ledger: "room_entry", Town: e.TenantID, Row: e.ID})
		if e.ExitID != nil {
			refs = append(refs, correction.Ref{Ledger: "room_exit", Town: e.TenantID, Row: *e.ExitID})
		}
	}
	of, err := correction.Read(tx, refs)
	if err != nil {
		return nil, err
	}
	for n := range found {
		e := &found[n]
		e.Corrections = of[correction.Ref{Ledger: "room_entry", Town: e.TenantID, Row: e.ID}]
		e.Corrections.Time("occurred_at", &e.OccurredAt)
		e.Corrections.Text("purpose", &e.Purpose)
		e.Corrections.Text("badge", &e.Badge)
		e.Corrections.Text("carried", &e.Carried)
		if e.ExitID == nil {
			continue
		}
		e.ExitCorrections = of[correction.Ref{Ledger: "room_exit", Town: e.TenantID, Row: *e.ExitID}]
		left := time.Time{}
		if e.ExitCorrections.Time("left_at", &left); !left.IsZero() {
			e.LeftAt = &left
		}
		e.ExitCorrections.Text("left_carried", &e.LeftCarried)
	}
	return found, nil
}

// withCorrections lays what was corrected over lock confirmations.
func withCorrections(tx *tenants.Tx, locks []Lock) error {
	return correction.Over(tx, "room_lock", locks, func(l *Lock) (int64, int64) { return l.TenantID, l.ID }, func(l *Lock, h correction.History) {
		l.Corrections = h
		h.Time("occurred_at", &l.OccurredAt)
		h.Text("found", &l.Found)
	})
}
