package store

// Sentences holds, for every code of this package, the sentence in Japanese
// and in English. A {name} stands for the parameter of that name.
var Sentences = map[string][2]string{
	"store.not_found": {
		"バックアップファイル「{name}」が保管先にありません。",
		"The backup file “{name}” is not in the store.",
	},
	"store.outside": {
		"「{name}」は保管先の外を指しています。開いていません。",
		"“{name}” leads out of the store; it was not opened.",
	},
	"store.not_regular": {
		"「{name}」は通常のファイルではありません。開いていません。",
		"“{name}” is not a regular file; it was not opened.",
	},
	"store.not_regular_fifo": {
		"「{name}」はファイルではなく名前付きパイプ（FIFO）です。開いていません。",
		"“{name}” is a named pipe (FIFO), not a file; it was not opened.",
	},
	"store.not_regular_directory": {
		"「{name}」はファイルではなくフォルダーです。",
		"“{name}” is a directory, not a file.",
	},
	"store.not_regular_device": {
		"「{name}」はファイルではなくデバイスです。開いていません。",
		"“{name}” is a device, not a file; it was not opened.",
	},
	"store.not_regular_socket": {
		"「{name}」はファイルではなくソケットです。開いていません。",
		"“{name}” is a socket, not a file; it was not opened.",
	},
	"store.unreachable": {
		"保管先に接続できません（対象「{name}」）。回線と保管先のサーバを確かめてください。",
		"The store cannot be reached (for “{name}”); check the line and the storage server.",
	},
	"store.denied": {
		"「{name}」を読む権限がありません。",
		"No permission to read “{name}”.",
	},
	"store.changed": {
		"「{name}」は読んでいる間に書き換えられました。バックアップがまだ終わっていないおそれがあります。",
		"“{name}” changed while it was being read; the backup may still be running.",
	},
	"store.too_many": {
		"「{name}」に当てはまるファイルが多すぎます。",
		"Too many files match “{name}”.",
	},
	"store.elsewhere": {
		"保管先の位置が、このサーバで許可されたフォルダー（TANAMORI_STORE_ROOTS）の中にありません。開いていません。",
		"The store's folder is not below those that this server allows (TANAMORI_STORE_ROOTS); it was not opened.",
	},
	"store.sidecar": {
		"照合用ファイル「{name}」を読み取れません。このバックアップのSHA-256が正しい書式で書かれていません。",
		"The checksum file “{name}” cannot be used; it does not hold the SHA-256 of this backup in a known form.",
	},

	"store.pattern_empty": {
		"ファイル名を入力してください。",
		"Enter a file name.",
	},
	"store.pattern_long": {
		"{what}バイト以内で入力してください。",
		"Must not be longer than {what} bytes.",
	},
	"store.pattern_control": {
		"使えない文字（制御文字など）が含まれています。",
		"Holds characters that cannot be used (such as control characters).",
	},
	"store.pattern_backslash": {
		"フォルダーの区切りには「/」を使ってください（「{what}」は使えません）。",
		"Separate folders with “/”; “{what}” cannot be used.",
	},
	"store.pattern_absolute": {
		"保管先の中の位置で入力してください（「/」やドライブ名で始めることはできません）。",
		"Give the place inside the store; it cannot begin with “/” or a drive.",
	},
	"store.pattern_parent": {
		"「{what}」は使えません。保管先の外は指定できません。",
		"“{what}” cannot be used; the pattern must stay inside the store.",
	},
	"store.pattern_element": {
		"「//」「.」や末尾の「/」は使えません。",
		"“//”, “.” and a trailing “/” cannot be used.",
	},
	"store.pattern_wild": {
		"「*」「?」を使えるのは{what}階層までです。",
		"“*” and “?” can be used in at most {what} levels.",
	},
	"store.pattern_brace": {
		"「{what}」の対応が取れていません。",
		"Unbalanced “{what}”.",
	},
	"store.pattern_unknown": {
		"「{what}」は使えません。使えるのは {YYYY} {YY} {MM} {DD} {hh} {mm} と {night:YYYYMMDD} です。",
		"“{what}” is not known; use {YYYY} {YY} {MM} {DD} {hh} {mm} or {night:YYYYMMDD}.",
	},
}
