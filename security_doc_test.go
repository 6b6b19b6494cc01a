package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asvs are the requirements of level 1 and 2 of the OWASP Application Security Verification Standard 5.0.0, from
// 5.0/docs_en/OWASP_Application_Security_Verification_Standard_5.0.0_en.csv of github.com/OWASP/ASVS (commit 5cf9b032,
// 30 May 2025; CC BY-SA 4.0): the section, then number:level. A new version of the standard is a new list.
const asvs = `
V1.1 1:2 2:2
V1.2 1:1 2:1 3:1 4:1 5:1 6:2 7:2 8:2 9:2
V1.3 1:1 2:1 3:2 4:2 5:2 6:2 7:2 8:2 9:2 10:2 11:2
V1.4 1:2 2:2 3:2
V1.5 1:1 2:2
V2.1 1:1 2:2 3:2
V2.2 1:1 2:1 3:2
V2.3 1:1 2:2 3:2 4:2
V2.4 1:2
V3.2 1:1 2:1
V3.3 1:1 2:2 3:2 4:2
V3.4 1:1 2:1 3:2 4:2 5:2 6:2
V3.5 1:1 2:1 3:1 4:2 5:2
V3.7 1:2 2:2
V4.1 1:1 2:2 3:2
V4.2 1:2
V4.3 1:2 2:2
V4.4 1:1 2:2 3:2 4:2
V5.1 1:2
V5.2 1:1 2:1 3:2
V5.3 1:1 2:1
V5.4 1:2 2:2 3:2
V6.1 1:1 2:2 3:2
V6.2 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:2 10:2 11:2 12:2
V6.3 1:1 2:1 3:2 4:2
V6.4 1:1 2:1 3:2 4:2
V6.5 1:2 2:2 3:2 4:2 5:2
V6.6 1:2 2:2 3:2
V6.8 1:2 2:2 3:2 4:2
V7.1 1:2 2:2 3:2
V7.2 1:1 2:1 3:1 4:1
V7.3 1:2 2:2
V7.4 1:1 2:1 3:2 4:2 5:2
V7.5 1:2 2:2
V7.6 1:2 2:2
V8.1 1:1 2:2
V8.2 1:1 2:1 3:2
V8.3 1:1
V8.4 1:2
V9.1 1:1 2:1 3:1
V9.2 1:1 2:2 3:2 4:2
V10.1 1:2 2:2
V10.2 1:2 2:2
V10.3 1:2 2:2 3:2 4:2
V10.4 1:1 2:1 3:1 4:1 5:1 6:2 7:2 8:2 9:2 10:2 11:2
V10.5 1:2 2:2 3:2 4:2 5:2
V10.6 1:2 2:2
V10.7 1:2 2:2 3:2
V11.1 1:2 2:2
V11.2 1:2 2:2 3:2
V11.3 1:1 2:1 3:2
V11.4 1:1 2:2 3:2 4:2
V11.5 1:2
V11.6 1:2
V12.1 1:1 2:2 3:2
V12.2 1:1 2:1
V12.3 1:2 2:2 3:2 4:2
V13.1 1:2
V13.2 1:2 2:2 3:2 4:2 5:2
V13.3 1:2 2:2
V13.4 1:1 2:2 3:2 4:2 5:2
V14.1 1:2 2:2
V14.2 1:1 2:2 3:2 4:2
V14.3 1:1 2:2 3:2
V15.1 1:1 2:2 3:2
V15.2 1:1 2:2 3:2
V15.3 1:1 2:2 3:2 4:2 5:2 6:2 7:2
V16.1 1:2
V16.2 1:2 2:2 3:2 4:2 5:2
V16.3 1:2 2:2 3:2 4:2
V16.4 1:2 2:2 3:2
V16.5 1:2 2:2 3:2
V17.1 1:2
V17.2 1:2 2:2 3:2 4:2
V17.3 1:2 2:2
`

// The lines of docs/security.md that are requirements, and what is named in it between backquotes.
var (
	requirement = regexp.MustCompile(`(?m)^\| (V\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	named       = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)\\w+)`")
	file        = regexp.MustCompile(`\b(?:docs|frontend|api|tenants|jobs|database)/[\w./-]+\.(?:md|json|go|ts|html)\b`)
)

// docs/security.md answers each requirement once, and names nothing that is not there.
func TestSecurityIsAccountedFor(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("docs/security.md")
	require.NoError(t, err)
	doc := string(raw)
	want := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(asvs), "\n") {
		section, rest, _ := strings.Cut(line, " ")
		for x := range strings.FieldsSeq(rest) {
			number, level, _ := strings.Cut(x, ":")
			want[section+"."+number] = level
		}
	}
	require.Len(t, want, 253)

	count, tests := map[string]int{}, testFunctions(t)
	for _, m := range requirement.FindAllStringSubmatch(doc, -1) {
		id, level, short, status, why := m[1], m[2], m[3], m[4], m[5]
		require.Equal(t, want[id], level, "%s is no requirement of level 1 or 2, stands there twice, or is of another level", id)
		delete(want, id)
		require.LessOrEqual(t, len(strings.Fields(short)), 10, "%s: the standard's own words are not ours to copy", id)
		require.Contains(t, []string{"met", "not applicable", "**not met**"}, status, id)
		require.NotEmpty(t, strings.TrimSpace(why), id)
		count[status]++
	}
	require.Empty(t, want, "requirements without a line")
	require.Contains(t, doc, "253 requirements: "+strconv.Itoa(count["met"])+" met, "+strconv.Itoa(count["**not met**"])+" not met, "+strconv.Itoa(count["not applicable"])+" not applicable.")

	for _, m := range named.FindAllStringSubmatch(doc, -1) {
		require.True(t, tests[m[1]+"."+m[2]], "%s.%s is no test", m[1], m[2])
	}
	for _, name := range file.FindAllString(doc, -1) {
		require.FileExists(t, name)
	}
	for _, m := range regexp.MustCompile(`\]\(#([a-z0-9-]+)\)`).FindAllStringSubmatch(doc, -1) {
		require.Contains(t, anchors(doc), m[1])
	}
}

// anchors are the headings as links name them.
func anchors(doc string) (all []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(doc, -1) {
		all = append(all, strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// testFunctions are the tests and fuzz targets of every package, by its folder; the root's is called main.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && (d.Name() == "node_modules" || p != "." && strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(p, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(p))
		if pkg == "." {
			pkg = "main"
		}
		for _, decl := range parsed.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				found[pkg+"."+fn.Name.Name] = true
			}
		}
		return nil
	}))
	return found
}
