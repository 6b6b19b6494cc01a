package frontend

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
)

// markFor is the verdict of the occurrence that a run belongs to, nil for a run that nothing expected.
func markFor(marks []duty.NightMark, run backup.Run) *duty.NightMark {
	for i := range marks {
		if run.OccurrenceID != nil && marks[i].OccurrenceID == *run.OccurrenceID {
			return &marks[i]
		}
	}
	return nil
}

// planRuns are the rows of the table: each run, and each night that had none.
func (d *door) planRuns(lang view.Lang, who tenants.Actor, r planRead) []view.Run {
	var rows []view.Run
	had := map[int64]bool{}
	for i := range r.newest { // a night that has its run on another page is no night without one
		if r.newest[i].OccurrenceID != nil {
			had[*r.newest[i].OccurrenceID] = true
		}
	}
	for i := range r.runs {
		run := &r.runs[i]
		if run.OccurrenceID != nil {
			had[*run.OccurrenceID] = true
		}
		rows = append(rows, d.run(lang, who, r, run, markFor(r.marks, *run)))
	}
	for i := range r.marks {
		m := &r.marks[i]
		if !had[m.OccurrenceID] && !m.Night.Before(r.from) && !m.Night.After(r.until) {
			rows = append(rows, d.run(lang, who, r, nil, m))
		}
	}
	slices.SortStableFunc(rows, func(a, b view.Run) int { return b.Night.Compare(a.Night) })
	return rows
}

// run is one row: a run, a night, or both.
func (d *door) run(lang view.Lang, who tenants.Actor, r planRead, run *backup.Run, m *duty.NightMark) view.Run {
	row := view.Run{Duration: -1, Bytes: -1, Files: -1, SaidBytes: -1, Entries: -1, Level: -1, Verdict: view.Pending, Reported: "none"}
	if run != nil {
		row = ran(lang, *run)
	}
	if m != nil {
		row.Night, row.Verdict = m.Night, markOf(*m)
		if m.Verdict != duty.Pending {
			row.Sentence = m.Reason.Short(string(lang))
		}
		if m.RecoveredAt != nil {
			row.Sentence += fmt.Sprintf(d.say(lang, "（%sに復旧）", " (recovered %s)"), lang.DayTime(*m.RecoveredAt, r.town.Location()))
		}
		if m.ConfirmedAt != nil {
			row.Confirmed = view.Confirmation{By: m.ConfirmedBy, At: *m.ConfirmedAt}
			if m.Look != nil {
				row.Note = m.Look.Note
				row.Looked = d.amended(lang, who, r.town.ID, "confirmation", m.Look.ID, m.Look.Corrections, planURL(r.town.ID, r.plan.ID))
			}
		} else if m.Verdict != duty.Pending && who.May(tenants.Confirm, r.town.ID) {
			row.ConfirmURL = "/confirmations?" + url.Values{"town": {strconv.FormatInt(r.town.ID, 10)}, "occurrence": {strconv.FormatInt(m.OccurrenceID, 10)},
				"next": {planURL(r.town.ID, r.plan.ID)}}.Encode()
		}
		if m.Excuse != nil {
			row.Excused = d.amended(lang, who, r.town.ID, "excuse", m.Excuse.ID, m.Excuse.Corrections, planURL(r.town.ID, r.plan.ID))
		}
		for _, i := range r.incidents {
			if i.About == "duty" && i.AboutID == m.DutyID && i.Night != nil && *i.Night == m.Night {
				row.IncidentURL = incidentURL(i.TenantID, i.ID)
			}
		}
	}
	return row
}

// ran is a run by itself, without what was made of its night.
func ran(lang view.Lang, run backup.Run) view.Run {
	row := view.Run{Night: run.Night, Started: begun(run), Duration: -1, Reported: run.Reported, Bytes: -1, Files: -1, SaidBytes: -1, File: run.FileName,
		Format: run.Format, Entries: -1, Level: -1, Tool: run.Tool, Generation: run.SaidGeneration, Verdict: view.Pending}
	if row.Tool == "json" || row.Tool == "form" { // how numbers came, not what made the backup
		row.Tool = ""
	}
	if took := run.Duration(); took > 0 {
		row.Duration = took
	}
	if run.FinishedAt != nil {
		row.Ended = *run.FinishedAt
	}
	if run.ExitStatus != nil {
		row.Exit = strconv.Itoa(*run.ExitStatus)
	}
	for _, n := range []struct {
		from *int64
		to   *int64
	}{{run.FileBytes, &row.Bytes}, {run.SaidFiles, &row.Files}, {run.SaidBytes, &row.SaidBytes}, {run.Entries, &row.Entries}} {
		if n.from != nil {
			*n.to = *n.from
		}
	}
	if run.FileSHA256 != nil {
		row.SHA256 = *run.FileSHA256
	}
	if run.Level != nil {
		row.Level = *run.Level
	}
	if run.VerifiedAt != nil {
		row.VerifiedAt = *run.VerifiedAt
	}
	if run.Outcome != nil {
		row.Sentence = run.Reason().Short(string(lang))
		row.Verdict = view.Met
		if *run.Outcome == "bad" {
			row.Verdict = view.Failed
		}
	}
	return row
}

// ladderOf is how far a run was proved.
func ladderOf(lang view.Lang, r planRead, run backup.Run) view.Ladder {
	ladder := view.Ladder{Required: r.plan.RequiredLevel}
	for i := range ladder.Steps {
		ladder.Steps[i].State = view.StepSkipped
		if run.VerifyAt != nil {
			ladder.Steps[i].State = view.StepWaiting
		}
	}
	for _, l := range r.levels[run.ID] {
		if l.Level >= 0 && l.Level < len(ladder.Steps) {
			ladder.Steps[l.Level] = view.Step{State: l.Outcome, Why: sentence(lang, l.Reason())}
		}
	}
	return ladder
}

// trend is the size of each night's file with the band of what is usual.
func (d *door) trend(lang view.Lang, r planRead) view.Trend {
	newest := map[calendar.Date]*backup.Run{}
	for i := len(r.newest) - 1; i >= 0; i-- {
		newest[r.newest[i].Night] = &r.newest[i]
	}
	var t view.Trend
	for _, m := range r.marks {
		if m.Night.Before(r.night.AddDays(-runsDrawn)) || m.Verdict == duty.Pending || m.Verdict == duty.Excused {
			continue
		}
		p := view.TrendPoint{Night: m.Night, Bytes: -1, Mark: markOf(m)}
		if m.Verdict != duty.Met {
			p.Detail = m.Reason.Short(string(lang))
		}
		if run := newest[m.Night]; run != nil && run.FileBytes != nil {
			p.Bytes = *run.FileBytes
		}
		t.Points = append(t.Points, p)
	}
	var history []rules.Sample
	for i := len(r.newest) - 1; i >= 0; i-- {
		if run := r.newest[i]; run.Outcome != nil && *run.Outcome == "good" && run.FileBytes != nil {
			history = append(history, rules.Sample{Bytes: *run.FileBytes})
		}
	}
	if median, low, high, ok := rules.Band(history, rules.Config{K: r.plan.DeviationK}); ok {
		t.Median, t.BandLow, t.High = median, low, high
	}
	return t
}

// usual is the median of what the last good runs took; 0 where nothing is known.
func usual(runs []backup.Run) time.Duration {
	var took []time.Duration
	for _, run := range runs {
		if run.Outcome != nil && *run.Outcome == "good" && run.Duration() > 0 && len(took) < 10 {
			took = append(took, run.Duration())
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// verifyAgain puts a run back into the verifier's queue.
func (d *door) verifyAgain(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	var run backup.Run
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if run, err = backup.GetRun(ctx, tx, of, which); err != nil {
			return err
		}
		return backup.VerifyAgain(ctx, tx, of, which)
	})
	if err != nil {
		return err
	}
	return d.done(c, planURL(of, run.PlanID), "もう一度確かめます。終わるとこのページに出ます。", "It is being examined again; the result appears here.")
}
