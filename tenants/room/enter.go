package room

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
)

const minute = time.Minute

// reviewBy is how long the administrator has to look into an entry without permission. They are told at once whatever it is.
const reviewBy = 24 * time.Hour

// EnterInput is what is entered about somebody who comes in.
type EnterInput struct {
	AreaID int64
	Who    string // person:12 the host's own, permit:4 somebody listed, visitor:9 somebody announced, other: nobody of these
	Name   string // of other
	Org    string // of other
	When
	Purpose  string // empty: the visit's work
	EscortID int64  // who is with them; of the host's own nobody is needed
	BadgeID  int64  // handed out with it; 0: none
	Carried  string // 搬入物
	Reason   string // why they came in though it is not permitted
}

func personSubject(id int64) string { return "person:" + strconv.FormatInt(id, 10) }

// asked is the person who comes, as the ledger and the rule want them.
type asked struct {
	Entry
	Asked
	visitor Visitor
	escort  bool // they come with somebody
}

// who reads whom it is about.
func (in EnterInput) who(tx *tenants.Tx, v *tenants.Invalid) (a asked, err error) {
	host, zone, err := own(tx)
	if err != nil {
		return a, err
	}
	a.Asked = Asked{Area: in.AreaID, At: in.At, Zone: zone}
	a.Entry = Entry{AreaID: in.AreaID, OccurredAt: in.At, LateReason: in.LateReason}
	kind, text, _ := strings.Cut(in.Who, ":")
	id, wrong := strconv.ParseInt(text, 10, 64)
	if wrong != nil {
		id = 0 // nobody's
	}
	a.Subject = kind + ":" + strconv.FormatInt(id, 10)
	switch kind {
	case "person":
		var p Person
		if p, err = named(tx, v, "who", id, "入室する人を選んでください。", "Choose who comes in."); err != nil {
			return a, err
		}
		a.PersonID, a.Name, a.Org = &id, p.Text, host
		a.Permits, err = many[Permit](tx, permitQuery+`WHERE p.tenant_id = @town AND p.area_id = @area AND p.person_id = @id ORDER BY p.id`, map[string]any{"area": in.AreaID, "id": id})
		for _, p := range a.Permits {
			if p.RevokedAt == nil {
				a.PermitNo = p.Document
			}
		}
		return a, err
	case "permit":
		a.escort = true
		a.Permits, err = many[Permit](tx, permitQuery+`WHERE p.tenant_id = @town AND p.area_id = @area AND p.id = @id AND p.person_id IS NULL`, map[string]any{"area": in.AreaID, "id": id})
		if err == nil && len(a.Permits) == 1 {
			p := a.Permits[0]
			a.PermitID, a.Name, a.Org, a.PermitNo = &id, p.Name, p.Org, p.Document
			return a, nil
		}
	case "visitor":
		a.escort = true
		if a.visitor, err = visitorOf(tx, id); err == nil {
			visit, err := visitOf(tx, a.visitor.VisitID)
			if err != nil {
				return a, err
			}
			a.Visit, a.VisitorID, a.VisitID = &visit, &id, &visit.ID
			a.Name, a.Org, a.PermitNo, a.Badge = a.visitor.Name, visit.Company, visit.Number(), a.visitor.Badge
			return a, nil
		}
	case "other":
		a.escort, a.Nobody = true, true
		a.Name, a.Org = entry.Line(v, "name", in.Name, 60), entry.Line(v, "org", in.Org, 100)
		a.Subject = "other:" + tenants.SearchKey(a.Org, a.Name)
		return a, nil
	}
	if err != nil && !missing(err) {
		return a, err
	}
	v.Add("who", "入室する人を選んでください。", "Choose who comes in.")
	return a, nil
}

// Enter writes down that somebody came in. What is not permitted is written down as well, with a reason, and the administrator
// is told at once.
func Enter(ctx context.Context, tx *tenants.Tx, in EnterInput) (Entry, error) {
	if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
		return Entry{}, err
	}
	r, err := hold(tx, in.AreaID)
	if err != nil {
		return Entry{}, err
	}
	var v tenants.Invalid
	in.When = in.When.checked(tx, &v, r.LateMinutes)
	a, err := in.who(tx, &v)
	if err != nil {
		return Entry{}, err
	}
	if len(v.Fields) == 0 {
		if err := notInside(tx, &v, r, a); err != nil {
			return Entry{}, err
		}
	}
	if a.Visit != nil && strings.TrimSpace(in.Purpose) == "" {
		in.Purpose = a.Visit.Work
	}
	a.Purpose, a.Carried = entry.Line(&v, "purpose", in.Purpose, 400), entry.OptionalLine(&v, "carried", in.Carried, 400)
	if a.escort || in.EscortID != 0 {
		p, err := named(tx, &v, "escort_id", in.EscortID, "立会者を職員から選んでください。", "Choose who is with them, one of the host's own.")
		if err != nil {
			return Entry{}, err
		}
		if p.ID != 0 && a.PersonID != nil && p.ID == *a.PersonID {
			v.Add("escort_id", "本人は立会者になれません。", "Nobody escorts themselves.")
		}
		a.EscortID, a.EscortText = nilled(p.ID), p.Text
	}
	if a.Basis, a.Why = Judge(a.Asked); a.Basis != ByNone {
		in.Reason = ""
	} else if strings.TrimSpace(in.Reason) == "" && len(v.Fields) == 0 {
		v.Add("reason", Words("why", a.Why, "ja")+"。入室した場合は、理由を入力すると記録し、すぐに管理者へ知らせます。",
			"Not permitted: "+Words("why", a.Why, "en")+". If they did come in, give the reason: it is written down, and the administrator is told at once.")
	}
	a.Reason = entry.OptionalLine(&v, "reason", in.Reason, 200)
	if in.BadgeID != 0 && a.VisitorID == nil {
		v.Add("badge_id", "名札は、入室許可申請のある来訪者に貸し出します。", "Badges are for visitors who were announced.")
	}
	if err := v.Err(); err != nil {
		return Entry{}, err
	}
	if in.BadgeID != 0 {
		b, err := handOut(ctx, tx, in.BadgeID, a.visitor, *a.Visit, in.When)
		if err != nil {
			return Entry{}, err
		}
		a.Badge = b.Number
	}
	return enter(ctx, tx, r, a)
}

// notInside looks whether they are inside, and that they did not come in before they last left.
func notInside(tx *tenants.Tx, v *tenants.Invalid, r Room, a asked) error {
	last, err := many[Entry](tx, entryQuery+`WHERE e.tenant_id = @town AND e.area_id = @area AND e.subject = @subject ORDER BY e.id DESC LIMIT 1`,
		map[string]any{"area": r.AreaID, "subject": a.Subject})
	if err != nil || len(last) == 0 {
		return err
	}
	e := last[0]
	switch {
	case e.LeftAt == nil:
		at := clock(e.OccurredAt, tx.Now, a.Zone)
		v.Add("who", fmt.Sprintf("%sは%sに入室し、まだ退室していません（記録：%s）。", e.Name, at, e.ByText), fmt.Sprintf("%s came in at %s and has not left (recorded by %s).", e.Name, at, e.ByText))
	case a.OccurredAt.Before(e.LeftAt.Truncate(minute)):
		at := clock(*e.LeftAt, tx.Now, a.Zone)
		v.Add("occurred_at", fmt.Sprintf("前回の退室（%s）より前の日時です。", at), fmt.Sprintf("It would lie before they last left (%s).", at))
	}
	return nil
}

func enter(ctx context.Context, tx *tenants.Tx, r Room, a asked) (Entry, error) {
	already := false
	if a.VisitID != nil {
		inside, err := insideOf(tx, *a.VisitID)
		if err != nil {
			return Entry{}, err
		}
		already = inside > 0
	}
	id, err := insert(tx, "write down an entry", `INSERT INTO room_entry (tenant_id, area_id, subject, person_id, permit_id, visit_id, visitor_id, name, org, occurred_at, recorded_at, late_reason,
			purpose, escort_id, escort_text, permit_no, badge, carried, basis, why, reason, by_id, by_text)
		VALUES (@town, @area, @subject, @person, @permit, @visit, @visitor, @name, @org, @at, @now, @late, @purpose, @escort, @escort_text, @no, @badge, @carried, @basis, @why, @reason, @by, @by_text)`,
		map[string]any{"area": r.AreaID, "subject": a.Subject, "person": a.PersonID, "permit": a.PermitID, "visit": a.VisitID, "visitor": a.VisitorID, "name": a.Name, "org": a.Org,
			"at": a.OccurredAt, "late": a.LateReason, "purpose": a.Purpose, "escort": a.EscortID, "escort_text": a.EscortText, "no": a.PermitNo, "badge": a.Badge, "carried": a.Carried,
			"basis": a.Basis, "why": a.Why, "reason": a.Reason})
	if err != nil {
		return Entry{}, err
	}
	err = exec(tx, "write down an entry", `INSERT INTO room_inside (tenant_id, area_id, subject, entry_id) VALUES (@town, @area, @subject, @entry)`,
		map[string]any{"area": r.AreaID, "subject": a.Subject, "entry": id})
	if err != nil {
		return Entry{}, err
	}
	if err := occupied(ctx, tx, r); err != nil {
		return Entry{}, err
	}
	if a.Visit != nil && a.Basis == ByVisit {
		if err := expectOut(ctx, tx, *a.Visit, already); err != nil {
			return Entry{}, err
		}
	}
	if a.Basis == ByNone {
		if err := report(ctx, tx, r, a.Entry, id); err != nil {
			return Entry{}, err
		}
	}
	e, err := entryOf(tx, id)
	if err != nil {
		return Entry{}, err
	}
	return e, written(tx, tenants.EnterRoom, "room_entry", id, nil, said(r, e))
}

// occupied tells that the room is not empty any more: nothing is asked about its lock.
func occupied(ctx context.Context, tx *tenants.Tx, r Room) error {
	if r.EmptySince == nil {
		return nil
	}
	if r.DutyID != nil && r.LockedAt == nil {
		if err := duty.Drop(ctx, tx, tenants.EnterRoom, r.TenantID, *r.DutyID, tenants.Reason{Code: "room.entered"}); err != nil {
			return err
		}
	}
	return exec(tx, "enter "+r.Name, `UPDATE room SET empty_since = NULL, emptied_by = '', locked_at = NULL, locked_by = '' WHERE tenant_id = @town AND area_id = @area`, map[string]any{"area": r.AreaID})
}

// report tells the administrator of an entry without permission, by the pipeline: it is asked to be looked into, and what is
// known of it already is bad.
func report(ctx context.Context, tx *tenants.Tx, r Room, e Entry, id int64) error {
	d, err := duty.Ask(ctx, tx, duty.Task{Town: tx.Actor.TenantID, Act: tenants.EnterRoom, Kind: KindEntry, AboutID: id, Subject: r.Name + " " + e.Name, Work: "許可のない入室の確認",
		Due: tx.Now.Add(reviewBy), Severity: incident.Critical})
	if err != nil {
		return err
	}
	err = exec(tx, "report an entry", `UPDATE room_entry SET duty_id = @duty WHERE tenant_id = @town AND id = @id`, map[string]any{"duty": d, "id": id})
	if err != nil {
		return err
	}
	return duty.Answer(ctx, tx, tenants.EnterRoom, tx.Actor.TenantID, d, false, tx.Now, tenants.Reason{Code: "room.unpermitted", Params: tenants.Params{
		"who": strings.TrimSpace(e.Org + " " + e.Name), "why": Words("why", e.Why, "ja"), "reason": e.Reason}})
}

// insideOf counts a visit's people who are inside anywhere.
func insideOf(tx *tenants.Tx, visit int64) (int64, error) {
	n, err := many[int64](tx, `SELECT count(*) FROM room_inside i JOIN room_entry e ON e.tenant_id = i.tenant_id AND e.id = i.entry_id WHERE i.tenant_id = @town AND e.visit_id = @visit`,
		map[string]any{"visit": visit})
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// said is what the operation log keeps of an entry; the ledger has the rest.
func said(r Room, e Entry) map[string]any {
	out := map[string]any{"area": r.Name, "who": strings.TrimSpace(e.Org + " " + e.Name), "entered": e.OccurredAt, "purpose": e.Purpose, "basis": e.Basis}
	for key, text := range map[string]string{"why": e.Why, "reason": e.Reason, "escort": e.EscortText, "badge": e.Badge, "carried": e.Carried, "late_reason": e.LateReason} {
		if text != "" {
			out[key] = text
		}
	}
	return out
}

// Visitors are the people of a list of visits who are not inside an area, by what an entry of theirs is called.
func Visitors(visits []Visit, inside []Entry, area int64) (out []Visitor) {
	for _, v := range visits {
		for _, p := range v.Visitors {
			if v.To(area) && !slices.ContainsFunc(inside, func(e Entry) bool { return e.AreaID == area && e.VisitorID != nil && *e.VisitorID == p.ID }) {
				out = append(out, p)
			}
		}
	}
	return out
}
