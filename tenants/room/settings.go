package room

import (
	"context"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("room_permit_another_person", "person_id", selfJa, selfEn)

const (
	selfJa = "自分を名簿に載せることはできません。別の人が許可します。"
	selfEn = "Nobody lists themselves; another person permits."
)

// SettingsInput is how an area is watched.
type SettingsInput struct {
	LockMinutes int
	LateMinutes int
	Checklist   string // one item a line
}

// Set writes how an area is watched.
func Set(_ context.Context, tx *tenants.Tx, area int64, in SettingsInput) (Room, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return Room{}, err
	}
	before, err := hold(tx, area)
	if err != nil {
		return Room{}, err
	}
	var v tenants.Invalid
	number(&v, "lock_minutes", in.LockMinutes, 1, 240)
	number(&v, "late_minutes", in.LateMinutes, 1, 1440)
	items := Items(lines(in.Checklist))
	for n, item := range items {
		items[n] = entry.Line(&v, "checklist", item, 60)
	}
	switch sorted := slices.Sorted(slices.Values(items)); {
	case len(items) == 0 || len(items) > 12:
		v.Add("checklist", "1〜12項目を、1行に1つ入力してください。", "Enter 1 to 12 items, one a line.")
	case len(slices.Compact(sorted)) < len(items):
		v.Add("checklist", "同じ項目が2つあります。", "One item stands there twice.")
	}
	if err := v.Err(); err != nil {
		return Room{}, err
	}
	err = exec(tx, "set up room "+before.Name, `UPDATE room SET lock_minutes = @lock, late_minutes = @late, checklist = CAST(@items AS jsonb) WHERE tenant_id = @town AND area_id = @area`,
		map[string]any{"area": area, "lock": in.LockMinutes, "late": in.LateMinutes, "items": items})
	if err != nil {
		return Room{}, err
	}
	after := before
	after.LockMinutes, after.LateMinutes, after.Checklist = in.LockMinutes, in.LateMinutes, items
	said := func(r Room) any {
		return map[string]any{"name": r.Name, "lock_minutes": r.LockMinutes, "late_minutes": r.LateMinutes, "checklist": r.Checklist}
	}
	return after, written(tx, tenants.WriteRoom, "room", area, said(before), said(after))
}

// PermitInput is a line for 入室許可者名簿. PersonID 0: somebody from elsewhere, by name and organisation.
type PermitInput struct {
	AreaID   int64
	PersonID int64
	Name     string
	Org      string
	FromOn   calendar.Date // zero: today
	UntilOn  calendar.Date // zero: the end of the fiscal year
	Document string
	Note     string
}

// Grant puts somebody on the list of who may enter an area. Whoever does so is the one who permits it.
func Grant(_ context.Context, tx *tenants.Tx, in PermitInput) (Permit, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return Permit{}, err
	}
	host, zone, err := own(tx)
	if err != nil {
		return Permit{}, err
	}
	var v tenants.Invalid
	area, err := one[Room](tx, roomQuery+` AND a.id = @area`, usual(map[string]any{"area": in.AreaID}))
	if missing(err) {
		v.Add("area_id", "管理区域を選んでください。", "Choose the area.")
	} else if err != nil {
		return Permit{}, err
	}
	day := calendar.DateOf(tx.Now, zone)
	if in.FromOn.IsZero() {
		in.FromOn = day
	}
	if in.UntilOn.IsZero() {
		in.UntilOn = calendar.FiscalYearEnd(calendar.FiscalYear(in.FromOn))
	}
	last := calendar.FiscalYearEnd(calendar.FiscalYear(day) + 1)
	switch {
	case in.UntilOn.Before(in.FromOn):
		v.Add("until_on", "期間の終わりが始まりより前です。", "It would end before it begins.")
	case in.UntilOn.Before(day):
		v.Add("until_on", "すでに終わっている期間です。", "It would be over already.")
	case last.Before(in.UntilOn):
		v.Add("until_on", "翌年度末までにしてください。毎年度、見直します。", "It ends with the next fiscal year at the latest; it is looked at anew each year.")
	}
	if in.PersonID != 0 {
		p, err := named(tx, &v, "person_id", in.PersonID, "職員を選んでください。", "Choose one of the staff.")
		if err != nil {
			return Permit{}, err
		}
		in.Name, in.Org = p.Name, host
		if in.PersonID == tx.Actor.PersonID {
			v.Add("person_id", selfJa, selfEn)
		}
	} else {
		in.Name, in.Org = entry.Line(&v, "name", in.Name, 60), entry.Line(&v, "org", in.Org, 100)
	}
	in.Document = entry.Line(&v, "document", in.Document, 100)
	in.Note = entry.OptionalLine(&v, "note", in.Note, 200)
	if err := v.Err(); err != nil {
		return Permit{}, err
	}
	id, err := insert(tx, "list "+in.Name, `INSERT INTO room_permit (tenant_id, area_id, person_id, name, org, from_on, until_on, document, note, granted_at, by_id, by_text)
		VALUES (@town, @area, @person, @name, @org, @from, @until, @document, @note, @now, @by, @by_text)`,
		map[string]any{"area": in.AreaID, "person": nilled(in.PersonID), "name": in.Name, "org": in.Org, "from": in.FromOn, "until": in.UntilOn, "document": in.Document, "note": in.Note})
	if err != nil {
		return Permit{}, err
	}
	p := Permit{TenantID: tx.Actor.TenantID, ID: id, AreaID: in.AreaID, Area: area.Name, PersonID: nilled(in.PersonID), Name: in.Name, Org: in.Org, FromOn: in.FromOn, UntilOn: in.UntilOn,
		Document: in.Document, Note: in.Note, GrantedAt: tx.Now, ByText: tx.Actor.Text()}
	return p, written(tx, tenants.WriteRoom, "room_permit", id, nil, p)
}

// Revoke takes a line of the list back from now on. The line stays.
func Revoke(_ context.Context, tx *tenants.Tx, id int64, why string) (Permit, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return Permit{}, err
	}
	p, err := one[Permit](tx, permitQuery+`WHERE p.tenant_id = @town AND p.id = @id FOR UPDATE OF p`, map[string]any{"id": id})
	if err != nil {
		return p, err
	}
	if p.RevokedAt != nil {
		return p, tenants.Conflict("すでに取り消されています（"+p.RevokedBy+"）。", "It has been revoked already ("+p.RevokedBy+").")
	}
	var v tenants.Invalid
	why = entry.Line(&v, "reason", why, 200)
	if err := v.Err(); err != nil {
		return p, err
	}
	err = exec(tx, "revoke the permission of "+p.Name, `UPDATE room_permit SET revoked_at = @now, revoked_by = @by_text, revoked_why = @why WHERE tenant_id = @town AND id = @id`,
		map[string]any{"id": id, "why": why})
	if err != nil {
		return p, err
	}
	before := p
	now := tx.Now
	p.RevokedAt, p.RevokedBy, p.RevokedWhy = &now, tx.Actor.Text(), why
	return p, written(tx, tenants.WriteRoom, "room_permit", id, before, p)
}
