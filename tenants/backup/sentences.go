package backup

import (
	"tanamori/tenants"
	"tanamori/tenants/backup/rules"
	"tanamori/tenants/backup/store"
	"tanamori/tenants/backup/verify"
)

var (
	_ = tenants.Sentences(rules.Sentences)
	_ = tenants.Sentences(store.Sentences)
	_ = tenants.Sentences(verify.Sentences)
)

var _ = tenants.Sentences(map[string][2]string{
	"backup.reported":           {"{at}に正常終了の申告がありました", "Reported done at {at}"},
	"backup.reported_fail":      {"サーバが失敗を申告しました", "The server reported a failure"},
	"backup.reported_exit":      {"サーバが失敗を申告しました（終了コード {status}）", "The server reported a failure (exit status {status})"},
	"backup.dry_run":            {"{tool}は予行（dry run）として動いただけで、控えを作っていません", "{tool} only made a dry run: there is no copy"},
	"backup.unreported":         {"終了の申告がありません", "Its end was not reported"},
	"backup.not_reporting":      {"申告のない計画です", "This plan has no reports"},
	"backup.present":            {"{name}（{bytes}、{at}）があります", "{name} is there ({bytes}, {at})"},
	"backup.old_file":           {"{name}は{at}のもので、今夜のものではありません", "{name} is of {at}, not of tonight"},
	"backup.newer_file":         {"{name}は{at}のもので、この回のものは残っていません", "{name} is of {at}: that of this run is gone"},
	"backup.no_file":            {"ファイルがないため確かめられません", "No file to examine"},
	"backup.not_read":           {"最後まで読めなかったため比べられません", "Could not be read to its end, so not compared"},
	"backup.plausible":          {"{bytes}はいつもどおりです（{runs}回分と比較）", "{bytes} is as usual (compared with {runs} runs)"},
	"backup.no_manifest":        {"照合用ファイルも申告のハッシュ値もありません", "Neither a checksum file nor a reported hash"},
	"backup.no_manifest_wanted": {"照合しない計画です", "This plan asks for no comparison"},
	"backup.sidecar_matches":    {"照合用ファイルと一致しました（{got}…）", "Matches the checksum file ({got}…)"},
	"backup.sidecar_differs":    {"照合用ファイルと内容が一致しません（{want}…に対し{got}…）", "Differs from the checksum file ({want}… against {got}…)"},
	"backup.sidecar_missing":    {"照合用ファイル{name}がありません", "The checksum file {name} is missing"},
	"backup.said_matches":       {"申告されたハッシュ値と一致しました（{got}…）", "Matches the reported hash ({got}…)"},
	"backup.said_differs":       {"申告されたハッシュ値と内容が一致しません（{want}…に対し{got}…）", "Differs from the reported hash ({want}… against {got}…)"},
	"backup.said_bytes_match":   {"申告された大きさ（{said}）と一致しました", "Matches the reported size ({said})"},
	"backup.said_bytes_differ":  {"申告された大きさ（{said}）と一致しません（{bytes}）", "Differs from the reported size ({said} against {bytes})"},
	"backup.said_nothing":       {"申告に照合できる値がありません", "The report carried nothing to compare with"},
	"backup.read":               {"{bytes}をすべて読みました（{took}、{sum}…）", "Read all of {bytes} ({took}, {sum}…)"},
	"backup.cut_short":          {"{said}のうち{bytes}で終わっています（{percent} %）", "Ends after {bytes} of {said} ({percent} %)"},
	"backup.structure":          {"終わりまで正しく読み解けました（{format}）", "Parsed to its end ({format})"},
	"backup.good":               {"正常です（{level}まで確認、{bytes}）", "Good (proved up to: {level}, {bytes})"},
	"backup.good_warned":        {"正常ですが注意する点があります（{level}まで確認、{bytes}）", "Good, with a warning (proved up to: {level}, {bytes})"},
	"backup.below_required":     {"「{asked}」まで確かめる計画ですが、「{reached}」までしか確かめられませんでした", "Proved only up to “{reached}”; the plan asks for “{asked}”"},
	"level.-1":                  {"なし", "nothing"},
	"level.0":                   {"申告", "reported"},
	"level.1":                   {"存在", "present"},
	"level.2":                   {"外形", "plausible"},
	"level.3":                   {"照合", "matches its manifest"},
	"level.4":                   {"通読", "read to the end"},
	"level.5":                   {"構造", "structure parses"},
})

var _ = tenants.Shorts(map[string][2]string{
	"backup.reported_fail":     {"失敗の申告", "reported failed"},
	"backup.reported_exit":     {"失敗の申告（終了コード {status}）", "reported failed (exit {status})"},
	"backup.dry_run":           {"予行だけで控えがありません", "dry run only"},
	"backup.old_file":          {"今夜のファイルではありません", "not tonight's file"},
	"backup.newer_file":        {"この回のファイルは残っていません", "this run's file is gone"},
	"backup.cut_short":         {"途中で切れています（{percent} %）", "cut off ({percent} %)"},
	"backup.sidecar_differs":   {"内容が一覧と一致しません", "differs from its manifest"},
	"backup.sidecar_missing":   {"照合用ファイルがありません", "no checksum file"},
	"backup.said_differs":      {"内容が申告と一致しません", "differs from its report"},
	"backup.said_bytes_differ": {"大きさが申告と一致しません", "size differs from its report"},
	"backup.said_nothing":      {"申告に照合できる値がありません", "report has no numbers"},
	"backup.good":              {"{level}まで", "up to: {level}"},
	"backup.good_warned":       {"正常（注意あり）", "good, with a warning"},
	"backup.below_required":    {"{reached}までしか確かめられません", "proved only up to {reached}"},
	"rules.zero":               {"0バイトです", "empty"},
	"rules.below_min":          {"{now}（下限{limit}）", "{now} (at least {limit})"},
	"rules.above_max":          {"{now}（上限{limit}）", "{now} (at most {limit})"},
	"rules.shrunk":             {"{now}（昨夜の{percent} %）", "{now} ({percent} % of last night)"},
	"rules.shrunk_before":      {"{now}（前回の{percent} %）", "{now} ({percent} % of last time)"},
	"rules.stale":              {"前夜と同じ内容です", "identical to last night"},
	"rules.stale_before":       {"前回と同じ内容です", "identical to last time"},
	"verify.zero":              {"0バイトです", "empty"},
	"verify.all_zero":          {"中身がすべて0です", "nothing but zeros"},
	"verify.truncated":         {"途中で切れています", "cut off"},
	"verify.truncated_at":      {"途中で切れています", "cut off"},
	"verify.no_trailer":        {"途中で切れています", "cut off"},
	"verify.unreadable":        {"最後まで読み出せません", "cannot be read to its end"},
	"verify.corrupt":           {"壊れています", "corrupt"},
	"verify.corrupt_entry":     {"中のファイルが壊れています", "an entry is corrupt"},
	"verify.checksum":          {"中の検査値が合いません", "checksum inside differs"},
	"verify.checksum_entry":    {"中の検査値が合いません", "checksum inside differs"},
	"verify.trailing_garbage":  {"末尾に余分なデータがあります", "trailing data"},
	"verify.traversal":         {"不審な名前のファイルがあります", "suspicious names"},
	"verify.bomb":              {"展開すると大きすぎます", "unpacks too far"},
	"verify.too_long":          {"読み終わりません", "takes too long"},
	"verify.encrypted":         {"暗号化されています", "encrypted"},
	"verify.encrypted_name":    {"暗号化されています", "encrypted"},
	"verify.unknown":           {"形式が分かりません", "unknown format"},
	"verify.not_as_named":      {"名前と中身の形式が違います", "not what its name says"},
	"store.not_found":          {"ファイルがありません", "no file"},
	"store.outside":            {"保管先の外を指しています", "leads out of the store"},
	"store.unreachable":        {"保管先に接続できません", "store unreachable"},
	"store.denied":             {"読む権限がありません", "no permission to read"},
	"store.changed":            {"読んでいる間に書き換えられました", "changed while read"},
	"store.elsewhere":          {"許可されていない位置の保管先", "folder not allowed"},
	"store.sidecar":            {"照合用ファイルが読めません", "unusable checksum file"},
})
