package observance

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Standing is where one person stands with one version.
type Standing struct {
	TenantID   int64
	PersonID   int64
	Name       string
	Titles     string     // of the posts they hold today
	Active     bool       // may work today; who does not is not waited for
	AcceptedAt *time.Time // nil: not yet
	ByText     string     // as they signed
}

// Count is how many people of the towns in reach a version is waited for from, and how many of them have accepted it.
type Count struct{ Document, Version, People, Accepted int }

// Somebody works who holds a post today, is not disabled and whose town has not left.
const working = `
SELECT p.tenant_id, p.id, p.name, coalesce(w.titles, '') AS titles,
	p.disabled_at IS NULL AND w.titles IS NOT NULL AND (t.left_on IS NULL OR t.left_on > d.today) AS active
FROM person p JOIN tenant t ON t.id = p.tenant_id
CROSS JOIN LATERAL (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today) d
CROSS JOIN LATERAL (SELECT string_agg(o.title, '、' ORDER BY o.id) AS titles FROM post o WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id
	AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today)) w
WHERE p.tenant_id = ANY (CAST(@towns AS bigint[]))`

// People lists who has accepted a version and who has not, town by town, those first who have not; with open, only those.
// Whoever no longer works here is listed where they accepted it. No towns: all that the actor sees.
func People(_ context.Context, tx *tenants.Tx, document, version int, open bool, towns ...int64) ([]Standing, error) {
	var err error
	if len(towns) == 0 {
		towns, err = tx.Reach(tenants.ReadObservance)
	} else {
		err = tx.Permit(tenants.ReadObservance, towns...)
	}
	if err != nil {
		return nil, err
	}
	if _, err := get(tx, document, version); err != nil {
		return nil, err
	}
	var found []Standing
	err = tx.DB.Raw(`SELECT w.tenant_id, w.id AS person_id, w.name, w.titles, w.active, a.at AS accepted_at, coalesce(a.by_text, '') AS by_text
		FROM (`+working+`) w JOIN tenant t ON t.id = w.tenant_id
		LEFT JOIN observance o ON o.tenant_id = w.tenant_id AND o.document = @document AND o.version = @version
		LEFT JOIN observance_acceptance a ON a.tenant_id = w.tenant_id AND a.observance_id = o.id AND a.person_id = w.id
		WHERE CASE WHEN @open THEN w.active AND a.at IS NULL ELSE w.active OR a.at IS NOT NULL END
		ORDER BY t.kind, t.code, a.at IS NOT NULL, w.id`,
		map[string]any{"now": tx.Now, "towns": &towns, "document": document, "version": version, "open": open}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list who accepted document %d, version %d: %w", document, version, err)
	}
	return found, nil
}

// Counts tells of every version how many people work in the towns that the actor sees and how many of them accepted it.
func Counts(_ context.Context, tx *tenants.Tx) ([]Count, error) {
	towns, err := tx.Reach(tenants.ReadObservance)
	if err != nil {
		return nil, err
	}
	var counts []Count
	err = tx.DB.Raw(`WITH w AS MATERIALIZED (`+working+`), people AS (SELECT count(*) AS n FROM w WHERE w.active)
		SELECT o.document, o.version, (SELECT n FROM people) AS people, count(a.id) AS accepted
		FROM observance o LEFT JOIN (observance_acceptance a JOIN w ON w.tenant_id = a.tenant_id AND w.id = a.person_id AND w.active)
			ON a.tenant_id = o.tenant_id AND a.observance_id = o.id
		WHERE o.tenant_id = ANY (CAST(@towns AS bigint[])) GROUP BY o.document, o.version ORDER BY o.document, o.version`,
		map[string]any{"now": tx.Now, "towns": &towns}).Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("count who accepted: %w", err)
	}
	return counts, nil
}
