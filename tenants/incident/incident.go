// Package incident keeps what is wrong and whom it concerns: one open incident per cause and town, the ladder of people
// to tell as it stood when the incident opened, who answered what and until when, and everything that happened since.
// It tells people through notices until somebody answers, and again when an answer's time has passed.
package incident

import (
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// The states of an incident.
const (
	StateOpen         = "open"         // nobody has answered; the ladder goes on
	StateAcknowledged = "acknowledged" // somebody has, until AckUntil; the ladder is held
	StateResolved     = "resolved"
)

// The states of a rung.
const (
	RungPending = "pending" // due at DueAt
	RungHeld    = "held"    // by an acknowledgement
	RungFired   = "fired"   // its time has come: told, or found unreachable
	RungDropped = "dropped" // the incident was over first
)

// The ways an acknowledgement comes.
const (
	ViaLink    = "link"    // the link of the mail, by whoever was told
	ViaConsole = "console" // a signed-in person
	ViaAPI     = "api"
	ViaPhone   = "phone" // a call that an operator wrote down
)

// How bad it is.
const (
	Critical = "critical"
	Warning  = "warning"
)

// Incident is one cause of trouble for one town, from its opening to its end.
type Incident struct {
	TenantID      int64
	ID            int64
	Cause         string // "duty:12"
	About         string
	AboutID       int64
	Subject       string         // 戸籍正 バックアップ
	Night         *calendar.Date // the newest night concerned
	Severity      string
	Reason        tenants.Reason `gorm:"embedded;embeddedPrefix:reason_"`
	State         string
	OpenedAt      time.Time
	RepeatMinutes int
	AckUntil      *time.Time // while acknowledged
	ResolvedAt    *time.Time
	Resolution    string // how it ended, in Japanese; empty before
}

const incidentColumns = `i.tenant_id, i.id, i.cause, i.about, i.about_id, i.subject, i.night, i.severity, i.reason_code, i.reason_params,
	i.state, i.opened_at, i.repeat_minutes, i.ack_until, i.resolved_at, i.resolution`

// Rung is one telling of an incident: whom, when, and what became of it.
type Rung struct {
	TenantID     int64
	ID           int64
	IncidentID   int64
	Position     int
	ContactID    *int64 // empty where the person is the host town's
	Post         string
	Name         string
	Mail         string
	Phone        string
	Hours        string
	AfterMinutes int // after the opening, as the ladder had it
	DueAt        time.Time
	State        string
	FiredAt      *time.Time
	NoticeID     *int64 // the message, which may tell of other incidents too; empty where there was no address
}

const rungColumns = `r.tenant_id, r.id, r.incident_id, r.position, r.contact_id, r.post, r.name, r.mail, r.phone, r.hours, r.after_minutes,
	r.due_at, r.state, r.fired_at, r.notice_id`

// Acknowledgement is one answer.
type Acknowledgement struct {
	TenantID   int64
	ID         int64
	IncidentID int64
	RungID     *int64
	OccurredAt time.Time // when the person answered
	RecordedAt time.Time // when it was written down
	Via        string
	ByID       *int64
	ByText     string // who answered
	RecordedBy string // who wrote it down
	Promise    string
	Until      time.Time

	Corrections correction.History `gorm:"-"` // laid over what stands above
}

const acknowledgementColumns = `a.tenant_id, a.id, a.incident_id, a.rung_id, a.occurred_at, a.recorded_at, a.via, a.by_id, a.by_text,
	a.recorded_by, a.promise, a.until`

// Event is one line of an incident's course (経過).
type Event struct {
	TenantID   int64
	ID         int64
	IncidentID int64
	At         time.Time
	Kind       string // opened, worsened, told, unreachable, acknowledged, ack_expired, noted, resolved
	ByID       *int64
	ByText     string
	Detail     Detail

	Corrections correction.History `gorm:"-"` // of a note: laid over its text
}

// Detail is what an event's line is filled with; which fields are set follows from its kind.
type Detail struct {
	Reason   *tenants.Reason `json:"reason,omitempty"`
	Severity string          `json:"severity,omitempty"`
	Night    string          `json:"night,omitempty"`
	Rung     int64           `json:"rung,omitempty"`
	Post     string          `json:"post,omitempty"`
	Name     string          `json:"name,omitempty"`
	Notice   int64           `json:"notice,omitempty"`
	Number   int             `json:"number,omitempty"`  // 第n報
	Waiting  bool            `json:"waiting,omitempty"` // the notice was there already and had not left
	Via      string          `json:"via,omitempty"`
	Promise  string          `json:"promise,omitempty"`
	Until    *time.Time      `json:"until,omitempty"`
	Text     string          `json:"text,omitempty"`
}

// Scan reads a detail from jsonb.
func (d *Detail) Scan(src any) error {
	*d = Detail{}
	switch v := src.(type) {
	case []byte:
		return json.Unmarshal(v, d)
	case string:
		return json.Unmarshal([]byte(v), d)
	}
	return fmt.Errorf("read an incident event's detail from %T", src)
}

// GormDataType keeps the row mapper from taking a detail for a row of its own.
func (Detail) GormDataType() string { return "jsonb" }

// within refuses towns that the actor does not see. Opening and resolving are no acts of their own: whoever opens has
// been permitted the act that found the trouble.
func within(tx *tenants.Tx, towns ...int64) error {
	for _, t := range towns {
		if !tx.Actor.Sees(t) {
			return tenants.NotFound()
		}
	}
	return nil
}

// who is how the actor stands in an incident's course.
func who(tx *tenants.Tx) (id *int64, text string) {
	if tx.Actor.Holds(tenants.Pipeline) {
		return nil, tx.Actor.Name
	}
	if tx.Actor.PersonID != 0 {
		id = &tx.Actor.PersonID
	}
	return id, tx.Actor.Text()
}

type happening struct {
	town, incident int64
	kind           string
	detail         Detail
}

// record writes lines of the course, one statement for all of them.
func record(tx *tenants.Tx, happenings []happening) error {
	if len(happenings) == 0 {
		return nil
	}
	byID, byText := who(tx)
	var towns, incidents []int64
	var kinds, details []string
	for _, h := range happenings {
		b, err := json.Marshal(h.detail)
		if err != nil {
			return fmt.Errorf("write the course of incident %d: %w", h.incident, err)
		}
		towns, incidents = append(towns, h.town), append(incidents, h.incident)
		kinds, details = append(kinds, h.kind), append(details, string(b))
	}
	err := tx.DB.Exec(`INSERT INTO incident_event (tenant_id, incident_id, at, kind, by_id, by_text, detail)
		SELECT town, incident, CAST(@now AS timestamptz), kind, CAST(@by_id AS bigint), @by_text, CAST(detail AS jsonb)
		FROM unnest(CAST(@towns AS bigint[]), CAST(@incidents AS bigint[]), CAST(@kinds AS text[]), CAST(@details AS text[]))
			WITH ORDINALITY AS x (town, incident, kind, detail, n) ORDER BY n`,
		map[string]any{"now": tx.Now, "by_id": byID, "by_text": byText, "towns": &towns, "incidents": &incidents, "kinds": &kinds,
			"details": &details}).Error
	if err != nil {
		return fmt.Errorf("write the course of %d incidents: %w", len(happenings), err)
	}
	return nil
}

// wake tells whoever waits for rungs, and the pages of the towns, in one statement.
func wake(tx *tenants.Tx, towns []int64) error {
	if len(towns) == 0 {
		return nil
	}
	err := tx.DB.Exec(`SELECT pg_notify(@channel, @rung || ':0')
		UNION ALL SELECT pg_notify(@channel, @page || ':' || t) FROM (SELECT DISTINCT unnest(CAST(@towns AS bigint[])) AS t) x`,
		map[string]any{"channel": tenants.Channel, "rung": string(tenants.WakeRung), "page": string(tenants.WakePage), "towns": &towns}).Error
	if err != nil {
		return fmt.Errorf("wake whoever waits for incidents: %w", err)
	}
	return nil
}
