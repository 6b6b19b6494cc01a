// Package checkin keeps every check-in of a machine as it came: where machines may check in, the intake that makes each
// one durable before it is answered, and the queue that the ledgers take them from.
package checkin

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
)

// Kind is what a check-in says of the run.
type Kind string

// The kinds. An exit status arrives as Success (0) or Fail (1 to 255) with the number beside it.
const (
	Start   Kind = "start"
	Success Kind = "success"
	Fail    Kind = "fail"
	Log     Kind = "log" // evidence that neither begins nor ends anything
)

// Checkin is one check-in as it came. A machine that did not hear the answer sends it again under the same run id: both
// rows stay, and it is the ledger that counts them once.
type Checkin struct {
	TenantID    int64
	ID          int64 // grows in the order of arrival within a source
	SourceID    int64
	AboutID     int64 // the ledger's own row that the source stands for
	At          time.Time
	Kind        Kind
	ExitStatus  *int
	RID         *uuid.UUID `gorm:"column:rid"`
	Method      string
	Remote      string // the sender's IP address
	Agent       string
	ContentType string
	Body        []byte
	BodyBytes   int64 // length of the whole body; List gives only its end
	TakenAt     *time.Time
}

// OF c: the source is looked at and not held.
const untaken = `
SELECT c.tenant_id, c.id, c.source_id, s.about_id, c.at, c.kind, c.exit_status, c.rid, c.method, c.remote, c.agent, c.content_type,
	c.body, octet_length(c.body) AS body_bytes, c.taken_at
FROM checkin c JOIN source s ON s.tenant_id = c.tenant_id AND s.id = c.source_id
WHERE c.taken_at IS NULL AND s.kind = @kind
ORDER BY c.id LIMIT @limit FOR UPDATE OF c SKIP LOCKED`

// Untaken gives a ledger the check-ins of its kind of source that it has not taken in, in the order they came, at most
// limit of them, and holds them until the transaction ends. Jobs only.
func Untaken(_ context.Context, tx *tenants.Tx, kind string, limit int) ([]Checkin, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var list []Checkin
	if err := tx.DB.Raw(untaken, map[string]any{"kind": kind, "limit": limit}).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read check-ins to take in: %w", err)
	}
	return list, nil
}

const markTaken = `
UPDATE checkin SET taken_at = CAST(@now AS timestamptz)
FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) t (tenant_id, id)
WHERE checkin.tenant_id = t.tenant_id AND checkin.id = t.id AND checkin.taken_at IS NULL`

// MarkTaken notes that a ledger took these check-ins in; Untaken gives them no more. Jobs only.
func MarkTaken(_ context.Context, tx *tenants.Tx, list []Checkin) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if len(list) == 0 {
		return nil
	}
	towns, ids := make([]int64, len(list)), make([]int64, len(list))
	for i, c := range list {
		towns[i], ids[i] = c.TenantID, c.ID
	}
	// Pointers, because GORM takes a bare slice for a list of values.
	if err := tx.DB.Exec(markTaken, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Error; err != nil {
		return fmt.Errorf("mark %d check-ins as taken in: %w", len(list), err)
	}
	return nil
}
