package gate

import (
	"context"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// keyBeside holds who has proved who they are at the same screen as whoever is signed in.
const keyBeside = "gate.beside"

// Beside takes a second person in at the screen of whoever is signed in: they prove who they are by their own login and
// password, and by a code where they have an authenticator app. It counts for this request alone and begins no session. What
// the request does is recorded with their name.
func (g *Gate) Beside(c echo.Context, login, password, code string) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	if who.Machine { // a program has no screen, and whoever made its token may be the one who stands by
		return tenants.Conflict("機械のトークンでは、立会いを受けられません。人がログインして行ってください。", "Nobody stands by a machine; a person has to do this.")
	}
	try, err := g.attempt(c, func(ctx context.Context, tx *tenants.Tx) (people.Attempt, error) { return people.Begin(ctx, tx, login) }, password)
	if err != nil {
		if tenants.AsFault(err).Kind == tenants.KindUnauthenticated {
			return beside("second_password", "立ち会う人の利用者IDかパスワードが違います。", "The second person's login or password is wrong.")
		}
		return err
	}
	var factors people.Factors
	err = g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := try.Good(ctx, tx); err != nil {
			return err
		}
		factors, err = people.FactorsOf(ctx, tx, try.Town, try.Person)
		return err
	})
	if err != nil {
		return err
	}
	if try.Town == who.TenantID && try.Person == who.PersonID {
		return beside("second_login", "立ち会う人は、あなたとは別の人にしてください。", "The second person is another person than you.")
	}
	var way people.Way
	if factors.TOTPAt != nil {
		way, err = g.code(c, try.Town, try.Person, code)
		if err != nil {
			if tenants.AsFault(err).Kind == tenants.KindInvalid {
				return beside("second_code", "立ち会う人の確認コードが違います。", "The second person's code is wrong.")
			}
			return err
		}
	} else if factors.Any() {
		return beside("second_login", "この人はパスキーで本人確認をするため、同じ画面では立ち会えません。自分の画面の「照合」で確かめてください。",
			"This person proves who they are by a passkey, which one screen cannot ask of two; let them confirm from their own session.")
	}
	var second tenants.Actor
	err = g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		second, err = people.Witness(ctx, tx, try.Town, try.Person) // says that they were here: after all that they had to show
		return err
	})
	if err != nil {
		return err
	}
	g.log.InfoContext(c.Request().Context(), "second person present", "id", RequestID(c), "person", second.PersonID, "way", way)
	who.Second, who.SecondID, who.Beside = second.Text(), second.PersonID, true
	c.Set(keyActor, who)
	c.Set(keyBeside, second)
	return nil
}

func beside(field, ja, en string) error {
	var v tenants.Invalid
	v.Add(field, ja, en)
	return v.Err()
}
