// Command dumpschema prints the schema of a migrated database as text that a person can review and git can compare. It
// reads the catalogue rather than calling pg_dump, which is missing from the npm distribution of Postgres and prints
// its own version. Usage: dumpschema CONNSTRING
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"
)

// Each query gives one text column, in a fixed order.
var sections = []struct{ title, query string }{
	{"functions and procedures", `
SELECT pg_get_functiondef(p.oid) || ';' FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace ORDER BY p.proname, p.oid::regprocedure::text COLLATE "C"`},
	{"tables", `
SELECT format(E'CREATE TABLE %s (\n%s\n)%s;', c.relname,
  string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attidentity <> '' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END,
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), E',\n' ORDER BY a.attnum),
  coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'goose_db_version'
GROUP BY c.oid, c.relname, c.reloptions ORDER BY c.relname COLLATE "C"`},
	{"constraints", `
SELECT format('ALTER TABLE %s ADD CONSTRAINT %s %s;', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c', 'x') AND conrelid::regclass::text <> 'goose_db_version'
ORDER BY conrelid::regclass::text COLLATE "C", contype DESC, conname COLLATE "C"`},
	{"indexes", `
SELECT pg_get_indexdef(i.indexrelid) || ';' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY c.relname COLLATE "C"`},
	{"triggers", `
SELECT pg_get_triggerdef(oid) || ';' FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE "C", tgname COLLATE "C"`},
	{"row-level security", `
SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY%s;', relname, CASE WHEN relforcerowsecurity THEN ', FORCE ROW LEVEL SECURITY' ELSE '' END)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity ORDER BY relname COLLATE "C"`},
	{"policies", `
SELECT format('CREATE POLICY %s ON %s FOR %s TO %s%s%s;', policyname, tablename, cmd, array_to_string(roles, ', '),
  coalesce(' USING ' || qual, ''), coalesce(' WITH CHECK ' || with_check, ''))
FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename COLLATE "C", policyname COLLATE "C"`},
	{"grants", `
SELECT format('GRANT %s ON %s TO %s;', string_agg(privilege_type, ', ' ORDER BY privilege_type), table_name, grantee)
FROM information_schema.table_privileges WHERE table_schema = 'public' AND grantee LIKE 'tanamori\_%'
GROUP BY table_name, grantee ORDER BY table_name COLLATE "C", grantee COLLATE "C"`},
	{"column grants", `
SELECT format('GRANT %s (%s) ON %s TO %s;', privilege_type, column_name, table_name, grantee)
FROM information_schema.column_privileges c WHERE table_schema = 'public' AND grantee LIKE 'tanamori\_%'
AND NOT EXISTS (SELECT 1 FROM information_schema.table_privileges t WHERE t.table_schema = c.table_schema AND t.table_name = c.table_name
  AND t.grantee = c.grantee AND t.privilege_type = c.privilege_type)
ORDER BY table_name COLLATE "C", grantee COLLATE "C", column_name COLLATE "C"`},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dumpschema CONNSTRING")
		os.Exit(2)
	}
	if err := dump(context.Background(), os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dump(ctx context.Context, connString string, w io.Writer) error {
	conn, err := pgx.Connect(ctx, connString)
	if err != nil {
		return fmt.Errorf("dump schema: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // only read from
	if _, err := fmt.Fprintln(w, "-- The schema after every migration; written by `make schema`, never by hand."); err != nil {
		return fmt.Errorf("dump schema: %w", err)
	}
	for _, s := range sections {
		rows, err := conn.Query(ctx, s.query)
		if err != nil {
			return fmt.Errorf("dump %s: %w", s.title, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("dump %s: %w", s.title, err)
		}
		if len(lines) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n-- %s\n\n", s.title); err != nil {
			return fmt.Errorf("dump schema: %w", err)
		}
		for _, l := range lines {
			if _, err := fmt.Fprintln(w, l); err != nil {
				return fmt.Errorf("dump schema: %w", err)
			}
		}
	}
	return nil
}
