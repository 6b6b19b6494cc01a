package custody

import (
	"context"
	"fmt"
	"html"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
)

// TakeIn hands at most limit changes on to the duties that they fulfil. Jobs only: evidence has one way in.
func TakeIn(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var taken []struct {
		TenantID, ID int64
		DutyID       *int64
		RecordedAt   time.Time
	}
	err := tx.DB.Raw(`SELECT e.tenant_id, e.id, c.duty_id, e.recorded_at FROM credential_event e JOIN credential c ON c.tenant_id = e.tenant_id AND c.id = e.credential_id
		WHERE e.kind = 'changed' AND e.taken_at IS NULL ORDER BY e.id LIMIT @limit FOR UPDATE OF e SKIP LOCKED`, map[string]any{"limit": limit}).Scan(&taken).Error
	if err != nil {
		return 0, fmt.Errorf("claim changed passwords: %w", err)
	}
	told, err := tell(ctx, tx)
	if err != nil || len(taken) == 0 {
		return told, err
	}
	var proofs []duty.Attestation
	var towns, ids []int64
	for _, t := range taken {
		towns, ids = append(towns, t.TenantID), append(ids, t.ID)
		if t.DutyID != nil {
			proofs = append(proofs, duty.Attestation{Town: t.TenantID, DutyID: *t.DutyID, Kind: duty.Good, At: t.RecordedAt, Reason: tenants.Reason{Code: "custody.changed"}})
		}
	}
	if _, err := duty.Attest(ctx, tx, proofs); err != nil {
		return 0, err
	}
	err = tx.DB.Exec(`UPDATE credential_event e SET taken_at = @now FROM unnest(CAST(@towns AS bigint[]), CAST(@ids AS bigint[])) k (town, id)
		WHERE e.tenant_id = k.town AND e.id = k.id`, map[string]any{"now": tx.Now, "towns": &towns, "ids": &ids}).Error
	if err != nil {
		return 0, fmt.Errorf("mark changed passwords taken in: %w", err)
	}
	return len(taken) + told, nil
}

// tell opens an incident where the management password has been used, and writes to every contact of the host at once, whoever
// else the ladder calls later. It ends when the password was set anew.
func tell(ctx context.Context, tx *tenants.Tx) (int, error) {
	var rows []struct {
		TenantID, CredentialID      int64
		Spent                       bool
		Person, By, Witness, Reason string
	}
	err := tx.DB.Raw(`SELECT m.tenant_id, m.credential_id, m.spent_at IS NOT NULL AS spent, coalesce(e.person, '') AS person, coalesce(e.by_text, '') AS by,
			coalesce(e.second_text, '') AS witness, coalesce(e.reason, '') AS reason
		FROM management_password m LEFT JOIN LATERAL (SELECT * FROM password_event e WHERE e.tenant_id = m.tenant_id AND e.kind = 'restored' AND e.at = m.spent_at
			ORDER BY e.id DESC LIMIT 1) e ON true
		WHERE (m.spent_at IS NULL) <> (m.told_at IS NULL) ORDER BY m.tenant_id LIMIT 50 FOR UPDATE OF m SKIP LOCKED`).Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("look for used management passwords: %w", err)
	}
	for _, r := range rows {
		mark := any(nil)
		if r.Spent {
			mark = tx.Now
			reason := tenants.Reason{Code: "custody.unsealed", Params: tenants.Params{"person": r.Person, "by": r.By, "witness": r.Witness, "reason": r.Reason}}
			_, err := incident.OpenMany(ctx, tx, []incident.OpenInput{{Town: r.TenantID, Cause: unsealedCause, About: Kind, AboutID: r.CredentialID, Subject: managementName,
				Severity: incident.Critical, Reason: reason}})
			if err != nil {
				return 0, err
			}
			if err := tellAll(ctx, tx, r.TenantID, r.CredentialID, reason.In("ja"), reason.In("en")); err != nil {
				return 0, err
			}
		} else if err := incident.ResolveMany(ctx, tx, []incident.Resolution{{Town: r.TenantID, Cause: unsealedCause, Reason: tenants.Reason{Code: "custody.sealed"}}}); err != nil {
			return 0, err
		}
		if err := tx.DB.Exec(`UPDATE management_password SET told_at = ? WHERE tenant_id = ?`, mark, r.TenantID).Error; err != nil {
			return 0, fmt.Errorf("mark a used management password told: %w", err)
		}
	}
	return len(rows), nil
}

const unsealedCause = "custody:unsealed"

// tellAll queues a letter to each of the host's contacts.
func tellAll(ctx context.Context, tx *tenants.Tx, host, about int64, ja, en string) error {
	var to []struct {
		ID               int64
		Post, Name, Mail string
	}
	err := tx.DB.Raw(`SELECT id, post, name, mail FROM contact WHERE tenant_id = ? AND retired_at IS NULL AND mail <> '' ORDER BY position, id`, host).Scan(&to).Error
	if err != nil {
		return fmt.Errorf("look for whom to tell: %w", err)
	}
	var letters []notice.Message
	for _, c := range to {
		text := fmt.Sprintf("%s %s 様\n\n%s。\n\n身に覚えがないときは、すぐに受託町の管理者どうしで確かめてください。管理パスワードは使用済みです。新しく設定して封入してください：\n{{base}}/settings/custody\n\n（このメールへの返答は要りません。棚守）\n\nEnglish: %s. Set a new one and seal it, by the link above.\n", c.Post, c.Name, ja, en)
		letters = append(letters, notice.Message{Town: host, Dedup: fmt.Sprintf("unsealed:%s:%d", tx.Now.UTC().Format(time.RFC3339Nano), c.ID), Kind: notice.Reminded, About: Kind, AboutID: about,
			ToPost: c.Post, ToName: c.Name, ToAddress: c.Mail, Subject: "【棚守】管理パスワードが使われました", Text: text,
			HTML: `<!doctype html><html lang="ja"><body><pre style="font-family:sans-serif;white-space:pre-wrap">` + html.EscapeString(text) + `</pre></body></html>`})
	}
	_, err = notice.QueueMany(ctx, tx, letters)
	return err
}
