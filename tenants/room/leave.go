package room

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
)

// LeaveInput is what is entered about somebody who leaves. Done and Found are of the checklist, where they are the last one out
// and went through it.
type LeaveInput struct {
	When
	Carried   string // 搬出物
	BadgeBack bool
	Done      []string
	Found     string
}

// Left is what an exit comes to. Empty: nobody is inside any more, which the ledgers of keys and of openings may want to know.
type Left struct {
	Entry  Entry
	Empty  bool
	LockBy *time.Time // by when the lock must be confirmed; nil: it was, or somebody is still inside
}

// Leave writes down that somebody left. Of the last one out the lock is asked for within the room's minutes, unless they
// confirm it with their exit.
func Leave(ctx context.Context, tx *tenants.Tx, entryID int64, in LeaveInput) (Left, error) {
	if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
		return Left{}, err
	}
	e, err := entryOf(tx, entryID)
	if err != nil {
		return Left{}, err
	}
	r, err := hold(tx, e.AreaID)
	if err != nil {
		return Left{}, err
	}
	if e, err = entryOf(tx, entryID); err != nil { // as it stands now that the room is ours
		return Left{}, err
	}
	_, zone, err := own(tx)
	if err != nil {
		return Left{}, err
	}
	if e.LeftAt != nil {
		at := clock(*e.LeftAt, tx.Now, zone)
		return Left{}, tenants.Conflict(fmt.Sprintf("%sは入室していません。%sに退室しています（記録：%s）。", e.Name, at, e.LeftBy), fmt.Sprintf("%s is not inside: they left at %s (recorded by %s).", e.Name, at, e.LeftBy))
	}
	var v tenants.Invalid
	in.When = in.When.checked(tx, &v, r.LateMinutes)
	if in.At.Before(e.OccurredAt.Truncate(minute)) {
		v.Add("occurred_at", fmt.Sprintf("入室（%s）より前の日時です。", clock(e.OccurredAt, tx.Now, zone)), "It would lie before they came in.")
	}
	in.Carried = entry.OptionalLine(&v, "carried", in.Carried, 400)
	last := r.Inside == 1
	l := Lock{OccurredAt: in.At, LateReason: in.LateReason}
	looked := last && (len(in.Done) > 0 || strings.TrimSpace(in.Found) != "")
	if looked {
		l = l.with(&v, r, in.Done, in.Found)
	}
	if err := v.Err(); err != nil {
		return Left{}, err
	}
	exit, err := leave(ctx, tx, e, in, last)
	if err != nil {
		return Left{}, err
	}
	left := Left{Empty: last}
	if last {
		if left.LockBy, err = emptied(ctx, tx, r, e, in.At, looked, l, exit); err != nil {
			return Left{}, err
		}
	}
	if left.Entry, err = entryOf(tx, entryID); err != nil {
		return Left{}, err
	}
	after := said(r, e)
	after["left"], after["last"] = in.At, last
	return left, written(tx, tenants.EnterRoom, "room_entry", entryID, nil, after)
}

func leave(ctx context.Context, tx *tenants.Tx, e Entry, in LeaveInput, last bool) (int64, error) {
	exit, err := insert(tx, "write down an exit", `INSERT INTO room_exit (tenant_id, entry_id, occurred_at, recorded_at, late_reason, carried, last, by_id, by_text)
		VALUES (@town, @entry, @at, @now, @late, @carried, @last, @by, @by_text)`,
		map[string]any{"entry": e.ID, "at": in.At, "late": in.LateReason, "carried": in.Carried, "last": last})
	if err != nil {
		return 0, err
	}
	if err := exec(tx, "write down an exit", `DELETE FROM room_inside WHERE tenant_id = @town AND entry_id = @entry`, map[string]any{"entry": e.ID}); err != nil {
		return 0, err
	}
	if in.BadgeBack && e.VisitorID != nil {
		who, err := visitorOf(tx, *e.VisitorID)
		if err != nil {
			return 0, err
		}
		if who.BadgeID != nil {
			b, err := inStock(tx, *who.BadgeID)
			if err != nil {
				return 0, err
			}
			if _, err := takeBack(ctx, tx, b, in.When); err != nil {
				return 0, err
			}
		}
	}
	if e.VisitID == nil {
		return exit, nil
	}
	visit, err := visitOf(tx, *e.VisitID)
	if err != nil || visit.DutyID == nil {
		return exit, err
	}
	inside, err := insideOf(tx, visit.ID)
	if err != nil || inside > 0 {
		return exit, err
	}
	return exit, duty.Answer(ctx, tx, tenants.EnterRoom, visit.TenantID, *visit.DutyID, true, in.At, tenants.Reason{Code: "room.out"})
}

// emptied says that nobody is inside since then, and asks for the lock, or writes down what was found of it.
func emptied(ctx context.Context, tx *tenants.Tx, r Room, e Entry, at time.Time, looked bool, l Lock, exit int64) (*time.Time, error) {
	err := exec(tx, "leave "+r.Name, `UPDATE room SET empty_since = @at, emptied_by = @who, locked_at = NULL, locked_by = '' WHERE tenant_id = @town AND area_id = @area`,
		map[string]any{"at": at, "who": strings.TrimSpace(e.Org + " " + e.Name), "area": r.AreaID})
	if err != nil {
		return nil, err
	}
	if looked && l.Good() {
		l.ExitID = &exit
		_, err := keepLock(tx, r, l)
		return nil, err
	}
	by := at.Add(time.Duration(r.LockMinutes) * time.Minute)
	if r.DutyID == nil {
		id, err := duty.Ask(ctx, tx, duty.Task{Town: r.TenantID, Act: tenants.EnterRoom, Kind: KindLock, AboutID: r.AreaID, Subject: r.Name, Work: "無人時の施錠確認", Due: by, Severity: severity})
		if err != nil {
			return nil, err
		}
		if err := exec(tx, "leave "+r.Name, `UPDATE room SET duty_id = @duty WHERE tenant_id = @town AND area_id = @area`, map[string]any{"duty": id, "area": r.AreaID}); err != nil {
			return nil, err
		}
		r.DutyID = &id
	} else if err := duty.Again(ctx, tx, tenants.EnterRoom, r.TenantID, *r.DutyID, by); err != nil {
		return nil, err
	}
	if !looked {
		return &by, nil
	}
	l.ExitID = &exit
	l, err = keepLock(tx, r, l)
	if err != nil {
		return nil, err
	}
	return &by, answerLock(ctx, tx, r, l)
}

// LockInput is what is entered about an empty room: which items of the checklist are as they must be, and what is not.
type LockInput struct {
	When
	Done  []string
	Found string
}

// Confirm writes down what was found of an empty room (施錠確認), by whoever looked.
func Confirm(ctx context.Context, tx *tenants.Tx, area int64, in LockInput) (Lock, error) {
	if err := tx.Permit(tenants.EnterRoom, tx.Actor.TenantID); err != nil {
		return Lock{}, err
	}
	r, err := hold(tx, area)
	if err != nil {
		return Lock{}, err
	}
	_, zone, err := own(tx)
	if err != nil {
		return Lock{}, err
	}
	if r.Inside > 0 {
		inside, err := many[Entry](tx, entryQuery+`JOIN room_inside i ON i.tenant_id = e.tenant_id AND i.entry_id = e.id WHERE i.tenant_id = @town AND i.area_id = @area ORDER BY e.id LIMIT 1`,
			map[string]any{"area": area})
		if err != nil {
			return Lock{}, err
		}
		at := clock(inside[0].OccurredAt, tx.Now, zone)
		return Lock{}, tenants.Conflict(fmt.Sprintf("%sが入室中です（%sから。記録：%s）。退室を記録してから確認してください。", inside[0].Name, at, inside[0].ByText),
			fmt.Sprintf("%s is inside since %s (recorded by %s); write down the exit first.", inside[0].Name, at, inside[0].ByText))
	}
	var v tenants.Invalid
	in.When = in.When.checked(tx, &v, r.LateMinutes)
	if r.EmptySince != nil && in.At.Before(r.EmptySince.Truncate(minute)) {
		v.Add("occurred_at", fmt.Sprintf("最後の退室（%s）より前の日時です。", clock(*r.EmptySince, tx.Now, zone)), "It would lie before the last one left.")
	}
	l := Lock{OccurredAt: in.At, LateReason: in.LateReason}.with(&v, r, in.Done, in.Found)
	if err := v.Err(); err != nil {
		return Lock{}, err
	}
	if l, err = keepLock(tx, r, l); err != nil {
		return Lock{}, err
	}
	if err := answerLock(ctx, tx, r, l); err != nil {
		return Lock{}, err
	}
	return l, written(tx, tenants.EnterRoom, "room_lock", l.ID, nil, map[string]any{"area": r.Name, "at": l.OccurredAt, "done": l.Done, "undone": l.Undone, "found": l.Found})
}

// with fills in the checklist; what is not in order needs words.
func (l Lock) with(v *tenants.Invalid, r Room, done []string, found string) Lock {
	l.Done, l.Undone = Items{}, Items{}
	for _, item := range r.Checklist {
		if slices.Contains(done, item) {
			l.Done = append(l.Done, item)
		} else {
			l.Undone = append(l.Undone, item)
		}
	}
	l.Found = entry.OptionalLine(v, "found", found, 200)
	if len(l.Undone) > 0 && l.Found == "" {
		v.Add("found", "印のない項目があります（"+strings.Join(l.Undone, "、")+"）。どうなっているかを入力してください。", "Not everything is ticked: say how it is.")
	}
	return l
}

func keepLock(tx *tenants.Tx, r Room, l Lock) (Lock, error) {
	l.TenantID, l.AreaID, l.RecordedAt, l.ByText = tx.Actor.TenantID, r.AreaID, tx.Now, tx.Actor.Text()
	var err error
	l.ID, err = insert(tx, "write down the lock of "+r.Name, `INSERT INTO room_lock (tenant_id, area_id, exit_id, occurred_at, recorded_at, late_reason, done, undone, found, by_id, by_text)
		VALUES (@town, @area, @exit, @at, @now, @late, CAST(@done AS jsonb), CAST(@undone AS jsonb), @found, @by, @by_text)`,
		map[string]any{"area": r.AreaID, "exit": l.ExitID, "at": l.OccurredAt, "late": l.LateReason, "done": l.Done, "undone": l.Undone, "found": l.Found})
	if err != nil || !l.Good() {
		return l, err
	}
	return l, exec(tx, "lock "+r.Name, `UPDATE room SET locked_at = @at, locked_by = @by_text WHERE tenant_id = @town AND area_id = @area`, map[string]any{"at": l.OccurredAt, "area": r.AreaID})
}

// answerLock tells the pipeline what was found.
func answerLock(ctx context.Context, tx *tenants.Tx, r Room, l Lock) error {
	if r.DutyID == nil {
		return nil
	}
	why := tenants.Reason{Code: "room.locked"}
	if !l.Good() {
		why = tenants.Reason{Code: "room.unlocked", Params: tenants.Params{"found": l.Found, "undone": strings.Join(l.Undone, "、")}}
	}
	return duty.Answer(ctx, tx, tenants.EnterRoom, r.TenantID, *r.DutyID, l.Good(), l.OccurredAt, why)
}

// Review writes down what the administrator found about an entry without permission: another person than who entered.
func Review(ctx context.Context, tx *tenants.Tx, entryID int64, finding string) (Entry, error) {
	if err := tx.Permit(tenants.ApproveVisit, tx.Actor.TenantID); err != nil {
		return Entry{}, err
	}
	e, err := entryOf(tx, entryID)
	if err != nil {
		return e, err
	}
	if e.Basis != ByNone {
		return e, tenants.Conflict("許可のある入室です。", "This entry was permitted.")
	}
	if _, err := hold(tx, e.AreaID); err != nil {
		return e, err
	}
	if e, err = entryOf(tx, entryID); err != nil { // as it stands now that the room is ours
		return e, err
	}
	if e.ReviewedAt != nil {
		_, zone, err := own(tx)
		if err != nil {
			return e, err
		}
		at := clock(*e.ReviewedAt, tx.Now, zone)
		return e, tenants.Conflict(fmt.Sprintf("%sに%sが確認しています。", at, e.ReviewedBy), fmt.Sprintf("%s looked into it at %s.", e.ReviewedBy, at))
	}
	var v tenants.Invalid
	finding = entry.Line(&v, "finding", finding, 400)
	if e.PersonID != nil && *e.PersonID == tx.Actor.PersonID {
		v.Add("finding", "自分の入室は、別の人が確認します。", "Your own entry is looked into by another person.")
	}
	if err := v.Err(); err != nil {
		return e, err
	}
	if _, err := insert(tx, "look into an entry", `INSERT INTO room_review (tenant_id, entry_id, at, finding, by_id, by_text) VALUES (@town, @entry, @now, @finding, @by, @by_text)`,
		map[string]any{"entry": entryID, "finding": finding}); err != nil {
		return e, err
	}
	if e.DutyID != nil {
		err := duty.Answer(ctx, tx, tenants.ApproveVisit, e.TenantID, *e.DutyID, true, tx.Now, tenants.Reason{Code: "room.reviewed", Params: tenants.Params{"finding": finding}})
		if err != nil {
			return e, err
		}
	}
	if e, err = entryOf(tx, entryID); err != nil {
		return e, err
	}
	return e, written(tx, tenants.ApproveVisit, "room_entry", entryID, nil, map[string]any{"who": strings.TrimSpace(e.Org + " " + e.Name), "finding": finding})
}
