package schedule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/duty/schedule"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ expr, ja, en string }{
		{"0 2 * * *", "毎日 02:00", "every day at 02:00"},
		{"@daily", "毎日 00:00", "every day at 00:00"},
		{"0 2 * * 0-6", "毎日 02:00", "every day at 02:00"},
		{"0 2 1 * 0-6", "毎日 02:00", "every day at 02:00"}, // either field will do, and one always does
		{"0 9,17 * * *", "毎日 09:00・17:00", "every day at 09:00 and 17:00"},
		{"0,30 12 * * *", "毎日 12:00・12:30", "every day at 12:00 and 12:30"},
		{"30 23 * * 1-5", "平日 23:30", "weekdays at 23:30"},
		{"30 23 * * mon-fri", "平日 23:30", "weekdays at 23:30"},
		{"0 1 * * 1", "毎週月曜日 01:00", "every Monday at 01:00"},
		{"0 1 * * 6,0", "毎週日曜日・土曜日 01:00", "every Sunday and Saturday at 01:00"},
		{"@weekly", "毎週日曜日 00:00", "every Sunday at 00:00"},
		{"0 3 1 * *", "毎月1日 03:00", "on the 1st of every month at 03:00"},
		{"0 3 1,15 * *", "毎月1日・15日 03:00", "on the 1st and 15th of every month at 03:00"},
		{"0 3 1-7 * *", "毎月1日〜7日 03:00", "on the 1st to 7th of every month at 03:00"},
		{"0 3 22 * *", "毎月22日 03:00", "on the 22nd of every month at 03:00"},
		{"0 3 13 4 *", "毎年4月13日 03:00", "on the 13th in April at 03:00"},
		{"@yearly", "毎年1月1日 00:00", "on the 1st in January at 00:00"},
		{"0 3 1 4,10 *", "毎年4月・10月の1日 03:00", "on the 1st in April and October at 03:00"},
		{"0 3 * 4 *", "毎年4月の毎日 03:00", "every day in April at 03:00"},
		{"0 3 * 4 1", "毎年4月の毎週月曜日 03:00", "every Monday in April at 03:00"},
		{"0 3 1 * 1", "毎月1日および毎週月曜日 03:00", "on the 1st of every month and every Monday at 03:00"},
		{"0 * * * *", "毎時0分", "every hour at :00"},
		{"@hourly", "毎時0分", "every hour at :00"},
		{"5 * * * 1-5", "平日 毎時5分", "every hour at :05, weekdays"},
		{"* * * * *", "毎分", "every minute"},
		{"*/15 * * * *", "15分ごと", "every 15 minutes"},
		{"0,15,30,45 * * * *", "15分ごと", "every 15 minutes"},
		{"0 8-18 * * 1-5", "平日 08:00〜18:00の1時間ごと", "every hour from 08:00 to 18:00, weekdays"},
		{"*/20 8-17 * * *", "08:00〜17:40の20分ごと", "every 20 minutes from 08:00 to 17:40"},
		// No short words: the expression itself.
		{"7,11,50 3,9 * * *", "7,11,50 3,9 * * *", ""},
		{"0 2 */2 * *", "0 2 */2 * *", ""},
		{"0 2 1 1 1", "0 2 1 1 1", ""},
		{"0 2 1 1-7 *", "0 2 1 1-7 *", ""},
		{"*/45 * * * *", "*/45 * * * *", ""},
		{"not cron", "not cron", ""},
	} {
		ja, en := schedule.Describe(tc.expr)
		if tc.en == "" {
			tc.ja, tc.en = tc.expr, tc.expr
		}
		require.Equal(t, tc.ja, ja, tc.expr)
		require.Equal(t, tc.en, en, tc.expr)
	}
}
