package schedule_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/duty/schedule"
)

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ expr, zone, field, code, ja string }{
		{"", "Asia/Tokyo", "cron", schedule.CodeSyntax, "実施時刻を入力してください。"},
		{"0 2 * *", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「分 時 日 月 曜日」の5項目を空白で区切って入力してください（入力は4項目）。例: 0 2 * * *"},
		{"0 0 2 * * *", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「分 時 日 月 曜日」の5項目を空白で区切って入力してください（入力は6項目）。例: 0 2 * * *"},
		{"60 2 * * *", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「分」の指定「60」が正しくありません。0〜59で指定してください（*、範囲 a-b、間隔 */n、列挙 a,b が使えます）。"},
		{"0 24 * * *", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「時」の指定「24」が正しくありません。0〜23で指定してください（*、範囲 a-b、間隔 */n、列挙 a,b が使えます）。"},
		{"0 2 * * 7", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「曜日」の指定「7」が正しくありません。0〜6（0が日曜日）または sun〜sat で指定してください（*、範囲 a-b、間隔 */n、列挙 a,b が使えます）。"},
		{"@reboot", "Asia/Tokyo", "cron", schedule.CodeSyntax,
			"「@reboot」は使えません。使えるのは @hourly、@daily、@weekly、@monthly、@yearly です。"},
		{"@every 1h30m", "Asia/Tokyo", "cron", schedule.CodeEvery,
			"@every は時刻が決まらないため使えません。「*/30 * * * *」のように指定してください。"},
		{"CRON_TZ=UTC 0 2 * * *", "Asia/Tokyo", "cron", schedule.CodeZoneInside,
			"タイムゾーンは式の中ではなく、タイムゾーンの欄で指定してください。"},
		{"0 0 31 2 *", "Asia/Tokyo", "cron", schedule.CodeNever,
			"この日付はどの年にもないため、一度も実施されません。日と月を確かめてください。"},
		{"0 2 * * *", "Asia/Edo", "zone", schedule.CodeZone,
			"タイムゾーン「Asia/Edo」は見つかりません。「Asia/Tokyo」のように指定してください。"},
	} {
		_, err := schedule.Parse(tc.expr, tc.zone)
		var wrong schedule.Errors
		require.ErrorAs(t, err, &wrong, tc.expr)
		require.Len(t, wrong, 1)
		require.Equal(t, tc.field, wrong[0].Field)
		require.Equal(t, tc.code, wrong[0].Code, tc.expr)
		require.Equal(t, tc.ja, wrong[0].Ja)
		require.NotEmpty(t, wrong[0].En)
		require.ErrorContains(t, err, wrong[0].En)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"* * * * mon-sun-tue", "*-5 * * * *", "+5 * * * *", ", * * * *", "0,, * * * *", "*/0 * * * *", "*/90 * * * *",
		"5-1 * * * *", "0 2 0 * *", "0 2 32 * *", "0 2 * 13 *", "0 2 * 0 *", "0 2 L * *", "0 2 * * 1#2", "jan 2 * * *",
		"TZ=UTC", "CRON_TZ=Asia/Tokyo", "tz=UTC 0 2 * * *", "@", "@every", "@every x", "0 0 30 2 *", "0 0 31 2,4,6,9,11 *",
		"0 0 31 4 ?", "\xff 2 * * *", "0 2 * * *\x00", strings.Repeat("*", 300), "毎日 2 時 に 実施",
	} {
		_, err := schedule.Parse(expr, "Asia/Tokyo")
		require.Error(t, err, expr)
	}
	for _, zone := range []string{"", "Local", "asia", "../../etc/passwd", "JST+9", "Asia/Tokyo "} {
		_, err := schedule.Parse("0 2 * * *", zone)
		require.Error(t, err, zone)
	}
	_, err := schedule.Parse("60 2 * * *", "Nowhere/Else")
	var wrong schedule.Errors
	require.ErrorAs(t, err, &wrong)
	require.Len(t, wrong, 2, "both fields are named at once")
}

func TestParseTakes(t *testing.T) {
	t.Parallel()
	for expr, folded := range map[string]string{
		"0 2 * * *":            "0 2 * * *",
		"  0  2 *\t* * ":       "0 2 * * *",
		"０　２　＊　＊　＊":            "0 2 * * *",
		"0 2 * * MON-fri":      "0 2 * * MON-fri",
		"*/15 8-17/3 1,15 ? *": "*/15 8-17/3 1,15 ? *",
		"@DAILY":               "@daily",
		"0 0 29 2 *":           "0 0 29 2 *",   // every fourth year
		"0 0 31 2 1":           "0 0 31 2 1",   // Mondays in February
		"0 0 31 2,3 *":         "0 0 31 2,3 *", // in March
	} {
		s, err := schedule.Parse(expr, "Asia/Tokyo")
		require.NoError(t, err, expr)
		require.Equal(t, folded, s.Expr())
		require.Equal(t, "Asia/Tokyo", s.Location().String())
		again, err := schedule.Parse(s.Expr(), "Asia/Tokyo")
		require.NoError(t, err)
		require.Equal(t, s.Expr(), again.Expr())
	}
}

// Whatever is typed is refused in words or fires within nine years.
func TestParseIsTotal(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"*", "?", "0", "5", "29", "31", "59", "2", "-", "/", ",", " ", "mon", "feb", "@daily", "@", "TZ=", "＊", "\xff",
	})
	rapid.Check(t, func(t *rapid.T) {
		expr := strings.Join(rapid.SliceOfN(piece, 0, 14).Draw(t, "pieces"), "")
		if rapid.Bool().Draw(t, "five fields") {
			expr = strings.Join(rapid.SliceOfN(piece, 5, 5).Draw(t, "fields"), " ")
		}
		s, err := schedule.Parse(expr, "Asia/Tokyo")
		if err != nil {
			var wrong schedule.Errors
			require.ErrorAs(t, err, &wrong)
			require.NotEmpty(t, wrong[0].Ja)
			return
		}
		from := instant("2096-03-01T00:00:00Z") // the longest wait for a 29 February
		next := s.Next(from)
		require.True(t, next.After(from), expr)
		require.Less(t, next.Sub(from).Hours(), 9*366*24.0)
	})
}
