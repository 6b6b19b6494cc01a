package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/incident"
)

// Incident is one cause of trouble for one town, from its opening to its end.
type Incident struct {
	TownID     int64          `json:"town_id"`
	TownName   string         `json:"town_name"`
	ID         int64          `json:"id"`
	Cause      string         `json:"cause" doc:"One open incident for each cause." example:"duty:12"`
	About      string         `json:"about" doc:"The noun it is about."`
	AboutID    int64          `json:"about_id"`
	Subject    string         `json:"subject" example:"戸籍正 夜間バックアップ"`
	Night      *calendar.Date `json:"night" format:"date" doc:"The newest night concerned."`
	Severity   string         `json:"severity" enum:"critical,warning"`
	Reason     *Reason        `json:"reason"`
	State      string         `json:"state" enum:"open,acknowledged,resolved"`
	OpenedAt   time.Time      `json:"opened_at"`
	AckUntil   *time.Time     `json:"ack_until" doc:"Until when the ladder is held, while it is acknowledged."`
	ResolvedAt *time.Time     `json:"resolved_at"`
	Resolution *string        `json:"resolution" doc:"How it ended, in Japanese."`
}

func incidentOf(i incident.Incident, townName string) Incident {
	return Incident{TownID: i.TenantID, TownName: townName, ID: i.ID, Cause: i.Cause, About: i.About, AboutID: i.AboutID, Subject: i.Subject,
		Night: i.Night, Severity: i.Severity, Reason: reasonOf(i.Reason), State: i.State, OpenedAt: i.OpenedAt.UTC(), AckUntil: utc(i.AckUntil),
		ResolvedAt: utc(i.ResolvedAt), Resolution: some(i.Resolution)}
}

// IncidentItem is an incident in a list.
type IncidentItem struct {
	Incident
	Next *Telling `json:"next" doc:"Who is told next; while acknowledged, who would be."`
	Last *Telling `json:"last" doc:"Who was told last."`
	Ack  *Answer  `json:"acknowledgement" doc:"The newest answer, also one whose time has passed."`
}

// Telling is one person and a moment.
type Telling struct {
	RungID int64     `json:"rung_id"`
	Post   string    `json:"post"`
	Name   string    `json:"name"`
	Phone  string    `json:"phone"`
	ByMail bool      `json:"by_mail" doc:"false: there is no address, only the telephone."`
	At     time.Time `json:"at"`
}

// Answer is an answer in short.
type Answer struct {
	By      string    `json:"by"`
	Via     string    `json:"via" enum:"link,console,api,phone"`
	Promise string    `json:"promise"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first; what stands above is as they have it."`
}

func tellingOf(t *incident.Telling) *Telling {
	if t == nil {
		return nil
	}
	return &Telling{RungID: t.Rung, Post: t.Post, Name: t.Name, Phone: t.Phone, ByMail: t.ByMail, At: t.At.UTC()}
}

func itemOf(i incident.Item) IncidentItem {
	out := IncidentItem{Incident: incidentOf(i.Incident, i.TownName), Next: tellingOf(i.Next), Last: tellingOf(i.Last)}
	if i.Ack != nil {
		out.Ack = &Answer{By: i.Ack.By, Via: i.Ack.Via, Promise: i.Ack.Promise, At: i.Ack.At.UTC(), Until: i.Ack.Until.UTC(), Corrections: correctionsOf(i.Ack.Corrections)}
	}
	return out
}

func listIncidents(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town  int64  `query:"town_id" minimum:"0" doc:"One town's only."`
	State string `query:"state" enum:"open,acknowledged,resolved,unresolved" doc:"unresolved: open and acknowledged, the most urgent first, on one page."`
}) (List[IncidentItem], error) {
	before, err := in.before()
	if err != nil {
		return List[IncidentItem]{}, err
	}
	items, err := incident.List(ctx, tx, incident.Filter{Town: in.Town, State: in.State, Before: before, Limit: in.Limit + 1})
	l := paged(items, in.Limit, func(i incident.Item) int64 { return i.ID }, itemOf)
	if in.State == "unresolved" {
		l.Next = nil // they are ordered by urgency, which no cursor follows
	}
	return l, err
}

// IncidentView is everything there is of one incident.
type IncidentView struct {
	Incident
	Rungs            []Rung            `json:"rungs" nullable:"false" doc:"The ladder as it stood when the incident opened, and its repetitions."`
	Acknowledgements []Acknowledgement `json:"acknowledgements" nullable:"false" doc:"Oldest first."`
	Events           []Event           `json:"events" nullable:"false" doc:"Everything that happened (経過), oldest first."`
	Notices          []Notice          `json:"notices" nullable:"false" doc:"Every message about it with its attempts, oldest first."`
}

// Rung is one telling of an incident: whom, when, and what became of it.
type Rung struct {
	ID           int64      `json:"id"`
	Position     int        `json:"position"`
	ContactID    *int64     `json:"contact_id" doc:"Null where the person is the host town's."`
	Post         string     `json:"post"`
	Name         string     `json:"name"`
	Mail         string     `json:"mail"`
	Phone        string     `json:"phone"`
	Hours        string     `json:"hours"`
	AfterMinutes int        `json:"after_minutes"`
	DueAt        time.Time  `json:"due_at"`
	State        string     `json:"state" enum:"pending,held,fired,dropped"`
	FiredAt      *time.Time `json:"fired_at"`
	NoticeID     *int64     `json:"notice_id" doc:"The message, which may tell of other incidents too; null where there was no address."`
}

// Acknowledgement is one answer: who, by which way, what is promised and until when.
type Acknowledgement struct {
	ID         int64     `json:"id"`
	IncidentID int64     `json:"incident_id"`
	RungID     *int64    `json:"rung_id"`
	OccurredAt time.Time `json:"occurred_at" doc:"When the person answered."`
	RecordedAt time.Time `json:"recorded_at" doc:"When it was written down."`
	Via        string    `json:"via" enum:"link,console,api,phone"`
	By         string    `json:"by" doc:"Who answered."`
	RecordedBy string    `json:"recorded_by" doc:"Who wrote it down."`
	Promise    string    `json:"promise"`
	Until      time.Time `json:"until"`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first; what stands above is as they have it."`
}

// Event is one line of an incident's course.
type Event struct {
	ID     int64       `json:"id"`
	At     time.Time   `json:"at"`
	Kind   string      `json:"kind" enum:"opened,worsened,told,unreachable,acknowledged,ack_expired,noted,resolved"`
	By     string      `json:"by"`
	Detail EventDetail `json:"detail"`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first; what stands above is as they have it."`
}

// EventDetail fills an event's line; which fields are set follows from its kind.
type EventDetail struct {
	Reason   *Reason    `json:"reason,omitempty"`
	Severity string     `json:"severity,omitempty"`
	Night    string     `json:"night,omitempty" format:"date"`
	RungID   int64      `json:"rung_id,omitempty"`
	Post     string     `json:"post,omitempty"`
	Name     string     `json:"name,omitempty"`
	NoticeID int64      `json:"notice_id,omitempty"`
	Number   int        `json:"number,omitempty" doc:"The how-manieth report it was (第n報)."`
	Waiting  bool       `json:"waiting,omitempty" doc:"The notice was there already and had not left; no other was made."`
	Via      string     `json:"via,omitempty"`
	Promise  string     `json:"promise,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
	Text     string     `json:"text,omitempty"`
}

func ackOf(a incident.Acknowledgement) Acknowledgement {
	return Acknowledgement{ID: a.ID, IncidentID: a.IncidentID, RungID: a.RungID, OccurredAt: a.OccurredAt.UTC(), RecordedAt: a.RecordedAt.UTC(),
		Via: a.Via, By: a.ByText, RecordedBy: a.RecordedBy, Promise: a.Promise, Until: a.Until.UTC(), Corrections: correctionsOf(a.Corrections)}
}

func rungOf(r incident.Rung) Rung {
	return Rung{ID: r.ID, Position: r.Position, ContactID: r.ContactID, Post: r.Post, Name: r.Name, Mail: r.Mail, Phone: r.Phone, Hours: r.Hours,
		AfterMinutes: r.AfterMinutes, DueAt: r.DueAt.UTC(), State: r.State, FiredAt: utc(r.FiredAt), NoticeID: r.NoticeID}
}

func eventOf(e incident.Event) Event {
	d := e.Detail
	out := Event{ID: e.ID, At: e.At.UTC(), Kind: e.Kind, By: e.ByText, Detail: EventDetail{Severity: d.Severity, Night: d.Night, RungID: d.Rung,
		Post: d.Post, Name: d.Name, NoticeID: d.Notice, Number: d.Number, Waiting: d.Waiting, Via: d.Via, Promise: d.Promise, Until: utc(d.Until), Text: d.Text},
		Corrections: correctionsOf(e.Corrections)}
	if d.Reason != nil {
		out.Detail.Reason = reasonOf(*d.Reason)
	}
	return out
}

func getIncident(ctx context.Context, tx *tenants.Tx, in *Of) (IncidentView, error) {
	v, err := incident.Get(ctx, tx, in.Town, in.ID)
	return IncidentView{Incident: incidentOf(v.Incident, v.TownName), Rungs: each(v.Rungs, rungOf), Acknowledgements: each(v.Acknowledgements, ackOf),
		Events: each(v.Events, eventOf), Notices: each(v.Notices, noticeOf)}, err
}

// AcknowledgementInput is an answer of the caller's own.
type AcknowledgementInput struct {
	Promise string    `json:"promise,omitempty" maxLength:"5000" doc:"What will be done." example:"保守業者へ連絡しました"`
	Until   time.Time `json:"until,omitempty" doc:"Until when it holds, at most seven days; left out: two office hours."`
}

func acknowledge(ctx context.Context, tx *tenants.Tx, in *ofWith[AcknowledgementInput]) (Acknowledgement, error) {
	a, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: in.Town, Incident: in.ID, Via: incident.ViaAPI, Promise: in.Body.Promise, Until: in.Body.Until})
	return ackOf(a), err
}

// CallInput is a telephone call that the caller writes down: somebody else answered.
type CallInput struct {
	RungID     *int64    `json:"rung_id,omitempty" doc:"Who was called, by their rung of the ladder."`
	By         string    `json:"by,omitempty" maxLength:"1000" doc:"Who answered; needed where no rung is named." example:"住民福祉課長 見本 花子"`
	OccurredAt time.Time `json:"occurred_at,omitempty" doc:"When; left out: now."`
	Promise    string    `json:"promise,omitempty" maxLength:"5000"`
	Until      time.Time `json:"until,omitempty" doc:"Until when it holds, at most seven days; left out: two office hours."`
}

func recordCall(ctx context.Context, tx *tenants.Tx, in *ofWith[CallInput]) (Acknowledgement, error) {
	a, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: in.Town, Incident: in.ID, RungID: in.Body.RungID, Via: incident.ViaPhone,
		ByText: in.Body.By, OccurredAt: in.Body.OccurredAt, Promise: in.Body.Promise, Until: in.Body.Until})
	return ackOf(a), err
}

// NoteInput is something a person adds to an incident's course.
type NoteInput struct {
	Text string `json:"text" maxLength:"10000"`
}

func noteIncident(ctx context.Context, tx *tenants.Tx, in *ofWith[NoteInput]) (IncidentView, error) {
	if err := incident.Note(ctx, tx, incident.NoteInput{Town: in.Town, Incident: in.ID, Text: in.Body.Text}); err != nil {
		return IncidentView{}, err
	}
	return getIncident(ctx, tx, &in.Of)
}
