package tenants_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// The rooms, for what they register.
	_ "tanamori/tenants/backup"
	_ "tanamori/tenants/contact"
	_ "tanamori/tenants/custody"
	_ "tanamori/tenants/history"
	_ "tanamori/tenants/key" // its words
	_ "tanamori/tenants/label"
	_ "tanamori/tenants/observance"
	_ "tanamori/tenants/people"
	_ "tanamori/tenants/rack" // its words
	_ "tanamori/tenants/retention"
	_ "tanamori/tenants/room" // its words
)

// literal is a string that stands in the source of a room.
type literal struct{ file, text string }

// roomSources gives every Go file of the rooms, tests aside.
func roomSources(t *testing.T, each func(path string, file *ast.File)) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || strings.HasPrefix(p, "tenantstest") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		each(p, parsed)
		return nil
	}))
	require.Greater(t, files, 60)
}

// literals gives the strings in the rooms that pass the filter.
func literals(t *testing.T, filter func(string) bool) (found []literal) {
	t.Helper()
	roomSources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && filter(s) {
					found = append(found, literal{p, s})
				}
			}
			return true
		})
	})
	return found
}

// registered gives the first argument of every call of tenants.Constraint, or of Constraint within the ground.
func registered(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	roomSources(t, func(p string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 4 {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "Constraint" {
				return true
			}
			lit, ok := call.Args[0].(*ast.BasicLit)
			require.True(t, ok, "%s: a constraint is registered by its name written out", p)
			name, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			names[name] = p
			return true
		})
	})
	require.NotEmpty(t, names)
	return names
}
