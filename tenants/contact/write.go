package contact

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// Input is what a person enters about a contact. At least one of Mail and Phone is needed.
type Input struct {
	Post  string
	Name  string
	Mail  string
	Phone string
	Hours string
}

func (in Input) checked() (Input, error) {
	var v tenants.Invalid
	in.Post = entry.Line(&v, "post", in.Post, 60)
	in.Name = entry.Line(&v, "name", in.Name, 60)
	in.Hours = entry.OptionalLine(&v, "hours", in.Hours, 100)
	faults := len(v.Fields)
	in.Mail = norm.NFKC.String(entry.OptionalLine(&v, "mail", in.Mail, 254))
	in.Phone = norm.NFKC.String(entry.OptionalLine(&v, "phone", in.Phone, 60))
	if in.Mail != "" && !isMail(in.Mail) {
		v.Add("mail", "メールアドレスとして読めません。「name@town.example.jp」のように入力してください。",
			"This is not a mail address; enter one like name@town.example.jp.")
	}
	if in.Phone != "" && digits(in.Phone) < 3 {
		v.Add("phone", "電話番号を数字で入力してください。", "Please enter the phone number in digits.")
	}
	if in.Mail == "" && in.Phone == "" && len(v.Fields) == faults {
		v.Add("mail", "メールアドレスか電話番号を入力してください。", "Enter a mail address or a phone number.")
	}
	return in, v.Err()
}

// isMail takes a bare address that every mail server takes: ASCII, no name, no quotes, no comments.
func isMail(typed string) bool {
	parsed, err := mail.ParseAddress(typed)
	if err != nil || parsed.Name != "" || parsed.Address != typed {
		return false
	}
	local, domain, _ := strings.Cut(typed, "@")
	return !strings.ContainsFunc(typed, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || strings.ContainsRune(`"(),:;<>[\]`, r) }) &&
		len(local) <= 64 && domain != "" && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "@")
}

func digits(text string) (n int) {
	for _, r := range text {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

func (in Input) args(town int64) map[string]any {
	return map[string]any{"town": town, "post": in.Post, "name": in.Name, "mail": in.Mail, "phone": in.Phone, "hours": in.Hours}
}

// Add puts a contact at the end of the town's calling order.
func Add(_ context.Context, tx *tenants.Tx, town int64, in Input) (Contact, error) {
	if err := tx.Permit(tenants.WriteContact, town); err != nil {
		return Contact{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Contact{}, err
	}
	args := in.args(town)
	args["now"] = tx.Now
	var c Contact
	err = tx.DB.Raw(`
		INSERT INTO contact (tenant_id, position, post, name, mail, phone, hours, created_at)
		SELECT @town, (SELECT coalesce(max(position), 0) + 1 FROM contact WHERE tenant_id = @town AND retired_at IS NULL),
			@post, @name, @mail, @phone, @hours, CAST(@now AS timestamptz)
		RETURNING `+columns, args).Scan(&c).Error
	if err != nil {
		return Contact{}, fmt.Errorf("add contact to town %d: %w", town, err)
	}
	return c, written(tx, tenants.Line{Town: town, ObjectID: c.ID, After: c})
}

// Change writes a contact anew. Incidents that are open keep the contact as it was when they opened.
func Change(_ context.Context, tx *tenants.Tx, town, id int64, in Input) (Contact, error) {
	if err := tx.Permit(tenants.WriteContact, town); err != nil {
		return Contact{}, err
	}
	in, err := in.checked()
	if err != nil {
		return Contact{}, err
	}
	before, err := inUse(tx, town, id)
	if err != nil {
		return Contact{}, err
	}
	args := in.args(town)
	args["id"] = id
	var c Contact
	err = tx.DB.Raw(`UPDATE contact SET post = @post, name = @name, mail = @mail, phone = @phone, hours = @hours
		WHERE tenant_id = @town AND id = @id RETURNING `+columns, args).Scan(&c).Error
	if err != nil {
		return Contact{}, fmt.Errorf("change contact %d of town %d: %w", id, town, err)
	}
	return c, written(tx, tenants.Line{Town: town, ObjectID: id, Before: before, After: c})
}

// Retire takes a contact out of the calling order. The row stays: incidents of the past name it.
func Retire(_ context.Context, tx *tenants.Tx, town, id int64) (Contact, error) {
	if err := tx.Permit(tenants.WriteContact, town); err != nil {
		return Contact{}, err
	}
	before, err := inUse(tx, town, id)
	if err != nil {
		return Contact{}, err
	}
	var c Contact
	err = tx.DB.Raw(`UPDATE contact SET retired_at = @now WHERE tenant_id = @town AND id = @id RETURNING `+columns,
		map[string]any{"town": town, "id": id, "now": tx.Now}).Scan(&c).Error
	if err != nil {
		return Contact{}, fmt.Errorf("retire contact %d of town %d: %w", id, town, err)
	}
	return c, written(tx, tenants.Line{Town: town, ObjectID: id, Before: before, After: c})
}

// inUse reads the contact and keeps other changes of it waiting.
func inUse(tx *tenants.Tx, town, id int64) (Contact, error) {
	c, err := take(tx, town, id, "FOR UPDATE")
	if err != nil {
		return Contact{}, err
	}
	if c.RetiredAt != nil {
		return Contact{}, tenants.Conflict("この連絡先はすでに外されています。", "This contact has been taken off already.")
	}
	return c, nil
}

func written(tx *tenants.Tx, line tenants.Line) error {
	line.Act, line.Object = tenants.WriteContact, "contact"
	if err := tx.Wake(tenants.WakePage, line.Town); err != nil {
		return err
	}
	return tx.Record(line)
}
