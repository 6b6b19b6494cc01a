package tenants

import (
	"encoding/json"
	"fmt"
	"slices"
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
// line of every act that changes something. An act that changes many things hands all its lines over at once.
func (tx *Tx) Record(lines ...Line) error {
	if len(lines) == 0 {
		return nil
	}
	var towns, objectIDs []int64
	var acts, objects, posts []string
	var befores, afters []*string
	for _, line := range lines {
		before, err := asJSON(line.Before)
		if err != nil {
			return fmt.Errorf("record %s: %w", line.Act, err)
		}
		after, err := asJSON(line.After)
		if err != nil {
			return fmt.Errorf("record %s: %w", line.Act, err)
		}
		towns, objectIDs = append(towns, line.Town), append(objectIDs, line.ObjectID)
		acts, objects = append(acts, string(line.Act)), append(objects, line.Object)
		befores, afters, posts = append(befores, before), append(afters, after), append(posts, tx.postFor(line.Act))
	}
	a := tx.Actor
	err := tx.DB.Exec(`INSERT INTO operation_log (tenant_id, at, actor_id, actor, post, act, object, object_id, before, after, request_id, remote)
		SELECT town, CAST(@at AS timestamptz), NULLIF(CAST(@person AS bigint), 0), @actor, post, act, object, NULLIF(object_id, 0),
			CAST(before AS jsonb), CAST(after AS jsonb), @request, @remote
		FROM unnest(CAST(@towns AS bigint[]), CAST(@acts AS text[]), CAST(@objects AS text[]), CAST(@object_ids AS bigint[]),
			CAST(@befores AS text[]), CAST(@afters AS text[]), CAST(@posts AS text[]))
			WITH ORDINALITY AS x (town, act, object, object_id, before, after, post, n) ORDER BY n`,
		map[string]any{"towns": &towns, "at": tx.Now, "person": a.PersonID, "actor": a.Text(), "posts": &posts,
			"acts": &acts, "objects": &objects, "object_ids": &objectIDs, "befores": &befores, "afters": &afters,
			"request": a.RequestID, "remote": a.Remote}).Error
	if err != nil {
		return fmt.Errorf("record %d lines of the operation log: %w", len(lines), err)
	}
	tx.lines = append(tx.lines, lines...)
	tx.recorded = true
	return nil
}

// Recorded tells whether this transaction has written a line: what it did is in the log already.
func (tx *Tx) Recorded() bool { return tx.recorded }

// postFor is the post by which the actor may do the act: of several that allow it the first they hold. An entry that no
// post is permitted (a sign-in, a look at a page) stands under the post that the transaction began with; where there was
// none, under all that the actor holds.
func (tx *Tx) postFor(act Act) string {
	if len(permits[act]) == 0 {
		act = tx.first
	}
	for _, p := range tx.Actor.Posts {
		if slices.Contains(permits[act], p) {
			return string(p)
		}
	}
	return tx.Actor.postText()
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

// ManyTowns is from how many towns on the newest rows are looked for over all of them at once.
const ManyTowns = 50

// Own is the condition that a row is of one of these towns, which are handed over as @towns (bigint[]) too and are what Reach
// gave. Few are found by an index. Of the towns of a large host, where they are all that the transaction sees, the policy
// looks each row up in a hash of them; to name thousands once more would be to look for each by an index, and costs more than
// the rest of the statement.
func (tx *Tx) Own(column string, towns []int64) string {
	if tx.Actor.role == roleHost && len(towns) >= ManyTowns && len(towns) == len(tx.Actor.Towns) {
		return `true`
	}
	return column + ` = ANY (CAST(@towns AS bigint[]))`
}

// Newest is a statement that gives the newest @limit rows of the @towns (bigint[]), older than @before where that is not 0,
// newest first. Rows is the SELECT of one table with the alias, up to and with its WHERE. Of few towns, each one's own
// index gives its newest; with many that is work for each, and most of what they have in common is at the end of the index
// over all ids, which grow with time.
func Newest(rows, alias string, towns int) string {
	older := ` AND (CAST(@before AS bigint) = 0 OR ` + alias + `.id < @before)`
	if towns >= ManyTowns {
		return rows + ` AND ` + alias + `.tenant_id = ANY (CAST(@towns AS bigint[]))` + older + ` ORDER BY ` + alias + `.id DESC LIMIT @limit`
	}
	return `SELECT newest.* FROM unnest(CAST(@towns AS bigint[])) town (id) CROSS JOIN LATERAL (` + rows + ` AND ` + alias + `.tenant_id = town.id` + older +
		` ORDER BY ` + alias + `.id DESC LIMIT @limit) newest ORDER BY newest.id DESC LIMIT @limit`
}
