// Package server is the room of the servers (サーバ) that a town has in the datacenter.
package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tanamori/tenants"
)

// Server is one machine of one town.
type Server struct {
	TenantID  int64
	ID        int64
	Position  int // the order in which the town's servers are shown
	Name      string
	Role      string // 戸籍正, 戸籍副, 附票 …
	RackPlace string // ラック3 U12
	Note      string
	RetiredAt *time.Time
}

const columns = `tenant_id, id, position, name, role, rack_place, note, retired_at`

// List gives the servers in use of the towns, town by town in their order.
func List(_ context.Context, tx *tenants.Tx, towns ...int64) ([]Server, error) {
	if err := tx.Permit(reading(tx), towns...); err != nil {
		return nil, err
	}
	var servers []Server
	err := tx.DB.Raw(`SELECT `+columns+` FROM server
		WHERE tenant_id = ANY (string_to_array(?, ',')::bigint[]) AND retired_at IS NULL ORDER BY tenant_id, position, id`,
		tenants.IDs(towns)).Scan(&servers).Error
	if err != nil {
		return nil, fmt.Errorf("list servers: %w", err)
	}
	return servers, nil
}

// Search gives the servers whose name, role or place holds the text, as people write it: at most limit of them, retired
// ones last, over all towns that the actor sees.
func Search(_ context.Context, tx *tenants.Tx, text string, limit int) ([]Server, error) {
	towns, err := tx.Reach(tenants.ReadServer)
	if err != nil {
		return nil, err
	}
	key := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(tenants.SearchKey(text))
	if key == "" {
		return nil, nil
	}
	var servers []Server
	err = tx.DB.Raw(`SELECT `+columns+` FROM server
		WHERE tenant_id = ANY (string_to_array(@towns, ',')::bigint[]) AND search LIKE '%' || @key || '%'
		ORDER BY retired_at IS NOT NULL, tenant_id, position, id LIMIT @limit`,
		map[string]any{"towns": tenants.IDs(towns), "key": key, "limit": limit}).Scan(&servers).Error
	if err != nil {
		return nil, fmt.Errorf("search servers: %w", err)
	}
	return servers, nil
}

// Get gives one server, a retired one too.
func Get(_ context.Context, tx *tenants.Tx, town, id int64) (Server, error) {
	if err := tx.Permit(reading(tx), town); err != nil {
		return Server{}, err
	}
	return take(tx, town, id, "")
}

func take(tx *tenants.Tx, town, id int64, lock string) (Server, error) {
	var s Server
	err := tx.DB.Raw(`SELECT `+columns+` FROM server WHERE tenant_id = ? AND id = ? `+lock, town, id).Take(&s).Error
	if err != nil {
		return Server{}, fmt.Errorf("read server %d of town %d: %w", id, town, err)
	}
	return s, nil
}

// reading is the act of whoever reads: the pipeline's own letters name servers.
func reading(tx *tenants.Tx) tenants.Act {
	if tx.Actor.Holds(tenants.Pipeline) {
		return tenants.RunPipeline
	}
	return tenants.ReadServer
}
