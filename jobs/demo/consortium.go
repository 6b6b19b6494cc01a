// Package demo builds the demonstration consortium: Rankoshi and its eight towns with servers, plans and real archives.
// Nothing is written into the ledgers by hand: machines check in, the verifier reads the archives, the judge judges.
package demo

import "tanamori/tenants"

// municipality is one town of the demonstration: real names and codes, invented posts, people called 見本.
type municipality struct {
	login, name, kana, code string
	host                    bool
	post                    string // of the section chief who is called
	servers                 []machine
}

// machine is one server with its nightly backup.
type machine struct {
	name, role, place string
	cron              string
	ext               string // the kind of archive it writes
	kilobytes         int    // about how large tonight's is
	minutes           int    // how long it takes
	level             int
}

func registers(place string, kilobytes int, primary, secondary string) []machine {
	return []machine{
		{name: "戸籍正", role: "戸籍サーバ（正）", place: place + " U20", cron: "0 2 * * *", ext: primary, kilobytes: kilobytes, minutes: 41, level: 5},
		{name: "戸籍副", role: "戸籍サーバ（副）", place: place + " U24", cron: "30 2 * * *", ext: secondary, kilobytes: kilobytes * 3 / 4, minutes: 28, level: 5},
	}
}

// The members are those of 戸籍に係る電子情報処理組織の事務の管理及び執行に関する要領 (蘭越町), in its order.
var municipalities = []municipality{
	{login: "rankoshi", name: "蘭越町", kana: "らんこしちょう", code: "013943", host: true, post: "住民福祉課長",
		servers: append(registers("A-01", 220, "tar.gz", "sql.gz"),
			machine{name: "連携", role: "戸籍事務内連携サーバ", place: "A-01 U30", cron: "15 3 * * *", ext: "zip", kilobytes: 90, minutes: 9, level: 3})},
	{login: "mukawa", name: "むかわ町", kana: "むかわちょう", code: "015865", post: "町民生活課長", servers: registers("A-02", 310, "tar.gz", "tar.zst")},
	{login: "saroma", name: "佐呂間町", kana: "さろまちょう", code: "015521", post: "町民課長", servers: registers("A-02", 190, "tar.gz", "sql.gz")},
	{login: "suttsu", name: "寿都町", kana: "すっつちょう", code: "013927", post: "町民課長", servers: registers("A-03", 150, "tar.zst", "zip")},
	{login: "oketo", name: "置戸町", kana: "おけとちょう", code: "015491", post: "町民生活課長", servers: registers("A-03", 120, "zip", "tar.gz")},
	{login: "shintoku", name: "新得町", kana: "しんとくちょう", code: "016357", post: "町民課長", servers: registers("A-03", 240, "tar.gz", "sql.zst")},
	{login: "niseko", name: "ニセコ町", kana: "にせこちょう", code: "013951", post: "町民生活課長", servers: registers("A-04", 200, "tar.zst", "sql.gz")},
	{login: "higashikawa", name: "東川町", kana: "ひがしかわちょう", code: "014583", post: "税務住民課長",
		servers: append(registers("A-04", 260, "tar.gz", "tar.gz"),
			machine{name: "附票", role: "戸籍附票サーバ", place: "A-04 U30", cron: "45 2 * * *", ext: "sql.gz", kilobytes: 110, minutes: 12, level: 3})},
	{login: "aibetsu", name: "愛別町", kana: "あいべつちょう", code: "014567", post: "総務企画課長", servers: registers("A-04", 100, "zip", "sql.gz")},
}

// staff are the host's own sign-ins.
var staff = []struct {
	login, name, title string
	post               tenants.Post
}{
	{"admin", "見本 花子", "住民福祉課長", tenants.HostAdmin},
	{"operator", "見本 二郎", "住民福祉課 戸籍係", tenants.Operator},
	{"facility", "見本 一郎", "データセンター", tenants.Facility},
	{"auditor", "見本 桜", "監査委員事務局", tenants.Auditor},
}

// mishap is what goes wrong with one machine in the newest night.
type mishap string

const (
	truncated  mishap = "truncated"  // the archive ends half-way
	missing    mishap = "missing"    // nothing is made and nothing said
	shrunk     mishap = "shrunk"     // a whole archive of 40 %
	stale      mishap = "stale"      // last night's under a new name
	altered    mishap = "altered"    // its hash is not the one its manifest says
	unfinished mishap = "unfinished" // it starts and never ends
)

// planted says which town's 戸籍正 meets which mishap in the newest night.
var planted = map[string]mishap{
	"mukawa": truncated, "saroma": missing, "suttsu": shrunk, "oketo": stale, "shintoku": altered, "niseko": unfinished,
}
