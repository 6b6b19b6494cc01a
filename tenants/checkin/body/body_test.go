package body_test

import (
	"encoding/binary"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/checkin/body"
)

const (
	hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	form = "application/x-www-form-urlencoded"
)

func ptr[T any](v T) *T { return &v }

func n64(v int64) *int64 { return &v }

// The files under testdata are what restic 0.14.0, Borg 1.2.4 and borgmatic
// 2.1 printed or sent, most for one directory of two files and 5,000,003 bytes;
// only paths and the host's name were changed.
func TestParseReadsWhatToolsReallyPrint(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]body.Numbers{
		"restic.txt": {
			Tool: body.ToolRestic, Bytes: n64(4999610), Rounded: true, Files: n64(2), Added: n64(0),
			Duration: ptr(time.Duration(0)), Generation: "f0267405",
		},
		"restic.jsonl": {
			Tool: body.ToolRestic, Bytes: n64(5000003), Files: n64(2), Added: n64(0),
			Duration: ptr(208555418 * time.Nanosecond), Generation: "d399e5b3",
		},
		"restic-dry.txt": {
			Tool: body.ToolRestic, Bytes: n64(4999610), Rounded: true, Files: n64(2), Added: n64(0),
			Duration: ptr(time.Duration(0)), DryRun: true,
		},
		"restic-dry.jsonl": {
			Tool: body.ToolRestic, Bytes: n64(5000003), Files: n64(2), Added: n64(0),
			Duration: ptr(204809627 * time.Nanosecond), DryRun: true,
		},
		"borg.txt": {
			Tool: body.ToolBorg, Bytes: n64(5000000), Rounded: true, Files: n64(2), Added: n64(472),
			Duration:   ptr(time.Duration(0)),
			Generation: "44048a4f0ae6bcbe6860fc39b89722c4d2de397775c2945dfe2d61cc5a5547f7",
		},
		"borg-warning.txt": {
			Tool: body.ToolBorg, Bytes: n64(5000000), Rounded: true, Files: n64(2), Added: n64(507),
			Duration: ptr(time.Duration(0)), ExitHint: ptr(1),
			Generation: "76f9f7721bef600d3765105201d611a444aaa744adee939a9f8ab58340de9b21",
		},
		"borg.json": {
			Tool: body.ToolBorg, Bytes: n64(5000503), Files: n64(2), Added: n64(472),
			Duration:   ptr(2297 * time.Microsecond),
			Generation: "d24b8706582b467f6d153891f22f28d827acfb25d5f0ad549eb98d0b57f65d6b",
		},
		"borg-log.jsonl": {
			Tool: body.ToolBorg, Bytes: n64(5001708), Rounded: true, Files: n64(2), Added: n64(490),
			Duration:   ptr(time.Duration(0)),
			Generation: "faaa887d225c5ebd57beda02781c348133d34f1dcc307fe9d8c067590b56929d",
		},
		"borgmatic.txt": {
			Tool: body.ToolBorgmatic, Bytes: n64(5000000), Rounded: true, Files: n64(4), Added: n64(786),
			Duration:   ptr(time.Duration(0)),
			Generation: "d6b7e2477d21fe2bb2659cb547ad7b236c85abc01aa27e246aacb36187293af6",
		},
		"borgmatic.json": {
			Tool: body.ToolBorgmatic, Bytes: n64(5000940), Files: n64(4), Added: n64(572),
			Duration:   ptr(3399 * time.Microsecond),
			Generation: "56efa58e13c576811f0dc711cc9cc226bb35576346e5390bd099680a266759ae",
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			log := string(raw)

			for _, contentType := range []string{"", "text/plain; charset=utf-8", "application/json", form, "\x00;;"} {
				require.Equal(t, want, body.Parse(contentType, raw), "as %q", contentType)
			}
			require.Equal(t, want, body.Parse("", []byte(strings.ReplaceAll(log, "\n", "\r\n"))), "from Windows")
			require.Equal(t, want, body.Parse("", utf16le(log)), "from PowerShell")
			require.Equal(t, want, body.Parse("", []byte("\xEF\xBB\xBF"+log)), "with a byte order mark")
			require.Equal(t, want, body.Parse("", []byte("pg_dump: done\n"+log+"\nsync 完了\n")), "inside a log")
			require.Equal(t, want, body.Parse("", []byte(log+"\xff\xfe\x00\n")), "before rubbish")
			require.Equal(t, want, body.Parse(form, []byte("log="+url.QueryEscape(log))), "as a form's log")
			if file != "borg-log.jsonl" { // curl --data takes the line ends out
				require.Equal(t, want, body.Parse(form, []byte(strings.ReplaceAll(log, "\n", ""))), "by curl --data @file")
			}
		})
	}
}

func TestParseTakesTheLastSummary(t *testing.T) {
	t.Parallel()
	read := func(file string) string {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		return string(b)
	}
	files := []string{"restic.txt", "restic.jsonl", "borg.txt", "borg.json", "borg-log.jsonl"}
	for _, first := range files {
		for _, last := range files {
			want := body.Parse("", []byte(read(last)))
			got := body.Parse("", []byte(read(first)+"\n"+read(last)))
			require.Equal(t, want, got, "%s then %s", first, last)
		}
	}

	whole := body.Parse("", []byte(read("borg.txt")))
	cut := read("borg.txt") + "Creating archive\nArchive name: second\nDuration: 9.00 seconds\n"
	require.Equal(t, whole, body.Parse("", []byte(cut)), "a summary that begins and does not end changes nothing")
}

func TestParseIgnoresOtherProgramsThatSpeakAlike(t *testing.T) {
	t.Parallel()
	for _, log := range []string{
		"Number of files: 1,234 (reg: 1,200, dir: 34)\nTotal file size: 9,999 bytes",
		"Number of files: 12 (reg: 10, dir: 2)",
		"Number of files: 12",
		"processed 12 files, 5 MB quickly",
		"processed 12 files, 5.0 MiB in 3 hours",
		"processed 12 rows",
		"no parent snapshot found, will read all files",
		"snapshot 40dc1520 removed",
		"snapshot saved",
		"terminating with pleasure",
		"Duration: 3.00 seconds",
		"This archive: is fine",
		"Archive fingerprint: abc",
		`{"message_type":"summary","num_errors":0}`,
		`{"message_type":"status","total_bytes":5,"total_files":1}`,
		`{"message_type":"summary","files_restored":4,"total_bytes":9}`,
		`{"archives":[]}`, `{"archive":5}`, `{"archive":{"stats":[1]}}`, `[1,2,3]`, `[]`, `null`, `7`, `"bytes"`, `{}`,
		"OK", " ", "", "\x00", "=", "&&", "a=1&b=2", "bytes=", "bytes=x&files=-1",
	} {
		require.Equal(t, body.Numbers{}, body.Parse("", []byte(log)), "%q", log)
		require.Equal(t, body.Numbers{}, body.Parse(form, []byte(log)), "%q", log)
	}

	rsync := "Number of files: 12 (reg: 10, dir: 2)\nsent 1 bytes\n"
	borg, err := os.ReadFile("testdata/borg.txt")
	require.NoError(t, err)
	want := body.Parse("", borg)
	require.Equal(t, want, body.Parse("", append([]byte(rsync), borg...)))
	require.Equal(t, want, body.Parse("", append(borg, rsync...)))
}

func TestParseReadsOtherVersions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		log  string
		want body.Numbers
	}{
		"restic before 0.13, hours": {
			"Files:  1 new, 0 changed, 1233 unmodified\nAdded to the repo: 1.500 MiB\n\nprocessed 1234 files, 4.012 GiB in 1:02:03\nsnapshot 1a2b3c4d saved\n",
			body.Numbers{
				Tool: body.ToolRestic, Files: n64(1234), Bytes: n64(4307852198), Rounded: true, Added: n64(1572864),
				Duration: ptr(time.Hour + 2*time.Minute + 3*time.Second), Generation: "1a2b3c4d",
			},
		},
		"restic, nothing changed, snapshot skipped": {
			"processed 3 files, 512 B in 0:41\nskipped creating snapshot\n",
			body.Numbers{Tool: body.ToolRestic, Files: n64(3), Bytes: n64(512), Duration: ptr(41 * time.Second)},
		},
		"restic, the failure after it": {
			`{"message_type":"exit_error","code":3,"message":"incomplete"}`,
			body.Numbers{Tool: body.ToolRestic, ExitHint: ptr(3)},
		},
		"restic, summary and failure": {
			`{"message_type":"summary","total_files_processed":7,"total_bytes_processed":9,"snapshot_id":"aa"}` + "\n" +
				`{"message_type":"exit_error","code":3,"message":"incomplete"}` + "\n",
			body.Numbers{Tool: body.ToolRestic, Files: n64(7), Bytes: n64(9), Generation: "aa", ExitHint: ptr(3)},
		},
		"Borg 2": {
			"Repository: /srv/borg\nArchive name: docs\nArchive fingerprint: " + hash + "\nDuration: 1 hours 2 minutes 3.500 seconds\n" +
				"Number of files: 699\nOriginal size: 31.14 MB\nDeduplicated size: 502 B\nTime spent in hashing: 0.001 seconds\n",
			body.Numbers{
				Tool: body.ToolBorg, Files: n64(699), Bytes: n64(31140000), Rounded: true, Added: n64(502), Generation: hash,
				Duration: ptr(time.Hour + 2*time.Minute + 3500*time.Millisecond),
			},
		},
		"Borg, days": {
			"Archive fingerprint: " + hash + "\nDuration: 1 days 2 hours 3 minutes 4.05 seconds\n",
			body.Numbers{
				Tool: body.ToolBorg, Generation: hash,
				Duration: ptr(26*time.Hour + 3*time.Minute + 4050*time.Millisecond),
			},
		},
		"Borg, the head of the log cut off": {
			"files: 9\nThis archive:               37.12 GB             14.81 GB             12.18 GB\n",
			body.Numbers{Tool: body.ToolBorg, Bytes: n64(37120000000), Rounded: true, Added: n64(12180000000)},
		},
		"Borg in the journal, coloured": {
			"11月 22 00:25:33 koseki01 borg[77]: \x1b[35mArchive fingerprint: " + hash + "\x1b[0m\n" +
				"11月 22 00:25:33 koseki01 borg[77]: \x1b[35mNumber of files: 5\x1b[0m\n" +
				"11月 22 00:25:33 koseki01 borg[77]: \x1b[35mThis archive:  5 B   5 B   5 B\x1b[0m\n",
			body.Numbers{Tool: body.ToolBorg, Generation: hash, Files: n64(5), Bytes: n64(5), Added: n64(5)},
		},
		"Borg's exit status alone": {
			"Repository busy\nterminating with error status, rc 2\n", body.Numbers{ExitHint: ptr(2)},
		},
		"borg info --json": {
			`{"archives":[{"id":"a","stats":{"nfiles":1,"original_size":1}},{"id":"b","duration":5.6,"stats":{"nfiles":2,"original_size":3}}]}`,
			body.Numbers{Tool: body.ToolBorg, Files: n64(2), Bytes: n64(3), Generation: "b", Duration: ptr(5600 * time.Millisecond)},
		},
		"Borg 2, pretended": {
			`{"dry_run":true,"stats":{"nfiles":2,"original_size":3}}`,
			body.Numbers{Tool: body.ToolBorg, Files: n64(2), Bytes: n64(3), DryRun: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, body.Parse("text/plain", []byte(c.log)))
		})
	}
}

func TestParseReadsNamedFields(t *testing.T) {
	t.Parallel()
	all := body.Numbers{
		Bytes: n64(4302312345), Files: n64(3), SHA256: hash, Generation: "R8-11-22 世代1",
		Duration: ptr(41500 * time.Millisecond), ExitHint: ptr(0),
		Modified: ptr(time.Date(2026, 11, 21, 17, 3, 9, 0, time.UTC)),
	}
	asJSON, asForm := all, all
	asJSON.Tool, asForm.Tool = body.ToolJSON, body.ToolForm

	for _, object := range []string{
		`{"bytes":4302312345,"files":3,"sha256":"` + hash + `","generation":"R8-11-22 世代1","duration":41.5,"exit_status":0,"modified":"2026-11-22T02:03:09+09:00"}`,
		` {"bytes":"4302312345","files":"3","sha256":"sha256:` + strings.ToUpper(hash) + `","generation":" R8-11-22 世代1\n","duration":"41.5s","exit_status":"0","modified":"2026-11-21T17:03:09Z","more":[1,{"x":null}]}` + "\n",
		`{"bytes":4.302312345e9,"files":3.0,"sha256":"` + hash + `","generation":"R8-11-22 世代1","duration":"41.5","exit_status":0,"modified":"2026-11-21T17:03:09Z"}`,
	} {
		for _, contentType := range []string{"application/json", "", form} {
			require.Equal(t, asJSON, body.Parse(contentType, []byte(object)), "%s", object)
		}
	}
	values := "bytes=4302312345&files=3&sha256=" + hash + "&generation=R8-11-22+%E4%B8%96%E4%BB%A31&duration=41.5&exit_status=0&modified=2026-11-21T17%3A03%3A09Z"
	require.Equal(t, asForm, body.Parse(form+"; charset=utf-8", []byte(values)))
	require.Equal(t, asForm, body.Parse("text/plain", []byte(values+"\n")))
	require.Equal(t, asForm, body.Parse(form, []byte(values+"&broken=%zz&;")))
}

func TestParseTakesNoNumberItCannotHold(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		`-1`, `1.5`, `9223372036854775808`, `1e400`, `1e18`, `"1,234"`, `"+5"`, `"0x10"`, `" "`, `""`, `"12 GB"`, `"NaN"`, `"１２"`,
		`true`, `null`, `[5]`, `{"n":5}`, `1e-1`, strings.Repeat("9", 5000),
	} {
		require.Nil(t, body.Parse("", []byte(`{"bytes":`+v+`,"files":1}`)).Bytes, "%s", v)
		require.Equal(t, n64(1), body.Parse("", []byte(`{"bytes":`+v+`,"files":1}`)).Files, "%s", v)
	}
	require.Equal(t, n64(9223372036854775807), body.Parse("", []byte(`{"bytes":9223372036854775807}`)).Bytes)

	for _, v := range []string{hash[1:], hash + "0", "sha1:" + hash[6:], strings.Replace(hash, "e", "g", 1), ""} {
		require.Empty(t, body.Parse("", []byte(`{"sha256":"`+v+`"}`)).SHA256)
	}
	for _, v := range []string{`-1`, `1e300`, `"Inf"`, `"nan"`, `"soon"`} {
		require.Nil(t, body.Parse("", []byte(`{"duration":`+v+`}`)).Duration, "%s", v)
	}
	for _, v := range []string{`256`, `-1`, `1.0`, `"x"`} {
		require.Nil(t, body.Parse("", []byte(`{"exit_status":`+v+`}`)).ExitHint, "%s", v)
	}
	for _, v := range []string{`"yesterday"`, `1700000000`, `"1969-12-31T00:00:00Z"`, `"2026-13-01T00:00:00Z"`} {
		require.Nil(t, body.Parse("", []byte(`{"modified":`+v+`}`)).Modified, "%s", v)
	}
	require.Nil(t, body.Parse("", []byte("processed 99999999999999999999 files, 1 B in 0:01")).Files)
	require.Nil(t, body.Parse("", []byte("This archive: 99.00 EB 1 B 1 B")).Bytes)

	got := body.Parse("", []byte(`{"generation":"a\u0000b\u001b[31m\u202e`+strings.Repeat("世", 500)+`"}`)).Generation
	require.Equal(t, "ab[31m"+strings.Repeat("世", 194), got)
	require.Equal(t, "42", body.Parse("", []byte(`{"generation":42}`)).Generation)
}

func TestParseKeepsStatedNumbersApartFromTheLog(t *testing.T) {
	t.Parallel()
	const log = `processed 7 files, 1.000 KiB in 0:09\nsnapshot 1a2b3c4d saved\nterminating with warning status, rc 1`

	got := body.Parse("application/json", []byte(`{"bytes":100,"sha256":"`+hash+`","log":"`+log+`"}`))
	require.Equal(t, body.Numbers{
		Tool: body.ToolJSON, Bytes: n64(100), SHA256: hash,
		Generation: "1a2b3c4d", Duration: ptr(9 * time.Second), ExitHint: ptr(1),
	}, got, "the count of the log is not the count of the file")

	got = body.Parse("application/json", []byte(`{"duration":12,"exit_status":3,"log":"`+log+`"}`))
	require.Equal(t, body.Numbers{
		Tool: body.ToolRestic, Bytes: n64(1024), Rounded: true, Files: n64(7),
		Generation: "1a2b3c4d", Duration: ptr(12 * time.Second), ExitHint: ptr(3),
	}, got)
}

func TestParseIsBoundedOnHostileBodies(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"deep":        []byte(strings.Repeat("[", body.Limit)),
		"deep object": []byte(strings.Repeat(`{"a":`, 15000) + "1" + strings.Repeat("}", 15000)),
		"open lines":  []byte(strings.Repeat("{\n", body.Limit/2)),
		"open list":   []byte(strings.Repeat("[\n", body.Limit/2)),
		"open string": []byte(strings.Repeat("{\"a\":\"\n", body.Limit/7)),
		"phrases":     []byte(strings.Repeat("snapshot ", body.Limit/9)),
		"names":       []byte(strings.Repeat("Archive name: ", body.Limit/14)),
		"ampersands":  []byte(strings.Repeat("&", body.Limit)),
		"huge":        []byte(strings.Repeat("a=1&", 5<<20/4)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, body.Numbers{}, body.Parse(form, b))
			require.LessOrEqual(t, len(body.Excerpt(b, 500)), 500)
		})
	}
	long := strings.Repeat("x\n", body.Limit) + "processed 2 files, 7 B in 0:01\n"
	require.Equal(t, n64(7), body.Parse("", []byte(long)).Bytes, "of a longer body the end counts")
}

// utf16le is how PowerShell's Out-File writes text.
func utf16le(s string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
