package tenants_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

// nobodys are the acts that no post is permitted, each with the reason.
var nobodys = map[string]string{
	"person.sign_out": "an entry of the log only: whoever is in may leave",
	"person.sign_in":  "an entry of the log only: the gate does it, before there is an actor",
	"town.look":       "an entry of the log only: the gate writes it beside what somebody of the host reads",
	"access.refused":  "an entry of the log only: the gate writes it after what it refused",
}

// constants reads the string constants of a type from a file of the ground.
func constants(t *testing.T, file, typeName string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			require.True(t, ok)
			if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != typeName {
				continue
			}
			for _, x := range v.Values {
				lit, ok := x.(*ast.BasicLit)
				require.True(t, ok, "%s: constants of type %s are written out", file, typeName)
				name, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				names = append(names, name)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}

// TestWhoMayDoWhat holds the whole table of permits to testdata/permits.txt, which is what people agreed on. To change
// it on purpose: UPDATE=1 go test ./tenants -run WhoMayDoWhat, and read the difference.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	const golden = "testdata/permits.txt"
	posts := constants(t, "actor.go", "Post")
	var b strings.Builder
	for _, act := range constants(t, "permit.go", "Act") {
		var may []string
		for _, p := range posts {
			if (tenants.Actor{Posts: []tenants.Post{tenants.Post(p)}}).May(tenants.Act(act)) {
				may = append(may, p)
			}
		}
		_, nobody := nobodys[act]
		require.Equal(t, nobody, len(may) == 0, "%s has no row in the table: nobody may do it", act)
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%-22s %s", act, strings.Join(may, " "))) + "\n")
	}
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func TestEveryPostHasAName(t *testing.T) {
	t.Parallel()
	for _, p := range constants(t, "actor.go", "Post") {
		ja, en := tenants.PostLabel(tenants.Post(p))
		require.NotEqual(t, p, ja)
		require.NotEqual(t, p, en)
	}
	ja, _ := tenants.PostLabel("nobody")
	require.Equal(t, "nobody", ja)
}

func TestPermit(t *testing.T) {
	t.Parallel()
	host := &tenants.Tx{Actor: tenants.Person(tenants.Actor{Posts: []tenants.Post{tenants.Operator}, Towns: []int64{1, 2}})}
	town := &tenants.Tx{Actor: tenants.Person(tenants.Actor{Posts: []tenants.Post{tenants.Town}, Towns: []int64{2}})}
	nobody := &tenants.Tx{Actor: tenants.Person(tenants.Actor{Towns: []int64{1}})}
	kind := func(err error) tenants.Kind {
		if err == nil {
			return ""
		}
		return tenants.AsFault(err).Kind
	}
	require.Empty(t, kind(host.Permit(tenants.Confirm, 1, 2)))
	require.Empty(t, kind(host.Permit(tenants.ReadBoard)))
	require.Equal(t, tenants.KindNotFound, kind(host.Permit(tenants.Confirm, 1, 3)), "one town out of sight is enough")
	require.Equal(t, tenants.KindForbidden, kind(host.Permit(tenants.Excuse, 1)))
	require.Equal(t, tenants.KindNotFound, kind(town.Permit(tenants.Excuse, 1)), "that it exists is not told even to those who may do nothing")
	require.Equal(t, tenants.KindForbidden, kind(town.Permit(tenants.Excuse, 2)))
	require.Equal(t, tenants.KindForbidden, kind(nobody.Permit(tenants.ReadBoard, 1)))
	require.Equal(t, tenants.KindForbidden, kind(host.Permit("act.nobody.wrote", 1)))
	require.Equal(t, tenants.KindForbidden, kind((&tenants.Tx{Actor: tenants.Gate("r", "")}).Permit(tenants.ReadBoard)))
	job := &tenants.Tx{Actor: tenants.Job("x")}
	require.Empty(t, kind(job.Permit(tenants.RunPipeline, 7)))
	require.Equal(t, tenants.KindForbidden, kind(job.Permit(tenants.WritePlan, 7)), "Tanamori does nothing in people's name")
	both := tenants.Actor{Posts: []tenants.Post{tenants.Auditor, tenants.Operator}}
	require.True(t, both.May(tenants.ReadLog))
	require.True(t, both.May(tenants.Confirm), "who holds two posts may do what either may")
}
