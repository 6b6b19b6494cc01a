// Package key is the ledger of keys (ラック鍵の管理簿・貸出簿; RK 別表 サーバ(1)(2)): what each key opens, its copies, the cabinets they
// hang in, who has which one until when and for what, and what happened to them. The host keeps it. Who holds a copy is what its
// events come to.
package key

import (
	"strconv"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Kind is the ledger's word in duties (that a copy comes back) and on the labels of copies.
const Kind = "key"

// Further kinds of duties, and the word on the labels of cabinets.
const (
	KindLost     = "key_lost"     // that something is done about a lost copy
	KindCylinder = "key_cylinder" // that a cylinder is changed
	KindStock    = "key_stock"    // that a cabinet is counted
	KindCabinet  = "key_cabinet"
)

// What a key can be, in the order of forms.
const (
	Metal = "key"
	Card  = "card"
)

// Ranks of a copy: 正 is in daily use, 副 is kept for when it fails.
const (
	Main  = "main"
	Spare = "spare"
)

// Where a copy stands.
const (
	In      = "in"
	Out     = "out"
	Lost    = "lost"
	Retired = "retired"
)

// What happens to a copy.
const (
	Added      = "added"       // 登録
	Moved      = "moved"       // 保管場所の変更
	Lent       = "lent"        // 貸出
	Returned   = "returned"    // 返却
	HandedOver = "handed_over" // 引継
	Extended   = "extended"    // 延長
	Inspected  = "inspected"   // 点検
	WasLost    = "lost"        // 紛失
	Found      = "found"       // 発見
	WasRetired = "retired"     // 廃止
	Cylinder   = "cylinder"    // シリンダー交換
)

// States of a loan.
const (
	Asked     = "asked"
	Refused   = "refused"
	Withdrawn = "withdrawn"
	Lapsed    = "lapsed" // its time passed before it was handed out
	Ended     = "ended"  // the copy was retired while it was out
)

// What a count sees of a copy.
const (
	Present    = "present"
	Missing    = "missing"    // it should hang there, nobody has it
	Unexpected = "unexpected" // it hangs there although it is out, or lost
	Stray      = "stray"      // it belongs to another cabinet
)

var _ = tenants.Sentences(map[string][2]string{
	"key.kind.key":   {"鍵", "key"},
	"key.kind.card":  {"カード", "card"},
	"key.rank.main":  {"正", "main"},
	"key.rank.spare": {"副", "spare"},

	"key.event.added":       {"登録", "registered"},
	"key.event.moved":       {"保管場所の変更", "moved"},
	"key.event.lent":        {"貸出", "lent"},
	"key.event.returned":    {"返却", "returned"},
	"key.event.handed_over": {"引継", "handed over"},
	"key.event.extended":    {"延長", "extended"},
	"key.event.inspected":   {"点検", "inspected"},
	"key.event.lost":        {"紛失", "lost"},
	"key.event.found":       {"発見", "found"},
	"key.event.retired":     {"廃止", "retired"},
	"key.event.cylinder":    {"シリンダー交換", "cylinder changed"},

	"key.loan.asked":       {"申請中", "asked for"},
	"key.loan.refused":     {"却下", "refused"},
	"key.loan.withdrawn":   {"取下げ", "withdrawn"},
	"key.loan.lapsed":      {"無効", "lapsed"},
	"key.loan.out":         {"貸出中", "out"},
	"key.loan.returned":    {"返却", "returned"},
	"key.loan.handed_over": {"引継", "handed over"},
	"key.loan.lost":        {"紛失", "lost"},
	"key.loan.ended":       {"廃止", "retired"},

	"key.seen.present":    {"あり", "there"},
	"key.seen.out":        {"貸出中", "out"},
	"key.seen.lost":       {"紛失中", "lost"},
	"key.seen.missing":    {"見当たらない", "missing"},
	"key.seen.unexpected": {"台帳では外にある", "on record as elsewhere"},
	"key.seen.stray":      {"ほかの保管庫のもの", "of another cabinet"},

	"key.returned":         {"返却されました", "It was returned"},
	"key.handed_over":      {"{to}に引き継がれました", "It was handed over to {to}"},
	"key.lost":             {"鍵が見当たりません：{reason}", "The key is lost: {reason}"},
	"key.loss_dealt_with":  {"紛失として扱われています", "It is dealt with as lost"},
	"key.found":            {"鍵が見つかりました", "The key was found"},
	"key.cylinder_changed": {"シリンダーが交換されました", "The cylinder was changed"},
	"key.stocked":          {"棚卸で食い違いがありませんでした", "The count agreed with the ledger"},
	"key.short":            {"棚卸で食い違いがありました：{found}", "The count differed from the ledger: {found}"},
	"key.retired":          {"廃止されました", "It was retired"},

	"retention.series.key":              {"鍵の管理簿", "Ledger of keys"},
	"retention.basis.key":               {"運用上。操作履歴に合わせています。いまの所在を示す記録は、年数によらず残ります", "Operational, as long as the operation log; what tells where a key is stays however old"},
	"retention.kind.key_event":          {"鍵の貸出・返却など", "what happened to keys"},
	"retention.kind.key_approval":       {"鍵の貸出の承認", "approvals of loans of keys"},
	"retention.kind.key_inventory":      {"鍵の棚卸", "counts of keys"},
	"retention.kind.key_inventory_line": {"鍵の棚卸の明細", "lines of counts of keys"},
})

var _ = tenants.Shorts(map[string][2]string{
	"key.returned":         {"返却", "returned"},
	"key.handed_over":      {"引継", "handed over"},
	"key.lost":             {"紛失", "lost"},
	"key.loss_dealt_with":  {"紛失", "lost"},
	"key.found":            {"発見", "found"},
	"key.cylinder_changed": {"交換済", "changed"},
	"key.stocked":          {"一致", "agreed"},
	"key.short":            {"食い違い", "differed"},
	"key.retired":          {"廃止", "retired"},
})

// Words is what people call a kind of key ("kind"), a rank ("rank"), an event ("event"), the state of a loan ("loan") or what a count
// saw ("seen").
func Words(of, code, lang string) string {
	return tenants.Reason{Code: "key." + of + "." + code}.In(lang)
}

// Setting is what the host has decided about keys (運用上).
type Setting struct {
	LadderID      int64 // who is told; 0: the town's default
	GraceMinutes  int   // somebody is told this long after a key should have been back
	BackdateHours int   // what happened longer ago is written down with a reason only
	CylinderDays  int   // a cylinder is changed so soon after a loss
}

// Usual is the setting where nobody has decided anything.
var Usual = Setting{GraceMinutes: 15, BackdateHours: 24, CylinderDays: 7}

// Cabinet is where keys hang (保管庫), in slots from 1.
type Cabinet struct {
	TenantID    int64
	ID          int64
	AreaID      int64
	Area        string // its name
	Name        string
	Place       string
	Slots       int
	StockMonths int // it is counted within so many months
	StockDueOn  calendar.Date
	StockedAt   *time.Time
	StockedBy   string
	DutyID      *int64
	Note        string
	RetiredAt   *time.Time
}

// Item is a kind of key: all its copies open the same.
type Item struct {
	TenantID    int64
	ID          int64
	Kind        string
	Name        string
	Authorisers int  // so many other persons agree to a loan
	DueClock    int  // the usual time by which it is back, in minutes from midnight
	DueMinutes  *int // or so long after it was handed out
	Generation  int  // of the cylinder
	Note        string
	RetiredAt   *time.Time
	Opens       []Opens `gorm:"-"`
	Excludes    []int64 `gorm:"-"` // items that nobody holds together with this one
}

// Opens is one thing that a key opens.
type Opens struct {
	ID        int64
	ItemID    int64
	RackID    *int64
	AreaID    *int64
	CabinetID *int64
	Name      string
	DutyID    *int64
}

// Copy is one key that can be held in a hand.
type Copy struct {
	TenantID   int64
	ID         int64
	ItemID     int64
	Item       string // its name
	Serial     string // 鍵番号
	Rank       string
	Number     int
	Generation int
	Standing   `gorm:"embedded"`
	Cabinet    string // where it belongs, by name
	LastAt     time.Time
	DutyID     *int64
	LostDutyID *int64
	RetiredAt  *time.Time
}

// Standing is what the events of a copy come to.
type Standing struct {
	State     string
	CabinetID int64
	Slot      int
	LoanID    *int64
	HolderID  *int64
	Holder    string // 操作者 見本 次郎, or the visitor with who escorts them
	Since     *time.Time
	DueAt     *time.Time
}

// Name is what a copy goes by: ラックA-03 正1.
func (c Copy) Name() string {
	return c.Item + " " + Words("rank", c.Rank, "ja") + strconv.Itoa(c.Number)
}

// Overdue tells whether it should be back by now.
func (c Copy) Overdue(now time.Time) bool {
	return c.State == Out && c.DueAt != nil && c.DueAt.Before(now)
}

// Loan is a line of the loan book, from its request on.
type Loan struct {
	TenantID       int64
	ID             int64
	CopyID         int64
	ItemID         int64
	CopyName       string
	Serial         string
	State          string
	Handover       bool // from whoever has it, without its coming back between
	BorrowerID     int64
	Borrower       string
	Visitor        string // whom the borrower escorts
	VisitorCompany string
	Purpose        string
	Work           string // the work that it belongs to
	DueMinutes     *int
	DueAt          *time.Time
	Authorisers    int
	ApprovedBy     string
	AskedAt        time.Time
	AskedByID      int64
	AskedBy        string
	ClosedAt       *time.Time
	ClosedBy       string
	ClosedReason   string
	OutAt          *time.Time
	OutBy          string
	OutLeft        *int // copies of the item in their cabinets then (残数)
	BackAt         *time.Time
	BackBy         string
	BackLeft       *int
	Approvals      []Approval `gorm:"-"`
	// What was corrected of the lines that handed it out and took it back; filled in for the book.
	WentOut, CameBack correction.History `gorm:"-"`
}

// Holder is who has it in their hand, and who answers for them.
func (l Loan) Holder() string { return holder(l.Borrower, l.Visitor, l.VisitorCompany) }

func holder(borrower, visitor, company string) string {
	if visitor == "" {
		return borrower
	}
	if company != "" {
		visitor = company + " " + visitor
	}
	return visitor + "（立会 " + borrower + "）"
}

// Ready tells whether enough other persons have agreed.
func (l Loan) Ready() bool { return l.State == Asked && len(l.Approvals) >= l.Authorisers }

// Approval is that another person agreed to a loan.
type Approval struct {
	ID     int64
	LoanID int64
	At     time.Time
	ByID   int64
	ByText string
}

// Event is one line of the ledger.
type Event struct {
	ID             int64
	CopyID         int64
	LoanID         *int64
	Kind           string
	OccurredAt     time.Time
	RecordedAt     time.Time
	ByID           int64
	ByText         string
	FromID         *int64
	FromText       string
	ToID           *int64
	ToText         string
	Visitor        string
	VisitorCompany string
	Purpose        string
	Work           string
	DueAt          *time.Time
	ApprovedBy     string
	CabinetID      int64
	Slot           int
	LeftIn         int // copies of the item in their cabinets after it
	Reason         string
	Corrections    correction.History `gorm:"-"`
}
