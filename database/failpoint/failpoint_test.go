package failpoint_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/database/failpoint"
)

var call = regexp.MustCompile(`failpoint\.Here\(([^)]*)\)`)

// The table in the package's comment, the list and the calls in the source are one and the same.
func TestTheTableOfStepsIsTrue(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, s := range failpoint.Steps {
		require.False(t, listed[s], "%s stands twice", s)
		listed[s] = true
	}
	called := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			of, name, _ := strings.Cut(strings.TrimSuffix(m[1], `"`), `"`)
			if of != "" { // a job's own: job + ".uncommitted"
				name = "<job>" + name
			}
			called[name] = true
		}
		return nil
	})
	require.NoError(t, err)
	text, err := os.ReadFile("failpoint.go")
	require.NoError(t, err)
	for s := range listed {
		job, step, _ := strings.Cut(s, ".")
		require.True(t, called[s] || called["<job>."+step], "nobody comes by %s", s)
		require.True(t, strings.Contains(string(text), "//\t"+s+" ") || strings.Contains(string(text), "//\t<job>."+step), "%s (%s) is not in the table", s, job)
	}
	for s := range called {
		if !strings.HasPrefix(s, "<job>") {
			require.True(t, listed[s], "%s is not in the list", s)
		}
	}
}
