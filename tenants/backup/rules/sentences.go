package rules

// Sentences holds, for every code of this package, the sentence in Japanese
// and in English. A {name} stands for the parameter of that name.
var Sentences = map[string][2]string{
	"rules.zero": {
		"ファイルの大きさが0バイトです。",
		"The file is empty (0 bytes).",
	},
	"rules.below_min": {
		"{now}しかありません。計画で定めた下限は{limit}です。",
		"Only {now}; the plan asks for at least {limit}.",
	},
	"rules.above_max": {
		"{now}あります。計画で定めた上限は{limit}です。",
		"{now}; the plan allows at most {limit}.",
	},
	"rules.shrunk": {
		"昨夜の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}の半分に達していません。",
		"{now} against {previous} last night ({percent} %); less than half of the median {median} of the last {runs} runs.",
	},
	"rules.shrunk_before": {
		"前回の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}の半分に達していません。",
		"{now} against {previous} the time before ({percent} %); less than half of the median {median} of the last {runs} runs.",
	},
	"rules.smaller": {
		"昨夜の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}より目立って小さくなっています。",
		"{now} against {previous} last night ({percent} %); clearly smaller than the median {median} of the last {runs} runs.",
	},
	"rules.smaller_before": {
		"前回の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}より目立って小さくなっています。",
		"{now} against {previous} the time before ({percent} %); clearly smaller than the median {median} of the last {runs} runs.",
	},
	"rules.larger": {
		"昨夜の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}より目立って大きくなっています。",
		"{now} against {previous} last night ({percent} %); clearly larger than the median {median} of the last {runs} runs.",
	},
	"rules.larger_before": {
		"前回の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}より目立って大きくなっています。",
		"{now} against {previous} the time before ({percent} %); clearly larger than the median {median} of the last {runs} runs.",
	},
	"rules.grown": {
		"昨夜の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}の5倍を超えています。",
		"{now} against {previous} last night ({percent} %); more than five times the median {median} of the last {runs} runs.",
	},
	"rules.grown_before": {
		"前回の{previous}に対し{now}（{percent} %）。直近{runs}回の中央値{median}の5倍を超えています。",
		"{now} against {previous} the time before ({percent} %); more than five times the median {median} of the last {runs} runs.",
	},
	"rules.stale": {
		"昨夜と1バイトも違いません（SHA-256 {sha256}…）。元のデータが更新されていないおそれがあります。",
		"Identical to last night to the byte (SHA-256 {sha256}…); the source may not have been updated.",
	},
	"rules.stale_before": {
		"前回と1バイトも違いません（SHA-256 {sha256}…）。元のデータが更新されていないおそれがあります。",
		"Identical to the time before to the byte (SHA-256 {sha256}…); the source may not have been updated.",
	},
	"rules.too_fast": {
		"所要時間{now}は、ふだんの{median}に比べて短すぎます。途中で終わっていないか確かめてください。",
		"Took {now}, suspiciously fast against the usual {median}; check that it did not stop half-way.",
	},
	"rules.too_slow": {
		"所要時間{now}は、ふだんの{median}に比べて長くなっています。",
		"Took {now}, clearly longer than the usual {median}.",
	},
	"rules.provisional": {
		"比べる実績が{runs}回分しかないため、仮の判定です（{needed}回分から本判定）。",
		"Provisional: only {runs} good runs to compare with ({needed} needed).",
	},
}
