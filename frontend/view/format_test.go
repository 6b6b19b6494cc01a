package view

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/calendar"
)

func TestBytes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{-1: "–", 0: "0バイト", 999: "999バイト", 1000: "1.0 kB", 9_940: "9.9 kB", 9_960: "10 kB", 812_000_000: "812 MB", 999_600_000: "1.0 GB", 2_400_000_000: "2.4 GB", 3_912_000_000: "3.9 GB", 12_000_000_000_000: "12 TB", 9_223_372_036_854_775_807: "9.2 EB"} {
		require.Equal(t, want, JA.Bytes(n), n)
	}
	require.Equal(t, "999 bytes", EN.Bytes(999))
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		0: {"0秒", "0 s"}, 59 * time.Second: {"59秒", "59 s"}, 41*time.Minute + 20*time.Second: {"41分", "41 min"},
		2 * time.Hour: {"2時間", "2 h"}, 125 * time.Minute: {"2時間5分", "2 h 5 min"}, 76 * time.Hour: {"3日4時間", "3 d 4 h"}, -41 * time.Minute: {"41分", "41 min"},
	} {
		require.Equal(t, want[0], JA.Duration(d))
		require.Equal(t, want[1], EN.Duration(d))
	}
	now := at(21, 7, 30)
	require.Equal(t, "あと16分", JA.Relative(at(21, 7, 46), now))
	require.Equal(t, "3時間59分前", JA.Relative(at(21, 3, 31), now))
	require.Equal(t, "たった今", JA.Relative(now.Add(5*time.Second), now))
	require.Equal(t, "in 16 min", EN.Relative(at(21, 7, 46), now))
	require.Equal(t, "2 min ago", EN.Relative(at(21, 7, 28), now))
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 34820: "34,820", 1_234_567: "1,234,567", -12_345: "-12,345"} {
		require.Equal(t, want, Number(n))
	}
	_, err := number("3")
	require.Error(t, err)
}

func TestDates(t *testing.T) {
	t.Parallel()
	d := date(11, 21)
	require.Equal(t, "令和8年11月21日（土）", JA.Era(d))
	require.Equal(t, "Sat 21 November 2026", EN.Era(d))
	require.Equal(t, "11月21日（土）", JA.Day(d))
	require.Equal(t, "R8.11.21", JA.Short(d))
	require.Equal(t, "2026-11-21", EN.Short(d))
	require.Equal(t, "–", JA.Era(calendar.Date{}))
	require.Equal(t, "–", JA.Day(calendar.Date{}))
	require.Equal(t, "–", JA.Short(calendar.Date{}))

	m := time.Date(2026, time.November, 20, 22, 30, 0, 0, time.UTC)
	require.Equal(t, "令和8年11月21日（土）07:30", JA.Moment(m, tokyo))
	require.Equal(t, "11月20日（金）22:30", JA.DayTime(m, time.UTC))
	require.Equal(t, "07:30", JA.Near(m, at(21, 9, 0), tokyo))
	require.Equal(t, "11月21日（土）07:30", JA.Near(m, at(22, 9, 0), tokyo))
	require.Equal(t, "2026-11-21T07:30:00+09:00", machine(m, tokyo))
	for _, text := range []string{JA.Moment(time.Time{}, tokyo), JA.DayTime(time.Time{}, tokyo), JA.Near(time.Time{}, m, tokyo), clockIn(time.Time{}, tokyo), seconds(time.Time{}, tokyo)} {
		require.Equal(t, "–", text)
	}
	require.Empty(t, machine(time.Time{}, tokyo))
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, code := range []string{Met, Late, Failed, Missed, Excused, Unknown, Pending, Suspect} {
		m := markOf(code)
		require.NotEmpty(t, m.icon)
		require.NotEqual(t, code, JA.VerdictWord(code))
		require.NotEmpty(t, EN.VerdictWord(code))
	}
	require.Equal(t, "novel", JA.VerdictWord("novel"), "a code nobody knows shows as itself")
	require.Equal(t, "novel", wordOf("incident", "novel").ja)
	require.Equal(t, "申告", JA.LevelName(0))
	require.Equal(t, "構造", JA.LevelName(5))
	require.Equal(t, "–", JA.LevelName(-1))
	require.Equal(t, "–", JA.LevelName(6))
	require.Empty(t, JA.LevelHelp(9))
	require.Equal(t, EN, ParseLang("en"))
	require.Equal(t, JA, ParseLang("fr"))
	require.Equal(t, EN, JA.Other())
	require.Equal(t, JA, EN.Other())
}

func TestField(t *testing.T) {
	t.Parallel()
	f := Form{Values: values("name", "むかわ町", "days", "1", "days", "2"), Errors: []FieldError{{"name", "だめ"}}}
	x, err := field(f.As("a"), "name", "名", map[string]any{"required": true, "help": "h"})
	require.NoError(t, err)
	require.Equal(t, "f-a-name", x.ID)
	require.Equal(t, "むかわ町", x.Value)
	require.Equal(t, "f-a-name-help f-a-name-err", x.Describe())
	require.True(t, f.Has("days", "2"))
	require.False(t, f.Has("days", "3"))

	for _, wrong := range []map[string]any{{"requierd": true}, {"required": "yes"}, {"rows": "3"}, {"help": 3}} {
		_, err = field(f, "name", "名", wrong)
		require.Error(t, err)
	}
	_, err = opts("help")
	require.Error(t, err)
	_, err = opts(1, 2)
	require.Error(t, err)
	_, err = options("a")
	require.Error(t, err)
}

func TestStatusCell(t *testing.T) {
	t.Parallel()
	require.Equal(t, `<a class="c c-bad" href="/plans/2"><i aria-hidden="true">▲</i><span><span class="w">戸籍正</span><span class="vh">：遅れ</span> <small>02:00開始</small></span></a>`,
		string(statusHTML(JA, Status{Verdict: Late, Label: "戸籍正", Detail: "02:00開始", Needs: true, URL: "/plans/2"})))
	require.Equal(t, `<span class="c c-idle"><i aria-hidden="true">–</i><span><span class="w">Excused</span></span></span>`, string(statusHTML(EN, Status{Verdict: Excused})))
	require.NotContains(t, string(statusHTML(JA, Status{Verdict: "<b>", Label: "<b>", Detail: "<b>", URL: `/"><b>`})), "<b>")
}
