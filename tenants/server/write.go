package server

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("server_name", "name", "この団体には同じ名前のサーバがあります。", "The town has a server of this name already.")

// Input is what a person enters about a server.
type Input struct {
	Position  int // 0: after the others, or where it is
	Name      string
	Role      string
	RackPlace string // may be empty
	Note      string // may be empty
}

func (in Input) checked() (Input, error) {
	var v tenants.Invalid
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Role = entry.Line(&v, "role", in.Role, 40)
	in.RackPlace = entry.OptionalLine(&v, "rack_place", in.RackPlace, 60)
	in.Note = entry.Text(&v, "note", in.Note, 2000)
	if in.Position < 0 || in.Position > 9999 {
		v.Add("position", "表示順は1から9999までの数字で入力してください。", "The position is a number from 1 to 9999.")
	}
	return in, v.Err()
}

func (in Input) args(town int64) map[string]any {
	return map[string]any{"town": town, "position": in.Position, "name": in.Name, "role": in.Role, "place": in.RackPlace,
		"note": in.Note, "search": tenants.SearchKey(in.Name, in.Role, in.RackPlace)}
}

// Add puts a server into the town's list.
func Add(_ context.Context, tx *tenants.Tx, town int64, in Input) (Server, error) {
	if err := tx.Permit(tenants.WriteServer, town); err != nil {
		return Server{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Server{}, err
	}
	args := in.args(town)
	args["now"] = tx.Now
	var s Server
	err = tx.DB.Raw(`
		INSERT INTO server (tenant_id, position, name, role, rack_place, note, search, created_at)
		SELECT @town, CASE WHEN @position > 0 THEN @position ELSE
				(SELECT coalesce(max(position), 0) + 1 FROM server WHERE tenant_id = @town) END,
			@name, @role, @place, @note, @search, CAST(@now AS timestamptz)
		RETURNING `+columns, args).Scan(&s).Error
	if err != nil {
		return Server{}, fmt.Errorf("add server to town %d: %w", town, err)
	}
	return s, written(tx, tenants.Line{Town: town, ObjectID: s.ID, After: s})
}

// Change writes a server anew. A retired one stays as it was.
func Change(_ context.Context, tx *tenants.Tx, town, id int64, in Input) (Server, error) {
	if err := tx.Permit(tenants.WriteServer, town); err != nil {
		return Server{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Server{}, err
	}
	before, err := inUse(tx, town, id)
	if err != nil {
		return Server{}, err
	}
	args := in.args(town)
	args["id"] = id
	var s Server
	err = tx.DB.Raw(`UPDATE server SET position = CASE WHEN @position > 0 THEN @position ELSE position END,
			name = @name, role = @role, rack_place = @place, note = @note, search = @search
		WHERE tenant_id = @town AND id = @id RETURNING `+columns, args).Scan(&s).Error
	if err != nil {
		return Server{}, fmt.Errorf("change server %d of town %d: %w", id, town, err)
	}
	return s, written(tx, tenants.Line{Town: town, ObjectID: id, Before: before, After: s})
}

// Retire takes a server out of use (廃止). What it did stays on record, and its name is free again; what runs on it is
// for its own rooms to end.
func Retire(_ context.Context, tx *tenants.Tx, town, id int64) (Server, error) {
	if err := tx.Permit(tenants.WriteServer, town); err != nil {
		return Server{}, err
	}
	before, err := inUse(tx, town, id)
	if err != nil {
		return Server{}, err
	}
	var s Server
	err = tx.DB.Raw(`UPDATE server SET retired_at = @now WHERE tenant_id = @town AND id = @id RETURNING `+columns,
		map[string]any{"town": town, "id": id, "now": tx.Now}).Scan(&s).Error
	if err != nil {
		return Server{}, fmt.Errorf("retire server %d of town %d: %w", id, town, err)
	}
	return s, written(tx, tenants.Line{Town: town, ObjectID: id, Before: before, After: s})
}

// inUse reads the server and keeps other changes of it waiting.
func inUse(tx *tenants.Tx, town, id int64) (Server, error) {
	s, err := take(tx, town, id, "FOR UPDATE")
	if err != nil {
		return Server{}, err
	}
	if s.RetiredAt != nil {
		return Server{}, tenants.Conflict("このサーバはすでに廃止されています。", "This server is retired already.")
	}
	return s, nil
}

func written(tx *tenants.Tx, line tenants.Line) error {
	line.Act, line.Object = tenants.WriteServer, "server"
	if err := tx.Wake(tenants.WakePage, line.Town); err != nil {
		return err
	}
	return tx.Record(line)
}

// Place writes into a server's own row where it stands (A-03 U20–21), as the register of racks has it, by that register's act;
// empty where it was taken out.
func Place(_ context.Context, tx *tenants.Tx, act tenants.Act, town, id int64, place string) error {
	if err := tx.Permit(act); err != nil {
		return err
	}
	before, err := take(tx, town, id, "FOR UPDATE")
	if err != nil {
		return err
	}
	if before.RackPlace == place {
		return nil
	}
	after := before
	after.RackPlace = place
	err = tx.DB.Exec(`UPDATE server SET rack_place = @place, search = @search WHERE tenant_id = @town AND id = @id`,
		map[string]any{"place": place, "search": tenants.SearchKey(after.Name, after.Role, place), "town": town, "id": id}).Error
	if err != nil {
		return fmt.Errorf("place server %d of town %d: %w", id, town, err)
	}
	if err := tx.Wake(tenants.WakePage, town); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: town, Act: act, Object: "server", ObjectID: id, Before: before, After: after})
}
