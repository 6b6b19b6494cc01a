package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tanamori/tenants/calendar"
	"tanamori/tenants/evidence"
	"tanamori/tenants/retention"
	"tanamori/tenants/volume"
)

type verifyCmd struct {
	Files       []string `arg:"" name:"file" help:"Exported volumes (簿冊), the oldest first, or files of evidence; - reads standard input."`
	Digest      string   `help:"The digest that the last volume must have, as a page or a print shows it."`
	Keys        []string `name:"key" help:"A key that the town was told; evidence must be signed by it or one that it handed over to." sep:"none"`
	Checkpoints []string `name:"checkpoint" help:"Files of checkpoints that the town was sent; evidence must agree with each." sep:"none" type:"existingfile"`
}

// run checks exported evidence with nothing but the files: no database, no network. 0 all of it holds, 1 something does
// not, 2 a file could not be read.
func (v verifyCmd) run(stdin io.Reader, out, errs io.Writer) int {
	ja := strings.HasPrefix(os.Getenv("LC_ALL")+os.Getenv("LANG"), "ja")
	code := 0
	var before *volume.Colophon
	for i, name := range v.Files {
		in, whole, err := open(name, stdin)
		if err != nil {
			fmt.Fprintf(errs, "tanamori: %v\n", err)
			return 2
		}
		if first, _ := whole.Peek(64); evidence.IsEvidence(first) { // what is wrong with it, the check finds
			became := v.evidence(ja, name, whole, out, errs)
			_ = in.Close() // only read
			if became == 2 {
				return 2
			}
			code = max(code, became)
			continue
		}
		c, err := volume.Check(whole)
		_ = in.Close()
		var wrong *volume.Wrong
		if err == nil && before != nil {
			err = c.Follows(*before)
		}
		if err == nil && v.Digest != "" && i == len(v.Files)-1 && !strings.EqualFold(strings.TrimSpace(v.Digest), c.Digest) {
			err = &volume.Wrong{Ja: "封印値が、示された値と違います。別の簿冊か、作り直された簿冊です。", En: "Its digest is not the one given: this is another volume, or one made anew."}
		}
		switch {
		case errors.As(err, &wrong):
			code = max(code, 1)
			fmt.Fprintf(out, "%s: %s\n", name, say(ja, "× "+wrong.Ja, "DOES NOT HOLD. "+wrong.En))
			before = nil
			continue
		case err != nil:
			fmt.Fprintf(errs, "tanamori: %v\n", err)
			return 2
		}
		fmt.Fprintf(out, "%s: %s\n", name, holds(ja, c, before))
		before = &c
	}
	return code
}

func open(name string, stdin io.Reader) (io.Closer, *bufio.Reader, error) {
	if name == "-" {
		return io.NopCloser(stdin), bufio.NewReader(stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, bufio.NewReaderSize(f, 64<<10), nil
}

// holds says what was checked, and what a single file cannot tell: that it is the one that was bound. For that its digest
// is compared with the console's, or the volume after it names it.
func holds(ja bool, c volume.Colophon, before *volume.Colophon) string {
	month := c.Month
	if d, err := calendar.Parse(c.Month + "-01"); err == nil {
		month = say(ja, strings.TrimSuffix(d.Wareki(), "1日"), c.Month)
	}
	link := say(ja, "前の号との続きは確かめていません", "its link to the volume before was not checked")
	if before != nil && c.Link(*before) {
		link = say(ja, fmt.Sprintf("第%d号に続いています", before.Number), fmt.Sprintf("it follows volume %d", before.Number))
	} else if c.Number == 1 {
		link = say(ja, "最初の号です", "it is the first of its kind")
	}
	return say(ja,
		fmt.Sprintf("○ 確かです。団体 %s %s 第%d号（%s分） %d件、%s。\n  封印値 %s\n  この値が「記録の保存期間」の画面か控えと同じなら、綴じたときのままです。", c.Town, retention.KindWords(c.Kind, "ja"), c.Number, month, c.Rows, link, c.Digest),
		fmt.Sprintf("holds. Town %s, %s, volume %d (%s), %d records; %s.\n  digest %s\n  If the console or a print shows this digest, it is as it was bound.", c.Town, retention.KindWords(c.Kind, "en"), c.Number, month, c.Rows, link, c.Digest))
}

func say(ja bool, japanese, english string) string {
	if ja {
		return japanese
	}
	return english
}
