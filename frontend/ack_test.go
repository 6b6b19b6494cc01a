package frontend_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/vault"
)

func (c *console) answers() int64 {
	return tenantstest.Value[int64](c.Bench, `SELECT count(*) FROM acknowledgement WHERE tenant_id = $1`, c.mukawa.town)
}

// TestALinkAnswersOnceAndOnlyByItsButton follows a mail's link as mail scanners and people do.
func TestALinkAnswersOnceAndOnlyByItsButton(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	path, nobody := "/a/"+c.link(c.mukawa), c.stranger()
	for range 2 {
		got := nobody.get(path)
		require.Equal(t, http.StatusOK, got.status)
		require.Contains(t, got.body, "受領を知らせる</button>")
		require.Contains(t, got.header.Get("X-Robots-Tag"), "noindex")
		require.Equal(t, "no-store", got.header.Get("Cache-Control"))
		require.Equal(t, "no-referrer", got.header.Get("Referrer-Policy"))
		require.NotContains(t, got.body, "町民課長", "nobody else's name stands there")
		require.Zero(t, c.answers())
	}
	nobody.do(http.MethodHead, path, nil)
	require.Zero(t, c.answers())

	got := nobody.post(path, url.Values{"quick": {"vendor"}, "promise": {"10時までに電話します"}, "until": {"2026-11-21T10:30"}})
	require.Equal(t, http.StatusOK, got.status, excerpt(got.body))
	require.Contains(t, got.body, "受領を記録しました")
	require.Contains(t, got.body, "業者に確認中。10時までに電話します")
	require.EqualValues(t, 1, c.answers())

	got = nobody.post(path, url.Values{"promise": {"もう一度"}})
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, got.body, "すでに受領されています")
	require.EqualValues(t, 1, c.answers())
	require.Contains(t, nobody.get(path).body, "すでに受領されています")

	line := c.as("mukawa").get(incidentPath(c.mukawa)).body
	require.Contains(t, line, "住民係長 見本 次郎が受領しました（メールのリンク）")
	require.Contains(t, line, "業者に確認中。10時までに電話します")
}

// TestALinkOfSeveralAnswersThemAllAtOnce presses the one button behind a mail that lists three incidents, of which one is
// over by then.
func TestALinkOfSeveralAnswersThemAllAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.job(func(ctx context.Context, tx *tenants.Tx) error {
		var list []incident.OpenInput
		for _, subject := range []string{"戸籍副", "附票", "連携"} {
			list = append(list, incident.OpenInput{Town: c.mukawa.town, Cause: "test:" + subject, About: "duty", AboutID: c.mukawa.duty, Subject: subject,
				Severity: incident.Critical, Reason: tenants.Reason{Code: "duty.missed", Params: tenants.Params{"due": "03:30"}}})
		}
		if _, err := incident.OpenMany(ctx, tx, list); err != nil {
			return err
		}
		if _, err := incident.Escalate(ctx, tx, 100); err != nil {
			return err
		}
		return incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: c.mukawa.town, Cause: "test:附票", Reason: tenants.Reason{Code: "duty.missed"}}})
	})
	rows := c.SQL(`SELECT substr(link_for, 6)::bigint AS rung FROM notice n WHERE EXISTS (SELECT FROM notice_also a WHERE a.notice_id = n.id)`)
	require.Len(t, rows, 1, "one mail lists the three")
	path, nobody := "/a/"+notice.Token(c.secret, c.mukawa.town, incident.LinkFor(rows[0]["rung"].(int64))), c.stranger()
	got := nobody.get(path)
	require.Equal(t, http.StatusOK, got.status)
	for _, words := range []string{"3件の異常", "まだ受領のない2件", "戸籍副", "附票", "連携", "✓ 復旧", "! 未受領", "まとめて受領を知らせる</button>"} {
		require.Contains(t, got.body, words)
	}
	require.Zero(t, c.answers())

	// The installation's secret is replaced meanwhile: the link that was sent opens on.
	c.Do(tenants.Job("secret"), func(ctx context.Context, tx *tenants.Tx) error { return vault.Replace(ctx, tx, tx.Now.Add(time.Hour)) })
	got = nobody.post(path, url.Values{"promise": {"業者に確認中"}, "until": {"2026-11-21T10:30"}})
	require.Equal(t, http.StatusOK, got.status, excerpt(got.body))
	require.Contains(t, got.body, "受領を記録しました")
	require.Contains(t, got.body, "● 受領済")
	require.EqualValues(t, 2, c.answers())
	got = nobody.post(path, url.Values{"promise": {"もう一度"}})
	require.Equal(t, http.StatusOK, got.status)
	require.Contains(t, got.body, "すでに受領されています")
	require.NotContains(t, got.body, "まとめて受領を知らせる</button>")
	require.EqualValues(t, 2, c.answers())
	c.Do(tenants.Job("secret"), func(ctx context.Context, tx *tenants.Tx) error { return vault.Replace(ctx, tx, tx.Now) })
	require.Equal(t, http.StatusNotFound, nobody.get(path).status, "a secret that leaked opens nothing")
	foreign := "/a/" + notice.Token(c.secret, c.foreign.town, incident.LinkFor(rows[0]["rung"].(int64)))
	require.Equal(t, http.StatusNotFound, nobody.get(foreign).status)
	require.Equal(t, http.StatusNotFound, nobody.post(foreign, url.Values{}).status)
}

func TestALinkThatIsOver(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	path, nobody := "/a/"+c.link(c.mukawa), c.stranger()
	require.Equal(t, http.StatusNotFound, nobody.get(path[:len(path)-1]+"7").status, "a changed link is none")
	require.Equal(t, http.StatusNotFound, nobody.post("/a/x.y", url.Values{}).status)
	c.job(func(ctx context.Context, tx *tenants.Tx) error {
		return incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: c.mukawa.town, Cause: duty.Cause(c.mukawa.duty), Reason: tenants.Reason{Code: "backup.good", Params: tenants.Params{"level": "@level.4", "bytes": "24 kB"}}}})
	})
	for _, got := range []answer{nobody.get(path), nobody.post(path, url.Values{"promise": {"遅れました"}})} {
		require.Equal(t, http.StatusOK, got.status)
		require.Contains(t, got.body, "すでに復旧しています")
		require.NotContains(t, got.body, "<button class=\"btn btn-fill btn-large")
	}
	require.Zero(t, c.answers())
}

// TestOtherSitesCannotPost sends what a browser sends from a page of another site, at every POST, signed in and with a
// mail's link.
func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	admin := c.as("admin")
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example"}}} {
		admin.header = header
		for _, name := range c.routes() {
			r := rules[name]
			method, path := c.path(name, r, c.mukawa.town, c.mukawa)
			if method != http.MethodPost {
				continue
			}
			var values url.Values
			if r.form != nil {
				values = r.form(c)
			}
			got := admin.post(path, values)
			require.Equal(t, http.StatusForbidden, got.status, name)
			require.Contains(t, got.body, "</html>", name)
		}
	}
	require.Zero(t, c.answers())
	admin.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	require.Equal(t, http.StatusSeeOther, admin.post("/confirmations/fine", url.Values{"night": {"2026-11-19"}}).status)
}
