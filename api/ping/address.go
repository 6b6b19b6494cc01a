package ping

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"tanamori/tenants/checkin"
)

// Lengths by which the two kinds of address are told apart.
const (
	uuidLength    = 36
	pingKeyLength = 22
)

// address reads the path after /ping/: {uuid}[/ending] or {ping key}/{slug}[/ending]. A part that is missing is empty, as
// after a trailing slash.
func address(one, two, three string) (in checkin.In, wrong *answer) {
	ending := two
	switch len(one) {
	case uuidLength:
		id, err := uuid.Parse(one)
		if err != nil || three != "" {
			return in, &badAddress
		}
		in.UUID = id
		if id == uuid.Nil {
			return in, &notFound // zero means "no UUID" to the intake
		}
	case pingKeyLength:
		if !isPingKey(one) || !checkin.ValidSlug(two) {
			return in, &badAddress
		}
		in.PingKey, in.Slug, ending = one, two, three
	default:
		return in, &badAddress
	}
	wrong = ended(&in, ending)
	return in, wrong
}

// ended reads the ending. An exit status says how it ended by itself.
func ended(in *checkin.In, ending string) (wrong *answer) {
	switch ending {
	case "", "success":
		in.Kind = checkin.Success
	case "start":
		in.Kind = checkin.Start
	case "fail":
		in.Kind = checkin.Fail
	case "log":
		in.Kind = checkin.Log
	default:
		n, isNumber := number(ending)
		if !isNumber {
			return &badAddress
		}
		if n >= len(statuses) {
			return &badStatus
		}
		in.Kind, in.ExitStatus = checkin.Fail, &statuses[n]
		if n == 0 {
			in.Kind = checkin.Success
		}
	}
	return nil
}

// statuses are the exit statuses, for everyone to point to.
var statuses = func() (s [256]int) {
	for i := range s {
		s[i] = i
	}
	return s
}()

// number reads decimal digits; what is above any exit status stays above.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), 1000)
	}
	return n, true
}

func isPingKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// runID reads ?rid={uuid}. Other parameters are none of the door's business, ?create=1 of Healthchecks among them: a
// place to check in is opened by a person.
func runID(r *http.Request) (*uuid.UUID, *answer) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &badRID
	}
	values, given := query["rid"]
	if !given {
		return nil, nil
	}
	id, err := uuid.Parse(values[len(values)-1])
	if err != nil || len(values[len(values)-1]) != uuidLength {
		return nil, &badRID
	}
	return &id, nil
}
