package incident

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// View is everything there is of one incident.
type View struct {
	Incident
	TownName         string
	Zone             string
	Rungs            []Rung            `gorm:"-"` // in order
	Acknowledgements []Acknowledgement `gorm:"-"` // oldest first
	Events           []Event           `gorm:"-"` // oldest first
	Notices          []notice.Notice   `gorm:"-"` // oldest first, with their attempts
}

// Get gives one incident with all that belongs to it, in seven statements.
func Get(ctx context.Context, tx *tenants.Tx, town, id int64) (View, error) {
	if err := tx.Permit(tenants.ReadIncident, town); err != nil {
		return View{}, err
	}
	if tx.Actor.Holds(tenants.LinkHolder) {
		return View{}, tenants.Forbidden(tenants.ReadIncident)
	}
	var v View
	args := map[string]any{"town": town, "id": id}
	err := tx.DB.Raw(`SELECT `+incidentColumns+`, t.name AS town_name, t.zone FROM incident i JOIN tenant t ON t.id = i.tenant_id
		WHERE i.tenant_id = @town AND i.id = @id`, args).Take(&v).Error
	if err != nil {
		return View{}, fmt.Errorf("read incident %d: %w", id, err)
	}
	err = tx.DB.Raw(`SELECT `+rungColumns+` FROM rung r WHERE r.tenant_id = @town AND r.incident_id = @id ORDER BY r.position`, args).Scan(&v.Rungs).Error
	if err != nil {
		return View{}, fmt.Errorf("read the ladder of incident %d: %w", id, err)
	}
	err = tx.DB.Raw(`SELECT `+acknowledgementColumns+` FROM acknowledgement a WHERE a.tenant_id = @town AND a.incident_id = @id ORDER BY a.id`, args).
		Scan(&v.Acknowledgements).Error
	if err != nil {
		return View{}, fmt.Errorf("read the answers to incident %d: %w", id, err)
	}
	err = tx.DB.Raw(`SELECT e.* FROM incident_event e WHERE e.tenant_id = @town AND e.incident_id = @id ORDER BY e.id`, args).Scan(&v.Events).Error
	if err != nil {
		return View{}, fmt.Errorf("read the course of incident %d: %w", id, err)
	}
	if err := v.withCorrections(tx); err != nil {
		return View{}, err
	}
	v.Notices, err = notice.About(ctx, tx, town, "incident", id)
	return v, err
}
