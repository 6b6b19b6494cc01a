package api

import (
	"context"
	"encoding/json"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/tlog"
)

// Evidence is how a town's log of evidence stands (記録の証拠).
type Evidence struct {
	TownID     int64             `json:"town_id"`
	Origin     string            `json:"origin" doc:"First line of its checkpoints; empty before the first row."`
	Size       int64             `json:"size" doc:"Leaves so far."`
	SignedSize int64             `json:"signed_size" doc:"Leaves under the newest checkpoint."`
	SignedAt   *time.Time        `json:"signed_at"`
	Checkpoint string            `json:"checkpoint" doc:"The newest one: a signed note, C2SP tlog-checkpoint."`
	Waiting    int64             `json:"waiting" doc:"Rows to be gathered."`
	Passes     int64             `json:"passes" doc:"How often the audit has been through all of it."`
	PassedAt   *time.Time        `json:"passed_at"`
	Keys       []EvidenceKey     `json:"keys" doc:"The oldest first; the last one signs."`
	Events     []EvidenceEvent   `json:"events" doc:"The newest first."`
	Findings   []EvidenceFinding `json:"findings" doc:"What does not agree with the log; at most 100."`
}

// EvidenceKey is a verifier key.
type EvidenceKey struct {
	Key    string    `json:"key"`
	MadeAt time.Time `json:"made_at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// EvidenceEvent is what happened to the log itself.
type EvidenceEvent struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind" enum:"begun,restored,key"`
	Size int64     `json:"size"`
	By   string    `json:"by"`
}

// EvidenceFinding is a row or leaf that is not what it was.
type EvidenceFinding struct {
	What    string    `json:"what" enum:"changed,missing,unlisted,leaf,tree,checkpoint,removal,series,key"`
	Series  string    `json:"series"`
	RowID   int64     `json:"row_id"`
	Leaf    int64     `json:"leaf" doc:"-1: of no single leaf."`
	FoundAt time.Time `json:"found_at"`
}

func evidenceOf(l tlog.Log) Evidence {
	e := Evidence{TownID: l.TenantID, Origin: l.Origin, Size: l.Size, SignedSize: l.SignedSize, SignedAt: utc(l.SignedAt), Checkpoint: l.Note, Waiting: l.Waiting,
		Passes: l.Passes, PassedAt: utc(l.PassedAt), Keys: []EvidenceKey{}, Events: []EvidenceEvent{}, Findings: []EvidenceFinding{}}
	for _, k := range l.Keys {
		e.Keys = append(e.Keys, EvidenceKey{Key: k.Verifier, MadeAt: k.MadeAt.UTC(), By: k.ByText, Reason: k.Reason})
	}
	for _, v := range l.Events {
		e.Events = append(e.Events, EvidenceEvent{At: v.At.UTC(), Kind: v.Kind, Size: v.Size, By: v.ByText})
	}
	for _, f := range l.Findings {
		e.Findings = append(e.Findings, EvidenceFinding{What: f.What, Series: f.Kind, RowID: f.RowID, Leaf: f.LeafIndex, FoundAt: f.FoundAt.UTC()})
	}
	return e
}

func getEvidence(ctx context.Context, tx *tenants.Tx, in *InTown) (Evidence, error) {
	l, err := tlog.Get(ctx, tx, in.Town)
	return evidenceOf(l), err
}

// EvidenceCheckpoint is a signed root of a town's log (検証値).
type EvidenceCheckpoint struct {
	TownID int64     `json:"town_id"`
	Size   int64     `json:"size"`
	Root   []byte    `json:"root"`
	Note   string    `json:"note"`
	At     time.Time `json:"at"`
}

func checkpointOf(c tlog.Checkpoint) EvidenceCheckpoint {
	return EvidenceCheckpoint{TownID: c.TenantID, Size: c.Size, Root: c.Root, Note: c.Note, At: c.At.UTC()}
}

func listCheckpoints(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Page
}) (List[EvidenceCheckpoint], error) {
	before, err := in.before()
	if err != nil {
		return List[EvidenceCheckpoint]{}, err
	}
	found, err := tlog.Checkpoints(ctx, tx, in.Town, before, in.Limit+1)
	return paged(found, in.Limit, func(c tlog.Checkpoint) int64 { return c.Size }, checkpointOf), err
}

// EvidenceProof is one row with the proof that it is in the log.
type EvidenceProof struct {
	TownID     int64           `json:"town_id"`
	Series     string          `json:"series"`
	RowID      int64           `json:"row_id"`
	Leaf       uint64          `json:"leaf" doc:"Its place, from 0."`
	Row        json.RawMessage `json:"row" doc:"null where it is not there any more."`
	Removed    int64           `json:"removed" doc:"Id of the record of its removal by rule; 0: none."`
	Hash       []byte          `json:"hash"`
	Proof      [][]byte        `json:"proof" doc:"Of inclusion, RFC 6962."`
	Checkpoint string          `json:"checkpoint" doc:"Under whose root."`
}

func getProof(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Series string `path:"series" maxLength:"40" pattern:"^[a-z_]+$" example:"checkin"`
	ID     int64  `path:"id" minimum:"1"`
}) (EvidenceProof, error) {
	p, err := tlog.Prove(ctx, tx, in.Town, in.Series, in.ID)
	if err != nil {
		return EvidenceProof{}, err
	}
	out := EvidenceProof{TownID: in.Town, Series: p.Series, RowID: p.ID, Leaf: p.Leaf, Row: p.Row.Row, Removed: p.Removed, Hash: p.Hash, Proof: p.Row.Proof, Checkpoint: p.Note}
	if out.Row == nil {
		out.Row = json.RawMessage("null")
	}
	return out, nil
}

func takeEvidence(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	From  calendar.Date `query:"from" format:"date" doc:"First day; nothing: from the beginning."`
	Until calendar.Date `query:"until" format:"date" doc:"Last day; nothing: to the newest."`
}) (tlog.Export, error) {
	return tlog.TakeOut(ctx, tx, in.Town, in.From, in.Until)
}

var evidenceFile = file[tlog.Export]{about: "Rows, leaves and checkpoints, a JSON value a line; see docs/evidence.md.", medias: []string{jsonLines},
	name: tlog.Export.FileName, media: func(tlog.Export) string { return jsonLines }, write: tlog.Write}

// EvidenceKeyInput says why a new key is to sign.
type EvidenceKeyInput struct {
	Reason string `json:"reason" maxLength:"200" example:"年度の更新"`
}

func rotateEvidenceKey(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Body EvidenceKeyInput
}) (Evidence, error) {
	if err := tlog.Rotate(ctx, tx, in.Town, in.Body.Reason); err != nil {
		return Evidence{}, err
	}
	l, err := tlog.Get(ctx, tx, in.Town)
	return evidenceOf(l), err
}
