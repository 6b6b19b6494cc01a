package main

import "tanamori/tenants/tenantstest"

// furnish gives the country's host a server room: a rack for every town, with its servers in it and a label on it.
func furnish(b *tenantstest.Bench, host int64) {
	b.SQL(`INSERT INTO building (tenant_id, name, created_at) VALUES ($1, '本庁舎', '2026-11-20Z')`, host)
	b.SQL(`INSERT INTO area (tenant_id, building_id, kind, name, plan_rows, plan_places, created_at)
		SELECT tenant_id, id, 'server_room', 'サーバ室', 30, 40, created_at FROM building WHERE tenant_id = $1`, host)
	b.SQL(`INSERT INTO rack (tenant_id, area_id, code, plan_row, plan_place, units, lock, fixing, dedicated, check_months, check_due_on, created_at)
		SELECT a.tenant_id, a.id, 'R-' || t.id, 1 + row_number() OVER (ORDER BY t.id) / 40, 1 + row_number() OVER (ORDER BY t.id) % 40, 42, '前後扉', 'アンカーボルト', true, 12,
			'2027-11-20', a.created_at FROM area a, tenant t WHERE a.tenant_id = $1`, host)
	b.SQL(`INSERT INTO equipment (tenant_id, rack_id, kind, name, owner_id, server_id, unit, units, face, placed_at)
		SELECT k.tenant_id, k.id, 'server', s.name, s.tenant_id, s.id, row_number() OVER (PARTITION BY s.tenant_id ORDER BY s.id), 1, 'both', k.created_at
		FROM server s JOIN rack k ON k.tenant_id = $1 AND k.code = 'R-' || s.tenant_id`, host)
	b.SQL(`INSERT INTO rack_unit (tenant_id, rack_id, face, unit, equipment_id)
		SELECT tenant_id, rack_id, f, unit, id FROM equipment, unnest('{front,rear}'::text[]) f WHERE tenant_id = $1`, host)
	b.SQL(`INSERT INTO rack_view (tenant_id, host_id, rack_id, building, area, code, plan_row, plan_place, units, blocks, changed_at)
		SELECT DISTINCT e.owner_id, k.tenant_id, k.id, '本庁舎', 'サーバ室', k.code, k.plan_row, k.plan_place, k.units, '[]'::jsonb, k.created_at
		FROM rack k JOIN equipment e ON e.tenant_id = k.tenant_id AND e.rack_id = k.id WHERE k.tenant_id = $1`, host)
	b.SQL(`INSERT INTO label (tenant_id, code, kind, object_id, made_at) SELECT tenant_id, lpad(id::text, 6, '0'), 'rack', id, created_at FROM rack WHERE tenant_id = $1`, host)
}
