package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// RetentionPage says how long records are kept (記録の保存期間). View: Retention.
type RetentionPage struct {
	Rows     []RetentionRow
	Towns    []Link // the bound months of each
	Evidence []Link // the log of evidence of each
	BindDays int
	Doubt    time.Time // until when nothing is removed, since the date leapt; zero: as usual
}

// RetentionRow is one series of records.
type RetentionRow struct {
	Name, Basis  string
	Years        int
	PendingYears int
	PendingOn    calendar.Date // zero: nothing is pending
	Bound        string        // the newest month that is bound everywhere; "" before the first
	NextOn       calendar.Date // from when the oldest bound records go; zero while there are none
	NextYear     string        // of which fiscal year they are
	NextRows     int64
	Removed      int64
	EditURL      string
}

// RetentionFormPage changes a period. Fields: years, reason, confirmed. View: RetentionForm.
type RetentionFormPage struct {
	Name, Basis  string
	Years, Least int
	NoticeDays   int
	BackURL      string
	Form         Form
}

// VolumesPage lists a town's bound months (簿冊). View: Volumes.
type VolumesPage struct {
	Town                      Link
	Year                      string
	PrevURL, NextURL, BackURL string
	Rows                      []VolumeRow
}

// VolumeRow is one volume.
type VolumeRow struct {
	Month, Kind string
	Number      int
	Rows        int64
	Digest      string
	BoundAt     time.Time
	RemovedAt   time.Time // zero: its records are there
	Years       int       // by which rule they were removed
	URL         string    // its file; "" for who may not read such records
}
