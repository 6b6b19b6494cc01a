package scale

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// heap gathers rows of one table until they go over by COPY. Ids are counted here and not by the table's own sequence, so
// that a row can be linked before it is written.
type heap struct {
	table   string
	columns []string
	rows    [][]any
	id      int64 // newest id given out; 0 for tables whose key is not counted
}

// id gives the next one.
func (h *heap) next() int64 {
	h.id++
	return h.id
}

func (h *heap) add(values ...any) { h.rows = append(h.rows, values) }

// writer holds the heaps in the order in which they may be written: what is linked to comes first.
type writer struct {
	tx      pgx.Tx
	heaps   []*heap
	waiting func() // tells of progress after each write
	written map[string]int64
}

func (w *writer) heap(table, columns string) *heap {
	h := &heap{table: table, columns: strings.Fields(columns)}
	w.heaps = append(w.heaps, h)
	return h
}

// enough is how many rows wait in memory before they are written.
const enough = 100_000

// flush writes what waits; without must only where there is enough of it.
func (w *writer) flush(ctx context.Context, must bool) error {
	waiting := 0
	for _, h := range w.heaps {
		waiting += len(h.rows)
	}
	if !must && waiting < enough {
		return nil
	}
	for _, h := range w.heaps {
		if len(h.rows) == 0 {
			continue
		}
		n, err := w.tx.CopyFrom(ctx, pgx.Identifier{h.table}, h.columns, pgx.CopyFromRows(h.rows))
		if err != nil {
			return fmt.Errorf("copy into %s: %w", h.table, err)
		}
		w.written[h.table] += n
		clear(h.rows)
		h.rows = h.rows[:0]
	}
	if w.waiting != nil {
		w.waiting()
	}
	return nil
}

// sequences sets each table's own sequence behind the ids given out here.
func (w *writer) sequences(ctx context.Context) error {
	for _, h := range w.heaps {
		if h.id == 0 {
			continue
		}
		if _, err := w.tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`, h.table, h.id); err != nil {
			return fmt.Errorf("go on with the ids of %s: %w", h.table, err)
		}
	}
	return nil
}

// mix makes a number out of others, the same one each time: what is made up comes from it (splitmix64).
func mix(of ...uint64) uint64 {
	var x uint64 = 0x9e3779b97f4a7c15
	for _, n := range of {
		x += n + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}
