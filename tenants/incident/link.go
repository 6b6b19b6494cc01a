package incident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
)

// Link is what the page behind a mail's link shows: what that mail tells of, for the person it was sent to, and nothing
// of anybody else's.
type Link struct {
	Town      int64
	TownName  string
	Zone      string
	Rung      Rung     // whose link it is
	Matters   []Linked // as the mail lists them: the worst as of then first
	Suggested time.Time
	Latest    time.Time // Suggested is until when an answer holds where the person does not say, Latest until when at most
}

// Linked is one incident behind a link, as it stands now.
type Linked struct {
	Incident
	RungID int64     // the newest telling by this mail
	Answer *Answered `gorm:"-"` // given by this link to that telling
	Newest *Answered `gorm:"-"` // the newest answer of anybody
}

// Open gives what the link can still answer. A mail about a single incident answers where somebody else has answered
// too, and its promise takes the place of theirs. One about several answers for those that nobody has answered: who
// presses one button for all does not mean to change what was promised for some.
func (l Link) Open() (open []Linked) {
	for _, m := range l.Matters {
		if m.Answer == nil && (m.State == StateOpen || m.State == StateAcknowledged && len(l.Matters) == 1) {
			open = append(open, m)
		}
	}
	return open
}

// LinkView shows what a mail's link is about and changes nothing: programs that follow links may call it. Whether the
// link can still answer follows from Open.
func LinkView(ctx context.Context, tx *tenants.Tx, town, rungID int64) (Link, error) {
	if err := tx.Permit(tenants.ReadIncident, town); err != nil {
		return Link{}, err
	}
	v := Link{Town: town}
	var err error
	if v.Rung, err = linkedRung(tx, town, rungID); err != nil {
		return Link{}, err
	}
	var place struct{ Name, Zone string }
	if err := tx.DB.Raw(`SELECT name, zone FROM tenant WHERE id = @town`, map[string]any{"town": town}).Take(&place).Error; err != nil {
		return Link{}, fmt.Errorf("read the town of a link: %w", err)
	}
	v.TownName, v.Zone = place.Name, place.Zone
	if v.Matters, err = matters(tx, v.Rung); err != nil {
		return Link{}, err
	}
	v.Suggested, v.Latest, err = Horizon(ctx, tx, town)
	return v, err
}

// linkedRung is the rung of a link. One that was never told has none.
func linkedRung(tx *tenants.Tx, town, rungID int64) (r Rung, err error) {
	err = tx.DB.Raw(`SELECT `+rungColumns+` FROM rung r WHERE r.tenant_id = @town AND r.id = @rung AND r.notice_id IS NOT NULL`,
		map[string]any{"town": town, "rung": rungID}).Take(&r).Error
	if err != nil {
		return r, fmt.Errorf("read rung %d: %w", rungID, err)
	}
	return r, nil
}

const listedSQL = `(SELECT 1 AS n, about_id AS id FROM notice WHERE tenant_id = @town AND id = @notice
	UNION ALL SELECT n, about_id FROM notice_also WHERE tenant_id = @town AND notice_id = @notice)`

// matters is what the notice of a rung tells of, as it stands, with the answers.
func matters(tx *tenants.Tx, rung Rung) ([]Linked, error) {
	var list []Linked
	args := map[string]any{"town": rung.TenantID, "notice": *rung.NoticeID}
	err := tx.DB.Raw(`SELECT `+incidentColumns+`, r.id AS rung_id FROM `+listedSQL+` l
		JOIN incident i ON i.tenant_id = @town AND i.id = l.id
		CROSS JOIN LATERAL (SELECT id FROM rung r WHERE r.tenant_id = @town AND r.incident_id = i.id AND r.notice_id = @notice
			ORDER BY r.position DESC LIMIT 1) r
		ORDER BY l.n`, args).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what notice %d tells of: %w", *rung.NoticeID, err)
	}
	at := make(map[int64]int, len(list))
	for n, m := range list {
		at[m.ID] = n
	}
	var answers []Acknowledgement
	err = tx.DB.Raw(`SELECT `+acknowledgementColumns+` FROM `+listedSQL+` l
		JOIN acknowledgement a ON a.tenant_id = @town AND a.incident_id = l.id ORDER BY a.id`, args).Scan(&answers).Error
	if err != nil {
		return nil, fmt.Errorf("read the answers to what notice %d tells of: %w", *rung.NoticeID, err)
	}
	if err := corrected(tx, answers); err != nil {
		return nil, err
	}
	for _, a := range answers {
		m := &list[at[a.IncidentID]]
		m.Newest = &Answered{ID: a.ID, By: a.ByText, Via: a.Via, Promise: a.Promise, At: a.OccurredAt, Until: a.Until, Corrections: a.Corrections}
		if a.Via == ViaLink && a.RungID != nil && *a.RungID == m.RungID {
			m.Answer = m.Newest
		}
	}
	return list, nil
}

// LinkAnswer is the answer of whoever holds a mail's link.
type LinkAnswer struct {
	Town    int64
	RungID  int64 // whose link it is
	Promise string
	Until   time.Time // zero: DefaultUntil
}

// usedUp is the answer to a link that has been answered.
func usedUp() *tenants.Fault {
	return tenants.Gone("このリンクからの受領は、すでに記録されています。追加のお知らせは、受託町へ電話してください。",
		"This link has been answered already. Please telephone the host town with anything further.")
}

// Two links pressed at the same moment are kept apart by the incident's lock; this is for what the lock cannot see.
var _ = tenants.Constraint("acknowledgement_link", "rung", "このリンクからの受領は、すでに記録されています。", "This link has been answered already.")

// AnswerLink records one answer for everything that a mail tells of and that is still open, and holds the ladders. The
// link of a mail answers once, for the person it was sent to. The number of statements does not grow with the number of
// incidents.
func AnswerLink(ctx context.Context, tx *tenants.Tx, in LinkAnswer) ([]Acknowledgement, error) {
	if err := tx.Permit(tenants.Acknowledge, in.Town); err != nil {
		return nil, err
	}
	if !tx.Actor.Holds(tenants.LinkHolder) {
		return nil, tenants.Forbidden(tenants.Acknowledge)
	}
	rung, err := linkedRung(tx, in.Town, in.RungID)
	if err != nil {
		return nil, err
	}
	// In the order of every other act: what somebody else is ending or answering is waited for, then looked at anew.
	var locked []struct{ ID int64 }
	err = tx.DB.Raw(`SELECT i.id FROM incident i WHERE i.tenant_id = @town AND i.id IN (SELECT l.id FROM `+listedSQL+` l)
		ORDER BY i.tenant_id, i.id FOR NO KEY UPDATE`, map[string]any{"town": in.Town, "notice": *rung.NoticeID}).Scan(&locked).Error
	if err != nil {
		return nil, fmt.Errorf("answer notice %d: %w", *rung.NoticeID, err)
	}
	link := Link{Town: in.Town, Rung: rung}
	if link.Matters, err = matters(tx, rung); err != nil {
		return nil, err
	}
	open := link.Open()
	if len(open) == 0 {
		for _, m := range link.Matters {
			if m.State != StateResolved {
				return nil, usedUp()
			}
		}
		return nil, over()
	}
	var wrong tenants.Invalid
	if in.Promise, in.Until, err = promise(ctx, tx, &wrong, in.Town, in.Promise, in.Until); err != nil {
		return nil, err
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	by := strings.TrimSpace(rung.Post + " " + rung.Name)
	incidents, answers := make([]Incident, len(open)), make([]Acknowledgement, len(open))
	for n, m := range open {
		incidents[n] = m.Incident
		answers[n] = Acknowledgement{TenantID: in.Town, IncidentID: m.ID, RungID: &m.RungID, OccurredAt: tx.Now, RecordedAt: tx.Now, Via: ViaLink,
			ByText: by, RecordedBy: by, Promise: in.Promise, Until: in.Until}
	}
	return answers, answer(tx, tenants.Acknowledge, incidents, answers)
}
