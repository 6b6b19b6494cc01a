package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// deepest bounds how deep a value may be nested, and longestNumber how many digits a number may be written out to: no row of
// the database comes near, and a file that lies must not take the reader's memory.
const (
	deepest       = 200
	longestNumber = 150_000
)

// Canonical writes a JSON value in its one form: the same value gives the same bytes, however it was spaced, ordered or
// escaped. Members are sorted by the bytes of their names, each name stands once; nothing stands between the parts; a string
// is UTF-8 with only ", \ and the control characters escaped (\b \t \n \f \r, else \u00xx); a number is written out in full,
// without an exponent, with the digits after the point that it has (1.50 stays 1.50, 15e-1 is 1.5), and zero has no sign.
func Canonical(raw []byte) ([]byte, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	out, err := value(d, make([]byte, 0, len(raw)), 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return out, nil
}

func value(d *json.Decoder, out []byte, depth int) ([]byte, error) {
	if depth > deepest {
		return nil, errors.New("nested too deep")
	}
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("read a value: %w", err)
	}
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return object(d, out, depth)
		}
		return array(d, out, depth)
	case string:
		return text(out, v), nil
	case json.Number:
		plain, err := number(v.String())
		return append(out, plain...), err
	case bool:
		return strconv.AppendBool(out, v), nil
	}
	return append(out, "null"...), nil
}

func array(d *json.Decoder, out []byte, depth int) (_ []byte, err error) {
	out = append(out, '[')
	for first := true; d.More(); first = false {
		if !first {
			out = append(out, ',')
		}
		if out, err = value(d, out, depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("end a list: %w", err)
	}
	return append(out, ']'), nil
}

func object(d *json.Decoder, out []byte, depth int) ([]byte, error) {
	type member struct {
		name  string
		value []byte
	}
	var members []member
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read a name: %w", err)
		}
		name, ok := t.(string)
		if !ok {
			return nil, errors.New("a member without a name")
		}
		v, err := value(d, nil, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, v})
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("end an object: %w", err)
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	out = append(out, '{')
	for i, m := range members {
		if i > 0 {
			if members[i-1].name == m.name {
				return nil, fmt.Errorf("%q stands twice", m.name)
			}
			out = append(out, ',')
		}
		out = append(text(out, m.name), ':')
		out = append(out, m.value...)
	}
	return append(out, '}'), nil
}

const hexDigits = "0123456789abcdef"

func text(out []byte, s string) []byte {
	out = append(out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= ' ':
			out = append(out, c)
		case c == '\b':
			out = append(out, '\\', 'b')
		case c == '\t':
			out = append(out, '\\', 't')
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\f':
			out = append(out, '\\', 'f')
		case c == '\r':
			out = append(out, '\\', 'r')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(out, '"')
}

// number writes a JSON number out, as PostgreSQL keeps it in a numeric: exactly, with its scale.
func number(s string) (string, error) {
	sign := ""
	rest, negative := strings.CutPrefix(s, "-")
	if negative {
		sign = "-"
	}
	mantissa, exponent := rest, 0
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		var err error
		mantissa = rest[:at]
		if exponent, err = strconv.Atoi(rest[at+1:]); err != nil || exponent > longestNumber || exponent < -longestNumber {
			return "", fmt.Errorf("a number too long to be written out: %.40s", s)
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+len(fraction) > longestNumber {
		return "", errors.New("a number longer than any")
	}
	if exponent >= 0 {
		if n := exponent - len(fraction); n > 0 {
			fraction += strings.Repeat("0", n)
		}
		whole, fraction = whole+fraction[:exponent], fraction[exponent:]
	} else {
		if n := -exponent - len(whole); n > 0 {
			whole = strings.Repeat("0", n) + whole
		}
		at := len(whole) + exponent
		whole, fraction = whole[:at], whole[at:]+fraction
	}
	if whole = strings.TrimLeft(whole, "0"); len(whole)+len(fraction) > longestNumber {
		return "", errors.New("a number too long to be written out")
	}
	if whole == "" {
		whole = "0"
		if strings.Trim(fraction, "0") == "" {
			sign = ""
		}
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction, nil
}
