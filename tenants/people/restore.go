package people

import (
	"context"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// NewSecret makes a secret to be written on paper, as an issued password is made, and what is kept of it.
func NewSecret(ctx context.Context) (plain, hash string, err error) {
	plain = issue()
	hash, err = hashOf(ctx, plain)
	return plain, hash, err
}

// Secret tells whether this is the secret of the hash, however its groups were typed.
func Secret(ctx context.Context, typed, hash string) (bool, error) {
	return matches(ctx, grouped(folded(typed)), hash)
}

// Restore lets an administrator in again whom nobody else can: they are enabled, their second factors go, they get a new
// password, which is given here and never again, and an administrator's post until the fiscal year ends where they hold none
// today. It goes with the use of the management password, by whose two persons it is recorded.
func Restore(ctx context.Context, tx *tenants.Tx, host, id int64, title, reason string) (string, error) {
	if err := tx.Permit(tenants.WritePeople, host); err != nil {
		return "", err
	}
	p, err := update(tx, host, id, `disabled_at = NULL`, map[string]any{}, recordHome)
	if err != nil {
		return "", err
	}
	at, err := organisationOf(tx, host)
	if err != nil {
		return "", err
	}
	today := calendar.DateOf(tx.Now, zoneOf(at.Zone))
	administers := false
	for _, h := range p.Held(today) {
		administers = administers || h.Kind == tenants.HostAdmin && h.At == host && h.Scope.Empty()
	}
	if !administers {
		if _, err := AddPost(ctx, tx, host, id, PostInput{Kind: tenants.HostAdmin, Title: title, FromOn: today}); err != nil {
			return "", err
		}
	}
	if err := dropFactors(tx, host, id); err != nil {
		return "", err
	}
	password, err := setPassword(ctx, tx, host, id, true)
	if err != nil {
		return "", err
	}
	return password, proceed(tx, p, Restored, reason)
}
