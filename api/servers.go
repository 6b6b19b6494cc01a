package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/server"
)

// Server is one machine of one town.
type Server struct {
	TownID    int64      `json:"town_id"`
	ID        int64      `json:"id"`
	Position  int        `json:"position" doc:"The order in which the town's servers are shown."`
	Name      string     `json:"name" example:"戸籍正"`
	Role      string     `json:"role" example:"戸籍"`
	RackPlace string     `json:"rack_place" example:"ラック3 U12"`
	Note      string     `json:"note"`
	RetiredAt *time.Time `json:"retired_at" doc:"When it went out of use (廃止)."`
}

// ServerInput is what is entered about a server.
type ServerInput struct {
	Position  int    `json:"position,omitempty" doc:"0: after the others, or where it is."`
	Name      string `json:"name" maxLength:"1000"`
	Role      string `json:"role" maxLength:"1000"`
	RackPlace string `json:"rack_place,omitempty" maxLength:"1000"`
	Note      string `json:"note,omitempty" maxLength:"10000"`
}

func serverOf(s server.Server) Server {
	return Server{TownID: s.TenantID, ID: s.ID, Position: s.Position, Name: s.Name, Role: s.Role, RackPlace: s.RackPlace, Note: s.Note, RetiredAt: utc(s.RetiredAt)}
}

func listServers(ctx context.Context, tx *tenants.Tx, in *InTown) (List[Server], error) {
	servers, err := server.List(ctx, tx, in.Town)
	return whole(servers, serverOf), err
}

func searchServers(ctx context.Context, tx *tenants.Tx, in *struct {
	Text  string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Part of a name, role or place, as people write it: サーバー finds サーバ."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many to give at most."`
}) (List[Server], error) {
	servers, err := server.Search(ctx, tx, in.Text, in.Limit)
	return whole(servers, serverOf), err
}

func getServer(ctx context.Context, tx *tenants.Tx, in *Of) (Server, error) {
	s, err := server.Get(ctx, tx, in.Town, in.ID)
	return serverOf(s), err
}

func addServer(ctx context.Context, tx *tenants.Tx, in *townWith[ServerInput]) (Server, error) {
	s, err := server.Add(ctx, tx, in.Town, server.Input(in.Body))
	return serverOf(s), err
}

func changeServer(ctx context.Context, tx *tenants.Tx, in *ofWith[ServerInput]) (Server, error) {
	s, err := server.Change(ctx, tx, in.Town, in.ID, server.Input(in.Body))
	return serverOf(s), err
}

func retireServer(ctx context.Context, tx *tenants.Tx, in *Of) (Server, error) {
	s, err := backup.RetireServer(ctx, tx, in.Town, in.ID)
	return serverOf(s), err
}
