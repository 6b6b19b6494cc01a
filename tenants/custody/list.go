package custody

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

const columns = `tenant_id, id, kind, name, applies_to, rotate_months, open_days, envelope, place, opened, set_at, set_by, due_on, duty_id, created_at, retired_at`

// List gives every password in custody, those in use first, what is due first of them.
func List(_ context.Context, tx *tenants.Tx) ([]Credential, error) {
	if err := tx.Permit(tenants.ReadCustody, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	var found []Credential
	err := tx.DB.Raw(`SELECT `+columns+` FROM credential WHERE tenant_id = ? ORDER BY retired_at IS NOT NULL, due_on, id`, tx.Actor.TenantID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list passwords in custody: %w", err)
	}
	return found, nil
}

// Get gives one with its whole ledger, the oldest event first.
func Get(_ context.Context, tx *tenants.Tx, id int64) (Credential, []Event, error) {
	if err := tx.Permit(tenants.ReadCustody, tx.Actor.TenantID); err != nil {
		return Credential{}, nil, err
	}
	return take(tx, id, "")
}

func take(tx *tenants.Tx, id int64, lock string) (c Credential, events []Event, err error) {
	err = tx.DB.Raw(`SELECT `+columns+` FROM credential WHERE tenant_id = ? AND id = ? `+lock, tx.Actor.TenantID, id).Take(&c).Error
	if err != nil {
		return c, nil, fmt.Errorf("read password in custody %d: %w", id, err)
	}
	err = tx.DB.Raw(`SELECT id, credential_id, kind, occurred_at, recorded_at, by_id, by_text, witness_id, witness_text, recorded_by, envelope, place, reason
		FROM credential_event WHERE tenant_id = ? AND credential_id = ? AND kind <> 'corrected' ORDER BY id`, tx.Actor.TenantID, id).Scan(&events).Error
	if err != nil {
		return c, nil, fmt.Errorf("read the ledger of password in custody %d: %w", id, err)
	}
	return c, events, withCorrections(tx, events)
}

// Person is somebody who may set a password or be the witness of it.
type Person struct {
	ID   int64
	Text string // post and name
}

// People are those who work for the host today.
func People(_ context.Context, tx *tenants.Tx) ([]Person, error) {
	if err := tx.Permit(tenants.WriteCustody, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	return working(tx, tx.Actor.TenantID)
}

func working(tx *tenants.Tx, town int64) ([]Person, error) {
	var found []Person
	err := tx.DB.Raw(`SELECT p.id, trim(both from coalesce(w.title, '') || ' ' || p.name) AS text FROM person p JOIN tenant t ON t.id = p.tenant_id
		CROSS JOIN LATERAL (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today) d
		CROSS JOIN LATERAL (SELECT (array_agg(o.title ORDER BY o.id))[1] AS title FROM post o WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id
			AND o.withdrawn_at IS NULL AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today)) w
		WHERE p.tenant_id = @town AND p.disabled_at IS NULL AND w.title IS NOT NULL ORDER BY p.id`,
		map[string]any{"now": tx.Now, "town": town}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list who works for the host: %w", err)
	}
	return found, nil
}

// location is the host's time zone.
func location(tx *tenants.Tx) (*time.Location, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, tx.Actor.TenantID).Scan(&name).Error; err != nil {
		return nil, fmt.Errorf("read the zone of town %d: %w", tx.Actor.TenantID, err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // what is written there was checked
	}
	return zone, nil
}
