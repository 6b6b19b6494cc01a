package notice

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"html"
	"strconv"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/vault"
)

// A token is lower-case letters, digits and one dot: no mail program breaks a line in it or takes its end for
// punctuation, and it can be read out on the telephone.
var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// macBytes is how much of the HMAC a token carries: 128 bits, half of it, as RFC 2104 section 5 allows.
const macBytes = 16

// Secret is what this installation signs links with. The gate and jobs can read it.
func Secret(ctx context.Context, tx *tenants.Tx) ([]byte, error) {
	all, err := vault.Secrets(ctx, tx)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Linked gives what a token is for that this installation signed, with the secret it has or with one before that still
// holds. It runs in the gate's transaction.
func Linked(ctx context.Context, tx *tenants.Tx, token string) (town int64, linkFor string, ok bool, err error) {
	all, err := vault.Secrets(ctx, tx)
	if err != nil {
		return 0, "", false, err
	}
	for _, secret := range all {
		if town, linkFor, ok = ParseToken(secret, token); ok {
			return town, linkFor, true, nil
		}
	}
	return 0, "", false, nil
}

// Token is the last part of a link that answers linkFor for a town, and for nothing and nobody else.
func Token(secret []byte, town int64, linkFor string) string {
	payload := strconv.FormatInt(town, 36) + "." + linkFor
	return tokenText.EncodeToString([]byte(payload)) + "." + tokenText.EncodeToString(sign(secret, payload))
}

// ParseToken gives what a token is for that was signed with the secret; ok is false for anything else.
func ParseToken(secret []byte, token string) (town int64, linkFor string, ok bool) {
	if len(token) > 256 {
		return 0, "", false
	}
	body, mac, found := strings.Cut(token, ".")
	if !found {
		return 0, "", false
	}
	payload, err := tokenText.DecodeString(body)
	if err != nil {
		return 0, "", false
	}
	given, err := tokenText.DecodeString(mac)
	// Encoded again it must be the same: base32 has spare bits at its end, and one link must have one spelling.
	if err != nil || tokenText.EncodeToString(given) != mac || tokenText.EncodeToString(payload) != body {
		return 0, "", false
	}
	if !hmac.Equal(given, sign(secret, string(payload))) {
		return 0, "", false
	}
	number, linkFor, found := strings.Cut(string(payload), ".")
	town, err = strconv.ParseInt(number, 36, 64)
	return town, linkFor, found && err == nil
}

func sign(secret []byte, payload string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("tanamori link\x00"))
	mac.Write([]byte(payload))
	return mac.Sum(nil)[:macBytes]
}

// Fill gives the words with their links: base is the console's address as people open it, without a slash at its end.
func (c Claimed) Fill(base string, secret []byte) (text, markup string) {
	base = strings.TrimRight(base, "/")
	ack := base
	if c.LinkFor != "" {
		ack = base + "/a/" + Token(secret, c.TenantID, c.LinkFor)
	}
	return strings.NewReplacer("{{ack}}", ack, "{{base}}", base).Replace(c.Text),
		strings.NewReplacer("{{ack}}", html.EscapeString(ack), "{{base}}", html.EscapeString(base)).Replace(c.HTML)
}
