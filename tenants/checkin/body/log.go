package body

import (
	"encoding/json"
	"strings"
)

// A pretty-printed object in the middle of a log can only be found by trying
// to read on from a line that begins one. Each try may read to the end, so
// there are few of them.
const maxTries = 16

// parseLog reads a log in which a tool's closing words may lie anywhere, as
// lines of text, lines of JSON, or a JSON object over several lines. The last
// complete summary wins: a retry that succeeded comes after the failure.
func parseLog(log string) Numbers {
	var (
		found Numbers
		exit  *int
		text  strings.Builder
		tries int
	)
	keep := func(n Numbers) {
		if n.ExitHint != nil {
			exit = n.ExitHint
		}
		if n.Tool != ToolNone && (n.Bytes != nil || n.Files != nil || n.Generation != "") {
			found = n
		}
	}
	flush := func() {
		keep(parseText(text.String()))
		text.Reset()
	}
	for log != "" {
		line, rest, _ := strings.Cut(log, "\n")
		if line == "" || line[0] != '{' && line[0] != '[' {
			text.WriteString(line)
			text.WriteByte('\n')
			log = rest
			continue
		}
		values, read := jsonValues(line)
		if opens := strings.TrimRight(line, " \r"); read == 0 && (opens == "{" || opens == "[") && tries < maxTries {
			tries++
			var v json.RawMessage
			dec := json.NewDecoder(strings.NewReader(log))
			if dec.Decode(&v) == nil {
				values, read, rest = []json.RawMessage{v}, len(line), log[dec.InputOffset():]
			}
		}
		for _, v := range values {
			o, _ := asObject(v)
			if message, ok := logMessage(o); ok {
				text.WriteString(message)
				text.WriteByte('\n')
			} else if code, ok := exitError(o); ok {
				keep(Numbers{ExitHint: code})
			} else if n, ok := objectSummary(o); ok {
				flush()
				keep(n)
			} else if n, ok := listSummary(v); ok {
				flush()
				keep(n)
			}
		}
		text.WriteString(line[read:])
		text.WriteByte('\n')
		log = rest
	}
	flush()
	found.ExitHint = exit
	return found
}

// jsonValues reads the JSON values at the start of a line; curl --data joins
// lines without a separator, so there can be several. read is how much of the
// line they took.
func jsonValues(line string) (values []json.RawMessage, read int) {
	dec := json.NewDecoder(strings.NewReader(line))
	for {
		var v json.RawMessage
		if dec.Decode(&v) != nil {
			return values, read
		}
		values, read = append(values, v), int(dec.InputOffset())
	}
}

// logMessage unwraps a line of borg --log-json or borgmatic --log-json.
func logMessage(o object) (string, bool) {
	if !o.is("type", "log_message") {
		return "", false
	}
	return o.text("message")
}
