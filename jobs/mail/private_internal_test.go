package mail

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Where encryption is required, a relay elsewhere is spoken to over STARTTLS with a certificate that is checked, or not at all.
func TestRequiredEncryptionIsRequired(t *testing.T) {
	t.Parallel()
	const from = "tanamori@host.example"
	_, err := New("smtp://relay.example.jp:25?tls=none", from, Private())
	require.ErrorContains(t, err, "TANAMORI_REQUIRE_TLS")
	for url, want := range map[string]security{"smtp://relay.example.jp": starttls, "smtp://u:p@relay.example.jp": starttls, "smtp://192.0.2.1": starttls,
		"smtps://relay.example.jp": fromTheStart, "smtp://127.0.0.1?tls=none": plain, "smtp://localhost": opportunistic, "smtp://[::1]": opportunistic} {
		s, err := New(url, from, Private())
		require.NoError(t, err, url)
		require.Equal(t, want, s.security, url)
		require.Equal(t, want == opportunistic, s.tlsConfig.InsecureSkipVerify, url)
	}
	s, err := New("smtp://relay.example.jp", from)
	require.NoError(t, err)
	require.Equal(t, opportunistic, s.security, "an alarm that leaves in clear is better than none, unless it is said otherwise")
}
