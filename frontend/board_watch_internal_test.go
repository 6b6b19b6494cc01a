package frontend

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every job of the schedule has a name that a clerk can read. The schedule is on the same floor, so its text is read.
func TestEveryJobHasItsWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../jobs/schedule.go")
	require.NoError(t, err)
	words := map[string]bool{}
	for _, w := range jobWords {
		words[w.job] = true
	}
	named := regexp.MustCompile(`(?m)(?:\{Name: |^\t\w+Job += )"(\w+)"`).FindAllSubmatch(text, -1)
	require.Greater(t, len(named), 20)
	for _, n := range named {
		require.True(t, words[string(n[1])], "%s has no words", n[1])
	}
}
