package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	_ "github.com/emersion/go-message/charset" // mail programs save in their own
	"github.com/emersion/go-message/mail"

	"tanamori/tenants/evidence"
	"tanamori/tenants/retention"
	_ "tanamori/tenants/tlog" // the words of its ledgers
)

// evidence checks a file of evidence: 0 all of it holds, 1 something does not, 2 it could not be read. Each row that fails is
// named.
func (v verifyCmd) evidence(ja bool, name string, from io.Reader, out, errs io.Writer) int {
	trust := evidence.Trust{Keys: v.Keys}
	for _, file := range v.Checkpoints {
		b, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintf(errs, "tanamori: %v\n", err)
			return 2
		}
		trust.Checkpoints = append(trust.Checkpoints, notes(letter(b))...)
	}
	r, err := evidence.Check(from, trust)
	var wrong *evidence.Wrong
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintf(out, "%s: %s\n", name, say(ja, "× "+wrong.Ja, "DOES NOT HOLD. "+wrong.En))
		return 1
	case err != nil:
		fmt.Fprintf(errs, "tanamori: %v\n", err)
		return 2
	case r.Wrongs == 0:
		fmt.Fprintf(out, "%s: %s\n", name, proved(ja, r, len(trust.Keys) > 0 || r.Agreed > 0))
	default:
		fmt.Fprintf(out, "%s: %s\n", name, say(ja, fmt.Sprintf("× 確かではありません。合わないところが%dか所あります。", r.Wrongs), "DOES NOT HOLD. "+many(r.Wrongs)))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(out, "  %s%s\n", row(ja, f), say(ja, f.Ja, f.En))
	}
	if more := r.Wrongs - len(r.Findings); more > 0 {
		fmt.Fprintf(out, "  %s\n", say(ja, fmt.Sprintf("ほか%dか所", more), fmt.Sprintf("and %d more", more)))
	}
	for _, f := range r.Remarks {
		fmt.Fprintf(out, "  %s\n", say(ja, f.Ja, f.En))
	}
	if !r.Holds() {
		return 1
	}
	return 0
}

func many(wrongs int) string {
	if wrongs == 1 {
		return "One thing is wrong."
	}
	return fmt.Sprintf("%d things are wrong.", wrongs)
}

// row names the row of a finding.
func row(ja bool, f evidence.Finding) string {
	switch {
	case f.Series != "":
		return say(ja, fmt.Sprintf("%s %d（%d番）：", retention.KindWords(f.Series, "ja"), f.ID, f.Leaf), fmt.Sprintf("%s %d (leaf %d): ", f.Series, f.ID, f.Leaf))
	case f.Leaf >= 0:
		return say(ja, fmt.Sprintf("%d番：", f.Leaf), fmt.Sprintf("leaf %d: ", f.Leaf))
	}
	return ""
}

// proved says what was checked, and what the file alone cannot tell.
func proved(ja bool, r *evidence.Report, trusted bool) string {
	last := r.Last.At.UTC().Format(time.RFC3339)
	verdict := say(ja, "○ 確かです。", "holds. ")
	if r.Unmet {
		verdict = say(ja, "△ 証明できません。お手元の検証値のどれとも照らし合わせられませんでした。検証値を含む期間（または全期間）のファイルで確かめてください。\n  ",
			"NOT PROVED. None of the checkpoints given could be held against it. Export the days that they are of, or everything.\n  ")
	}
	text := verdict + say(ja,
		fmt.Sprintf("%s　記録%d件（廃棄済み%d件、閲覧範囲外%d件を除く）、検証値%d個。\n  範囲　%s\n  最新の検証値 %d件　%s", r.Head.Origin, r.Rows, r.Removed, r.Withheld, r.Checkpoints, span(ja, r), r.Last.Size, last),
		fmt.Sprintf("%s: %d rows (besides %d removed by rule and %d withheld), %d checkpoints.\n  range: %s\n  newest checkpoint: %d leaves, %s", r.Head.Origin, r.Rows, r.Removed, r.Withheld, r.Checkpoints, span(ja, r), r.Last.Size, last))
	if !trusted {
		text += say(ja,
			"\n  このファイルの中だけで確かめました。町村に届いた検証値（--checkpoint）か鍵（--key）とも合わせてください。鍵：\n    ",
			"\n  Only within this file. Hold it against a checkpoint (--checkpoint) or key (--key) that the town was sent, too. Keys:\n    ") + strings.Join(r.Head.Keys, "\n    ")
	}
	return text
}

// span is which leaves a file has, of how many, and between which signatures they were added.
func span(ja bool, r *evidence.Report) string {
	stamp := func(at time.Time, none string) string {
		if at.IsZero() {
			return none
		}
		return at.UTC().Format(time.RFC3339)
	}
	h := r.Head
	if h.First == h.End {
		return say(ja, fmt.Sprintf("なし（全%d件）", r.Last.Size), fmt.Sprintf("none of %d leaves", r.Last.Size))
	}
	return say(ja, fmt.Sprintf("%d番から%d番まで（全%d件）　%s から %s まで", h.First, h.End-1, r.Last.Size, stamp(r.From, "初め"), stamp(r.Until, "？")),
		fmt.Sprintf("leaves %d to %d of %d, signed from %s to %s", h.First, h.End-1, r.Last.Size, stamp(r.From, "the beginning"), stamp(r.Until, "?")))
}

// letter is the plain text of a mail as it was saved (.eml), whose lines are written in a form of their own; of anything else,
// or a mail that cannot be read, it is all of it as it stands.
func letter(b []byte) string {
	r, err := mail.CreateReader(bytes.NewReader(b))
	if err != nil || r.Header.Get("Content-Type") == "" {
		return string(b)
	}
	for {
		p, err := r.NextPart()
		if err != nil {
			return string(b)
		}
		if h, ok := p.Header.(*mail.InlineHeader); ok {
			if kind, _, err := h.ContentType(); err == nil && kind == "text/plain" {
				if text, err := io.ReadAll(p.Body); err == nil {
					return string(text)
				}
			}
		}
	}
}

// notes finds the checkpoints in a text: mails as they were saved, with words before and behind each and lines ended as Windows
// does. Where there is none, the text itself is taken for one, and found to be none.
func notes(text string) (found []string) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "tanamori/") || i+1 == len(lines) || strings.Trim(lines[i+1], "0123456789") != "" || lines[i+1] == "" {
			continue // a key begins so, too
		}
		var kept []string
		for ; i < len(lines); i++ {
			if lines[i] != "" && len(kept) > 5 && !strings.HasPrefix(lines[i], "— ") {
				i-- // what follows may begin another one
				break
			}
			kept = append(kept, lines[i])
		}
		found = append(found, strings.TrimRight(strings.Join(kept, "\n"), "\n")+"\n")
	}
	if len(found) == 0 {
		return []string{text}
	}
	return found
}
