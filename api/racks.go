package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
)

// Building is where a datacenter is (施設).
type Building struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Address   string     `json:"address"`
	Note      string     `json:"note"`
	RetiredAt *time.Time `json:"retired_at"`
}

// BuildingInput is what is entered about a building.
type BuildingInput struct {
	Name    string `json:"name" maxLength:"1000"`
	Address string `json:"address,omitempty" maxLength:"1000"`
	Note    string `json:"note,omitempty" maxLength:"10000"`
}

// Area is a controlled area (管理区域); its plan is a grid of rows with so many places.
type Area struct {
	ID         int64      `json:"id"`
	BuildingID int64      `json:"building_id"`
	Kind       string     `json:"kind" enum:"server_room,machine_room,office,store"`
	Name       string     `json:"name"`
	Floor      string     `json:"floor"`
	PlanRows   int        `json:"plan_rows"`
	PlanPlaces int        `json:"plan_places"`
	Note       string     `json:"note"`
	RetiredAt  *time.Time `json:"retired_at"`
}

// AreaInput is what is entered about a controlled area.
type AreaInput struct {
	BuildingID int64  `json:"building_id" minimum:"1"`
	Kind       string `json:"kind" enum:"server_room,machine_room,office,store"`
	Name       string `json:"name" maxLength:"1000"`
	Floor      string `json:"floor,omitempty" maxLength:"1000"`
	PlanRows   int    `json:"plan_rows" minimum:"1" maximum:"30"`
	PlanPlaces int    `json:"plan_places" minimum:"1" maximum:"40"`
	Note       string `json:"note,omitempty" maxLength:"10000"`
}

// RackSettings is what is entered about a rack (戸籍専用サーバラック).
type RackSettings struct {
	AreaID      int64  `json:"area_id" minimum:"1"`
	Code        string `json:"code" maxLength:"1000" example:"A-03"`
	PlanRow     int    `json:"plan_row" minimum:"1" maximum:"30"`
	PlanPlace   int    `json:"plan_place" minimum:"1" maximum:"40"`
	Units       int    `json:"units" minimum:"1" maximum:"60" doc:"Its height; units count from the bottom."`
	Lock        string `json:"lock" maxLength:"1000"`
	Fixing      string `json:"fixing" maxLength:"1000" doc:"How it is kept from being taken away."`
	Dedicated   bool   `json:"dedicated,omitempty" doc:"Nothing but koseki stands in it."`
	CheckMonths int    `json:"check_months,omitempty" minimum:"1" maximum:"24" default:"12" doc:"Its installation is looked at within so many months (運用上)."`
	Note        string `json:"note,omitempty" maxLength:"10000"`
}

// Rack is one rack.
type Rack struct {
	ID int64 `json:"id"`
	RackSettings
	DutyID     *int64        `json:"duty_id" doc:"The duty of looking at its installation."`
	CheckedAt  *time.Time    `json:"checked_at"`
	CheckedBy  string        `json:"checked_by"`
	CheckDueOn calendar.Date `json:"check_due_on" format:"date" doc:"The next open day where that one is closed."`
	RetiredAt  *time.Time    `json:"retired_at"`
}

// RackWithThings is a rack with what stands in it, its label, and the looks at its installation.
type RackWithThings struct {
	Rack
	Label     string      `json:"label" doc:"The six digits of its label."`
	Equipment []Equipment `json:"equipment" nullable:"false" doc:"From the top down."`
	Checks    []RackCheck `json:"checks" nullable:"false" doc:"The newest first, at most 100."`
}

// EquipmentInput is what is entered about something in a rack.
type EquipmentInput struct {
	RackID   int64  `json:"rack_id" minimum:"1"`
	Kind     string `json:"kind" enum:"server,storage,network,firewall,power,media,other"`
	Name     string `json:"name,omitempty" maxLength:"1000" doc:"A server goes by its own name where this is empty."`
	OwnerID  int64  `json:"owner_id,omitempty" minimum:"0" doc:"The town whose it is; nothing: all use it."`
	ServerID int64  `json:"server_id,omitempty" minimum:"0" doc:"That town's server."`
	Unit     int    `json:"unit" minimum:"1" maximum:"60" doc:"The lowest."`
	Units    int    `json:"units" minimum:"1" maximum:"60"`
	Face     string `json:"face" enum:"both,front,rear"`
	PowerA   string `json:"power_a,omitempty" maxLength:"1000"`
	PowerB   string `json:"power_b,omitempty" maxLength:"1000"`
	Model    string `json:"model,omitempty" maxLength:"1000"`
	Serial   string `json:"serial,omitempty" maxLength:"1000"`
	Note     string `json:"note,omitempty" maxLength:"10000"`
}

// Equipment is something in a rack.
type Equipment struct {
	ID int64 `json:"id"`
	EquipmentInput
	PlacedAt  time.Time  `json:"placed_at"`
	RemovedAt *time.Time `json:"removed_at"`
}

// RackCheckInput is what is entered about a look at a rack's installation (設置の確認).
type RackCheckInput struct {
	OccurredAt *time.Time `json:"occurred_at,omitempty" doc:"Nothing is now."`
	Fixed      bool       `json:"fixed" doc:"It cannot easily be taken away."`
	Lockable   bool       `json:"lockable"`
	Dedicated  bool       `json:"dedicated" doc:"Nothing but koseki equipment stands in it."`
	Found      string     `json:"found,omitempty" maxLength:"1000" doc:"What was wrong; needed where something was."`
}

// RackCheck is one look.
type RackCheck struct {
	ID          int64        `json:"id"`
	OccurredAt  time.Time    `json:"occurred_at"`
	RecordedAt  time.Time    `json:"recorded_at"`
	By          string       `json:"by"`
	Fixed       bool         `json:"fixed"`
	Lockable    bool         `json:"lockable"`
	Dedicated   bool         `json:"dedicated"`
	Found       string       `json:"found"`
	Corrections []Correction `json:"corrections" nullable:"false" doc:"Of this line, the oldest first; the line stands as they have it."`
}

// TownRack is what a town may know of a rack in which something of its own stands.
type TownRack struct {
	RackID    int64       `json:"rack_id"`
	Building  string      `json:"building"`
	Area      string      `json:"area"`
	Code      string      `json:"code"`
	PlanRow   int         `json:"plan_row"`
	PlanPlace int         `json:"plan_place"`
	Units     int         `json:"units"`
	Blocks    []RackBlock `json:"blocks" nullable:"false"`
	ChangedAt time.Time   `json:"changed_at"`
}

// RackBlock is one place that is taken: the town's own by name, what all use by kind, the rest as another town's.
type RackBlock struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Unit    int    `json:"unit"`
	Units   int    `json:"units"`
	Face    string `json:"face"`
	Own     bool   `json:"own"`
	Foreign bool   `json:"foreign" doc:"Another town's (他団体)."`
}

// LabelOf is what a label is on.
type LabelOf struct {
	Code     string `json:"code"`
	Kind     string `json:"kind"`
	ObjectID int64  `json:"object_id"`
}

func buildingOf(b rack.Building) Building {
	return Building{ID: b.ID, Name: b.Name, Address: b.Address, Note: b.Note, RetiredAt: utc(b.RetiredAt)}
}

func areaOf(a rack.Area) Area {
	return Area{ID: a.ID, BuildingID: a.BuildingID, Kind: a.Kind, Name: a.Name, Floor: a.Floor, PlanRows: a.PlanRows, PlanPlaces: a.PlanPlaces, Note: a.Note, RetiredAt: utc(a.RetiredAt)}
}

func rackOf(r rack.Rack) Rack {
	return Rack{ID: r.ID, RackSettings: RackSettings{AreaID: r.AreaID, Code: r.Code, PlanRow: r.PlanRow, PlanPlace: r.PlanPlace, Units: r.Units, Lock: r.Lock, Fixing: r.Fixing,
		Dedicated: r.Dedicated, CheckMonths: r.CheckMonths, Note: r.Note}, DutyID: r.DutyID, CheckedAt: utc(r.CheckedAt), CheckedBy: r.CheckedBy, CheckDueOn: r.CheckDueOn, RetiredAt: utc(r.RetiredAt)}
}

func equipmentOf(e rack.Equipment) Equipment {
	out := Equipment{ID: e.ID, PlacedAt: e.PlacedAt.UTC(), RemovedAt: utc(e.RemovedAt), EquipmentInput: EquipmentInput{RackID: e.RackID, Kind: e.Kind, Name: e.Name, Unit: e.Unit,
		Units: e.Units, Face: e.Face, PowerA: e.PowerA, PowerB: e.PowerB, Model: e.Model, Serial: e.Serial, Note: e.Note}}
	if e.OwnerID != nil {
		out.OwnerID = *e.OwnerID
	}
	if e.ServerID != nil {
		out.ServerID = *e.ServerID
	}
	return out
}

func rackCheckOf(c rack.Check) RackCheck {
	return RackCheck{ID: c.ID, OccurredAt: c.OccurredAt.UTC(), RecordedAt: c.RecordedAt.UTC(), By: c.ByText, Fixed: c.Fixed, Lockable: c.Lockable, Dedicated: c.Dedicated, Found: c.Found,
		Corrections: correctionsOf(c.Corrections)}
}

// InRegister names one thing of the host's register in the path.
type InRegister struct {
	ID int64 `path:"id" minimum:"1" doc:"Its id."`
}

type registered[B any] struct {
	InRegister
	Body B
}

func listBuildings(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Building], error) {
	all, err := rack.Buildings(ctx, tx)
	return whole(all, buildingOf), err
}

func addBuilding(ctx context.Context, tx *tenants.Tx, in *struct{ Body BuildingInput }) (Building, error) {
	b, err := rack.SaveBuilding(ctx, tx, 0, rack.BuildingInput(in.Body))
	return buildingOf(b), err
}

func changeBuilding(ctx context.Context, tx *tenants.Tx, in *registered[BuildingInput]) (Building, error) {
	b, err := rack.SaveBuilding(ctx, tx, in.ID, rack.BuildingInput(in.Body))
	return buildingOf(b), err
}

func retireBuilding(ctx context.Context, tx *tenants.Tx, in *InRegister) (Building, error) {
	if err := rack.RetireBuilding(ctx, tx, in.ID); err != nil {
		return Building{}, err
	}
	b, err := rack.GetBuilding(ctx, tx, in.ID)
	return buildingOf(b), err
}

func listAreas(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Area], error) {
	all, err := rack.Areas(ctx, tx)
	return whole(all, areaOf), err
}

func addArea(ctx context.Context, tx *tenants.Tx, in *struct{ Body AreaInput }) (Area, error) {
	a, err := rack.SaveArea(ctx, tx, 0, rack.AreaInput(in.Body))
	return areaOf(a), err
}

func changeArea(ctx context.Context, tx *tenants.Tx, in *registered[AreaInput]) (Area, error) {
	a, err := rack.SaveArea(ctx, tx, in.ID, rack.AreaInput(in.Body))
	return areaOf(a), err
}

func retireArea(ctx context.Context, tx *tenants.Tx, in *InRegister) (Area, error) {
	if err := rack.RetireArea(ctx, tx, in.ID); err != nil {
		return Area{}, err
	}
	a, err := rack.GetArea(ctx, tx, in.ID)
	return areaOf(a), err
}

func listRacks(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[Rack], error) {
	all, err := rack.Racks(ctx, tx)
	return whole(all, rackOf), err
}

func addRack(ctx context.Context, tx *tenants.Tx, in *struct{ Body RackSettings }) (Rack, error) {
	r, err := rack.Add(ctx, tx, rack.Input(in.Body))
	return rackOf(r), err
}

func getRack(ctx context.Context, tx *tenants.Tx, in *InRegister) (RackWithThings, error) {
	r, things, checks, err := rack.Get(ctx, tx, in.ID)
	if err != nil {
		return RackWithThings{}, err
	}
	labels, err := label.Of(ctx, tx, tenants.ReadRack, r.TenantID, rack.Kind)
	return RackWithThings{rackOf(r), labels[r.ID], each(things, equipmentOf), each(checks, rackCheckOf)}, err
}

func changeRack(ctx context.Context, tx *tenants.Tx, in *registered[RackSettings]) (Rack, error) {
	r, err := rack.Change(ctx, tx, in.ID, rack.Input(in.Body))
	return rackOf(r), err
}

func retireRack(ctx context.Context, tx *tenants.Tx, in *InRegister) (Rack, error) {
	if err := rack.Retire(ctx, tx, in.ID); err != nil {
		return Rack{}, err
	}
	r, _, _, err := rack.Get(ctx, tx, in.ID)
	return rackOf(r), err
}

func relabelRack(ctx context.Context, tx *tenants.Tx, in *InRegister) (LabelOf, error) {
	code, err := rack.Relabel(ctx, tx, in.ID)
	return LabelOf{code, rack.Kind, in.ID}, err
}

func checkRack(ctx context.Context, tx *tenants.Tx, in *registered[RackCheckInput]) (RackCheck, error) {
	check := rack.CheckInput{Fixed: in.Body.Fixed, Lockable: in.Body.Lockable, Dedicated: in.Body.Dedicated, Found: in.Body.Found}
	if in.Body.OccurredAt != nil {
		check.OccurredAt = *in.Body.OccurredAt
	}
	c, err := rack.LookAt(ctx, tx, in.ID, check)
	return rackCheckOf(c), err
}

func placeEquipment(ctx context.Context, tx *tenants.Tx, in *struct{ Body EquipmentInput }) (Equipment, error) {
	e, err := rack.Place(ctx, tx, rack.EquipmentInput(in.Body))
	return equipmentOf(e), err
}

func getEquipment(ctx context.Context, tx *tenants.Tx, in *InRegister) (Equipment, error) {
	e, err := rack.GetEquipment(ctx, tx, in.ID)
	return equipmentOf(e), err
}

func rearrangeEquipment(ctx context.Context, tx *tenants.Tx, in *registered[EquipmentInput]) (Equipment, error) {
	e, err := rack.Rearrange(ctx, tx, in.ID, rack.EquipmentInput(in.Body))
	return equipmentOf(e), err
}

func removeEquipment(ctx context.Context, tx *tenants.Tx, in *InRegister) (Equipment, error) {
	if err := rack.Remove(ctx, tx, in.ID); err != nil {
		return Equipment{}, err
	}
	e, err := rack.GetEquipment(ctx, tx, in.ID)
	return equipmentOf(e), err
}

func listTownRacks(ctx context.Context, tx *tenants.Tx, in *InTown) (List[TownRack], error) {
	views, err := rack.Views(ctx, tx, in.Town)
	return whole(views, func(v rack.View) TownRack {
		return TownRack{RackID: v.RackID, Building: v.Building, Area: v.Area, Code: v.Code, PlanRow: v.PlanRow, PlanPlace: v.PlanPlace, Units: v.Units, ChangedAt: v.ChangedAt.UTC(),
			Blocks: each(v.Blocks, func(b rack.Block) RackBlock { return RackBlock(b) })}
	}), err
}

// reads is by which act the things that carry labels are read.
var reads = map[string]tenants.Act{rack.Kind: tenants.ReadRack, key.Kind: tenants.ReadKey, key.KindCabinet: tenants.ReadKey, room.KindBadge: tenants.ReadRoom}

func findLabel(ctx context.Context, tx *tenants.Tx, in *struct {
	Code string `path:"code" maxLength:"200" doc:"Six digits, as they are typed or scanned."`
}) (LabelOf, error) {
	l, err := label.Find(ctx, tx, in.Code, reads)
	return LabelOf{l.Code, l.Kind, l.ObjectID}, err
}
