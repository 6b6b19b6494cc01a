package api

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

// legible refuses addresses whose text no database can hold: what is not UTF-8, and U+0000.
func legible(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		texts := []string{c.Request().URL.Path}
		for name, values := range c.QueryParams() {
			texts = append(append(texts, name), values...)
		}
		for _, text := range texts {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return echo.NewHTTPError(http.StatusBadRequest)
			}
		}
		return next(c)
	}
}

var (
	errNotText = errors.New("not UTF-8")
	errNul     = errors.New("U+0000 in a string")
)

// legibleJSON is huma's own JSON, but that it takes for JSON only what RFC 8259 does (Go's decoder puts U+FFFD for what is not
// UTF-8) and refuses U+0000, which Postgres cannot keep in a text.
func legibleJSON() huma.Format {
	f := huma.DefaultJSONFormat
	plain := f.Unmarshal
	f.Unmarshal = func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errNotText
		}
		if holdsNul(data) {
			return errNul
		}
		return plain(data, v)
	}
	return f
}

// holdsNul looks for the escape \u0000, of which a doubled backslash before it is none.
func holdsNul(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := 0
		for before < i && data[i-1-before] == '\\' {
			before++
		}
		if before%2 == 0 {
			return true
		}
		data = data[i+len(`\u0000`):]
	}
}
