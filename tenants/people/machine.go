package people

import (
	"context"
	"crypto/rand"
	"strings"

	"tanamori/tenants"
)

// MachineInput is what is entered about a machine: a program of an organisation's that acts by tokens and signs in nowhere.
type MachineInput struct {
	Name string // 監視サーバ
	Post PostInput
}

// AddMachine takes a machine in. Its post says what it may do and until when, as a person's does; its tokens are made by
// CreateMachineToken.
func AddMachine(ctx context.Context, tx *tenants.Tx, town int64, in MachineInput) (Person, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Person{}, err
	}
	if strings.TrimSpace(in.Post.Title) == "" {
		in.Post.Title = "機械"
	}
	var v tenants.Invalid
	ready, err := checkPerson(&v, tx, town, Input{Login: "machine-" + strings.ToLower(rand.Text()[:12]), Name: in.Name, Posts: []PostInput{in.Post}})
	if err != nil {
		return Person{}, err
	}
	if err := v.Err(); err != nil {
		return Person{}, err
	}
	ready.machine = true
	p, _, err := add(ctx, tx, town, ready)
	return p, err
}

// CreateMachineToken makes a token for a machine, by whoever looks after the people. A person makes their own.
func CreateMachineToken(_ context.Context, tx *tenants.Tx, town, id int64, in TokenInput) (Token, string, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Token{}, "", err
	}
	p, err := take(tx, town, id)
	if err != nil {
		return Token{}, "", err
	}
	var v tenants.Invalid
	switch {
	case !p.Machine:
		return Token{}, "", tenants.Conflict("利用者のトークンは、本人が発行します。", "A person makes their own tokens.")
	case p.DisabledAt != nil:
		return Token{}, "", tenants.Conflict("停止している機械のトークンは発行できません。", "This machine is disabled.")
	}
	if err := givingAll(tx, p); err != nil {
		return Token{}, "", err
	}
	var acts []tenants.Act
	for _, o := range p.Posts {
		acts = append(acts, o.Kind.Acts()...)
	}
	in.Scope = checkScope(&v, tx, in.Scope, acts)
	return createToken(tx, v, tenants.WritePeople, town, id, in)
}
