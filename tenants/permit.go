package tenants

// Act is something a person may be allowed to do. One word for it everywhere: here, in the operation log, in the API.
type Act string

// The acts. A new one is added here and to the table below, or nobody may do it.
const (
	ReadBoard     Act = "board.read"
	ReadTown      Act = "town.read"
	WriteTown     Act = "town.write"
	ReadServer    Act = "server.read"
	WriteServer   Act = "server.write"
	ReadContact   Act = "contact.read"
	WriteContact  Act = "contact.write"
	ReadCalendar  Act = "calendar.read"
	WriteCalendar Act = "calendar.write"
	ReadDuty      Act = "duty.read"
	Confirm       Act = "duty.confirm"
	Excuse        Act = "duty.excuse"
	ReadPlan      Act = "plan.read"
	WritePlan     Act = "plan.write"
	ReadPingURL   Act = "plan.ping_url.read"
	ReadRun       Act = "run.read"
	Reverify      Act = "run.verify"
	ReadIncident  Act = "incident.read"
	Acknowledge   Act = "incident.acknowledge"
	RecordCall    Act = "incident.call"
	NoteIncident  Act = "incident.note"
	ReadOutbox    Act = "notice.read"
	ReadLog       Act = "operation_log.read"
	ReadTownLog   Act = "operation_log.read_town"
	ExportLog     Act = "operation_log.export"
	ReviewLog     Act = "operation_log.review"
	SetReview     Act = "operation_log.review.write"
	ReadRetention Act = "retention.read"
	SetRetention  Act = "retention.write"
	ExportVolume  Act = "volume.export"
	ReadPeople    Act = "person.read"
	WritePeople   Act = "person.write"
	ReadSignIn    Act = "sign_in.read"
	WriteSignIn   Act = "sign_in.write"
	ReadProposal  Act = "proposal.read"
	Propose       Act = "proposal.write"
	ReadRegister  Act = "appointment.read"
	OwnTokens     Act = "token.own"
	OwnAccount    Act = "person.own"
	SignIn        Act = "person.sign_in"
	SignOut       Act = "person.sign_out"
	RunPipeline   Act = "pipeline.run"
	LookAtTown    Act = "town.look"
	Refused       Act = "access.refused"

	ReadObservance   Act = "observance.read"
	WriteObservance  Act = "observance.write"
	AcceptObservance Act = "observance.accept"
	ReadCustody      Act = "custody.read"
	WriteCustody     Act = "custody.write"

	ReadCorrection Act = "correction.read"
	Correct        Act = "correction.write"

	ReadRack     Act = "rack.read" // the host's whole register
	WriteRack    Act = "rack.write"
	CheckRack    Act = "rack.check"
	ReadOwnRacks Act = "rack.read_own" // what a town may know of the racks its things stand in

	ReadKey      Act = "key.read"
	WriteKey     Act = "key.write"     // what there is: keys, copies, cabinets; a cylinder changed
	LendKey      Act = "key.lend"      // what happens to copies
	AuthoriseKey Act = "key.authorise" // as the other person

	ReadRoom     Act = "room.read"
	WriteRoom    Act = "room.write" // the list of who may enter, the badges, how a room is watched
	EnterRoom    Act = "room.enter" // who came in and left, and that the empty room is locked
	RequestVisit Act = "room.visit.request"
	ApproveVisit Act = "room.visit.approve" // and looking into entries without permission

	ReadEvidence      Act = "evidence.read"
	ExportEvidence    Act = "evidence.export"
	RotateEvidenceKey Act = "evidence.rotate_key"

	KeepSecrets Act = "secret.keep"
	ReadMorning Act = "morning.read"
	SetMorning  Act = "morning.write"
)

// permits is what the kinds of posts allow. With the scope of each post (below) it is the whole of who may do what: an act
// on a town the actor does not see is not found, whatever their post.
var permits = map[Act][]Post{
	ReadBoard:     {HostAdmin, Operator, Facility, Auditor, Town},
	ReadTown:      {HostAdmin, Operator, Facility, Auditor, Town, LinkHolder},
	WriteTown:     {HostAdmin},
	ReadServer:    {HostAdmin, Operator, Facility, Auditor, Town},
	WriteServer:   {HostAdmin},
	ReadContact:   {HostAdmin, Operator, Facility, Auditor, Town},
	WriteContact:  {HostAdmin, Town},
	ReadCalendar:  {HostAdmin, Operator, Facility, Auditor, Town},
	WriteCalendar: {HostAdmin},
	ReadDuty:      {HostAdmin, Operator, Facility, Auditor, Town},
	Confirm:       {HostAdmin, Operator},
	Excuse:        {HostAdmin},
	ReadPlan:      {HostAdmin, Operator, Facility, Auditor, Town},
	WritePlan:     {HostAdmin},
	ReadPingURL:   {HostAdmin, Operator},
	ReadRun:       {HostAdmin, Operator, Facility, Auditor, Town},
	Reverify:      {HostAdmin, Operator},
	ReadIncident:  {HostAdmin, Operator, Facility, Auditor, Town, LinkHolder},
	Acknowledge:   {HostAdmin, Operator, Town, LinkHolder},
	RecordCall:    {HostAdmin, Operator},
	NoteIncident:  {HostAdmin, Operator, Town},
	ReadOutbox:    {HostAdmin, Operator, Auditor},
	ReadLog:       {HostAdmin, Auditor},
	ReadTownLog:   {HostAdmin, Auditor, Town}, // a town its own lines, without the addresses of the host's staff
	ExportLog:     {HostAdmin, Auditor, Town}, // of what they may read
	ReviewLog:     {HostAdmin, Auditor},
	SetReview:     {HostAdmin},
	ReadRetention: {HostAdmin, Operator, Facility, Auditor, Town},
	SetRetention:  {HostAdmin},
	ExportVolume:  {HostAdmin, Operator, Facility, Auditor, Town}, // and the act of reading that kind of records
	ReadPeople:    {HostAdmin, Auditor},
	WritePeople:   {HostAdmin},
	ReadSignIn:    {HostAdmin, Auditor},
	WriteSignIn:   {HostAdmin},
	ReadProposal:  {HostAdmin, Operator, Facility, Auditor, Town},
	Propose:       {HostAdmin, Operator, Facility, Auditor, Town}, // and the act itself that waits
	ReadRegister:  {HostAdmin, Auditor, Town},
	OwnTokens:     {HostAdmin, Operator, Facility, Auditor, Town},
	OwnAccount:    {HostAdmin, Operator, Facility, Auditor, Town},
	SignIn:        {}, // an entry of the log only: the gate itself does it, before there is an actor
	SignOut:       {}, // likewise: whoever is in may leave
	RunPipeline:   {Pipeline},
	LookAtTown:    {}, // likewise: somebody of the host has looked at a town's page
	Refused:       {}, // likewise: the door had to refuse something

	ReadObservance:   {HostAdmin, Operator, Facility, Auditor, Town},
	WriteObservance:  {HostAdmin},
	AcceptObservance: {HostAdmin, Operator, Facility, Auditor, Town},
	ReadCustody:      {HostAdmin, Operator, Facility, Auditor},
	WriteCustody:     {HostAdmin},

	ReadCorrection: {HostAdmin, Operator, Facility, Auditor, Town}, // and the act that reads the ledger
	Correct:        {HostAdmin, Operator, Facility, Auditor, Town}, // and the act that the ledger asks for

	ReadRack:     {HostAdmin, Operator, Facility, Auditor},
	WriteRack:    {HostAdmin, Facility},
	CheckRack:    {HostAdmin, Facility},
	ReadOwnRacks: {HostAdmin, Operator, Facility, Auditor, Town},

	ReadKey:      {HostAdmin, Operator, Facility, Auditor},
	WriteKey:     {HostAdmin, Facility},
	LendKey:      {HostAdmin, Operator, Facility},
	AuthoriseKey: {HostAdmin, Facility},

	ReadRoom:     {HostAdmin, Operator, Facility, Auditor},
	WriteRoom:    {HostAdmin, Facility},
	EnterRoom:    {HostAdmin, Operator, Facility},
	RequestVisit: {HostAdmin, Operator, Facility},
	ApproveVisit: {HostAdmin},

	ReadEvidence:      {HostAdmin, Operator, Facility, Auditor, Town},
	ExportEvidence:    {HostAdmin, Operator, Facility, Auditor, Town}, // rows that a post may not read are left out
	RotateEvidenceKey: {HostAdmin},

	KeepSecrets: {Pipeline}, // from the command line, of whoever runs the machine
	ReadMorning: {HostAdmin, Operator, Facility, Auditor, Town},
	SetMorning:  {HostAdmin, Town},
}

// atHome is what whoever holds a post may do in their own organisation even where their work is limited to others: look
// after their account, accept the rules that bind everybody, and read by what name the organisation goes.
var atHome = map[Act]bool{OwnTokens: true, OwnAccount: true, ReadTown: true, AcceptObservance: true}

// sensitive are the acts for which a signed-in person has proved shortly before who they are: what opens doors to others,
// and what removes records.
var sensitive = map[Act]bool{WritePeople: true, WriteSignIn: true, SetRetention: true}

// Permit is the first line of every act. A town out of sight is not found (its existence is not told either); an act
// that the actor's posts do not allow there is forbidden. An act over several towns asks for Reach instead. Who owes a step
// may do nothing but see to it.
func (tx *Tx) Permit(act Act, towns ...int64) error {
	sees, may := tx.Actor.judge(act, towns)
	if len(towns) == 0 {
		may = tx.Actor.May(act)
	}
	switch {
	case !sees:
		return NotFound()
	case !may:
		return Forbidden(act)
	}
	if tx.Actor.Owes != "" && act != OwnAccount {
		return First(tx.Actor.Owes)
	}
	if tx.first == "" {
		tx.first = act
	}
	if sensitive[act] {
		return tx.Sure()
	}
	return nil
}

// Sure asks that the signed-in person has proved shortly before who they are, for an act that is sensitive only in part.
func (tx *Tx) Sure() error {
	if tx.Actor.Stale {
		return First(OwesConfirm)
	}
	return nil
}
