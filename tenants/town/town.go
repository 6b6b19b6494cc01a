// Package town is the room of the organisations (団体): the host town and the towns it works for, their own closed days,
// and in what order and how soon their people are called.
package town

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// The kinds of towns.
const (
	Host   = "host"   // 受託町
	Member = "member" // 関係町村
)

// Town is one municipality in one consortium.
type Town struct {
	ID           int64
	ConsortiumID int64
	Code         string // 全国地方公共団体コード, six digits
	Kind         string // Host or Member
	Name         string
	Kana         string
	Zone         string // IANA time zone
	JoinedOn     calendar.Date
	LeftOn       *calendar.Date // the first day on which it is no longer served
	PingKey      string         // for check-ins by slug; empty for those who may not read check-in addresses
}

// Location is the town's time zone.
func (t Town) Location() *time.Location {
	loc, err := time.LoadLocation(t.Zone)
	if err != nil { // checked when it was written; only a machine without that zone's data comes here
		return time.UTC
	}
	return loc
}

// HasLeft tells whether the town is no longer served on the day.
func (t Town) HasLeft(on calendar.Date) bool { return t.LeftOn != nil && !on.Before(*t.LeftOn) }

// ConsortiumInfo is a host and its towns under one agreement.
type ConsortiumInfo struct {
	ID   int64
	Name string
	Demo bool // loaded for demonstration: its people and machines do not exist
}

const columns = `id, consortium_id, code, kind, name, kana, zone, joined_on, left_on,
	CASE WHEN @ping_key THEN ping_key ELSE '' END AS ping_key`

// List gives the towns that the actor sees, the host first, then in order of their codes; those that left are among
// them, for their records stay. Jobs see every town.
func List(_ context.Context, tx *tenants.Tx) ([]Town, error) {
	towns, err := tx.Reach(reading(tx))
	if err != nil {
		return nil, err
	}
	return read(tx, towns, tx.Actor.Holds(tenants.Pipeline))
}

// Get gives one town.
func Get(_ context.Context, tx *tenants.Tx, id int64) (Town, error) {
	if err := tx.Permit(reading(tx), id); err != nil {
		return Town{}, err
	}
	return get(tx, id)
}

// ByID gives the towns of the ids, as many as there are.
func ByID(_ context.Context, tx *tenants.Tx, ids []int64) (map[int64]Town, error) {
	if err := tx.Permit(reading(tx), ids...); err != nil {
		return nil, err
	}
	towns, err := read(tx, ids, false)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]Town, len(towns))
	for _, t := range towns {
		byID[t.ID] = t
	}
	return byID, nil
}

func get(tx *tenants.Tx, id int64) (Town, error) {
	towns, err := read(tx, []int64{id}, false)
	if err != nil {
		return Town{}, err
	}
	if len(towns) == 0 {
		return Town{}, tenants.NotFound()
	}
	return towns[0], nil
}

func read(tx *tenants.Tx, ids []int64, all bool) ([]Town, error) {
	var towns []Town
	err := tx.DB.Raw(`SELECT `+columns+` FROM tenant WHERE (@all OR id = ANY (string_to_array(@ids, ',')::bigint[]))
		ORDER BY consortium_id, kind = 'member', code`,
		map[string]any{"ids": tenants.IDs(ids), "all": all, "ping_key": tx.Actor.May(tenants.ReadPingURL)}).Scan(&towns).Error
	if err != nil {
		return nil, fmt.Errorf("read towns: %w", err)
	}
	hideKeys(tx, towns)
	return towns, nil
}

// hideKeys takes the ping keys away where the actor may not read them.
func hideKeys(tx *tenants.Tx, towns []Town) {
	for i, t := range towns {
		if t.PingKey != "" && !tx.Actor.May(tenants.ReadPingURL, t.ID) {
			towns[i].PingKey = ""
		}
	}
}

// Consortium gives the actor's own one.
func Consortium(_ context.Context, tx *tenants.Tx) (ConsortiumInfo, error) {
	if err := tx.Permit(tenants.ReadTown); err != nil {
		return ConsortiumInfo{}, err
	}
	var c ConsortiumInfo
	err := tx.DB.Raw(`SELECT id, name, demo FROM consortium WHERE id = ?`, tx.Actor.Consortium).Take(&c).Error
	if err != nil {
		return ConsortiumInfo{}, fmt.Errorf("read consortium: %w", err)
	}
	return c, nil
}

// reading is the act of whoever reads: the pipeline needs the towns' zones, days and ladders for its own work.
func reading(tx *tenants.Tx) tenants.Act {
	if tx.Actor.Holds(tenants.Pipeline) {
		return tenants.RunPipeline
	}
	return tenants.ReadTown
}
