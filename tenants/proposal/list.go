package proposal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
)

const columns = `tenant_id, id, array_to_string(acts, ',') AS acts, lines, array_to_string(towns, ',') AS towns, by_tenant, by_person, by_text, at, state, decided_text, decided_at, reason, method, uri, content_type, body`

// row is a proposal as the table has it.
type row struct {
	TenantID, ID       int64
	Acts, Towns        string // joined with commas
	Lines              []byte
	ByTenant, ByPerson int64
	ByText             string
	At                 time.Time
	State              State
	DecidedText        string
	DecidedAt          *time.Time
	Reason             string
	Method, URI        string
	ContentType        string
	Body               []byte
}

func (r row) proposal() (Proposal, error) {
	p := Proposal{TenantID: r.TenantID, ID: r.ID, ByTenant: r.ByTenant, ByPerson: r.ByPerson, ByText: r.ByText, At: r.At, State: r.State,
		DecidedText: r.DecidedText, DecidedAt: r.DecidedAt, Reason: r.Reason, request: Request{r.Method, r.URI, r.ContentType, r.Body}}
	for a := range strings.SplitSeq(r.Acts, ",") {
		p.Acts = append(p.Acts, tenants.Act(a))
	}
	for t := range strings.SplitSeq(r.Towns, ",") {
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return p, fmt.Errorf("read proposal %d: %w", r.ID, err)
		}
		p.towns = append(p.towns, n)
	}
	if err := json.Unmarshal(r.Lines, &p.Lines); err != nil {
		return p, fmt.Errorf("read proposal %d: %w", r.ID, err)
	}
	return p, nil
}

// List gives the proposals of the towns that the actor sees and may know of, the newest first, before the given id (0 for
// the newest), of at most limit rows.
func List(_ context.Context, tx *tenants.Tx, town, before int64, waiting bool, limit int) ([]Proposal, error) {
	towns, err := tx.Reach(tenants.ReadProposal)
	if town != 0 {
		towns, err = []int64{town}, tx.Permit(tenants.ReadProposal, town)
	}
	if err != nil {
		return nil, err
	}
	var rows []row
	err = tx.DB.Raw(tenants.Newest(`SELECT `+columns+` FROM proposal p WHERE (NOT @waiting OR p.state = 'waiting')`, "p", len(towns)),
		map[string]any{"towns": &towns, "before": before, "waiting": waiting, "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list proposals: %w", err)
	}
	var out []Proposal
	for _, r := range rows {
		p, err := r.proposal()
		if err != nil {
			return nil, err
		}
		if p.visible(tx.Actor) {
			out = append(out, p)
		}
	}
	return out, nil
}

// Get gives one.
func Get(_ context.Context, tx *tenants.Tx, town, id int64) (Proposal, error) {
	if err := tx.Permit(tenants.ReadProposal, town); err != nil {
		return Proposal{}, err
	}
	var r row
	if err := tx.DB.Raw(`SELECT `+columns+` FROM proposal WHERE tenant_id = ? AND id = ?`, town, id).Take(&r).Error; err != nil {
		return Proposal{}, fmt.Errorf("read proposal %d: %w", id, err)
	}
	p, err := r.proposal()
	if err == nil && !p.visible(tx.Actor) {
		return Proposal{}, tenants.NotFound()
	}
	return p, err
}
