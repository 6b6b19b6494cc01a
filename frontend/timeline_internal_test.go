package frontend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatWasToldAgainAndAgainIsFolded(t *testing.T) {
	t.Parallel()
	type line struct {
		n     int
		again []int
	}
	for _, c := range []struct {
		name string
		keys []string
		want []line
	}{
		{"nothing", nil, []line{}},
		{"three of one stay", []string{"a", "a", "a"}, []line{{n: 0}, {n: 1}, {n: 2}}},
		{"of four the first and the last stay", []string{"a", "a", "a", "a"}, []line{{n: 0, again: []int{1, 2}}, {n: 3}}},
		{"nobody's are never folded", []string{"", "", "", "", ""}, []line{{n: 0}, {n: 1}, {n: 2}, {n: 3}, {n: 4}}},
		{"another person ends a run", []string{"a", "b", "b", "b", "b", "b", "", "b"}, []line{{n: 0}, {n: 1, again: []int{2, 3, 4}}, {n: 5}, {n: 6}, {n: 7}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			list := make([]line, len(c.keys))
			for i := range list {
				list[i].n = i
			}
			got := folded(list, c.keys, func(first *line, again []line) {
				for _, l := range again {
					first.again = append(first.again, l.n)
				}
			})
			require.Equal(t, c.want, got)
		})
	}
}
