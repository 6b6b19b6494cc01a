package backup

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tanamori/database/failpoint"
	"tanamori/tenants"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/backup/verify"
)

// Examine looks for the file of a case on its store, reads it once from its first byte to its last, and climbs the
// ladder. It touches no database; now is the clock that reading is timed and bounded by. It ends when ctx ends.
func Examine(ctx context.Context, c Case, now func() time.Time) Finding {
	return Climb(c, Look(ctx, c, c.Store.Open(), now))
}

// patience is how long a store may leave one question, or one piece of a file, unanswered before it counts as out of
// reach: a network mount that hangs must not hold up the other towns' backups for good.
const patience = time.Minute

// Look reads everything an examination needs from a store.
func Look(ctx context.Context, c Case, s store.Store, now func() time.Time) Seen {
	return look(ctx, c, s, now, patience)
}

func look(ctx context.Context, c Case, s store.Store, now func() time.Time, patience time.Duration) Seen {
	asking, answered := context.WithTimeout(ctx, patience)
	defer answered()
	object, missing, passing := find(asking, c, s)
	if missing != nil {
		return Seen{Missing: missing, Passing: passing, Unseen: unseen(*missing)}
	}
	seen := Seen{File: object}
	file, err := s.Open(asking, object.Name)
	if err != nil {
		why := reasonOf(err)
		return Seen{Missing: why, Passing: true, Unseen: unseen(*why)}
	}
	defer func() { _ = file.Close() }() // only read from
	seen.File = file.Object()
	began := now()
	reading, giveUp := context.WithCancel(ctx)
	defer giveUp()
	source := &watched{Reader: file, patience: patience, stalled: giveUp}
	seen.Report, err = verify.Read(reading, source, verify.Options{Name: object.Name, Size: seen.File.Size, Now: now})
	seen.ReadTook = now().Sub(began)
	ending, ended := context.WithTimeout(ctx, patience)
	defer ended()
	if err == nil {
		err = file.Unchanged(ending)
	}
	if err != nil {
		why := reasonOf(err)
		if source.hung.Load() {
			why = &tenants.Reason{Code: "store.unreachable", Params: tenants.Params{"name": object.Name}}
		}
		seen.Broken, seen.Passing, seen.Unseen = why, true, unseen(*why)
		return seen
	}
	if c.Plan.Manifest == "any" || c.Plan.Manifest == "sidecar" {
		sum, found, err := store.Sidecar(ending, s, object.Name)
		switch {
		case err != nil:
			seen.BadSide = reasonOf(err)
		case found:
			seen.Sidecar = sum
		}
	}
	return seen
}

// watched gives a reading up when the store leaves a single read unanswered for too long. Time spent on what was read does
// not count.
type watched struct {
	io.Reader
	patience time.Duration
	stalled  func()
	hung     atomic.Bool
}

// Read is one question to the store.
func (w *watched) Read(p []byte) (int, error) {
	alarm := time.AfterFunc(w.patience, func() {
		w.hung.Store(true)
		w.stalled()
	})
	defer alarm.Stop()
	failpoint.Here("archive.reading")
	return w.Reader.Read(p)
}

// find looks for the newest file that fits the plan's pattern and whose own time belongs to the night: a file of the
// day before must never pass for tonight's, whatever its name says.
func find(ctx context.Context, c Case, s store.Store) (object store.Object, missing *tenants.Reason, passing bool) {
	pattern, err := store.ParsePattern(c.Plan.Pattern)
	if err != nil {
		return store.Object{}, reasonOf(err), false
	}
	name := pattern.Expand(c.ScheduledAt.In(c.location()), c.Run.Night.UTCMidnight())
	found, err := s.Find(ctx, name)
	if err != nil {
		return store.Object{}, reasonOf(err), true
	}
	if len(found) == 0 {
		return store.Object{}, &tenants.Reason{Code: "store.not_found", Params: tenants.Params{"name": name}}, true
	}
	newest, ours, ahead := found[0], -1, -1
	for i, o := range found {
		if o.ModTime.After(newest.ModTime) {
			newest = o
		}
		switch {
		case c.comes(o.ModTime):
			if ahead < 0 || o.ModTime.After(found[ahead].ModTime) {
				ahead = i
			}
		case (c.ClosesAt.IsZero() || o.ModTime.Before(c.ClosesAt)) && (ours < 0 || o.ModTime.After(found[ours].ModTime)):
			ours = i
		}
	}
	code := "backup.newer_file" // a name that every night uses: this night's copy was replaced
	switch {
	case ours >= 0 && !found[ours].ModTime.Before(c.OpensAt):
		return found[ours], nil, false
	case ahead >= 0:
		return missingBy(c, found[ahead], c.mistimed(found[ahead].ModTime, "backup.future_file"), true)
	case ours >= 0:
		return missingBy(c, found[ours], c.mistimed(found[ours].ModTime, "backup.old_file"), true)
	}
	return missingBy(c, newest, code, false)
}

func missingBy(c Case, o store.Object, code string, passing bool) (store.Object, *tenants.Reason, bool) {
	at := o.ModTime.In(c.location())
	params := tenants.Params{"name": o.Name, "at": at.Format("1/2 15:04")}
	if code != "backup.old_file" && code != "backup.newer_file" {
		params["at"] = at.Format("2006/1/2 15:04") // the year may be what is wrong
	}
	if code == "backup.zone_file" {
		params["hours"] = strconv.Itoa(int(c.zoneOffset(o.ModTime).Abs() / time.Hour))
	}
	return o, &tenants.Reason{Code: code, Params: params}, passing
}

// unseen tells whether a reason speaks of the store and not of the backup.
func unseen(why tenants.Reason) bool {
	return why.Code == "store.unreachable" || why.Code == "store.denied"
}

// reasonOf names an error of the store or of reading for people.
func reasonOf(err error) *tenants.Reason {
	var read *verify.ReadError
	var pattern *store.PatternError
	switch {
	case errors.As(err, &pattern):
		code, params := pattern.Reason()
		return &tenants.Reason{Code: code, Params: params}
	case errors.As(err, &read):
		var changed *store.Error
		if errors.As(read.Err, &changed) {
			code, params := changed.Reason()
			return &tenants.Reason{Code: code, Params: params}
		}
		code, params := read.Reason()
		return &tenants.Reason{Code: code, Params: params}
	}
	code, params := store.ReasonOf(err)
	return &tenants.Reason{Code: code, Params: params}
}

// climbStructure tells what the container's own structure says. What cannot be looked into stops at the level before and
// says so.
func climbStructure(c Case, seen Seen) Level {
	if seen.Broken != nil {
		return skippedBy("backup.not_read")
	}
	l := Level{Outcome: passed, ReasonCode: "backup.structure", ReasonParams: tenants.Params{"format": string(seen.Report.Format)}}
	switch seen.Report.Structure {
	case verify.OutcomeOK:
	case verify.OutcomeFailed:
		l.Outcome = failed
	case verify.OutcomeUnknown, verify.OutcomeEncrypted:
		l.Outcome = skipped
	}
	if r := seen.Report.Reason; r != nil {
		l.ReasonCode, l.ReasonParams = r.Code, r.Params
	}
	if said := c.Run.SaidBytes; l.Outcome == failed && strings.HasPrefix(l.ReasonCode, "verify.truncated") && said != nil && c.Run.saidOfFile() && *said > seen.File.Size {
		// The source said how long the whole is, which tells more than where it breaks off.
		l.ReasonCode, l.ReasonParams = "backup.cut_short", tenants.Params{"said": rules.FormatBytes(*said), "bytes": rules.FormatBytes(seen.File.Size),
			"percent": strconv.FormatInt(seen.File.Size*100 / *said, 10)}
	}
	return l
}
