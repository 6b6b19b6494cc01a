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
	ReadPeople    Act = "person.read"
	WritePeople   Act = "person.write"
	OwnTokens     Act = "token.own"
	OwnAccount    Act = "person.own"
	SignIn        Act = "person.sign_in"
	RunPipeline   Act = "pipeline.run"
)

// permits is the whole of who may do what. The scope is not here: an act on a town the actor does not see is not found,
// whatever their post.
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
	ReadPeople:    {HostAdmin, Auditor},
	WritePeople:   {HostAdmin},
	OwnTokens:     {HostAdmin, Operator, Facility, Auditor, Town},
	OwnAccount:    {HostAdmin, Operator, Facility, Auditor, Town},
	SignIn:        {}, // an entry of the log only: the gate itself does it, before there is an actor
	RunPipeline:   {Pipeline},
}

// May tells whether the actor's posts allow the act; pages use it to show only what can be done.
func (a Actor) May(act Act) bool { return a.Holds(permits[act]...) }

// Permit is the first line of every act. A town out of sight is not found (its existence is not told either); an act
// that the actor's posts do not allow is forbidden.
func (tx *Tx) Permit(act Act, towns ...int64) error {
	for _, t := range towns {
		if !tx.Actor.Sees(t) {
			return NotFound()
		}
	}
	if !tx.Actor.May(act) {
		return Forbidden(act)
	}
	return nil
}
