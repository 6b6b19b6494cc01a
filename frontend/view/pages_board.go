package view

import (
	"time"

	"tanamori/tenants/calendar"
)

// BoardPage is 朝の確認: one night of all towns. View: Board, piece: BoardLive.
type BoardPage struct {
	Night            calendar.Date
	Now              time.Time // 現在
	PrevURL, NextURL string    // the night before and after; NextURL "" on the newest
	PickURL          string    // GET form; parameter "night" (YYYY-MM-DD)
	NewestNight      calendar.Date

	ConfirmURL  string // POST: confirm every normal one not yet confirmed; "" hides
	Confirmable int    // how many that would be
	Confirmed   []Confirmation

	OnlyNeeds        bool // the filter 要対応だけ is on
	AllURL, NeedsURL string

	LiveURL   string // GET answers with piece BoardLive for the same night and filter
	EventsURL string // server-sent events: "board" when something changed, "alive" at least once a minute (90 s of silence dims the board); "" shows a still board

	Sum     BoardSum
	Columns []string // 夜間バックアップ, 副本送信 …
	Rows    []BoardRow
	Cases   []Case // the most urgent, at most a handful
	More    Link   // ほか3件をすべて見る; Text "" hides
	Seals   []SealBox
	Pages   Pages // over very many towns
	Find    *Find // likewise: to find one of them; nil hides
}

// Find is a field to find a town in a list of many: a GET form with the parameter "town".
type Find struct {
	URL    string
	Text   string            // what was typed
	Hidden map[string]string // what else the list's address says
}

// BoardSum is the strip of figures.
type BoardSum struct {
	Needs     int // 要対応
	Normal    int // 正常・未確認
	Confirmed int // 確認済
	Pending   int // 判定待ち
	Unknown   int // 不明; shown only when there are some
	Towns     int
	Servers   int

	LastSweep time.Time // 最終巡回; the zero time says 巡回していません
	SweepOK   bool      // false marks the time red: the jobs stand still
	Watch     string    // 見張り in words: 正常, or what is wrong
	WatchOK   bool
	WatchAt   time.Time // when the audit last ended well
	Mended    int       // what it put right by itself within a day
	Outbox    int       // 送信待ち
	OutboxBad int       // 送れません
	OutboxURL string
}

// BoardRow is one town.
type BoardRow struct {
	Town      Link
	Note      string // 受託町
	Needs     bool
	Cells     [][]Status // by column
	Confirmed Confirmation
}

// Case is one card of 要対応.
type Case struct {
	ID       string // unique on the page
	Title    string // 佐呂間町　戸籍正　バックアップ未着
	URL      string
	Sentence string // 03:30までの約束でしたが届いていません。
	Told     *Told  // the newest notice; nil if nobody has been told yet
	Next     *Told  // the rung to come; nil if none (answered, or nobody left)
	Promise  *Promise
	Act      Act // 電話した結果を記録する, 経過を見る
}

// Told is one act of telling, done or to come.
type Told struct {
	At      time.Time
	Who     string // 住民係長
	Way     string // mail, phone
	Outcome string // what came of it in words (受領なし, 届かず …); "" for one to come
	Overdue bool   // one to come whose time has passed
}

// Promise is an answer that still holds.
type Promise struct {
	By    string // 町民生活課長
	Text  string // 業者に確認中
	Until time.Time
}
