package incident

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/notice"
)

// mattersOf are three incidents of the town of letterFacts, the worst not first.
func mattersOf(t *testing.T, kind string) ([]matter, facts) {
	f := letterFacts(t, kind)
	cut := f.incident
	cut.Severity, cut.Reason = Critical, tenants.Reason{Code: "letter.cut", Params: tenants.Params{"now": "2.4 GB", "due": "03:30"}}
	calm, gone := cut, cut
	calm.ID, calm.Subject, calm.Severity, calm.OpenedAt = 69, "附票 週次バックアップ", Warning, cut.OpenedAt.Add(-time.Hour)
	gone.ID, gone.Subject, gone.OpenedAt = 71, "戸籍副 夜間バックアップ", cut.OpenedAt.Add(time.Minute)
	gone.Reason = tenants.Reason{Code: "letter.gone", Params: tenants.Params{"due": "03:30"}}
	list := make([]matter, 0, 3)
	for n, i := range []Incident{gone, calm, cut} {
		to := f.to
		to.ID += int64(n)
		list = append(list, matter{incident: i, rung: to, number: f.number, ack: f.ack, others: f.others})
	}
	return list, f
}

func TestDigestsAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for kind, subject := range map[string]string{
		notice.Opened:   "【棚守】むかわ町：3件の異常（戸籍正 バックアップ ほか）",
		notice.Repeated: "【棚守】むかわ町：3件の異常に受領のお知らせがありません（戸籍正 バックアップ ほか）",
		notice.Reopened: "【棚守】むかわ町：3件が約束の時刻を過ぎました（戸籍正 バックアップ ほか）",
		notice.Resolved: "【棚守】むかわ町：3件が復旧しました（戸籍正 バックアップ ほか）",
	} {
		list, f := mattersOf(t, kind)
		m, err := writeAll(kind, f.place, f.now, list)
		require.NoError(t, err)
		require.Equal(t, subject, m.Subject)
		require.EqualValues(t, 70, m.AboutID, "the worst leads")
		require.Equal(t, []int64{71, 69}, m.Also)
		require.Equal(t, kind != notice.Resolved, m.LinkFor == "rung:14", "the link is the leading rung's")
		require.Equal(t, kind != notice.Resolved, strings.Count(m.Text, "{{ack}}") == 1 && strings.Count(m.HTML, "<a href=") == 1)
		require.EqualValues(t, 71, list[0].incident.ID, "what it was written from is as it was")
		for name, got := range map[string]string{"digest_" + kind + ".txt": m.Subject + "\n\n" + m.Text, "digest_" + kind + ".html": m.HTML} {
			path := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "%s; -update writes it anew", name)
		}
	}
}

func TestOneMatterIsTheLetterOfThatIncident(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{notice.Opened, notice.Repeated, notice.Reopened, notice.Resolved} {
		f := letterFacts(t, kind)
		want, err := write(f)
		require.NoError(t, err)
		got, err := writeAll(kind, f.place, f.now, []matter{{incident: f.incident, rung: f.to, number: f.number, ack: f.ack, others: f.others}})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestALongDigestCountsItsEnd(t *testing.T) {
	t.Parallel()
	list, f := mattersOf(t, notice.Opened)
	one := list[2]
	list = nil
	for n := range 42 {
		m := one
		m.incident.ID, m.incident.Subject = int64(100+n), fmt.Sprintf(`戸籍<b>%d</b>`, n)
		list = append(list, m)
	}
	m, err := writeAll(notice.Opened, f.place, f.now, list)
	require.NoError(t, err)
	require.Contains(t, m.Text, "(30) 戸籍<b>29</b>")
	require.NotContains(t, m.Text, "(31)")
	require.Contains(t, m.Text, "ほか12件は、棚守の画面でご覧ください。\n　　{{base}}/incidents\n")
	require.Contains(t, m.HTML, "ほか12件")
	require.NotContains(t, m.HTML, "<b>29</b>")
	require.Len(t, m.Also, 41)
	require.Less(t, len(m.HTML), 32<<10)
}

func TestATrayMakesOneLetterForAnAddressAndAKind(t *testing.T) {
	t.Parallel()
	tray := newTray(map[reader]int64{{1, "a@example.jp"}: 9})
	at := func(incident int64, mail string) matter {
		return matter{incident: Incident{ID: incident, TenantID: 5}, rung: Rung{TenantID: 5, IncidentID: incident, Mail: mail}}
	}
	there, has := tray.has(at(1, "a@example.jp").rung)
	require.True(t, has)
	require.EqualValues(t, 9, *noticeOf(there, nil), "what waits already tells it")
	_, has = tray.has(at(2, "a@example.jp").rung)
	require.False(t, has)
	first := tray.put(notice.Opened, at(2, "a@example.jp"))
	require.Equal(t, first, tray.put(notice.Opened, at(3, "a@example.jp")))
	require.NotEqual(t, first, tray.put(notice.Repeated, at(4, "a@example.jp")))
	require.NotEqual(t, first, tray.put(notice.Opened, at(2, "b@example.jp")))
	there, has = tray.has(at(3, "a@example.jp").rung)
	require.True(t, has, "a second person with that address reads the same letter")
	require.Equal(t, first, there)
	require.Len(t, tray.bundles, 3)
}
