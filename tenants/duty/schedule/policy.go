package schedule

import "strconv"

// Policy is what becomes of a period that falls on a closed day.
type Policy string

// The policies, as the database spells them.
const (
	EveryDay    Policy = "every_day"    // closed days are days like others
	OpenDays    Policy = "open_days"    // a closed day has no occurrence
	RollForward Policy = "roll_forward" // it moves to the next open day, same time of day
)

// Policies lists the policies in the order of a form's choices.
func Policies() []Policy { return []Policy{EveryDay, OpenDays, RollForward} }

// Valid reports whether p is one of the policies.
func (p Policy) Valid() bool {
	return p == EveryDay || p == OpenDays || p == RollForward
}

// Words names the policy for the reader.
func (p Policy) Words() (ja, en string) {
	switch p {
	case EveryDay:
		return "毎日（閉庁日を含む）", "every day, closed days too"
	case OpenDays:
		return "開庁日のみ", "open days only"
	case RollForward:
		return "閉庁日は翌開庁日へ", "closed days move to the next open day"
	default:
		return string(p), "unknown policy " + strconv.Quote(string(p))
	}
}
