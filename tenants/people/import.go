package people

import (
	"context"
	"fmt"
	"strings"

	"tanamori/tenants"
)

// Import is a list of people to be taken in at once, as it was read and judged. Nothing of it is written.
type Import struct {
	Encoding string // UTF-8 or Shift_JIS
	Lines    []ImportLine
}

// ImportLine is one line of it.
type ImportLine struct {
	N      int // in the file, from 1
	Login  string
	Folded bool // capitals or full-width characters were made plain
	Name   string
	Post   PostInput
	Faults []tenants.FieldFault // why it cannot be taken in

	ready newcomer
}

// Faults counts the lines that cannot be taken in.
func (i Import) Faults() (n int) {
	for _, l := range i.Lines {
		if len(l.Faults) > 0 {
			n++
		}
	}
	return n
}

// Issued is a person who was taken in, with the password to hand over, which is shown this once.
type Issued struct {
	Person   Person
	Password string
}

// ReadImport reads a CSV file of people of an organisation and tells of each line what is wrong with it. Lines with the same
// login are one person's posts.
func ReadImport(_ context.Context, tx *tenants.Tx, town int64, raw []byte) (Import, error) {
	if err := tx.Permit(tenants.WritePeople, town); err != nil {
		return Import{}, err
	}
	lines, encoding, err := readCSV(raw)
	if err != nil {
		return Import{}, err
	}
	out := Import{Encoding: encoding}
	first := map[string]int{} // the line where a login stands first
	for _, l := range lines {
		read := ImportLine{N: l.n}
		if len(l.faults) == 0 {
			if read, err = l.judge(tx, town); err != nil {
				return Import{}, err
			}
			if at, again := first[read.Login]; again && read.Login != "" {
				if was := out.Lines[at]; was.Name != read.Name {
					l.wrong("name", fmt.Sprintf("利用者ID「%s」の氏名が、%d行目と違います。", clipped(read.Login), was.N), fmt.Sprintf("Line %d has another name for %s.", was.N, clipped(read.Login)))
				}
			} else {
				first[read.Login] = len(out.Lines)
			}
		}
		read.Faults = append(read.Faults, l.faults...)
		out.Lines = append(out.Lines, read)
	}
	return out, out.known(tx)
}

// judge tells what is wrong with a line, at its fields as the room's other acts do.
func (l *line) judge(tx *tenants.Tx, town int64) (ImportLine, error) {
	in := l.person()
	var v tenants.Invalid
	unreadable := len(l.faults)
	ready, err := checkPerson(&v, tx, town, in)
	if err != nil {
		return ImportLine{}, err
	}
	read := ImportLine{N: l.n, Login: ready.Login, Folded: ready.Login != strings.TrimSpace(in.Login), Name: ready.Name, Post: ready.posts[0].PostInput, ready: ready}
	for _, f := range v.Fields {
		if unreadable > 0 && (f.Field == "from_on" || f.Field == "until_on") {
			continue // that it cannot be read says it better
		}
		l.faults = append(l.faults, f)
	}
	return read, nil
}

// known adds to the lines those logins that somebody has already.
func (i Import) known(tx *tenants.Tx) error {
	var logins []string
	for _, l := range i.Lines {
		if l.Login != "" {
			logins = append(logins, l.Login)
		}
	}
	var taken []string
	// A login is one over the whole installation, of which this transaction sees its towns: the constraint finds the others.
	if err := tx.DB.Raw(`SELECT login FROM person WHERE login = ANY (CAST(@logins AS text[]))`, map[string]any{"logins": &logins}).Scan(&taken).Error; err != nil {
		return fmt.Errorf("look for logins: %w", err)
	}
	for n, l := range i.Lines {
		for _, login := range taken {
			if l.Login == login {
				i.Lines[n].Faults = append(i.Lines[n].Faults, tenants.FieldFault{Field: "login", Ja: "この利用者IDはすでに使われています。", En: "This login is in use already."})
			}
		}
	}
	return nil
}

// ImportPeople takes everybody of the file in, or nobody: with a single line that is wrong it changes nothing and says of
// each what it is.
func ImportPeople(ctx context.Context, tx *tenants.Tx, town int64, raw []byte) ([]Issued, error) {
	read, err := ReadImport(ctx, tx, town, raw)
	if err != nil {
		return nil, err
	}
	var v tenants.Invalid
	for _, l := range read.Lines {
		for _, f := range l.Faults {
			v.Add(fmt.Sprintf("lines[%d].%s", l.N, f.Field), fmt.Sprintf("%d行目：%s", l.N, f.Ja), fmt.Sprintf("Line %d: %s", l.N, f.En))
		}
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	var people []newcomer
	at := map[string]int{}
	for _, l := range read.Lines {
		if n, again := at[l.Login]; again {
			people[n].posts = append(people[n].posts, l.ready.posts...)
			continue
		}
		at[l.Login] = len(people)
		people = append(people, l.ready)
	}
	issued := make([]Issued, 0, len(people))
	for _, p := range people {
		person, password, err := add(ctx, tx, town, p)
		if err != nil {
			return nil, err
		}
		issued = append(issued, Issued{person, password})
	}
	return issued, nil
}
