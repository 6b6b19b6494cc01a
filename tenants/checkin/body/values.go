package body

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// A name longer than this is no name; it also keeps index rows small.
	maxName = 200
	// No backup runs a century; beyond it a figure is noise, and a
	// time.Duration would soon overflow.
	maxSeconds = 100 * 366 * 86400
	// Above 2^53 a float no longer holds every whole number.
	maxExact = 1 << 53
)

// wholeNumber reads digits, or a JSON number that is whole (1.0, 2e9). Negative,
// fractional and overlong numbers are not said rather than wrong.
func wholeNumber(s string) *int64 {
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		if v < 0 || s[0] == '+' {
			return nil
		}
		return &v
	}
	if len(s) > 40 || !strings.ContainsAny(s, ".eE") || strings.ContainsAny(s, "xXpP_+nN") {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > maxExact || f != math.Trunc(f) {
		return nil
	}
	v := int64(f)
	return &v
}

func sha256Hex(s string) string {
	s = strings.TrimPrefix(strings.ToLower(s), "sha256:")
	if len(s) != 64 || len(hexPrefix(s)) != 64 {
		return ""
	}
	return s
}

// name makes a displayable, storable name: one line, valid UTF-8, no controls.
func name(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || hidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if utf8.RuneCountInString(s) > maxName {
		s = strings.TrimSpace(string([]rune(s)[:maxName]))
	}
	return s
}

// seconds reads a number of seconds, or Go's "1m30s".
func seconds(s string) *time.Duration {
	if s == "" || len(s) > 40 {
		return nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return duration(f)
	}
	if d, err := time.ParseDuration(s); err == nil {
		return duration(d.Seconds())
	}
	return nil
}

func duration(sec float64) *time.Duration {
	if !(sec >= 0 && sec <= maxSeconds) { // written so that NaN is refused
		return nil
	}
	d := time.Duration(math.Round(sec * float64(time.Second)))
	return &d
}

func instant(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil
	}
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 9998 {
		return nil
	}
	return &t
}

func exitStatus(s string) *int {
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 || v > 255 {
		return nil
	}
	return &v
}

// units in the order in which they must be tried: "B" begins none of the others
// but ends them all. restic counts in powers of 1024 and writes KiB; Borg in
// powers of 1000 and writes kB, or with --iec KiB.
var units = []struct {
	name   string
	factor float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"TiB", 1 << 40}, {"PiB", 1 << 50}, {"EiB", 1 << 60},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
	{"TB", 1e12}, {"PB", 1e15}, {"EB", 1e18}, {"B", 1},
}

// size reads "4.012 GiB" at the start of s and returns what follows it. rounded
// is false for plain bytes.
func size(s string) (bytes *int64, rounded bool, rest string) {
	s = strings.TrimLeft(s, " ")
	number := decimalPrefix(s)
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil, false, s
	}
	rest = strings.TrimLeft(s[len(number):], " ")
	for _, u := range units {
		if !strings.HasPrefix(rest, u.name) {
			continue
		}
		if f = math.Round(f * u.factor); f >= math.MaxInt64 {
			return nil, false, s
		}
		v := int64(f)
		return &v, u.factor > 1, rest[len(u.name):]
	}
	return nil, false, s
}

// clock reads restic's "0:41" or "1:02:03".
func clock(s string) *time.Duration {
	total, parts := 0.0, 0
	for {
		d := digits(s)
		v, err := strconv.ParseFloat(d, 64)
		if err != nil || len(d) > 9 {
			return nil
		}
		total, parts, s = total*60+v, parts+1, s[len(d):]
		if parts == 3 || !strings.HasPrefix(s, ":") {
			break
		}
		s = s[1:]
	}
	if parts < 2 {
		return nil
	}
	return duration(total)
}

// spoken reads Borg's "1 days 2 hours 3 minutes 4.05 seconds".
func spoken(s string) *time.Duration {
	total := 0.0
	for range 4 {
		number := decimalPrefix(s)
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return nil
		}
		s = s[len(number):]
		switch {
		case strings.HasPrefix(s, " days "):
			total, s = total+v*86400, s[len(" days "):]
		case strings.HasPrefix(s, " hours "):
			total, s = total+v*3600, s[len(" hours "):]
		case strings.HasPrefix(s, " minutes "):
			total, s = total+v*60, s[len(" minutes "):]
		case strings.HasPrefix(s, " seconds"):
			return duration(total + v)
		default:
			return nil
		}
	}
	return nil
}

func digits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}

func decimalPrefix(s string) string {
	whole := digits(s)
	if i := len(whole); i > 0 && i < len(s) && s[i] == '.' {
		return s[:i+1+len(digits(s[i+1:]))]
	}
	return whole
}

func hexPrefix(s string) string {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f') {
		i++
	}
	return s[:i]
}
