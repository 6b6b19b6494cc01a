package store

import (
	"errors"
	"fmt"
)

// What can be wrong with a store or with an object in it; use errors.Is.
var (
	ErrNotFound    = errors.New("no such object")
	ErrOutside     = errors.New("leads out of the store")
	ErrNotRegular  = errors.New("not a regular file")
	ErrUnreachable = errors.New("store unreachable")
	ErrDenied      = errors.New("permission denied")
	ErrChanged     = errors.New("changed while being read")
	ErrTooMany     = errors.New("too many files match")
	ErrSidecar     = errors.New("unusable checksum file")
	ErrElsewhere   = errors.New("not below a folder that stores may lie in")
)

// Error is what every failing call of a store returns.
type Error struct {
	Op     string // "find", "stat", "open", "read", …
	Name   string // object or pattern, as asked for
	Kind   error  // one of the Err… values above
	Detail string // what it is instead, one of the Kind… words; may be empty
	Err    error  // the cause below; may be nil
}

// Error says it in English, for logs.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s %q: %v", e.Op, e.Name, e.Kind)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap lets errors.Is find both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Reason names the error for people: a key of Sentences and what fills it.
func (e *Error) Reason() (code string, params map[string]string) {
	params = map[string]string{"name": e.Name}
	switch {
	case errors.Is(e.Kind, ErrNotFound):
		return "store.not_found", params
	case errors.Is(e.Kind, ErrOutside):
		return "store.outside", params
	case errors.Is(e.Kind, ErrNotRegular):
		switch e.Detail {
		case kindFIFO, kindDirectory, kindDevice, kindSocket:
			return "store.not_regular_" + e.Detail, params
		}
		return "store.not_regular", params
	case errors.Is(e.Kind, ErrDenied):
		return "store.denied", params
	case errors.Is(e.Kind, ErrChanged):
		return "store.changed", params
	case errors.Is(e.Kind, ErrTooMany):
		return "store.too_many", params
	case errors.Is(e.Kind, ErrElsewhere):
		return "store.elsewhere", params
	case errors.Is(e.Kind, ErrSidecar):
		return "store.sidecar", params
	default:
		return "store.unreachable", params
	}
}

// ReasonOf finds the Error in err's chain and returns its Reason. Any other
// error is reported as the store being unreachable.
func ReasonOf(err error) (code string, params map[string]string) {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason()
	}
	return "store.unreachable", map[string]string{"name": ""}
}
