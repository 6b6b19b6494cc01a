package body

import (
	"encoding/json"
	"strings"
)

// parseWhole reads a body that is one JSON value from end to end.
func parseWhole(text string) (Numbers, bool) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '{' && text[0] != '[' {
		return Numbers{}, false
	}
	raw := json.RawMessage(text)
	o, ok := asObject(raw)
	if !ok {
		n, _ := listSummary(raw)
		return n, json.Valid(raw)
	}
	if n, ok := objectSummary(o); ok {
		return n, true
	}
	if code, ok := exitError(o); ok {
		return Numbers{Tool: ToolRestic, ExitHint: code}, true
	}
	n, ok := stated(o.text)
	if ok {
		n.Tool = ToolJSON
	}
	log, _ := o.text("log")
	return withLog(n, log), true
}

// objectSummary recognises the JSON that a backup tool prints at its end.
func objectSummary(o object) (Numbers, bool) {
	if n, ok := resticSummary(o); ok {
		return n, true
	}
	return borgSummary(o)
}

// listSummary reads borgmatic create --json: one element a repository, of which
// the last one counts.
func listSummary(raw json.RawMessage) (Numbers, bool) {
	list, _ := asList(raw)
	for i := len(list) - 1; i >= 0; i-- {
		o, _ := asObject(list[i])
		if n, ok := borgSummary(o); ok {
			n.Tool = ToolBorgmatic
			return n, true
		}
	}
	return Numbers{}, false
}

// exitError reads what restic --json says when it gives up.
func exitError(o object) (*int, bool) {
	if !o.is("message_type", "exit_error") {
		return nil, false
	}
	code, _ := o.text("code")
	return exitStatus(code), true
}

// resticSummary reads the last line of restic backup --json. Other commands of
// restic also close with a "summary", but without a size processed.
func resticSummary(o object) (Numbers, bool) {
	if !o.is("message_type", "summary") {
		return Numbers{}, false
	}
	n := Numbers{
		Bytes: o.count("total_bytes_processed"),
		Files: o.count("total_files_processed"),
		Added: o.count("data_added"),
		Tool:  ToolRestic,
	}
	if n.Bytes == nil && n.Files == nil {
		return Numbers{}, false
	}
	id, _ := o.text("snapshot_id")
	n.Generation = name(id)
	took, _ := o.text("total_duration")
	n.Duration = seconds(took)
	if n.DryRun = string(o["dry_run"]) == "true"; n.DryRun {
		n.Generation = "" // restic makes an id up, but keeps no snapshot
	}
	return n, true
}

// borgSummary reads borg create --json (and info --json, whose archives are in
// a list).
func borgSummary(o object) (Numbers, bool) {
	if string(o["dry_run"]) == "true" {
		stats := o.child("stats")
		n := Numbers{Bytes: stats.count("original_size"), Files: stats.count("nfiles"), Tool: ToolBorg, DryRun: true}
		return n, n.Bytes != nil || n.Files != nil
	}
	archive := o.child("archive")
	if archives, ok := asList(o["archives"]); ok && len(archives) > 0 {
		archive, _ = asObject(archives[len(archives)-1])
	}
	stats := archive.child("stats")
	n := Numbers{
		Bytes: stats.count("original_size"),
		Files: stats.count("nfiles"),
		Added: stats.count("deduplicated_size"),
		Tool:  ToolBorg,
	}
	if n.Bytes == nil && n.Files == nil {
		return Numbers{}, false
	}
	id, _ := archive.text("id")
	n.Generation = name(id)
	took, _ := archive.text("duration")
	n.Duration = seconds(took)
	return n, true
}
