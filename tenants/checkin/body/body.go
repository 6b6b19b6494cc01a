// Package body reads the numbers out of what a machine sent with its check-in.
//
// Whatever arrives is somebody's log, so reading it is total: a body that says
// nothing understandable gives an empty [Numbers], never an error, and the
// check-in itself stands either way. Work and memory are bounded by [Limit].
//
// Understood are an object in JSON or a form with the fields named at
// [Numbers], and the closing lines of restic, Borg and borgmatic, as text and
// as JSON, also where they lie in the middle of another program's log.
package body

import (
	"bytes"
	"mime"
	"strings"
	"time"
	"unicode/utf16"
)

// Limit is the longest body, in bytes, that is looked at. It is 100 KiB, not
// 100,000: clients that fill a hundred thousand characters (borgmatic counts
// characters, not bytes) still fit. Of a longer body the last Limit bytes count.
const Limit = 100 << 10

// The values of [Numbers.Tool]: whose words the numbers were taken from.
const (
	ToolNone      = ""
	ToolJSON      = "json"
	ToolForm      = "form"
	ToolRestic    = "restic"
	ToolBorg      = "borg"
	ToolBorgmatic = "borgmatic"
)

// Numbers is what a check-in says about the backup it reports. Nil or empty
// means "not said". Nothing here is verified; it is the sender's statement.
//
// The names in quotes are the fields of a JSON object or form.
type Numbers struct {
	// Bytes is the size of what was backed up, in bytes ("bytes").
	Bytes *int64
	// Files is how many files that was ("files").
	Files *int64
	// Added is how many bytes the store grew by, where a tool says so.
	Added *int64
	// SHA256 is 64 lower-case hex digits ("sha256").
	SHA256 string
	// Generation names the copy: a snapshot, an archive, a tape ("generation").
	Generation string
	// Duration is how long the run took ("duration", seconds).
	Duration *time.Duration
	// Modified is when the oldest of the files was last written ("modified",
	// RFC 3339), in UTC: yesterday's file sent again shows here.
	Modified *time.Time
	// Tool is one of the Tool constants.
	Tool string
	// ExitHint is the exit status the body mentions ("exit_status"; Borg's
	// --show-rc line; restic's exit_error). 1 and 100–127 are Borg's warnings.
	ExitHint *int
	// DryRun: the tool says that it only pretended; there is no copy.
	DryRun bool
	// Rounded: Bytes comes from a figure printed for people ("4.012 GiB") and
	// is exact only to its last decimal.
	Rounded bool
}

// Parse reads a check-in's body. It never fails; see the package comment.
//
// The content type is only a hint, because curl --data labels every log a form:
// a body that is JSON is read as JSON, and one that is no form as text.
func Parse(contentType string, body []byte) Numbers {
	text := plain(body)
	if strings.TrimSpace(text) == "" {
		return Numbers{}
	}
	if n, ok := parseWhole(text); ok {
		return n
	}
	if n, ok := parseForm(contentType, text); ok {
		return n
	}
	return parseLog(text)
}

// plain is the tail of the body that counts, without a byte order mark.
// PowerShell writes UTF-16 unless told otherwise, and says so only there.
func plain(body []byte) string {
	if len(body) > Limit {
		body = body[len(body)-Limit:]
	}
	switch {
	case bytes.HasPrefix(body, []byte{0xEF, 0xBB, 0xBF}):
		return string(body[3:])
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		return utf16Text(body[2:], 0, 1)
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return utf16Text(body[2:], 1, 0)
	}
	return string(body)
}

func utf16Text(b []byte, low, high int) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i+low]) | uint16(b[2*i+high])<<8
	}
	return string(utf16.Decode(units))
}

func isFormType(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/x-www-form-urlencoded"
}
