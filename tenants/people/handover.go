package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// HandOverInput is what is entered when an office changes hands.
type HandOverInput struct {
	To         int64         // a person of the same organisation; 0: nobody holds it from then on
	FromOn     calendar.Date // the first day of the successor
	Document   string        // 辞令の番号
	DocumentOn *calendar.Date
}

// HandOver gives an office to somebody else from a day on (引継ぎ), before or after that day. The posts that go with it end
// for the former holder the day before and begin for the successor that day: posts are read at every request, so access
// ends and begins with the day of the organisation in which each is held.
func HandOver(_ context.Context, tx *tenants.Tx, town, officeID int64, in HandOverInput) (Office, error) {
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
	var v tenants.Invalid
	in.Document = entry.OptionalLine(&v, "document", in.Document, 60)
	if in.DocumentOn != nil && in.DocumentOn.IsZero() {
		in.DocumentOn = nil
	}
	var former *Holder
	if len(office.Holders) > 0 && office.Holders[0].UntilOn == nil {
		former = &office.Holders[0]
	}
	switch {
	case in.FromOn.IsZero():
		v.Add("from_on", "引き継ぐ日を入力してください。", "Please enter the first day of the successor.")
	case len(office.Holders) > 0 && !office.Holders[0].FromOn.Before(in.FromOn):
		v.Add("from_on", fmt.Sprintf("%sから%sが就いています。それより後の日にしてください。", office.Holders[0].FromOn.Wareki(), office.Holders[0].Person),
			fmt.Sprintf("%s holds it from %s; choose a later day.", office.Holders[0].Person, office.Holders[0].FromOn))
	case former == nil && len(office.Holders) > 0 && !office.Holders[0].UntilOn.Before(in.FromOn):
		v.Add("from_on", "前の人の任期と重なっています。", "The former holder's time overlaps.")
	}
	if former == nil && in.To == 0 {
		v.Add("to", "引き継ぐ人を選んでください。", "Choose who takes it over.")
	}
	if former != nil && former.PersonID == in.To {
		v.Add("to", "いま就いている人です。", "They hold it already.")
	}
	var next Person
	if in.To != 0 {
		if next, err = take(tx, town, in.To); err != nil {
			return Office{}, err
		}
		if next.DisabledAt != nil || next.Machine {
			v.Add("to", "停止している利用者や機械には引き継げません。", "A person who is disabled, or a machine, cannot take it over.")
		}
	}
	if err := v.Err(); err != nil {
		return Office{}, err
	}
	if former != nil {
		last := in.FromOn.AddDays(-1)
		if err := tx.DB.Exec(`UPDATE office_holder SET until_on = ? WHERE tenant_id = ? AND id = ?`, last, town, former.ID).Error; err != nil {
			return Office{}, fmt.Errorf("hand office %d over: %w", officeID, err)
		}
		if err := endOfficePosts(tx, town, officeID, 0, former.ID, last); err != nil {
			return Office{}, err
		}
	}
	if in.To != 0 {
		var before *int64
		if former != nil {
			before = &former.ID
		}
		err := tx.DB.Exec(`INSERT INTO office_holder (tenant_id, office_id, person_id, from_on, document, document_on, former_id) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			town, officeID, in.To, in.FromOn, in.Document, in.DocumentOn, before).Error
		if err != nil {
			return Office{}, fmt.Errorf("hand office %d over: %w", officeID, err)
		}
		holder := Holder{OfficeID: officeID, PersonID: in.To, FromOn: in.FromOn, Document: in.Document, DocumentOn: in.DocumentOn}
		posts := make([]heldPost, len(office.Posts))
		for i, p := range office.Posts {
			posts[i] = p.given(tx, holder, in.FromOn)
		}
		if err := insertPosts(tx, town, in.To, posts); err != nil {
			return Office{}, err
		}
	}
	after, err := takeOffice(tx, town, officeID)
	if err != nil {
		return Office{}, err
	}
	type hands struct {
		PersonID int64  `json:"person_id"`
		Person   string `json:"person"`
	}
	line := tenants.Line{Town: town, Act: tenants.WritePeople, Object: "office", ObjectID: officeID, After: map[string]any{"name": office.Name,
		"holder": hands{in.To, next.Name}, "from_on": in.FromOn, "document": in.Document}}
	if former != nil {
		line.Before = map[string]any{"name": office.Name, "holder": hands{former.PersonID, former.Person}}
	}
	return after, tx.Record(line)
}

// endOfficePosts ends those posts that go with the office, or the one of them, and are held past the day; one that would
// only have begun after it is withdrawn. former: the holder whose time ends with them, for taking that back.
func endOfficePosts(tx *tenants.Tx, town, officeID, one, former int64, last calendar.Date) error {
	var rows []struct {
		ID        int64
		Withdrawn bool
	}
	err := tx.DB.Raw(`UPDATE post o SET until_on = CASE WHEN o.from_on > CAST(@last AS date) THEN o.until_on ELSE CAST(@last AS date) END,
			withdrawn_at = CASE WHEN o.from_on > CAST(@last AS date) THEN CAST(@now AS timestamptz) END,
			handed_over = CAST(@former AS bigint), former_until = CASE WHEN CAST(@former AS bigint) IS NOT NULL THEN o.until_on END
		WHERE o.tenant_id = @town AND o.office_post_id IN (SELECT x.id FROM office_post x WHERE x.tenant_id = @town AND x.office_id = @office AND (@one = 0 OR x.id = @one))
			AND o.withdrawn_at IS NULL AND (o.until_on IS NULL OR o.until_on > CAST(@last AS date))
		RETURNING o.id, o.withdrawn_at IS NOT NULL AS withdrawn`, map[string]any{"town": town, "office": officeID, "one": one, "former": some(former), "last": last, "now": tx.Now}).
		Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("end the posts of office %d: %w", officeID, err)
	}
	by := map[bool][]int64{}
	for _, r := range rows {
		by[r.Withdrawn] = append(by[r.Withdrawn], r.ID)
	}
	if err := register(tx, ended, town, by[false]...); err != nil {
		return err
	}
	return register(tx, withdrawn, town, by[true]...)
}
