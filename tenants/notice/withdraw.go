package notice

import (
	"fmt"

	"tanamori/tenants"
)

// Withdraw ends messages that need not be sent any more, and gives the ids of those that it ended. What is being sent,
// what has come to an end already, and what may have reached the person on an earlier try is left as it is. Withdrawing
// has no act of its own: whoever withdraws has been permitted the act that made the message needless.
func Withdraw(tx *tenants.Tx, towns, ids []int64) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := within(tx, towns...); err != nil {
		return nil, err
	}
	var rows []struct{ TenantID, ID int64 }
	err := tx.DB.Raw(`UPDATE notice n SET state = 'withdrawn', withdrawn_at = CAST(@now AS timestamptz), next_at = NULL
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
		WHERE n.tenant_id = x.town AND n.id = x.id AND n.state = 'queued' AND NOT n.repeated
		RETURNING n.tenant_id, n.id`, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("withdraw %d notices: %w", len(ids), err)
	}
	ended := make([]int64, len(rows))
	for i, r := range rows {
		ended[i] = r.ID
	}
	return ended, nil
}
