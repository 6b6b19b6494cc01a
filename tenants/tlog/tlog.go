// Package tlog gathers the rows of ledgers into one Merkle tree a town, signs its root, and looks after both: that every row
// is still what its leaf says, and every leaf where it was. It knows no ledger: each is a line of tlog_series, written by
// its own migration. What a leaf, a checkpoint and a file are is the business of tenants/evidence.
//
// A row's line in tlog_due is written with the row, in its transaction. To gather is to take the lines that are there: what
// is seen is committed, and what is committed late is seen later. No id and no transaction number is compared with another,
// so nothing is passed over that commits out of their order, and nothing changes where they begin anew.
package tlog

import (
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"tanamori/tenants"
)

// The breaches of the log.
const (
	KindBroken = "tlog.broken" // a row or leaf is not what it was
	KindLate   = "tlog.late"   // rows wait to be gathered, or leaves to be signed
)

var _ = tenants.Sentences(map[string][2]string{
	KindBroken: {"記録{n}件が、証拠の台帳と合いません（{since}から）。書き換えられたか、除かれた疑いがあります{more}",
		"{n} records do not agree with the log of evidence since {since}: changed or removed{more}"},
	KindLate: {"記録{n}件が、証拠の台帳に取り込まれていないか、署名されていません（{since}から）{more}",
		"{n} records wait to be taken into the log of evidence, or to be signed, since {since}{more}"},

	"tlog.what.changed":    {"内容が、記録されたときと違います", "Its content is not what was recorded"},
	"tlog.what.missing":    {"記録がなく、廃棄の記録もありません", "It is not there, and no removal is recorded"},
	"tlog.what.unlisted":   {"証拠の台帳を通らずに加えられています", "It was added past the log of evidence"},
	"tlog.what.leaf":       {"証拠の台帳から除かれたか、差し替えられています", "Its leaf is gone or was exchanged"},
	"tlog.what.tree":       {"証拠の台帳の終わりが、記録と合いません", "The end of the log does not agree with its leaves"},
	"tlog.what.removal":    {"この廃棄の件数を超える記録がなくなっています", "More rows are gone than this removal counted"},
	"tlog.what.series":     {"この記録の時刻の列の定めが、変えられています", "Somebody changed where the time of these records stands"},
	"tlog.what.key":        {"署名の鍵が使えません。検証値が作られていません", "The key that signs cannot be used: nothing is signed"},
	"tlog.what.checkpoint": {"署名された検証値が、台帳と合いません", "A signed checkpoint does not agree with the log"},

	"tlog.event.begun":    {"記録の取込みを始めました", "The log began"},
	"tlog.event.restored": {"データベースが控えから復元されたか、別のサーバに移りました", "The database was restored from a copy, or moved to another server"},
	"tlog.event.key":      {"署名の鍵を新しくしました", "A new key signs from here on"},

	"retention.kind.volume":         {"簿冊の奥付", "volumes"},
	"retention.kind.expiry":         {"廃棄の記録", "removals"},
	"retention.kind.retention_rule": {"保存期間の定め", "retention rules"},
	"retention.kind.tlog_event":     {"証拠の台帳のできごと", "events of the log"},
})

var _ = tenants.Shorts(map[string][2]string{
	KindBroken: {"証拠と合わない記録{n}件", "{n} records do not agree with the evidence"},
	KindLate:   {"証拠の台帳の遅れ{n}件", "{n} records wait for the log of evidence"},
})

// Words says what is the matter with a row, or what happened to the log.
func Words(code, lang string) string { return tenants.Reason{Code: "tlog." + code}.In(lang) }

// Event is what happened to a town's log itself.
type Event struct {
	ID     int64
	At     time.Time
	Kind   string // begun, restored, key
	Size   int64
	ByText string
}

// factory makes ranges of trees by RFC 6962.
var factory = compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

const hashSize = 32

// split reads an edge, join writes it.
func split(edge []byte) [][]byte {
	hashes := make([][]byte, 0, len(edge)/hashSize)
	for ; len(edge) >= hashSize; edge = edge[hashSize:] {
		hashes = append(hashes, edge[:hashSize:hashSize])
	}
	return hashes
}

func join(hashes [][]byte) []byte {
	edge := make([]byte, 0, len(hashes)*hashSize)
	for _, h := range hashes {
		edge = append(edge, h...)
	}
	return edge
}

// home names the database: its cluster, timeline, database and table. A dump that is restored makes another one of it, and so
// does a standby that takes over. The timeline is that of what is written now: the control file tells of the new one only with
// the first checkpoint after the take-over, and what was gathered until then would count as what the copy had.
const home = `(SELECT (SELECT system_identifier FROM pg_control_system()) || '/' ||
	CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS bit(32)) AS integer) || '/' ||
	(SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || CAST(CAST('tlog_tree' AS regclass) AS oid))`
