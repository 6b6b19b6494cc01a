package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/custody"
	"tanamori/tenants/people"
)

// Procedure is one line of the record of what was done about passwords (個別パスワードの付与等の記録).
type Procedure struct {
	TownID   int64     `json:"town_id"`
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind" enum:"issued,factors,enabled,restored" doc:"A password issued, second factors taken off, let in again, or restored by the management password."`
	PersonID int64     `json:"person_id"`
	Person   string    `json:"person"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	How      string    `json:"how" enum:"present,confirmed,alone,opened" doc:"How the second person took part: at the same screen, from a session of their own (照合), not at all, or by opening the envelope."`
	Second   *string   `json:"second"`
}

func procedureOf(p people.Procedure) Procedure {
	return Procedure{TownID: p.TenantID, ID: p.ID, At: p.At.UTC(), Kind: p.Kind, PersonID: p.PersonID, Person: p.Person, Reason: p.Reason, By: p.ByText, How: p.How, Second: some(p.SecondText)}
}

func listProcedures(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town int64 `query:"town_id" minimum:"0" doc:"One town's only."`
}) (List[Procedure], error) {
	before, err := in.before()
	if err != nil {
		return List[Procedure]{}, err
	}
	found, err := people.Procedures(ctx, tx, in.Town, before, in.Limit+1)
	return paged(found, in.Limit, func(p people.Procedure) int64 { return p.ID }, procedureOf), err
}

// ManagementPassword is how the console's own management password (管理パスワード) stands. It is kept nowhere, only its hash.
type ManagementPassword struct {
	CredentialID int64      `json:"credential_id" doc:"Its envelope in custody; 0: none was ever set."`
	SetAt        *time.Time `json:"set_at"`
	SpentAt      *time.Time `json:"spent_at" doc:"It was used, and is of no use any more."`
	SpentBy      *string    `json:"spent_by"`
	VoidAt       *time.Time `json:"void_at" doc:"Its envelope was changed or retired in the ledger: it is of no use any more."`
}

func getManagement(ctx context.Context, tx *tenants.Tx, _ *nothing) (ManagementPassword, error) {
	m, err := custody.ManagementNow(ctx, tx)
	out := ManagementPassword{CredentialID: m.CredentialID, SpentAt: utc(m.SpentAt), SpentBy: some(m.SpentBy), VoidAt: utc(m.VoidAt)}
	if m.CredentialID != 0 {
		out.SetAt = utc(&m.SetAt)
	}
	return out, err
}

// ManagementInput is where the new management password is sealed.
type ManagementInput struct {
	Envelope string `json:"envelope" maxLength:"1000" doc:"The number of a new one." example:"K-010"`
	Place    string `json:"place" maxLength:"1000"`
}

// NewManagementPassword is one that was just made.
type NewManagementPassword struct {
	CredentialID int64  `json:"credential_id"`
	Password     string `json:"password" doc:"To write down and seal before the second person. It is shown here and never again."`
}

func setManagement(ctx context.Context, tx *tenants.Tx, in *struct{ Body ManagementInput }) (NewManagementPassword, error) {
	password, c, err := custody.SetManagement(ctx, tx, in.Body.Envelope, in.Body.Place)
	return NewManagementPassword{c.ID, password}, err
}
