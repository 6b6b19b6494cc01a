package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const house = "tanamori"

// floors are the packages of the house from the ground up. A package imports only what stands on a lower floor, so two on
// one floor know nothing of each other: no ledger knows another, and the API knows no page. A new package is placed here
// first; where it needs something beside it, that is a noun of its own and belongs further down.
var floors = []struct {
	name     string
	packages []string
}{
	{"the ground, and what is only values", []string{"tenants", "tenants/calendar", "tenants/checkin/body", "tenants/volume", "tenants/evidence", "database/embedded", "database/failpoint",
		"frontend/assets", "frontend/templates"}},
	{"how a line of input is read, how secrets are kept, what the tables are, where the pool comes from", []string{"tenants/entry", "tenants/vault", "migrations", "database"}},
	{"what any ledger's records should have said", []string{"tenants/correction"}},
	{"messages, and the nouns that every ledger shares", []string{"tenants/notice", "tenants/people", "tenants/town", "tenants/server",
		"tenants/contact", "tenants/proposal", "tenants/founding", "tenants/checkin", "tenants/retention", "tenants/observance", "tenants/label"}},
	{"incidents, and what is told without one", []string{"tenants/incident", "tenants/reminder", "tenants/tlog"}},
	{"Tanamori watching itself", []string{"tenants/watch"}},
	{"when something is due", []string{"tenants/duty/schedule"}},
	{"duties", []string{"tenants/duty"}},
	{"what one ledger keeps to itself", []string{"tenants/backup/rules", "tenants/backup/store", "tenants/backup/verify/inflate"}},
	{"… and builds on that", []string{"tenants/backup/verify"}},
	{"the places that the ledgers of the server room share", []string{"tenants/rack"}},
	{"ledgers that an opening of a rack asks", []string{"tenants/key", "tenants/room"}},
	{"ledgers", []string{"tenants/backup", "tenants/history", "tenants/custody"}},
	{"what tells of all of them", []string{"tenants/morning"}},
	{"what both doors share, a page's own words, the channels", []string{"api/gate", "frontend/view", "jobs/mail", "jobs/heartbeat"}},
	{"parts of one door", []string{"api/ping", "api/report"}},
	{"doors and the clock tower", []string{"api", "frontend", "jobs"}},
	{"the demonstration, which plays everybody, and a large installation to measure on", []string{"jobs/demo", "jobs/demo/scale"}},
	{"the command line", []string{"."}},
}

// apart are packages that no floor of the product rests on: tools of the build and of tests.
var apart = []string{"migrations/dumpschema", "database/databasetest", "tenants/tenantstest", "jobs/reliability"}

// forTests may be imported by tests only, and by each other.
var forTests = []string{"testing", "database/databasetest", "tenants/tenantstest"}

// chance are the packages that may use a random number somebody could guess, and for what.
var chance = map[string]string{
	"api/ping":   "spreads the Retry-After of machines that were all turned away at once",
	"api/report": "spreads the second tries of machines that all failed at once",
	"jobs/demo":  "makes up archives, the same ones each time",
}

type goFile struct {
	path, pkg string // pkg is the folder below the house, "." for the root
	test      bool
	imports   []string
}

func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"node_modules", "testdata", "data", "bin"}, d.Name())) {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(p) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := goFile{path: filepath.ToSlash(p), test: strings.HasSuffix(p, "_test.go")}
		f.pkg = path.Dir(f.path)
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, name)
		}
		files = append(files, f)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 100, "the whole house was read")
	return files
}

// within tells whether a package is the given one or lies below it.
func within(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

func TestEveryPackageStandsOnAFloor(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	for _, f := range goFiles(t) {
		there[f.pkg] = true
	}
	placed := map[string]int{}
	for _, f := range floors {
		for _, p := range f.packages {
			placed[p]++
		}
	}
	for _, p := range apart {
		placed[p]++
	}
	for p, times := range placed {
		require.Equal(t, 1, times, "%s has one place", p)
		require.True(t, there[p], "%s is gone: take it off its floor", p)
	}
	for p := range there {
		require.Contains(t, placed, p, "place the new package on a floor, as low as it can stand")
	}
}

func TestImportsGoDown(t *testing.T) {
	t.Parallel()
	floor := map[string]int{}
	for n, f := range floors {
		for _, p := range f.packages {
			floor[p] = n
		}
	}
	for _, f := range goFiles(t) {
		from, product := floor[f.pkg]
		if f.test || !product {
			continue
		}
		for _, name := range f.imports {
			to, own := strings.CutPrefix(name, house+"/")
			if !own {
				continue
			}
			below, placed := floor[to]
			require.True(t, placed, "%s imports %s, which no product may", f.path, name)
			require.Less(t, below, from, "%s (%s) imports %s (%s)", f.path, floors[from].name, name, floors[below].name)
		}
	}
}

// The rules of DESIGN that a floor alone does not say.
func TestNothingReachesWhereItMustNot(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, f := range goFiles(t) {
		room := within(f.pkg, "tenants") && !slices.Contains(apart, f.pkg)
		door := within(f.pkg, "api") || within(f.pkg, "frontend") || within(f.pkg, "jobs")
		for _, name := range f.imports {
			own := strings.TrimPrefix(name, house+"/")
			switch {
			case f.test:
			case within(name, "github.com/labstack/echo"), within(name, "github.com/danielgtaylor/huma"), name == "net/http":
				seen["web"]++
				require.False(t, room, "%s: a room knows nothing of HTTP", f.path)
			case within(name, "github.com/robfig/cron"):
				seen["cron"]++
				require.False(t, room && f.pkg != "tenants/duty/schedule", "%s: only a duty's schedule reads cron expressions", f.path)
			case within(name, "gorm.io"):
				seen["gorm"]++
				require.False(t, door, "%s: rows belong to the rooms; a door or a job calls an act", f.path)
			case name == "math/rand", name == "math/rand/v2":
				seen["chance"]++
				require.Contains(t, chance, f.pkg, "%s: what somebody could gain by guessing comes from crypto/rand; else say in the list what for", f.path)
			case slices.Contains(forTests, own), within(name, "github.com/stretchr/testify"), within(name, "pgregory.net/rapid"):
				seen["tests"]++
				require.Contains(t, forTests, f.pkg, "%s imports %s, which is for tests", f.path, name)
			}
			require.NotEqual(t, "github.com/stretchr/testify/assert", name, "%s: a test stops at its first wrong answer (require)", f.path)
			require.NotEqual(t, "io/ioutil", name, f.path)
			if f.pkg == "tenants" && !f.test {
				require.False(t, strings.HasPrefix(name, house), "%s: the ground rests on nothing of the house", f.path)
			}
		}
	}
	for _, what := range []string{"web", "cron", "gorm", "chance", "tests"} {
		require.Positive(t, seen[what], "the rule about %s met nothing that it speaks of", what)
	}
	for pkg := range chance {
		_, err := os.Stat(pkg)
		require.NoError(t, err, "an exception for a package that is gone")
	}
}
