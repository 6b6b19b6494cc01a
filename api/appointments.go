package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// Appointment is a post as it stands in the register (任命簿・取扱者指定簿) of the town in which it is held.
type Appointment struct {
	TownID      int64          `json:"town_id" doc:"Where the post is held."`
	ID          int64          `json:"id"`
	RecordedAt  time.Time      `json:"recorded_at"`
	RecordedBy  string         `json:"recorded_by"`
	Event       string         `json:"event" enum:"begun,changed,ended,withdrawn,carried" doc:"changed: it lasts longer than was said; ended: its last day was set; withdrawn: before it began; carried: it was there before there was a register."`
	HomeID      int64          `json:"home_id" doc:"The town to which the person belongs."`
	Home        string         `json:"home"`
	PersonID    int64          `json:"person_id"`
	Person      string         `json:"person"`
	PostID      int64          `json:"post_id"`
	Kind        string         `json:"kind" enum:"host_admin,operator,facility,auditor,town"`
	Title       string         `json:"title"`
	Office      *string        `json:"office" doc:"The office that it goes with (充て職)."`
	Manner      string         `json:"manner" enum:"appointment,designation"`
	FromOn      calendar.Date  `json:"from_on" format:"date"`
	UntilOn     *calendar.Date `json:"until_on" format:"date"`
	AppointedBy string         `json:"appointed_by"`
	Document    string         `json:"document"`
	DocumentOn  *calendar.Date `json:"document_on" format:"date"`
	Acts        []string       `json:"acts" nullable:"false" doc:"Empty: all that the post allows."`
	Towns       []Named        `json:"towns" nullable:"false" doc:"Empty: all that the post reaches."`

	Corrections []Correction `json:"corrections" nullable:"false" doc:"The oldest first; what stands above is as they have it."`
}

// Named is a town as it was called when something was written down.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func appointmentOf(e people.Entry) Appointment {
	out := Appointment{TownID: e.TenantID, ID: e.ID, RecordedAt: e.RecordedAt.UTC(), RecordedBy: e.ByText, Event: e.Event, HomeID: e.HomeID, Home: e.Home,
		PersonID: e.PersonID, Person: e.Person, PostID: e.PostID, Kind: string(e.Kind), Title: e.Title, Office: some(e.Office), Manner: string(e.Manner),
		FromOn: e.FromOn, UntilOn: e.UntilOn, AppointedBy: e.AppointedBy, Document: e.Document, DocumentOn: e.DocumentOn, Acts: words(e.Scope.Acts), Towns: []Named{},
		Corrections: correctionsOf(e.Corrections)}
	for _, t := range e.Scope.Towns {
		out.Towns = append(out.Towns, Named{t.ID, t.Name})
	}
	return out
}

func listRegister(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	On     string `query:"on" format:"date" doc:"As of this day; nothing: today."`
	Former bool   `query:"former" doc:"Those that are over, too."`
}) (List[Appointment], error) {
	on, err := dayOr(in.On, tx)
	if err != nil {
		return List[Appointment]{}, err
	}
	found, err := people.Register(ctx, tx, in.Town, on, in.Former)
	return whole(found, appointmentOf), err
}

func listCourse(ctx context.Context, tx *tenants.Tx, in *Of) (List[Appointment], error) {
	if _, err := people.Get(ctx, tx, in.Town, in.ID); err != nil {
		return List[Appointment]{}, err
	}
	found, err := people.Course(ctx, tx, in.Town, in.ID)
	return whole(found, appointmentOf), err
}

// dayOr is the day that was asked for, or today.
func dayOr(asked string, tx *tenants.Tx) (calendar.Date, error) {
	if asked == "" {
		return calendar.DateOf(tx.Now, tokyo), nil
	}
	day, err := calendar.Parse(asked)
	if err != nil {
		var v tenants.Invalid
		v.Add("on", "日付は 2026-11-21 の形で指定してください。", "Give the date as 2026-11-21.")
		return day, v.Err()
	}
	return day, nil
}

func listEnding(ctx context.Context, tx *tenants.Tx, in *struct {
	Days int `query:"days" minimum:"0" maximum:"400" doc:"Within so many days; nothing: as many as the host has set. At most 500 are given."`
}) (List[Appointment], error) {
	days := in.Days
	if days == 0 {
		var err error
		if days, err = people.ReminderDays(ctx, tx); err != nil {
			return List[Appointment]{}, err
		}
	}
	found, err := people.Ending(ctx, tx, calendar.DateOf(tx.Now, tokyo), days, 500)
	return whole(found, appointmentOf), err
}

// Reminder is how early the end of posts is told of.
type Reminder struct {
	Days int `json:"days" minimum:"0" maximum:"180"`
}

func setReminder(ctx context.Context, tx *tenants.Tx, in *struct{ Body Reminder }) (Reminder, error) {
	return in.Body, people.SetReminderDays(ctx, tx, in.Body.Days)
}

func withdrawPost(ctx context.Context, tx *tenants.Tx, in *Of) (Person, error) {
	p, err := people.WithdrawPost(ctx, tx, in.Town, in.ID)
	return personOf(p), err
}

// ImportInput is a CSV file of people.
type ImportInput struct {
	CSV    string `json:"csv" maxLength:"400000" contentEncoding:"base64" doc:"The file as it is, in base64: UTF-8 or Shift_JIS. Columns: login, name, kind of post, title, first day, last day (empty: the fiscal year's end; none: no end), document."`
	Commit bool   `json:"commit,omitempty" doc:"Take them in. Without it the lines are only looked at."`
}

// Imported is what became of the file.
type Imported struct {
	Encoding string         `json:"encoding,omitempty" enum:"UTF-8,Shift_JIS"`
	Lines    []ImportedLine `json:"lines" nullable:"false"`
	Issued   []NewPerson    `json:"issued" nullable:"false" doc:"Those who were taken in. The passwords are shown here and never again."`
}

// ImportedLine is a line of the file as it was read.
type ImportedLine struct {
	Line   int     `json:"line"`
	Login  string  `json:"login"`
	Folded bool    `json:"folded" doc:"Capitals or full-width characters were made plain."`
	Name   string  `json:"name"`
	Faults []Wrong `json:"faults" nullable:"false" doc:"Why it cannot be taken in."`
}

// Wrong is what is wrong at a column.
type Wrong struct {
	Field string `json:"field"`
	Ja    string `json:"ja"`
	En    string `json:"en"`
}

func importPeople(ctx context.Context, tx *tenants.Tx, in *townWith[ImportInput]) (Imported, error) {
	raw, err := base64File(in.Body.CSV)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Lines: []ImportedLine{}, Issued: []NewPerson{}}
	if in.Body.Commit {
		issued, err := people.ImportPeople(ctx, tx, in.Town, raw)
		out.Issued = each(issued, func(i people.Issued) NewPerson { return NewPerson{personOf(i.Person), i.Password} })
		return out, err
	}
	read, err := people.ReadImport(ctx, tx, in.Town, raw)
	out.Encoding = read.Encoding
	out.Lines = each(read.Lines, func(l people.ImportLine) ImportedLine {
		return ImportedLine{Line: l.N, Login: l.Login, Folded: l.Folded, Name: l.Name,
			Faults: each(l.Faults, func(f tenants.FieldFault) Wrong { return Wrong{f.Field, f.Ja, f.En} })}
	})
	return out, err
}
