package calendar_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants/calendar"
)

func TestParseInputReadsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ typed, want string }{
		{"令和8年11月21日", "2026-11-21"},
		{"令和８年１１月２１日", "2026-11-21"},
		{"　令和 8 年 11 月 21 日　", "2026-11-21"},
		{"令和8年11月21日（土）", "2026-11-21"},
		{"令和8年11月21日(土曜日)", "2026-11-21"},
		{"令和08年11月21日", "2026-11-21"},
		{"令和元年5月1日", "2019-05-01"},
		{"令和1年5月1日", "2019-05-01"},
		{"㋿元年5月1日", "2019-05-01"},
		{"R8.11.21", "2026-11-21"},
		{"r8/11/21", "2026-11-21"},
		{"R8-11-21", "2026-11-21"},
		{"R.8.11.21", "2026-11-21"},
		{"Ｒ８．１１．２１", "2026-11-21"},
		{"R8・11・21", "2026-11-21"},
		{"R元.5.1", "2019-05-01"},
		{"令8.11.21", "2026-11-21"},
		{"令和8.11.21", "2026-11-21"},
		{"S64.1.7", "1989-01-07"},
		{"昭和64年1月7日", "1989-01-07"},
		{"平成31年4月30日", "2019-04-30"},
		{"H1.1.8", "1989-01-08"},
		{"T15.12.24", "1926-12-24"},
		{"明治45年7月29日", "1912-07-29"},
		{"M1.1.25", "1868-01-25"},
		{"5081121", "2026-11-21"},
		{"５０８１１２１", "2026-11-21"},
		{"4310430", "2019-04-30"},
		{"5100229", "2028-02-29"},
		{"20261121", "2026-11-21"},
		{"2026-11-21", "2026-11-21"},
		{"２０２６－１１－２１", "2026-11-21"},
		{"2026−11−21", "2026-11-21"},
		{"2026/11/21", "2026-11-21"},
		{"2026/1/2", "2026-01-02"},
		{"2026.11.21", "2026-11-21"},
		{"2026年11月21日", "2026-11-21"},
		{"西暦2026年11月21日", "2026-11-21"},
		{"1867-12-31", "1867-12-31"},
	} {
		got, err := calendar.ParseInput(tc.typed)
		require.NoError(t, err, tc.typed)
		require.Equal(t, tc.want, got.String(), tc.typed)
	}
}

func TestParseInputSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ typed, code, ja, suggest string }{
		{"", calendar.CodeEmpty, "日付を入力してください。", ""},
		{" 　", calendar.CodeEmpty, "日付を入力してください。", ""},
		{"平成32年1月1日", calendar.CodeWrongEra, "平成は平成31年4月30日までです。この日は令和2年1月1日です。", "2020-01-01"},
		{"H31.5.1", calendar.CodeWrongEra, "平成は平成31年4月30日までです。この日は令和元年5月1日です。", "2019-05-01"},
		{"令和元年4月30日", calendar.CodeWrongEra, "令和は令和元年5月1日からです。この日は平成31年4月30日です。", "2019-04-30"},
		{"5010430", calendar.CodeWrongEra, "令和は令和元年5月1日からです。この日は平成31年4月30日です。", "2019-04-30"},
		{"昭和64年1月8日", calendar.CodeWrongEra, "昭和は昭和64年1月7日までです。この日は平成元年1月8日です。", "1989-01-08"},
		{"明治45年7月30日", calendar.CodeWrongEra, "明治は明治45年7月29日までです。この日は大正元年7月30日です。", "1912-07-30"},
		{"昭和100年4月1日", calendar.CodeWrongEra, "昭和は昭和64年1月7日までです。この日は令和7年4月1日です。", "2025-04-01"},
		{"明治元年1月24日", calendar.CodeBeforeEras, "明治は明治元年1月25日からです。それより前の日付は西暦で入力してください。", ""},
		{"令和0年1月1日", calendar.CodeWrongEra, "令和に0年はありません。最初の年は元年（1年）です。", ""},
		{"令和8年2月29日", calendar.CodeNoSuchDay, "令和8年（2026年）2月に29日はありません。1日から28日までです。", ""},
		{"5081131", calendar.CodeNoSuchDay, "令和8年（2026年）11月に31日はありません。1日から30日までです。", ""},
		{"2026/13/1", calendar.CodeNoSuchDay, "13月はありません。月は1から12までで入力してください。", ""},
		{"0000-01-01", calendar.CodeNoSuchDay, "年「0」は扱えません。西暦1年から9999年までの日付を入力してください。", ""},
		{"令和8年11月21日（日）", calendar.CodeWrongDay, "令和8年11月21日は土曜日です（入力は日曜日）。", "2026-11-21"},
		{"26/11/21", calendar.CodeSyntax, "「26/11/21」は年が分かりません。元号を付けるか、西暦4桁で入力してください。", ""},
		{"元年5月1日", calendar.CodeSyntax, "「元年5月1日」は年が分かりません。元号を付けるか、西暦4桁で入力してください。", ""},
		{"あした", calendar.CodeSyntax, "「あした」は日付として読めません。「令和8年11月21日」「R8.11.21」「2026-11-21」のように入力してください。", ""},
	} {
		_, err := calendar.ParseInput(tc.typed)
		var input *calendar.InputError
		require.ErrorAs(t, err, &input, tc.typed)
		require.Equal(t, tc.code, input.Code, tc.typed)
		require.Equal(t, tc.ja, input.Ja)
		require.Equal(t, tc.suggest, input.Suggest.String(), tc.typed)
		require.Equal(t, tc.typed, input.Input)
		require.NotEmpty(t, input.En)
	}
	_, err := calendar.ParseInput("平成32年1月1日")
	require.EqualError(t, err, "Heisei ended on 2019-04-30: this day is 令和2年1月1日 (2020-01-01)")
}

func TestParseInputRefuses(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"6081121", "0081121", "508112", "081121", "202611211", "2026-11/21", "令和8年11月", "11月21日",
		"R8.11", "X8.11.21", "和8.11.21", "\xe48.11.21", "\xff\xfe", "R-8.11.21", "-2026-11-21",
		"2026-11-21T00:00", "慶応3年1月1日", strings.Repeat("令", 10_000),
	} {
		d, err := calendar.ParseInput(typed)
		var input *calendar.InputError
		require.ErrorAs(t, err, &input, typed)
		require.True(t, d.IsZero())
		require.Less(t, len(input.Ja), 400, "a message does not carry the whole input")
	}
}

// Whatever is typed is either read as a date that prints again or refused in
// both languages.
func TestParseInputIsTotal(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom([]string{
		"令和", "平成", "昭和", "R", "h", "元", "年", "月", "日", "（", "土", "）", ".", "/", "-", "0", "1", "8", "12",
		"31", "2026", "１", "　", "\xff", "𠮷", "㋿",
	})
	rapid.Check(t, func(t *rapid.T) {
		typed := strings.Join(rapid.SliceOfN(pieces, 0, 10).Draw(t, "pieces"), "")
		if rapid.Bool().Draw(t, "anything") {
			typed = rapid.String().Draw(t, "typed")
		}
		d, err := calendar.ParseInput(typed)
		if err == nil {
			again, err := calendar.ParseInput(d.Wareki())
			require.NoError(t, err)
			require.Equal(t, d, again)
			return
		}
		var input *calendar.InputError
		require.ErrorAs(t, err, &input)
		require.NotEmpty(t, input.Ja)
		require.NotEmpty(t, input.En)
	})
}
