// Package room is the ledger of entering and leaving the controlled areas (サーバ室入退室記録簿; RK 第6条第1項, KD 第11・12条): the
// list of who may enter, visitors' applications, badges, entries and exits, who is inside now, and that the room is locked
// when nobody is. Areas are those of the register of racks. It is the host's own throughout.
package room

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// The ledger's words in duties and on labels.
const (
	KindLock  = "room"       // the room is found locked after the last one left; about the area
	KindVisit = "room_visit" // a visit's people are out by its end; about the visit
	KindEntry = "room_entry" // the administrator looks into an entry without permission; about the entry
	KindBadge = "badge"      // a badge is back by the end of the visit; about the badge
)

// By what somebody was let in.
const (
	ByList  = "list"  // 入室許可者名簿
	ByVisit = "visit" // 入室許可申請
	ByNone  = "none"  // 許可なし
)

// What can be wrong with an entry.
const (
	Unlisted   = "unlisted"   // no line of the list is theirs
	Over       = "over"       // the line is over or has not begun
	Unapproved = "unapproved" // nobody has approved the visit
	Refused    = "refused"
	Cancelled  = "cancelled"
	Early      = "early"     // before the visit's window
	Late       = "late"      // after it
	Elsewhere  = "elsewhere" // the visit is to another area
	Unknown    = "unknown"   // neither listed nor announced
)

// The usual terms, which no rule fixes: all are the host's own setting (運用上).
const (
	UsualLockMinutes = 15
	UsualLateMinutes = 30
)

// GraceMinutes is how long after the end of a visit somebody is asked about who is still inside and about badges.
const GraceMinutes = 10

// backDays is how far back something may be written down at all.
const backDays = 31

// usualChecklist is what the last one out makes sure of, where the host has not set its own.
var usualChecklist = []string{"出入口の施錠", "全ラックの施錠", "照明の消灯", "警報装置の作動"}

var _ = tenants.Sentences(map[string][2]string{
	"room.why.unlisted":   {"入室許可者名簿にありません", "not on the list of who may enter"},
	"room.why.over":       {"名簿の許可期間外です", "the permission on the list does not hold today"},
	"room.why.unapproved": {"入室許可申請がまだ許可されていません", "the application has not been approved"},
	"room.why.refused":    {"入室許可申請は不許可でした", "the application was refused"},
	"room.why.cancelled":  {"入室許可申請は取り消されています", "the application was cancelled"},
	"room.why.early":      {"許可された時間より前です", "before the time that was approved"},
	"room.why.late":       {"許可された時間を過ぎています", "after the time that was approved"},
	"room.why.elsewhere":  {"許可された区域ではありません", "another area than the one that was approved"},
	"room.why.unknown":    {"許可も申請もありません", "neither listed nor announced"},

	"room.basis.list":  {"許可者名簿", "list"},
	"room.basis.visit": {"入室許可", "visit"},
	"room.basis.none":  {"許可なし", "none"},

	"room.state.applied":   {"許可待ち", "waiting"},
	"room.state.approved":  {"許可", "approved"},
	"room.state.refused":   {"不許可", "refused"},
	"room.state.cancelled": {"取消", "cancelled"},

	"room.badge.out":     {"貸出", "handed out"},
	"room.badge.back":    {"返却", "handed back"},
	"room.badge.retired": {"廃止", "retired"},

	"room.locked":      {"無人時の施錠を確認しました", "The empty room was found locked"},
	"room.unlocked":    {"無人時の確認に不備がありました：{found}（未実施：{undone}）", "The empty room was found wanting: {found} (not done: {undone})"},
	"room.entered":     {"入室があり、無人ではなくなりました", "Somebody entered; it is not empty any more"},
	"room.unpermitted": {"許可のない入室がありました：{who}、{why}。入室の理由：{reason}", "Somebody entered without permission: {who}, {why}. Their reason: {reason}"},
	"room.reviewed":    {"管理者が確認しました：{finding}", "The administrator looked into it: {finding}"},
	"room.out":         {"全員が退室しました", "All of them are out"},
	"room.badge_back":  {"名札が返却されました", "The badge is back"},
	"room.badge_gone":  {"名札が廃止されました：{reason}", "The badge was retired: {reason}"},

	"retention.series.room":        {"入退室の記録", "Entries of the rooms"},
	"retention.basis.room":         {"運用上。操作履歴に合わせています", "Operational, as long as the operation log"},
	"retention.kind.room_lock":     {"施錠確認", "lock confirmations"},
	"retention.kind.room_exit":     {"退室", "exits"},
	"retention.kind.room_review":   {"許可のない入室の確認", "reviews of entries without permission"},
	"retention.kind.room_entry":    {"入室", "entries"},
	"retention.kind.badge_event":   {"名札の貸出と返却", "badges handed out and back"},
	"retention.kind.room_decision": {"入室許可申請の許可・不許可", "decisions about visits"},
	"retention.kind.room_visitor":  {"入室許可申請の氏名", "names of visitors"},
	"retention.kind.room_visit":    {"入室許可申請", "applications to visit"},
	"retention.kind.room_permit":   {"入室許可者名簿", "list of who may enter"},
})

var _ = tenants.Shorts(map[string][2]string{
	"room.locked":      {"施錠確認済", "locked"},
	"room.unlocked":    {"施錠に不備", "found wanting"},
	"room.entered":     {"入室中", "not empty"},
	"room.unpermitted": {"許可のない入室", "no permission"},
	"room.reviewed":    {"確認済", "looked into"},
	"room.out":         {"退室済", "out"},
	"room.badge_back":  {"返却済", "back"},
	"room.badge_gone":  {"廃止", "retired"},
})

// Words is what people call something wrong ("why"), a basis ("basis"), the state of an application ("state") or what happened
// to a badge ("badge").
func Words(of, code, lang string) string {
	return tenants.Reason{Code: "room." + of + "." + code}.In(lang)
}

// Room is a controlled area with how it is watched and how it stands.
type Room struct {
	TenantID    int64
	AreaID      int64
	Building    string
	Name        string
	Floor       string
	LockMinutes int
	LateMinutes int
	Checklist   Items
	DutyID      *int64
	Inside      int
	EmptySince  *time.Time
	EmptiedBy   string
	LockedAt    *time.Time
	LockedBy    string
}

// Entry is one line of the ledger: somebody came in, and by now may have left.
type Entry struct {
	TenantID   int64
	ID         int64
	AreaID     int64
	Subject    string
	PersonID   *int64
	PermitID   *int64
	VisitID    *int64
	VisitorID  *int64
	Name       string
	Org        string
	OccurredAt time.Time
	RecordedAt time.Time
	LateReason string
	Purpose    string
	EscortID   *int64
	EscortText string
	PermitNo   string
	Badge      string
	Carried    string
	Basis      string
	Why        string
	Reason     string
	ByText     string
	DutyID     *int64

	ExitID       *int64
	LeftAt       *time.Time
	LeftRecorded *time.Time
	LeftLate     string
	LeftCarried  string
	LeftLast     bool
	LeftBy       string

	ReviewedAt *time.Time
	ReviewedBy string
	Finding    string

	Corrections     correction.History `gorm:"-"`
	ExitCorrections correction.History `gorm:"-"`
}

// Permit is a line of 入室許可者名簿. PersonID nil: somebody from elsewhere who comes regularly.
type Permit struct {
	TenantID   int64
	ID         int64
	AreaID     int64
	Area       string
	PersonID   *int64
	Name       string
	Org        string
	FromOn     calendar.Date
	UntilOn    calendar.Date
	Document   string // 根拠文書
	Note       string
	GrantedAt  time.Time
	ByText     string
	RevokedAt  *time.Time
	RevokedBy  string
	RevokedWhy string
}

// Holds tells whether it lets in on that day.
func (p Permit) Holds(on calendar.Date) bool {
	return p.RevokedAt == nil && !on.Before(p.FromOn) && !p.UntilOn.Before(on)
}

// Visit is an application for people from elsewhere, and what became of it.
type Visit struct {
	TenantID    int64
	ID          int64
	FiscalYear  int
	Serial      int
	Company     string
	FromAt      time.Time
	UntilAt     time.Time
	Reason      string
	Work        string
	CarryIn     string
	CarryOut    string
	EscortID    int64
	EscortText  string
	ApplicantID int64
	Applicant   string
	AppliedAt   time.Time
	DutyID      *int64

	Decision    string // "", approved, refused
	DecidedAt   *time.Time
	DecidedBy   string
	DecidedWhy  string
	CancelledAt *time.Time
	CancelledBy string
	CancelWhy   string

	Areas    []VisitArea `gorm:"-"`
	Visitors []Visitor   `gorm:"-"`
}

// VisitArea is one of the areas that a visit is to.
type VisitArea struct {
	ID   int64
	Name string
}

// Visitor is one of a visit's people, with the badge they wear and where they are inside.
type Visitor struct {
	ID      int64
	VisitID int64
	Name    string
	BadgeID *int64
	Badge   string
}

// Number is what an application is called: 令和8年度 第12号.
func (v Visit) Number() string {
	return calendar.FiscalYearLabel(v.FiscalYear) + fmt.Sprintf("　第%d号", v.Serial)
}

// State is applied, approved, refused or cancelled.
func (v Visit) State() string {
	switch {
	case v.CancelledAt != nil:
		return Cancelled
	case v.Decision != "":
		return v.Decision
	}
	return "applied"
}

// To tells whether the visit is to that area.
func (v Visit) To(area int64) bool {
	return slices.ContainsFunc(v.Areas, func(a VisitArea) bool { return a.ID == area })
}

// Asked is what an entry is judged by: what the list says of whoever comes, their visit where they have one, and when.
type Asked struct {
	Area    int64
	At      time.Time
	Zone    *time.Location
	Permits []Permit // theirs, of that area
	Visit   *Visit
	Nobody  bool // neither of the list nor of a visit
}

// Judge says by what somebody may enter; where they may not, why. What of several things is wrong: the nearest to right.
func Judge(q Asked) (basis, why string) {
	if q.Nobody {
		return ByNone, Unknown
	}
	day := calendar.DateOf(q.At, q.Zone)
	if slices.ContainsFunc(q.Permits, func(p Permit) bool { return p.Holds(day) }) {
		return ByList, ""
	}
	if q.Visit == nil {
		if len(q.Permits) > 0 {
			return ByNone, Over
		}
		return ByNone, Unlisted
	}
	switch v := *q.Visit; {
	case v.State() == Cancelled || v.State() == Refused:
		return ByNone, v.State()
	case v.State() != "approved":
		return ByNone, Unapproved
	case !v.To(q.Area):
		return ByNone, Elsewhere
	case q.At.Before(v.FromAt):
		return ByNone, Early
	case q.At.After(v.UntilAt):
		return ByNone, Late
	}
	return ByVisit, ""
}

// Lock is what was found of an empty room (施錠確認).
type Lock struct {
	TenantID    int64
	ID          int64
	AreaID      int64
	ExitID      *int64
	OccurredAt  time.Time
	RecordedAt  time.Time
	LateReason  string
	Done        Items
	Undone      Items
	Found       string
	ByText      string
	Corrections correction.History `gorm:"-"`
}

// Good tells whether all was as it must be.
func (l Lock) Good() bool { return len(l.Undone) == 0 }

// Badge is one of the stock of name badges (名札), and with whom it is.
type Badge struct {
	TenantID  int64
	ID        int64
	Number    string
	Note      string
	DutyID    *int64
	VisitorID *int64
	OutTo     string
	OutAt     *time.Time
	OutBy     string
	DueAt     *time.Time
	RetiredAt *time.Time
	Label     string `gorm:"-"`
}

// BadgeEvent is one line of a badge's ledger.
type BadgeEvent struct {
	ID         int64
	BadgeID    int64
	Kind       string
	VisitorID  *int64
	Holder     string
	OccurredAt time.Time
	RecordedAt time.Time
	LateReason string
	Reason     string
	ByText     string
}

// clock is a moment as an error tells it: 10:02, or with its day where it was another one.
func clock(at, now time.Time, zone *time.Location) string {
	a, n := at.In(zone), now.In(zone)
	if a.YearDay() == n.YearDay() && a.Year() == n.Year() {
		return a.Format("15:04")
	}
	return a.Format("1/2 15:04")
}

// lines are the names that were typed, one a line, without the empty ones.
func lines(text string) (out []string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
