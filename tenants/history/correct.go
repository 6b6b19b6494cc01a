package history

import (
	"context"
	"strconv"

	"tanamori/tenants"
	"tanamori/tenants/correction"
)

// correctable is for how many days a review may be corrected: until the yearly audit of it.
const correctable = 400

// Which days a review covers, and how many lines they had, is what the next reviews build on: who looked through other days
// records another review.
var _ = correction.Register(correction.Ledger{Table: "log_review", Ja: "操作履歴の確認", En: "review of the operation log", Recorded: "at",
	About: `t.from_on || '〜' || t.to_on`, Read: tenants.ReviewLog, Act: tenants.ReviewLog, Approve: tenants.ReviewLog, Days: correctable, Check: checkReview,
	Fields: []correction.Field{
		{Name: "found", Ja: "結果", En: "Result", Kind: correction.Choice, Options: []correction.Option{
			{Value: "false", Ja: "異常なし", En: "Nothing out of order"}, {Value: "true", Ja: "異常あり", En: "Something was out of order"}}},
		{Name: "findings", Ja: "見つかったこと", En: "Findings", Kind: correction.Text, Longest: 2000},
		{Name: "measures", Ja: "対応", En: "What was done", Kind: correction.Text, Longest: 2000},
	}})

func checkReview(_ context.Context, _ *tenants.Tx, r correction.Record, v *tenants.Invalid) error {
	said(v, r.Now["found"] == "true", r.Now["findings"], r.Now["measures"])
	return nil
}

// said holds that a review which found something says what, and what was done.
func said(v *tenants.Invalid, found bool, findings, measures string) {
	if found && findings == "" {
		v.Add("findings", "何が見つかったかを書いてください。", "Say what was found.")
	}
	if found && measures == "" {
		v.Add("measures", "どう対応したかを書いてください。", "Say what was done about it.")
	}
}

// withCorrections lays what was corrected over reviews.
func withCorrections(tx *tenants.Tx, rows []Review) error {
	return correction.Over(tx, "log_review", rows, func(r *Review) (int64, int64) { return r.TenantID, r.ID }, func(r *Review, h correction.History) {
		r.Corrections = h
		found := strconv.FormatBool(r.Found)
		h.Text("found", &found)
		r.Found = found == "true"
		h.Text("findings", &r.Findings)
		h.Text("measures", &r.Measures)
	})
}
