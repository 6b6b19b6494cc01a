package checkin

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tanamori/tenants"
)

// Source is a place to check in: /ping/{uuid}, or /ping/{the town's ping key}/{slug}. Whoever knows an address can check
// in with it.
type Source struct {
	TenantID  int64
	ID        int64
	UUID      uuid.UUID `gorm:"column:uuid"`
	Slug      string
	Kind      string // the ledger's word: "backup"
	AboutID   int64  // the ledger's own row
	CreatedAt time.Time
	RetiredAt *time.Time
}

// TableName is the source's table.
func (Source) TableName() string { return "source" }

// SourceInput is what a ledger says of a new source.
type SourceInput struct {
	Town    int64
	Slug    string
	Kind    string
	AboutID int64
}

var slugShape = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// ValidSlug tells whether a text can be the last part of a check-in address: a-z, 0-9, - and _, at most 63 characters.
func ValidSlug(s string) bool { return slugShape.MatchString(s) }

var _ = tenants.Constraint("source_slug", "slug", "この団体には同じ短い名前の宛先があります。", "This town has an address of this short name already.")

// AddSource opens a place to check in. It is part of the ledger's own act, which records it.
func AddSource(ctx context.Context, tx *tenants.Tx, in SourceInput) (Source, error) {
	if err := tx.Permit(tenants.WritePlan, in.Town); err != nil {
		return Source{}, err
	}
	var v tenants.Invalid
	if !ValidSlug(in.Slug) {
		v.Add("slug", "半角の英小文字・数字・「-」「_」で、63文字以内で入力してください（先頭は英小文字か数字）。",
			"Use a-z, 0-9, - and _, at most 63 characters, beginning with a letter or a digit.")
	}
	if err := v.Err(); err != nil {
		return Source{}, err
	}
	s := Source{TenantID: in.Town, UUID: uuid.New(), Slug: in.Slug, Kind: in.Kind, AboutID: in.AboutID, CreatedAt: tx.Now}
	if err := gorm.G[Source](tx.DB).Create(ctx, &s); err != nil {
		return Source{}, fmt.Errorf("add source %q: %w", in.Slug, err)
	}
	err := tx.DB.Exec(`INSERT INTO source_state (tenant_id, source_id, seq) VALUES (@town, @id, 0)`,
		map[string]any{"town": s.TenantID, "id": s.ID}).Error
	if err != nil {
		return Source{}, fmt.Errorf("add source %q: %w", in.Slug, err)
	}
	return s, nil
}

// RetireSource closes a place to check in: it answers 404 from the next check-in on, and what came stays. It is part of
// the ledger's own act, which records it.
func RetireSource(ctx context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return err
	}
	return change(ctx, tx, Source{TenantID: town, ID: id, RetiredAt: &tx.Now}, "retired_at")
}

// RotateUUID gives a source a new UUID, where the old one became known to somebody it should not be known to. The old one
// answers 404 from then on; the slug stays.
func RotateUUID(ctx context.Context, tx *tenants.Tx, town, id int64) (Source, error) {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return Source{}, err
	}
	if err := change(ctx, tx, Source{TenantID: town, ID: id, UUID: uuid.New()}, "uuid"); err != nil {
		return Source{}, err
	}
	s, err := find(ctx, tx, town, id)
	if err != nil {
		return Source{}, err
	}
	if err := tx.Wake(tenants.WakePage, town); err != nil {
		return Source{}, err
	}
	// Neither UUID goes into the log: it is read by those who may not check in.
	return s, tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "source", ObjectID: id, After: map[string]any{"uuid": "rotated"}})
}

// change writes one column of a source in use.
func change(ctx context.Context, tx *tenants.Tx, s Source, column string) error {
	n, err := gorm.G[Source](tx.DB).Where("tenant_id = ? AND id = ? AND retired_at IS NULL", s.TenantID, s.ID).Select(column).Updates(ctx, s)
	if err != nil {
		return fmt.Errorf("change %s of source %d: %w", column, s.ID, err)
	}
	if n > 0 {
		return nil
	}
	if _, err := find(ctx, tx, s.TenantID, s.ID); err != nil {
		return err
	}
	return tenants.Conflict("この宛先はすでに廃止されています。", "This address is retired already.")
}

func find(ctx context.Context, tx *tenants.Tx, town, id int64) (Source, error) {
	s, err := gorm.G[Source](tx.DB).Where("tenant_id = ? AND id = ?", town, id).Take(ctx)
	if err != nil {
		return Source{}, fmt.Errorf("find source %d: %w", id, err)
	}
	return s, nil
}
