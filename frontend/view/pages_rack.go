package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// RacksPage is the register of places: each area with its plan. View: Racks.
type RacksPage struct {
	Areas                        []RackArea
	Buildings                    []RackBuilding
	NewURL, AreaURL, BuildingURL string
	LabelsURL                    string
	Seals                        []SealBox
	Code                         Form // a label's digits
}

// RackBuilding is one line of the buildings.
type RackBuilding struct {
	Name, Address, EditURL string
}

// RackArea is one controlled area.
type RackArea struct {
	Name, Kind, Building, Floor string
	Plan                        PlanDrawing
	Racks                       []RackRow
	EditURL                     string
}

// RackRow is one rack in lists.
type RackRow struct {
	Code, Place, Lock, Fixing string
	Units, Taken              int
	Dedicated                 bool
	CheckedAt                 time.Time
	CheckedBy                 string
	DueOn                     calendar.Date
	Overdue                   bool
	Label                     string
	URL                       string
}

// RackPage is one rack. View: Rack.
type RackPage struct {
	RackRow
	Area, Building, Note          string
	Months                        int
	Front, Rear                   RackDrawing
	Things                        []RackThing
	Checks                        []RackCheckRow
	EditURL, PlaceURL, CheckURL   string
	LabelURL, RelabelURL, BackURL string
	RetiredAt                     time.Time
	AtURL                         string // where its label leads
	Seals                         []SealBox
}

// RackThing is one line of what stands in a rack.
type RackThing struct {
	Units, Face, Kind, Name, Owner string
	Power, Model                   string
	PlacedAt                       time.Time
	EditURL                        string
	Foreign                        bool
}

// RackCheckRow is one look at the installation.
type RackCheckRow struct {
	At, Recorded               time.Time // Recorded is zero where it was written down at once
	By                         string
	Fixed, Lockable, Dedicated bool
	Good                       bool
	Found                      string
	Amended                    Amended
}

// RackFormPage enters or changes a building, an area, a rack or a thing, or a look at a rack's installation. View: RackForm.
type RackFormPage struct {
	What                                   string // building, area, rack, equipment, check
	Title, Lead, Button                    string
	Back, List                             Link
	Areas, Kinds, Buildings, Owners, Racks []Option
	Faces                                  []Option
	RetireURL, RetireAsk, RetireLabel      string
	Form                                   Form
}

// TownRacksPage is what a town may know of the racks its servers stand in. View: TownRacks.
type TownRacksPage struct {
	Town  Link
	Racks []TownRack
}

// TownRack is one of them.
type TownRack struct {
	Code, Where string
	Front, Rear RackDrawing
	Things      []RackThing
}

// LabelsPage is a sheet of labels to print. View: Labels.
type LabelsPage struct {
	Sheet, Kind string
	Sheets      []Option
	Kinds       []Option
	Skip        int
	Labels      []PrintedLabel
	BackURL     string
}

// PrintedLabel is one label; Empty is a place left out on a sheet that was used before.
type PrintedLabel struct {
	Name, Sub, Code, URL string
	Empty                bool
}
