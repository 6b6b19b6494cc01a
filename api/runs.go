package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
)

// Run is one time a backup ran, or should have been found: what the machine said and what the store showed.
type Run struct {
	TownID         int64         `json:"town_id"`
	ID             int64         `json:"id"`
	PlanID         int64         `json:"plan_id"`
	OccurrenceID   *int64        `json:"occurrence_id" doc:"The night it answers for; null where none was expected."`
	Night          calendar.Date `json:"night" format:"date" doc:"Noon to noon, named by the day on which it begins."`
	RID            *string       `json:"rid"`
	StartedAt      *time.Time    `json:"started_at"`
	FinishedAt     *time.Time    `json:"finished_at"`
	DurationMs     *int64        `json:"duration_ms"`
	Reported       string        `json:"reported" enum:"running,ok,fail,none" doc:"What the machine said; none where the store was looked into unasked."`
	ExitStatus     *int          `json:"exit_status"`
	SaidBytes      *int64        `json:"said_bytes"`
	SaidFiles      *int64        `json:"said_files"`
	SaidSHA256     *string       `json:"said_sha256"`
	SaidGeneration string        `json:"said_generation"`
	Tool           string        `json:"tool"`
	FileName       string        `json:"file_name"`
	FileBytes      *int64        `json:"file_bytes"`
	FileAt         *time.Time    `json:"file_at"`
	FileSHA256     *string       `json:"file_sha256"`
	Format         string        `json:"format"`
	Entries        *int64        `json:"entries"`
	Level          *int          `json:"level" doc:"The highest level proved; -1 where not even the report stands, null before the first examination."`
	Outcome        *string       `json:"outcome" enum:"good,bad"`
	Reason         *Reason       `json:"reason"`
	VerifyAt       *time.Time    `json:"verify_at" doc:"When it is examined next; null where it need not be."`
	VerifyTries    int           `json:"verify_tries"`
	VerifiedAt     *time.Time    `json:"verified_at"`
	RecordedAt     time.Time     `json:"recorded_at"`
	Levels         []Level       `json:"levels" nullable:"false" doc:"What the newest examination found, level by level."`
}

// Level is what one examination found on one level.
type Level struct {
	Examination int       `json:"examination" doc:"Which examination of the run it was, from 1."`
	Level       int       `json:"level" doc:"0 reported, 1 present, 2 plausible, 3 matches, 4 read to the end, 5 structure parses."`
	LabelJa     string    `json:"label_ja" example:"構造"`
	LabelEn     string    `json:"label_en" example:"structure parses"`
	Outcome     string    `json:"outcome" enum:"passed,warned,failed,skipped"`
	Reason      *Reason   `json:"reason"`
	At          time.Time `json:"at"`
	TookMs      int64     `json:"took_ms"`
}

func levelOf(l backup.Level) Level {
	return Level{Examination: l.Examination, Level: l.Level, LabelJa: backup.LevelLabel(l.Level, "ja"), LabelEn: backup.LevelLabel(l.Level, "en"),
		Outcome: l.Outcome, Reason: reasonOf(l.Reason()), At: l.At.UTC(), TookMs: l.TookMs}
}

func runOf(r backup.Run, levels []backup.Level) Run {
	out := Run{TownID: r.TenantID, ID: r.ID, PlanID: r.PlanID, OccurrenceID: r.OccurrenceID, Night: r.Night, StartedAt: utc(r.StartedAt),
		FinishedAt: utc(r.FinishedAt), DurationMs: r.DurationMs, Reported: r.Reported, ExitStatus: r.ExitStatus, SaidBytes: r.SaidBytes,
		SaidFiles: r.SaidFiles, SaidSHA256: r.SaidSHA256, SaidGeneration: r.SaidGeneration, Tool: r.Tool, FileName: r.FileName,
		FileBytes: r.FileBytes, FileAt: utc(r.FileAt), FileSHA256: r.FileSHA256, Format: r.Format, Entries: r.Entries, Level: r.Level,
		Outcome: r.Outcome, Reason: reasonOf(r.Reason()), VerifyAt: utc(r.VerifyAt), VerifyTries: r.VerifyTries, VerifiedAt: utc(r.VerifiedAt),
		RecordedAt: r.RecordedAt.UTC(), Levels: make([]Level, len(levels))}
	if r.RID != nil {
		out.RID = ptr(r.RID.String())
	}
	for i, l := range levels {
		out.Levels[i] = levelOf(l)
	}
	return out
}

func listRuns(ctx context.Context, tx *tenants.Tx, in *struct {
	Of
	Page
}) (List[Run], error) {
	before, err := in.before()
	if err != nil {
		return List[Run]{}, err
	}
	if _, err := backup.GetPlan(ctx, tx, in.Town, in.ID); err != nil {
		return List[Run]{}, err
	}
	runs, err := backup.ListRuns(ctx, tx, in.Town, in.ID, before, in.Limit+1)
	if err != nil {
		return List[Run]{}, err
	}
	ids := make([]int64, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	levels, err := backup.Levels(ctx, tx, in.Town, ids...)
	return paged(runs, in.Limit, func(r backup.Run) int64 { return r.ID }, func(r backup.Run) Run { return runOf(r, levels[r.ID]) }), err
}

func getRun(ctx context.Context, tx *tenants.Tx, in *Of) (Run, error) {
	r, err := backup.GetRun(ctx, tx, in.Town, in.ID)
	if err != nil {
		return Run{}, err
	}
	levels, err := backup.Levels(ctx, tx, in.Town, r.ID)
	return runOf(r, levels[r.ID]), err
}

func verifyAgain(ctx context.Context, tx *tenants.Tx, in *Of) (Run, error) {
	if err := backup.VerifyAgain(ctx, tx, in.Town, in.ID); err != nil {
		return Run{}, err
	}
	return getRun(ctx, tx, in)
}
