package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/retention"
)

// RetentionRule is how long a series of records is kept (記録の保存期間), and where it stands.
type RetentionRule struct {
	Series       string         `json:"series" example:"log" doc:"log, checkin, backup, incident, notice, or a later ledger's."`
	NameJa       string         `json:"name_ja" example:"操作履歴"`
	NameEn       string         `json:"name_en" example:"Operation log"`
	Years        int            `json:"years" doc:"Fiscal years (April to March) after the one in which a record was made."`
	DefaultYears int            `json:"default_years"`
	LeastYears   int            `json:"least_years" doc:"The law's least; the database refuses less."`
	PendingYears *int           `json:"pending_years" doc:"What was decided and does not hold yet."`
	PendingOn    *calendar.Date `json:"pending_on" format:"date" doc:"From when it holds."`
	BoundThrough *calendar.Date `json:"bound_through" format:"date" doc:"First day of the newest month that is bound for every town in reach."`
	NextOn       *calendar.Date `json:"next_on" format:"date" doc:"From when the oldest bound records are removed."`
	NextRows     int64          `json:"next_rows" doc:"How many they are."`
	Removed      int64          `json:"removed" doc:"Rows removed so far."`
}

func retentionRuleOf(r retention.Rule) RetentionRule {
	return RetentionRule{Series: r.Series, NameJa: retention.SeriesWords(r.Series, "ja"), NameEn: retention.SeriesWords(r.Series, "en"), Years: r.Years,
		DefaultYears: r.DefaultYears, LeastYears: r.LeastYears, PendingYears: r.Pending, PendingOn: r.PendingOn, BoundThrough: r.Bound, NextOn: r.NextOn(),
		NextRows: r.NextRows, Removed: r.Removed}
}

// RetentionInput is a new rule.
type RetentionInput struct {
	Years     int    `json:"years" minimum:"1" maximum:"100"`
	Reason    string `json:"reason" maxLength:"1000" example:"文書取扱規程の改正による"`
	Confirmed bool   `json:"confirmed,omitempty" doc:"A shorter period needs it; it holds 30 days later."`
}

func listRetention(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[RetentionRule], error) {
	rules, err := retention.Rules(ctx, tx)
	return whole(rules, retentionRuleOf), err
}

func setRetention(ctx context.Context, tx *tenants.Tx, in *struct {
	Series string `path:"series" maxLength:"40" pattern:"^[a-z_]+$" example:"log"`
	Body   RetentionInput
}) (RetentionRule, error) {
	rule, err := retention.Set(ctx, tx, in.Series, retention.Input{Years: in.Body.Years, Reason: in.Body.Reason, Confirmed: in.Body.Confirmed})
	return retentionRuleOf(rule), err
}

// Volume is a bound month of one kind of a town's records (簿冊).
type Volume struct {
	TownID     int64         `json:"town_id"`
	ID         int64         `json:"id"`
	Kind       string        `json:"kind" example:"checkin"`
	Number     int           `json:"number" doc:"From 1, without a gap, for each kind of a town's records."`
	Month      calendar.Date `json:"month" format:"date" doc:"Its first day."`
	FiscalYear int           `json:"fiscal_year" doc:"From whose end its records are kept."`
	AfterID    int64         `json:"after_id" doc:"It holds the records with greater ids …"`
	LastID     int64         `json:"last_id" doc:"… up to this one."`
	Rows       int64         `json:"rows"`
	SHA256     string        `json:"sha256" doc:"Of the lines of its records."`
	Previous   string        `json:"previous" doc:"Digest of the volume before."`
	Digest     string        `json:"digest" doc:"Of the colophon; what an exported file must show."`
	BoundAt    time.Time     `json:"bound_at"`
	RemovedAt  *time.Time    `json:"removed_at" doc:"When its records were removed; the volume itself stays."`
	Removed    int64         `json:"removed"`
}

func volumeOf(v retention.Volume) Volume {
	return Volume{TownID: v.TenantID, ID: v.ID, Kind: v.Kind, Number: v.Number, Month: v.Month, FiscalYear: v.FiscalYear, AfterID: v.AfterID, LastID: v.LastID,
		Rows: v.RowCount, SHA256: v.SHA256, Previous: v.Previous, Digest: v.Digest, BoundAt: v.BoundAt.UTC(), RemovedAt: utc(v.RemovedAt), Removed: v.Removed}
}

func listVolumes(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Page
	Kind       string `query:"kind" maxLength:"40" doc:"One kind of records only."`
	FiscalYear int    `query:"fiscal_year" minimum:"0" maximum:"9998" doc:"Months of one fiscal year only."`
}) (List[Volume], error) {
	before, err := in.before()
	if err != nil {
		return List[Volume]{}, err
	}
	found, err := retention.Volumes(ctx, tx, in.Town, retention.Filter{Kind: in.Kind, FiscalYear: in.FiscalYear, Before: before, Limit: in.Limit + 1})
	return paged(found, in.Limit, func(v retention.Volume) int64 { return v.ID }, volumeOf), err
}

// VolumeOfTown names a volume in the path.
type VolumeOfTown struct {
	InTown
	Kind   string `path:"kind" maxLength:"40" pattern:"^[a-z_]+$" example:"checkin"`
	Number int    `path:"number" minimum:"1" maximum:"2147483647"`
}

func getVolume(ctx context.Context, tx *tenants.Tx, in *VolumeOfTown) (Volume, error) {
	v, err := retention.Get(ctx, tx, in.Town, in.Kind, in.Number)
	return volumeOf(v), err
}

func takeVolume(ctx context.Context, tx *tenants.Tx, in *VolumeOfTown) (retention.Volume, error) {
	return retention.TakeOut(ctx, tx, in.Town, in.Kind, in.Number)
}

var volumeFile = file[retention.Volume]{about: "A line a record, between the head and the colophon; see docs/api.md.", medias: []string{jsonLines},
	name: retention.Volume.FileName, media: func(retention.Volume) string { return jsonLines }, write: retention.Write}

// jsonLines is the media type of a file of one JSON value a line.
const jsonLines = "application/x-ndjson"
