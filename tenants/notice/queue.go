package notice

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tanamori/tenants"
)

// Queue is QueueMany for one message.
func Queue(ctx context.Context, tx *tenants.Tx, m Message) (int64, error) {
	ids, err := QueueMany(ctx, tx, []Message{m})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// The insert is in the order of (town, dedup), so that two transactions with the same messages wait for each other
// rather than block each other. What a message lists besides its lead goes with it.
const queueSQL = `
WITH made AS (
INSERT INTO notice (tenant_id, dedup, kind, about, about_id, channel, to_post, to_name, to_address, subject, body_text, body_html,
	link_for, message_id, state, queued_at, next_at)
SELECT town, dedup, kind, about, about_id, 'mail', to_post, to_name, to_address, subject, body_text, body_html,
	NULLIF(link_for, ''), message_id, 'queued', CAST(@now AS timestamptz), CAST(@now AS timestamptz)
FROM unnest(CAST(@towns AS bigint[]), CAST(@dedups AS text[]), CAST(@kinds AS text[]), CAST(@abouts AS text[]), CAST(@about_ids AS bigint[]),
	CAST(@posts AS text[]), CAST(@names AS text[]), CAST(@addresses AS text[]), CAST(@subjects AS text[]), CAST(@texts AS text[]),
	CAST(@htmls AS text[]), CAST(@links AS text[]), CAST(@message_ids AS text[]))
	AS m (town, dedup, kind, about, about_id, to_post, to_name, to_address, subject, body_text, body_html, link_for, message_id)
ORDER BY town, dedup
ON CONFLICT ON CONSTRAINT notice_dedup DO NOTHING
RETURNING tenant_id, dedup, id
), also AS (
INSERT INTO notice_also (tenant_id, notice_id, n, about_id)
SELECT m.tenant_id, m.id, a.n, a.about_id
FROM unnest(CAST(@also_towns AS bigint[]), CAST(@also_dedups AS text[]), CAST(@also_ns AS integer[]), CAST(@also_ids AS bigint[]))
	AS a (town, dedup, n, about_id)
JOIN made m ON m.tenant_id = a.town AND m.dedup = a.dedup
)
SELECT tenant_id, dedup, id FROM made`

const queuedSQL = `
SELECT n.tenant_id, n.dedup, n.id
FROM unnest(CAST(@towns AS bigint[]), CAST(@dedups AS text[])) AS m (town, dedup)
JOIN notice n ON n.tenant_id = m.town AND n.dedup = m.dedup`

// QueueMany queues messages, one statement for all of them, and gives their ids in order. A message whose dedup the
// town already has is not queued again; its id is that of the first.
func QueueMany(ctx context.Context, tx *tenants.Tx, messages []Message) ([]int64, error) {
	ids, _, err := QueueNew(ctx, tx, messages)
	return ids, err
}

// QueueNew is QueueMany for whoever has to know which of the messages are new: the others were queued before, and say what was
// to be said then.
func QueueNew(_ context.Context, tx *tenants.Tx, messages []Message) (ids []int64, fresh []bool, err error) {
	if len(messages) == 0 {
		return nil, nil, nil
	}
	var towns, aboutIDs []int64
	var dedups, kinds, abouts, posts, names, addresses, subjects, texts, htmls, links, messageIDs []string
	var alsoTowns, alsoIDs []int64
	var alsoDedups []string
	var alsoNs []int32
	for _, m := range messages {
		for n, id := range m.Also {
			alsoTowns, alsoDedups = append(alsoTowns, m.Town), append(alsoDedups, m.Dedup)
			alsoNs, alsoIDs = append(alsoNs, int32(n+2)), append(alsoIDs, id)
		}
		towns, aboutIDs = append(towns, m.Town), append(aboutIDs, m.AboutID)
		dedups, kinds, abouts = append(dedups, m.Dedup), append(kinds, m.Kind), append(abouts, m.About)
		posts, names, addresses = append(posts, m.ToPost), append(names, m.ToName), append(addresses, m.ToAddress)
		subjects, texts, htmls = append(subjects, m.Subject), append(texts, m.Text), append(htmls, m.HTML)
		links, messageIDs = append(links, m.LinkFor), append(messageIDs, uuid.NewString()+"@tanamori")
	}
	if err := within(tx, towns...); err != nil {
		return nil, nil, err
	}
	type key struct {
		town  int64
		dedup string
	}
	var found []struct {
		TenantID, ID int64
		Dedup        string
	}
	// Pointers, because GORM takes a bare slice for a list of values.
	args := map[string]any{"now": tx.Now, "towns": &towns, "dedups": &dedups, "kinds": &kinds, "abouts": &abouts, "about_ids": &aboutIDs,
		"posts": &posts, "names": &names, "addresses": &addresses, "subjects": &subjects, "texts": &texts, "htmls": &htmls,
		"links": &links, "message_ids": &messageIDs, "also_towns": &alsoTowns, "also_dedups": &alsoDedups, "also_ns": &alsoNs, "also_ids": &alsoIDs}
	if err := tx.DB.Raw(queueSQL, args).Scan(&found).Error; err != nil {
		return nil, nil, fmt.Errorf("queue %d notices: %w", len(messages), err)
	}
	byKey, made := make(map[key]int64, len(messages)), make(map[key]bool, len(messages))
	for _, f := range found {
		byKey[key{f.TenantID, f.Dedup}], made[key{f.TenantID, f.Dedup}] = f.ID, true
	}
	if len(byKey) < len(messages) { // some stood already, or stand twice in this list
		found = nil
		if err := tx.DB.Raw(queuedSQL, map[string]any{"towns": &towns, "dedups": &dedups}).Scan(&found).Error; err != nil {
			return nil, nil, fmt.Errorf("find notices already queued: %w", err)
		}
		for _, f := range found {
			byKey[key{f.TenantID, f.Dedup}] = f.ID
		}
	}
	ids, fresh = make([]int64, len(messages)), make([]bool, len(messages))
	for i, m := range messages {
		id, ok := byKey[key{m.Town, m.Dedup}]
		if !ok {
			return nil, nil, fmt.Errorf("queue notice %q of town %d: neither new nor there", m.Dedup, m.Town)
		}
		ids[i], fresh[i] = id, made[key{m.Town, m.Dedup}]
	}
	return ids, fresh, tx.Wake(tenants.WakeDeliver, 0)
}
