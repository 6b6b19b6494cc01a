package checkin

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tanamori/tenants"
)

// listedBody is how many bytes of a body List gives: its end, where a tool sums up.
const listedBody = 4 << 10

const maxListed = 200

const fields = `c.tenant_id, c.id, c.source_id, s.about_id, c.at, c.kind, c.exit_status, c.rid, c.method, c.remote, c.agent,
	c.content_type, octet_length(c.body) AS body_bytes, c.taken_at`

const list = `
SELECT ` + fields + `, substring(c.body FROM greatest(octet_length(c.body) - @tail + 1, 1)) AS body
FROM checkin c JOIN source s ON s.tenant_id = c.tenant_id AND s.id = c.source_id
WHERE c.tenant_id = @town AND c.source_id = @source AND (CAST(@before AS bigint) = 0 OR c.id < @before)
ORDER BY c.id DESC LIMIT @limit`

// List gives the check-ins of one source, newest first, those before the given id (0 for the newest), at most limit (200
// at most). Of a body only the last 4 KiB are given; Get gives the whole.
func List(_ context.Context, tx *tenants.Tx, town, sourceID, beforeID int64, limit int) ([]Checkin, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxListed {
		limit = maxListed
	}
	var rows []Checkin
	err := tx.DB.Raw(list, map[string]any{"town": town, "source": sourceID, "before": beforeID, "limit": limit, "tail": listedBody}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list check-ins of source %d: %w", sourceID, err)
	}
	return rows, nil
}

const get = `
SELECT ` + fields + `, c.body
FROM checkin c JOIN source s ON s.tenant_id = c.tenant_id AND s.id = c.source_id
WHERE c.tenant_id = @town AND c.id = @id`

// Get gives one check-in with its whole body.
func Get(_ context.Context, tx *tenants.Tx, town, id int64) (Checkin, error) {
	if err := tx.Permit(tenants.ReadRun, town); err != nil {
		return Checkin{}, err
	}
	var c Checkin
	found := tx.DB.Raw(get, map[string]any{"town": town, "id": id}).Scan(&c)
	if found.Error != nil {
		return Checkin{}, fmt.Errorf("read check-in %d: %w", id, found.Error)
	}
	if found.RowsAffected == 0 {
		return Checkin{}, fmt.Errorf("read check-in %d: %w", id, gorm.ErrRecordNotFound)
	}
	return c, nil
}
