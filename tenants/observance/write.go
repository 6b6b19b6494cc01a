package observance

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// longest is how many characters a document may have.
const longest = 20_000

// Input is a version as it is entered. Document 0 begins a new document.
type Input struct {
	Document int
	Title    string
	Body     string
	FromOn   calendar.Date
}

// Publish writes a version for every town of the consortium. From its day on, everybody who works here must accept it first.
func Publish(ctx context.Context, tx *tenants.Tx, in Input) (Document, error) {
	if err := everywhere(tx); err != nil {
		return Document{}, err
	}
	on, err := today(tx)
	if err != nil {
		return Document{}, err
	}
	newest, err := lock(tx, in.Document)
	if err != nil {
		return Document{}, err
	}
	var v tenants.Invalid
	in.Title = entry.Line(&v, "title", in.Title, 100)
	faults := len(v.Fields)
	if in.Body = entry.Text(&v, "body", in.Body, longest); in.Body == "" && len(v.Fields) == faults {
		v.Add("body", "本文を入力してください。", "Please enter the text.")
	}
	checkFrom(&v, in.FromOn, on)
	if newest.Version > 0 && !newest.Withdrawn && newest.SHA256 == Hash(in.Title, in.Body) && newest.FromOn == in.FromOn {
		v.Add("body", "いちばん新しい版と同じです。", "This is what the newest version says already.")
	}
	if err := v.Err(); err != nil {
		return Document{}, err
	}
	return write(ctx, tx, newest, in, false)
}

// everywhere asks that the actor may write for the whole consortium: a document binds every town of it.
func everywhere(tx *tenants.Tx) error {
	if err := tx.Permit(tenants.WriteObservance); err != nil {
		return err
	}
	if !tx.Actor.Everywhere(tenants.WriteObservance) {
		return tenants.Forbidden(tenants.WriteObservance)
	}
	return nil
}

// Withdraw ends a document: from that day on there is nothing of it to accept. What was accepted stays.
func Withdraw(ctx context.Context, tx *tenants.Tx, document int, from calendar.Date) (Document, error) {
	if err := everywhere(tx); err != nil {
		return Document{}, err
	}
	on, err := today(tx)
	if err != nil {
		return Document{}, err
	}
	newest, err := lock(tx, document)
	if err != nil {
		return Document{}, err
	}
	if newest.Version == 0 {
		return Document{}, tenants.NotFound()
	}
	if newest.Withdrawn {
		return Document{}, tenants.Conflict("この遵守事項はすでに廃止されています。", "This document has been withdrawn already.")
	}
	var v tenants.Invalid
	checkFrom(&v, from, on)
	if err := v.Err(); err != nil {
		return Document{}, err
	}
	return write(ctx, tx, newest, Input{Document: document, Title: newest.Title, FromOn: from}, true)
}

func checkFrom(v *tenants.Invalid, from, today calendar.Date) {
	switch {
	case from.IsZero():
		v.Add("from_on", "施行日を入力してください。", "Please enter from when it holds.")
	case from.Before(today):
		v.Add("from_on", "施行日は今日以後の日にしてください。", "It cannot hold from a day that has passed.")
	}
}

// lock keeps other versions waiting and gives the newest of the document: none for a new one. A document that there is not
// is not found.
func lock(tx *tenants.Tx, document int) (newest Document, err error) {
	town := tx.Actor.TenantID
	if err := tx.DB.Exec(`SELECT id FROM tenant WHERE id = ? FOR NO KEY UPDATE`, town).Error; err != nil {
		return newest, fmt.Errorf("write what is to be observed: %w", err)
	}
	if document == 0 {
		err = tx.DB.Raw(`SELECT coalesce(max(document), 0) + 1 FROM observance WHERE tenant_id = ?`, town).Scan(&newest.Document).Error
		if err != nil {
			return newest, fmt.Errorf("write what is to be observed: %w", err)
		}
		return newest, nil
	}
	err = tx.DB.Raw(`SELECT document, version, title, sha256, from_on, withdrawn FROM observance WHERE tenant_id = ? AND document = ? ORDER BY version DESC LIMIT 1`,
		town, document).Scan(&newest).Error
	if err != nil {
		return newest, fmt.Errorf("read document %d: %w", document, err)
	}
	if newest.Version == 0 {
		return newest, tenants.NotFound()
	}
	return newest, nil
}

// entered is a version as it stands in the operation log; the text itself stands in the ledger.
type entered struct {
	Document  int           `json:"document"`
	Version   int           `json:"version"`
	Title     string        `json:"title"`
	SHA256    string        `json:"sha256"`
	FromOn    calendar.Date `json:"valid_from"`
	Withdrawn bool          `json:"withdrawn,omitempty"`
}

func write(_ context.Context, tx *tenants.Tx, newest Document, in Input, withdrawn bool) (Document, error) {
	version, hash := newest.Version+1, Hash(in.Title, in.Body)
	towns := tx.Actor.Reach(tenants.WriteObservance)
	err := tx.DB.Exec(`INSERT INTO observance (tenant_id, document, version, title, body, sha256, from_on, withdrawn, recorded_at, by_id, by_text)
		SELECT t.id, @document, @version, @title, @body, @hash, @from, @withdrawn, @now, CASE WHEN t.id = @own THEN NULLIF(CAST(@person AS bigint), 0) END, @by
		FROM (SELECT DISTINCT id FROM unnest(CAST(@towns AS bigint[])) x (id)) t ORDER BY t.id`,
		map[string]any{"towns": &towns, "own": tx.Actor.TenantID, "document": newest.Document, "version": version, "title": in.Title, "body": in.Body,
			"hash": hash, "from": in.FromOn, "withdrawn": withdrawn, "now": tx.Now, "person": tx.Actor.PersonID, "by": tx.Actor.Text()}).Error
	if err != nil {
		return Document{}, fmt.Errorf("write document %d, version %d: %w", newest.Document, version, err)
	}
	d, err := get(tx, newest.Document, version)
	if err != nil {
		return Document{}, err
	}
	line := tenants.Line{Town: tx.Actor.TenantID, Act: tenants.WriteObservance, Object: "observance", ObjectID: d.ID,
		After: entered{Document: d.Document, Version: d.Version, Title: d.Title, SHA256: hash, FromOn: d.FromOn, Withdrawn: withdrawn}}
	if newest.Version > 0 {
		line.Before = entered{Document: newest.Document, Version: newest.Version, Title: newest.Title, SHA256: newest.SHA256, FromOn: newest.FromOn}
	}
	return d, tx.Record(line)
}

// What a town lacks: the host's newest version of each document, or a coming one. Past ones it needs not: nobody of it was
// ever asked for them.
const lateJoiners = `
INSERT INTO observance (tenant_id, document, version, title, body, sha256, from_on, withdrawn, recorded_at, by_text)
SELECT t.id, o.document, o.version, o.title, o.body, o.sha256, o.from_on, o.withdrawn, o.recorded_at, o.by_text
FROM tenant h JOIN observance o ON o.tenant_id = h.id JOIN tenant t ON t.consortium_id = h.consortium_id AND t.id <> h.id
WHERE h.kind = 'host'
AND NOT EXISTS (SELECT FROM observance n WHERE n.tenant_id = h.id AND n.document = o.document AND n.version > o.version
	AND n.from_on <= CAST(CAST(@now AS timestamptz) AT TIME ZONE h.zone AS date))
AND NOT EXISTS (SELECT FROM observance x WHERE x.tenant_id = t.id AND x.document = o.document AND x.version = o.version)
ORDER BY t.id, o.document, o.version LIMIT @limit
ON CONFLICT (tenant_id, document, version) DO NOTHING`

// HandOn gives towns that joined after a version was written their rows of it, at most limit. Jobs only.
func HandOn(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	done := tx.DB.Exec(lateJoiners, map[string]any{"now": tx.Now, "limit": limit})
	if done.Error != nil {
		return 0, fmt.Errorf("hand on what is to be observed: %w", done.Error)
	}
	return int(done.RowsAffected), nil
}
