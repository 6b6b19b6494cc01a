package api

import (
	"context"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/room"
)

// Room is a controlled area (管理区域) with how it is watched and how it stands.
type Room struct {
	ID          int64      `json:"id" doc:"The area's id."`
	Building    string     `json:"building"`
	Name        string     `json:"name" example:"サーバ室"`
	Floor       string     `json:"floor"`
	LockMinutes int        `json:"lock_minutes" doc:"The lock is confirmed so long after the last one left (運用上)."`
	LateMinutes int        `json:"late_minutes" doc:"What is written down later needs a reason (運用上)."`
	Checklist   []string   `json:"checklist" nullable:"false" doc:"What the last one out makes sure of."`
	Inside      int        `json:"inside" doc:"How many are inside now."`
	EmptySince  *time.Time `json:"empty_since" doc:"Since when nobody is; null: somebody is, or nothing was ever written down."`
	EmptiedBy   string     `json:"emptied_by"`
	LockedAt    *time.Time `json:"locked_at" doc:"When it was found in order since the last one left."`
	LockedBy    string     `json:"locked_by"`
}

func roomOf(r room.Room) Room {
	return Room{ID: r.AreaID, Building: r.Building, Name: r.Name, Floor: r.Floor, LockMinutes: r.LockMinutes, LateMinutes: r.LateMinutes, Checklist: list(r.Checklist), Inside: r.Inside,
		EmptySince: utc(r.EmptySince), EmptiedBy: r.EmptiedBy, LockedAt: utc(r.LockedAt), LockedBy: r.LockedBy}
}

func list(items room.Items) []string { return append([]string{}, items...) }

// RoomSettings is how an area is watched.
type RoomSettings struct {
	LockMinutes int    `json:"lock_minutes" minimum:"1" maximum:"240"`
	LateMinutes int    `json:"late_minutes" minimum:"1" maximum:"1440"`
	Checklist   string `json:"checklist" maxLength:"2000" doc:"One item a line, 12 at most."`
}

// RoomEntry is one line of the ledger (入退室記録簿).
type RoomEntry struct {
	ID         int64     `json:"id"`
	RoomID     int64     `json:"room_id"`
	Who        string    `json:"who" doc:"person:12 one of the host's own, permit:4 somebody listed, visitor:9 somebody announced, other:… anybody else." example:"visitor:9"`
	Name       string    `json:"name"`
	Org        string    `json:"org"`
	EnteredAt  time.Time `json:"entered_at"`
	RecordedAt time.Time `json:"recorded_at"`
	RecordedBy string    `json:"recorded_by"`
	LateReason string    `json:"late_reason" doc:"Why it was written down late."`
	Purpose    string    `json:"purpose"`
	EscortID   *int64    `json:"escort_id"`
	Escort     string    `json:"escort"`
	VisitID    *int64    `json:"visit_id"`
	PermitNo   string    `json:"permit_no" doc:"By which permission: the number of the visit, the document of the list."`
	Badge      string    `json:"badge"`
	CarriedIn  string    `json:"carried_in"`
	Basis      string    `json:"basis" enum:"list,visit,none"`
	Why        string    `json:"why" enum:",unlisted,over,unapproved,refused,cancelled,early,late,elsewhere,unknown" doc:"What was wrong where basis is none."`
	Reason     string    `json:"reason" doc:"Why they came in all the same."`

	LeftAt         *time.Time `json:"left_at" doc:"null: still inside."`
	LeftRecordedAt *time.Time `json:"left_recorded_at"`
	LeftRecordedBy string     `json:"left_recorded_by"`
	LeftLateReason string     `json:"left_late_reason"`
	CarriedOut     string     `json:"carried_out"`
	Last           bool       `json:"last" doc:"Nobody was inside any more."`

	ReviewedAt  *time.Time   `json:"reviewed_at" doc:"When the administrator looked into an entry without permission."`
	ReviewedBy  string       `json:"reviewed_by"`
	Finding     string       `json:"finding"`
	Corrections []Correction `json:"corrections" nullable:"false" doc:"Of the entry and of the exit, the oldest of each first; the line stands as they have it."`
}

func roomEntryOf(e room.Entry) RoomEntry {
	return RoomEntry{ID: e.ID, RoomID: e.AreaID, Who: e.Subject, Name: e.Name, Org: e.Org, EnteredAt: e.OccurredAt.UTC(), RecordedAt: e.RecordedAt.UTC(), RecordedBy: e.ByText,
		LateReason: e.LateReason, Purpose: e.Purpose, EscortID: e.EscortID, Escort: e.EscortText, VisitID: e.VisitID, PermitNo: e.PermitNo, Badge: e.Badge, CarriedIn: e.Carried,
		Basis: e.Basis, Why: e.Why, Reason: e.Reason, LeftAt: utc(e.LeftAt), LeftRecordedAt: utc(e.LeftRecorded), LeftRecordedBy: e.LeftBy, LeftLateReason: e.LeftLate,
		CarriedOut: e.LeftCarried, Last: e.LeftLast, ReviewedAt: utc(e.ReviewedAt), ReviewedBy: e.ReviewedBy, Finding: e.Finding,
		Corrections: correctionsOf(slices.Concat(e.Corrections, e.ExitCorrections))}
}

// RoomWhen is when something happened.
type RoomWhen struct {
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"Nothing is now."`
	LateReason string     `json:"late_reason,omitempty" maxLength:"1000" doc:"Why it is written down later than the host allows."`
}

func (w RoomWhen) room() room.When {
	out := room.When{LateReason: w.LateReason}
	if w.OccurredAt != nil {
		out.At = *w.OccurredAt
	}
	return out
}

// RoomEntryInput says who comes in.
type RoomEntryInput struct {
	Who string `json:"who" maxLength:"40" doc:"person:12, permit:4, visitor:9 or other." example:"person:12"`
	RoomWhen
	Name      string `json:"name,omitempty" maxLength:"1000" doc:"Of other."`
	Org       string `json:"org,omitempty" maxLength:"1000" doc:"Of other."`
	Purpose   string `json:"purpose,omitempty" maxLength:"1000" doc:"Nothing: the work of the visit."`
	EscortID  int64  `json:"escort_id,omitempty" minimum:"0" doc:"One of the host's own; of these themselves nobody is needed."`
	BadgeID   int64  `json:"badge_id,omitempty" minimum:"0" doc:"Handed out with it."`
	CarriedIn string `json:"carried_in,omitempty" maxLength:"1000"`
	Reason    string `json:"reason,omitempty" maxLength:"1000" doc:"Why they came in though it is not permitted: it is written down, and the administrator is told at once."`
}

// RoomExitInput is what is entered about somebody who leaves.
type RoomExitInput struct {
	RoomWhen
	CarriedOut string   `json:"carried_out,omitempty" maxLength:"1000"`
	BadgeBack  bool     `json:"badge_back,omitempty"`
	Done       []string `json:"done,omitempty" maxItems:"12" doc:"Of the last one out: the items of the checklist that are as they must be."`
	Found      string   `json:"found,omitempty" maxLength:"1000" doc:"What is not."`
}

// RoomExit is what an exit comes to.
type RoomExit struct {
	Entry  RoomEntry  `json:"entry"`
	Empty  bool       `json:"empty" doc:"Nobody is inside any more."`
	LockBy *time.Time `json:"lock_by" doc:"By when the lock must be confirmed."`
}

// RoomLock is what was found of an empty room (施錠確認).
type RoomLock struct {
	ID          int64        `json:"id"`
	RoomID      int64        `json:"room_id"`
	At          time.Time    `json:"occurred_at"`
	RecordedAt  time.Time    `json:"recorded_at"`
	RecordedBy  string       `json:"recorded_by"`
	LateReason  string       `json:"late_reason"`
	Done        []string     `json:"done" nullable:"false"`
	Undone      []string     `json:"undone" nullable:"false"`
	Found       string       `json:"found"`
	WithExit    bool         `json:"with_exit" doc:"By the last one out, with their exit."`
	Corrections []Correction `json:"corrections" nullable:"false" doc:"Of this line, the oldest first; the line stands as they have it."`
}

func roomLockOf(l room.Lock) RoomLock {
	return RoomLock{ID: l.ID, RoomID: l.AreaID, At: l.OccurredAt.UTC(), RecordedAt: l.RecordedAt.UTC(), RecordedBy: l.ByText, LateReason: l.LateReason, Done: list(l.Done),
		Undone: list(l.Undone), Found: l.Found, WithExit: l.ExitID != nil, Corrections: correctionsOf(l.Corrections)}
}

// RoomLockInput is what is entered about an empty room.
type RoomLockInput struct {
	RoomWhen
	Done  []string `json:"done" maxItems:"12" nullable:"false" doc:"The items of the checklist that are as they must be."`
	Found string   `json:"found,omitempty" maxLength:"1000" doc:"What is not."`
}

// InRoom names an area in the path.
type InRoom struct {
	Room int64 `path:"room_id" minimum:"1" doc:"The area's id."`
}

// Stretch asks for days.
type Stretch struct {
	From  string `query:"from" format:"date" doc:"The first day; nothing: 30 days ago."`
	Until string `query:"until" format:"date" doc:"The last day; nothing: today."`
}

func (s Stretch) moments(tx *tenants.Tx) (from, until time.Time, err error) {
	first, err := dayOr(s.From, tx)
	if err != nil {
		return from, until, err
	}
	last, err := dayOr(s.Until, tx)
	if s.From == "" {
		first = first.AddDays(-30)
	}
	return first.At(0, 0, tokyo), last.AddDays(1).At(0, 0, tokyo), err
}

func listRooms(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Room], error) {
	all, err := room.List(ctx, tx)
	return whole(all, roomOf), err
}

func getRoom(ctx context.Context, tx *tenants.Tx, in *InRoom) (Room, error) {
	r, err := room.Get(ctx, tx, in.Room)
	return roomOf(r), err
}

func setRoom(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Body RoomSettings
}) (Room, error) {
	r, err := room.Set(ctx, tx, in.Room, room.SettingsInput(in.Body))
	return roomOf(r), err
}

func listInside(ctx context.Context, tx *tenants.Tx, in *struct {
	Room int64 `query:"room_id" minimum:"0" doc:"One area's; nothing: all."`
}) (List[RoomEntry], error) {
	all, err := room.InsideNow(ctx, tx, in.Room)
	return whole(all, roomEntryOf), err
}

func listRoomEntries(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Stretch
}) (List[RoomEntry], error) {
	from, until, err := in.moments(tx)
	if err != nil {
		return List[RoomEntry]{}, err
	}
	all, err := room.Book(ctx, tx, in.Room, from, until)
	return whole(all, roomEntryOf), err
}

func takeRoomEntries(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Stretch
}) (room.Taken, error) {
	from, until, err := in.moments(tx)
	if err != nil {
		return room.Taken{}, err
	}
	return room.TakeOut(ctx, tx, in.Room, from, until)
}

var roomFile = file[room.Taken]{about: "サーバ室入退室記録簿 for spreadsheets: UTF-8 with a byte order mark, CRLF, formulas made harmless.", medias: []string{"text/csv; charset=utf-8"},
	name: room.Taken.FileName, media: func(room.Taken) string { return "text/csv; charset=utf-8" },
	write: room.WriteBook}

func enterRoom(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Body RoomEntryInput
}) (RoomEntry, error) {
	b := in.Body
	e, err := room.Enter(ctx, tx, room.EnterInput{AreaID: in.Room, Who: b.Who, Name: b.Name, Org: b.Org, When: b.room(), Purpose: b.Purpose, EscortID: b.EscortID, BadgeID: b.BadgeID,
		Carried: b.CarriedIn, Reason: b.Reason})
	return roomEntryOf(e), err
}

// ByID names one thing in the path.
type ByID struct {
	ID int64 `path:"id" minimum:"1" doc:"Its id."`
}

func getRoomEntry(ctx context.Context, tx *tenants.Tx, in *ByID) (RoomEntry, error) {
	e, err := room.GetEntry(ctx, tx, in.ID)
	return roomEntryOf(e), err
}

func leaveRoom(ctx context.Context, tx *tenants.Tx, in *struct {
	ByID
	Body RoomExitInput
}) (RoomExit, error) {
	b := in.Body
	left, err := room.Leave(ctx, tx, in.ID, room.LeaveInput{When: b.room(), Carried: b.CarriedOut, BadgeBack: b.BadgeBack, Done: b.Done, Found: b.Found})
	return RoomExit{Entry: roomEntryOf(left.Entry), Empty: left.Empty, LockBy: utc(left.LockBy)}, err
}

// RoomFinding is what was found about an entry without permission.
type RoomFinding struct {
	Finding string `json:"finding" maxLength:"1000"`
}

func reviewRoomEntry(ctx context.Context, tx *tenants.Tx, in *struct {
	ByID
	Body RoomFinding
}) (RoomEntry, error) {
	e, err := room.Review(ctx, tx, in.ID, in.Body.Finding)
	return roomEntryOf(e), err
}

func listRoomLocks(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Stretch
}) (List[RoomLock], error) {
	from, until, err := in.moments(tx)
	if err != nil {
		return List[RoomLock]{}, err
	}
	all, err := room.Locks(ctx, tx, in.Room, from, until)
	return whole(all, roomLockOf), err
}

func confirmRoomLock(ctx context.Context, tx *tenants.Tx, in *struct {
	InRoom
	Body RoomLockInput
}) (RoomLock, error) {
	l, err := room.Confirm(ctx, tx, in.Room, room.LockInput{When: in.Body.room(), Done: in.Body.Done, Found: in.Body.Found})
	return roomLockOf(l), err
}

// RoomPermit is a line of 入室許可者名簿.
type RoomPermit struct {
	ID         int64         `json:"id"`
	RoomID     int64         `json:"room_id"`
	Room       string        `json:"room"`
	PersonID   *int64        `json:"person_id" doc:"One of the host's own; null: somebody from elsewhere."`
	Name       string        `json:"name"`
	Org        string        `json:"org"`
	FromOn     calendar.Date `json:"from_on" format:"date"`
	UntilOn    calendar.Date `json:"until_on" format:"date"`
	Document   string        `json:"document" doc:"On what it rests." example:"蘭住第12号"`
	Note       string        `json:"note"`
	GrantedAt  time.Time     `json:"granted_at"`
	GrantedBy  string        `json:"granted_by"`
	RevokedAt  *time.Time    `json:"revoked_at"`
	RevokedBy  string        `json:"revoked_by"`
	RevokedWhy string        `json:"revoked_why"`
}

func roomPermitOf(p room.Permit) RoomPermit {
	return RoomPermit{ID: p.ID, RoomID: p.AreaID, Room: p.Area, PersonID: p.PersonID, Name: p.Name, Org: p.Org, FromOn: p.FromOn, UntilOn: p.UntilOn, Document: p.Document, Note: p.Note,
		GrantedAt: p.GrantedAt.UTC(), GrantedBy: p.ByText, RevokedAt: utc(p.RevokedAt), RevokedBy: p.RevokedBy, RevokedWhy: p.RevokedWhy}
}

// RoomPermitInput puts somebody on the list. The caller is who permits it: another person.
type RoomPermitInput struct {
	RoomID   int64  `json:"room_id" minimum:"1"`
	PersonID int64  `json:"person_id,omitempty" minimum:"0" doc:"One of the host's own; nothing: by name and org."`
	Name     string `json:"name,omitempty" maxLength:"1000"`
	Org      string `json:"org,omitempty" maxLength:"1000"`
	FromOn   string `json:"from_on,omitempty" format:"date" doc:"Nothing: today."`
	UntilOn  string `json:"until_on,omitempty" format:"date" doc:"Nothing: the end of the fiscal year."`
	Document string `json:"document" maxLength:"1000"`
	Note     string `json:"note,omitempty" maxLength:"1000"`
}

func dateOrNone(text string, v *tenants.Invalid, field string) calendar.Date {
	if text == "" {
		return calendar.Date{}
	}
	day, err := calendar.Parse(text)
	if err != nil {
		v.Add(field, "日付は 2026-11-21 の形で指定してください。", "Give the date as 2026-11-21.")
	}
	return day
}

func listRoomPermits(ctx context.Context, tx *tenants.Tx, in *struct {
	Room   int64 `query:"room_id" minimum:"0" doc:"One area's; nothing: all."`
	Former bool  `query:"former" doc:"Those that are over, too."`
}) (List[RoomPermit], error) {
	all, err := room.Permits(ctx, tx, in.Room, in.Former)
	return whole(all, roomPermitOf), err
}

func grantRoom(ctx context.Context, tx *tenants.Tx, in *struct{ Body RoomPermitInput }) (RoomPermit, error) {
	b := in.Body
	if err := tx.Permit(tenants.WriteRoom, tx.Actor.TenantID); err != nil {
		return RoomPermit{}, err
	}
	var v tenants.Invalid
	from, until := dateOrNone(b.FromOn, &v, "from_on"), dateOrNone(b.UntilOn, &v, "until_on")
	if err := v.Err(); err != nil {
		return RoomPermit{}, err
	}
	p, err := room.Grant(ctx, tx, room.PermitInput{AreaID: b.RoomID, PersonID: b.PersonID, Name: b.Name, Org: b.Org, FromOn: from, UntilOn: until, Document: b.Document, Note: b.Note})
	return roomPermitOf(p), err
}

// Because says why.
type Because struct {
	Reason string `json:"reason" maxLength:"1000"`
}

type because struct {
	ByID
	Body Because
}

func revokeRoom(ctx context.Context, tx *tenants.Tx, in *because) (RoomPermit, error) {
	p, err := room.Revoke(ctx, tx, in.ID, in.Body.Reason)
	return roomPermitOf(p), err
}
