package backup

import (
	"strconv"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/backup/verify"
)

// Finding is what an examination found, level by level, and what follows from it.
type Finding struct {
	Levels  []Level
	Level   int  // highest level proved, -1 for none
	Good    bool // proved as far as the plan asks, and nothing failed
	Reason  tenants.Reason
	File    store.Object // zero where none was found
	SHA256  string
	Format  string
	Entries *int64
	Passing bool // may still change: the file is not there yet, or the store is away
	Unseen  bool // the store could not be looked into: that says nothing of the backup
	Absent  bool // there is no file of this night
}

func (f Finding) bytes() *int64 {
	if f.File.Name == "" {
		return nil
	}
	return &f.File.Size
}

func (f Finding) at() *time.Time {
	if f.File.Name == "" {
		return nil
	}
	return &f.File.ModTime
}

func (f Finding) sum() *string {
	if f.SHA256 == "" {
		return nil
	}
	return &f.SHA256
}

// Seen is everything an examination read from the store; the ladder is a pure function of it.
type Seen struct {
	Missing  *tenants.Reason // no file of this night: why
	Passing  bool            // … and that may still change
	Unseen   bool            // … because the store could not be looked into
	File     store.Object
	Broken   *tenants.Reason // could not be read to its end: why
	Report   verify.Report
	Sidecar  string          // the hash the source wrote beside the file; empty where none
	BadSide  *tenants.Reason // the checksum file is there but cannot be used
	ReadTook time.Duration
}

const (
	passed  = "passed"
	warned  = "warned"
	failed  = "failed"
	skipped = "skipped"
)

// Climb judges the six levels from what was seen. A failed level does not hide the others: each is told with its own
// reason, since they are different hints at what to do.
func Climb(c Case, seen Seen) Finding {
	f := Finding{File: seen.File, Passing: seen.Passing, Unseen: seen.Unseen, Absent: seen.Missing != nil}
	f.add(c, V0, climbReported(c))
	if seen.Missing != nil {
		f.add(c, V1, failedBy(*seen.Missing))
		for level := V2; level <= V5; level++ {
			f.add(c, level, skippedBy("backup.no_file"))
		}
		return f.conclude(c)
	}
	f.add(c, V1, Level{Outcome: passed, ReasonCode: "backup.present", ReasonParams: tenants.Params{
		"name": seen.File.Name, "at": seen.File.ModTime.In(c.location()).Format("1/2 15:04"), "bytes": rules.FormatBytes(seen.File.Size)}})
	f.SHA256 = seen.Report.SHA256
	if seen.Broken != nil {
		f.SHA256 = ""
	}
	f.add(c, V2, climbPlausible(c, seen))
	f.add(c, V3, climbManifest(c, seen))
	f.add(c, V4, climbRead(seen))
	f.add(c, V5, climbStructure(c, seen))
	f.Format = string(seen.Report.Format)
	if n := seen.Report.Entries; n > 0 {
		f.Entries = &n
	}
	return f.conclude(c)
}

func climbReported(c Case) Level {
	switch {
	case !c.Plan.Reports:
		return skippedBy("backup.not_reporting")
	case c.Run.Reported == "ok":
		at := ""
		if c.Run.FinishedAt != nil {
			at = c.Run.FinishedAt.In(c.location()).Format("15:04")
		}
		return Level{Outcome: passed, ReasonCode: "backup.reported", ReasonParams: tenants.Params{"at": at}}
	}
	return failedBy(tenants.Reason{Code: "backup.unreported"})
}

func climbPlausible(c Case, seen Seen) Level {
	now := rules.Sample{Bytes: seen.File.Size, Duration: c.Run.Duration(), SHA256: seen.Report.SHA256, Night: c.Run.Night.UTCMidnight()}
	if seen.Broken != nil {
		now.SHA256 = "" // of a part only
	}
	cfg := rules.Config{K: c.Plan.DeviationK}
	if c.Plan.MinBytes != nil {
		cfg.MinBytes = *c.Plan.MinBytes
	}
	if c.Plan.MaxBytes != nil {
		cfg.MaxBytes = *c.Plan.MaxBytes
	}
	findings := rules.Judge(c.History, now, cfg)
	if len(findings) == 0 {
		return Level{Outcome: passed, ReasonCode: "backup.plausible", ReasonParams: tenants.Params{"bytes": rules.FormatBytes(seen.File.Size),
			"runs": strconv.Itoa(len(c.History))}}
	}
	worst := findings[0]
	l := Level{Outcome: passed, ReasonCode: worst.Code, ReasonParams: worst.Params}
	switch worst.Severity {
	case rules.Critical:
		l.Outcome = failed
	case rules.Warning:
		l.Outcome = warned
	case rules.OK:
	}
	return l
}

// climbManifest compares with what the source wrote down where the backup was made: the checksum file beside it, or the
// numbers of the check-in.
func climbManifest(c Case, seen Seen) Level {
	want := c.Plan.Manifest
	if want == "none" {
		return skippedBy("backup.no_manifest_wanted")
	}
	if seen.Broken != nil {
		return skippedBy("backup.not_read")
	}
	if want != "checkin" {
		if seen.BadSide != nil {
			return failedBy(*seen.BadSide)
		}
		if seen.Sidecar != "" {
			return compare("backup.sidecar", seen.Sidecar, seen.Report.SHA256)
		}
		if want == "sidecar" {
			return failedBy(tenants.Reason{Code: "backup.sidecar_missing", Params: tenants.Params{"name": seen.File.Name + ".sha256"}})
		}
	}
	if said := c.Run.SaidSHA256; said != nil {
		return compare("backup.said", *said, seen.Report.SHA256)
	}
	if said := c.Run.SaidBytes; said != nil && c.Run.saidOfFile() {
		p := tenants.Params{"said": rules.FormatBytes(*said), "bytes": rules.FormatBytes(seen.File.Size)}
		if *said != seen.File.Size {
			return failedBy(tenants.Reason{Code: "backup.said_bytes_differ", Params: p})
		}
		return Level{Outcome: passed, ReasonCode: "backup.said_bytes_match", ReasonParams: p}
	}
	if want == "checkin" {
		return failedBy(tenants.Reason{Code: "backup.said_nothing"})
	}
	return skippedBy("backup.no_manifest")
}

// saidOfFile tells whether the bytes of a check-in are the file's own: restic and Borg speak of what was read, not of
// what was written.
func (r Run) saidOfFile() bool { return r.Tool == "json" || r.Tool == "form" }

func compare(code, want, got string) Level {
	p := tenants.Params{"want": short(want), "got": short(got)}
	if want != got {
		return failedBy(tenants.Reason{Code: code + "_differs", Params: p})
	}
	return Level{Outcome: passed, ReasonCode: code + "_matches", ReasonParams: p}
}

func short(sum string) string { return sum[:min(12, len(sum))] }

func climbRead(seen Seen) Level {
	if seen.Broken != nil {
		return failedBy(*seen.Broken)
	}
	return Level{Outcome: passed, ReasonCode: "backup.read", TookMs: seen.ReadTook.Milliseconds(),
		ReasonParams: tenants.Params{"bytes": rules.FormatBytes(seen.Report.Bytes), "took": rules.FormatDuration(seen.ReadTook), "sum": short(seen.Report.SHA256)}}
}

func failedBy(r tenants.Reason) Level {
	return Level{Outcome: failed, ReasonCode: r.Code, ReasonParams: r.Params}
}

func skippedBy(code string) Level {
	return Level{Outcome: skipped, ReasonCode: code}
}

func (f *Finding) add(c Case, level int, l Level) {
	l.TenantID, l.RunID, l.Level = c.Run.TenantID, c.Run.ID, level
	f.Levels = append(f.Levels, l)
}

// tellFirst is the order in which failed levels explain a bad backup best: a file that breaks off says more than the
// size and the hash that follow from it.
var tellFirst = []int{V1, V5, V2, V3, V4, V0}

// conclude finds the level reached and whether that is good: nothing failed, and what the plan asks for was proved. A
// level below it that does not apply (no manifest, no report) is not asked for.
func (f Finding) conclude(c Case) Finding {
	f.Level = -1
	broken := false
	for _, l := range f.Levels {
		broken = broken || l.Outcome == failed
		if !broken && (l.Outcome == passed || l.Outcome == warned) {
			f.Level = l.Level
		}
	}
	if broken {
		for _, level := range tellFirst {
			if l := f.Levels[level]; l.Outcome == failed {
				f.Reason = l.Reason()
				break
			}
		}
		return f
	}
	if f.Level < c.Plan.RequiredLevel {
		f.Reason = tenants.Reason{Code: "backup.below_required", Params: tenants.Params{"reached": levelWord(f.Level), "asked": levelWord(c.Plan.RequiredLevel)}}
		return f
	}
	f.Good = true
	f.Reason = tenants.Reason{Code: "backup.good", Params: tenants.Params{"level": levelWord(f.Level), "bytes": rules.FormatBytes(f.File.Size)}}
	for _, l := range f.Levels {
		if l.Outcome == warned {
			f.Reason.Code = "backup.good_warned"
		}
	}
	return f
}

// levelWord stands for a level's name in whichever language the reason is read.
func levelWord(level int) string { return "@level." + strconv.Itoa(level) }

func (c Case) location() *time.Location {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}
