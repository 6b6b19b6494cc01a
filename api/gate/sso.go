package gate

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"tanamori/tenants"
	"tanamori/tenants/people"
)

// SSO is how people sign in by an OpenID Connect provider of their own. The provider says who they are; their posts stand
// here all the same.
type SSO struct {
	Issuer   string // https://id.example.jp/realms/town; empty: none
	ClientID string
	Secret   string
	Claim    string // whose value is the login; empty: preferred_username
	Name     string // as the button names it; empty: シングルサインオン

	// What the provider must say of how it has asked (OpenID Connect's acr and amr): one of each that is not empty. Then its word
	// is as good as a second factor; where both are empty it is as good as a password.
	ACR, AMR []string
}

// sso asks the provider who it is at the first sign-in, not at the start: it may be away then.
type sso struct {
	SSO
	redirect string

	mu       sync.Mutex
	provider *oidc.Provider
}

func newSSO(c SSO, base string) *sso {
	if c.Issuer == "" {
		return nil
	}
	if c.Claim == "" {
		c.Claim = "preferred_username"
	}
	if c.Name == "" {
		c.Name = "シングルサインオン"
	}
	return &sso{SSO: c, redirect: strings.TrimRight(base, "/") + "/signin/sso/done"}
}

// toProvider is how the provider is asked: in bounded time, and nobody else to whom it would send us on.
var toProvider = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s *sso) discover(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.provider == nil {
		p, err := oidc.NewProvider(oidc.ClientContext(ctx, toProvider), s.Issuer)
		if err != nil {
			return nil, nil, ssoAway(err)
		}
		s.provider = p
	}
	return s.provider, &oauth2.Config{ClientID: s.ClientID, ClientSecret: s.Secret, Endpoint: s.provider.Endpoint(), RedirectURL: s.redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile"}}, nil
}

func ssoAway(err error) error {
	return fmt.Errorf("%w: %w", &tenants.Fault{Kind: tenants.KindUnavailable, Ja: "シングルサインオンにつながりません。パスワードでログインするか、少し待ってからお試しください。",
		En: "Single sign-on cannot be reached. Sign in by password, or try again shortly."}, err)
}

// SSOName is what the button of single sign-on is called; empty where there is none.
func (g *Gate) SSOName() string {
	if g.sso == nil {
		return ""
	}
	return g.sso.Name
}

// SSOStart is where the browser goes to sign in at the provider. confirm: somebody who is signed in proves once more who
// they are, which the provider has to ask them anew.
func (g *Gate) SSOStart(c echo.Context, next string, confirm bool) (string, error) {
	if g.sso == nil {
		return "", tenants.NotFound()
	}
	_, conf, err := g.sso.discover(c.Request().Context())
	if err != nil {
		return "", err
	}
	ctx, state, nonce, verifier := c.Request().Context(), rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for key, value := range map[string]string{"sso.state": state, "sso.nonce": nonce, "sso.verifier": verifier, "sso.next": next} {
		g.sessions.Put(ctx, key, value)
	}
	g.sessions.Put(ctx, "sso.confirm", confirm)
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if len(g.sso.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(g.sso.ACR, " ")))
	}
	if confirm {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return conf.AuthCodeURL(state, options...), nil
}

func ssoRefused(err error) error {
	return fmt.Errorf("%w: %w", tenants.Unauthenticated("シングルサインオンで確かめられませんでした。もう一度お試しください。", "Single sign-on did not succeed; please try again."), err)
}

// SSODone takes the provider's answer and begins the session of whoever it names, or confirms who they are. It gives where
// to go next.
func (g *Gate) SSODone(c echo.Context) (next string, err error) {
	if g.sso == nil {
		return "", tenants.NotFound()
	}
	ctx := oidc.ClientContext(c.Request().Context(), toProvider)
	defer func() {
		if err != nil && !errors.Is(err, ErrSecond) {
			g.log.WarnContext(ctx, "single sign-on refused", "id", RequestID(c), "remote", c.RealIP(), "error", err)
		}
	}()
	state, nonce, verifier := g.sessions.PopString(ctx, "sso.state"), g.sessions.PopString(ctx, "sso.nonce"), g.sessions.PopString(ctx, "sso.verifier")
	next, confirm := g.sessions.PopString(ctx, "sso.next"), g.sessions.PopBool(ctx, "sso.confirm")
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(c.QueryParam("state"))) != 1 {
		return "", ssoRefused(fmt.Errorf("the state is another one"))
	}
	if e := c.QueryParam("error"); e != "" {
		return "", ssoRefused(fmt.Errorf("the provider says %q", e))
	}
	provider, conf, err := g.sso.discover(ctx)
	if err != nil {
		return "", err
	}
	token, err := conf.Exchange(ctx, c.QueryParam("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return "", ssoRefused(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: g.sso.ClientID, Now: g.ground.Now}).Verify(ctx, raw)
	if err != nil {
		return "", ssoRefused(err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return "", ssoRefused(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "", ssoRefused(fmt.Errorf("the nonce is another one"))
	}
	strong, err := g.sso.asked(claims)
	if err != nil {
		return "", err
	}
	login, _ := claims[g.sso.Claim].(string)
	if login == "" { // many providers tell it at their UserInfo endpoint only
		info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return "", ssoRefused(err)
		}
		var more map[string]any
		if err := info.Claims(&more); err != nil || info.Subject != id.Subject {
			return "", ssoRefused(fmt.Errorf("the user info is somebody else's, or unreadable: %w", err))
		}
		login, _ = more[g.sso.Claim].(string)
	}
	return next, g.proved(c, people.Subject{Issuer: id.Issuer, Subject: id.Subject, Login: login}, claims, confirm, strong)
}

// proved begins the session of whoever the provider has named, or confirms who they are.
func (g *Gate) proved(c echo.Context, subject people.Subject, claims map[string]any, confirm, strong bool) error {
	ctx := c.Request().Context()
	var town, person int64
	var refused bool
	err := g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		town, person, refused, err = people.Known(ctx, tx, subject)
		return err
	})
	if err == nil && refused {
		err = people.AnotherSubject()
	}
	if err != nil {
		return err
	}
	if confirm {
		who, err := g.Who(c)
		if err != nil {
			return err
		}
		at, _ := claims["auth_time"].(float64)
		if who.TenantID != town || who.PersonID != person || g.ground.Now().Sub(time.Unix(int64(at), 0)) > 5*time.Minute {
			return ssoRefused(fmt.Errorf("not the same person, or not asked anew"))
		}
		return g.confirmed(c, who, strong)
	}
	if strong {
		return g.enter(c, town, person, people.BySSOStrong)
	}
	var f people.Factors
	err = g.ground.Do(ctx, g.gate(c), func(ctx context.Context, tx *tenants.Tx) (err error) {
		f, err = people.FactorsOf(ctx, tx, town, person)
		return err
	})
	if err != nil {
		return err
	}
	if !f.Any() {
		return g.enter(c, town, person, people.BySSO)
	}
	if err := g.wait(c, town, person, true); err != nil {
		return err
	}
	return ErrSecond
}

// ErrSecond is what single sign-on answers where a second step follows here, as it does after a password.
var ErrSecond = errors.New("a second step follows")

// asked tells whether the provider says that it has asked for what is required. Where something is and it does not, nobody is let
// in by it.
func (s *sso) asked(claims map[string]any) (strong bool, err error) {
	if len(s.ACR) == 0 && len(s.AMR) == 0 {
		return false, nil
	}
	acr, _ := claims["acr"].(string)
	if len(s.ACR) > 0 && !slices.Contains(s.ACR, acr) {
		return false, weaker(fmt.Errorf("acr is %q", acr))
	}
	amr, _ := claims["amr"].([]any)
	if len(s.AMR) > 0 && !slices.ContainsFunc(amr, func(v any) bool { m, ok := v.(string); return ok && slices.Contains(s.AMR, m) }) {
		return false, weaker(fmt.Errorf("amr is %v", amr))
	}
	return true, nil
}

func weaker(err error) error {
	return fmt.Errorf("%w: %w", tenants.Unauthenticated("シングルサインオンの側で、求められている本人確認が行われていません。二要素認証でログインし直してください。",
		"The provider has not asked for as much as is required here. Sign in there with a second factor."), err)
}
