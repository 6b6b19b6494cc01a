// Package proposal is the second person (照合, 川崎 第8条第2号ア): where a town asks for it, a change waits as it was asked for
// until another person has confirmed it. Persons are compared, never posts.
package proposal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// State is what became of a proposal.
type State string

// The states. Only a waiting one changes, and only once.
const (
	Waiting   State = "waiting"
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn" // by who proposed it
)

// Acts are those for which a town may ask for a second person.
var Acts = []tenants.Act{tenants.WriteTown, tenants.WriteContact, tenants.WritePlan, tenants.WritePeople, tenants.WriteServer, tenants.WriteCalendar}

// Proposal is a change that waits, or waited. Lines are what it leaves in the operation log, as they came out when it was
// tried; nothing of the trial was kept.
type Proposal struct {
	TenantID, ID int64
	Acts         []tenants.Act
	Lines        []Line
	ByTenant     int64
	ByPerson     int64
	ByText       string
	At           time.Time
	State        State
	DecidedText  string
	DecidedAt    *time.Time
	Reason       string
	towns        []int64
	request      Request
}

// Line is one line of what would change.
type Line struct {
	Town     int64           `json:"town"`
	Act      tenants.Act     `json:"act"`
	Object   string          `json:"object"`
	ObjectID int64           `json:"object_id"`
	Before   json.RawMessage `json:"before,omitempty"`
	After    json.RawMessage `json:"after,omitempty"`
}

// Request is the change as it was asked for; a door carries it out again.
type Request struct {
	Method, URI, ContentType string
	Body                     []byte
}

// Request is what a door has to carry out once the proposal is confirmed.
func (p Proposal) Request() Request { return p.request }

// Asked tells for which of the towns' acts a second person is asked. It is looked up only where an act could be one.
func Asked(_ context.Context, tx *tenants.Tx, lines []tenants.Line) (town int64, asked bool, err error) {
	var towns []int64
	var acts []string
	for _, l := range lines {
		if before, ok := l.Before.([]tenants.Act); ok && l.Object == settingObject && len(before) > 0 {
			return l.Town, true, nil // the act itself has just changed what stands in the table
		}
		if slices.Contains(Acts, l.Act) {
			towns, acts = append(towns, l.Town), append(acts, string(l.Act))
		}
	}
	if len(towns) == 0 {
		return 0, false, nil
	}
	var found []int64
	err = tx.DB.Raw(`SELECT s.tenant_id FROM second_person s JOIN unnest(CAST(@towns AS bigint[]), CAST(@acts AS text[])) AS x (town, act)
		ON s.tenant_id = x.town AND s.act = x.act LIMIT 1`, map[string]any{"towns": &towns, "acts": &acts}).Scan(&found).Error
	if err != nil {
		return 0, false, fmt.Errorf("look for a second person: %w", err)
	}
	if len(found) == 0 {
		return 0, false, nil
	}
	return found[0], true, nil
}

// Propose keeps a change that another person has to confirm. The same request of the same person that waits already is not
// kept twice. may is what the other person's posts must allow; empty: all that the change does. A machine proposes nothing: two
// persons are asked for, and nobody knows who is behind its token; whoever made it could be the one who confirms.
func Propose(_ context.Context, tx *tenants.Tx, town int64, lines []tenants.Line, may tenants.Act, r Request) (int64, error) {
	if tx.Actor.Machine {
		return 0, noMachine()
	}
	kept := make([]Line, len(lines))
	var acts []string
	var towns []int64
	for i, l := range lines {
		kept[i] = Line{Town: l.Town, Act: l.Act, Object: l.Object, ObjectID: l.ObjectID}
		var err error
		if kept[i].Before, err = raw(l.Before); err != nil {
			return 0, err
		}
		if kept[i].After, err = raw(l.After); err != nil {
			return 0, err
		}
		if act := cmp.Or(may, l.Act); !slices.Contains(acts, string(act)) {
			acts = append(acts, string(act))
		}
		if !slices.Contains(towns, l.Town) {
			towns = append(towns, l.Town)
		}
	}
	b, err := json.Marshal(kept)
	if err != nil {
		return 0, fmt.Errorf("propose: %w", err)
	}
	a := tx.Actor
	digest := r.digest()
	args := map[string]any{"town": town, "digest": digest, "acts": &acts, "towns": &towns, "lines": string(b), "method": r.Method, "uri": r.URI, "type": r.ContentType, "body": r.Body,
		"by_tenant": a.TenantID, "by": a.PersonID, "text": a.Text(), "now": tx.Now}
	// Twins that come at once meet at the unique index: the later one waits there for the earlier, and then finds it. What it
	// finds may be decided in between, so it looks again.
	for range 3 {
		var ids []int64
		err = tx.DB.Raw(`INSERT INTO proposal (tenant_id, acts, towns, lines, method, uri, content_type, body, digest, by_tenant, by_person, by_text, at)
			VALUES (@town, @acts, @towns, CAST(@lines AS jsonb), @method, @uri, @type, @body, @digest, @by_tenant, @by, @text, @now)
			ON CONFLICT (tenant_id, by_tenant, by_person, digest) WHERE state = 'waiting' DO NOTHING RETURNING id`, args).Scan(&ids).Error
		if err != nil {
			return 0, fmt.Errorf("propose: %w", err)
		}
		if len(ids) > 0 {
			return ids[0], tx.Record(tenants.Line{Town: town, Act: tenants.Propose, Object: "proposal", ObjectID: ids[0], After: kept})
		}
		err = tx.DB.Raw(`SELECT id FROM proposal WHERE tenant_id = @town AND by_tenant = @by_tenant AND by_person = @by AND digest = @digest AND state = 'waiting'`, args).Scan(&ids).Error
		if err != nil {
			return 0, fmt.Errorf("propose: %w", err)
		}
		if len(ids) > 0 {
			return ids[0], nil
		}
	}
	return 0, fmt.Errorf("propose: the same change is proposed and decided faster than it can be read")
}

// digest is what tells a request from others.
func (r Request) digest() []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(r.Method), []byte(r.URI), []byte(r.ContentType), r.Body} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:]) // a hash takes everything
		h.Write(part)
	}
	return h.Sum(nil)
}

func raw(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("propose: %w", err)
	}
	return b, nil
}

// Held is the answer to a change that waits for another person now.
func Held(id int64) error { return held(id, Waiting, "") }

// Again is the answer to whoever sends a request once more that has become a proposal: which one, and what has become of it.
func Again(ctx context.Context, tx *tenants.Tx, town, id int64) error {
	p, err := Get(ctx, tx, town, id)
	if err != nil {
		return err
	}
	return held(id, p.State, p.Reason)
}

func held(id int64, state State, reason string) *tenants.Fault {
	f := &tenants.Fault{Kind: tenants.KindHeld, Object: id, State: string(state)}
	switch state {
	case Waiting:
		f.Ja, f.En = "照合待ちにしました。ほかの人が「照合」のページで確かめると、変更されます。", "This waits for a second person: it changes once somebody else has confirmed it."
	case Confirmed:
		f.Ja, f.En = "照合され、変更されています。", "A second person has confirmed this, and it has been changed."
	case Refused:
		f.Ja, f.En = "差し戻されています。理由："+reason, "This was sent back: "+reason
	case Withdrawn:
		f.Ja, f.En = "取り下げられています。", "This was taken back."
	}
	return f
}

// visible tells whether the actor may know of it: their own, and what they could read once it is changed.
func (p Proposal) visible(a tenants.Actor) bool {
	if p.ByTenant == a.TenantID && p.ByPerson == a.PersonID || a.Holds(tenants.Auditor) {
		return true
	}
	return !slices.ContainsFunc(p.Acts, func(act tenants.Act) bool { return !a.May(cmp.Or(reading[act], act), p.towns...) })
}

// reading is what whoever may know of such a change is allowed; of other acts, the act itself.
var reading = map[tenants.Act]tenants.Act{tenants.WriteTown: tenants.ReadTown, tenants.WriteContact: tenants.ReadContact, tenants.WritePlan: tenants.ReadPlan,
	tenants.WritePeople: tenants.ReadPeople, tenants.WriteServer: tenants.ReadServer, tenants.WriteCalendar: tenants.ReadCalendar}

// May tells whether the actor could confirm it: another person (no machine), whose posts allow every act of it, in every town of it.
func (p Proposal) May(a tenants.Actor) bool {
	if p.State != Waiting || a.PersonID == 0 || a.Machine || p.ByTenant == a.TenantID && p.ByPerson == a.PersonID {
		return false
	}
	for _, act := range p.Acts {
		if !a.May(act, p.towns...) {
			return false
		}
	}
	return true
}

// Permit is asked before a door carries a proposal out.
func (p Proposal) Permit(tx *tenants.Tx) error {
	if err := tx.Permit(tenants.Propose, p.TenantID); err != nil {
		return err
	}
	for _, act := range p.Acts {
		if err := tx.Permit(act, p.towns...); err != nil {
			return err
		}
	}
	switch {
	case p.State != Waiting:
		return decided()
	case tx.Actor.Machine:
		return tenants.Conflict("機械は照合できません。人が確かめてください。", "A machine confirms nothing; a person has to look.")
	case p.ByTenant == tx.Actor.TenantID && p.ByPerson == tx.Actor.PersonID:
		return tenants.Conflict("自分の変更は、ほかの人に照合してもらってください。", "Somebody else has to confirm your own change.")
	}
	return nil
}

func noMachine() error {
	return tenants.Conflict("照合が要る変更は、機械のトークンでは行えません。人が行ってください。", "What two persons have to do is asked for by a person, not by a machine.")
}

func decided() error {
	return tenants.Conflict("すでに処理されています。", "This has been decided already.")
}

// Confirm marks a proposal in the transaction that carries it out, whose actor is who proposed it: either both stand, or
// neither.
func Confirm(_ context.Context, tx *tenants.Tx, p Proposal, by tenants.Actor) error {
	if tx.Actor.Machine { // of before machines proposed nothing
		return noMachine()
	}
	if by.TenantID == p.ByTenant && by.PersonID == p.ByPerson || by.PersonID == 0 || by.Machine {
		return tenants.Conflict("自分の変更は、ほかの人に照合してもらってください。", "Somebody else has to confirm your own change.")
	}
	return decide(tx, p, Confirmed, by, "")
}

func decide(tx *tenants.Tx, p Proposal, to State, by tenants.Actor, reason string) error {
	res := tx.DB.Exec(`UPDATE proposal SET state = @state, decided_by = @by, decided_text = @text, decided_at = @now, reason = @reason
		WHERE tenant_id = @town AND id = @id AND state = 'waiting'`,
		map[string]any{"state": to, "by": by.PersonID, "text": by.Text(), "now": tx.Now, "reason": reason, "town": p.TenantID, "id": p.ID})
	if res.Error != nil {
		return fmt.Errorf("decide proposal %d: %w", p.ID, res.Error)
	}
	if res.RowsAffected == 0 {
		return decided()
	}
	return tx.Record(tenants.Line{Town: p.TenantID, Act: tenants.Propose, Object: "proposal", ObjectID: p.ID,
		After: map[string]any{"state": to, "by": by.Text(), "reason": reason}})
}

// Refuse sends a proposal back with a reason; whoever proposed it takes it back by the same act.
func Refuse(ctx context.Context, tx *tenants.Tx, town, id int64, reason string) error {
	if err := tx.Permit(tenants.Propose, town); err != nil {
		return err
	}
	p, err := Get(ctx, tx, town, id)
	if err != nil {
		return err
	}
	if p.ByTenant == tx.Actor.TenantID && p.ByPerson == tx.Actor.PersonID {
		return decide(tx, p, Withdrawn, tx.Actor, "")
	}
	if err := p.Permit(tx); err != nil {
		return err
	}
	var v tenants.Invalid
	reason = entry.Line(&v, "reason", reason, 200)
	if err := v.Err(); err != nil {
		return err
	}
	return decide(tx, p, Refused, tx.Actor, reason)
}

// Stand tells whether somebody who has proved who they are at the same screen may be the second person of what has just been
// done: another person, no machine, who may do every act of it in every town of it themselves.
func Stand(by tenants.Actor, lines []tenants.Line) error {
	for _, l := range lines {
		if l.Act != tenants.Propose && slices.Contains(Acts, l.Act) && !by.May(l.Act, l.Town) {
			var v tenants.Invalid
			v.Add("second_login", "立ち会う人は、この操作ができる職の人にしてください。", "The second person must be allowed to do this themselves.")
			return v.Err()
		}
	}
	return nil
}
