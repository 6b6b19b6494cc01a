package morning

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
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tlog"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var _ = tenants.Sentences(map[string][2]string{
	"morning.cut":  {"3.9 GBのうち{now}で終わっています", "The file ends after {now} of 3.9 GB"},
	"morning.gone": {"{due}までの約束でしたが届いていません", "Nothing arrived by {due}"},
})

// nightOf is a night of むかわ町 as seen at 07:30; kind names what it comes to.
func nightOf(t *testing.T, kind string) night {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, tokyo) }
	when := func(day, hour, minute int) *time.Time { m := at(day, hour, minute); return &m }
	level, size := 5, int64(3_900_000_000)
	n := night{claim: claim{TenantID: 5, Name: "むかわ町", zone: tokyo, today: calendar.MustDate(2026, 11, 26)}, open: true, now: at(26, 7, 30),
		readers: []Reader{{"町民生活課長 見本 一郎", "ichiro@example.jp"}, {"戸籍係", "koseki@example.jp"}}, host: "蘭越町 住民福祉課　電話 0136-57-0000",
		copies: map[int64]backup.Copy{71: {Level: &level, Bytes: &size}, 73: {Level: &level, Bytes: &size}, 74: {Level: &level, Bytes: &size}},
		checkpoint: &tlog.Sealed{Checkpoint: tlog.Checkpoint{Size: 12345, At: at(26, 7, 29),
			Note: "tanamori/3f9a1c2b7d10/015865\n12345\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\nat 2026-11-25T22:29:03.123456Z\n\n— tanamori/3f9a1c2b7d10/015865 9fLkA0Zq\n"},
			Verifier: "tanamori/3f9a1c2b7d10/015865+f5f2e403+AZ0Zq"}}
	row := func(id int64, subject string, v duty.Verdict, arrived *time.Time) duty.Told {
		return duty.Told{DutyID: id, OccurrenceID: 70 + id, Subject: subject, Verdict: v, ArrivedAt: arrived, Count: 1, Night: calendar.MustDate(2026, 11, 25)}
	}
	n.told = []duty.Told{row(1, "戸籍正 バックアップ", duty.Met, when(26, 2, 41)), row(2, "戸籍副 バックアップ", duty.Met, when(26, 3, 2))}
	gone := tenants.Reason{Code: "morning.gone", Params: tenants.Params{"due": "04:00"}}
	switch kind {
	case "nothing":
		n.told, n.readers = nil, n.readers[:1]
	case "recovered":
		n.told[0].Verdict, n.told[0].Reason, n.told[0].RecoveredAt = duty.Missed, gone, when(26, 6, 12)
	case "bad":
		n.told[0].Verdict, n.told[0].Reason = duty.Missed, gone
		late := row(3, "附票 バックアップ", duty.Late, when(26, 5, 10))
		late.Reason = tenants.Reason{Code: "duty.late", Params: tenants.Params{"due": "05:00", "at": "05:10"}}
		often := row(4, "戸籍正 差分", duty.Met, when(26, 7, 20))
		often.Count, often.Fine = 24, 24
		waiting := row(5, "副本 送信", duty.Pending, nil)
		waiting.Reason = tenants.Reason{Code: "duty.examining"}
		n.told = append(n.told, late, often, waiting)
		n.standing = []incident.Item{
			{Incident: incident.Incident{ID: 70, Subject: "戸籍正 バックアップ", State: incident.StateOpen, Severity: incident.Critical, OpenedAt: at(26, 4, 0), Reason: gone},
				Last: &incident.Telling{Post: "住民係長", Name: "見本 花子", At: at(26, 4, 0)}},
			{Incident: incident.Incident{ID: 68, Subject: "附票 週次", State: incident.StateAcknowledged, Severity: incident.Warning, OpenedAt: at(24, 3, 0),
				Reason: tenants.Reason{Code: "morning.cut", Params: tenants.Params{"now": "2.4 GB"}}},
				Ack: &incident.Answered{By: "町民生活課長 見本 一郎", Promise: "業者に確認中", At: at(25, 9, 0), Until: at(27, 10, 0)}},
		}
	case "held":
		n.standing = []incident.Item{{Incident: incident.Incident{ID: 68, Subject: "附票 週次", State: incident.StateAcknowledged, OpenedAt: at(24, 3, 0), Reason: gone},
			Ack: &incident.Answered{By: "電話　見本 花子", Promise: "本日中に取り直す", At: at(25, 9, 0), Until: at(26, 17, 0)}}}
	case "young": // the log has not begun
		n.checkpoint = nil
	}
	return n
}

var kinds = []string{"fine", "nothing", "recovered", "bad", "held", "young"}

func TestLettersAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		all, err := nightOf(t, kind).letters()
		require.NoError(t, err)
		m := all[0]
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
	}
}

func TestTheSubjectSaysItAtOnce(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"fine": "すべて正常", "nothing": "変わりありません", "recovered": "すべて正常（うち復旧 1件）", "bad": "要対応 1件・対応中 1件・確認中 1件", "held": "対応中 1件", "young": "すべて正常"} {
		all, err := nightOf(t, kind).letters()
		require.NoError(t, err)
		require.Equal(t, "【棚守】むかわ町：11月26日の朝　"+want, all[0].Subject)
		for _, m := range all {
			require.Equal(t, notice.Morning, m.Kind)
			require.Equal(t, "morning:2026-11-26:"+m.ToAddress, m.Dedup)
			require.Contains(t, m.Text, m.ToName+" 様")
			require.Empty(t, m.LinkFor, "nobody has to answer it")
		}
	}
	n := nightOf(t, "fine")
	n.told[0].Verdict, n.told[1].Verdict = duty.Unknown, duty.Late
	require.Equal(t, "不明 1件・遅れ 1件", n.gist().say("ja"))
	require.Equal(t, "1 unknown, 1 late", n.gist().say("en"))
}

func TestALetterTakesAnyTextAndAnyNumber(t *testing.T) {
	t.Parallel()
	n := nightOf(t, "bad")
	n.told[0].Subject, n.readers[0].Name = `戸籍<script>alert(1)</script> & 葛󠄀城𠮷`, "見本 & 一郎"
	for i := range int64(100) {
		x := n.told[1]
		x.DutyID = 100 + i
		n.told, n.standing = append(n.told, x), append(n.standing, n.standing[0])
	}
	all, err := n.letters()
	require.NoError(t, err)
	require.Contains(t, all[0].Text, `戸籍<script>alert(1)</script> & 葛󠄀城𠮷`, "plain text is plain")
	require.NotContains(t, all[0].HTML, "<script>")
	require.Contains(t, all[0].Text, "ほか65件は、棚守の画面で")
	require.Contains(t, all[0].Text, "ほか92件は、棚守の画面で")
	require.Less(t, len(all[0].HTML), 40<<10)
}

// Old Outlook lays out with Word, and some programs drop style sheets whole. The one table is of data, not of layout.
func TestTheMarkupIsWhatMailProgramsUnderstand(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		all, err := nightOf(t, kind).letters()
		require.NoError(t, err)
		doc, err := html.Parse(strings.NewReader(all[0].HTML))
		require.NoError(t, err)
		for n := range doc.Descendants() {
			require.NotContains(t, []string{"style", "script", "img", "link", "form"}, n.Data)
			for _, a := range n.Attr {
				if a.Key == "style" {
					require.NotRegexp(t, `flex|grid|float|position|url\(`, a.Val)
				}
				require.False(t, a.Key == "href" && !strings.HasPrefix(a.Val, "{{base}}/"), "a letter links to the console only: %s", a.Val)
			}
		}
	}
}
