package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/town"
)

const racksURL = "/racks"

func rackURL(id int64) string { return racksURL + "/" + strconv.FormatInt(id, 10) }

// register is the whole register as pages need it.
type rackRegister struct {
	buildings []rack.Building
	areas     []rack.Area
	racks     []rack.Rack
	things    []rack.Equipment
	labels    map[int64]string
	days      calendar.Calendar
}

func readRacks(ctx context.Context, tx *tenants.Tx) (r rackRegister, err error) {
	if r.buildings, err = rack.Buildings(ctx, tx); err != nil {
		return r, err
	}
	if r.areas, err = rack.Areas(ctx, tx); err != nil {
		return r, err
	}
	if r.racks, err = rack.Racks(ctx, tx); err != nil {
		return r, err
	}
	if r.things, err = rack.AllEquipment(ctx, tx); err != nil {
		return r, err
	}
	if r.labels, err = label.Of(ctx, tx, tenants.ReadRack, tx.Actor.TenantID, rack.Kind); err != nil {
		return r, err
	}
	r.days, err = openDays(ctx, tx)
	return r, err
}

func (r rackRegister) area(id int64) (a rack.Area, b rack.Building) {
	for _, a = range r.areas {
		if a.ID == id {
			break
		}
	}
	for _, b = range r.buildings {
		if b.ID == a.BuildingID {
			break
		}
	}
	return a, b
}

// racks is the register of places: each area with its plan and its racks.
func (d *door) racks(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RacksPage{Seals: d.seals(lang), Code: filled("/at")}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		r, err := readRacks(ctx, tx)
		if err != nil {
			return err
		}
		taken := map[int64]int{}
		for _, e := range r.things {
			taken[e.RackID] += e.Units
		}
		write := who.May(tenants.WriteRack)
		for _, a := range r.areas {
			_, b := r.area(a.ID)
			area := view.RackArea{Name: a.Name, Kind: rack.Words("area", a.Kind, string(lang)), Building: b.Name, Floor: a.Floor, Plan: view.PlanDrawing{Area: a.Name, Rows: a.PlanRows, Places: a.PlanPlaces}}
			if write {
				area.EditURL = fmt.Sprintf("/racks/areas/%d", a.ID)
			}
			for _, k := range r.racks {
				if k.AreaID != a.ID {
					continue
				}
				row := d.rackRow(lang, k, taken[k.ID], r.labels[k.ID], r.days)
				area.Racks = append(area.Racks, row)
				mark := view.PlanRack{Row: k.PlanRow, Place: k.PlanPlace, Code: k.Code, Sub: fmt.Sprintf("%d/%dU", taken[k.ID], k.Units), URL: row.URL}
				if row.Overdue {
					mark.Tone = "bad"
				}
				area.Plan.Racks = append(area.Plan.Racks, mark)
			}
			page.Areas = append(page.Areas, area)
		}
		for _, b := range r.buildings {
			row := view.RackBuilding{Name: b.Name, Address: b.Address}
			if write {
				row.EditURL = fmt.Sprintf("/racks/buildings/%d", b.ID)
			}
			page.Buildings = append(page.Buildings, row)
		}
		if !write {
			return nil
		}
		page.BuildingURL, page.LabelsURL = "/racks/buildings/new", "/racks/labels"
		if len(r.buildings) > 0 {
			page.AreaURL = "/racks/areas/new"
		}
		if len(r.areas) > 0 {
			page.NewURL = "/racks/new"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Racks.With(f, page) })
}

func (d *door) rackRow(lang view.Lang, k rack.Rack, taken int, code string, days calendar.Calendar) view.RackRow {
	due := k.CheckDueOn
	if !days.IsOpen(due) {
		if next, err := days.NextOpen(due); err == nil {
			due = next
		}
	}
	row := view.RackRow{Code: k.Code, Place: fmt.Sprintf(d.say(lang, "%d列%d番", "row %d, place %d"), k.PlanRow, k.PlanPlace), Lock: k.Lock, Fixing: k.Fixing, Units: k.Units, Taken: taken,
		Dedicated: k.Dedicated, CheckedBy: k.CheckedBy, DueOn: due, Overdue: due.Before(d.today()), Label: label.Shown(code), URL: rackURL(k.ID)}
	if k.CheckedAt != nil {
		row.CheckedAt = *k.CheckedAt
	}
	return row
}

// rack is one rack: both faces, what stands in it, and the checks of its installation.
func (d *door) rack(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.RackPage{BackURL: racksURL, Seals: d.seals(lang)}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		k, things, checks, err := rack.Get(ctx, tx, which)
		if err != nil {
			return err
		}
		a, err := rack.GetArea(ctx, tx, k.AreaID)
		if err != nil {
			return err
		}
		b, err := rack.GetBuilding(ctx, tx, a.BuildingID)
		if err != nil {
			return err
		}
		labels, err := label.Of(ctx, tx, tenants.ReadRack, k.TenantID, rack.Kind)
		if err != nil {
			return err
		}
		days, err := openDays(ctx, tx)
		if err != nil {
			return err
		}
		names, err := ownersOf(ctx, tx, things)
		if err != nil {
			return err
		}
		page.RackRow, page.AtURL = d.rackRow(lang, k, 0, labels[k.ID], days), "/at/"+labels[k.ID]
		page.Area, page.Building, page.Note, page.Months = a.Name, b.Name, k.Note, k.CheckMonths
		write := who.May(tenants.WriteRack) && k.RetiredAt == nil
		var blocks []rack.Block
		for _, e := range things {
			page.Taken += e.Units
			row := d.rackThing(lang, e.Kind, e.Name, e.Unit, e.Units, e.Face)
			row.Owner, row.Power, row.Model, row.PlacedAt = d.say(lang, "共用", "shared"), joined("／", e.PowerA, e.PowerB), joined("　", e.Model, e.Serial), e.PlacedAt
			if e.OwnerID != nil {
				row.Owner = names[*e.OwnerID]
			}
			if write {
				row.EditURL = fmt.Sprintf("/racks/equipment/%d", e.ID)
			}
			page.Things = append(page.Things, row)
			block := rack.Block{Kind: e.Kind, Name: e.Name, Unit: e.Unit, Units: e.Units, Face: e.Face}
			if e.OwnerID != nil {
				block.Name = row.Owner + " " + e.Name
			}
			blocks = append(blocks, block)
		}
		page.Front, page.Rear = d.faces(lang, k.Code, k.Units, blocks)
		for _, x := range checks {
			row := view.RackCheckRow{At: x.OccurredAt, By: x.ByText, Fixed: x.Fixed, Lockable: x.Lockable, Dedicated: x.Dedicated, Good: x.Good(), Found: x.Found,
				Amended: d.amended(lang, who, k.TenantID, "rack_check", x.ID, x.Corrections, rackURL(k.ID))}
			if x.RecordedAt.Sub(x.OccurredAt) > backdated {
				row.Recorded = x.RecordedAt
			}
			page.Checks = append(page.Checks, row)
		}
		if k.RetiredAt != nil {
			page.RetiredAt = *k.RetiredAt
			return nil
		}
		if who.May(tenants.CheckRack) {
			page.CheckURL = rackURL(which) + "/checks/new"
		}
		if write {
			page.EditURL, page.PlaceURL, page.RelabelURL = rackURL(which)+"/edit", rackURL(which)+"/equipment/new", rackURL(which)+"/label"
			page.LabelURL = "/racks/labels?rack=" + strconv.FormatInt(which, 10)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Rack.With(f, page) })
}

// ownersOf are the names of the towns whose things these are.
func ownersOf(ctx context.Context, tx *tenants.Tx, things []rack.Equipment) (map[int64]string, error) {
	var ids []int64
	for _, e := range things {
		if e.OwnerID != nil {
			ids = append(ids, *e.OwnerID)
		}
	}
	towns, err := town.ByID(ctx, tx, ids)
	names := make(map[int64]string, len(towns))
	for id, t := range towns {
		names[id] = t.Name
	}
	return names, err
}

func joined(sep string, parts ...string) (s string) {
	for _, p := range parts {
		if p != "" && s != "" {
			s += sep
		}
		s += p
	}
	return s
}

func (d *door) rackThing(lang view.Lang, kind, name string, unit, units int, face string) view.RackThing {
	place := fmt.Sprintf("U%d", unit)
	if units > 1 {
		place = fmt.Sprintf("U%d–%d", unit, unit+units-1)
	}
	row := view.RackThing{Units: place, Kind: rack.Words("equipment", kind, string(lang)), Name: name}
	if face != rack.Both {
		row.Face = rack.Words("face", face, string(lang))
	}
	return row
}

// faces are both drawings of a rack.
func (d *door) faces(lang view.Lang, code string, units int, blocks []rack.Block) (front, rear view.RackDrawing) {
	draw := func(face string) view.RackDrawing {
		r := view.RackDrawing{Face: rack.Words("face", face, string(lang)), Code: code, Units: units}
		for _, b := range blocks {
			if b.Face != rack.Both && b.Face != face {
				continue
			}
			block := view.RackBlock{Unit: b.Unit, Units: b.Units, Name: b.Name}
			switch {
			case b.Own:
				block.Tone = "key"
			case b.Foreign:
				block.Name = d.say(lang, "他団体", "another town")
			case b.Name == "":
				block.Name = rack.Words("equipment", b.Kind, string(lang))
			}
			r.Blocks = append(r.Blocks, block)
		}
		return r
	}
	return draw(rack.Front), draw(rack.Rear)
}

// townRacks is what a town may know of the racks its servers stand in.
func (d *door) townRacks(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	lang := d.lang(c)
	var page view.TownRacksPage
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Town = view.Link{Text: t.Name, URL: townURL(of)}
		views, err := rack.Views(ctx, tx, of)
		for _, v := range views {
			one := view.TownRack{Code: v.Code, Where: fmt.Sprintf(d.say(lang, "%s　%s　%d列%d番", "%s, %s, row %d, place %d"), v.Building, v.Area, v.PlanRow, v.PlanPlace)}
			one.Front, one.Rear = d.faces(lang, v.Code, v.Units, v.Blocks)
			for _, b := range v.Blocks {
				row := d.rackThing(lang, b.Kind, b.Name, b.Unit, b.Units, b.Face)
				switch {
				case b.Own:
					row.Owner = t.Name
				case b.Foreign:
					row.Name, row.Kind, row.Owner, row.Foreign = "–", "", d.say(lang, "他団体", "another town"), true
				default:
					row.Name, row.Kind, row.Owner = row.Kind, "", d.say(lang, "共用", "shared")
				}
				one.Things = append(one.Things, row)
			}
			page.Racks = append(page.Racks, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.TownRacks.With(f, page) })
}
