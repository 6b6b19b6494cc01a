package backup

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/backup/rules"
)

// levelWords are the levels of proof, V0 to V5, as people say them.
var levelWords = [...][2]string{{"申告", "reported"}, {"存在", "present"}, {"外形", "shape"}, {"照合", "matched"}, {"通読", "read"}, {"構造", "structure"}}

// LevelWord is a level of proof in the reader's language, "" where nothing is proved.
func LevelWord(n int, lang string) string {
	switch {
	case n < 0 || n >= len(levelWords):
		return ""
	case lang == "en":
		return levelWords[n][1]
	}
	return levelWords[n][0]
}

// Copy is what came of one occurrence: how far it is proved, and how large it is.
type Copy struct {
	TenantID     int64
	OccurrenceID int64
	Level        *int
	Bytes        *int64
}

// Size is the copy's size in words, "" where it is not known.
func (c Copy) Size() string {
	if c.Bytes == nil {
		return ""
	}
	return rules.FormatBytes(*c.Bytes)
}

// Copies gives the newest run of each of some occurrences, by occurrence, in one statement. Jobs only.
func Copies(_ context.Context, tx *tenants.Tx, towns, occurrences []int64) (map[int64]Copy, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return nil, err
	}
	var list []Copy
	err := tx.DB.Raw(`SELECT r.tenant_id, r.occurrence_id, r.level, coalesce(r.file_bytes, r.said_bytes) AS bytes
		FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) x (town, id)
		CROSS JOIN LATERAL (SELECT * FROM run r WHERE r.tenant_id = x.town AND r.occurrence_id = x.id ORDER BY r.id DESC LIMIT 1) r`,
		map[string]any{"towns": &towns, "ids": &occurrences}).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the copies of %d occurrences: %w", len(occurrences), err)
	}
	out := make(map[int64]Copy, len(list))
	for _, c := range list {
		out[c.OccurrenceID] = c
	}
	return out, nil
}
