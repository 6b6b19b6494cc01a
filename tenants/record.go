package tenants

import (
	"encoding/json"
	"fmt"
	"time"
)

// Line is one entry of the operation log (操作履歴): what was done to what. Before and After are written as JSON; leave
// out what must not be kept (passwords, secrets).
type Line struct {
	Town     int64 // the town concerned, under which the line is kept
	Act      Act
	Object   string // the noun: "server", "incident"
	ObjectID int64
	Before   any
	After    any
}

// Record writes the operation-log line of an act in the act's own transaction: no act without its line. It is the last
// line of every act that changes something.
func (tx *Tx) Record(line Line) error {
	before, err := asJSON(line.Before)
	if err != nil {
		return fmt.Errorf("record %s: %w", line.Act, err)
	}
	after, err := asJSON(line.After)
	if err != nil {
		return fmt.Errorf("record %s: %w", line.Act, err)
	}
	a := tx.Actor
	err = tx.DB.Exec(`INSERT INTO operation_log (tenant_id, at, actor_id, actor, post, act, object, object_id, before, after, request_id, remote)
		VALUES (@town, @at, NULLIF(CAST(@person AS bigint), 0), @actor, @post, @act, @object, NULLIF(CAST(@object_id AS bigint), 0),
			CAST(@before AS jsonb), CAST(@after AS jsonb), @request, @remote)`,
		map[string]any{"town": line.Town, "at": tx.Now, "person": a.PersonID, "actor": a.Text(), "post": a.postText(),
			"act": string(line.Act), "object": line.Object, "object_id": line.ObjectID, "before": before, "after": after,
			"request": a.RequestID, "remote": a.Remote}).Error
	if err != nil {
		return fmt.Errorf("record %s: %w", line.Act, err)
	}
	return nil
}

func asJSON(v any) (*string, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	s := string(b)
	return &s, nil
}

// LogLine is one line of the operation log as it is read.
type LogLine struct {
	TenantID  int64
	ID        int64
	At        time.Time
	Actor     string
	Post      string
	Act       string
	Object    string
	ObjectID  int64
	Before    *string
	After     *string
	RequestID string
	Remote    string
}

// OperationLog lists the newest lines of the towns the actor sees, before the given id (0 for the newest), at most limit.
func OperationLog(tx *Tx, town, beforeID int64, limit int) ([]LogLine, error) {
	towns := tx.Actor.Towns
	if town != 0 {
		towns = []int64{town}
	}
	if err := tx.Permit(ReadLog, towns...); err != nil {
		return nil, err
	}
	var lines []LogLine
	err := tx.DB.Raw(`
		SELECT l.* FROM unnest(string_to_array(@towns, ',')::bigint[]) t(id)
		CROSS JOIN LATERAL (
			SELECT tenant_id, id, at, actor, post, act, object, coalesce(object_id, 0) AS object_id, before::text, after::text, request_id, remote
			FROM operation_log WHERE tenant_id = t.id AND (CAST(@before AS bigint) = 0 OR id < @before) ORDER BY id DESC LIMIT @limit
		) l ORDER BY l.id DESC LIMIT @limit`,
		map[string]any{"towns": IDs(towns), "before": beforeID, "limit": limit}).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list operation log: %w", err)
	}
	return lines, nil
}
