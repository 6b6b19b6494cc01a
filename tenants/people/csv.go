package people

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// longestImport is how many lines one import takes: each new person costs a hash made to be slow.
const longestImport = 200

// importColumns are the columns of an import, in order, with what else may stand at their head.
var importColumns = []struct{ field, ja string }{{"login", "利用者ID"}, {"name", "氏名"}, {"kind", "職"}, {"title", "職名"}, {"from_on", "就任日"},
	{"until_on", "最後の日"}, {"document", "文書番号"}}

// line is one line of an import as it was read.
type line struct {
	n      int // in the file, from 1
	cells  []string
	faults []tenants.FieldFault
}

func (l *line) wrong(field, ja, en string) {
	l.faults = append(l.faults, tenants.FieldFault{Field: field, Ja: ja, En: en})
}

// textOf is a file as text: UTF-8, with or without a mark, else Shift_JIS as spreadsheets write it here. What is neither is
// told by the line.
func textOf(raw []byte) (text, encoding string, broken int) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if utf8.Valid(raw) {
		return string(raw), "UTF-8", 0
	}
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		before, _, _ := bytes.Cut(decoded, []byte(string(utf8.RuneError)))
		return "", "", 1 + bytes.Count(before, []byte("\n"))
	}
	return string(decoded), "Shift_JIS", 0
}

// readCSV reads the lines of an import. A fault of the whole file comes alone.
func readCSV(raw []byte) (lines []line, encoding string, err error) {
	var v tenants.Invalid
	text, encoding, broken := textOf(raw)
	switch {
	case broken > 0:
		v.Add("file", fmt.Sprintf("%d行目に、UTF-8としてもShift_JISとしても読めない文字があります。", broken), fmt.Sprintf("Line %d is neither UTF-8 nor Shift_JIS.", broken))
		return nil, "", v.Err()
	case strings.ContainsRune(text, 0):
		v.Add("file", "CSVではないファイルのようです（表計算ソフトでCSV形式で保存してください）。", "This does not look like a CSV file.")
		return nil, "", v.Err()
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			v.Add("file", fmt.Sprintf("%d行目の引用符（\"）が正しく閉じていません。", wrong.Line), fmt.Sprintf("The quotes of line %d do not match.", wrong.Line))
			return nil, "", v.Err()
		} else if err != nil {
			return nil, "", fmt.Errorf("read an import: %w", err)
		}
		n, _ := r.FieldPos(0)
		if len(lines) == 0 && isHead(cells) || blank(cells) {
			continue
		}
		if len(lines) == longestImport {
			v.Add("file", fmt.Sprintf("一度に取り込めるのは%d行までです。分けて取り込んでください。", longestImport), fmt.Sprintf("At most %d lines at once, please.", longestImport))
			return nil, "", v.Err()
		}
		l := line{n: n, cells: cells}
		if len(cells) != len(importColumns) {
			l.wrong("file", fmt.Sprintf("列の数が%dではなく%dです。", len(importColumns), len(cells)), fmt.Sprintf("It has %d columns, not %d.", len(cells), len(importColumns)))
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		v.Add("file", "取り込む行がありません。", "There is no line to take in.")
	}
	return lines, encoding, v.Err()
}

func isHead(cells []string) bool {
	head := strings.ToLower(strings.TrimSpace(norm.NFKC.String(cells[0])))
	return head == importColumns[0].field || head == strings.ToLower(norm.NFKC.String(importColumns[0].ja)) || head == "ログイン名"
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// kindNamed is the post that a word names: its code, or what people call it.
func kindNamed(word string) tenants.Post {
	word = strings.ToLower(strings.TrimSpace(norm.NFKC.String(word)))
	for _, p := range []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor, tenants.Town} {
		ja, en := tenants.PostLabel(p)
		if word == string(p) || word == ja || word == strings.ToLower(en) {
			return p
		}
	}
	return ""
}

// person reads a line into what is entered about a person with one post.
func (l *line) person() Input {
	cell := func(i int) string { return strings.TrimSpace(l.cells[i]) }
	post := PostInput{Kind: kindNamed(cell(2)), Title: cell(3), FromOn: l.day("from_on", cell(4)), Document: cell(6)}
	switch until := cell(5); norm.NFKC.String(until) {
	case "なし", "無し", "none":
		post.NoEnd = true
	case "":
	default:
		if day := l.day("until_on", until); !day.IsZero() {
			post.UntilOn = &day
		}
	}
	return Input{Login: cell(0), Name: cell(1), Posts: []PostInput{post}}
}

func (l *line) day(field, text string) calendar.Date {
	if text == "" {
		return calendar.Date{}
	}
	day, err := calendar.ParseInput(text)
	var wrong *calendar.InputError
	if errors.As(err, &wrong) {
		l.wrong(field, wrong.Ja, wrong.En)
	} else if err != nil {
		l.wrong(field, "日付として読めません。", "This is not a date.")
	}
	return day
}
