package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/custody"
	"tanamori/tenants/tenantstest"
)

// The command takes the password from standard input, prints the login with its new password alone on standard output, and says
// the rest, faults in both languages among it, elsewhere.
func TestUnsealPrintsTheNewPasswordAlone(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	admin, operator, facility := b.Person(host, tenants.HostAdmin), b.Person(host, tenants.Operator), b.Person(host, tenants.Facility)
	login := func(a tenants.Actor) string {
		return tenantstest.Value[string](b, `SELECT login FROM person WHERE id = $1`, a.PersonID)
	}
	admin.Second, admin.SecondID, admin.Beside = facility.Text(), facility.PersonID, true
	var sealed string
	b.Do(admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		sealed, _, err = custody.SetManagement(ctx, tx, "K-010", "本庁舎 耐火金庫")
		return err
	})
	c := unsealCmd{Login: login(admin), By: login(operator), Witness: login(facility), Reason: "認証アプリの端末を紛失"}
	run := func(c unsealCmd, typed string) (string, string, error) {
		var out, said bytes.Buffer
		err := c.run(t.Context(), b.Ground, strings.NewReader(typed), &out, &said)
		return out.String(), said.String(), err
	}
	out, _, err := run(c, "not it\n")
	require.ErrorContains(t, err, "管理パスワードが違います。 / The management password is wrong.")
	require.Empty(t, out)
	alone := c
	alone.Witness = alone.By
	_, _, err = run(alone, sealed)
	require.ErrorContains(t, err, "別の人")
	out, said, err := run(c, sealed) // no line end: it came through a pipe
	require.NoError(t, err)
	require.Regexp(t, `^`+c.Login+`  ([a-z2-9]{4}-){6}[a-z2-9]{4}\n$`, out)
	require.NotContains(t, said, strings.Fields(out)[1])
	require.Contains(t, said, "使用済み")
	who, err := b.SignIn("192.0.2.7", c.Login, strings.Fields(out)[1])
	require.NoError(t, err)
	require.True(t, who.Holds(tenants.HostAdmin))
	_, _, err = run(c, sealed)
	require.ErrorContains(t, err, "使用済み")
}
