package backup_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/backup/verify"
	"tanamori/tenants/calendar"
)

const (
	passed, warned, failed, skipped = "passed", "warned", "failed", "skipped"
)

// goodCase is a reported run of 412 MB after ten like it; goodSeen is a whole archive with its checksum beside it.
func goodCase() backup.Case {
	c := backup.Case{
		Run: backup.Run{TenantID: 1, ID: 2, Night: calendar.MustDate(2026, 11, 21), Reported: "ok", FinishedAt: ptr(jst("11-22 02:41")),
			DurationMs: ptr(int64(41 * 60000)), Tool: "json"},
		Plan: backup.Plan{Reports: true, Manifest: "any", RequiredLevel: backup.V5, DeviationK: 3.5}, Zone: "Asia/Tokyo",
		ScheduledAt: jst("11-22 02:00"), OpensAt: jst("11-22 00:00"), JudgeAt: jst("11-22 04:00"),
	}
	for i := range 10 {
		c.History = append(c.History, rules.Sample{Bytes: 412e6 + int64(i)*1e6, Duration: 41 * time.Minute, SHA256: "other" + strconv.Itoa(i),
			Night: time.Date(2026, 11, 11+i, 0, 0, 0, 0, time.UTC)})
	}
	return c
}

func goodSeen() backup.Seen {
	sum := strings.Repeat("ab", 32)
	return backup.Seen{File: store.Object{Name: "koseki-20261122.tar.gz", Size: 412e6, ModTime: jst("11-22 02:40")}, Sidecar: sum, ReadTook: 3 * time.Second,
		Report: verify.Report{Bytes: 412e6, SHA256: sum, Format: verify.FormatTarGzip, Structure: verify.OutcomeOK, Entries: 4, Checked: true}}
}

func outcomes(f backup.Finding) string {
	short := map[string]string{passed: "p", warned: "w", failed: "F", skipped: "-"}
	out := ""
	for _, l := range f.Levels {
		out += short[l.Outcome]
	}
	return out
}

func TestClimbTable(t *testing.T) {
	t.Parallel()
	broken := func(s *backup.Seen, code string, p map[string]string) {
		s.Report.Structure, s.Report.Reason = verify.OutcomeFailed, &verify.Reason{Code: code, Params: p}
	}
	for name, x := range map[string]struct {
		change   func(*backup.Case, *backup.Seen)
		outcomes string
		level    int
		good     bool
		reason   string // its sentence, or its code where the sentence is another package's
	}{
		"a good night": {func(*backup.Case, *backup.Seen) {}, "pppppp", 5, true, "正常です（構造まで確認、412 MB）"},
		"no report": {func(c *backup.Case, _ *backup.Seen) { c.Plan.Reports, c.Run.Reported = false, "none" },
			"-ppppp", 5, true, "正常です（構造まで確認、412 MB）"},
		"a report that never came": {func(c *backup.Case, _ *backup.Seen) { c.Run.Reported = "none" }, "Fppppp", -1, false, "終了の申告がありません"},
		"missing": {func(_ *backup.Case, s *backup.Seen) {
			*s = backup.Seen{Missing: &tenants.Reason{Code: "store.not_found", Params: tenants.Params{"name": "koseki-20261122.tar.gz"}}}
		}, "pF----", 0, false, "store.not_found"},
		"truncated": {func(_ *backup.Case, s *backup.Seen) {
			s.File.Size, s.Report.Bytes, s.Report.SHA256 = 200e6, 200e6, strings.Repeat("cd", 32)
			broken(s, "verify.truncated_at", map[string]string{"at": "200000000"})
		}, "ppFFpF", 1, false, "verify.truncated_at"},
		"shrunk to 40 %": {func(_ *backup.Case, s *backup.Seen) { s.File.Size = 164.8e6 }, "ppFppp", 1, false,
			"rules.shrunk"},
		"the same as last night": {func(c *backup.Case, s *backup.Seen) { c.History[9].SHA256 = s.Report.SHA256 }, "ppFppp", 1, false,
			"rules.stale"},
		"another hash than its checksum file says": {func(_ *backup.Case, s *backup.Seen) { s.Sidecar = strings.Repeat("cd", 32) }, "pppFpp", 2, false,
			"照合用ファイルと内容が一致しません（cdcdcdcdcdcd…に対しabababababab…）"},
		"another hash than it reported": {func(c *backup.Case, s *backup.Seen) { s.Sidecar, c.Run.SaidSHA256 = "", ptr(strings.Repeat("cd", 32)) },
			"pppFpp", 2, false, "申告されたハッシュ値と内容が一致しません（cdcdcdcdcdcd…に対しabababababab…）"},
		"another size than it reported": {func(c *backup.Case, s *backup.Seen) { s.Sidecar, c.Run.SaidBytes = "", ptr(int64(411e6)) },
			"pppFpp", 2, false, "申告された大きさ（411 MB）と一致しません（412 MB）"},
		"restic's bytes are of what it read": {func(c *backup.Case, s *backup.Seen) {
			s.Sidecar, c.Run.SaidBytes, c.Run.Tool = "", ptr(int64(1)), "restic"
		},
			"ppp-pp", 5, true, "正常です（構造まで確認、412 MB）"},
		"no checksum file where one is asked for": {func(c *backup.Case, s *backup.Seen) { c.Plan.Manifest, s.Sidecar = "sidecar", "" },
			"pppFpp", 2, false, "照合用ファイルkoseki-20261122.tar.gz.sha256がありません"},
		"no numbers where they are asked for": {func(c *backup.Case, _ *backup.Seen) { c.Plan.Manifest = "checkin" }, "pppFpp", 2, false,
			"申告に照合できる値がありません"},
		"an unusable checksum file": {func(_ *backup.Case, s *backup.Seen) {
			s.Sidecar, s.BadSide = "", &tenants.Reason{Code: "store.sidecar", Params: tenants.Params{"name": "x.sha256"}}
		}, "pppFpp", 2, false, "store.sidecar"},
		"encrypted where the structure is asked for": {func(_ *backup.Case, s *backup.Seen) {
			s.Report.Structure, s.Report.Format, s.Report.Reason = verify.OutcomeEncrypted, verify.FormatAge, &verify.Reason{Code: "verify.encrypted", Params: map[string]string{"format": "age"}}
		}, "ppppp-", 4, false, "「構造」まで確かめる計画ですが、「通読」までしか確かめられませんでした"},
		"encrypted where reading is enough": {func(c *backup.Case, s *backup.Seen) {
			c.Plan.RequiredLevel = backup.V4
			s.Report.Structure, s.Report.Format, s.Report.Reason = verify.OutcomeEncrypted, verify.FormatAge, &verify.Reason{Code: "verify.encrypted", Params: map[string]string{"format": "age"}}
		}, "ppppp-", 4, true, "正常です（通読まで確認、412 MB）"},
		"damaged though the plan asks for little": {func(c *backup.Case, s *backup.Seen) {
			c.Plan.RequiredLevel = backup.V1
			broken(s, "verify.checksum", map[string]string{"format": "gzip"})
		}, "pppppF", 4, false, "verify.checksum"},
		"not readable to its end": {func(_ *backup.Case, s *backup.Seen) {
			s.Broken, s.Report.SHA256 = &tenants.Reason{Code: "verify.unreadable", Params: tenants.Params{"at": "100"}}, "part"
		}, "ppp-F-", 2, false, "verify.unreadable"},
		"much larger than usual": {func(_ *backup.Case, s *backup.Seen) { s.File.Size = 5e9 }, "ppwppp", 5, true,
			"正常ですが注意する点があります（構造まで確認、5.0 GB）"},
		"the first night": {func(c *backup.Case, _ *backup.Seen) { c.History = nil }, "pppppp", 5, true, "正常です（構造まで確認、412 MB）"},
		"below the plan's own bound": {func(c *backup.Case, _ *backup.Seen) { c.Plan.MinBytes = ptr(int64(500e6)) }, "ppFppp", 1, false,
			"rules.below_min"},
		"empty": {func(_ *backup.Case, s *backup.Seen) {
			s.File.Size, s.Report.Bytes = 0, 0
			broken(s, "verify.zero", nil)
		}, "ppFppF", 1, false, "verify.zero"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := goodCase(), goodSeen()
			x.change(&c, &s)
			f := backup.Climb(c, s)
			require.Equal(t, x.outcomes, outcomes(f))
			require.Equal(t, x.level, f.Level)
			require.Equal(t, x.good, f.Good)
			if tenants.Known(x.reason) {
				require.Equal(t, x.reason, f.Reason.Code)
			} else {
				require.Equal(t, x.reason, f.Reason.In("ja"))
			}
			require.NotContains(t, f.Reason.In("en"), "{")
			for i, l := range f.Levels {
				require.Equal(t, i, l.Level)
				require.True(t, tenants.Known(l.ReasonCode), l.ReasonCode)
				require.NotContains(t, l.Reason().In("ja"), "{", "every place of the sentence is filled")
				require.NotContains(t, l.Reason().In("en"), "{")
			}
		})
	}
}

func drawSeen(t *rapid.T) (backup.Case, backup.Seen) {
	c, s := goodCase(), goodSeen()
	c.Plan.Reports = rapid.Bool().Draw(t, "reports")
	c.Plan.Manifest = rapid.SampledFrom([]string{"none", "any", "sidecar", "checkin"}).Draw(t, "manifest")
	c.Plan.RequiredLevel = rapid.IntRange(0, 5).Draw(t, "required")
	c.Run.Reported = rapid.SampledFrom([]string{"ok", "none"}).Draw(t, "reported")
	c.History = c.History[:rapid.IntRange(0, 10).Draw(t, "history")]
	s.File.Size = rapid.SampledFrom([]int64{0, 1, 100e6, 412e6, 5e9}).Draw(t, "size")
	s.Sidecar = rapid.SampledFrom([]string{"", s.Sidecar, strings.Repeat("0", 64)}).Draw(t, "sidecar")
	if rapid.Bool().Draw(t, "said") {
		c.Run.SaidSHA256 = ptr(rapid.SampledFrom([]string{s.Report.SHA256, strings.Repeat("1", 64)}).Draw(t, "said sum"))
	}
	if rapid.Bool().Draw(t, "said size") {
		c.Run.SaidBytes = ptr(rapid.SampledFrom([]int64{s.File.Size, 7}).Draw(t, "bytes"))
	}
	s.Report.Structure = rapid.SampledFrom([]verify.Outcome{verify.OutcomeOK, verify.OutcomeFailed, verify.OutcomeUnknown, verify.OutcomeEncrypted}).Draw(t, "structure")
	if s.Report.Structure != verify.OutcomeOK {
		s.Report.Reason = &verify.Reason{Code: "verify.zero"}
	}
	switch rapid.IntRange(0, 5).Draw(t, "trouble") {
	case 0:
		s = backup.Seen{Missing: &tenants.Reason{Code: "store.not_found"}, Passing: rapid.Bool().Draw(t, "passing")}
	case 1:
		s.Broken, s.Passing = &tenants.Reason{Code: "verify.unreadable"}, true
	case 2:
		s.Sidecar, s.BadSide = "", &tenants.Reason{Code: "store.sidecar"}
	}
	return c, s
}

func TestClimbNeverCallsGoodWhatFailed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, s := drawSeen(t)
		f := backup.Climb(c, s)
		require.Len(t, f.Levels, 6)
		firstFailed := 6
		for i := 5; i >= 0; i-- {
			if f.Levels[i].Outcome == failed {
				firstFailed = i
			}
		}
		require.Less(t, f.Level, firstFailed, "nothing is proved above what failed")
		if f.Level >= 0 {
			require.Contains(t, []string{passed, warned}, f.Levels[f.Level].Outcome)
		}
		require.Equal(t, firstFailed == 6 && f.Level >= c.Plan.RequiredLevel, f.Good)
		require.Equal(t, s.Missing != nil, f.Absent)
		require.True(t, tenants.Known(f.Reason.Code), f.Reason.Code)
		if s.Missing != nil || s.Broken != nil {
			require.False(t, f.Good)
			require.Empty(t, f.SHA256, "a sum of a part is none")
		}

		// Asking for more never makes it better.
		if c.Plan.RequiredLevel < 5 {
			c.Plan.RequiredLevel++
			stricter := backup.Climb(c, s)
			require.Equal(t, f.Level, stricter.Level)
			require.False(t, stricter.Good && !f.Good)
		}
	})
}
