package people

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"tanamori/tenants"
)

// Way is how somebody proved who they are.
type Way string

// The ways to sign in.
const (
	ByPassword Way = "password"
	ByTOTP     Way = "totp"     // password and authenticator app
	ByRecovery Way = "recovery" // password and recovery code
	ByPasskey  Way = "passkey"
	BySSO      Way = "sso" // OpenID Connect, whatever the provider asked for

	BySSOStrong   Way = "sso_strong" // … which has said that it asked for what is required
	BySSOTOTP     Way = "sso_totp"   // … and an authenticator app here
	BySSORecovery Way = "sso_recovery"
)

// factor tells whether a second factor was shown.
func (w Way) factor() bool {
	return w == ByTOTP || w == ByPasskey || w == BySSOStrong || w == BySSOTOTP
}

// After is the way of somebody who has passed the first step by single sign-on and the second in this way.
func (w Way) After() Way {
	return map[Way]Way{ByTOTP: BySSOTOTP, ByRecovery: BySSORecovery}[w]
}

// Use is one use of the console, from sign-in to sign-out (使用の記録).
type Use struct {
	TenantID, ID, PersonID int64
	Name, Login            string
	Way                    Way
	BeganAt, SeenAt        time.Time
	Remote, Agent          string
	OffHours               bool       // outside the organisation's working hours
	EndedAt                *time.Time // as written, or when it ended by itself
	EndedWhy               string     // signed_out, idle, whole, revoked, password
	EndedBy                string
}

// sureFor is for how long after proving who they are somebody may do what is sensitive; a form that was opened within it
// is taken for slackFor.
const (
	sureFor  = 10 * time.Minute
	slackFor = 30 * time.Minute
	// touchEvery is how often the last use is written down at most.
	touchEvery = 30 * time.Second
)

// Enter begins a use of the console: whoever it is has proved who they are, in this way. It runs in the gate's transaction.
func Enter(ctx context.Context, tx *tenants.Tx, town, person int64, way Way, agent string) (tenants.Actor, error) {
	actor, err := Load(ctx, tx, town, person)
	if err != nil {
		return tenants.Actor{}, err
	}
	policy, zone, err := policyOf(tx, town)
	if err != nil {
		return tenants.Actor{}, err
	}
	agent = strings.ToValidUTF8(strings.ReplaceAll(agent, "\x00", ""), "")
	if r := []rune(agent); len(r) > 200 {
		agent = string(r[:200])
	}
	off := policy.offHours(tx.Now.In(zone))
	err = tx.DB.Raw(`INSERT INTO sign_in (tenant_id, person_id, way, began_at, seen_at, confirmed_at, factor_at, remote, agent, off_hours)
		VALUES (@town, @person, @way, @now, @now, @now, CASE WHEN @factor THEN CAST(@now AS timestamptz) END, @remote, @agent, @off) RETURNING id`,
		map[string]any{"factor": way.factor(), "town": town, "person": person, "way": way, "now": tx.Now, "remote": tx.Actor.Remote, "agent": agent, "off": off}).Scan(&actor.SignIn).Error
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("begin the use of person %d: %w", person, err)
	}
	after := map[string]any{"way": way}
	if off {
		after["off_hours"] = true
	}
	return actor, asPerson(tx, actor, tenants.Line{Town: town, Act: tenants.SignIn, Object: "person", ObjectID: person, After: after})
}

// asPerson writes a line as the person's own, in the gate's transaction.
func asPerson(tx *tenants.Tx, actor tenants.Actor, line tenants.Line) error {
	gate := tx.Actor
	actor.RequestID, actor.Remote = gate.RequestID, gate.Remote
	tx.Actor = actor
	err := tx.Record(line)
	tx.Actor = gate
	return err
}

// Visit is how a request comes to a session.
type Visit struct {
	Passive bool // the page asked by itself: it does not count as use
	Writing bool // the form it sends was opened a while ago
}

// Resume is who a session belongs to and what they may do at this moment, if it is not over: signed out, ended by somebody,
// too long unused, or too old. It runs in the gate's transaction.
func Resume(ctx context.Context, tx *tenants.Tx, town, id int64, v Visit) (tenants.Actor, error) {
	var s struct {
		PersonID                     int64
		BeganAt, SeenAt, ConfirmedAt time.Time
		Ended                        bool
		IdleMinutes, WholeHours      int
		FactorAt                     *time.Time
		Issued, HasFactor, NeedsOne  bool
	}
	err := tx.DB.Raw(`SELECT s.person_id, s.began_at, s.seen_at, s.confirmed_at, s.factor_at, s.ended_at IS NOT NULL AS ended, p.issued AND s.way IN ('password', 'totp', 'recovery') AS issued,
			coalesce(y.idle_minutes, 10) AS idle_minutes, coalesce(y.whole_hours, 12) AS whole_hours,
			coalesce(y.second_factor, false) AND s.way IN ('password', 'recovery', 'sso', 'sso_recovery') AS needs_one,
			EXISTS (SELECT 1 FROM totp t WHERE t.tenant_id = s.tenant_id AND t.person_id = s.person_id)
				OR EXISTS (SELECT 1 FROM passkey k WHERE k.tenant_id = s.tenant_id AND k.person_id = s.person_id) AS has_factor
		FROM sign_in s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id LEFT JOIN sign_in_policy y ON y.tenant_id = s.tenant_id
		WHERE s.tenant_id = ? AND s.id = ?`, town, id).Take(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return tenants.Actor{}, signInAgain()
	}
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("resume sign-in %d: %w", id, err)
	}
	switch {
	case s.Ended:
		return tenants.Actor{}, signInAgain()
	case tx.Now.Sub(s.SeenAt) >= time.Duration(s.IdleMinutes)*time.Minute:
		return tenants.Actor{}, tenants.Unauthenticated(fmt.Sprintf("%d分間操作がなかったため、終了しました。もう一度サインインしてください。", s.IdleMinutes),
			fmt.Sprintf("The session ended after %d minutes without use. Please sign in again.", s.IdleMinutes))
	case tx.Now.Sub(s.BeganAt) >= time.Duration(s.WholeHours)*time.Hour:
		return tenants.Actor{}, tenants.Unauthenticated(fmt.Sprintf("サインインから%d時間たったため、終了しました。もう一度サインインしてください。", s.WholeHours),
			fmt.Sprintf("The session ended %d hours after it began. Please sign in again.", s.WholeHours))
	}
	actor, err := Load(ctx, tx, town, s.PersonID)
	if err != nil {
		return tenants.Actor{}, err
	}
	actor.SignIn = id
	sure := sureFor
	if v.Writing {
		sure = slackFor
	}
	actor.Stale = tx.Now.Sub(s.ConfirmedAt) >= sure
	actor.NoFactor = s.HasFactor && (s.FactorAt == nil || tx.Now.Sub(*s.FactorAt) >= sure)
	switch {
	case s.Issued:
		actor.Owes = tenants.OwesPassword
	case s.NeedsOne && !s.HasFactor:
		actor.Owes = tenants.OwesFactor
	}
	idle, whole := time.Duration(s.IdleMinutes)*time.Minute, s.BeganAt.Add(time.Duration(s.WholeHours)*time.Hour)
	actor.Until = earlier(s.SeenAt.Add(idle), whole)
	if v.Passive || tx.Now.Sub(s.SeenAt) < touchEvery {
		return actor, nil
	}
	actor.Until = earlier(tx.Now.Add(idle), whole)
	err = tx.DB.Exec(`UPDATE sign_in SET seen_at = greatest(seen_at, @now) WHERE tenant_id = @town AND id = @id`,
		map[string]any{"now": tx.Now, "town": town, "id": id}).Error
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("note the use of sign-in %d: %w", id, err)
	}
	return actor, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Confirm keeps that the actor has just proved once more who they are, and whether by their second factor too. It runs in the
// gate's transaction.
func Confirm(_ context.Context, tx *tenants.Tx, who tenants.Actor, factor bool) error {
	err := tx.DB.Exec(`UPDATE sign_in SET confirmed_at = @now, factor_at = CASE WHEN @factor THEN CAST(@now AS timestamptz) ELSE factor_at END, seen_at = greatest(seen_at, @now) WHERE tenant_id = @town AND id = @id AND ended_at IS NULL`,
		map[string]any{"now": tx.Now, "town": who.TenantID, "id": who.SignIn, "factor": factor}).Error
	if err != nil {
		return fmt.Errorf("confirm sign-in %d: %w", who.SignIn, err)
	}
	return asPerson(tx, who, tenants.Line{Town: who.TenantID, Act: tenants.SignIn, Object: "confirmation", ObjectID: who.PersonID})
}

// Leave ends the actor's own use of the console.
func Leave(_ context.Context, tx *tenants.Tx) error {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return err
	}
	if err := end(tx, tx.Actor.TenantID, tx.Actor.PersonID, "signed_out", `id = ?`, tx.Actor.SignIn); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.SignOut, Object: "person", ObjectID: tx.Actor.PersonID})
}

// end ends uses of a person that are not over; which is one of the constants of the callers.
func end(tx *tenants.Tx, town, person int64, why, which string, id int64) error {
	err := tx.DB.Exec(`UPDATE sign_in SET ended_at = ?, ended_why = ?, ended_by = ? WHERE tenant_id = ? AND person_id = ? AND ended_at IS NULL AND `+which,
		tx.Now, why, tx.Actor.Text(), town, person, id).Error
	if err != nil {
		return fmt.Errorf("end the uses of person %d: %w", person, err)
	}
	return nil
}

// OwnUses gives the actor's last uses of the console, the newest first.
func OwnUses(_ context.Context, tx *tenants.Tx, limit int) ([]Use, error) {
	if err := tx.Permit(tenants.OwnAccount, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	return uses(tx, useRows+` AND s.tenant_id = @town AND s.person_id = @person ORDER BY s.id DESC LIMIT @limit`,
		map[string]any{"town": tx.Actor.TenantID, "person": tx.Actor.PersonID, "limit": limit})
}

// Uses gives the last uses of the console by the people of the towns that the actor sees (使用者の記録), before the given id
// (0 for the newest), the newest first. offHours: only those outside working hours.
func Uses(_ context.Context, tx *tenants.Tx, town, before int64, offHours bool, limit int) ([]Use, error) {
	towns, err := tx.Reach(tenants.ReadSignIn)
	if town != 0 {
		towns, err = []int64{town}, tx.Permit(tenants.ReadSignIn, town)
	}
	if err != nil {
		return nil, err
	}
	rows := useRows
	if offHours {
		rows += ` AND s.off_hours`
	}
	return uses(tx, tenants.Newest(rows, "s", len(towns)), map[string]any{"towns": &towns, "before": before, "limit": limit})
}

// useRows are uses with when and why they ended, written down or by themselves.
const useRows = `SELECT s.tenant_id, s.id, s.person_id, p.name, p.login, s.way, s.began_at, s.seen_at, s.remote, s.agent, s.off_hours,
	coalesce(s.ended_at, CASE WHEN o.over_at <= CAST(@now AS timestamptz) THEN o.over_at END) AS ended_at,
	coalesce(s.ended_why, CASE WHEN o.over_at > CAST(@now AS timestamptz) THEN '' WHEN o.over_at = o.whole_at THEN 'whole' ELSE 'idle' END) AS ended_why,
	coalesce(s.ended_by, '') AS ended_by
FROM sign_in s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id LEFT JOIN sign_in_policy y ON y.tenant_id = s.tenant_id
CROSS JOIN LATERAL (SELECT s.began_at + make_interval(hours => coalesce(y.whole_hours, 12)) AS whole_at,
	least(s.seen_at + make_interval(mins => coalesce(y.idle_minutes, 10)), s.began_at + make_interval(hours => coalesce(y.whole_hours, 12))) AS over_at) o
WHERE true`

func uses(tx *tenants.Tx, statement string, args map[string]any) ([]Use, error) {
	args["now"] = tx.Now
	var found []Use
	if err := tx.DB.Raw(statement, args).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("list uses: %w", err)
	}
	return found, nil
}

// EndOwnUse ends one of the actor's own sessions, wherever it is open. Whoever does so has shown shortly before who they are:
// on a screen left open, others could else put its owner out everywhere.
func EndOwnUse(_ context.Context, tx *tenants.Tx, id int64) error {
	if err := own(tx); err != nil {
		return err
	}
	return revokeUse(tx, tenants.OwnAccount, tx.Actor.TenantID, id, tx.Actor.PersonID)
}

// EndUse ends somebody's session at once.
func EndUse(_ context.Context, tx *tenants.Tx, town, id int64) error {
	if err := tx.Permit(tenants.WriteSignIn, town); err != nil {
		return err
	}
	return revokeUse(tx, tenants.WriteSignIn, town, id, 0)
}

// revokeUse ends a session, of that person alone where one is given. One that is over stays as it is: what was asked for
// is so.
func revokeUse(tx *tenants.Tx, act tenants.Act, town, id, only int64) error {
	var person int64
	err := tx.DB.Raw(`SELECT person_id FROM sign_in WHERE tenant_id = @town AND id = @id AND (CAST(@only AS bigint) = 0 OR person_id = @only)`,
		map[string]any{"town": town, "id": id, "only": only}).Take(&person).Error
	if err != nil {
		return fmt.Errorf("end use %d: %w", id, err)
	}
	if err := end(tx, town, person, "revoked", `id = ?`, id); err != nil {
		return err
	}
	return tx.Record(tenants.Line{Town: town, Act: act, Object: "sign_in", ObjectID: id})
}

// EndOver writes down of at most limit uses that they ended by themselves, when and why, by what their organisation asks for now:
// what is written is settled and can be kept by volumes. Jobs only.
func EndOver(_ context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	res := tx.DB.Exec(`WITH over AS (
			SELECT s.tenant_id, s.id, o.over_at, CASE WHEN o.over_at = o.whole_at THEN 'whole' ELSE 'idle' END AS why
			FROM sign_in s LEFT JOIN sign_in_policy y ON y.tenant_id = s.tenant_id
			CROSS JOIN LATERAL (SELECT s.began_at + make_interval(hours => coalesce(y.whole_hours, 12)) AS whole_at,
				least(s.seen_at + make_interval(mins => coalesce(y.idle_minutes, 10)), s.began_at + make_interval(hours => coalesce(y.whole_hours, 12))) AS over_at) o
			WHERE s.ended_at IS NULL AND o.over_at <= CAST(@now AS timestamptz) ORDER BY s.tenant_id, s.id LIMIT @limit FOR UPDATE OF s SKIP LOCKED)
		UPDATE sign_in s SET ended_at = over.over_at, ended_why = over.why, ended_by = '' FROM over
		WHERE s.tenant_id = over.tenant_id AND s.id = over.id AND s.ended_at IS NULL`, map[string]any{"now": tx.Now, "limit": limit})
	if res.Error != nil {
		return 0, fmt.Errorf("write down uses that are over: %w", res.Error)
	}
	return int(res.RowsAffected), nil
}
