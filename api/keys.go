package api

import (
	"time"

	"tanamori/tenants/calendar"
	"tanamori/tenants/key"
)

// KeySetting is what the host has decided about keys (運用上).
type KeySetting struct {
	LadderID      int64 `json:"ladder_id,omitempty" minimum:"0" doc:"Who is told when a key does not come back; 0: the host's default ladder."`
	GraceMinutes  int   `json:"grace_minutes" minimum:"0" maximum:"1440" doc:"Somebody is told this long after a key should have been back."`
	BackdateHours int   `json:"backdate_hours" minimum:"1" maximum:"168" doc:"What happened longer ago needs a reason."`
	CylinderDays  int   `json:"cylinder_days" minimum:"1" maximum:"90" doc:"A cylinder is changed so soon after a loss."`
}

// KeyCabinet is where keys hang (保管庫), in slots from 1.
type KeyCabinet struct {
	ID          int64         `json:"id"`
	AreaID      int64         `json:"area_id"`
	Area        string        `json:"area"`
	Name        string        `json:"name"`
	Place       string        `json:"place"`
	Slots       int           `json:"slots"`
	StockMonths int           `json:"stock_months" doc:"It is counted within so many months."`
	StockDueOn  calendar.Date `json:"stock_due_on" format:"date"`
	StockedAt   *time.Time    `json:"stocked_at"`
	StockedBy   string        `json:"stocked_by"`
	Note        string        `json:"note"`
	Label       string        `json:"label" doc:"The six digits on it; empty where it is retired."`
	RetiredAt   *time.Time    `json:"retired_at"`
}

func keyCabinetOf(c key.Cabinet, labels map[int64]string) KeyCabinet {
	return KeyCabinet{ID: c.ID, AreaID: c.AreaID, Area: c.Area, Name: c.Name, Place: c.Place, Slots: c.Slots, StockMonths: c.StockMonths, StockDueOn: c.StockDueOn, StockedAt: utc(c.StockedAt),
		StockedBy: c.StockedBy, Note: c.Note, Label: labels[c.ID], RetiredAt: utc(c.RetiredAt)}
}

// KeyCabinetInput is what is entered about a cabinet.
type KeyCabinetInput struct {
	AreaID      int64  `json:"area_id" minimum:"1"`
	Name        string `json:"name" maxLength:"1000"`
	Place       string `json:"place,omitempty" maxLength:"1000"`
	Slots       int    `json:"slots" minimum:"1" maximum:"200"`
	StockMonths int    `json:"stock_months,omitempty" minimum:"1" maximum:"12" default:"1"`
	Note        string `json:"note,omitempty" maxLength:"10000"`
}

// KeyOpens is one thing that a key opens.
type KeyOpens struct {
	RackID    *int64 `json:"rack_id"`
	AreaID    *int64 `json:"area_id"`
	CabinetID *int64 `json:"cabinet_id"`
	Name      string `json:"name"`
}

// KeyItem is a kind of key: all its copies open the same.
type KeyItem struct {
	ID          int64      `json:"id"`
	Kind        string     `json:"kind" enum:"key,card"`
	Name        string     `json:"name"`
	Opens       []KeyOpens `json:"opens" nullable:"false"`
	Excludes    []int64    `json:"excludes" nullable:"false" doc:"Items that nobody holds together with this one."`
	Authorisers int        `json:"authorisers" doc:"So many other persons agree to a loan."`
	DueClock    int        `json:"due_clock" doc:"The usual time by which it is back, in minutes of the host's day."`
	DueMinutes  *int       `json:"due_minutes" doc:"Or so long after it was handed out."`
	Generation  int        `json:"generation" doc:"Of the cylinder."`
	Note        string     `json:"note"`
	RetiredAt   *time.Time `json:"retired_at"`
}

func keyItemOf(i key.Item) KeyItem {
	return KeyItem{ID: i.ID, Kind: i.Kind, Name: i.Name, Opens: each(i.Opens, func(o key.Opens) KeyOpens { return KeyOpens{o.RackID, o.AreaID, o.CabinetID, o.Name} }),
		Excludes: append([]int64{}, i.Excludes...), Authorisers: i.Authorisers, DueClock: i.DueClock, DueMinutes: i.DueMinutes, Generation: i.Generation, Note: i.Note, RetiredAt: utc(i.RetiredAt)}
}

// KeyItemInput is what is entered about a kind of key.
type KeyItemInput struct {
	Kind        string  `json:"kind,omitempty" enum:"key,card" default:"key"`
	Name        string  `json:"name" maxLength:"1000" example:"サーバラックA列の鍵"`
	Racks       []int64 `json:"racks,omitempty" maxItems:"500" doc:"What it opens."`
	Areas       []int64 `json:"areas,omitempty" maxItems:"500"`
	Cabinets    []int64 `json:"cabinets,omitempty" maxItems:"500"`
	Excludes    []int64 `json:"excludes,omitempty" maxItems:"500" doc:"Items that nobody holds together with this one."`
	Authorisers int     `json:"authorisers,omitempty" minimum:"1" maximum:"3" default:"1"`
	DueClock    int     `json:"due_clock,omitempty" minimum:"0" maximum:"1439" default:"1020"`
	DueMinutes  *int    `json:"due_minutes,omitempty" minimum:"15" maximum:"10080"`
	Note        string  `json:"note,omitempty" maxLength:"10000"`
}

func (in KeyItemInput) room() key.ItemInput {
	return key.ItemInput{Kind: in.Kind, Name: in.Name, Racks: in.Racks, Areas: in.Areas, Cabinets: in.Cabinets, Authorisers: in.Authorisers, DueClock: in.DueClock, DueMinutes: in.DueMinutes,
		Excludes: in.Excludes, Note: in.Note}
}

// KeyCopy is one key that can be held in a hand.
type KeyCopy struct {
	ID         int64      `json:"id"`
	ItemID     int64      `json:"item_id"`
	Name       string     `json:"name" example:"サーバラックの鍵 正1"`
	Serial     string     `json:"serial" doc:"鍵番号"`
	Rank       string     `json:"rank" enum:"main,spare" doc:"正, 副"`
	Number     int        `json:"number"`
	Generation int        `json:"generation" doc:"Of the cylinder that it opens."`
	State      string     `json:"state" enum:"in,out,lost,retired"`
	CabinetID  int64      `json:"cabinet_id" doc:"Where it belongs."`
	Cabinet    string     `json:"cabinet"`
	Slot       int        `json:"slot"`
	LoanID     *int64     `json:"loan_id"`
	HolderID   *int64     `json:"holder_id" doc:"Who answers for it; where it is lost, who had it last."`
	Holder     string     `json:"holder"`
	Since      *time.Time `json:"since"`
	DueAt      *time.Time `json:"due_at"`
	Overdue    bool       `json:"overdue"`
	Label      string     `json:"label" doc:"The six digits on it; empty where it is retired."`
	RetiredAt  *time.Time `json:"retired_at"`
}

func keyCopyOf(c key.Copy, labels map[int64]string, now time.Time) KeyCopy {
	return KeyCopy{ID: c.ID, ItemID: c.ItemID, Name: c.Name(), Serial: c.Serial, Rank: c.Rank, Number: c.Number, Generation: c.Generation, State: c.State, CabinetID: c.CabinetID, Cabinet: c.Cabinet,
		Slot: c.Slot, LoanID: c.LoanID, HolderID: c.HolderID, Holder: c.Holder, Since: utc(c.Since), DueAt: utc(c.DueAt), Overdue: c.Overdue(now), Label: labels[c.ID], RetiredAt: utc(c.RetiredAt)}
}

// KeyEvent is one line of the ledger of a copy.
type KeyEvent struct {
	ID             int64        `json:"id"`
	Kind           string       `json:"kind" enum:"added,moved,lent,returned,handed_over,extended,inspected,lost,found,retired,cylinder"`
	LoanID         *int64       `json:"loan_id"`
	OccurredAt     time.Time    `json:"occurred_at"`
	RecordedAt     time.Time    `json:"recorded_at"`
	ByID           int64        `json:"by_id"`
	By             string       `json:"by" doc:"Who wrote it down."`
	FromID         *int64       `json:"from_id"`
	From           string       `json:"from" doc:"Who gave it up."`
	ToID           *int64       `json:"to_id"`
	To             string       `json:"to" doc:"Who has it since."`
	Visitor        string       `json:"visitor"`
	VisitorCompany string       `json:"visitor_company"`
	Purpose        string       `json:"purpose"`
	Work           string       `json:"work"`
	DueAt          *time.Time   `json:"due_at"`
	ApprovedBy     string       `json:"approved_by"`
	CabinetID      int64        `json:"cabinet_id" doc:"Where it belongs after it."`
	Slot           int          `json:"slot"`
	LeftIn         int          `json:"left_in" doc:"Copies of the item in their cabinets after it (残数)."`
	Reason         string       `json:"reason"`
	Corrections    []Correction `json:"corrections" nullable:"false" doc:"Of this line, the oldest first; the line stands as they have it."`
}

func keyEventOf(e key.Event) KeyEvent {
	return KeyEvent{ID: e.ID, Kind: e.Kind, LoanID: e.LoanID, OccurredAt: e.OccurredAt.UTC(), RecordedAt: e.RecordedAt.UTC(), ByID: e.ByID, By: e.ByText, FromID: e.FromID, From: e.FromText,
		ToID: e.ToID, To: e.ToText, Visitor: e.Visitor, VisitorCompany: e.VisitorCompany, Purpose: e.Purpose, Work: e.Work, DueAt: utc(e.DueAt), ApprovedBy: e.ApprovedBy, CabinetID: e.CabinetID,
		Slot: e.Slot, LeftIn: e.LeftIn, Reason: e.Reason, Corrections: correctionsOf(e.Corrections)}
}

// KeyApproval is that another person agreed to a loan.
type KeyApproval struct {
	At   time.Time `json:"at"`
	ByID int64     `json:"by_id"`
	By   string    `json:"by"`
}

// KeyLoan is a line of the loan book (鍵貸出簿), from its request on.
type KeyLoan struct {
	ID             int64         `json:"id"`
	CopyID         int64         `json:"copy_id"`
	ItemID         int64         `json:"item_id"`
	Copy           string        `json:"copy"`
	Serial         string        `json:"serial"`
	State          string        `json:"state" enum:"asked,refused,withdrawn,lapsed,out,returned,handed_over,lost,ended"`
	Handover       bool          `json:"handover" doc:"From whoever had it, without its coming back between."`
	BorrowerID     int64         `json:"borrower_id"`
	Borrower       string        `json:"borrower" doc:"Who answers for it."`
	Visitor        string        `json:"visitor" doc:"Whom the borrower escorts."`
	VisitorCompany string        `json:"visitor_company"`
	Purpose        string        `json:"purpose"`
	Work           string        `json:"work"`
	DueMinutes     *int          `json:"due_minutes"`
	DueAt          *time.Time    `json:"due_at"`
	Authorisers    int           `json:"authorisers"`
	Approvals      []KeyApproval `json:"approvals" nullable:"false" doc:"In lists only of requests that wait."`
	ApprovedBy     string        `json:"approved_by"`
	AskedAt        time.Time     `json:"asked_at"`
	AskedBy        string        `json:"asked_by"`
	ClosedAt       *time.Time    `json:"closed_at"`
	ClosedBy       string        `json:"closed_by"`
	ClosedReason   string        `json:"closed_reason"`
	OutAt          *time.Time    `json:"out_at"`
	OutBy          string        `json:"out_by"`
	OutLeft        *int          `json:"out_left"`
	BackAt         *time.Time    `json:"back_at"`
	BackBy         string        `json:"back_by"`
	BackLeft       *int          `json:"back_left"`
}

func keyLoanOf(l key.Loan) KeyLoan {
	return KeyLoan{ID: l.ID, CopyID: l.CopyID, ItemID: l.ItemID, Copy: l.CopyName, Serial: l.Serial, State: l.State, Handover: l.Handover, BorrowerID: l.BorrowerID, Borrower: l.Borrower, Visitor: l.Visitor,
		VisitorCompany: l.VisitorCompany, Purpose: l.Purpose, Work: l.Work, DueMinutes: l.DueMinutes, DueAt: utc(l.DueAt), Authorisers: l.Authorisers, ApprovedBy: l.ApprovedBy,
		Approvals: each(l.Approvals, func(a key.Approval) KeyApproval { return KeyApproval{a.At.UTC(), a.ByID, a.ByText} }), AskedAt: l.AskedAt.UTC(), AskedBy: l.AskedBy, ClosedAt: utc(l.ClosedAt),
		ClosedBy: l.ClosedBy, ClosedReason: l.ClosedReason, OutAt: utc(l.OutAt), OutBy: l.OutBy, OutLeft: l.OutLeft, BackAt: utc(l.BackAt), BackBy: l.BackBy, BackLeft: l.BackLeft}
}

// KeyInventory is one count of a cabinet (棚卸).
type KeyInventory struct {
	ID          int64     `json:"id"`
	CabinetID   int64     `json:"cabinet_id"`
	OccurredAt  time.Time `json:"occurred_at"`
	By          string    `json:"by"`
	Expected    int       `json:"expected"`
	Found       int       `json:"found"`
	Differences int       `json:"differences"`
	Note        string    `json:"note"`
}

func keyInventoryOf(n key.Inventory) KeyInventory {
	return KeyInventory{ID: n.ID, CabinetID: n.CabinetID, OccurredAt: n.OccurredAt.UTC(), By: n.ByText, Expected: n.Expected, Found: n.Found, Differences: n.Differences, Note: n.Note}
}

// KeyInventoryLine is what a count saw of one copy.
type KeyInventoryLine struct {
	CopyID int64  `json:"copy_id"`
	Copy   string `json:"copy"`
	Slot   int    `json:"slot"`
	Seen   string `json:"seen" enum:"present,out,lost,missing,unexpected,stray"`
	Detail string `json:"detail"`
}

// KeyInventoryWithLines is one with its lines.
type KeyInventoryWithLines struct {
	KeyInventory
	Lines []KeyInventoryLine `json:"lines" nullable:"false"`
}

func keyCountOf(n key.Inventory) KeyInventoryWithLines {
	return KeyInventoryWithLines{keyInventoryOf(n), each(n.Lines, func(l key.InventoryLine) KeyInventoryLine {
		return KeyInventoryLine{l.CopyID, l.CopyName, l.Slot, l.Seen, l.Detail}
	})}
}

// KeyHappened is when something happened, and why where that matters.
type KeyHappened struct {
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"Nothing is now. Longer ago than the host's hours needs a reason."`
	Reason     string     `json:"reason,omitempty" maxLength:"1000" doc:"Needed of a look, a loss, a find, a retirement and a changed cylinder."`
}

func (h KeyHappened) room() key.Happened {
	in := key.Happened{Reason: h.Reason}
	if h.OccurredAt != nil {
		in.OccurredAt = *h.OccurredAt
	}
	return in
}
