package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// Rules that hold for all page structs below:
//
//   - Moments are time.Time (shown in the frame's zone), days are calendar.Date; the zero value of either shows as –.
//   - Sentences and names come as text in the page's language: the handler asks the room's Reason for it. Codes (verdicts,
//     states, ways) come as codes; the templates have the words (words.go).
//   - Addresses are whole paths ("/incidents/12"). An empty address hides the link, button or form: so a handler shows
//     only what the actor may do.
//   - Everything optional may stay at its zero value.

// Link is a text that may lead somewhere.
type Link struct {
	Text string
	URL  string // "" shows the text alone
}

// Act is something to do at a page's head or card: a link, or a form's button where Post is set.
type Act struct {
	Label string
	URL   string
	Post  bool   // POST without further fields; else a link
	Fill  bool   // the one main act
	Ask   string // question before it is done; "" for none
}

// Status is one marked cell: icon, word, small detail.
type Status struct {
	Verdict string // Met … Suspect
	Label   string // 戸籍正
	Detail  string // 届いていません, 構造まで
	Needs   bool   // somebody has to act: shown red
	URL     string
}

// Pages is what stands under a list. Lists go by cursor, so there is no page number.
type Pages struct {
	NewerURL, OlderURL string
	Shown              int // rows on this page
}

// Choice is one entry of a filter or tab row.
type Choice struct {
	Label   string
	URL     string
	Count   int // shown when ShowN
	ShowN   bool
	Current bool
}

// SealBox is one box of the 決裁欄 on prints.
type SealBox struct {
	Post string // 管理者
	Name string // "" leaves the box empty for a seal
	At   time.Time
}

// Confirmation is who looked at a verdict, and when (バックアップの確認).
type Confirmation struct {
	By string // post and name
	At time.Time
}

// DayRef is a day with the address of its page.
type DayRef struct {
	Date calendar.Date
	Name string // of a closed day; "" for none
	URL  string
}
