package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"tanamori/api/gate"
	"tanamori/tenants"
)

// Problem is an error as RFC 9457 writes one.
type Problem struct {
	Type     string         `json:"type" format:"uri-reference" doc:"Always about:blank: the status says what kind of problem it is." example:"about:blank"`
	Title    string         `json:"title" doc:"The status in words." example:"Unprocessable Entity"`
	Status   int            `json:"status" doc:"The HTTP status." example:"422"`
	Detail   string         `json:"detail" doc:"What is wrong and what to do, in the language that Accept-Language prefers, Japanese or English."`
	Instance string         `json:"instance" format:"uri-reference" doc:"The request's id, under which it stands in the logs; also in the X-Request-Id header."`
	Proposal int64          `json:"proposal_id,omitempty" doc:"With status 202: the change waits for a second person under this id."`
	State    string         `json:"proposal_state,omitempty" doc:"With status 202: what has become of it: waiting, confirmed, refused, withdrawn."`
	Owed     string         `json:"owed,omitempty" doc:"What a signed-in person has to do first: password, factor, confirm; anyway: to say that they mean it."`
	Errors   []ProblemField `json:"errors,omitempty" doc:"What is wrong with single fields."`
}

// ProblemField is what is wrong with one field of a request. What was sent is never repeated.
type ProblemField struct {
	Field    string `json:"field" doc:"The field's name." example:"name"`
	Location string `json:"location,omitempty" doc:"Where it stands in the request." example:"body.name"`
	Message  string `json:"message" doc:"What is wrong with it, in the language of detail."`
}

// Error makes a problem an error that huma sends as it is.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// plain is a problem with nothing but its status; huma asks for one to learn the schema.
func plain(status int) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status}
}

var languages = language.NewMatcher([]language.Tag{language.Japanese, language.English})

// langOf is "ja" or "en", as the request prefers.
func langOf(c echo.Context) string {
	tag, _ := language.MatchStrings(languages, c.Request().Header.Get("Accept-Language"))
	if base, _ := tag.Base(); base.String() == "en" {
		return "en"
	}
	return "ja"
}

func problemOf(c echo.Context, f *tenants.Fault, status int) *Problem {
	lang := langOf(c)
	c.Response().Header().Set("Content-Language", lang)
	p := plain(status)
	p.Detail, p.Instance, p.Owed = f.Message(lang), gate.RequestID(c), string(f.Owed)
	if f.Kind == tenants.KindHeld {
		p.Proposal, p.State = f.Object, f.State
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: field.Field, Message: field.Message(lang)})
	}
	return p
}

// problem is the answer to an error of an act.
func (d *door) problem(c echo.Context, err error) *Problem {
	fault, status := d.gate.Answer(c, err)
	return problemOf(c, fault, status)
}

// problemHandler writes what no operation answered: no such route, too large, a panic.
func problemHandler(c echo.Context, f *tenants.Fault, status int) {
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status) // the client is gone if this fails
		return
	}
	b, err := json.Marshal(problemOf(c, f, status))
	if err != nil {
		b = []byte(`{"type":"about:blank"}`)
	}
	_ = c.Blob(status, problemType, b) // as above
}

// foundByHuma turns what huma found wrong with a request into a problem in the reader's language. The fields' values
// stay out of it, and so does the text of errors that nobody expected.
func foundByHuma(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
	c := humaecho.Unwrap(ctx)
	for _, err := range errs {
		var limit *echo.HTTPError // the body limit of echo, met while huma was reading
		if errors.As(err, &limit) && limit.Code == http.StatusRequestEntityTooLarge {
			status = limit.Code
		}
	}
	fault := &tenants.Fault{Kind: tenants.KindInvalid, Ja: "要求に誤りがあります。各項目を確かめてください。", En: "Something in the request is wrong. Please check the fields."}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		fault.Ja, fault.En = "送られた内容が大きすぎます。", "The request is too large."
		return problemOf(c, fault, status)
	case status == http.StatusUnsupportedMediaType:
		fault.Ja, fault.En = "application/json で送ってください。", "Please send application/json."
		return problemOf(c, fault, status)
	case status == http.StatusRequestTimeout:
		fault.Ja, fault.En = "要求を読み終わる前に時間切れになりました。", "The request took too long to arrive."
		return problemOf(c, fault, status)
	case status >= http.StatusInternalServerError:
		if door, ok := c.Get(keyDoor).(*door); ok {
			return door.problem(c, errors.Join(errs...))
		}
		return plain(status)
	case status == http.StatusBadRequest:
		fault.Ja, fault.En = "本文をJSONとして読めません。", "The body cannot be read as JSON."
	}
	p := problemOf(c, fault, status)
	for _, err := range errs {
		var detail huma.ErrorDetailer
		if errors.As(err, &detail) {
			p.Errors = append(p.Errors, fieldFound(detail.ErrorDetail(), langOf(c)))
		}
	}
	return p
}

func fieldFound(d *huma.ErrorDetail, lang string) ProblemField {
	message, missing := wordsFor(d.Message, lang)
	where := d.Location
	if missing != "" {
		where += "." + missing
	}
	return ProblemField{Field: where[strings.LastIndexByte(where, '.')+1:], Location: where, Message: message}
}
