package view

import "time"

// EvidencePage shows how a town's log of evidence stands (記録の証拠). View: Evidence.
type EvidencePage struct {
	Town                   Link
	Origin                 string // "" before the first row
	Size                   int64
	SignedAt               time.Time
	Note                   string // the newest checkpoint
	Waiting                int64
	PassedAt               time.Time // when the audit had last been through all of it; zero: not yet
	FileURL, CheckpointURL string
	Keys                   []EvidenceKey
	Events                 []EvidenceEvent
	Findings               []EvidenceFinding
	Form                   Form   // Action is "" for who may not make a new key; field reason
	Readers                string // who gets the day's checkpoint, in words; "" is nobody
	ReadersURL             string
}

// EvidenceKey is a key by which checkpoints are verified.
type EvidenceKey struct {
	Verifier string
	MadeAt   time.Time
	Reason   string
}

// EvidenceEvent is what happened to the log itself.
type EvidenceEvent struct {
	At   time.Time
	What string
	Size int64
}

// EvidenceFinding is a record that does not agree with the log.
type EvidenceFinding struct {
	Record, What string
	At           time.Time
	Leaf         int64
}
