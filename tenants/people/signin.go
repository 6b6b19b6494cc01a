package people

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"tanamori/tenants"
)

// SignIn finds whom a login and a password belong to and what they may do today. It runs in the gate's transaction. A
// login that is not there, a wrong password and a disabled person get the same words after the same work.
func SignIn(ctx context.Context, tx *tenants.Tx, login, password string) (tenants.Actor, error) {
	var found []struct {
		TenantID, ID int64
		PasswordHash string
		Disabled     bool
	}
	err := tx.DB.Raw(`SELECT tenant_id, id, password_hash, disabled_at IS NOT NULL AS disabled FROM person WHERE login = ?`, plainLogin(login)).
		Scan(&found).Error
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("sign in: %w", err)
	}
	hash := nobody
	if len(found) == 1 && !found[0].Disabled {
		hash = found[0].PasswordHash
	}
	same, err := matches(ctx, password, hash)
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("sign in: %w", err)
	}
	if !same {
		return tenants.Actor{}, tenants.Unauthenticated("ログイン名かパスワードが違います。", "The login or the password is wrong.")
	}
	actor, err := Load(ctx, tx, found[0].TenantID, found[0].ID)
	if err != nil {
		return tenants.Actor{}, err
	}
	gate := tx.Actor
	actor.RequestID, actor.Remote = gate.RequestID, gate.Remote
	tx.Actor = actor // the line is the person's, in the gate's transaction
	err = tx.Record(tenants.Line{Town: actor.TenantID, Act: tenants.SignIn, Object: "person", ObjectID: actor.PersonID})
	tx.Actor = gate
	return actor, err
}

// plainLogin is a login as it is kept, whatever the keyboard was set to.
func plainLogin(typed string) string {
	if len(typed) > 4*64 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(strings.ReplaceAll(typed, "\x00", ""), ""))))
}

// Mark is what a session keeps of the password it was opened with: Load refuses the session once the password is another
// one. It runs in the gate's transaction.
func Mark(_ context.Context, tx *tenants.Tx, tenantID, personID int64) (string, error) {
	var hash string
	err := tx.DB.Raw(`SELECT password_hash FROM person WHERE tenant_id = ? AND id = ?`, tenantID, personID).Take(&hash).Error
	if err != nil {
		return "", fmt.Errorf("mark the session of person %d: %w", personID, err)
	}
	return markOf(hash), nil
}

func markOf(hash string) string {
	sum := sha256.Sum256([]byte(hash))
	return hex.EncodeToString(sum[:8])
}

// Load is who a person is at this moment: their posts of today in their town's zone, and the towns these let them see.
// A post at the host lets them see the whole consortium, its former towns too; without one it is their own town. Who is
// disabled, holds no post today or belongs to a town that left is not let in. It runs in the gate's transaction, at
// every request, in one query. With a mark it also asks that the password is still the one of the mark.
func Load(_ context.Context, tx *tenants.Tx, tenantID, personID int64, mark ...string) (tenants.Actor, error) {
	var p struct {
		ConsortiumID        int64
		Kind, Name, Lang    string
		PasswordHash        string
		Disabled, HasLeft   bool
		Posts, Title, Towns string
	}
	err := tx.DB.Raw(`
		SELECT t.consortium_id, t.kind, p.name, p.lang, p.password_hash, p.disabled_at IS NOT NULL AS disabled,
			coalesce(t.left_on <= d.today, false) AS has_left,
			coalesce(o.posts, '') AS posts, coalesce(o.title, '') AS title,
			CASE WHEN t.kind = 'host' THEN (SELECT string_agg(c.id::text, ',' ORDER BY c.kind, c.code) FROM tenant c WHERE c.consortium_id = t.consortium_id)
				ELSE '' END AS towns
		FROM person p JOIN tenant t ON t.id = p.tenant_id
		CROSS JOIN LATERAL (SELECT (CAST(@now AS timestamptz) AT TIME ZONE t.zone)::date AS today) d
		CROSS JOIN LATERAL (
			SELECT string_agg(o.kind, ',' ORDER BY r.rank, o.id) AS posts, (array_agg(o.title ORDER BY r.rank, o.id))[1] AS title
			FROM post o JOIN unnest(ARRAY['host_admin', 'operator', 'facility', 'auditor', 'town']) WITH ORDINALITY r(kind, rank) ON r.kind = o.kind
			WHERE o.tenant_id = p.tenant_id AND o.person_id = p.id AND o.from_on <= d.today AND (o.until_on IS NULL OR o.until_on >= d.today)
				AND (t.kind = 'host' OR o.kind = 'town')) o
		WHERE p.tenant_id = @town AND p.id = @person`,
		map[string]any{"now": tx.Now, "town": tenantID, "person": personID}).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return tenants.Actor{}, signInAgain()
	}
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("load person %d: %w", personID, err)
	}
	if p.Disabled || len(mark) > 0 && subtle.ConstantTimeCompare([]byte(mark[0]), []byte(markOf(p.PasswordHash))) == 0 {
		return tenants.Actor{}, signInAgain()
	}
	if p.Posts == "" || p.HasLeft {
		return tenants.Actor{}, tenants.Unauthenticated("現在の職が登録されていません。受託町の戸籍データ等管理者へお問い合わせください。",
			"No post of yours is on record for today. Please ask the host town's koseki data manager.")
	}
	a := tenants.Actor{Consortium: p.ConsortiumID, TenantID: tenantID, PersonID: personID, Name: p.Name, Title: p.Title, Lang: p.Lang,
		Towns: []int64{tenantID}, RequestID: tx.Actor.RequestID, Remote: tx.Actor.Remote}
	for kind := range strings.SplitSeq(p.Posts, ",") {
		if !slices.Contains(a.Posts, tenants.Post(kind)) {
			a.Posts = append(a.Posts, tenants.Post(kind))
		}
	}
	if a = tenants.Person(a); !a.IsHost() {
		return a, nil
	}
	a.Towns = nil
	for id := range strings.SplitSeq(p.Towns, ",") {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return tenants.Actor{}, fmt.Errorf("load person %d: %w", personID, err)
		}
		a.Towns = append(a.Towns, n)
	}
	return a, nil
}

func signInAgain() error {
	return tenants.Unauthenticated("もう一度サインインしてください。", "Please sign in again.")
}
