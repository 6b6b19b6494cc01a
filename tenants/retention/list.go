package retention

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/volume"
)

// Volume is a bound month of one kind of a town's records.
type Volume struct {
	TenantID   int64
	ID         int64
	Code       string // of the town
	Kind       string
	Number     int
	Month      calendar.Date // its first day
	FiscalYear int
	Columns    string
	AfterID    int64
	LastID     int64
	RowCount   int64
	SHA256     string `gorm:"column:sha256"`
	Previous   string
	Digest     string
	BoundAt    time.Time
	RemovedAt  *time.Time // when the last of its rows were removed
	Removed    int64      // how many have been
	Years      *int       // by which rule
}

// Gone tells whether rows of it are missing by rule: it can no longer be exported.
func (v Volume) Gone() bool { return v.Removed > 0 }

// Colophon is what closes it in a file.
func (v Volume) Colophon() volume.Colophon {
	return volume.Colophon{Town: v.Code, Kind: v.Kind, Number: v.Number, Month: v.Month.String()[:7], Columns: strings.Split(v.Columns, ","),
		AfterID: v.AfterID, LastID: v.LastID, Rows: v.RowCount, SHA256: v.SHA256, Previous: v.Previous, BoundAt: v.BoundAt, Digest: v.Digest}
}

// FileName is what its file is called.
func (v Volume) FileName() string {
	return fmt.Sprintf("tanamori-%s-%s-%s-%d.jsonl", v.Code, v.Kind, v.Month.String()[:7], v.Number)
}

// Filter chooses volumes of a town.
type Filter struct {
	Kind       string // "" is every kind
	FiscalYear int    // of the month; 0 is every year
	Before     int64  // id; 0 is the newest
	Limit      int
}

const volumeColumns = `v.tenant_id, v.id, t.code, v.kind, v.number, v.month, v.fiscal_year, array_to_string(v.columns, ',') AS columns, v.after_id, v.last_id,
	v.row_count, v.sha256, v.previous, v.digest, v.bound_at, e.removed_at, coalesce(e.removed, 0) AS removed, e.years`

const volumeFrom = ` FROM volume v JOIN tenant t ON t.id = v.tenant_id
	LEFT JOIN LATERAL (SELECT max(x.at) AS removed_at, sum(x.row_count) AS removed, max(x.years) AS years FROM expiry x
		WHERE x.tenant_id = v.tenant_id AND x.volume_id = v.id) e ON true WHERE v.tenant_id = @town`

// Volumes lists a town's volumes, the newest first.
func Volumes(_ context.Context, tx *tenants.Tx, town int64, f Filter) ([]Volume, error) {
	if err := tx.Permit(tenants.ReadRetention, town); err != nil {
		return nil, err
	}
	var found []Volume
	err := tx.DB.Raw(`SELECT `+volumeColumns+volumeFrom+`
		AND (@kind = '' OR v.kind = @kind) AND (CAST(@before AS bigint) = 0 OR v.id < @before)
		AND (CAST(@year AS integer) = 0 OR tanamori_fiscal_year(v.month) = @year) ORDER BY v.id DESC LIMIT @limit`,
		map[string]any{"town": town, "kind": f.Kind, "before": f.Before, "year": f.FiscalYear, "limit": f.Limit}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list volumes of town %d: %w", town, err)
	}
	return found, nil
}

// Get is one volume.
func Get(_ context.Context, tx *tenants.Tx, town int64, kind string, number int) (Volume, error) {
	if err := tx.Permit(tenants.ReadRetention, town); err != nil {
		return Volume{}, err
	}
	var found []Volume
	err := tx.DB.Raw(`SELECT `+volumeColumns+volumeFrom+` AND v.kind = @kind AND v.number = @number`,
		map[string]any{"town": town, "kind": kind, "number": number}).Scan(&found).Error
	if err != nil {
		return Volume{}, fmt.Errorf("read volume %d of %s: %w", number, kind, err)
	}
	if len(found) == 0 {
		return Volume{}, tenants.NotFound()
	}
	return found[0], nil
}

// MayRead tells of which kinds the actor's posts allow to read the town's records themselves.
func MayRead(_ context.Context, tx *tenants.Tx, town int64) (map[string]bool, error) {
	if err := tx.Permit(tenants.ReadRetention, town); err != nil {
		return nil, err
	}
	all, err := kinds(tx)
	if err != nil {
		return nil, err
	}
	may := make(map[string]bool, len(all))
	for name, k := range all {
		may[name] = tx.Actor.May(tenants.ExportVolume, town) && tx.Actor.May(tenants.Act(k.Act), town)
	}
	return may, nil
}

// TakeOut is the beginning of an export: whether this person may have the volume's records, and the line that says they
// took them. The records follow by Write, in a transaction of their own, so that the line stands however far that comes.
func TakeOut(ctx context.Context, tx *tenants.Tx, town int64, kind string, number int) (Volume, error) {
	if err := tx.Permit(tenants.ExportVolume, town); err != nil {
		return Volume{}, err
	}
	k, err := kindNamed(tx, kind)
	if err != nil {
		return Volume{}, err
	}
	if err := tx.Permit(tenants.Act(k.Act), town); err != nil {
		return Volume{}, err
	}
	v, err := Get(ctx, tx, town, kind, number)
	if err != nil {
		return v, err
	}
	if v.Gone() {
		on := calendar.DateOf(*v.RemovedAt, time.UTC)
		return v, tenants.Gone(fmt.Sprintf("保存期間が満了し、%sに廃棄されました。簿冊の奥付だけが残っています。", on.Wareki()),
			fmt.Sprintf("Its records were removed on %s, their retention being over. Only its colophon is left.", on))
	}
	return v, tx.Record(tenants.Line{Town: town, Act: tenants.ExportVolume, Object: "volume", ObjectID: v.ID,
		After: map[string]any{"kind": v.Kind, "number": v.Number, "month": v.Month.String()[:7], "rows": v.RowCount}})
}

// Write sends a volume's file, row by row. A row that is not what it was is not found here: whoever has the file finds it.
func Write(_ context.Context, tx *tenants.Tx, v Volume, to io.Writer) error {
	if err := tx.Permit(tenants.ExportVolume, v.TenantID); err != nil {
		return err
	}
	k, err := kindNamed(tx, v.Kind)
	if err != nil {
		return err
	}
	if err := tx.Permit(tenants.Act(k.Act), v.TenantID); err != nil {
		return err
	}
	if err := settle(tx); err != nil {
		return err
	}
	if err := volume.WriteHead(to); err != nil {
		return err
	}
	if err := eachRow(tx, k, v.TenantID, strings.Split(v.Columns, ","), v.AfterID, v.LastID, volume.NewRows(to).Add); err != nil {
		return err
	}
	return volume.WriteColophon(to, v.Colophon())
}
