package observance

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
)

// Acceptance is one person's undertaking to observe one version.
type Acceptance struct {
	Document, Version int
	SHA256            string
	At                time.Time
}

// Accept is the actor's own act about one version. The hash is that of the text they read: where another one stands by
// now, nothing is accepted. Who accepted it before has done so.
func Accept(_ context.Context, tx *tenants.Tx, document, version int, hash string) (Acceptance, error) {
	if err := tx.Permit(tenants.AcceptObservance, tx.Actor.TenantID); err != nil {
		return Acceptance{}, err
	}
	if tx.Actor.PersonID == 0 {
		return Acceptance{}, tenants.Forbidden(tenants.AcceptObservance)
	}
	d, err := get(tx, document, version)
	if err != nil {
		return Acceptance{}, err
	}
	done := Acceptance{Document: d.Document, Version: d.Version, SHA256: d.SHA256, At: tx.Now}
	switch {
	case d.AcceptedAt != nil:
		done.At = *d.AcceptedAt
		return done, nil
	case d.Newer:
		return Acceptance{}, tenants.Conflict("新しい版が施行されています。新しい版を読んでください。", "A newer version is in force; please read that one.")
	case d.Withdrawn:
		return Acceptance{}, tenants.Conflict("この遵守事項は廃止されています。", "This document has been withdrawn.")
	case hash != d.SHA256:
		return Acceptance{}, tenants.Conflict("読んだ文面と登録されている文面が違います。もう一度読んでください。", "The text that was read is not the one on record; please read it again.")
	}
	var id int64
	err = tx.DB.Raw(`INSERT INTO observance_acceptance (tenant_id, observance_id, person_id, by_text, sha256, at)
		VALUES (@town, @document, @person, @by, @hash, @now)
		ON CONFLICT (tenant_id, observance_id, person_id) DO NOTHING RETURNING id`,
		map[string]any{"town": tx.Actor.TenantID, "document": d.ID, "person": tx.Actor.PersonID, "by": tx.Actor.Text(), "hash": hash, "now": tx.Now}).Scan(&id).Error
	if err != nil {
		return Acceptance{}, fmt.Errorf("accept document %d, version %d: %w", document, version, err)
	}
	if id == 0 { // twice at the same moment: the other one stands
		return done, nil
	}
	return done, tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.AcceptObservance, Object: "observance", ObjectID: d.ID,
		After: entered{Document: d.Document, Version: d.Version, Title: d.Title, SHA256: hash, FromOn: d.FromOn}})
}
