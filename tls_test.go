package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

// The console's own https takes TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and nothing else.
func TestTLSSpeaksWhatIsRecommended(t *testing.T) {
	t.Parallel()
	d := certified(t)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ln, err := d.encrypted(plain, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).HandshakeContext(t.Context()) // the client tells how it went
			_ = conn.Close()
		}
	}()
	ask := func(c *tls.Config) (tls.ConnectionState, error) {
		c.InsecureSkipVerify = true
		conn, err := tls.Dial("tcp", ln.Addr().String(), c)
		if err != nil {
			return tls.ConnectionState{}, err
		}
		defer conn.Close()
		return conn.ConnectionState(), nil
	}
	best, err := ask(&tls.Config{})
	require.NoError(t, err)
	require.EqualValues(t, tls.VersionTLS13, best.Version)
	older, err := ask(&tls.Config{MaxVersion: tls.VersionTLS12})
	require.NoError(t, err)
	require.Contains(t, recommended, older.CipherSuite)
	_, err = ask(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	require.Error(t, err)
	_, err = ask(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}})
	require.Error(t, err)
	_, err = doorway{TLSCert: d.TLSCert}.gate("https://tanamori.example")
	require.Error(t, err, "a certificate without its key")
}

func certified(t *testing.T) doorway {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"tanamori.example"}}
	cert, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	d := doorway{TLSCert: filepath.Join(t.TempDir(), "cert.pem"), TLSKey: filepath.Join(t.TempDir(), "key.pem")}
	require.NoError(t, os.WriteFile(d.TLSCert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	require.NoError(t, os.WriteFile(d.TLSKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return d
}

// Where encryption is required nothing listens in clear beyond this machine.
func TestRequiredEncryptionToPeople(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	try := func(c serveCmd) error {
		ctx, stop := context.WithCancel(t.Context())
		stop() // what listens ends at once
		var stops stack
		err := listen(ctx, c, true, echo.New(), &stops, quiet)
		require.NoError(t, stops.unwind(quiet))
		return err
	}
	require.ErrorContains(t, try(serveCmd{Listen: "0.0.0.0:0"}), "TANAMORI_REQUIRE_TLS")
	require.NoError(t, try(serveCmd{Listen: "127.0.0.1:0"}))
	require.NoError(t, try(serveCmd{Listen: "0.0.0.0:0", doorway: certified(t)}))
	require.NoError(t, try(serveCmd{Listen: "0.0.0.0:0", doorway: doorway{Proxies: []string{"10.0.0.5/32"}}}))
	require.ErrorContains(t, serveCmd{StoreRoots: []string{"mnt"}}.storeRoots(settings{}), "TANAMORI_STORE_ROOTS")
}
