package incident

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/notice"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var _ = tenants.Sentences(map[string][2]string{
	"letter.cut":  {"3.9 GBのうち{now}で終わっています", "The file ends after {now} of 3.9 GB"},
	"letter.gone": {"{due}までの約束でしたが届いていません。", "Nothing arrived by {due}."},
	"letter.good": {"07:10に正常なものが届きました", "A good one arrived at 07:10"},
})

var _ = tenants.Shorts(map[string][2]string{"letter.cut": {"途中で切れています", "cut short"}})

func letterFacts(t *testing.T, kind string) facts {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 21, hour, minute, 0, 0, tokyo) }
	night := calendar.MustDate(2026, 11, 20)
	noticed, told, due := int64(9), at(2, 31), at(2, 46)
	f := facts{
		kind: kind, number: 1, now: at(2, 31),
		place: place{Name: "むかわ町", zone: tokyo, Host: "蘭越町", HostPost: "住民福祉課", HostPhone: "0136-57-0000", HostHours: "夜間は宿直へつながります"},
		incident: Incident{TenantID: 5, ID: 70, Subject: "戸籍正 バックアップ", Night: &night, Severity: Critical, OpenedAt: at(2, 31),
			Reason: tenants.Reason{Code: "letter.cut", Params: tenants.Params{"now": "2.4 GB"}}},
		to: Rung{ID: 12, Post: "町民生活課長", Name: "見本 一郎", Mail: "ichiro@example.jp"},
		others: []Rung{
			{Post: "住民係長", Name: "見本 花子", Mail: "hanako@example.jp", State: RungPending, DueAt: due},
			{Post: "副町長", Name: "見本 二郎", State: RungPending, DueAt: at(3, 1)},
		},
	}
	switch kind {
	case notice.Repeated:
		f.number, f.now = 3, at(3, 16)
		f.incident.Severity, f.incident.Reason = Warning, tenants.Reason{Code: "letter.gone", Params: tenants.Params{"due": "03:30"}}
		f.others[0].State, f.others[0].FiredAt, f.others[0].NoticeID = RungFired, &told, &noticed
		f.others[1].State, f.others[1].FiredAt = RungFired, &due
	case notice.Reopened:
		f.number, f.now = 4, at(10, 0)
		f.incident.Reason.Params["due"] = "03:30"
		f.ack = &Acknowledgement{ByText: "町民生活課長 見本 一郎", Promise: "業者に確認中", Until: at(10, 0)}
		f.others = f.others[:1]
		f.others[0].DueAt = at(10, 0)
	case notice.Resolved:
		f.number, f.now, f.others = 5, at(7, 12), nil
		end := at(7, 12)
		f.incident.State, f.incident.ResolvedAt = StateResolved, &end
		f.incident.Resolution = sentence(tenants.Reason{Code: "letter.good"})
	}
	return f
}

func TestLettersAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{notice.Opened, notice.Repeated, notice.Reopened, notice.Resolved} {
		m, err := write(letterFacts(t, kind))
		require.NoError(t, err)
		for name, got := range map[string]string{kind + ".txt": m.Subject + "\n\n" + m.Text, kind + ".html": m.HTML} {
			path := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "%s; -update writes it anew", name)
		}
		require.Equal(t, kind != notice.Resolved, m.LinkFor == "rung:12")
		require.Equal(t, kind != notice.Resolved, strings.Contains(m.Text, "{{ack}}") && strings.Contains(m.HTML, `href="{{ack}}"`))
	}
	m, err := write(letterFacts(t, notice.Opened))
	require.NoError(t, err)
	require.Equal(t, "【棚守】むかわ町 戸籍正 バックアップ：途中で切れています", m.Subject)
}

func TestALetterTakesAnyText(t *testing.T) {
	t.Parallel()
	f := letterFacts(t, notice.Opened)
	f.incident.Subject = `戸籍<script>alert(1)</script> "x" & 葛󠄀城𠮷`
	f.to.Name = "見本 & 一郎"
	f.place.HostPhone, f.incident.Night, f.others = "", nil, nil
	f.incident.Reason = tenants.Reason{Code: "letter.unknown"}
	m, err := write(f)
	require.NoError(t, err)
	require.Contains(t, m.Text, `戸籍<script>alert(1)</script> "x" & 葛󠄀城𠮷`, "plain text is plain")
	require.NotContains(t, m.HTML, "<script>")
	require.Contains(t, m.Text, "letter.unknown", "a reason without words is shown as itself")
	require.Contains(t, m.Text, "■ 問合せ先\n蘭越町\n")
	f.incident.Subject = strings.Repeat("長", 500)
	m, err = write(f)
	require.NoError(t, err)
	require.Len(t, []rune(m.Subject), 120)
}

// Old Outlook lays out with Word: it knows neither flex nor grid nor floats, and some programs drop style sheets whole.
func TestTheMarkupIsWhatMailProgramsUnderstand(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{notice.Opened, notice.Repeated, notice.Reopened, notice.Resolved} {
		m, err := write(letterFacts(t, kind))
		require.NoError(t, err)
		require.Less(t, len(m.HTML), 8<<10)
		doc, err := html.Parse(strings.NewReader(m.HTML))
		require.NoError(t, err)
		for n := range doc.Descendants() {
			require.NotContains(t, []string{"table", "style", "script", "img", "link", "form"}, n.Data)
			for _, a := range n.Attr {
				if a.Key == "style" {
					require.NotRegexp(t, `flex|grid|float|position|url\(`, a.Val)
				}
				require.False(t, a.Key == "href" && a.Val != "{{ack}}", "a letter links to nothing but its answer")
			}
		}
	}
}
