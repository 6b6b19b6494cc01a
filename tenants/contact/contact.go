// Package contact is the room of a town's emergency contacts (緊急時連絡網). Their order is the calling order.
package contact

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Contact is one of the people to call, by the post they hold.
type Contact struct {
	TenantID  int64
	ID        int64
	Position  int    // the calling order; lower is called earlier
	Post      string // 住民福祉課長
	Name      string
	Mail      string // empty where only a phone is known
	Phone     string
	Hours     string // when to reach them: 平日 8:30–17:15
	RetiredAt *time.Time
}

const columns = `tenant_id, id, position, post, name, mail, phone, hours, retired_at`

// List gives the contacts of the towns in calling order, town by town.
func List(_ context.Context, tx *tenants.Tx, towns ...int64) ([]Contact, error) {
	if err := tx.Permit(reading(tx), towns...); err != nil {
		return nil, err
	}
	var contacts []Contact
	err := tx.DB.Raw(`SELECT `+columns+` FROM contact
		WHERE tenant_id = ANY (string_to_array(?, ',')::bigint[]) AND retired_at IS NULL ORDER BY tenant_id, position, id`,
		tenants.IDs(towns)).Scan(&contacts).Error
	if err != nil {
		return nil, fmt.Errorf("list contacts: %w", err)
	}
	return contacts, nil
}

// Get gives one contact, one who is no longer called too.
func Get(_ context.Context, tx *tenants.Tx, town, id int64) (Contact, error) {
	if err := tx.Permit(reading(tx), town); err != nil {
		return Contact{}, err
	}
	return take(tx, town, id, "")
}

func take(tx *tenants.Tx, town, id int64, lock string) (Contact, error) {
	var c Contact
	err := tx.DB.Raw(`SELECT `+columns+` FROM contact WHERE tenant_id = ? AND id = ? `+lock, town, id).Take(&c).Error
	if err != nil {
		return Contact{}, fmt.Errorf("read contact %d of town %d: %w", id, town, err)
	}
	return c, nil
}

// reading is the act of whoever reads: an incident's ladder is made from the contacts.
func reading(tx *tenants.Tx) tenants.Act {
	if tx.Actor.Holds(tenants.Pipeline) {
		return tenants.RunPipeline
	}
	return tenants.ReadContact
}
