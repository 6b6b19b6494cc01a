package body

import (
	"slices"
	"strings"
)

// kind is a phrase by which a tool's closing words are recognised. Phrases are
// searched for anywhere, not at the start of a line: syslog and journald put
// their own words in front, and curl --data takes the line ends out.
type kind int

const (
	borgName kind = iota
	borgFingerprint
	borgDuration
	borgFiles
	borgThis
	borgOriginal
	borgDeduplicated
	borgExit
	resticAdded
	resticWould
	resticProcessed
	resticSnapshot
)

var phrases = [...]string{
	borgName:         "Archive name: ",
	borgFingerprint:  "Archive fingerprint: ",
	borgDuration:     "Duration: ",
	borgFiles:        "Number of files: ",
	borgThis:         "This archive: ",
	borgOriginal:     "Original size: ", // Borg 2; Borg 1 has a column head without the colon
	borgDeduplicated: "Deduplicated size: ",
	borgExit:         "terminating with ",
	resticAdded:      "Added to the repo",
	resticWould:      "Would add to the repo",
	resticProcessed:  "processed ",
	resticSnapshot:   "snapshot ",
}

type hit struct {
	kind kind
	at   int    // where the phrase begins
	rest string // what follows it
}

// A figure follows its phrase closely; more need not be looked at.
const reach = 200

func hits(text string) []hit {
	var all []hit
	for k, phrase := range phrases {
		for from := 0; ; {
			i := strings.Index(text[from:], phrase)
			if i < 0 {
				break
			}
			end := from + i + len(phrase)
			all = append(all, hit{kind(k), from + i, text[end:min(len(text), end+reach)]})
			from = end
		}
	}
	slices.SortFunc(all, func(a, b hit) int { return a.at - b.at })
	return all
}

// summary is one tool's closing words as they come together line by line.
type summary struct {
	Numbers
	at int // where its last telling line was; -1 while there was none
}

func fresh(tool string) summary { return summary{Numbers: Numbers{Tool: tool}, at: -1} }

func parseText(text string) Numbers {
	borg, restic, next := fresh(ToolBorg), fresh(ToolRestic), fresh(ToolRestic)
	// The last whole summaries, in case a later one begins and does not end.
	borgLast := borg
	var exit *int
	for _, h := range hits(text) {
		if h.kind == borgExit {
			if code, ok := returnCode(h.rest); ok {
				exit = code
			}
			continue
		}
		if h.kind >= resticAdded {
			restic, next = resticLine(h, restic, next)
			continue
		}
		if startsBorg(h.kind, borg) {
			if borg.at >= 0 {
				borgLast = borg
			}
			borg = fresh(ToolBorg)
		}
		borg = borgLine(h, borg)
	}
	if borg.at < 0 {
		borg = borgLast
	}
	if strings.Contains(text, "borgmatic") || strings.Contains(text, "Pinging Healthchecks") {
		borg.Tool = ToolBorgmatic
	}
	won := borg
	if restic.at > borg.at {
		won = restic
	}
	if won.at < 0 {
		won = summary{}
	}
	won.ExitHint = exit
	return won.Numbers
}

// startsBorg: a block begins with its name; where the log was cut, with a line
// that the block at hand already has.
func startsBorg(k kind, s summary) bool {
	switch k {
	case borgName:
		return true
	case borgFingerprint:
		return s.Generation != ""
	case borgFiles:
		return s.Files != nil
	case borgThis, borgOriginal:
		return s.Bytes != nil
	}
	return false
}

func borgLine(h hit, s summary) summary {
	telling := true
	switch h.kind {
	case borgFingerprint:
		if id := hexPrefix(h.rest); len(id) == 64 {
			s.Generation = id
		} else {
			telling = false
		}
	case borgThis:
		// Three columns: original, compressed, deduplicated.
		var after string
		if s.Bytes, s.Rounded, after = size(h.rest); s.Bytes != nil {
			_, _, after = size(after)
			s.Added, _, _ = size(after)
		}
		telling = s.Bytes != nil
	case borgOriginal:
		s.Bytes, s.Rounded, _ = size(h.rest)
		telling = s.Bytes != nil
	default:
		telling = false
		switch h.kind {
		case borgFiles:
			// rsync --stats has the same phrase: "Number of files: 1,234 (reg: …".
			// That is why the phrase alone makes no summary of Borg's.
			count := digits(h.rest)
			if after := h.rest[len(count):]; !strings.HasPrefix(after, ",") && !strings.HasPrefix(after, " (") {
				s.Files = wholeNumber(count)
			}
		case borgDuration:
			s.Duration = spoken(h.rest)
		case borgDeduplicated:
			s.Added, _, _ = size(h.rest)
		}
	}
	if telling {
		s.at = h.at
	}
	return s
}

// resticLine takes one line in. What was added is told before the line that
// makes a summary ("processed …"), and is kept in next until then.
func resticLine(h hit, s, next summary) (now, then summary) {
	switch h.kind {
	case resticAdded, resticWould:
		_, figure, ok := strings.Cut(h.rest, ": ")
		if ok {
			next.Added, _, _ = size(figure)
			next.DryRun = h.kind == resticWould
		}
	case resticProcessed:
		count := digits(h.rest)
		figure, ok := strings.CutPrefix(h.rest[len(count):], " files, ")
		if !ok {
			return s, next
		}
		next.Files = wholeNumber(count)
		var after string
		next.Bytes, next.Rounded, after = size(figure)
		if took, ok := strings.CutPrefix(after, " in "); ok {
			next.Duration = clock(took)
		}
		if next.Files == nil || next.Bytes == nil || next.Duration == nil {
			return s, fresh(ToolRestic) // another program's sentence
		}
		next.at = h.at
		return next, fresh(ToolRestic)
	case resticSnapshot:
		id := hexPrefix(h.rest)
		if len(id) < 8 || !strings.HasPrefix(h.rest[len(id):], " saved") {
			return s, next
		}
		if s.Generation != "" { // the line before it was cut off
			s = fresh(ToolRestic)
		}
		s.Generation, s.at = id, h.at
	}
	return s, next
}

// returnCode reads Borg's "terminating with warning status, rc 1".
func returnCode(s string) (*int, bool) {
	for _, word := range []string{"success", "warning", "error"} {
		if code, ok := strings.CutPrefix(s, word+" status, rc "); ok {
			status := exitStatus(digits(code))
			return status, status != nil
		}
	}
	return nil, false
}
