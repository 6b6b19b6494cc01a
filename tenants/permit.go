package tenants

import "slices"

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
	Correct:        {HostAdmin, Operator, Auditor, Town},           // and the act that the ledger asks for

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

// Scope (事務の範囲) limits what somebody may do to some acts and some towns. What is empty limits nothing.
type Scope struct {
	Acts  []Act
	Towns []int64
}

// Empty tells whether it limits nothing.
func (s Scope) Empty() bool { return len(s.Acts) == 0 && len(s.Towns) == 0 }

func (s Scope) allows(act Act) bool { return len(s.Acts) == 0 || slices.Contains(s.Acts, act) }

// Grant is what one post allows: the acts of its kind, or those of them that the scope leaves, and where. A post with no
// town listed reaches every town of the actor's.
type Grant struct {
	Post Post
	Scope
}

func (g Grant) allows(act Act) bool {
	return slices.Contains(permits[act], g.Post) && (g.Scope.allows(act) || atHome[act])
}

// May tells whether the actor may do the act in all of these towns; without one, whether there is any where they may.
// Pages use it to show only what can be done.
func (a Actor) May(act Act, towns ...int64) bool {
	if len(towns) > 0 {
		_, may := a.judge(act, towns)
		return may
	}
	return a.Limit.allows(act) && slices.ContainsFunc(a.grants(), func(g Grant) bool { return g.allows(act) })
}

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

// Reach gives the towns in which the actor may do the act: what a list over several towns is made of. Who may nowhere is
// told so.
func (tx *Tx) Reach(act Act) ([]int64, error) {
	if err := tx.Permit(act); err != nil {
		return nil, err
	}
	return tx.Actor.Reach(act), nil
}

// Reach gives the towns in which the actor may do the act. What is theirs at home only (atHome) makes no list.
func (a Actor) Reach(act Act) []int64 {
	if !a.May(act) {
		return nil
	}
	if a.Grants == nil && len(a.Limit.Towns) == 0 {
		return a.Towns
	}
	a.TenantID = 0
	_, may := a.where(act, len(a.Towns))
	return slices.DeleteFunc(slices.Clone(a.Towns), func(t int64) bool { return !may(t) })
}

// Seen gives the towns within the actor's reach, whatever they may do there.
func (a Actor) Seen() []int64 {
	if a.Grants == nil && len(a.Limit.Towns) == 0 {
		return a.Towns
	}
	sees, _ := a.where("", len(a.Towns))
	return slices.DeleteFunc(slices.Clone(a.Towns), func(t int64) bool { return !sees(t) })
}

// Everywhere tells whether the actor may do the act without any limit of towns: what concerns the whole consortium.
func (a Actor) Everywhere(act Act) bool {
	return a.Limit.allows(act) && len(a.Limit.Towns) == 0 &&
		slices.ContainsFunc(a.grants(), func(g Grant) bool { return len(g.Towns) == 0 && g.allows(act) })
}

// Gives tells whether the actor may give somebody this grant in these towns: nobody gives what they may not do there.
func (a Actor) Gives(g Grant, towns ...int64) bool {
	for act, posts := range permits {
		if slices.Contains(posts, g.Post) && g.Scope.allows(act) && !a.May(act, towns...) {
			return false
		}
	}
	return true
}

// PostsFor are the kinds of posts that allow an act.
func PostsFor(act Act) []Post { return slices.Clone(permits[act]) }

// Acts are those that a post of the kind allows, in the order of the words: what a scope may leave of it.
func (p Post) Acts() []Act {
	var acts []Act
	for act, posts := range permits {
		if slices.Contains(posts, p) {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

// Acts are those that the actor may do somewhere, in the order of the words.
func (a Actor) Acts() []Act {
	var acts []Act
	for act := range permits {
		if a.May(act) {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

func (a Actor) grants() []Grant {
	if a.Grants != nil {
		return a.Grants
	}
	held := make([]Grant, len(a.Posts))
	for i, p := range a.Posts {
		held[i].Post = p
	}
	return held
}

// judge tells of these towns whether all are within the actor's reach, and whether they may do the act in all.
func (a Actor) judge(act Act, towns []int64) (sees, may bool) {
	seesOne, mayOne := a.where(act, len(towns))
	sees, may = true, true
	for _, t := range towns {
		sees = sees && seesOne(t)
		may = may && mayOne(t)
	}
	return sees, may && sees
}

// where gives both questions for one town each, of which so many will be asked.
func (a Actor) where(act Act, asked int) (sees, may func(int64) bool) {
	own, limit := lookup(a.Towns, asked), lookup(a.Limit.Towns, asked)
	within := func(t int64) bool {
		return a.role == roleJob || own(t) && (len(a.Limit.Towns) == 0 || limit(t))
	}
	atAll := a.Limit.allows(act)
	var all, allows func(int64) bool
	for _, g := range a.grants() {
		reaches := lookup(g.Towns, asked)
		if len(g.Towns) == 0 {
			reaches = everywhere
		}
		all = either(all, reaches)
		if g.allows(act) {
			allows = either(allows, reaches)
		}
	}
	home := func(t int64) bool { return atHome[act] && t == a.TenantID && t != 0 && a.Holds(permits[act]...) }
	sees = func(t int64) bool { return within(t) && (a.Grants == nil || home(t) || all != nil && all(t)) }
	may = func(t int64) bool { return atAll && within(t) && (home(t) || allows != nil && allows(t)) }
	return sees, may
}

func everywhere(int64) bool { return true }

func either(a, b func(int64) bool) func(int64) bool {
	if a == nil {
		return b
	}
	return func(t int64) bool { return a(t) || b(t) }
}

// lookup tells which towns a list holds. Where many are asked for they are looked up in a set: a host's night has one
// entry a server.
func lookup(list []int64, asked int) func(int64) bool {
	if asked < 8 || len(list) < 8 {
		return func(t int64) bool { return slices.Contains(list, t) }
	}
	set := make(map[int64]struct{}, len(list))
	for _, t := range list {
		set[t] = struct{}{}
	}
	return func(t int64) bool { _, ok := set[t]; return ok }
}
