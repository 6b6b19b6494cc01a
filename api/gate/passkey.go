package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// newPasskeys is the relying party of WebAuthn; nil where browsers offer no passkeys: over plain http anywhere but on
// localhost, and at an address that is a number.
func newPasskeys(base string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("passkeys of %q: %w", base, err)
	}
	host := u.Hostname()
	named := bytes.ContainsFunc([]byte(host), func(r rune) bool { return r >= 'a' && r <= 'z' }) && !bytes.ContainsRune([]byte(host), ':')
	if !named || u.Scheme != "https" && host != "localhost" {
		return nil, nil
	}
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "棚守", RPOrigins: []string{u.Scheme + "://" + u.Host},
		// A passkey names its owner and asks for their PIN or finger: it is two factors in one.
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("passkeys of %s: %w", base, err)
	}
	return w, nil
}

// Passkeys tells whether browsers offer passkeys at this address.
func (g *Gate) Passkeys() bool { return g.passkeys != nil }

// keyHolder is a person as the library sees them.
type keyHolder struct {
	town, person int64
	name, login  string
	keys         []people.Passkey
}

func (k keyHolder) WebAuthnID() []byte          { return fmt.Appendf(nil, "%d:%d", k.town, k.person) }
func (k keyHolder) WebAuthnName() string        { return k.login }
func (k keyHolder) WebAuthnDisplayName() string { return k.name }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential {
	var all []webauthn.Credential
	for _, key := range k.keys {
		var c webauthn.Credential
		if json.Unmarshal(key.Credential, &c) == nil {
			all = append(all, c)
		}
	}
	return all
}

func (g *Gate) noPasskeys() error {
	if g.passkeys != nil {
		return nil
	}
	return tenants.Conflict("このアドレスではパスキーを使えません。https で開いてください。", "Passkeys do not work at this address; open it over https.")
}

// keepChallenge remembers what the answer is held against.
func (g *Gate) keepChallenge(c echo.Context, s *webauthn.SessionData) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep a challenge: %w", err)
	}
	g.sessions.Put(c.Request().Context(), "passkey", b)
	return nil
}

// takeChallenge gives it once.
func (g *Gate) takeChallenge(c echo.Context) (webauthn.SessionData, error) {
	var s webauthn.SessionData
	b, ok := g.sessions.Pop(c.Request().Context(), "passkey").([]byte)
	if !ok || json.Unmarshal(b, &s) != nil {
		return s, tenants.Conflict("時間が過ぎました。もう一度お試しください。", "Too much time has passed; please try again.")
	}
	return s, nil
}

func (g *Gate) holder(c echo.Context, who tenants.Actor) (keyHolder, error) {
	k := keyHolder{town: who.TenantID, person: who.PersonID, name: who.Name}
	err := g.Home(c, func(ctx context.Context, tx *tenants.Tx) error {
		f, err := people.OwnFactors(ctx, tx)
		if err != nil {
			return err
		}
		k.keys = f.Passkeys
		k.login, err = people.OwnLogin(ctx, tx)
		return err
	})
	return k, err
}

// NewPasskey is what the browser is asked in order to add a passkey of whoever is signed in.
func (g *Gate) NewPasskey(c echo.Context) (any, error) {
	who, err := g.Who(c)
	if err != nil {
		return nil, err
	}
	if err := g.noPasskeys(); err != nil {
		return nil, err
	}
	if who.Stale {
		return nil, tenants.First(tenants.OwesConfirm)
	}
	if who.NoFactor {
		return nil, tenants.First(tenants.OwesBoth)
	}
	k, err := g.holder(c, who)
	if err != nil {
		return nil, err
	}
	options, session, err := g.passkeys.BeginRegistration(k, webauthn.WithExclusions(webauthn.Credentials(k.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("ask for a new passkey: %w", err)
	}
	return options, g.keepChallenge(c, session)
}

// AddPasskey keeps the passkey that the browser has made, under a name.
func (g *Gate) AddPasskey(c echo.Context, name string, answer io.Reader) error {
	who, err := g.Who(c)
	if err != nil {
		return err
	}
	if err := g.noPasskeys(); err != nil {
		return err
	}
	session, err := g.takeChallenge(c)
	if err != nil {
		return err
	}
	k, err := g.holder(c, who)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(answer)
	if err != nil {
		return unreadable(err)
	}
	made, err := g.passkeys.CreateCredential(k, session, parsed)
	if err != nil {
		return unreadable(err)
	}
	b, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	return g.Home(c, func(ctx context.Context, tx *tenants.Tx) error { return people.AddPasskey(ctx, tx, name, made.ID, b) })
}

func unreadable(err error) error {
	return fmt.Errorf("%w: %w", tenants.Conflict("パスキーを確かめられませんでした。もう一度お試しください。", "The passkey could not be checked; please try again."), err)
}

// AskPasskey is what the browser is asked in order to sign in with a passkey, whoever it is.
func (g *Gate) AskPasskey(c echo.Context) (any, error) {
	if err := g.noPasskeys(); err != nil {
		return nil, err
	}
	options, session, err := g.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	return options, g.keepChallenge(c, session)
}

// SignInByPasskey begins the session of whoever the passkey belongs to.
func (g *Gate) SignInByPasskey(c echo.Context, answer io.Reader) error {
	if err := g.noPasskeys(); err != nil {
		return err
	}
	session, err := g.takeChallenge(c)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(answer)
	if err != nil {
		return unreadable(err)
	}
	var key people.Passkey
	find := func(handle, _ []byte) (webauthn.User, error) {
		err := g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
			key, err = people.FindPasskey(ctx, tx, handle)
			return err
		})
		return keyHolder{town: key.TenantID, person: key.PersonID, keys: []people.Passkey{key}}, err
	}
	_, used, err := g.passkeys.ValidatePasskeyLogin(find, session, parsed)
	if err != nil {
		g.log.WarnContext(c.Request().Context(), "passkey refused", "id", RequestID(c), "person", key.PersonID, "remote", c.RealIP(), "error", err)
		return people.UnknownPasskey()
	}
	if used.Authenticator.CloneWarning {
		g.log.WarnContext(c.Request().Context(), "passkey may have been copied", "id", RequestID(c), "person", key.PersonID)
		return people.UnknownPasskey()
	}
	if key.Credential, err = json.Marshal(used); err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	err = g.ground.Do(c.Request().Context(), g.gate(c), func(ctx context.Context, tx *tenants.Tx) error { return people.UsedPasskey(ctx, tx, key) })
	if err != nil {
		return err
	}
	if who, err := g.Who(c); err == nil && who.SignIn != 0 && who.TenantID == key.TenantID && who.PersonID == key.PersonID {
		return g.confirmed(c, who, true) // they proved once more who they are: both factors in one
	}
	return g.enter(c, key.TenantID, key.PersonID, people.ByPasskey)
}
