package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// TakeBack takes the newest hand-over of an office back, as long as its day has not come in the office's organisation: the
// successor's posts are withdrawn, and the former holder goes on with what the hand-over ended. What was entered stays in sight as
// taken back.
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
		if err := resume(tx, town, officeID, resumes); err != nil {
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

// resume lets a holder whose time a hand-over had ended go on. Each post that it ended gets back the last day that it had before;
// one whose last day was set for itself, before or since, keeps that, and one that no longer goes with the office stays ended.
func resume(tx *tenants.Tx, town, officeID, holder int64) error {
	if err := tx.DB.Exec(`UPDATE office_holder SET until_on = NULL WHERE tenant_id = ? AND id = ?`, town, holder).Error; err != nil {
		return fmt.Errorf("let a holder of office %d go on: %w", officeID, err)
	}
	var ids []int64
	err := tx.DB.Raw(`UPDATE post o SET until_on = o.former_until, handed_over = NULL, former_until = NULL FROM office_post x
		WHERE x.tenant_id = o.tenant_id AND x.id = o.office_post_id AND x.retired_at IS NULL AND x.office_id = @office
			AND o.tenant_id = @town AND o.handed_over = @holder AND o.withdrawn_at IS NULL RETURNING o.id`,
		map[string]any{"town": town, "office": officeID, "holder": holder}).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("let the posts of office %d go on: %w", officeID, err)
	}
	return register(tx, changed, town, ids...)
}
