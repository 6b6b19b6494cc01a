package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/room"
)

// Visitor is one of a visit's people.
type Visitor struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	BadgeID *int64 `json:"badge_id" doc:"What they wear now."`
	Badge   string `json:"badge"`
}

// VisitRoom is an area that a visit is to.
type VisitRoom struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Visit is an application for people from elsewhere (入室許可申請), and what became of it.
type Visit struct {
	ID          int64       `json:"id"`
	Number      string      `json:"number" example:"令和8年度　第12号"`
	State       string      `json:"state" enum:"applied,approved,refused,cancelled"`
	Company     string      `json:"company"`
	Visitors    []Visitor   `json:"visitors" nullable:"false"`
	Rooms       []VisitRoom `json:"rooms" nullable:"false"`
	FromAt      time.Time   `json:"from_at"`
	UntilAt     time.Time   `json:"until_at"`
	Reason      string      `json:"reason"`
	Work        string      `json:"work"`
	CarryIn     string      `json:"carry_in"`
	CarryOut    string      `json:"carry_out"`
	EscortID    int64       `json:"escort_id"`
	Escort      string      `json:"escort"`
	ApplicantID int64       `json:"applicant_id"`
	Applicant   string      `json:"applicant"`
	AppliedAt   time.Time   `json:"applied_at"`
	DecidedAt   *time.Time  `json:"decided_at"`
	DecidedBy   string      `json:"decided_by"`
	DecidedWhy  string      `json:"decided_why"`
	CancelledAt *time.Time  `json:"cancelled_at"`
	CancelledBy string      `json:"cancelled_by"`
	CancelWhy   string      `json:"cancel_why"`
}

func visitOf(v room.Visit) Visit {
	return Visit{ID: v.ID, Number: v.Number(), State: v.State(), Company: v.Company,
		Visitors: each(v.Visitors, func(p room.Visitor) Visitor { return Visitor{p.ID, p.Name, p.BadgeID, p.Badge} }),
		Rooms:    each(v.Areas, func(a room.VisitArea) VisitRoom { return VisitRoom(a) }),
		FromAt:   v.FromAt.UTC(), UntilAt: v.UntilAt.UTC(), Reason: v.Reason, Work: v.Work, CarryIn: v.CarryIn, CarryOut: v.CarryOut, EscortID: v.EscortID, Escort: v.EscortText,
		ApplicantID: v.ApplicantID, Applicant: v.Applicant, AppliedAt: v.AppliedAt.UTC(), DecidedAt: utc(v.DecidedAt), DecidedBy: v.DecidedBy, DecidedWhy: v.DecidedWhy,
		CancelledAt: utc(v.CancelledAt), CancelledBy: v.CancelledBy, CancelWhy: v.CancelWhy}
}

// VisitInput is an application.
type VisitInput struct {
	Company  string    `json:"company" maxLength:"1000"`
	Names    string    `json:"names" maxLength:"4000" doc:"One a line."`
	FromAt   time.Time `json:"from_at"`
	UntilAt  time.Time `json:"until_at" doc:"31 days at most; a longer permission is a line of the list."`
	Reason   string    `json:"reason" maxLength:"1000"`
	Work     string    `json:"work" maxLength:"2000"`
	RoomIDs  []int64   `json:"room_ids" maxItems:"50" nullable:"false"`
	EscortID int64     `json:"escort_id" minimum:"1" doc:"One of the host's own."`
	CarryIn  string    `json:"carry_in,omitempty" maxLength:"2000"`
	CarryOut string    `json:"carry_out,omitempty" maxLength:"2000"`
}

func listVisits(ctx context.Context, tx *tenants.Tx, in *Page) (List[Visit], error) {
	before, err := in.before()
	if err != nil {
		return List[Visit]{}, err
	}
	all, err := room.PastVisits(ctx, tx, before, in.Limit+1)
	return paged(all, in.Limit, func(v room.Visit) int64 { return v.ID }, visitOf), err
}

func getVisit(ctx context.Context, tx *tenants.Tx, in *ByID) (Visit, error) {
	v, err := room.GetVisit(ctx, tx, in.ID)
	return visitOf(v), err
}

func applyVisit(ctx context.Context, tx *tenants.Tx, in *struct{ Body VisitInput }) (Visit, error) {
	b := in.Body
	v, err := room.Apply(ctx, tx, room.VisitInput{Company: b.Company, Names: b.Names, FromAt: b.FromAt, UntilAt: b.UntilAt, Reason: b.Reason, Work: b.Work, Areas: b.RoomIDs,
		EscortID: b.EscortID, CarryIn: b.CarryIn, CarryOut: b.CarryOut})
	return visitOf(v), err
}

func approveVisit(ctx context.Context, tx *tenants.Tx, in *ByID) (Visit, error) {
	v, err := room.Decide(ctx, tx, in.ID, true, "")
	return visitOf(v), err
}

func refuseVisit(ctx context.Context, tx *tenants.Tx, in *because) (Visit, error) {
	v, err := room.Decide(ctx, tx, in.ID, false, in.Body.Reason)
	return visitOf(v), err
}

func cancelVisit(ctx context.Context, tx *tenants.Tx, in *because) (Visit, error) {
	v, err := room.Cancel(ctx, tx, in.ID, in.Body.Reason)
	return visitOf(v), err
}

// Badge is a name badge (名札).
type Badge struct {
	ID        int64      `json:"id"`
	Number    string     `json:"number"`
	Note      string     `json:"note"`
	Label     string     `json:"label" doc:"The six digits of its QR code."`
	VisitorID *int64     `json:"visitor_id" doc:"Who wears it now."`
	OutTo     string     `json:"out_to"`
	OutAt     *time.Time `json:"out_at"`
	DueAt     *time.Time `json:"due_at" doc:"By when it must be back."`
	RetiredAt *time.Time `json:"retired_at"`
}

func badgeOf(b room.Badge) Badge {
	return Badge{ID: b.ID, Number: b.Number, Note: b.Note, Label: b.Label, VisitorID: b.VisitorID, OutTo: b.OutTo, OutAt: utc(b.OutAt), DueAt: utc(b.DueAt), RetiredAt: utc(b.RetiredAt)}
}

// BadgeEvent is one line of a badge's ledger.
type BadgeEvent struct {
	ID         int64     `json:"id"`
	Kind       string    `json:"kind" enum:"out,back,retired"`
	Holder     string    `json:"holder"`
	OccurredAt time.Time `json:"occurred_at"`
	RecordedAt time.Time `json:"recorded_at"`
	RecordedBy string    `json:"recorded_by"`
	LateReason string    `json:"late_reason"`
	Reason     string    `json:"reason"`
}

// BadgeWithEvents is a badge with its ledger.
type BadgeWithEvents struct {
	Badge
	Events []BadgeEvent `json:"events" nullable:"false" doc:"The newest first."`
}

// BadgeInput puts a badge into the stock.
type BadgeInput struct {
	Number string `json:"number" maxLength:"100"`
	Note   string `json:"note,omitempty" maxLength:"1000"`
}

func listBadges(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Badge], error) {
	all, err := room.Badges(ctx, tx)
	return whole(all, badgeOf), err
}

func getBadge(ctx context.Context, tx *tenants.Tx, in *ByID) (BadgeWithEvents, error) {
	b, events, err := room.GetBadge(ctx, tx, in.ID)
	return BadgeWithEvents{badgeOf(b), each(events, func(e room.BadgeEvent) BadgeEvent {
		return BadgeEvent{ID: e.ID, Kind: e.Kind, Holder: e.Holder, OccurredAt: e.OccurredAt.UTC(), RecordedAt: e.RecordedAt.UTC(), RecordedBy: e.ByText, LateReason: e.LateReason, Reason: e.Reason}
	})}, err
}

func addBadge(ctx context.Context, tx *tenants.Tx, in *struct{ Body BadgeInput }) (Badge, error) {
	b, err := room.AddBadge(ctx, tx, in.Body.Number, in.Body.Note)
	return badgeOf(b), err
}

// BadgeLabel is the six digits of a badge's QR code.
type BadgeLabel struct {
	Label string `json:"label"`
}

func relabelBadge(ctx context.Context, tx *tenants.Tx, in *ByID) (BadgeLabel, error) {
	code, err := room.RelabelBadge(ctx, tx, in.ID)
	return BadgeLabel{code}, err
}

func retireBadge(ctx context.Context, tx *tenants.Tx, in *because) (Badge, error) {
	b, err := room.RetireBadge(ctx, tx, in.ID, in.Body.Reason)
	return badgeOf(b), err
}

// BadgeLoan says to whom a badge is handed out.
type BadgeLoan struct {
	VisitorID int64 `json:"visitor_id" minimum:"1"`
	RoomWhen
}

func handOutBadge(ctx context.Context, tx *tenants.Tx, in *struct {
	ByID
	Body BadgeLoan
}) (Badge, error) {
	b, err := room.HandOut(ctx, tx, in.ID, in.Body.VisitorID, in.Body.room())
	return badgeOf(b), err
}

func takeBackBadge(ctx context.Context, tx *tenants.Tx, in *struct {
	ByID
	Body RoomWhen
}) (Badge, error) {
	b, err := room.TakeBack(ctx, tx, in.ID, in.Body.room())
	return badgeOf(b), err
}
