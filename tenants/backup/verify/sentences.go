package verify

// Sentences holds, for every code of this package, the sentence in Japanese
// and in English. A {name} stands for the parameter of that name.
var Sentences = map[string][2]string{
	"verify.zero": {
		"ファイルの大きさが0バイトです。",
		"The file is empty (0 bytes).",
	},
	"verify.all_zero": {
		"中身がすべてゼロです（{bytes}バイト）。書き込みが終わっていないおそれがあります。",
		"Nothing but zeros ({bytes} bytes); it may never have been written.",
	},
	"verify.empty": {
		"アーカイブにファイルが1件も入っていません。",
		"The archive holds no files.",
	},
	"verify.size": {
		"{expected}バイトあるはずが、{at}バイトしか読めませんでした。読んでいる間に大きさが変わったおそれがあります。",
		"{at} bytes were read where {expected} were expected; the file may have changed meanwhile.",
	},
	"verify.unreadable": {
		"{at}バイト目から先を読み取れませんでした。保管先の装置を確かめてください。",
		"Could not be read beyond byte {at}; check the storage device.",
	},
	"verify.truncated": {
		"途中で切れています（{expected}バイト目まで続くはずが、{at}バイト目で終わっています）。",
		"Cut off: it ends at byte {at} and should go on to byte {expected}.",
	},
	"verify.truncated_at": {
		"途中で切れています（{at}バイト目で終わっています）。",
		"Cut off: it ends at byte {at}.",
	},
	"verify.no_trailer": {
		"ダンプの末尾にあるはずの完了の印がありません（{at}バイト目で終わっています）。途中で止まったおそれがあります。",
		"The comment that ends every complete dump is missing (it ends at byte {at}); the dump may have stopped half-way.",
	},
	"verify.corrupt": {
		"{at}バイト目付近で{format}形式として読めなくなりました。壊れています。",
		"Not readable as {format} near byte {at}; it is damaged.",
	},
	"verify.corrupt_entry": {
		"「{name}」の圧縮データが壊れています（{at}バイト目付近）。",
		"The compressed data of “{name}” is damaged (near byte {at}).",
	},
	"verify.checksum": {
		"{format}に記録された検査値と中身が一致しません。壊れています。",
		"The content does not match the checksum recorded in the {format} data; it is damaged.",
	},
	"verify.checksum_entry": {
		"「{name}」の中身が、記録された大きさや検査値と一致しません。壊れています。",
		"The content of “{name}” does not match its recorded size or checksum; it is damaged.",
	},
	"verify.directory": {
		"{format}の目次と中身が一致しません。",
		"The table of contents of the {format} file does not match its content.",
	},
	"verify.page": {
		"データベースの{page}ページ目（{at}バイト目）が壊れています。",
		"Page {page} of the database (byte {at}) is damaged.",
	},
	"verify.trailing_garbage": {
		"{at}バイト目より後ろに、形式に合わない余分なデータがあります。",
		"There is data behind the end, from byte {at} on.",
	},
	"verify.traversal": {
		"展開先の外に書き込む名前が{count}件あります（例:「{name}」）。改ざんのおそれがあります。",
		"{count} names would be unpacked outside the target folder (such as “{name}”); it may have been tampered with.",
	},
	"verify.bomb": {
		"展開すると{unpacked}バイト以上になります（読んだのは{packed}バイト）。異常に大きく膨らむため、検証を打ち切りました。",
		"It unpacks to {unpacked} bytes and more (from {packed} bytes read); verification was stopped because it grows abnormally.",
	},
	"verify.too_long": {
		"中身の検証が{seconds}秒で終わらないため、打ち切りました。",
		"Checking the content was stopped after {seconds} seconds.",
	},
	"verify.window": {
		"展開に必要なメモリ（{window}バイト）が上限（{limit}バイト）を超えるため、検証していません。",
		"Unpacking it needs {window} bytes of memory, more than the limit of {limit}; it was not checked.",
	},
	"verify.not_as_named": {
		"名前は{format}ですが、中身は{format}ではありません。",
		"Named {format}, but the content is not {format}.",
	},
	"verify.encrypted": {
		"暗号化されているため（{format}）、中身の構造は検証できません。全バイトの読み取りまで済んでいます。",
		"Encrypted ({format}): its structure cannot be checked. Every byte was read.",
	},
	"verify.encrypted_name": {
		"名前から暗号化されたファイルと判断しました。中身の構造は検証できません。全バイトの読み取りまで済んでいます。",
		"Encrypted, by its name: its structure cannot be checked. Every byte was read.",
	},
	"verify.dictionary": {
		"展開に別の辞書ファイルが必要なため、中身の構造は検証できません。全バイトの読み取りまで済んでいます。",
		"It needs a separate dictionary to unpack: its structure cannot be checked. Every byte was read.",
	},
	"verify.version": {
		"{format}の版{version}には対応していないため、中身の構造は検証できません。全バイトの読み取りまで済んでいます。",
		"Version {version} of {format} is not known: its structure cannot be checked. Every byte was read.",
	},
	"verify.unsupported": {
		"{format}形式の中身の検証には対応していません。全バイトの読み取りまで済んでいます。",
		"The structure of {format} files is not checked. Every byte was read.",
	},
	"verify.unknown": {
		"形式がわからないため、中身の構造は検証できません。全バイトの読み取りまで済んでいます。",
		"The format is not known: its structure cannot be checked. Every byte was read.",
	},
}
