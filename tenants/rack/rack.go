// Package rack is the register of the datacenter's places (管理区域・サーバラック台帳; RK 第6条, 別表 サーバ(1)): buildings, controlled
// areas, the racks in them and what stands in each at which unit. The host keeps it; what a town may know of a rack in which
// something of its own stands, it holds in a row of its own.
package rack

import (
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Kind is the ledger's word in duties and on labels.
const Kind = "rack"

// AreaKinds are what a controlled area can be, in the order of forms.
var AreaKinds = []string{"server_room", "machine_room", "office", "store"}

// EquipmentKinds are what can stand in a rack, in the order of forms.
var EquipmentKinds = []string{"server", "storage", "network", "firewall", "power", "media", "other"}

// Faces of a rack at which something takes its units.
const (
	Front = "front"
	Rear  = "rear"
	Both  = "both"
)

// Faces in the order of forms.
var Faces = []string{Both, Front, Rear}

var _ = tenants.Sentences(map[string][2]string{
	"rack.area.server_room":  {"サーバ室", "server room"},
	"rack.area.machine_room": {"機械室", "machine room"},
	"rack.area.office":       {"事務室", "office"},
	"rack.area.store":        {"保管室", "store room"},

	"rack.equipment.server":   {"サーバ", "server"},
	"rack.equipment.storage":  {"ストレージ", "storage"},
	"rack.equipment.network":  {"ネットワーク機器", "network device"},
	"rack.equipment.firewall": {"ファイアウォール", "firewall"},
	"rack.equipment.power":    {"電源装置", "power"},
	"rack.equipment.media":    {"媒体棚", "media shelf"},
	"rack.equipment.other":    {"その他の機器", "other"},

	"rack.face.front": {"前面", "front"},
	"rack.face.rear":  {"背面", "rear"},
	"rack.face.both":  {"前面と背面", "front and rear"},

	"rack.checked": {"設置の確認で異常がありませんでした", "The installation was found in order"},
	"rack.unsafe":  {"設置の確認で不備がありました：{found}", "The installation was found wanting: {found}"},
	"rack.retired": {"ラックが撤去されました", "The rack was removed"},

	"retention.series.rack":     {"ラックの設置確認", "Checks of racks"},
	"retention.basis.rack":      {"運用上。操作履歴に合わせています", "Operational, as long as the operation log"},
	"retention.kind.rack_check": {"ラックの設置確認", "checks of racks"},
})

var _ = tenants.Shorts(map[string][2]string{
	"rack.checked": {"異常なし", "in order"},
	"rack.unsafe":  {"設置に不備", "found wanting"},
	"rack.retired": {"撤去", "removed"},
})

// Words is what people call a kind of area ("area"), of equipment ("equipment") or a face ("face").
func Words(of, code, lang string) string {
	return tenants.Reason{Code: "rack." + of + "." + code}.In(lang)
}

// Building is where the datacenter is (施設).
type Building struct {
	TenantID  int64
	ID        int64
	Name      string
	Address   string
	Note      string
	RetiredAt *time.Time
}

// Area is a controlled area (管理区域). Its plan is a grid of rows (列) with so many places each.
type Area struct {
	TenantID   int64
	ID         int64
	BuildingID int64
	Kind       string
	Name       string
	Floor      string
	PlanRows   int
	PlanPlaces int
	Note       string
	RetiredAt  *time.Time
}

// Rack is one rack (戸籍専用サーバラック). Units count from the bottom.
type Rack struct {
	TenantID    int64
	ID          int64
	AreaID      int64
	Code        string
	PlanRow     int
	PlanPlace   int
	Units       int
	Lock        string // 前後扉 同一シリンダー
	Fixing      string // アンカーボルト4点
	Dedicated   bool   // nothing but koseki stands in it
	CheckMonths int    // its installation is looked at within so many months (運用上)
	Note        string
	DutyID      *int64
	CheckedAt   *time.Time
	CheckedBy   string
	CheckDueOn  calendar.Date
	RetiredAt   *time.Time
}

// Equipment is something that stands in a rack.
type Equipment struct {
	TenantID  int64
	ID        int64
	RackID    int64
	Kind      string
	Name      string
	OwnerID   *int64 // the town whose it is; nil: all use it
	ServerID  *int64 // that town's server
	Unit      int    // the lowest
	Units     int
	Face      string
	PowerA    string // PDU-A 3番
	PowerB    string
	Model     string
	Serial    string
	Note      string
	PlacedAt  time.Time
	RemovedAt *time.Time
}

// Top is its highest unit.
func (e Equipment) Top() int { return e.Unit + e.Units - 1 }

// At tells whether it takes units of that face.
func (e Equipment) At(face string) bool { return e.Face == Both || e.Face == face }

// Check is one look at a rack's installation (設置の確認).
type Check struct {
	TenantID    int64
	ID          int64
	RackID      int64
	OccurredAt  time.Time
	RecordedAt  time.Time
	ByID        int64
	ByText      string
	Fixed       bool // it cannot easily be taken away
	Lockable    bool
	Dedicated   bool
	Found       string             // what was wrong
	Corrections correction.History `gorm:"-"`
}

// Good tells whether nothing was wrong.
func (c Check) Good() bool { return c.Fixed && c.Lockable && c.Dedicated }
