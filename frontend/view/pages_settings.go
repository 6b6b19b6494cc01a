package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// SettingsPage is the table of contents of 設定. View: Settings.
type SettingsPage struct {
	Groups []SettingsGroup // those without a card are left out
}

// SettingsGroup is what belongs together.
type SettingsGroup struct {
	Title string
	Cards []SettingsCard
}

// SettingsCard leads to one kind of setting.
type SettingsCard struct {
	Title, Text, URL string
}

// TownsPage lists the towns. View: Towns.
type TownsPage struct {
	Find   *Find // among many towns; nil hides
	Pages  Pages
	NewURL string
	Rows   []TownRow
}

// TownRow is one town of the list.
type TownRow struct {
	Town                              Link
	Kana, Code, Kind                  string
	JoinedOn, LeftOn                  calendar.Date
	Servers, Contacts                 int
	EditURL, ServersURL, ContactsURL  string
	StoresURL, LocalDaysURL, PlansURL string
	SecondURL                         string // for which acts a second person is asked
	MorningURL                        string
	PingKeyURL, RegisterURL           string
}

// TownFormPage adds or changes a town. Fields: name, kana, code, zone, joined_on, left_on. View: TownForm.
type TownFormPage struct {
	New     bool
	Name    string
	BackURL string
	Form    Form
	Zones   []Option
}

// ServersPage lists a town's servers and their plans. View: Servers.
type ServersPage struct {
	Town   Link
	NewURL string
	Rows   []ServerRow
}

// ServerRow is one server.
type ServerRow struct {
	Name, Role, Place, Note string
	EditURL                 string
	Plans                   []Link
	NewPlanURL              string
	RetiredAt               time.Time
}

// EntryFormPage adds or changes one of a town's own things. Views: ServerForm (fields: name, role, rack_place, position, note),
// ContactForm (post, name, mail, phone, hours), StoreForm (name, kind, root).
type EntryFormPage struct {
	New       bool
	Town      Link
	Name      string
	BackURL   string
	Form      Form
	RetireURL string // POST; "" hides
}

// ContactsPage is a town's 緊急時連絡網 in calling order. View: Contacts.
type ContactsPage struct {
	Town     Link
	NewURL   string
	OrderURL string // POST: contact (id), move (up, down)
	Rows     []ContactRow
	Ladders  []LadderRow
}

// ContactRow is one contact.
type ContactRow struct {
	ID                             string
	N                              int // place in the calling order, from 1
	Post, Name, Mail, Phone, Hours string
	EditURL                        string
	First, Last                    bool
}

// LadderRow says how soon after the opening each rung is told.
type LadderRow struct {
	Name    string
	Delays  []time.Duration
	Repeat  time.Duration
	EditURL string
}

// StoresPage lists where a town's backups lie. View: Stores.
type StoresPage struct {
	Town   Link
	NewURL string
	Rows   []StoreRow
}

// StoreRow is one store.
type StoreRow struct {
	Name, Kind, Root string
	Plans            int
	EditURL          string
	Reachable        *bool  // nil if not looked at yet
	Fault            string // why it cannot be read, in words
	CheckedAt        time.Time
}

// PlansPage lists the plans of a town. View: Plans.
type PlansPage struct {
	Town   Link
	NewURL string
	Rows   []PlanRow
}

// PlanRow is one plan.
type PlanRow struct {
	Plan     Link
	Server   string
	Schedule string
	Policy   string
	Next     time.Time
	Level    int
	Severity string
	Store    string
	Pattern  string
	EditURL  string
}

// PlanFormPage adds or changes a plan. View: PlanForm. Fields: name, server_id, cron, zone, policy, early_minutes,
// window_minutes, grace_minutes, longest_minutes, severity, ladder_id, reports, slug, store_id, pattern, manifest, required_level,
// min_bytes, max_bytes, deviation_k, settle_minutes. The button "preview" shows
// the coming nights by what is typed, without saving.
type PlanFormPage struct {
	New       bool
	Town      Link
	Name      string
	BackURL   string
	Form      Form
	RetireURL string

	Servers, Zones, Ladders, Stores []Option
	Preview                         []PlanPreview // the nights to come by what is typed
}

// PlanPreview is one coming night of a plan.
type PlanPreview struct {
	Night          calendar.Date
	Scheduled, Due time.Time
	Note           string // 閉庁日のため翌開庁日 …
}

// PeoplePage lists people and their posts. View: People.
type PeoplePage struct {
	Find          *Find // among many towns; nil hides
	Pages         Pages
	NewURL        string
	MachineURL    string
	ImportURL     string
	OfficesURL    string
	ProceduresURL string
	Rows          []PersonRow
	Ending        []RegisterRow // posts whose end is near
	Days          int           // … within so many
	Reminder      *Form         // days; nil hides
}

// PersonRow is one person.
type PersonRow struct {
	Name, Login, Org string
	Machine          bool
	Posts            []PostRow
	DisabledAt       time.Time
	EditURL          string
}

// PostRow is a post and how long it is held.
type PostRow struct {
	Label       string
	From, Until calendar.Date
}

// TokensPage lists one's own API tokens. View: Tokens.
type TokensPage struct {
	Form        Form   // fields: name, days, acts, towns, codes
	Made        string // the new token in full, shown this once
	Rows        []TokenRow
	Acts, Towns []Option // to limit it to
}

// TokenRow is one token.
type TokenRow struct {
	Name, Prefix          string
	Owner                 string
	CreatedAt, ExpiresAt  time.Time
	LastUsedAt, RevokedAt time.Time
	LastUsedFrom          string
	Acts, Towns           []string // what it opens; none: all that its owner may
	RevokeURL             string   // POST
}

// LocalDaysPage is a town's own closed and open days. Form fields: day (date as typed), open, name. View: LocalDays.
type LocalDaysPage struct {
	Town       Link
	Year       string // 令和8年度
	PrevURL    string
	NextURL    string
	Form       *Form // nil hides
	Rows       []LocalDayRow
	HolidayEnd calendar.Date // the table of holidays ends here
}

// LocalDayRow is one day that differs from Monday to Friday.
type LocalDayRow struct {
	Day       calendar.Date
	Name      string
	Open      bool
	Local     bool   // the town's own; else a holiday of the law
	DeleteURL string // POST
}
