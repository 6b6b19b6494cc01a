package jobs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/evidence"
	"tanamori/tenants/morning"
	"tanamori/tenants/tenantstest"
)

// From the machine's words in the night to the letter in the town's mailbox: what was proved of the copy, the missed night and
// whom it waits for, and a checkpoint that evidence can be held against.
func TestTheTownReadsInTheMorningHowTheNightWent(t *testing.T) {
	t.Parallel()
	s := setup(t)
	clerk := s.Person(s.town, tenants.Town)
	s.Do(clerk, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := morning.Set(ctx, tx, s.town, morning.Setting{Minute: morning.DefaultMinute, EveryDay: true,
			Readers: []morning.Reader{{Name: "町民生活課", Mail: "kacho@town.mukawa.example"}, {Name: "総務課", Mail: "somu@town.mukawa.example"}}})
		return err
	})
	s.until(20, 18, 1)
	s.until(21, 2, 0)
	s.checkIn(checkin.Start, nil)
	s.Clock.Set(s.at(21, 2, 41))
	s.backup(21, strings.Repeat("令和8年の戸籍\n", 1000))
	s.until(21, 2, 42)
	s.until(21, 7, 29)
	require.Empty(t, s.subjects())
	s.until(21, 7, 30)
	s.until(21, 7, 45)
	fine := "【棚守】むかわ町：11月21日の朝　すべて正常"
	require.ElementsMatch(t, []string{"町民生活課 <kacho@town.mukawa.example> | " + fine, "総務課 <somu@town.mukawa.example> | " + fine}, s.subjects())
	mails, err := s.box.List(1)
	require.NoError(t, err)
	require.Contains(t, mails[0].Text, "正常　戸籍正 夜間バックアップ\n　　02:4")
	require.Contains(t, mails[0].Text, "通読まで確認　20.0 kB")
	require.Contains(t, mails[0].Text, "http://console.example/towns/")
	require.NotContains(t, mails[0].Text, "{{")

	// Nobody answers for the next night: the report says for whom it waits.
	s.until(22, 4, 0)
	require.Contains(t, s.subjects()[2], "kakari@town.mukawa.example")
	s.until(22, 7, 30)
	list, err := s.box.List(1000)
	require.NoError(t, err)
	var second string
	for _, m := range list {
		if strings.Contains(m.Subject, "11月22日の朝　要対応 1件") && strings.Contains(m.To, "somu@") {
			second = m.Text
		}
	}
	require.Contains(t, second, "未着　戸籍正 夜間バックアップ")
	require.Contains(t, second, "まだ受領のお知らせがありません")
	require.Contains(t, second, "町民生活課長 見本 太郎 様の受領をお待ちしています")

	// The checkpoint in it is the log's own.
	note := tenantstest.Value[string](s.Bench, `SELECT c.note FROM tlog_checkpoint c JOIN notice n ON n.tenant_id = c.tenant_id AND position(c.note IN n.body_text) > 0
		WHERE n.subject LIKE '%11月22日の朝%' ORDER BY c.size DESC LIMIT 1`)
	require.Contains(t, strings.ReplaceAll(second, "\r\n", "\n"), note)
	key := tenantstest.Value[string](s.Bench, `SELECT verifier FROM tlog_key WHERE tenant_id = $1`, s.town)
	c, _, err := evidence.Open(note, key)
	require.NoError(t, err)
	require.Positive(t, c.Size)
}
