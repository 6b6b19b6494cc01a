package incident

import (
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// The letters about these incidents that have certainly not reached anybody. They are locked before anybody asks what
// else they tell of: of two who end the two incidents of one letter, the second sees what the first has done.
const unleftSQL = `
SELECT n.tenant_id, n.id FROM (
	SELECT o.tenant_id, o.id FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
	JOIN notice o ON o.tenant_id = x.town AND o.about = 'incident' AND o.about_id = x.id AND o.state = 'queued'
	UNION
	SELECT a.tenant_id, a.notice_id FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
	JOIN notice_also a ON a.tenant_id = x.town AND a.about_id = x.id
) c JOIN notice n ON n.tenant_id = c.tenant_id AND n.id = c.id
WHERE n.about = 'incident' AND n.kind <> 'resolved' AND n.state = 'queued' AND NOT n.repeated
ORDER BY n.tenant_id, n.id FOR NO KEY UPDATE OF n`

// Those of them that tell of nothing that still goes on.
const needlessSQL = `
SELECT n.tenant_id, n.id FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
JOIN notice n ON n.tenant_id = x.town AND n.id = x.id
JOIN incident l ON l.tenant_id = n.tenant_id AND l.id = n.about_id AND l.state = 'resolved'
WHERE NOT EXISTS (SELECT FROM notice_also a JOIN incident i ON i.tenant_id = a.tenant_id AND i.id = a.about_id
	WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND i.state <> 'resolved')`

// A letter of several may have lost one incident earlier, and its reader may have been promised word of that: such a
// recovery letter is needless too once nothing tells its reader of the trouble.
const orphanSQL = `
SELECT n.tenant_id, n.id FROM (
	SELECT DISTINCT o.tenant_id, o.id FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
	JOIN notice w ON w.tenant_id = x.town AND w.id = x.id
	CROSS JOIN LATERAL (SELECT w.about_id AS id UNION ALL SELECT a.about_id FROM notice_also a
		WHERE a.tenant_id = w.tenant_id AND a.notice_id = w.id) i
	CROSS JOIN LATERAL (
		SELECT r.tenant_id, r.id, r.about, r.to_address FROM notice r WHERE r.tenant_id = w.tenant_id AND r.about = 'incident' AND r.about_id = i.id
			AND r.kind = 'resolved' AND r.state = 'queued'
		UNION ALL
		SELECT r.tenant_id, r.id, r.about, r.to_address FROM notice_also a JOIN notice r ON r.tenant_id = a.tenant_id AND r.id = a.notice_id
			AND r.kind = 'resolved' AND r.state = 'queued'
			WHERE a.tenant_id = w.tenant_id AND a.about_id = i.id
	) o
	WHERE o.about = 'incident' AND o.to_address = w.to_address
) c JOIN notice n ON n.tenant_id = c.tenant_id AND n.id = c.id
WHERE n.state = 'queued' AND NOT n.repeated AND NOT EXISTS (
	SELECT FROM (SELECT n.about_id AS id UNION ALL SELECT a.about_id FROM notice_also a WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id) i
	JOIN rung r ON r.tenant_id = n.tenant_id AND r.incident_id = i.id AND r.mail = n.to_address
	JOIN notice t ON t.tenant_id = r.tenant_id AND t.id = r.notice_id AND (t.state IN ('queued', 'sending', 'sent') OR t.repeated))
ORDER BY n.tenant_id, n.id FOR NO KEY UPDATE OF n`

type letterKey struct{ TenantID, ID int64 }

func pick(tx *tenants.Tx, query string, towns, ids []int64) (pickedTowns, picked []int64, err error) {
	var rows []letterKey
	if err := tx.DB.Raw(query, map[string]any{"towns": &towns, "ids": &ids}).Scan(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("find letters that are needless: %w", err)
	}
	for _, r := range rows {
		pickedTowns, picked = append(pickedTowns, r.TenantID), append(picked, r.ID)
	}
	return pickedTowns, picked, nil
}

// withdraw takes back the letters about incidents that have just ended, where nobody has been told by them and they tell
// of nothing else that goes on.
func withdraw(tx *tenants.Tx, towns, incidents []int64) error {
	towns, letters, err := pick(tx, unleftSQL, towns, incidents)
	if err != nil || len(letters) == 0 {
		return err
	}
	towns, letters, err = pick(tx, needlessSQL, towns, letters)
	if err != nil || len(letters) == 0 {
		return err
	}
	if _, err := notice.Withdraw(tx, towns, letters); err != nil {
		return err
	}
	towns, letters, err = pick(tx, orphanSQL, towns, letters)
	if err != nil || len(letters) == 0 {
		return err
	}
	_, err = notice.Withdraw(tx, towns, letters)
	return err
}
