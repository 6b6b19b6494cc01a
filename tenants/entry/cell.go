package entry

import "strings"

// Cell keeps a spreadsheet from taking a text for a formula: what begins like one, after spaces too and in full width,
// gets an apostrophe before it.
func Cell(cell string) string {
	bare := strings.TrimLeft(cell, " \u00a0\u3000")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") {
		return "'" + cell
	}
	if r := []rune(bare[:min(len(bare), 4)]); len(r) > 0 && strings.ContainsRune("=+-@＝＋－＠|\t\r\n", r[0]) {
		return "'" + cell
	}
	return cell
}
