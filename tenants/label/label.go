// Package label is the labels on racks, keys, cabinets, badges and media: a QR code, and below it the six digits that are
// typed where no camera is to be had.
package label

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
)

var _ = tenants.Constraint("label_of", "code", "すでにラベルがあります。", "It has a label already.")

// Label is one of them.
type Label struct {
	TenantID int64
	Code     string // six digits; the last one checks the others
	Kind     string // what the thing is: "rack"
	ObjectID int64
	MadeAt   time.Time
	VoidAt   *time.Time
}

// damm is the quasigroup of H. Michael Damm's check digit (doctoral thesis, Marburg 2004, totally anti-symmetric, order 10):
// it finds every single wrong digit and every swap of neighbours.
var damm = [10]string{"0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"}

func check(digits string) byte {
	c := byte('0')
	for i := range len(digits) {
		c = damm[c-'0'][digits[i]-'0']
	}
	return c
}

// Valid tells whether six digits can be a label's: what was mistyped is known without asking.
func Valid(code string) bool {
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return false
	}
	return check(code) == '0'
}

// Typed is a code as people type it or as a QR code holds it: full-width digits, a space or a hyphen in the middle, the whole
// address. It is empty where it cannot be one.
func Typed(text string) string {
	text = strings.TrimSpace(norm.NFKC.String(text))
	if n := strings.LastIndex(text, "/at/"); n >= 0 {
		text = text[n+len("/at/"):]
	}
	text = strings.NewReplacer(" ", "", "-", "", "‐", "", "−", "", "ー", "").Replace(text)
	if !Valid(text) {
		return ""
	}
	return text
}

// Shown is a code as it stands on a label: 123-456.
func Shown(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + "-" + code[3:]
}

// tries is how often a code that is taken is drawn again: of 100,000 few are.
const tries = 20

// Make gives the thing a label, in the transaction that makes the thing, by the act that allows it.
func Make(_ context.Context, tx *tenants.Tx, act tenants.Act, town int64, kind string, object int64) (string, error) {
	if err := tx.Permit(act, town); err != nil {
		return "", err
	}
	for range tries {
		n, err := rand.Int(rand.Reader, big.NewInt(100_000))
		if err != nil {
			return "", fmt.Errorf("draw a label: %w", err)
		}
		code := fmt.Sprintf("%05d", n.Int64())
		code += string(check(code))
		res := tx.DB.Exec(`INSERT INTO label (tenant_id, code, kind, object_id, made_at) VALUES (@town, @code, @kind, @object, @now) ON CONFLICT (tenant_id, code) DO NOTHING`,
			map[string]any{"town": town, "code": code, "kind": kind, "object": object, "now": tx.Now})
		if res.Error != nil {
			return "", fmt.Errorf("label %s %d: %w", kind, object, res.Error)
		}
		if res.RowsAffected == 1 {
			return code, nil
		}
	}
	return "", tenants.Conflict("空いているラベル番号が見つかりません。使わないラベルを整理してください。", "No free label number was found.")
}

// Replace makes the thing's label void, because it was lost or cannot be read, and gives it another.
func Replace(ctx context.Context, tx *tenants.Tx, act tenants.Act, town int64, kind string, object int64) (string, error) {
	if err := Void(ctx, tx, act, town, kind, object); err != nil {
		return "", err
	}
	return Make(ctx, tx, act, town, kind, object)
}

// Void takes the label from a thing that is no more.
func Void(_ context.Context, tx *tenants.Tx, act tenants.Act, town int64, kind string, object int64) error {
	if err := tx.Permit(act, town); err != nil {
		return err
	}
	err := tx.DB.Exec(`UPDATE label SET void_at = @now WHERE tenant_id = @town AND kind = @kind AND object_id = @object AND void_at IS NULL`,
		map[string]any{"now": tx.Now, "town": town, "kind": kind, "object": object}).Error
	if err != nil {
		return fmt.Errorf("void the label of %s %d: %w", kind, object, err)
	}
	return nil
}

// Find gives the thing that a label of the actor's own organisation is on. Whoever may do the act of reading that kind
// (reading, by kind) is told; a label that is void says so.
func Find(_ context.Context, tx *tenants.Tx, text string, reading map[string]tenants.Act) (Label, error) {
	acts := slices.Sorted(maps.Values(reading))
	if !slices.ContainsFunc(acts, func(act tenants.Act) bool { return tx.Actor.May(act, tx.Actor.TenantID) }) {
		return Label{}, tenants.Forbidden(acts[0])
	}
	code := Typed(text)
	if code == "" {
		var v tenants.Invalid
		v.Add("code", "ラベルの6桁の番号を確かめてください。", "Check the six digits of the label.")
		return Label{}, v.Err()
	}
	var l Label
	if err := tx.DB.Raw(`SELECT tenant_id, code, kind, object_id, made_at, void_at FROM label WHERE tenant_id = ? AND code = ?`, tx.Actor.TenantID, code).Take(&l).Error; err != nil {
		return Label{}, fmt.Errorf("find label %s: %w", code, err)
	}
	if err := tx.Permit(reading[l.Kind], tx.Actor.TenantID); err != nil {
		return Label{}, tenants.NotFound()
	}
	if l.VoidAt != nil {
		return l, tenants.Gone("このラベルは使われなくなりました。新しいラベルを読み取ってください。", "This label is void; scan the new one.")
	}
	return l, nil
}

// Of gives the labels in use of things of one kind, by the thing's id.
func Of(_ context.Context, tx *tenants.Tx, act tenants.Act, town int64, kind string) (map[int64]string, error) {
	if err := tx.Permit(act, town); err != nil {
		return nil, err
	}
	var found []Label
	if err := tx.DB.Raw(`SELECT code, object_id FROM label WHERE tenant_id = ? AND kind = ? AND void_at IS NULL`, town, kind).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("list labels of %s: %w", kind, err)
	}
	out := make(map[int64]string, len(found))
	for _, l := range found {
		out[l.ObjectID] = l.Code
	}
	return out, nil
}
