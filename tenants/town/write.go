package town

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

var (
	_ = tenants.Constraint("tenant_code", "code", "この団体コードはすでに登録されています。", "A town with this code exists already.")
	_ = tenants.Constraint("tenant_code_digits", "code", "団体コードは6桁の数字で入力してください。", "A local government code has six digits.")
	_ = tenants.Constraint("tenant_left_after_joined", "left_on", "脱退日は加入日以後の日にしてください。", "A town cannot leave before it joined.")
	_ = tenants.Constraint("tenant_one_host", "kind", "受託町はすでに登録されています。", "The consortium has its host already.")
)

// Input is what a person enters about a town.
type Input struct {
	Code     string // six digits
	Name     string
	Kana     string // ふりがな
	Zone     string // empty: Asia/Tokyo
	JoinedOn calendar.Date
	LeftOn   *calendar.Date // nil while it is served
}

func (in Input) checked() (Input, error) {
	var v tenants.Invalid
	in.Code = plainCode(in.Code)
	if err := CheckCode(in.Code); err != nil {
		var f *tenants.Fault
		if errors.As(err, &f) {
			v.Fields = append(v.Fields, f.Fields...)
		}
	}
	in.Name = entry.Line(&v, "name", in.Name, 40)
	in.Kana = entry.Line(&v, "kana", norm.NFKC.String(in.Kana), 80)
	if strings.ContainsFunc(in.Kana, func(r rune) bool {
		return !unicode.In(r, unicode.Hiragana, unicode.Katakana) && r != 'ー' && r != '・' && r != ' '
	}) {
		v.Add("kana", "ふりがなは、ひらがなで入力してください。", "Please enter the reading in kana.")
	}
	if in.Zone = strings.TrimSpace(in.Zone); in.Zone == "" {
		in.Zone = "Asia/Tokyo"
	}
	if _, err := time.LoadLocation(in.Zone); err != nil || in.Zone == "Local" {
		v.Add("zone", "この時間帯はありません。「Asia/Tokyo」のように入力してください。", "There is no such time zone; enter one like Asia/Tokyo.")
	}
	if in.JoinedOn.IsZero() {
		v.Add("joined_on", "加入日を入力してください。", "Please enter the day on which the town joined.")
	}
	if in.LeftOn != nil && in.LeftOn.IsZero() {
		in.LeftOn = nil
	}
	if in.LeftOn != nil && in.LeftOn.Before(in.JoinedOn) {
		v.Add("left_on", "脱退日は加入日以後の日にしてください。", "A town cannot leave before it joined.")
	}
	return in, v.Err()
}

func (in Input) args() map[string]any {
	return map[string]any{"code": in.Code, "name": in.Name, "kana": in.Kana, "zone": in.Zone,
		"joined": in.JoinedOn, "left": in.LeftOn, "search": tenants.SearchKey(in.Name, in.Kana, in.Code)}
}

// inputOf is what of a town a person can have entered, as it is written to the operation log.
func inputOf(t Town) Input {
	return Input{Code: t.Code, Name: t.Name, Kana: t.Kana, Zone: t.Zone, JoinedOn: t.JoinedOn, LeftOn: t.LeftOn}
}

// Add takes a member town into the actor's consortium, with its default ladder and a ping key of its own. From here on
// the transaction sees the town; other transactions of the actor see it once the actor is loaded anew.
func Add(_ context.Context, tx *tenants.Tx, in Input) (Town, error) {
	if err := tx.Permit(tenants.WriteTown); err != nil {
		return Town{}, err
	}
	if !tx.Actor.Everywhere(tenants.WriteTown) {
		return Town{}, tenants.Forbidden(tenants.WriteTown)
	}
	in, err := in.checked()
	if err != nil {
		return Town{}, err
	}
	args := in.args()
	args["consortium"], args["now"], args["key"] = tx.Actor.Consortium, tx.Now, newPingKey()
	err = tx.DB.Exec(`
		INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, left_on, search, ping_key, created_at)
		VALUES (@consortium, @code, 'member', @name, @kana, @zone, @joined, @left, @search, @key, @now)`, args).Error
	if err != nil {
		return Town{}, fmt.Errorf("add town %s: %w", in.Code, err)
	}
	// The row is not among the transaction's towns, so RETURNING would be refused: its number comes from the sequence.
	var id int64
	err = tx.DB.Raw(`
		SELECT id FROM (SELECT currval(pg_get_serial_sequence('tenant', 'id')) AS id) new,
			LATERAL set_config('tanamori.towns', concat_ws(',', nullif(current_setting('tanamori.towns', true), ''), new.id), true)`).Scan(&id).Error
	if err != nil {
		return Town{}, fmt.Errorf("add town %s: %w", in.Code, err)
	}
	tx.Actor.Towns = append(append([]int64{}, tx.Actor.Towns...), id)
	err = tx.DB.Exec(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) VALUES (?, '標準', '{0,15,30}', 30)`, id).Error
	if err != nil {
		return Town{}, fmt.Errorf("add the ladder of town %s: %w", in.Code, err)
	}
	t, err := get(tx, id)
	if err != nil {
		return Town{}, err
	}
	return t, written(tx, tenants.Line{Town: id, Act: tenants.WriteTown, Object: "town", ObjectID: id, After: inputOf(t)})
}

// Change writes a town anew. A town that left keeps its records, which the host goes on reading; its own people find
// themselves without a post from that day.
func Change(_ context.Context, tx *tenants.Tx, id int64, in Input) (Town, error) {
	if err := tx.Permit(tenants.WriteTown, id); err != nil {
		return Town{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Town{}, err
	}
	if err := lock(tx, id); err != nil {
		return Town{}, err
	}
	before, err := get(tx, id)
	if err != nil {
		return Town{}, err
	}
	if before.Kind == Host && in.LeftOn != nil {
		var v tenants.Invalid
		v.Add("left_on", "受託町は脱退できません。", "The host cannot leave its own consortium.")
		return Town{}, v.Err()
	}
	args := in.args()
	args["id"] = id
	err = tx.DB.Exec(`UPDATE tenant SET code = @code, name = @name, kana = @kana, zone = @zone, joined_on = @joined, left_on = @left, search = @search
		WHERE id = @id`, args).Error
	if err != nil {
		return Town{}, fmt.Errorf("change town %d: %w", id, err)
	}
	t, err := get(tx, id)
	if err != nil {
		return Town{}, err
	}
	return t, written(tx, tenants.Line{Town: id, Act: tenants.WriteTown, Object: "town", ObjectID: id, Before: inputOf(before), After: inputOf(t)})
}

// RotatePingKey gives the town a new ping key; machines that check in by slug must be told it. The former one is void.
func RotatePingKey(_ context.Context, tx *tenants.Tx, id int64) (Town, error) {
	if err := tx.Permit(tenants.WritePlan, id); err != nil {
		return Town{}, err
	}
	if err := tx.DB.Exec(`UPDATE tenant SET ping_key = ? WHERE id = ?`, newPingKey(), id).Error; err != nil {
		return Town{}, fmt.Errorf("rotate the ping key of town %d: %w", id, err)
	}
	t, err := get(tx, id)
	if err != nil {
		return Town{}, err
	}
	return t, written(tx, tenants.Line{Town: id, Act: tenants.WritePlan, Object: "ping_key", ObjectID: id})
}

// lock keeps another change of the same town waiting, so that what the operation log calls "before" is true.
func lock(tx *tenants.Tx, id int64) error {
	var found int64
	if err := tx.DB.Raw(`SELECT id FROM tenant WHERE id = ? FOR UPDATE`, id).Scan(&found).Error; err != nil {
		return fmt.Errorf("lock town %d: %w", id, err)
	}
	return nil
}

func written(tx *tenants.Tx, line tenants.Line) error {
	if err := tx.Wake(tenants.WakePage, line.Town); err != nil {
		return err
	}
	return tx.Record(line)
}

// newPingKey is 128 random bits as 22 characters.
func newPingKey() string {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails, see its documentation
	return base64.RawURLEncoding.EncodeToString(key)
}
