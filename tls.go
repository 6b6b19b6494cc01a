package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"tanamori/api/gate"
)

// doorway is how people reach the console from outside: encrypted here, behind a proxy, and by whose sign-on.
type doorway struct {
	TLSCert string   `env:"TANAMORI_TLS_CERT" name:"tls-cert" placeholder:"FILE" help:"Certificate (PEM, with the chain); with TANAMORI_TLS_KEY the console speaks https itself."`
	TLSKey  string   `env:"TANAMORI_TLS_KEY" name:"tls-key" placeholder:"FILE" help:"Private key of the certificate."`
	Proxies []string `env:"TANAMORI_TRUSTED_PROXIES" name:"trusted-proxies" placeholder:"CIDR" help:"Addresses of reverse proxies whose X-Forwarded-For is believed, as 10.0.0.5/32."`

	PerSecond float64 `env:"TANAMORI_REQUESTS_PER_SECOND" name:"requests-per-second" default:"20" help:"Requests of one person or token on the long run, on each node; a minute's worth may come at once. 0: no bound."`

	SSOIssuer string   `env:"TANAMORI_OIDC_ISSUER" name:"oidc-issuer" placeholder:"URL" help:"OpenID Connect provider by which people may sign in; empty: none."`
	SSOClient string   `env:"TANAMORI_OIDC_CLIENT_ID" name:"oidc-client-id" placeholder:"ID" help:"Client id at the provider."`
	SSOSecret string   `env:"TANAMORI_OIDC_CLIENT_SECRET" name:"oidc-client-secret" placeholder:"SECRET" help:"Client secret at the provider."`
	SSOClaim  string   `env:"TANAMORI_OIDC_CLAIM" name:"oidc-claim" default:"preferred_username" help:"Claim whose value is the login."`
	SSOACR    []string `env:"TANAMORI_OIDC_ACR" name:"oidc-acr" placeholder:"VALUE,…" help:"One of these acr values is required of the provider; it counts as a second factor then."`
	SSOAMR    []string `env:"TANAMORI_OIDC_AMR" name:"oidc-amr" placeholder:"VALUE,…" help:"One of these amr values is required of the provider; it counts as a second factor then (mfa, hwk)."`
	SSOName   string   `env:"TANAMORI_OIDC_NAME" name:"oidc-name" placeholder:"NAME" help:"What the button is called."`
}

// gate is what the doors need to know of it.
func (d doorway) gate(base string) (gate.Config, error) {
	c := gate.Config{BaseURL: base, Pace: gate.Pace{PerSecond: d.PerSecond, Burst: 60 * d.PerSecond},
		SSO: gate.SSO{Issuer: d.SSOIssuer, ClientID: d.SSOClient, Secret: d.SSOSecret, Claim: d.SSOClaim, Name: d.SSOName, ACR: d.SSOACR, AMR: d.SSOAMR}}
	if d.SSOIssuer != "" && d.SSOClient == "" {
		return c, errors.New("TANAMORI_OIDC_CLIENT_ID is empty: the provider has to know this console")
	}
	for _, text := range d.Proxies {
		if !strings.Contains(text, "/") {
			if ip := net.ParseIP(text); ip != nil && ip.To4() != nil {
				text += "/32"
			} else {
				text += "/128"
			}
		}
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			return c, fmt.Errorf("TANAMORI_TRUSTED_PROXIES: %w", err)
		}
		c.Proxies = append(c.Proxies, network)
	}
	if (d.TLSCert == "") != (d.TLSKey == "") {
		return c, errors.New("TANAMORI_TLS_CERT and TANAMORI_TLS_KEY go together")
	}
	return c, nil
}

// certificate is read again when its file has changed, so that a renewed one is taken without a restart.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	of     time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && c.loaded != nil && info.ModTime().Equal(c.of) {
		return c.loaded, nil
	}
	var fresh tls.Certificate
	if err == nil {
		fresh, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	if err != nil {
		if c.loaded != nil {
			c.log.WarnContext(context.Background(), "the certificate cannot be read; the former one stays", "error", err)
			return c.loaded, nil
		}
		return nil, fmt.Errorf("TANAMORI_TLS_CERT: %w", err)
	}
	c.loaded, c.of = &fresh, info.ModTime()
	return c.loaded, nil
}

// recommended are the cipher suites of TLS 1.2 with forward secrecy and authenticated encryption; those of TLS 1.3 are all so.
var recommended = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}

// encrypted is the listener over TLS, where a certificate is given.
func (d doorway) encrypted(ln net.Listener, log *slog.Logger) (net.Listener, error) {
	if d.TLSCert == "" {
		return ln, nil
	}
	c := &certificate{cert: d.TLSCert, key: d.TLSKey, log: log}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	return tls.NewListener(ln, &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: recommended, GetCertificate: c.get, NextProtos: []string{"http/1.1"}}), nil
}
