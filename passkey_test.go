package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// A passkey is registered and signs in by itself, in a real browser with a virtual authenticator.
func TestAPasskeySignsIn(t *testing.T) {
	s := show(t)
	s.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
	s.signIn("operator")
	s.do(chromedp.Navigate(s.base+"/settings/factors"), chromedp.WaitVisible(`form[data-passkey-new]`), chromedp.SendKeys(`input[name=name]`, "執務室のパソコン"),
		chromedp.Click(`form[data-passkey-new] button`), chromedp.WaitVisible(`.banner-ok`))
	require.Contains(t, s.text(), "執務室のパソコン")
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM passkey`))
	s.signOut()
	s.do(chromedp.WaitVisible(`form[data-passkey] button`), chromedp.Click(`form[data-passkey] button`), chromedp.WaitVisible(`#board`))
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM sign_in WHERE way = 'passkey'`))
	s.signOut()

	// The password alone no longer does: the passkey is the second step.
	s.do(chromedp.SendKeys(`input[name=login]`, "operator"), chromedp.SendKeys(`input[name=password]`, s.pass["operator"]),
		chromedp.Click(`form[action="/signin"] button[type=submit]`), chromedp.WaitVisible(`input[name=code]`))
	require.Equal(t, "/signin/second", s.eval(`new URL(document.querySelector("input[name=code]").form.action).pathname`))
	s.do(chromedp.Click(`form[data-passkey] button`), chromedp.WaitVisible(`#board`))
	require.EqualValues(t, 2, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM sign_in WHERE way = 'passkey'`))
}
