package notice_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
)

func TestATokenOpensItsOwnDoorOnly(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	rapid.Check(t, func(t *rapid.T) {
		town := rapid.Int64Min(1).Draw(t, "town")
		what := rapid.StringMatching(`[a-z]{1,8}:[0-9]{1,18}`).Draw(t, "what")
		token := notice.Token(secret, town, what)
		require.Regexp(t, `^[a-z2-7]+\.[a-z2-7]+$`, token)

		gotTown, gotWhat, ok := notice.ParseToken(secret, token)
		require.True(t, ok)
		require.Equal(t, town, gotTown)
		require.Equal(t, what, gotWhat)

		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		letter := rapid.SampledFrom(strings.Split("abcdefghijklmnopqrstuvwxyz234567.A0-_=", "")).Draw(t, "letter")
		if forged := token[:at] + letter + token[at+1:]; forged != token {
			_, _, ok = notice.ParseToken(secret, forged)
			require.False(t, ok, "%s passes for %s", forged, token)
		}
		_, _, ok = notice.ParseToken([]byte("another secret of thirty-two byt"), token)
		require.False(t, ok)
	})
}

func TestNonsenseIsNoToken(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	for _, s := range []string{"", ".", "a.", ".a", "abc", strings.Repeat("a", 10_000), "あ.い", "aaaa.aaaa", notice.Token(secret, 1, "rung:1") + "a"} {
		_, _, ok := notice.ParseToken(secret, s)
		require.False(t, ok, "%.40q", s)
	}
}

func TestLinksAreFilledInWhenTheMessageLeaves(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	town := b.Town("むかわ町", "015865")
	queue(b, message(town, "a"))
	c := claim(b, 1)[0]
	b.Do(tenants.Gate("r1", "192.0.2.1"), func(ctx context.Context, tx *tenants.Tx) error {
		secret, err := notice.Secret(ctx, tx)
		require.NoError(t, err)
		require.Len(t, secret, 32)
		text, html := c.Fill("https://tanamori.example.jp/", secret)
		link := "https://tanamori.example.jp/a/" + notice.Token(secret, town, "rung:12")
		require.Equal(t, "本文 "+link+" https://tanamori.example.jp", text)
		require.Equal(t, `<a href="`+link+`">受領</a>`, html)
		_, html = c.Fill(`https://x.example/"><b>`, secret)
		require.NotContains(t, html, `"><b>`)
		return nil
	})
	require.Error(t, b.Try(b.Person(b.Host("蘭越町", "013943"), tenants.HostAdmin), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := notice.Secret(ctx, tx)
		return err
	}), "a person's role cannot read the secret")
}
