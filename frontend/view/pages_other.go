package view

import "time"

// SignInPage asks who is there. Fields: login, password. View: SignIn.
type SignInPage struct {
	Form    Form
	Next    string    // where to go afterwards; hidden field "next"
	SSO     string    // what single sign-on is called; "" where there is none
	Passkey string    // where a passkey's challenge comes from; "" where browsers offer none
	Plain   bool      // the connection is not encrypted
	Notice  string    // why one has to sign in again, in words
	Demo    []DemoWho // sign-ins of the demonstration, without passwords
}

// DemoWho is one sign-in of the demonstration.
type DemoWho struct{ Login, What string }

// ErrorPage says what went wrong and what to do. View: Error.
type ErrorPage struct {
	Status  int    // 403, 404, 410, 500, 503 …
	Message string // from a Fault; "" takes the page's own words
	Request string // to be quoted when asking for help
	Retry   time.Duration
	BackURL string
}
