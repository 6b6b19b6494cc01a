package proposal

import (
	"context"
	"fmt"
	"slices"

	"tanamori/tenants"
)

// Setting is for which acts a town asks for a second person.
func Setting(_ context.Context, tx *tenants.Tx, town int64) ([]tenants.Act, error) {
	if err := tx.Permit(tenants.ReadProposal, town); err != nil {
		return nil, err
	}
	return setting(tx, town)
}

func setting(tx *tenants.Tx, town int64) ([]tenants.Act, error) {
	var acts []tenants.Act
	if err := tx.DB.Raw(`SELECT act FROM second_person WHERE tenant_id = ? ORDER BY act`, town).Scan(&acts).Error; err != nil {
		return nil, fmt.Errorf("read what asks for a second person: %w", err)
	}
	return acts, nil
}

// settingObject is what the setting is called in the operation log.
const settingObject = "second_person"

// Set sets for which acts a town asks for a second person. Where it asks for any, the change of that is confirmed by a
// second person as well.
func Set(_ context.Context, tx *tenants.Tx, town int64, acts []tenants.Act) ([]tenants.Act, error) {
	if err := tx.Permit(tenants.WriteTown, town); err != nil {
		return nil, err
	}
	var v tenants.Invalid
	for _, a := range acts {
		if !slices.Contains(Acts, a) {
			v.Add("acts", "照合を求められない操作が含まれています。", "One of these cannot ask for a second person.")
			break
		}
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	before, err := setting(tx, town)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(acts))
	for i, a := range acts {
		texts[i] = string(a)
	}
	err = tx.DB.Exec(`DELETE FROM second_person WHERE tenant_id = @town AND act <> ALL (CAST(@acts AS text[]))`, map[string]any{"town": town, "acts": &texts}).Error
	if err == nil {
		err = tx.DB.Exec(`INSERT INTO second_person (tenant_id, act) SELECT @town, unnest(CAST(@acts AS text[])) ON CONFLICT DO NOTHING`, map[string]any{"town": town, "acts": &texts}).Error
	}
	if err != nil {
		return nil, fmt.Errorf("set what asks for a second person: %w", err)
	}
	after, err := setting(tx, town)
	if err != nil {
		return nil, err
	}
	added := slices.DeleteFunc(slices.Clone(after), func(a tenants.Act) bool { return slices.Contains(before, a) })
	if err := checkEnough(tx, town, added); err != nil {
		return nil, err
	}
	return after, tx.Record(tenants.Line{Town: town, Act: tenants.WriteTown, Object: settingObject, ObjectID: town, Before: before, After: after})
}
