package tenantstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	_ "tanamori/tenants/custody"    // its words
	_ "tanamori/tenants/history"    // its words
	_ "tanamori/tenants/key"        // its words
	_ "tanamori/tenants/observance" // its words
	_ "tanamori/tenants/rack"       // its words
	_ "tanamori/tenants/retention"  // its words
	_ "tanamori/tenants/room"       // its words
	"tanamori/tenants/tenantstest"
)

// withoutTenant are the tables that belong to no town, each with the reason.
var withoutTenant = map[string]string{
	"tenant":       "is the town: its key is the id, and its policy is on the id",
	"consortium":   "holds towns; its policy is on the consortium",
	"sessions":     "a session's token is all that is known before it is read",
	"sign_in_wait": "tries at logins that nobody has count as well",
	"installation": "one row, the installation's name",

	"installation_secret": "the installation's own secrets",
	"vault_key":           "under which keys secrets are, the same for every town",

	"outage":           "Tanamori's own absence, the same for every town",
	"heartbeat":        "Tanamori's own processes",
	"round":            "Tanamori's own jobs",
	"outward":          "Tanamori's own sign of life",
	"tlog_series":      "which ledgers are gathered, the same for every town; only migrations write it",
	"tlog_form":        "the columns that leaves were made of, the same for every town",
	"record_kind":      "what kinds of records there are, the same for every town; only migrations write it",
	"goose_db_version": "the migrations' own record",
}

// openUniques are the uniques that do not begin with the tenant, each with the reason.
var openUniques = map[string]string{
	"person_login":       "the sign-in page asks for the login and nothing else",
	"api_token_hash":     "a token is looked up before its town is known",
	"passkey_handle":     "a passkey is looked up before its owner is known",
	"person_subject_one": "somebody is known by what a provider says of them before their town is",
	"source_uuid":        "a machine's check-in names nothing but this",
	"tenant_ping_key":    "likewise, with a slug of the town",
}

// openPolicies are the policies that neither compare with the transaction's towns nor open a table to a serving role.
var openPolicies = map[string]string{
	"tenant.join_consortium": "a new town is not in the list of the transaction that adds it",
	"consortium.own":         "compares with the transaction's consortium",
	"vault.apps":             "the gate's, which serves every town, and of one kind only",
	"vault.apps_alone":       "takes away from what the policy of the towns allows",
}

const allTables = `SELECT c.relname::text AS name, c.oid, c.relrowsecurity, c.relforcerowsecurity
	FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`

func tables(b *tenantstest.Bench) (names []string) {
	for _, row := range b.SQL(allTables) {
		names = append(names, row["name"].(string))
	}
	return names
}

func tenantTables(b *tenantstest.Bench) (names []string) {
	for _, name := range tables(b) {
		if _, none := withoutTenant[name]; !none {
			names = append(names, name)
		}
	}
	return names
}

func TestEveryTableIsATownsOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	all := tables(b)
	require.Greater(t, len(all), 20)
	for name := range withoutTenant {
		require.Contains(t, all, name, "an exception for a table that is gone")
	}
	for _, name := range tenantTables(b) {
		key := tenantstest.Value[string](b, `SELECT coalesce((SELECT a.attname FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
			WHERE i.indrelid = $1::regclass AND i.indisprimary), '')`, name)
		require.Equal(t, "tenant_id", key, "table %s: tenant_id comes first in its primary key", name)
		require.True(t, tenantstest.Value[bool](b, `SELECT attnotnull FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'tenant_id'`, name))
	}
}

func TestEveryTenantTableIsUnderRowLevelSecurity(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	free := map[string]bool{"vault_key": true, "installation_secret": true, "sessions": true, "sign_in_wait": true, "installation": true, "outage": true, "heartbeat": true, "round": true, "outward": true, "record_kind": true, "tlog_series": true, "tlog_form": true, "goose_db_version": true}
	for _, row := range b.SQL(allTables) {
		name := row["name"].(string)
		if free[name] {
			continue
		}
		require.True(t, row["relrowsecurity"].(bool), "table %s: row-level security is enabled", name)
		require.True(t, row["relforcerowsecurity"].(bool), "table %s: … and binds the owner too", name)
	}
	serving := map[string]bool{"tanamori_job": true, "tanamori_gate": true, "tanamori_ingest": true}
	bound := map[string]bool{}
	for _, p := range b.SQL(`SELECT tablename::text, policyname::text, array_to_string(roles, ',') AS roles, permissive = 'PERMISSIVE' AS permissive,
			coalesce(qual, '') AS qual, coalesce(with_check, '') AS with_check FROM pg_policies WHERE schemaname = 'public'`) {
		table, id := p["tablename"].(string), p["tablename"].(string)+"."+p["policyname"].(string)
		roles := strings.Split(p["roles"].(string), ",")
		require.NotContains(t, roles, "public", "policy %s names its roles", id)
		if _, open := openPolicies[id]; open {
			continue
		}
		if p["qual"] == "true" {
			require.Len(t, roles, 1, id)
			require.True(t, serving[roles[0]], "policy %s opens all towns to %v, which is not a role that serves every town", id, roles)
			continue
		}
		key := "tenant_id"
		if table == "tenant" {
			key = "id"
		}
		want := "(" + key + " IN ( SELECT unnest(tanamori_towns()) AS unnest))" // in the words of Postgres
		require.ElementsMatch(t, []string{"tanamori_town", "tanamori_host"}, roles, "policy %s is for the roles that have towns", id)
		for _, column := range []string{"qual", "with_check"} {
			require.Equal(t, want, p[column], "policy %s: %s compares with the transaction's towns in a sub-select", id, column)
		}
		for _, role := range roles {
			bound[table+" "+role] = true
		}
	}
	for _, name := range append(tenantTables(b), "tenant") {
		for _, role := range []string{"tanamori_town", "tanamori_host"} {
			require.True(t, bound[name+" "+role], "table %s has the policy of the towns for %s", name, role)
		}
	}
}

func TestLinksStayInsideATown(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	own := map[string]bool{}
	for _, name := range tenantTables(b) {
		own[name] = true
	}
	links := b.SQL(`
		SELECT c.conname::text AS name, c.conrelid::regclass::text AS from_table, c.confrelid::regclass::text AS to_table,
			c.confdeltype::text AS on_delete, c.confupdtype::text AS on_update,
			(SELECT attname::text FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) AS from_first,
			(SELECT attname::text FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = c.confkey[1]) AS to_first
		FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace`)
	require.Greater(t, len(links), 20)
	for _, l := range links {
		require.Equal(t, "a", l["on_delete"], "link %s: nothing is deleted along with another thing", l["name"])
		require.Equal(t, "a", l["on_update"], "link %s", l["name"])
		if own[l["from_table"].(string)] {
			require.Equal(t, "tenant_id", l["from_first"], "link %s", l["name"])
			if l["to_table"] != "tenant" {
				require.Equal(t, "tenant_id", l["to_first"], "link %s leads to the same town", l["name"])
			}
		}
	}
}

func TestUniquesBeginWithTheTown(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	seen := map[string]bool{}
	for _, u := range b.SQL(`
		SELECT i.indrelid::regclass::text AS tab, i.indexrelid::regclass::text AS name, coalesce(a.attname::text, '') AS first
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace`) {
		name := u["name"].(string)
		seen[name] = true
		_, open := openUniques[name]
		if _, none := withoutTenant[u["tab"].(string)]; open || none {
			continue
		}
		require.Equal(t, "tenant_id", u["first"], "unique %s", name)
	}
	for name := range openUniques {
		require.True(t, seen[name], "an exception for a unique that is gone: %s", name)
	}
}

func TestNoViewAndNoFunctionReachesPastTheReader(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	const views = `SELECT c.relname::text FROM pg_class c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
		AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)`
	require.Empty(t, b.SQL(views), "a view without security_invoker reads as its owner")
	b.SQL(`CREATE VIEW leak AS SELECT * FROM server`)
	require.Len(t, b.SQL(views), 1, "the question above finds what it looks for")
	require.Empty(t, b.SQL(`SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef`))
}

func TestRolesAreWeak(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	roles := b.SQL(`SELECT rolname::text, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin, rolinherit
		FROM pg_roles WHERE rolname LIKE 'tanamori\_%'`)
	require.Len(t, roles, 6)
	for _, r := range roles {
		for _, right := range []string{"rolsuper", "rolbypassrls", "rolcreatedb", "rolcreaterole"} {
			require.False(t, r[right].(bool), "%s: %s", r["rolname"], right)
		}
		if r["rolname"] == "tanamori_app" {
			require.False(t, r["rolinherit"].(bool), "tanamori_app may do nothing before it takes a role")
		} else {
			require.False(t, r["rolcanlogin"].(bool), "%s", r["rolname"])
		}
	}
	require.Empty(t, b.SQL(`SELECT c.relname::text FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE o.rolname LIKE 'tanamori\_%'`),
		"no role of the program owns a table")
	require.Empty(t, b.SQL(`SELECT table_name::text, privilege_type::text FROM information_schema.role_table_grants
		WHERE table_schema = 'public' AND (grantee = 'PUBLIC' OR privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES') AND grantee LIKE 'tanamori\_%')`))
}

// TestServingRolesReachOnlyTheirTables writes down what the roles that see every town may touch: a wider grant is a
// decision to make here as well.
func TestServingRolesReachOnlyTheirTables(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	reach := map[string][]string{
		"tanamori_app": {"sessions"},
		"tanamori_gate": {"api_token", "consortium", "credential", "goose_db_version", "heartbeat", "installation", "installation_secret", "log_actor", "management_password", "operation_log", "outage", "passkey", "person", "person_subject", "post",
			"recovery_code", "round", "sign_in", "sign_in_policy", "sign_in_wait", "tenant", "tlog_due", "totp", "vault", "vault_key"},
		"tanamori_ingest": {"checkin", "source", "source_state", "tenant"},
	}
	for role, want := range reach {
		var got []string
		for _, row := range b.SQL(`SELECT c.relname::text AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
			AND (has_any_column_privilege($1, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege($1, c.oid, 'DELETE')) ORDER BY 1`, role) {
			got = append(got, row["name"].(string))
		}
		require.Equal(t, want, got, role)
	}
	require.Equal(t, "disabled_at,id,machine,tenant_id", tenantstest.Value[string](b, `SELECT string_agg(column_name, ',' ORDER BY column_name) FROM information_schema.column_privileges
		WHERE grantee = 'tanamori_job' AND table_name = 'person'`), "whether somebody is left to confirm, and nothing else of a person")
	require.False(t, tenantstest.Value[bool](b, `SELECT has_any_column_privilege('tanamori_job', 'post', 'INSERT, UPDATE')`))
	for _, table := range []string{"api_token", "sessions", "totp", "passkey", "recovery_code"} {
		require.False(t, tenantstest.Value[bool](b, `SELECT has_any_column_privilege('tanamori_job', $1::regclass, 'SELECT, INSERT, UPDATE')`, table),
			"the jobs have nothing to do with %s", table)
	}
	// What the jobs may only read and, by the rule of retention, remove.
	for _, table := range []string{"confirmation", "excuse"} {
		require.False(t, tenantstest.Value[bool](b, `SELECT has_any_column_privilege('tanamori_job', $1::regclass, 'INSERT, UPDATE')`, table), table)
	}
	deletable := map[string]bool{"occurrence": true, "rung": true, "idempotency": true, "heartbeat": true, "outage": true, "round": true,
		"breach": true, "notice_also": true, "tlog_due": true, "vault": true, "vault_key": true, "installation_secret": true, "room_visit_area": true}
	for _, kind := range b.SQL(`SELECT kind FROM record_kind`) {
		deletable[kind["kind"].(string)] = true
	}
	for _, table := range tables(b) {
		require.Equal(t, deletable[table], tenantstest.Value[bool](b, `SELECT has_table_privilege('tanamori_job', $1::regclass, 'DELETE')`, table),
			"the jobs remove rows of %s", table)
	}
}

// TestEveryKindOfRecordsDescribesItself holds the lines of record_kind to the tables they speak of.
func TestEveryKindOfRecordsDescribesItself(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	// Of retention and of the log itself: they stay for ever.
	own := []string{"retention_rule", "volume", "expiry", "tlog_event", "tlog_key", "tlog_leaf", "tlog_tile", "tlog_checkpoint"}
	kept := map[string]bool{}
	for _, k := range b.SQL(`SELECT kind, recorded, columns, settled, free, along, act FROM record_kind`) {
		kind := k["kind"].(string)
		kept[kind] = true
		kept[k["along"].(string)] = true
		for _, c := range append(k["columns"].([]any), k["recorded"]) {
			require.True(t, tenantstest.Value[bool](b, `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2 AND attnum > 0)`, kind, c),
				"%s.%s", kind, c)
		}
		b.SQL(`SELECT FROM ` + kind + ` t WHERE (` + k["settled"].(string) + `) AND (` + k["free"].(string) + `)`)
		require.True(t, tenantstest.Value[bool](b, `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname IN ('append_only', 'keep_verdict', 'kept'))`, kind),
			"%s refuses removal by trigger", kind)
		require.True(t, tenants.Known("retention.kind."+kind), "%s has words", kind)
	}
	for _, row := range b.SQL(`SELECT tgrelid::regclass::text AS tab FROM pg_trigger WHERE tgname = 'append_only'`) {
		table := row["tab"].(string)
		require.True(t, kept[table] || slices.Contains(own, table), "%s is evidence: say in record_kind how long it is kept", table)
	}
}

// TestEveryLedgerIsGathered: what is evidence is in the log of evidence, or says why not.
func TestEveryLedgerIsGathered(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	not := map[string]string{
		"notice_also":     "which incidents a message lists: they name the message in their own course",
		"tlog_key":        "holds a secret; that there is a new key is an event, with its public half",
		"tlog_leaf":       "is the log",
		"tlog_tile":       "is made of the log",
		"tlog_checkpoint": "is signed itself",
	}
	for _, row := range b.SQL(`SELECT tgrelid::regclass::text AS tab FROM pg_trigger WHERE tgname = 'append_only'`) {
		table := row["tab"].(string)
		gathered := tenantstest.Value[bool](b, `SELECT EXISTS (SELECT FROM tlog_series WHERE kind = $1)`, table)
		require.Equal(t, not[table] == "", gathered, "%s: CALL tanamori_gather in its migration, or say here why not", table)
	}
	for _, s := range b.SQL(`SELECT kind, settled, recorded, act, columns FROM tlog_series`) {
		kind := s["kind"].(string)
		require.True(t, tenantstest.Value[bool](b, `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = 'due')`, kind), kind)
		columns, _ := s["columns"].([]any)
		for _, c := range append(columns, s["recorded"]) {
			require.True(t, tenantstest.Value[bool](b, `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2 AND attnum > 0)`, kind, c), "%s.%s", kind, c)
		}
		for _, role := range []string{"tanamori_town", "tanamori_host", "tanamori_job"} {
			want := true
			if role == "tanamori_town" { // what no post of a town may read is withheld from its files, and need not be read
				want = tenants.Actor{Posts: []tenants.Post{tenants.Town}}.May(tenants.Act(s["act"].(string)))
			}
			can := tenantstest.Value[bool](b, `SELECT has_table_privilege($1, $2::regclass, 'SELECT')`, role, kind)
			require.True(t, can || !want, "%s reads %s", role, kind)
		}
	}
}
