package view

import (
	"html/template"
	"time"
)

// SecondPage asks for the second step of signing in. Field: code. View: Second.
type SecondPage struct {
	Form    Form
	Next    string
	Code    bool   // an authenticator app is set up
	Passkey string // where a passkey's challenge comes from; "" where there is none
}

// ConfirmPage asks somebody who is signed in to prove once more who they are, and sends what they had typed on. Field:
// confirm_password. View: Confirm.
type ConfirmPage struct {
	Form        Form
	Hidden      []Typed
	SSO         string // to prove it at the provider
	Code        bool   // the second factor is asked for as well: confirm_code
	Passkey     string // … or both by a passkey: where it is asked for, and where that leads
	PasskeyNext string
	Anyway      string // nothing is proved: what would come of it, for whoever means it
	BackURL     string
}

// Typed is one value of a form that is carried along.
type Typed struct{ Name, Value string }

// FactorsPage is one's own second factors. Field: name (of a passkey). View: Factors.
type FactorsPage struct {
	Form       Form
	TOTPAt     time.Time
	New        *NewTOTP
	Passkeys   []PasskeyRow
	PasskeyURL string // where one is added; "" where the browser offers none
	Any        bool
	CodesLeft  int
	Codes      []string // new recovery codes, shown this once
}

// NewTOTP is an authenticator app about to be set up. Field: code.
type NewTOTP struct {
	QR   template.URL // data:
	Key  string
	Form Form
}

// PasskeyRow is one passkey.
type PasskeyRow struct {
	Name, RemoveURL     string
	AddedAt, LastUsedAt time.Time
}

// UsesPage is the record of use: one's own sessions, or everybody's. View: Uses.
type UsesPage struct {
	Title, Lead string
	People      bool // of everybody
	Choices     []Choice
	Rows        []UseRow
	Pages       Pages
}

// UseRow is one use of the console, from sign-in to sign-out.
type UseRow struct {
	Name, Login, Org         string
	BeganAt, SeenAt, EndedAt time.Time
	Ended, Way               string // in words
	Remote, Agent            string
	OffHours, This           bool
	EndURL                   string // POST
}

// SignInPolicyPage is what an organisation asks at sign-in. Fields: second_factor, idle_minutes, whole_hours, hours_from,
// hours_until. View: SignInPolicy.
type SignInPolicyPage struct {
	Town  Link
	Towns []Option
	Form  Form
}
