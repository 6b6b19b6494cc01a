package view

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBoard renders a board of 9 towns as in one consortium, and of 100 towns with 20 servers each, which is one
// page of a prefecture's.
func BenchmarkBoard(b *testing.B) {
	e, err := New(Options{Zone: tokyo, Asset: asset})
	require.NoError(b, err)
	small := sampleBoard(JA)
	large := sampleBoard(JA)
	large.Rows = nil
	for i := range 100 {
		row := sampleBoard(JA).Rows[i%9]
		row.Cells[0] = nil
		for s := range 20 {
			row.Cells[0] = append(row.Cells[0], good(JA, "戸籍"+strconv.Itoa(s), "構造"))
		}
		large.Rows = append(large.Rows, row)
	}
	for name, body := range map[string]BoardPage{"9x2": small, "100x20": large} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var size bytes.Buffer
			require.NoError(b, e.Render(&size, Board.With(sampleFrame(JA), body)))
			for b.Loop() {
				if err := e.Render(io.Discard, Board.With(sampleFrame(JA), body)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size.Len()), "bytes/page")
		})
	}
}
