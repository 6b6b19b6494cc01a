package tenantstest

import (
	"context"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// SignIn signs a person in from an address, the way the gate goes: the try is counted, the password checked outside any
// transaction, then the use of the console begun.
func (b *Bench) SignIn(remote, login, password string) (who tenants.Actor, err error) {
	b.t.Helper()
	gate := tenants.Gate("request-1", remote)
	var try people.Attempt
	err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) (err error) {
		try, err = people.Begin(ctx, tx, login)
		return err
	})
	if err != nil {
		return who, err
	}
	right, err := try.Check(b.t.Context(), password)
	if err != nil {
		return who, err
	}
	if !right {
		err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) error { return try.Refused(ctx, tx, "password") })
		if err == nil {
			err = people.WrongLogin()
		}
		return who, err
	}
	err = b.Try(gate, func(ctx context.Context, tx *tenants.Tx) error {
		if err := try.Good(ctx, tx); err != nil {
			return err
		}
		who, err = people.Enter(ctx, tx, try.Town, try.Person, people.ByPassword, "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0")
		return err
	})
	return who, err
}
