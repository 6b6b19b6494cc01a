package town

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

var _ = tenants.Constraint("ladder_name", "name", "この名前はすでに使われています。", "This name is in use already.")

// Ladder says how soon after an incident opens each contact is told, and how often the last one again.
type Ladder struct {
	TenantID      int64
	ID            int64
	Name          string
	Delays        []int // minutes after the opening, one a contact, ascending
	RepeatMinutes int   // between the repetitions to the last contact
}

// LadderInput is what a person enters about a ladder.
type LadderInput struct {
	Name          string
	Delays        []int // minutes, ascending, 1 to 20 of them, each at most 10,080 (a week)
	RepeatMinutes int   // 5 to 1,440
}

const (
	mostRungs    = 20
	longestDelay = 7 * 24 * 60
)

// Ladders gives the ladders of the towns, each town's default one first.
func Ladders(_ context.Context, tx *tenants.Tx, towns ...int64) ([]Ladder, error) {
	if err := tx.Permit(reading(tx), towns...); err != nil {
		return nil, err
	}
	return ladders(tx, `tenant_id = ANY (string_to_array(?, ',')::bigint[]) ORDER BY tenant_id, id`, tenants.IDs(towns))
}

// DefaultLadder gives the id of the town's default ladder: the one that it came with.
func DefaultLadder(_ context.Context, tx *tenants.Tx, town int64) (int64, error) {
	if err := tx.Permit(reading(tx), town); err != nil {
		return 0, err
	}
	found, err := ladders(tx, `tenant_id = ? ORDER BY id LIMIT 1`, town)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, tenants.NotFound()
	}
	return found[0].ID, nil
}

// ChangeLadder writes a ladder anew. Incidents that are open keep the ladder they opened with.
func ChangeLadder(_ context.Context, tx *tenants.Tx, town, id int64, in LadderInput) (Ladder, error) {
	if err := tx.Permit(tenants.WriteTown, town); err != nil {
		return Ladder{}, err
	}
	if err := in.check(); err != nil {
		return Ladder{}, err
	}
	before, err := ladders(tx, `tenant_id = ? AND id = ? FOR UPDATE`, town, id)
	if err != nil {
		return Ladder{}, err
	}
	if len(before) == 0 {
		return Ladder{}, tenants.NotFound()
	}
	delays := make([]int64, len(in.Delays))
	for i, d := range in.Delays {
		delays[i] = int64(d)
	}
	err = tx.DB.Exec(`UPDATE ladder SET name = @name, delays_minutes = string_to_array(@delays, ',')::integer[], repeat_minutes = @repeat
		WHERE tenant_id = @town AND id = @id`,
		map[string]any{"town": town, "id": id, "name": in.Name, "delays": tenants.IDs(delays), "repeat": in.RepeatMinutes}).Error
	if err != nil {
		return Ladder{}, fmt.Errorf("change ladder %d of town %d: %w", id, town, err)
	}
	after := Ladder{TenantID: town, ID: id, Name: in.Name, Delays: in.Delays, RepeatMinutes: in.RepeatMinutes}
	return after, written(tx, tenants.Line{Town: town, Act: tenants.WriteTown, Object: "ladder", ObjectID: id, Before: before[0], After: after})
}

func (in *LadderInput) check() error {
	var v tenants.Invalid
	in.Name = entry.Line(&v, "name", in.Name, 40)
	if len(in.Delays) == 0 || len(in.Delays) > mostRungs {
		v.Add("delays", fmt.Sprintf("連絡までの時間（分）を1個から%d個まで入力してください。", mostRungs),
			fmt.Sprintf("Enter 1 to %d delays in minutes.", mostRungs))
	}
	for i, d := range in.Delays {
		if d < 0 || d > longestDelay {
			v.Add("delays", fmt.Sprintf("連絡までの時間は0分から%d分までです。", longestDelay), fmt.Sprintf("A delay is 0 to %d minutes.", longestDelay))
			break
		}
		if i > 0 && d < in.Delays[i-1] {
			v.Add("delays", "連絡までの時間は、短いものから順に入力してください。", "Enter the delays from the shortest to the longest.")
			break
		}
	}
	if in.RepeatMinutes < 5 || in.RepeatMinutes > 1440 {
		v.Add("repeat_minutes", "くり返しの間隔は5分から1440分までです。", "The repetition is every 5 to 1,440 minutes.")
	}
	return v.Err()
}

// ladders reads those that the condition names; it is one of the constants above, never input.
func ladders(tx *tenants.Tx, where string, args ...any) ([]Ladder, error) {
	var rows []struct {
		TenantID      int64
		ID            int64
		Name          string
		Delays        string
		RepeatMinutes int
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, name, array_to_string(delays_minutes, ',') AS delays, repeat_minutes FROM ladder
		WHERE `+where, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read ladders: %w", err)
	}
	found := make([]Ladder, len(rows))
	for i, r := range rows {
		found[i] = Ladder{TenantID: r.TenantID, ID: r.ID, Name: r.Name, RepeatMinutes: r.RepeatMinutes}
		for _, d := range strings.Split(r.Delays, ",") {
			n, err := strconv.Atoi(d)
			if err != nil {
				return nil, fmt.Errorf("read ladder %d: %w", r.ID, err)
			}
			found[i].Delays = append(found[i].Delays, n)
		}
	}
	return found, nil
}
