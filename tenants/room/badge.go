package room

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/incident"
	"tanamori/tenants/label"
)

// severity is that of what these ledgers find by themselves.
const severity = incident.Warning

var (
	_ = tenants.Constraint("badge_number", "number", "同じ番号の名札がすでにあります。", "There is a badge of this number already.")
	_ = tenants.Constraint("badge_visitor", "badge_id", "この人は、すでに名札を着けています。", "This visitor wears a badge already.")
)

// AddBadge puts a badge into the stock and gives it a label.
func AddBadge(ctx context.Context, tx *tenants.Tx, no, note string) (Badge, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return Badge{}, err
	}
	var v tenants.Invalid
	no, note = entry.Line(&v, "number", no, 20), entry.OptionalLine(&v, "note", note, 200)
	if err := v.Err(); err != nil {
		return Badge{}, err
	}
	id, err := insert(tx, "add badge "+no, `INSERT INTO badge (tenant_id, number, note, created_at) VALUES (@town, @number, @note, @now)`, map[string]any{"number": no, "note": note})
	if err != nil {
		return Badge{}, err
	}
	b := Badge{TenantID: tx.Actor.TenantID, ID: id, Number: no, Note: note}
	if b.Label, err = label.Make(ctx, tx, tenants.WriteRoom, b.TenantID, KindBadge, id); err != nil {
		return Badge{}, err
	}
	return b, written(tx, tenants.WriteRoom, "badge", id, nil, b)
}

// RelabelBadge makes a badge's label void and gives it another.
func RelabelBadge(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return "", err
	}
	if _, err := inStock(tx, id); err != nil {
		return "", err
	}
	code, err := label.Replace(ctx, tx, tenants.WriteRoom, tx.Actor.TenantID, KindBadge, id)
	if err != nil {
		return "", err
	}
	return code, written(tx, tenants.WriteRoom, "badge", id, nil, map[string]string{"label": code})
}

// RetireBadge takes a badge out of the stock: it is worn out, or it was lost while somebody had it.
func RetireBadge(ctx context.Context, tx *tenants.Tx, id int64, reason string) (Badge, error) {
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return Badge{}, err
	}
	b, err := inStock(tx, id)
	if err != nil {
		return b, err
	}
	var v tenants.Invalid
	reason = entry.Line(&v, "reason", reason, 200)
	if err := v.Err(); err != nil {
		return b, err
	}
	if err := badgeEvent(tx, b, "retired", b.VisitorID, b.OutTo, When{At: tx.Now}, reason); err != nil {
		return b, err
	}
	if b.DutyID != nil {
		if err := duty.Drop(ctx, tx, tenants.WriteRoom, b.TenantID, *b.DutyID, tenants.Reason{Code: "room.badge_gone", Params: tenants.Params{"reason": reason}}); err != nil {
			return b, err
		}
	}
	if err := label.Void(ctx, tx, tenants.WriteRoom, b.TenantID, KindBadge, id); err != nil {
		return b, err
	}
	err = exec(tx, "retire badge "+b.Number, `UPDATE badge SET retired_at = @now, visitor_id = NULL, out_to = '', out_at = NULL, out_by = '', due_at = NULL WHERE tenant_id = @town AND id = @id`,
		map[string]any{"id": id})
	if err != nil {
		return b, err
	}
	now := tx.Now
	b.RetiredAt = &now
	return b, written(tx, tenants.WriteRoom, "badge", id, map[string]string{"number": b.Number}, map[string]string{"number": b.Number, "retired": reason})
}

// HandOut gives a visitor a badge; it must be back by the end of the visit.
func HandOut(ctx context.Context, tx *tenants.Tx, badge, visitor int64, when When) (Badge, error) {
	if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
		return Badge{}, err
	}
	var v tenants.Invalid
	when = when.checked(tx, &v, UsualLateMinutes)
	who, err := visitorOf(tx, visitor)
	if missing(err) {
		v.Add("visitor_id", "来訪者を選んでください。", "Choose the visitor.")
	} else if err != nil {
		return Badge{}, err
	}
	if err := v.Err(); err != nil {
		return Badge{}, err
	}
	visit, err := visitOf(tx, who.VisitID)
	if err != nil {
		return Badge{}, err
	}
	b, err := handOut(ctx, tx, badge, who, visit, when)
	if err != nil {
		return b, err
	}
	return b, written(tx, tenants.EnterRoom, "badge", badge, nil, map[string]any{"number": b.Number, "out_to": b.OutTo, "due_at": b.DueAt})
}

func handOut(ctx context.Context, tx *tenants.Tx, badge int64, who Visitor, visit Visit, when When) (Badge, error) {
	var v tenants.Invalid
	b, err := inStock(tx, badge)
	switch {
	case missing(err):
		v.Add("badge_id", "名札を選んでください。", "Choose a badge.")
		return b, v.Err()
	case err != nil:
		return b, err
	case b.VisitorID != nil && *b.VisitorID == who.ID:
		return b, nil // they wear it already
	case b.VisitorID != nil:
		_, zone, err := own(tx)
		if err != nil {
			return b, err
		}
		v.Add("badge_id", fmt.Sprintf("名札%sは%sに%sへ貸し出されています（記録：%s）。", b.Number, clock(*b.OutAt, tx.Now, zone), b.OutTo, b.OutBy),
			fmt.Sprintf("Badge %s was handed to %s at %s (recorded by %s).", b.Number, b.OutTo, clock(*b.OutAt, tx.Now, zone), b.OutBy))
		return b, v.Err()
	}
	holder := visit.Company + " " + who.Name
	if err := badgeEvent(tx, b, "out", &who.ID, holder, when, ""); err != nil {
		return b, err
	}
	if b.DutyID == nil {
		id, err := duty.Ask(ctx, tx, duty.Task{Town: b.TenantID, Act: tenants.EnterRoom, Kind: KindBadge, AboutID: b.ID, Subject: "名札 " + b.Number, Work: "返却", Due: visit.UntilAt,
			GraceMinutes: GraceMinutes, Severity: severity})
		if err != nil {
			return b, err
		}
		b.DutyID = &id
	} else if err := duty.Again(ctx, tx, tenants.EnterRoom, b.TenantID, *b.DutyID, visit.UntilAt); err != nil {
		return b, err
	}
	b.VisitorID, b.OutTo, b.OutAt, b.OutBy, b.DueAt = &who.ID, holder, &when.At, tx.Actor.Text(), &visit.UntilAt
	return b, exec(tx, "hand out badge "+b.Number, `UPDATE badge SET duty_id = @duty, visitor_id = @visitor, out_to = @to, out_at = @at, out_by = @by_text, due_at = @due WHERE tenant_id = @town AND id = @id`,
		map[string]any{"id": b.ID, "duty": b.DutyID, "visitor": who.ID, "to": holder, "at": when.At, "due": visit.UntilAt})
}

// TakeBack takes a badge back.
func TakeBack(ctx context.Context, tx *tenants.Tx, badge int64, when When) (Badge, error) {
	if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
		return Badge{}, err
	}
	b, err := inStock(tx, badge)
	if err != nil {
		return b, err
	}
	if b.VisitorID == nil {
		return b, notOut(tx, b)
	}
	var v tenants.Invalid
	when = when.checked(tx, &v, UsualLateMinutes)
	if when.At.Before(b.OutAt.Add(-minute)) {
		v.Add("occurred_at", "貸し出した日時より前です。", "It would lie before it was handed out.")
	}
	if err := v.Err(); err != nil {
		return b, err
	}
	holder := b.OutTo
	if b, err = takeBack(ctx, tx, b, when); err != nil {
		return b, err
	}
	return b, written(tx, tenants.EnterRoom, "badge", badge, map[string]string{"number": b.Number, "out_to": holder}, map[string]any{"number": b.Number, "back_at": when.At})
}

// notOut says who has taken it back, and when.
func notOut(tx *tenants.Tx, b Badge) error {
	last, err := many[BadgeEvent](tx, `SELECT id, badge_id, kind, holder, occurred_at, by_text FROM badge_event WHERE tenant_id = @town AND badge_id = @id ORDER BY id DESC LIMIT 1`, map[string]any{"id": b.ID})
	if err != nil {
		return err
	}
	if len(last) == 0 {
		return tenants.Conflict("名札"+b.Number+"は貸し出されていません。", "Badge "+b.Number+" is not out.")
	}
	_, zone, err := own(tx)
	if err != nil {
		return err
	}
	at := clock(last[0].OccurredAt, tx.Now, zone)
	return tenants.Conflict(fmt.Sprintf("名札%sは貸し出されていません。%sに返却されています（記録：%s）。", b.Number, at, last[0].ByText),
		fmt.Sprintf("Badge %s is not out: it came back at %s (recorded by %s).", b.Number, at, last[0].ByText))
}

func takeBack(ctx context.Context, tx *tenants.Tx, b Badge, when When) (Badge, error) {
	if err := badgeEvent(tx, b, "back", b.VisitorID, b.OutTo, when, ""); err != nil {
		return b, err
	}
	err := exec(tx, "take back badge "+b.Number, `UPDATE badge SET visitor_id = NULL, out_to = '', out_at = NULL, out_by = '', due_at = NULL WHERE tenant_id = @town AND id = @id`, map[string]any{"id": b.ID})
	if err != nil {
		return b, err
	}
	b.VisitorID, b.OutTo, b.OutAt, b.OutBy, b.DueAt = nil, "", nil, "", nil
	if b.DutyID == nil {
		return b, nil
	}
	return b, duty.Answer(ctx, tx, tenants.EnterRoom, b.TenantID, *b.DutyID, true, when.At, tenants.Reason{Code: "room.badge_back"})
}

func badgeEvent(tx *tenants.Tx, b Badge, kind string, visitor *int64, holder string, when When, reason string) error {
	return exec(tx, "write down what happened to badge "+b.Number, `INSERT INTO badge_event (tenant_id, badge_id, kind, visitor_id, holder, occurred_at, recorded_at, late_reason, reason, by_id, by_text)
		VALUES (@town, @badge, @kind, @visitor, @holder, @at, @now, @late, @reason, @by, @by_text)`,
		map[string]any{"badge": b.ID, "kind": kind, "visitor": visitor, "holder": holder, "at": when.At, "late": when.LateReason, "reason": reason})
}

// inStock reads a badge in use, and keeps other acts on it waiting.
func inStock(tx *tenants.Tx, id int64) (Badge, error) {
	b, err := badgeOf(tx, id, "FOR UPDATE")
	if err == nil && b.RetiredAt != nil {
		err = tenants.NotFound()
	}
	return b, err
}

func visitorOf(tx *tenants.Tx, id int64) (Visitor, error) {
	return one[Visitor](tx, `SELECT p.id, p.visit_id, p.name, b.id AS badge_id, coalesce(b.number, '') AS badge FROM room_visitor p
		LEFT JOIN badge b ON b.tenant_id = p.tenant_id AND b.visitor_id = p.id WHERE p.tenant_id = @town AND p.id = @id`, map[string]any{"id": id})
}
