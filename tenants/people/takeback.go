package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// TakeBack takes the newest hand-over of an office back, as long as its day has not come in the office's organisation: the
// successor's posts are withdrawn, and the former holder goes on with theirs as the register had them before. What was entered
// stays in sight as taken back.
func TakeBack(_ context.Context, tx *tenants.Tx, town, officeID int64) (Office, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Office{}, err
	}
	office, err := lockOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	if err := givingOffice(tx, office); err != nil {
		return Office{}, err
	}
	own, err := organisationOf(tx, town)
	if err != nil {
		return Office{}, err
	}
	today := calendar.DateOf(tx.Now, zoneOf(own.Zone))
	if !office.Ahead(today) {
		return Office{}, tenants.Conflict("引き継ぐ日が来ている、または先の引継ぎがないため、取り消せません。もう一度引き継いでください。",
			"There is no hand-over whose day is still to come. Hand it over once more.")
	}
	newest := office.Holders[0]
	resumes := newest.ID // it was to stand empty: the present holder goes on
	if today.Before(newest.FromOn) {
		resumes = newest.formerID
		err := tx.DB.Exec(`UPDATE office_holder SET withdrawn_at = ?, withdrawn_by = ? WHERE tenant_id = ? AND id = ?`, tx.Now, tx.Actor.Text(), town, newest.ID).Error
		if err != nil {
			return Office{}, fmt.Errorf("take a hand-over of office %d back: %w", officeID, err)
		}
		if err := withdrawOfficePosts(tx, town, officeID, newest.PersonID, newest.FromOn); err != nil {
			return Office{}, err
		}
	}
	if resumes != 0 {
		if err := resume(tx, town, office, resumes); err != nil {
			return Office{}, err
		}
	}
	after, err := takeOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	return after, tx.Record(tenants.Line{Town: town, Act: tenants.WritePeople, Object: "office", ObjectID: officeID,
		Before: map[string]any{"name": office.Name, "holder": newest.Person, "from_on": newest.FromOn, "until_on": newest.UntilOn},
		After:  map[string]any{"name": office.Name, "taken_back": true}})
}

// withdrawOfficePosts withdraws what the successor was to hold by the office: nothing of it has begun.
func withdrawOfficePosts(tx *tenants.Tx, town, officeID, person int64, from calendar.Date) error {
	var ids []int64
	err := tx.DB.Raw(`UPDATE post o SET withdrawn_at = @now WHERE o.tenant_id = @town AND o.person_id = @person AND o.withdrawn_at IS NULL AND o.from_on >= CAST(@from AS date)
		AND o.office_post_id IN (SELECT x.id FROM office_post x WHERE x.tenant_id = @town AND x.office_id = @office) RETURNING o.id`,
		map[string]any{"now": tx.Now, "town": town, "person": person, "office": officeID, "from": from}).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("withdraw the posts of office %d: %w", officeID, err)
	}
	return register(tx, withdrawn, town, ids...)
}

// resume lets a holder whose time a hand-over had ended go on. Each post gets back the end that the register gave it before; one
// that no longer goes with the office stays ended.
func resume(tx *tenants.Tx, town int64, office Office, holder int64) error {
	var h Holder
	for _, x := range office.Holders {
		if x.ID == holder {
			h = x
		}
	}
	if h.ID == 0 || h.UntilOn == nil {
		return nil
	}
	last := *h.UntilOn
	if err := tx.DB.Exec(`UPDATE office_holder SET until_on = NULL WHERE tenant_id = ? AND id = ?`, town, h.ID).Error; err != nil {
		return fmt.Errorf("let a holder of office %d go on: %w", office.ID, err)
	}
	var ids []int64
	err := tx.DB.Raw(`UPDATE post o SET until_on = b.until_on FROM (
			SELECT p.id, (SELECT e.until_on FROM appointment e WHERE e.tenant_id = coalesce(p.held_at, p.tenant_id) AND e.home_id = p.tenant_id AND e.post_id = p.id
				ORDER BY e.id DESC OFFSET 1 LIMIT 1) AS until_on
			FROM post p JOIN office_post x ON x.tenant_id = p.tenant_id AND x.id = p.office_post_id AND x.retired_at IS NULL
			WHERE p.tenant_id = @town AND x.office_id = @office AND p.person_id = @person AND p.withdrawn_at IS NULL AND p.until_on = CAST(@last AS date)
				AND 'ended' = (SELECT e.event FROM appointment e WHERE e.tenant_id = coalesce(p.held_at, p.tenant_id) AND e.home_id = p.tenant_id AND e.post_id = p.id
					ORDER BY e.id DESC LIMIT 1)) b
		WHERE o.tenant_id = @town AND o.id = b.id RETURNING o.id`,
		map[string]any{"town": town, "office": office.ID, "person": h.PersonID, "last": last}).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("let the posts of office %d go on: %w", office.ID, err)
	}
	return register(tx, changed, town, ids...)
}
