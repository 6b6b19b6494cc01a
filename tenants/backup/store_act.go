package backup

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/backup/store"
)

// Store is a place where a town's copies lie. It belongs to that one town.
type Store struct {
	TenantID  int64
	ID        int64
	Name      string
	Kind      string // "dir": a directory, local or NFS
	Root      string
	CreatedAt time.Time
	RetiredAt *time.Time
}

// TableName is the store's table.
func (Store) TableName() string { return "store" }

// Open gives the store for reading. Nothing is touched yet.
func (s Store) Open() store.Store { return store.NewDir(s.Root, "", storeRoots()...) }

// The folders that stores may lie in, as whoever runs this process has set them: below which something is mounted is a matter
// of the machine, not of a town.
var allowedRoots atomic.Pointer[[]string]

// AllowRoots sets the folders of this process, before anything is served; none: any folder.
func AllowRoots(folders ...string) { allowedRoots.Store(&folders) }

func storeRoots() []string {
	if p := allowedRoots.Load(); p != nil {
		return *p
	}
	return nil
}

// StoreInput is what a person says of a store.
type StoreInput struct {
	Name string
	Root string
}

var _ = tenants.Constraint("store_name", "name", "同じ名称の保管先があります。", "There is a store of this name already.")

func (in *StoreInput) check() error {
	var v tenants.Invalid
	in.Name, in.Root = strings.TrimSpace(in.Name), strings.TrimSpace(in.Root)
	if in.Name == "" || len([]rune(in.Name)) > 100 {
		v.Add("name", "名称を100字以内で入力してください。", "Enter a name of at most 100 characters.")
	}
	if !filepath.IsAbs(in.Root) || strings.ContainsRune(in.Root, 0) || filepath.Clean(in.Root) == "/" {
		v.Add("root", "「/」で始まるフォルダーの位置を入力してください（「/」そのものは指定できません）。",
			"Enter the folder's place beginning with “/” (not “/” itself).")
	} else {
		in.Root = filepath.Clean(in.Root)
		if roots := storeRoots(); len(roots) > 0 && !store.Below(in.Root, roots...) {
			places := strings.Join(roots, " ")
			v.Add("root", "このサーバで保管先にできるのは、次のフォルダーの中だけです："+places, "On this server stores lie below these folders only: "+places)
		}
	}
	return v.Err()
}

// AddStore adds a store to a town.
func AddStore(ctx context.Context, tx *tenants.Tx, town int64, in StoreInput) (Store, error) {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return Store{}, err
	}
	if err := in.check(); err != nil {
		return Store{}, err
	}
	s := Store{TenantID: town, Name: in.Name, Kind: "dir", Root: in.Root, CreatedAt: tx.Now}
	if err := gorm.G[Store](tx.DB).Create(ctx, &s); err != nil {
		return Store{}, fmt.Errorf("add store: %w", err)
	}
	return s, tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "store", ObjectID: s.ID, After: s})
}

// ChangeStore changes a store's name or place.
func ChangeStore(ctx context.Context, tx *tenants.Tx, town, id int64, in StoreInput) (Store, error) {
	if err := tx.Permit(tenants.WritePlan, town); err != nil {
		return Store{}, err
	}
	if err := in.check(); err != nil {
		return Store{}, err
	}
	before, err := gorm.G[Store](tx.DB).Where("tenant_id = ? AND id = ? AND retired_at IS NULL", town, id).Take(ctx)
	if err != nil {
		return Store{}, fmt.Errorf("read store %d: %w", id, err)
	}
	after := before
	after.Name, after.Root = in.Name, in.Root
	if _, err := gorm.G[Store](tx.DB).Where("tenant_id = ? AND id = ?", town, id).Select("name", "root").Updates(ctx, after); err != nil {
		return Store{}, fmt.Errorf("change store %d: %w", id, err)
	}
	return after, tx.Record(tenants.Line{Town: town, Act: tenants.WritePlan, Object: "store", ObjectID: id, Before: before, After: after})
}

// ListStores lists a town's stores in use.
func ListStores(ctx context.Context, tx *tenants.Tx, town int64) ([]Store, error) {
	if err := tx.Permit(tenants.ReadPlan, town); err != nil {
		return nil, err
	}
	stores, err := gorm.G[Store](tx.DB).Where("tenant_id = ? AND retired_at IS NULL", town).Order("name, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list stores of town %d: %w", town, err)
	}
	return stores, nil
}

// GetStore reads one store.
func GetStore(ctx context.Context, tx *tenants.Tx, town, id int64) (Store, error) {
	if err := tx.Permit(tenants.ReadPlan, town); err != nil {
		return Store{}, err
	}
	s, err := gorm.G[Store](tx.DB).Where("tenant_id = ? AND id = ?", town, id).Take(ctx)
	if err != nil {
		return Store{}, fmt.Errorf("read store %d: %w", id, err)
	}
	return s, nil
}
