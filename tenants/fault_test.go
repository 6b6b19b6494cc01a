package tenants_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

func TestAsFaultTable(t *testing.T) {
	t.Parallel()
	require.Nil(t, tenants.AsFault(nil))
	pg := func(code, constraint string) error {
		return fmt.Errorf("act: %w", &pgconn.PgError{Code: code, ConstraintName: constraint})
	}
	for name, c := range map[string]struct {
		err  error
		kind tenants.Kind
	}{
		"a fault stays itself":           {fmt.Errorf("open rack: %w", tenants.Gone("使用済み", "used")), tenants.KindGone},
		"a forbidden act":                {tenants.Forbidden(tenants.Confirm), tenants.KindForbidden},
		"nobody signed in":               {tenants.Unauthenticated("ログインしてください。", "Sign in."), tenants.KindUnauthenticated},
		"no row":                         {fmt.Errorf("read: %w", gorm.ErrRecordNotFound), tenants.KindNotFound},
		"a known constraint":             {pg("23505", "plan_name"), tenants.KindInvalid},
		"a known foreign key":            {pg("23503", "duty_ladder"), tenants.KindInvalid},
		"an unknown constraint":          {pg("23505", "nobody_knows"), tenants.KindInternal},
		"permission denied":              {pg("42501", ""), tenants.KindInternal},
		"append-only":                    {pg("23001", ""), tenants.KindInternal},
		"serialization":                  {pg("40001", ""), tenants.KindConflict},
		"deadlock":                       {pg("40P01", ""), tenants.KindConflict},
		"lock not available":             {pg("55P03", ""), tenants.KindConflict},
		"admin shutdown":                 {pg("57P01", ""), tenants.KindUnavailable},
		"crash":                          {pg("57P02", ""), tenants.KindUnavailable},
		"starting up":                    {pg("57P03", ""), tenants.KindUnavailable},
		"too many connections":           {pg("53300", ""), tenants.KindUnavailable},
		"stood still in a transaction":   {pg("25P03", ""), tenants.KindUnavailable},
		"disk full":                      {pg("53100", ""), tenants.KindUnavailable},
		"connection lost":                {pg("08006", ""), tenants.KindUnavailable},
		"nobody answers":                 {fmt.Errorf("x: %w", &net.OpError{Op: "dial", Err: errors.New("refused")}), tenants.KindUnavailable},
		"the connection has ended":       {fmt.Errorf("x: %w", driver.ErrBadConn), tenants.KindUnavailable},
		"the transaction has ended":      {fmt.Errorf("x: %w", sql.ErrConnDone), tenants.KindUnavailable},
		"too slow":                       {fmt.Errorf("x: %w", context.DeadlineExceeded), tenants.KindUnavailable},
		"anything else":                  {errors.New("?"), tenants.KindInternal},
		"a statement that took too long": {pg("57014", ""), tenants.KindInternal},
	} {
		f := tenants.AsFault(c.err)
		require.Equal(t, c.kind, f.Kind, name)
		for _, lang := range []string{"ja", "en"} {
			require.NotEmpty(t, f.Message(lang), name)
			for _, x := range f.Fields {
				require.NotEmpty(t, x.Message(lang), name)
				require.NotEmpty(t, x.Field, name)
			}
		}
		require.NotContains(t, f.Ja+f.En, "nobody_knows", "a cause is for the log")
		require.Same(t, f, tenants.AsFault(fmt.Errorf("again: %w", f)))
		if c.kind != tenants.KindGone && c.kind != tenants.KindForbidden && c.kind != tenants.KindUnauthenticated {
			require.ErrorIs(t, f, errors.Unwrap(f), "the cause stays in the chain")
			require.Error(t, errors.Unwrap(f), name)
		}
	}
}

func TestAFullDiskIsCalledThat(t *testing.T) {
	t.Parallel()
	f := tenants.AsFault(fmt.Errorf("add server: %w", &pgconn.PgError{Code: "53100"}))
	require.Contains(t, f.Message("ja"), "ディスクがいっぱい")
	require.Contains(t, f.Message("en"), "disk is full")
}

func TestInvalidGathersEverything(t *testing.T) {
	t.Parallel()
	var v tenants.Invalid
	require.NoError(t, v.Err())
	v.Add("name", "名称を入力してください。", "Enter a name.")
	v.Add("cron", "実施時刻を入力してください。", "Enter a schedule.")
	f := tenants.AsFault(v.Err())
	require.Equal(t, tenants.KindInvalid, f.Kind)
	require.Len(t, f.Fields, 2)
	require.Equal(t, "Something in the input is wrong; see what is said of each field.; name: Enter a name.; cron: Enter a schedule.", f.Error())
}

// unhittable are the constraints that no input of a person can violate, or whose violation an act handles itself, each
// with the reason.
var unhittable = map[string]string{
	"tenant_ping_key":            "random, 131 bits",
	"record_kind_position_key":   "only migrations write it",
	"api_token_hash":             "of 256 random bits",
	"proposal_waiting_once":      "ON CONFLICT: the proposal that waits is given back",
	"person_subject_one":         "ON CONFLICT: whose it is stands",
	"password_event_two_persons": "the gate lets nobody be their own second person",
	"notice_dedup":               "ON CONFLICT: the message that stands is given back",
	"attempt_n":                  "counted under the claim",
	"incident_one_open":          "ON CONFLICT: the incident that stands is given back",
	"rung_position":              "counted under the incident's lock",
	"duty_about":                 "a ledger sets up one duty for each of its rows",
	"occurrence_period":          "ON CONFLICT: what is planned stays",
	"confirmation_once":          "ON CONFLICT: the first confirmation stays",
	"outage_from":                "ON CONFLICT: written once",
	"source_uuid":                "random",
	"source_slug_shape":          "checked before",
	"proposal_another_person":    "checked before",
	"run_rid":                    "check-ins are taken in by one transaction at a time, which looks first",
	"verification_once":          "counted under the claim",
	"volume_number":              "bound under the lock of its shelf",

	"observance_version":                   "counted under the lock of the host",
	"observance_acceptance_once":           "ON CONFLICT: what was accepted stays",
	"morning_reader_mail":                  "checked before; the list is replaced whole, under its lock",
	"tlog_form_columns":                    "ON CONFLICT: the form that stands is taken",
	"tlog_leaf_row":                        "gathered under the lock of the town's tree, which looks first",
	"tlog_finding_once":                    "ON CONFLICT: what was found stays",
	"vault_key_once":                       "ON CONFLICT: a key is registered once",
	"credential_event_corrected_elsewhere": "nothing writes such a line any more",
	"post_handed_over":                     "the hand-over writes both at once",
	"room_visit_number":                    "counted under the lock of the host",
	"room_visit_persons":                   "begins with the key",
	"room_decision_once":                   "decided under the lock of the application, which looks first",
	"room_exit_once":                       "written under the lock of the room, which looks first",
	"room_inside_entry":                    "an entry is made once",
	"room_review_once":                     "written under the lock of the room, which looks first",
}

const namedConstraints = `
SELECT conname::text AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('u', 'x')
UNION SELECT conname::text FROM pg_constraint c WHERE connamespace = 'public'::regnamespace AND contype = 'f'
	AND conname::text NOT LIKE conrelid::regclass::text || '\_%\_fkey%'
UNION SELECT conname::text FROM pg_constraint c WHERE connamespace = 'public'::regnamespace AND contype = 'c'
	AND conname::text NOT LIKE conrelid::regclass::text || '\_%check%' AND conname::text NOT LIKE conrelid::regclass::text || '\_check%'
UNION SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT i.indisprimary AND c.relname NOT LIKE 'goose%'`

func TestEveryConstraintHasItsWords(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	there := map[string]bool{}
	for _, row := range b.SQL(namedConstraints) {
		there[row["name"].(string)] = true
	}
	known := registered(t)
	for name, file := range known {
		require.True(t, there[name], "%s registers %s, which the database does not have", file, name)
		require.NotContains(t, unhittable, name, "it has its words")
		f := tenants.AsFault(&pgconn.PgError{Code: "23505", ConstraintName: name})
		require.Equal(t, tenants.KindInvalid, f.Kind, name)
		require.Len(t, f.Fields, 1)
		require.NotEmpty(t, f.Fields[0].Field)
		require.Regexp(t, `[ぁ-んァ-ヶ一-龠]`, f.Fields[0].Ja, name)
		require.Regexp(t, `^[ -~]+$`, f.Fields[0].En, name)
	}
	for name := range there {
		_, worded := known[name]
		_, excepted := unhittable[name]
		require.True(t, worded || excepted, "constraint %s: say what it means to the person who typed (tenants.Constraint), or here why nobody can hit it", name)
	}
}

// What GORM and pgx make of a violation still carries the constraint's name.
func TestAViolationBecomesAFieldFault(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	f := b.Fault(tenants.KindInvalid, b.Person(host, tenants.HostAdmin), func(_ context.Context, tx *tenants.Tx) error {
		type ladder struct {
			TenantID      int64
			Name          string
			RepeatMinutes int
			DelaysMinutes string
		}
		err := tx.DB.Table("ladder").Create(&ladder{TenantID: host, Name: "標準", RepeatMinutes: 30, DelaysMinutes: "{0}"}).Error
		require.ErrorIs(t, err, gorm.ErrDuplicatedKey)
		return fmt.Errorf("add ladder: %w", err)
	})
	require.Equal(t, "name", f.Fields[0].Field)
}

func TestALostDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host := b.Host("蘭越町", "013943")
	f := b.Fault(tenants.KindUnavailable, b.Person(host, tenants.HostAdmin), func(_ context.Context, tx *tenants.Tx) error {
		var pid int
		require.NoError(t, tx.DB.Raw(`SELECT pg_backend_pid()`).Scan(&pid).Error)
		b.SQL(`SELECT pg_terminate_backend($1)`, pid)
		return tx.DB.Exec(`SELECT 1`).Error
	})
	require.Equal(t, "データベースにつながりません。しばらくすると自動で戻ります。", f.Message("ja"))
}
