package gate

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// policy is what a browser may do with a page of ours: load what comes from here, run no inline script, send its forms
// here, stand in no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// powers are the devices of a browser that no page of ours asks for. Passkeys are asked for by our own pages alone.
const powers = "accelerometer=(), bluetooth=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), serial=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"

// Values are shared between answers, thousands of which go out in a second; nothing changes them.
var (
	sniffless = []string{"nosniff"}
	bare      = []string{"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"}
	strict    = []string{"max-age=31536000; includeSubDomains"}
	full      = []string{policy}
	ours      = []string{"same-origin"}
)

// shield is what every answer bears, whichever door gives it and where none does: a page's policy, or nothing at all for
// what is no page.
func (g *Gate) shield(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h["X-Content-Type-Options"], h["Content-Security-Policy"] = sniffless, bare
		if g.secure {
			h["Strict-Transport-Security"] = strict
		}
		if !strings.HasPrefix(c.Request().URL.Path, "/ping/") { // machines, and by their protocol pages of anybody
			h["Content-Security-Policy"], h["Cross-Origin-Resource-Policy"], h["Referrer-Policy"] = full, ours, ours
		}
		return next(c)
	}
}

// sameOrigin refuses writes that come from another origin, and whatever a page of another site loads by itself: only what
// a person opens in a window may come from there (a mail's link, the way back from single sign-on). A bearer token is not
// sent by a browser on its own, so whoever has one is not asked.
func (g *Gate) sameOrigin(c echo.Context, next echo.HandlerFunc) error {
	if _, ok := bearer(c); !ok {
		if err := g.origins.Check(c.Request()); err != nil || embedded(c.Request()) {
			return &tenants.Fault{Kind: tenants.KindForbidden, Ja: "ほかのサイトからの操作は受け付けません。", En: "Refused: this request came from another site."}
		}
	}
	return next(c)
}

// embedded tells whether a page of another site asks for this by itself: as a picture, a script, a frame. Browsers that do
// not say so have not been made since 2023.
func embedded(r *http.Request) bool {
	mode, into := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	return r.Header.Get("Sec-Fetch-Site") == "cross-site" && mode != "" && (mode != "navigate" || into != "" && into != "document")
}

// Asked tells whether a person asked for this here, or typed its address: no page of another origin led them to it.
func Asked(c echo.Context) bool {
	switch c.Request().Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return false
	}
	return true
}
