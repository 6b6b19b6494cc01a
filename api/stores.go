package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
)

// Store is a place where a town's copies lie (保管先).
type Store struct {
	TownID    int64      `json:"town_id"`
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind" enum:"dir" doc:"dir: a directory, local or NFS."`
	Root      string     `json:"root" doc:"Where it is on the machine that runs Tanamori."`
	CreatedAt time.Time  `json:"created_at"`
	RetiredAt *time.Time `json:"retired_at"`
}

// StoreInput is what is entered about a store.
type StoreInput struct {
	Name string `json:"name" maxLength:"1000"`
	Root string `json:"root" maxLength:"4096" doc:"An absolute path."`
}

func storeOf(s backup.Store) Store {
	return Store{TownID: s.TenantID, ID: s.ID, Name: s.Name, Kind: s.Kind, Root: s.Root, CreatedAt: s.CreatedAt.UTC(), RetiredAt: utc(s.RetiredAt)}
}

func listStores(ctx context.Context, tx *tenants.Tx, in *InTown) (List[Store], error) {
	stores, err := backup.ListStores(ctx, tx, in.Town)
	return whole(stores, storeOf), err
}

func getStore(ctx context.Context, tx *tenants.Tx, in *Of) (Store, error) {
	s, err := backup.GetStore(ctx, tx, in.Town, in.ID)
	return storeOf(s), err
}

func addStore(ctx context.Context, tx *tenants.Tx, in *townWith[StoreInput]) (Store, error) {
	s, err := backup.AddStore(ctx, tx, in.Town, backup.StoreInput(in.Body))
	return storeOf(s), err
}

func changeStore(ctx context.Context, tx *tenants.Tx, in *ofWith[StoreInput]) (Store, error) {
	s, err := backup.ChangeStore(ctx, tx, in.Town, in.ID, backup.StoreInput(in.Body))
	return storeOf(s), err
}

func retireStore(ctx context.Context, tx *tenants.Tx, in *Of) (Store, error) {
	if err := backup.RetireStore(ctx, tx, in.Town, in.ID); err != nil {
		return Store{}, err
	}
	return getStore(ctx, tx, in)
}
