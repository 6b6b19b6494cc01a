package backup

import (
	"time"

	"tanamori/tenants"
)

// clocksDiffer is how far the clock of a store may be ahead of ours without a word.
const clocksDiffer = 10 * time.Minute

// beforeBackups is when no backup was made: a file of an earlier time lost its own, on a machine that began at 1970 or on
// a copy that kept none.
var beforeBackups = time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)

// comes tells whether a file's time has not come yet. Such a file is never taken for tonight's: it may be any night's.
func (c Case) comes(at time.Time) bool {
	return !c.Now.IsZero() && at.After(c.Now.Add(clocksDiffer))
}

// mistimed names what is wrong with the time of a file that is not tonight's by it, so that somebody can put the clock
// right: a time that cannot be, or one that would be tonight's but for the hours between the zone and UTC, which a share
// that keeps local time gets wrong. Other files are what they seem.
func (c Case) mistimed(at time.Time, otherwise string) string {
	offset := c.zoneOffset(at)
	for _, shifted := range []time.Time{at.Add(offset), at.Add(-offset)} {
		if offset != 0 && !c.Now.IsZero() && !shifted.Before(c.OpensAt) && !c.comes(shifted) {
			return "backup.zone_file"
		}
	}
	if at.Before(beforeBackups) {
		return "backup.no_time"
	}
	return otherwise
}

func (c Case) zoneOffset(at time.Time) time.Duration {
	_, seconds := at.In(c.location()).Zone()
	return time.Duration(seconds) * time.Second
}

// doubtful tells whether a reason speaks of a file's time rather than of the file.
func doubtful(why tenants.Reason) bool {
	return why.Code == "backup.future_file" || why.Code == "backup.no_time" || why.Code == "backup.zone_file"
}

var _ = tenants.Sentences(map[string][2]string{
	"backup.future_file": {"{name}の時刻が未来（{at}）です。保管先か機械の時計を確かめてください",
		"{name} bears a time to come ({at}): check the clock of the store or the machine"},
	"backup.no_time": {"{name}の時刻が{at}になっています。保管先か機械の時計を確かめてください",
		"{name} is dated {at}: check the clock of the store or the machine"},
	"backup.zone_file": {"{name}の時刻は{at}です。時差{hours}時間の取り違えなら今夜のものです。保管先の時刻の設定を確かめてください",
		"{name} is dated {at}. It would be tonight's if the store mixed up {hours} hours of time zone: check its clock"},
	"backup.not_looked": {"保管先をまだ調べ終わっていません", "Its store has not been looked into yet"},
})

var _ = tenants.Shorts(map[string][2]string{
	"backup.future_file": {"ファイルの時刻が未来です", "file of a time to come"},
	"backup.no_time":     {"ファイルの時刻が正しくありません", "file without its time"},
	"backup.zone_file":   {"ファイルの時刻が時差の分ずれています", "file off by its time zone"},
	"backup.not_looked":  {"保管先を調べ終わっていません", "store not looked into"},
})
