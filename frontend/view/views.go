package view

// The views, one line each: file, section of the menu, parts, and the pieces that htmx may ask for alone.
var (
	SignIn = page[SignInPage]("signin", "", parts("field", "errors"))
	Error  = page[ErrorPage]("error", "")

	Board = page[BoardPage]("board", SectionBoard, parts("legend", "case", "seals"), pieces(BoardLive))
	Town  = page[TownPage]("town", SectionTown, parts("crumbs", "case", "nights"))
	Plan  = page[PlanPage]("plan", SectionTown, parts("crumbs", "pages"))
	Book  = page[BookPage]("book", SectionTown, parts("crumbs", "seals"))

	Incidents = page[IncidentsPage]("incidents", SectionIncident, parts("pages", "choices"))
	Incident  = page[IncidentPage]("incident", SectionIncident, parts("crumbs", "field", "errors"), pieces(IncidentLive))
	Ack       = page[AckPage]("ack", "", parts("field", "errors"))

	Outbox  = page[OutboxPage]("outbox", SectionOutbox, parts("pages", "choices"))
	Mailbox = page[MailboxPage]("mailbox", SectionMailbox, parts("pages"))
	Log     = page[LogPage]("log", SectionLog, parts("pages", "errors"))

	Settings    = page[SettingsPage]("settings", SectionSettings)
	Towns       = page[TownsPage]("towns", SectionSettings, parts("crumbs"))
	TownForm    = page[TownFormPage]("town_form", SectionSettings, parts("crumbs", "field", "errors"))
	Servers     = page[ServersPage]("servers", SectionSettings, parts("crumbs"))
	ServerForm  = page[ServerFormPage]("server_form", SectionSettings, parts("crumbs", "field", "errors"))
	Contacts    = page[ContactsPage]("contacts", SectionSettings, parts("crumbs"))
	ContactForm = page[ContactFormPage]("contact_form", SectionSettings, parts("crumbs", "field", "errors"))
	Stores      = page[StoresPage]("stores", SectionSettings, parts("crumbs"))
	StoreForm   = page[StoreFormPage]("store_form", SectionSettings, parts("crumbs", "field", "errors"))
	Plans       = page[PlansPage]("plans", SectionSettings, parts("crumbs"))
	PlanForm    = page[PlanFormPage]("plan_form", SectionSettings, parts("crumbs", "field", "errors"))
	People      = page[PeoplePage]("people", SectionSettings, parts("crumbs"))
	Tokens      = page[TokensPage]("tokens", SectionSettings, parts("crumbs", "field", "errors"))
	LocalDays   = page[LocalDaysPage]("local_days", SectionSettings, parts("crumbs", "field", "errors"))
	LadderForm  = page[LadderFormPage]("ladder_form", SectionSettings, parts("crumbs", "field", "errors"))
	PersonForm  = page[PersonFormPage]("person_form", SectionSettings, parts("crumbs", "field", "errors"))
	Issued      = page[IssuedPage]("issued", SectionSettings, parts("crumbs"))
	Password    = page[PasswordPage]("password", SectionSettings, parts("crumbs", "field", "errors"))
	TownIndex   = page[TownIndexPage]("town_index", SectionTown)
	Excuse      = page[ExcusePage]("excuse", SectionTown, parts("crumbs", "field", "errors"))
)

// The pieces.
const (
	BoardLive    = "board_live"
	IncidentLive = "incident_live"
)

// every is what the engine parses. A view that is missing here fails when it is first rendered, and in the tests.
func every() []spec {
	return []spec{
		SignIn.spec, Error.spec,
		Board.spec, Town.spec, Plan.spec, Book.spec,
		Incidents.spec, Incident.spec, Ack.spec,
		Outbox.spec, Mailbox.spec, Log.spec,
		Settings.spec, Towns.spec, TownForm.spec, Servers.spec, ServerForm.spec, Contacts.spec, ContactForm.spec,
		Stores.spec, StoreForm.spec, Plans.spec, PlanForm.spec, People.spec, Tokens.spec, LocalDays.spec,
		LadderForm.spec, PersonForm.spec, Issued.spec, Password.spec, TownIndex.spec, Excuse.spec,
	}
}
