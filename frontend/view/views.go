package view

// The views, one line each: file, section of the menu, parts, and the pieces that htmx may ask for alone.
var (
	SignIn = page[SignInPage]("signin", "", parts("field", "errors"))
	Second = page[SecondPage]("second", "", parts("field", "errors"))
	Error  = page[ErrorPage]("error", "")

	Board = page[BoardPage]("board", SectionBoard, parts("legend", "case", "seals", "find"), pieces(BoardLive))
	Town  = page[TownPage]("town", SectionTown, parts("crumbs", "case", "nights"))
	Plan  = page[PlanPage]("plan", SectionTown, parts("crumbs", "pages", "amended", "amendments"))
	Book  = page[BookPage]("book", SectionTown, parts("crumbs", "seals", "amended", "amendments"))

	Incidents = page[IncidentsPage]("incidents", SectionIncident, parts("pages", "choices"))
	Incident  = page[IncidentPage]("incident", SectionIncident, parts("crumbs", "field", "errors", "amended", "amendments"), pieces(IncidentLive))
	Ack       = page[AckPage]("ack", "", parts("field", "errors"))

	Outbox  = page[OutboxPage]("outbox", SectionOutbox, parts("pages", "choices"))
	Mailbox = page[MailboxPage]("mailbox", SectionMailbox, parts("pages"))
	Log     = page[LogPage]("log", SectionLog, parts("pages", "errors"))
	Reviews = page[ReviewsPage]("reviews", SectionLog, parts("crumbs", "field", "errors", "pages", "amended", "amendments"))

	Settings      = page[SettingsPage]("settings", SectionSettings)
	Towns         = page[TownsPage]("towns", SectionSettings, parts("crumbs", "find"))
	TownForm      = page[TownFormPage]("town_form", SectionSettings, parts("crumbs", "field", "errors"))
	Servers       = page[ServersPage]("servers", SectionSettings, parts("crumbs"))
	ServerForm    = page[EntryFormPage]("server_form", SectionSettings, parts("crumbs", "field", "errors"))
	Contacts      = page[ContactsPage]("contacts", SectionSettings, parts("crumbs"))
	ContactForm   = page[EntryFormPage]("contact_form", SectionSettings, parts("crumbs", "field", "errors"))
	Stores        = page[StoresPage]("stores", SectionSettings, parts("crumbs"))
	StoreForm     = page[EntryFormPage]("store_form", SectionSettings, parts("crumbs", "field", "errors"))
	Plans         = page[PlansPage]("plans", SectionSettings, parts("crumbs"))
	PlanForm      = page[PlanFormPage]("plan_form", SectionSettings, parts("crumbs", "field", "errors"))
	People        = page[PeoplePage]("people", SectionSettings, parts("crumbs", "find", "field", "errors"))
	Tokens        = page[TokensPage]("tokens", SectionSettings, parts("crumbs", "field", "errors", "scope", "scope_fields", "token_rows", "token_made"))
	LocalDays     = page[LocalDaysPage]("local_days", SectionSettings, parts("crumbs", "field", "errors"))
	LadderForm    = page[LadderFormPage]("ladder_form", SectionSettings, parts("crumbs", "field", "errors"))
	PersonForm    = page[PersonFormPage]("person_form", SectionSettings, parts("crumbs", "field", "errors"))
	Issued        = page[IssuedPage]("issued", SectionSettings, parts("crumbs"))
	Password      = page[PasswordPage]("password", SectionSettings, parts("crumbs", "field", "errors"))
	Confirm       = page[ConfirmPage]("confirm", SectionSettings, parts("field", "errors"))
	Factors       = page[FactorsPage]("factors", SectionSettings, parts("crumbs", "field", "errors"))
	Uses          = page[UsesPage]("uses", SectionSettings, parts("crumbs", "choices", "pages"))
	SignInPolicy  = page[SignInPolicyPage]("sign_in_policy", SectionSettings, parts("crumbs", "field", "errors"))
	Proposals     = page[ProposalsPage]("proposals", SectionSettings, parts("crumbs", "choices", "pages"))
	Morning       = page[MorningPage]("morning", SectionSettings, parts("crumbs", "errors", "field"))
	SecondPerson  = page[SecondPersonPage]("second_person", SectionSettings, parts("crumbs", "errors"))
	Procedure     = page[ProcedurePage]("procedure", SectionSettings, parts("crumbs", "field", "errors", "second_here"))
	Procedures    = page[ProceduresPage]("procedures", SectionSettings, parts("crumbs", "pages", "seals"))
	Management    = page[ManagementPage]("management", SectionSettings, parts("crumbs", "field", "errors"))
	Person        = page[PersonPage]("person", SectionSettings, parts("crumbs", "field", "errors", "scope", "scope_fields", "token_rows", "token_made", "amended", "amendments"))
	PostForm      = page[PostFormPage]("post_form", SectionSettings, parts("crumbs", "field", "errors", "scope_fields"))
	Offices       = page[OfficesPage]("offices", SectionSettings, parts("crumbs", "field", "errors"))
	Office        = page[OfficePage]("office", SectionSettings, parts("crumbs", "field", "errors", "scope", "scope_fields"))
	Register      = page[RegisterPage]("register", SectionTown, parts("crumbs", "seals", "scope", "amended", "amendments"))
	Import        = page[ImportPage]("import", SectionSettings, parts("crumbs", "field", "errors"))
	PingKey       = page[PingKeyPage]("ping_key", SectionSettings, parts("crumbs"))
	TownIndex     = page[TownIndexPage]("town_index", SectionTown, parts("find"))
	Excuse        = page[ExcusePage]("excuse", SectionTown, parts("crumbs", "field", "errors"))
	Retention     = page[RetentionPage]("retention", SectionSettings, parts("crumbs"))
	RetentionForm = page[RetentionFormPage]("retention_form", SectionSettings, parts("crumbs", "field", "errors"))
	Volumes       = page[VolumesPage]("volumes", SectionSettings, parts("crumbs"))

	Observances    = page[ObservancesPage]("observances", SectionSettings)
	ObservanceList = page[ObservanceListPage]("observance_list", SectionSettings, parts("crumbs"))
	Observance     = page[ObservancePage]("observance", SectionSettings, parts("crumbs", "choices", "find", "field", "errors"))
	ObservanceForm = page[ObservanceFormPage]("observance_form", SectionSettings, parts("crumbs", "field", "errors"))

	Racks     = page[RacksPage]("racks", SectionRoom, parts("seals", "field", "errors"))
	Rack      = page[RackPage]("rack", SectionRoom, parts("crumbs", "seals", "amended", "amendments"))
	RackForm  = page[RackFormPage]("rack_form", SectionRoom, parts("crumbs", "field", "errors"))
	TownRacks = page[TownRacksPage]("town_racks", SectionTown, parts("crumbs"))
	Labels    = page[LabelsPage]("labels", SectionRoom, parts("crumbs"))

	CustodyList = page[CustodyListPage]("custody_list", SectionSettings, parts("crumbs", "seals"))
	Custody     = page[CustodyPage]("custody", SectionSettings, parts("crumbs", "seals", "amended", "amendments"))
	CustodyForm = page[CustodyFormPage]("custody_form", SectionSettings, parts("crumbs", "field", "errors"))
	Corrections = page[CorrectionsPage]("corrections", SectionSettings, parts("crumbs", "seals", "errors", "pages", "amendments"))
	Correction  = page[CorrectionPage]("correction", SectionSettings, parts("crumbs", "field", "errors", "amended", "amendments"))
	Keys        = page[KeysPage]("keys", SectionSettings, parts("crumbs", "seals"))
	Key         = page[KeyPage]("key", SectionSettings, parts("crumbs", "seals", "amended", "amendments"))
	KeyLoan     = page[KeyLoanPage]("key_loan", SectionSettings, parts("crumbs", "field", "errors"))
	KeyItem     = page[KeyItemPage]("key_item", SectionSettings, parts("crumbs", "errors"))
	KeyCabinets = page[KeyCabinetsPage]("key_cabinets", SectionSettings, parts("crumbs"))
	KeyCabinet  = page[KeyCabinetPage]("key_cabinet", SectionSettings, parts("crumbs", "errors"))
	KeyCount    = page[KeyCountPage]("key_count", SectionSettings, parts("crumbs", "seals"))
	KeyBook     = page[KeyBookPage]("key_book", SectionSettings, parts("crumbs", "seals", "amended", "amendments"))
	KeyForm     = page[KeyFormPage]("key_form", SectionSettings, parts("crumbs", "field", "errors"))
	Rooms       = page[RoomsPage]("rooms", SectionSettings, parts("crumbs"))
	RoomBook    = page[RoomBookPage]("room_book", SectionSettings, parts("crumbs", "seals", "amended", "amendments"))
	RoomForm    = page[RoomFormPage]("room_form", SectionSettings, parts("crumbs", "field", "errors"))
	RoomList    = page[RoomListPage]("room_list", SectionSettings, parts("crumbs", "seals"))
	Visits      = page[VisitsPage]("visits", SectionSettings, parts("crumbs", "pages"))
	Visit       = page[VisitPage]("visit", SectionSettings, parts("crumbs", "seals", "field", "errors"))
	Badges      = page[BadgesPage]("badges", SectionSettings, parts("crumbs", "field", "errors"))
	Badge       = page[BadgePage]("badge", SectionSettings, parts("crumbs", "field", "errors"))
	Evidence    = page[EvidencePage]("evidence", SectionSettings, parts("crumbs", "field", "errors"))
)

// The pieces.
const (
	BoardLive    = "board_live"
	IncidentLive = "incident_live"
)

// every is what the engine parses. A view that is missing here fails when it is first rendered, and in the tests.
func every() []spec {
	return []spec{
		SignIn.spec, Second.spec, Error.spec,
		Board.spec, Town.spec, Plan.spec, Book.spec,
		Incidents.spec, Incident.spec, Ack.spec,
		Outbox.spec, Mailbox.spec, Log.spec, Reviews.spec,
		Settings.spec, Towns.spec, TownForm.spec, Servers.spec, ServerForm.spec, Contacts.spec, ContactForm.spec,
		Stores.spec, StoreForm.spec, Plans.spec, PlanForm.spec, People.spec, Tokens.spec, LocalDays.spec,
		LadderForm.spec, PersonForm.spec, Issued.spec, Password.spec, Confirm.spec, Factors.spec, Uses.spec, SignInPolicy.spec, Proposals.spec, SecondPerson.spec, Morning.spec, TownIndex.spec, Excuse.spec,
		Retention.spec, RetentionForm.spec, Volumes.spec, Evidence.spec,
		Procedure.spec, Procedures.spec, Management.spec,
		Person.spec, PostForm.spec, Offices.spec, Office.spec, Register.spec, Import.spec, PingKey.spec,
		Observances.spec, ObservanceList.spec, Observance.spec, ObservanceForm.spec,
		Racks.spec, Rack.spec, RackForm.spec, TownRacks.spec, Labels.spec,
		CustodyList.spec, Custody.spec, CustodyForm.spec, Corrections.spec, Correction.spec,
		Keys.spec, Key.spec, KeyLoan.spec, KeyItem.spec, KeyCabinets.spec, KeyCabinet.spec, KeyCount.spec, KeyBook.spec, KeyForm.spec,
		Rooms.spec, RoomBook.spec, RoomForm.spec, RoomList.spec, Visits.spec, Visit.spec, Badges.spec, Badge.spec,
	}
}
