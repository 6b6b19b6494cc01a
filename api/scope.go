package api

import (
	"encoding/base64"
	"time"

	"tanamori/tenants"
)

// tokyo is by whose calendar a day is meant where a list goes over several towns.
var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// base64File is a file as it stands in a JSON body.
func base64File(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		var v tenants.Invalid
		v.Add("csv", "ファイルの中身をBase64で指定してください。", "Give the file in base64.")
		return nil, v.Err()
	}
	return raw, nil
}

// scopeFrom is a scope (事務の範囲) as it was sent.
func scopeFrom(acts []string, towns []int64) tenants.Scope {
	return tenants.Scope{Acts: each(acts, func(a string) tenants.Act { return tenants.Act(a) }), Towns: towns}
}

// words are acts as programs read them; none is an empty list.
func words(acts []tenants.Act) []string {
	return each(acts, func(a tenants.Act) string { return string(a) })
}

func ids(list []int64) []int64 { return append([]int64{}, list...) }
