// Package custody is the ledger of the passwords that start servers and that manage others' passwords (起動用パスワード,
// 管理パスワード; RK 第8条第1項第2号, 別表(4)): in which sealed envelope each lies where, who set it, who opened it and why. The
// password itself is kept nowhere. That it is changed in time is a duty.
package custody

import (
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/correction"
)

// Kind is the ledger's word in duties.
const Kind = "custody"

// What a password opens.
const (
	Startup    = "startup"    // 起動用パスワード
	Management = "management" // 管理パスワード
	Other      = "other"
)

// What happens to one.
const (
	Set      = "set"      // 設定・封入
	Opened   = "opened"   // 開封
	Resealed = "resealed" // 再封入
	Changed  = "changed"  // 変更・封入
	Retired  = "retired"  // 廃止
)

var _ = tenants.Sentences(map[string][2]string{
	"custody.kind.startup":    {"起動用パスワード", "start-up password"},
	"custody.kind.management": {"管理パスワード", "management password"},
	"custody.kind.other":      {"その他のパスワード", "other password"},

	"custody.event.set":      {"設定・封入", "set and sealed"},
	"custody.event.opened":   {"開封", "opened"},
	"custody.event.resealed": {"再封入", "sealed again"},
	"custody.event.changed":  {"変更・封入", "changed and sealed"},
	"custody.event.retired":  {"廃止", "retired"},

	"custody.changed": {"変更されました", "It was changed"},

	"retention.series.custody":        {"パスワードの保管簿", "Custody of passwords"},
	"retention.basis.custody":         {"運用上。操作履歴に合わせています。いまのパスワードの記録は、年数によらず残ります", "Operational, as long as the operation log; what concerns the present password stays however old"},
	"retention.kind.credential_event": {"パスワードの設定・開封・変更", "what happened to passwords"},
})

// Words is what people call a kind ("kind", Startup …) or an event ("event", Opened …).
func Words(of, code, lang string) string {
	return tenants.Reason{Code: "custody." + of + "." + code}.In(lang)
}

// Credential is one password in custody, without the password.
type Credential struct {
	TenantID     int64
	ID           int64
	Kind         string
	Name         string
	AppliesTo    string // 戸籍サーバ（正）の起動画面
	RotateMonths int    // it must be changed within so many months
	OpenDays     int    // and within so many days of an opening
	Standing
	DutyID    *int64
	CreatedAt time.Time
	RetiredAt *time.Time
}

// Standing is what the ledger's events come to.
type Standing struct {
	Envelope string // 封筒番号
	Place    string // 保管場所
	Opened   bool   // the seal is broken
	SetAt    time.Time
	SetBy    string
	DueOn    calendar.Date // the last day on which it may still be changed in time
}

// Event is one line of the ledger.
type Event struct {
	ID           int64
	CredentialID int64
	Kind         string
	OccurredAt   time.Time
	RecordedAt   time.Time
	ByID         int64
	ByText       string
	WitnessID    int64
	WitnessText  string
	RecordedBy   string
	Envelope     string
	Place        string
	Reason       string

	Corrections correction.History `gorm:"-"` // laid over what stands above
}

// Stand is what events come to: set or changed, it must be changed within so many months; opened, within so many
// days, if that is sooner.
func Stand(events []Event, months, days int, zone *time.Location) Standing {
	var s Standing
	for _, e := range events {
		day := calendar.DateOf(e.OccurredAt, zone)
		switch e.Kind {
		case Set, Changed:
			s = Standing{Envelope: e.Envelope, Place: e.Place, SetAt: e.OccurredAt, SetBy: e.ByText, DueOn: within(day, months)}
		case Opened:
			s.Opened = true
			if soon := day.AddDays(days); soon.Before(s.DueOn) {
				s.DueOn = soon
			}
		case Resealed:
			s.Opened, s.Envelope, s.Place = false, e.Envelope, e.Place
		}
	}
	return s
}

// within is the last day of so many months from a day on: the day before the one of the same number, or the last but one
// of a month that is shorter. Twelve months end a day before the year has gone round, so that a yearly schedule names it.
func within(day calendar.Date, months int) calendar.Date {
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return calendar.MustDate(first.Year(), first.Month(), min(day.Day(), last)).AddDays(-1)
}

// May tells whether an event can follow now: an envelope that is sealed is opened, one that is open is sealed again.
func (c Credential) May(kind string) bool {
	if c.RetiredAt != nil {
		return false
	}
	switch kind {
	case Opened:
		return !c.Opened
	case Resealed:
		return c.Opened
	case Changed, Retired:
		return true
	}
	return false
}
