package room

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("room_decision_another_person", "reason", anotherJa, anotherEn)

const (
	anotherJa = "申請者と立会者は、この申請を許可・不許可にできません。別の人が決めてください（別の職に就いていても同じ人です）。"
	anotherEn = "Neither who applied nor who escorts decides, whatever post they act in: another person does."
)

// longestVisit bounds a visit: a longer permission is a line of the list.
const longestVisit = 31 * 24 * time.Hour

// VisitInput is an application.
type VisitInput struct {
	Company  string
	Names    string // one a line
	FromAt   time.Time
	UntilAt  time.Time
	Reason   string
	Work     string
	Areas    []int64
	EscortID int64
	CarryIn  string
	CarryOut string
}

// Apply files an application for people from elsewhere. Any post of the host may.
func Apply(_ context.Context, tx *tenants.Tx, in VisitInput) (Visit, error) {
	if err := tx.Permit(tenants.RequestVisit, tx.Actor.TenantID); err != nil {
		return Visit{}, err
	}
	var v tenants.Invalid
	in.Company = entry.Line(&v, "company", in.Company, 100)
	names := lines(in.Names)
	for n, name := range names {
		names[n] = entry.Line(&v, "names", name, 60)
	}
	if len(names) == 0 || len(names) > 20 {
		v.Add("names", "1〜20人の氏名を、1行に1人入力してください。", "Enter 1 to 20 names, one a line.")
	}
	switch {
	case in.FromAt.IsZero():
		v.Add("from_at", "入室の日時を入力してください。", "Enter from when.")
	case in.UntilAt.IsZero():
		v.Add("until_at", "退室の日時を入力してください。", "Enter until when.")
	case !in.UntilAt.After(in.FromAt):
		v.Add("until_at", "退室が入室より前です。", "It would end before it begins.")
	case in.UntilAt.Before(tx.Now):
		v.Add("until_at", "すでに過ぎた時間です。", "It is over already.")
	case in.UntilAt.Sub(in.FromAt) > longestVisit:
		v.Add("until_at", "31日以内にしてください。長い期間は入室許可者名簿に載せます。", "31 days at most; a longer permission is a line of the list.")
	}
	in.Reason, in.Work = entry.Line(&v, "reason", in.Reason, 200), entry.Line(&v, "work", in.Work, 400)
	in.CarryIn, in.CarryOut = entry.OptionalLine(&v, "carry_in", in.CarryIn, 400), entry.OptionalLine(&v, "carry_out", in.CarryOut, 400)
	rooms, err := many[Room](tx, roomQuery, usual(nil))
	if err != nil {
		return Visit{}, err
	}
	slices.Sort(in.Areas)
	in.Areas = slices.Compact(in.Areas)
	if len(in.Areas) == 0 || slices.ContainsFunc(in.Areas, func(id int64) bool {
		return !slices.ContainsFunc(rooms, func(r Room) bool { return r.AreaID == id })
	}) {
		v.Add("areas", "入室する管理区域を選んでください。", "Choose the areas.")
	}
	escort, err := named(tx, &v, "escort_id", in.EscortID, "立会者を職員から選んでください。", "Choose who escorts, one of the host's own.")
	if err != nil {
		return Visit{}, err
	}
	if err := v.Err(); err != nil {
		return Visit{}, err
	}
	return file(tx, in, names, escort)
}

// file numbers an application within its fiscal year, under the lock of the host, and keeps it.
func file(tx *tenants.Tx, in VisitInput, names []string, escort Person) (Visit, error) {
	_, zone, err := own(tx)
	if err != nil {
		return Visit{}, err
	}
	if err := exec(tx, "number an application", `SELECT id FROM tenant WHERE id = @town FOR NO KEY UPDATE`, map[string]any{}); err != nil {
		return Visit{}, err
	}
	year := calendar.FiscalYear(calendar.DateOf(tx.Now, zone))
	id, err := insert(tx, "apply for "+in.Company, `INSERT INTO room_visit (tenant_id, fiscal_year, serial, company, from_at, until_at, reason, work, carry_in, carry_out,
			escort_id, escort_text, applicant_id, applicant, applied_at)
		SELECT @town, @year, coalesce(max(serial), 0) + 1, @company, @from, @until, @reason, @work, @carry_in, @carry_out, @escort, @escort_text, @by, @by_text, @now
		FROM room_visit WHERE tenant_id = @town AND fiscal_year = @year`,
		map[string]any{"year": year, "company": in.Company, "from": in.FromAt, "until": in.UntilAt, "reason": in.Reason, "work": in.Work, "carry_in": in.CarryIn, "carry_out": in.CarryOut,
			"escort": escort.ID, "escort_text": escort.Text})
	if err != nil {
		return Visit{}, err
	}
	args := map[string]any{"id": id, "areas": &in.Areas, "names": &names}
	if err := exec(tx, "apply for "+in.Company, `INSERT INTO room_visit_area (tenant_id, room_visit_id, area_id) SELECT @town, @id, unnest(CAST(@areas AS bigint[]))`, args); err != nil {
		return Visit{}, err
	}
	if err := exec(tx, "apply for "+in.Company, `INSERT INTO room_visitor (tenant_id, visit_id, name, applied_at)
		SELECT @town, @id, x.name, @now FROM unnest(CAST(@names AS text[])) WITH ORDINALITY x (name, n) ORDER BY x.n`, args); err != nil {
		return Visit{}, err
	}
	made, err := visitOf(tx, id)
	if err != nil {
		return Visit{}, err
	}
	return made, written(tx, tenants.RequestVisit, "room_visit", id, nil, made)
}

// Decide approves or refuses an application. It takes the administrator's post, and another person than who applied and than
// who escorts.
func Decide(_ context.Context, tx *tenants.Tx, id int64, approve bool, reason string) (Visit, error) {
	if err := tx.Permit(tenants.ApproveVisit, tx.Actor.TenantID); err != nil {
		return Visit{}, err
	}
	before, err := openVisit(tx, id)
	if err != nil {
		return before, err
	}
	if before.Decision != "" {
		return before, decided(tx, before)
	}
	var v tenants.Invalid
	kind := "approved"
	if approve {
		reason = entry.OptionalLine(&v, "reason", reason, 200)
	} else {
		kind, reason = Refused, entry.Line(&v, "reason", reason, 200)
	}
	if tx.Actor.PersonID == before.ApplicantID || tx.Actor.PersonID == before.EscortID {
		v.Add("reason", anotherJa, anotherEn)
	}
	if approve && before.UntilAt.Before(tx.Now) {
		v.Add("reason", "申請の期間が過ぎています。不許可にするか、申請し直してもらってください。", "Its time is over; refuse it, or have it filed anew.")
	}
	if err := v.Err(); err != nil {
		return before, err
	}
	if err := decide(tx, before, kind, reason); err != nil {
		return before, err
	}
	after, err := visitOf(tx, id)
	if err != nil {
		return after, err
	}
	return after, written(tx, tenants.ApproveVisit, "room_visit", id, map[string]any{"number": before.Number(), "state": before.State()},
		map[string]any{"number": after.Number(), "state": after.State(), "reason": reason})
}

func decide(tx *tenants.Tx, v Visit, kind, reason string) error {
	return exec(tx, "decide about "+v.Number(), `INSERT INTO room_decision (tenant_id, visit_id, kind, applicant_id, escort_id, at, by_id, by_text, reason)
		VALUES (@town, @id, @kind, @applicant, @escort, @now, @by, @by_text, @reason)`,
		map[string]any{"id": v.ID, "kind": kind, "applicant": v.ApplicantID, "escort": v.EscortID, "reason": reason})
}

// Cancel takes an application back, decided or not; whoever is inside by it stays on record as having been let in.
func Cancel(ctx context.Context, tx *tenants.Tx, id int64, why string) (Visit, error) {
	if err := tx.Permit(tenants.RequestVisit, tx.Actor.TenantID); err != nil {
		return Visit{}, err
	}
	before, err := openVisit(tx, id)
	if err != nil {
		return before, err
	}
	if before.Decision == Refused {
		return before, decided(tx, before)
	}
	var v tenants.Invalid
	why = entry.Line(&v, "reason", why, 200)
	if err := v.Err(); err != nil {
		return before, err
	}
	if err := decide(tx, before, Cancelled, why); err != nil {
		return before, err
	}
	after, err := visitOf(tx, id)
	if err != nil {
		return after, err
	}
	return after, written(tx, tenants.RequestVisit, "room_visit", id, map[string]any{"number": before.Number(), "state": before.State()},
		map[string]any{"number": after.Number(), "state": after.State(), "reason": why})
}

// openVisit reads an application that has not been cancelled, and keeps other acts on it waiting.
func openVisit(tx *tenants.Tx, id int64) (Visit, error) {
	if err := exec(tx, "hold an application", `SELECT 1 FROM room_visit WHERE tenant_id = @town AND id = @id FOR NO KEY UPDATE`, map[string]any{"id": id}); err != nil {
		return Visit{}, err
	}
	v, err := visitOf(tx, id)
	if err == nil && v.CancelledAt != nil {
		err = decided(tx, v)
	}
	return v, err
}

// decided says by whom and when it was decided before.
func decided(tx *tenants.Tx, v Visit) error {
	_, zone, err := own(tx)
	if err != nil {
		return err
	}
	at, by := v.DecidedAt, v.DecidedBy
	if v.CancelledAt != nil {
		at, by = v.CancelledAt, v.CancelledBy
	}
	return tenants.Conflict(fmt.Sprintf("%sに%sが「%s」としています。", clock(*at, tx.Now, zone), by, Words("state", v.State(), "ja")),
		fmt.Sprintf("%s has decided at %s: %s.", by, clock(*at, tx.Now, zone), Words("state", v.State(), "en")))
}

// expectOut asks that a visit's people are out by its end, unless that is asked already.
func expectOut(ctx context.Context, tx *tenants.Tx, v Visit, already bool) error {
	switch {
	case already || !v.UntilAt.After(tx.Now):
		return nil
	case v.DutyID != nil:
		return duty.Again(ctx, tx, tenants.EnterRoom, v.TenantID, *v.DutyID, v.UntilAt)
	}
	id, err := duty.Ask(ctx, tx, duty.Task{Town: v.TenantID, Act: tenants.EnterRoom, Kind: KindVisit, AboutID: v.ID, Subject: "入室許可 " + v.Number() + " " + v.Company, Work: "退室",
		Due: v.UntilAt, GraceMinutes: GraceMinutes, Severity: severity})
	if err != nil {
		return err
	}
	return exec(tx, "expect the end of a visit", `UPDATE room_visit SET duty_id = @duty WHERE tenant_id = @town AND id = @id`, map[string]any{"duty": id, "id": v.ID})
}
