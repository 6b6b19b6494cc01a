package view

import "time"

// Frame is what surrounds every page. One function of the page door makes it once a request; handlers give their body only.
type Frame struct {
	Lang  Lang
	Zone  *time.Location // the reader's town's zone; nil means the engine's
	Now   time.Time      // the moment the page speaks of; printed at the foot
	Path  string         // of the request with its query, to come back to after a change of language
	Host  string         // 「蘭越町 戸籍データセンター」, beside the name
	Demo  string         // one sentence where the data is a demonstration, else ""
	Home  string         // URL of the brand
	Nav   []NavItem      // what this person may open
	Flash []Flash        // what just happened, shown once
	Who   *Who           // nil where nobody is signed in

	LangURL    string // switches to the other language; "" hides it
	SignOutURL string // POST; "" hides it

	SessionLeft int // seconds until the session ends without use; 0 where nobody is signed in
}

// NavURL is the address of a section of the menu, "" if this person has no such entry.
func (f Frame) NavURL(key string) string {
	for _, n := range f.Nav {
		if n.Key == key {
			return n.URL
		}
	}
	return ""
}

// NavItem is one entry of the menu. Key is compared with the view's own section (Section…).
type NavItem struct {
	Key   string
	Label string // in the page's language
	URL   string
	Count int // needs attention; 0 shows nothing
}

// Who is the signed-in person.
type Who struct {
	Name string // 見本 花子
	Post string // 戸籍データ等管理者
	Org  string // 蘭越町 住民福祉課長
}

// Flash kinds.
const (
	FlashOK   = "ok"
	FlashInfo = "info"
	FlashWarn = "warn"
	FlashBad  = "bad"
)

// Flash is one notice at the top of the page.
type Flash struct {
	Kind string // FlashOK, FlashInfo, FlashWarn, FlashBad
	Text string
}

// The sections of the menu, NavItem.Key. A view says to which it belongs.
const (
	SectionBoard    = "board"
	SectionTown     = "town"
	SectionIncident = "incident"
	SectionRoom     = "room"
	SectionOutbox   = "outbox"
	SectionLog      = "log"
	SectionSettings = "settings"
	SectionMailbox  = "mailbox"
)

// ContentSecurityPolicy is what the pages need and no more: everything from this server, no inline script or style.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
