package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// SignInUse is one use of the console, from sign-in to sign-out.
type SignInUse struct {
	TownID     int64      `json:"town_id"`
	ID         int64      `json:"id"`
	PersonID   int64      `json:"person_id"`
	Name       string     `json:"name"`
	Login      string     `json:"login"`
	Way        string     `json:"way" enum:"password,totp,recovery,passkey,sso,sso_strong,sso_totp,sso_recovery" doc:"How they proved who they are; totp and recovery beside the password, or beside single sign-on; sso_strong: the provider asked for two factors."`
	BeganAt    time.Time  `json:"began_at"`
	LastUsedAt time.Time  `json:"last_used_at"`
	EndedAt    *time.Time `json:"ended_at" doc:"Null while it is open."`
	EndedWhy   *string    `json:"ended_why" enum:"signed_out,idle,whole,revoked,password"`
	EndedBy    *string    `json:"ended_by"`
	Remote     string     `json:"remote"`
	Agent      string     `json:"agent"`
	AfterHours bool       `json:"after_hours" doc:"Outside the organisation's working hours, or on a closed day."`
}

func useOf(u people.Use) SignInUse {
	return SignInUse{TownID: u.TenantID, ID: u.ID, PersonID: u.PersonID, Name: u.Name, Login: u.Login, Way: string(u.Way), BeganAt: u.BeganAt.UTC(),
		LastUsedAt: u.SeenAt.UTC(), EndedAt: utc(u.EndedAt), EndedWhy: some(u.EndedWhy), EndedBy: some(u.EndedBy), Remote: u.Remote, Agent: u.Agent, AfterHours: u.OffHours}
}

func listSessions(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[SignInUse], error) {
	found, err := people.OwnUses(ctx, tx, 50)
	return whole(found, useOf), err
}

func endSession(ctx context.Context, tx *tenants.Tx, in *struct {
	ID int64 `path:"id" minimum:"1" doc:"The sign-in's id."`
}) error {
	return people.EndOwnUse(ctx, tx, in.ID)
}

func listSignIns(ctx context.Context, tx *tenants.Tx, in *struct {
	Page
	Town       int64 `query:"town_id" minimum:"0" doc:"One town's only."`
	AfterHours bool  `query:"after_hours" doc:"Only those outside working hours."`
}) (List[SignInUse], error) {
	before, err := in.before()
	if err != nil {
		return List[SignInUse]{}, err
	}
	found, err := people.Uses(ctx, tx, in.Town, before, in.AfterHours, in.Limit+1)
	return paged(found, in.Limit, func(u people.Use) int64 { return u.ID }, useOf), err
}

func endSignIn(ctx context.Context, tx *tenants.Tx, in *Of) error {
	return people.EndUse(ctx, tx, in.Town, in.ID)
}

// SecondFactors are the caller's second factors. They are set up on the page: a browser makes a passkey, an app reads a
// picture.
type SecondFactors struct {
	TOTPSince *time.Time `json:"totp_since" doc:"Since when an authenticator app is set up."`
	Passkeys  []Passkey  `json:"passkeys" nullable:"false"`
	CodesLeft int        `json:"recovery_codes_left"`
}

// Passkey is one passkey, without its key.
type Passkey struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	AddedAt    time.Time  `json:"added_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func getFactors(ctx context.Context, tx *tenants.Tx, _ *nothing) (SecondFactors, error) {
	f, err := people.OwnFactors(ctx, tx)
	return SecondFactors{TOTPSince: utc(f.TOTPAt), CodesLeft: f.CodesLeft, Passkeys: each(f.Passkeys, func(k people.Passkey) Passkey {
		return Passkey{ID: k.ID, Name: k.Name, AddedAt: k.AddedAt.UTC(), LastUsedAt: utc(k.LastUsedAt)}
	})}, err
}

func resetFactors(ctx context.Context, tx *tenants.Tx, in *ofWith[Why]) (Password, error) {
	if err := people.ResetFactors(ctx, tx, in.Town, in.ID, in.Body.Reason); err != nil {
		return Password{}, err
	}
	return issuePassword(ctx, tx, in)
}

// SignInPolicy is what an organisation asks of its people when they sign in.
type SignInPolicy struct {
	IdleMinutes  int  `json:"idle_minutes" minimum:"1" maximum:"60" doc:"Without use, a session ends after so long."`
	WholeHours   int  `json:"whole_hours" minimum:"1" maximum:"24" doc:"Whatever happens, it ends after so long."`
	SecondFactor bool `json:"second_factor" doc:"Everybody has an authenticator app or a passkey."`
	HoursFrom    int  `json:"hours_from" minimum:"0" maximum:"1439" doc:"Working hours, in minutes of the town's day."`
	HoursUntil   int  `json:"hours_until" minimum:"1" maximum:"1440"`
}

func getSignInPolicy(ctx context.Context, tx *tenants.Tx, in *InTown) (SignInPolicy, error) {
	p, err := people.PolicyOf(ctx, tx, in.Town)
	return SignInPolicy(p), err
}

func setSignInPolicy(ctx context.Context, tx *tenants.Tx, in *townWith[SignInPolicy]) (SignInPolicy, error) {
	p, err := people.SetPolicy(ctx, tx, in.Town, people.Policy(in.Body))
	return SignInPolicy(p), err
}
