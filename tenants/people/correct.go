package people

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// What a document says of a post can have been copied wrongly. Which post, whose, from when until when is what permissions
// follow from: that is changed by ending or withdrawing the post, which leaves lines of its own.
var _ = correction.Register(correction.Ledger{Table: "appointment", Ja: "任命・指定", En: "appointment", Recorded: "recorded_at",
	About: `t.person || '　' || t.title`, Read: tenants.ReadRegister, Act: tenants.WritePeople, After: correctPost,
	Fields: []correction.Field{
		{Name: "appointed_by", Ja: "任命・指定した人", En: "Given by", Kind: correction.Line, Longest: 60},
		{Name: "document", Ja: "文書番号", En: "Document", Kind: correction.Line, Longest: 60},
		{Name: "document_on", Ja: "文書の日付", En: "Date of the document", Kind: correction.Date},
	}})

// correctPost brings the post itself up to its newest entry, so that later entries are written from what is right. It is a
// change of the post like any other: where the town asks for a second person for those, for this too.
func correctPost(_ context.Context, tx *tenants.Tx, r correction.Record) error {
	var e struct {
		HomeID, PostID int64
		Newest         bool
	}
	err := tx.DB.Raw(`SELECT a.home_id, a.post_id, NOT EXISTS (SELECT FROM appointment n WHERE n.tenant_id = a.tenant_id AND n.home_id = a.home_id AND n.post_id = a.post_id
		AND n.id > a.id) AS newest FROM appointment a WHERE a.tenant_id = @town AND a.id = @id`, map[string]any{"town": r.TenantID, "id": r.ID}).Take(&e).Error
	if err != nil {
		return fmt.Errorf("correct entry %d of the register: %w", r.ID, err)
	}
	if err := tx.Permit(tenants.WritePeople, e.HomeID, r.TenantID); err != nil {
		return err
	}
	if !e.Newest {
		return nil
	}
	err = tx.DB.Exec(`UPDATE post SET appointed_by_id = CASE WHEN appointed_by = @by THEN appointed_by_id END, appointed_by = @by, document = @document,
		document_on = CAST(nullif(@on, '') AS date) WHERE tenant_id = @home AND id = @post`,
		map[string]any{"by": r.Now["appointed_by"], "document": r.Now["document"], "on": r.Now["document_on"], "home": e.HomeID, "post": e.PostID}).Error
	if err != nil {
		return fmt.Errorf("correct entry %d of the register: %w", r.ID, err)
	}
	newest := r.Corrections[len(r.Corrections)-1]
	return tx.Record(tenants.Line{Town: e.HomeID, Act: tenants.WritePeople, Object: "post", ObjectID: e.PostID, Before: newest.Was, After: newest.Becomes})
}

// withCorrections lays what was corrected over entries of the register.
func withCorrections(tx *tenants.Tx, entries []Entry) error {
	return correction.Over(tx, "appointment", entries, func(e *Entry) (int64, int64) { return e.TenantID, e.ID }, func(e *Entry, h correction.History) {
		e.Corrections = h
		h.Text("appointed_by", &e.AppointedBy)
		h.Text("document", &e.Document)
		h.Date("document_on", &e.DocumentOn)
	})
}
