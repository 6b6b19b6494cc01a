package tlog

import (
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"

	"tanamori/tenants"
)

// A tile is 256 hashes of one level: leaves, or the roots of the tiles below.
const (
	tileBits = 8
	tileSize = 1 << tileBits
)

// nodes reads the hashes of a town's tree, a tile at a time, and keeps the newest tiles at hand.
type nodes struct {
	tx    *tenants.Tx
	town  int64
	tiles map[[2]uint64][][]byte // by level and number
}

func newNodes(tx *tenants.Tx, town int64) *nodes {
	return &nodes{tx: tx, town: town, tiles: map[[2]uint64][][]byte{}}
}

const leafTile = `SELECT leaf_index - CAST(@first AS bigint) AS n, hash FROM tlog_leaf WHERE tenant_id = @town AND leaf_index >= @first AND leaf_index < @end`

const upperTile = `SELECT tile_index - CAST(@first AS bigint) AS n, hash FROM tlog_tile WHERE tenant_id = @town AND level = @level
	AND tile_index >= @first AND tile_index < @end`

func (n *nodes) tile(level, number uint64) ([][]byte, error) {
	if t, ok := n.tiles[[2]uint64{level, number}]; ok {
		return t, nil
	}
	sql := leafTile
	if level > 0 {
		sql = upperTile
	}
	var rows []struct {
		N    int
		Hash []byte
	}
	err := n.tx.DB.Raw(sql, map[string]any{"town": n.town, "level": level, "first": number * tileSize, "end": (number + 1) * tileSize}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read hashes of town %d: %w", n.town, err)
	}
	t := make([][]byte, tileSize)
	for _, r := range rows {
		t[r.N] = r.Hash
	}
	if len(n.tiles) >= 64 {
		clear(n.tiles)
	}
	n.tiles[[2]uint64{level, number}] = t
	return t, nil
}

// hash is that of a perfect subtree; nil where a part of it is not there.
func (n *nodes) hash(id compact.NodeID) ([]byte, error) {
	level, up := id.Level/tileBits, id.Level%tileBits
	first := id.Index << up
	t, err := n.tile(uint64(level), first/tileSize)
	if err != nil {
		return nil, err
	}
	return fold(t[first%tileSize : first%tileSize+1<<up]), nil
}

func fold(hashes [][]byte) []byte {
	if len(hashes) == 1 {
		return hashes[0]
	}
	left, right := fold(hashes[:len(hashes)/2]), fold(hashes[len(hashes)/2:])
	if left == nil || right == nil {
		return nil
	}
	return factory.Hash(left, right)
}

// prove fetches what a proof needs. Where a hash is not there the proof is empty, and whoever checks it finds so.
func (n *nodes) prove(of proof.Nodes) ([][]byte, error) {
	hashes := make([][]byte, len(of.IDs))
	for i, id := range of.IDs {
		h, err := n.hash(id)
		if err != nil || h == nil {
			return nil, err
		}
		hashes[i] = h
	}
	out, err := of.Rehash(hashes, factory.Hash)
	if err != nil {
		return nil, fmt.Errorf("make a proof: %w", err)
	}
	return out, nil
}

func (n *nodes) inclusion(index, size uint64) ([][]byte, error) {
	of, err := proof.Inclusion(index, size)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", index, size, err)
	}
	return n.prove(of)
}

func (n *nodes) consistency(from, to uint64) ([][]byte, error) {
	of, err := proof.Consistency(from, to)
	if err != nil {
		return nil, fmt.Errorf("prove %d of %d: %w", from, to, err)
	}
	return n.prove(of)
}
