package backup

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Run is one time a backup ran, or should have been found. It gathers what the machine said and what the store showed,
// and is the verifier's queue: verify_at says when to examine it next.
type Run struct {
	TenantID       int64          `json:"tenant_id"`
	ID             int64          `json:"id"`
	PlanID         int64          `json:"plan_id"`
	OccurrenceID   *int64         `json:"occurrence_id"`
	Night          calendar.Date  `json:"night"`
	RID            *uuid.UUID     `json:"rid" gorm:"column:rid"`
	StartedAt      *time.Time     `json:"started_at"`
	FinishedAt     *time.Time     `json:"finished_at"`
	DurationMs     *int64         `json:"duration_ms"`
	Reported       string         `json:"reported"` // running, ok, fail; none where the store was looked into unasked
	ExitStatus     *int           `json:"exit_status"`
	SaidBytes      *int64         `json:"said_bytes"`
	SaidFiles      *int64         `json:"said_files"`
	SaidSHA256     *string        `json:"said_sha256" gorm:"column:said_sha256"`
	SaidGeneration string         `json:"said_generation"`
	Tool           string         `json:"tool"`
	FileName       string         `json:"file_name"`
	FileBytes      *int64         `json:"file_bytes"`
	FileAt         *time.Time     `json:"file_at"`
	FileSHA256     *string        `json:"file_sha256" gorm:"column:file_sha256"`
	Format         string         `json:"format"`
	Entries        *int64         `json:"entries"`
	Level          *int           `json:"level"` // highest level proved; -1 where not even the report stands
	Outcome        *string        `json:"outcome"`
	ReasonCode     string         `json:"reason_code"`
	ReasonParams   tenants.Params `json:"reason_params"`
	VerifyAt       *time.Time     `json:"verify_at"`
	Claim          *uuid.UUID     `json:"claim"`
	ClaimedUntil   *time.Time     `json:"claimed_until"`
	VerifyTries    int            `json:"verify_tries"`
	VerifiedAt     *time.Time     `json:"verified_at"`
	RecordedAt     time.Time      `json:"recorded_at"`
}

// TableName is the run's table.
func (Run) TableName() string { return "run" }

// Reason is why the outcome is what it is.
func (r Run) Reason() tenants.Reason {
	return tenants.Reason{Code: r.ReasonCode, Params: r.ReasonParams}
}

// Duration is how long the run took by the two check-ins, 0 where one is missing.
func (r Run) Duration() time.Duration {
	if r.DurationMs == nil {
		return 0
	}
	return time.Duration(*r.DurationMs) * time.Millisecond
}

// The levels of the verification ladder (確かめた深さ).
const (
	V0 = iota // 申告: reported done
	V1        // 存在: there, and of tonight
	V2        // 外形: size and duration as usual
	V3        // 照合: matches what the source wrote down
	V4        // 通読: every byte re-read
	V5        // 構造: the container parses to its end
)

// LevelLabel is a level's name in "ja" or "en"; -1 is none.
func LevelLabel(level int, lang string) string {
	return tenants.Reason{Code: fmt.Sprintf("level.%d", level)}.In(lang)
}

// Level is what one examination found on one level.
type Level struct {
	TenantID     int64          `json:"tenant_id"`
	ID           int64          `json:"-"`
	RunID        int64          `json:"run_id"`
	Examination  int            `json:"examination"`
	Level        int            `json:"level"`
	Outcome      string         `json:"outcome"` // passed, warned, failed, skipped
	ReasonCode   string         `json:"reason_code"`
	ReasonParams tenants.Params `json:"reason_params"`
	At           time.Time      `json:"at"`
	TookMs       int64          `json:"took_ms"`
}

// Reason is what a person is told of the level.
func (l Level) Reason() tenants.Reason {
	return tenants.Reason{Code: l.ReasonCode, Params: l.ReasonParams}
}
