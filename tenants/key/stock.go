package key

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/entry"
	"tanamori/tenants/label"
)

// Inventory is one count of a cabinet (棚卸).
type Inventory struct {
	TenantID    int64
	ID          int64
	CabinetID   int64
	Cabinet     string
	OccurredAt  time.Time
	RecordedAt  time.Time
	ByID        int64
	ByText      string
	Expected    int // that should hang there
	Found       int // that were seen
	Differences int
	Note        string
	Lines       []InventoryLine `gorm:"-"`
}

// InventoryLine is what was seen of one copy.
type InventoryLine struct {
	CopyID   int64
	CopyName string
	Serial   string
	Slot     int
	Seen     string
	Detail   string // who has it, where it belongs
	State    string // how the copy stands today
}

// Differs tells whether it is not as the ledger says.
func (l InventoryLine) Differs() bool {
	return l.Seen == Missing || l.Seen == Unexpected || l.Seen == Stray
}

// StockInput is what is entered about a count.
type StockInput struct {
	Codes  string // the labels that were read, one a line or with spaces between
	Accept bool   // the differences were seen; it is written down with them
	Note   string
}

// Compare is the rule of a count: of the copies of a host, which belong to the cabinet or were read there, what was seen of each. The
// lines are in the order of the copies.
func Compare(cabinet int64, copies []Copy, read map[int64]bool) (lines []InventoryLine, expected, found int) {
	for _, c := range copies {
		line := InventoryLine{CopyID: c.ID, CopyName: c.Name(), Serial: c.Serial, Slot: c.Slot, State: c.State}
		here, seen := c.CabinetID == cabinet, read[c.ID]
		switch {
		case !here && !seen:
			continue
		case !here:
			line.Seen, line.Detail = Stray, c.Cabinet
		case c.State == In && seen:
			line.Seen = Present
		case c.State == In:
			line.Seen = Missing
		case seen:
			line.Seen, line.Detail = Unexpected, c.Holder
		case c.State == Out:
			line.Seen, line.Detail = Out, c.Holder
		default:
			line.Seen, line.Detail = Lost, c.Holder
		}
		if here && c.State == In {
			expected++
		}
		if seen {
			found++
		}
		lines = append(lines, line)
	}
	return lines, expected, found
}

// TakeStock counts a cabinet: the labels that were read against what should hang in it. Where they differ it is written down only
// once whoever counts has seen how (Accept); the pipeline asks somebody to look into it until a count agrees.
func TakeStock(ctx context.Context, tx *tenants.Tx, id int64, in StockInput) (Inventory, error) {
	if err := tx.Permit(tenants.LendKey, tx.Actor.TenantID); err != nil {
		return Inventory{}, err
	}
	c, err := cabinetInUse(tx, id)
	if err != nil {
		return Inventory{}, err
	}
	read, err := readCodes(ctx, tx, in.Codes)
	if err != nil {
		return Inventory{}, err
	}
	all, err := many[Copy](tx, copies+`WHERE c.tenant_id = ? AND c.retired_at IS NULL ORDER BY c.cabinet_id, c.slot`, tx.Actor.TenantID)
	if err != nil {
		return Inventory{}, err
	}
	n := Inventory{TenantID: tx.Actor.TenantID, CabinetID: id, Cabinet: c.Name, OccurredAt: tx.Now, RecordedAt: tx.Now, ByID: tx.Actor.PersonID, ByText: tx.Actor.Text()}
	n.Lines, n.Expected, n.Found = Compare(id, all, read)
	ja, en := n.said()
	var v tenants.Invalid
	n.Note = entry.OptionalLine(&v, "note", in.Note, 200)
	if n.Differences = len(ja); n.Differences > 0 && !in.Accept {
		v.Add("accept", "台帳と食い違っています："+listed(ja)+"。読み取りもれがないか確かめ、このまま記録するときはチェックを付けてください。",
			"It differs from the ledger: "+strings.Join(en, ", ")+". Make sure that nothing was skipped; tick this to write it down as it is.")
	}
	if err := v.Err(); err != nil {
		return Inventory{}, err
	}
	if err := n.keep(tx); err != nil {
		return Inventory{}, err
	}
	zone, err := location(tx)
	if err != nil {
		return Inventory{}, err
	}
	next := calendar.DateOf(tx.Now, zone).AddMonths(c.StockMonths)
	err = tx.DB.Exec(`UPDATE key_cabinet SET stocked_at = @now, stocked_by = @by, stock_due_on = @due WHERE tenant_id = @town AND id = @id`,
		map[string]any{"now": tx.Now, "by": n.ByText, "due": next, "town": n.TenantID, "id": id}).Error
	if err != nil {
		return Inventory{}, fmt.Errorf("count cabinet %s: %w", c.Name, err)
	}
	if c.DutyID != nil {
		if err := n.answer(ctx, tx, *c.DutyID, ja, next); err != nil {
			return Inventory{}, err
		}
	}
	return n, recorded(tx, tenants.LendKey, "key_inventory", n.ID, nil, map[string]any{"cabinet": c.Name, "expected": n.Expected, "found": n.Found, "differences": ja})
}

// said are the differences in words.
func (n Inventory) said() (ja, en []string) {
	for _, l := range n.Lines {
		switch l.Seen {
		case Missing:
			ja, en = append(ja, l.CopyName+"が見当たらない"), append(en, l.CopyName+" is missing")
		case Unexpected:
			ja, en = append(ja, l.CopyName+"が台帳では保管庫の外だが、ここにある"), append(en, l.CopyName+" is here although the ledger has it elsewhere")
		case Stray:
			ja, en = append(ja, l.CopyName+"は"+l.Detail+"のものだが、ここにある"), append(en, l.CopyName+" belongs to "+l.Detail)
		}
	}
	return ja, en
}

// answer tells the pipeline of a count. While it differs nothing further is asked for: the incident stays until a count agrees.
func (n Inventory) answer(ctx context.Context, tx *tenants.Tx, of int64, differences []string, next calendar.Date) error {
	if len(differences) > 0 {
		return duty.Answer(ctx, tx, tenants.LendKey, n.TenantID, of, false, tx.Now, tenants.Reason{Code: "key.short", Params: tenants.Params{"found": listed(differences)}})
	}
	if err := duty.Answer(ctx, tx, tenants.LendKey, n.TenantID, of, true, tx.Now, tenants.Reason{Code: "key.stocked"}); err != nil {
		return err
	}
	by, err := duty.ByTheDay(ctx, tx, n.TenantID, next)
	if err != nil {
		return err
	}
	return duty.Again(ctx, tx, tenants.LendKey, n.TenantID, of, by)
}

func (n *Inventory) keep(tx *tenants.Tx) error {
	args := map[string]any{"town": n.TenantID, "cabinet": n.CabinetID, "now": tx.Now, "by": n.ByID, "text": n.ByText, "expected": n.Expected, "found": n.Found, "differences": n.Differences, "note": n.Note}
	err := tx.DB.Raw(`INSERT INTO key_inventory (tenant_id, cabinet_id, occurred_at, recorded_at, by_id, by_text, expected, found, differences, note)
		VALUES (@town, @cabinet, @now, @now, @by, @text, @expected, @found, @differences, @note) RETURNING id`, args).Scan(&n.ID).Error
	if err != nil {
		return fmt.Errorf("count cabinet %s: %w", n.Cabinet, err)
	}
	var ids []int64
	var seen, details []string
	for _, l := range n.Lines {
		ids, seen, details = append(ids, l.CopyID), append(seen, l.Seen), append(details, l.Detail)
	}
	if len(ids) == 0 {
		return nil
	}
	err = tx.DB.Exec(`INSERT INTO key_inventory_line (tenant_id, inventory_id, copy_id, recorded_at, seen, detail)
		SELECT @town, @inventory, copy, @now, seen, detail FROM unnest(CAST(@copies AS bigint[]), CAST(@seen AS text[]), CAST(@details AS text[]))
			WITH ORDINALITY AS x (copy, seen, detail, n) ORDER BY n`,
		map[string]any{"town": n.TenantID, "inventory": n.ID, "now": tx.Now, "copies": &ids, "seen": &seen, "details": &details}).Error
	if err != nil {
		return fmt.Errorf("count cabinet %s: %w", n.Cabinet, err)
	}
	return nil
}

// readCodes gives the copies whose labels were read. What is no label of a key in use is said at the field.
func readCodes(ctx context.Context, tx *tenants.Tx, text string) (map[int64]bool, error) {
	labels, err := label.Of(ctx, tx, tenants.LendKey, tx.Actor.TenantID, Kind)
	if err != nil {
		return nil, err
	}
	of := map[string]int64{}
	for id, code := range labels {
		of[code] = id
	}
	read := map[int64]bool{}
	var wrong []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t 　,、", r) }) {
		if id, ok := of[label.Typed(word)]; ok {
			read[id] = true
		} else if len(wrong) <= 5 && !slices.Contains(wrong, word) { // more are not told
			wrong = append(wrong, word)
		}
	}
	var v tenants.Invalid
	if len(wrong) > 0 {
		if len(wrong) > 5 {
			wrong = append(wrong[:5], "…")
		}
		v.Add("codes", "使用中の鍵のラベルではありません："+listed(wrong), "No label of a key in use: "+strings.Join(wrong, ", "))
	}
	return read, v.Err()
}
