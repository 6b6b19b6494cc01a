-- Plans of a town's statements (ADR 0009).
-- +goose Up

-- The town's policy compared with the list, and its statements name the town as well: the planner multiplied the two as if
-- they were independent, expected one row of everything, and joined twenty servers with twenty plans with twenty duties by
-- looking at each combination. What is looked up in a hash is not taken for a second restriction.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tanamori_isolate(t regclass, key text DEFAULT 'tenant_id') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY towns ON %s TO tanamori_town, tanamori_host
    USING (%I IN (SELECT unnest(tanamori_towns()))) WITH CHECK (%I IN (SELECT unnest(tanamori_towns())))', t, key, key);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT format('%I.%I', schemaname, tablename)::regclass AS t, tablename FROM pg_policies
    WHERE schemaname = 'public' AND policyname = 'towns' ORDER BY tablename
  LOOP
    EXECUTE format('DROP POLICY towns ON %s', p.t);
    EXECUTE format('DROP POLICY towns_of_host ON %s', p.t);
    EXECUTE format('CALL tanamori_isolate(%L, %L)', p.t, CASE p.tablename WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END);
  END LOOP;
END $$;
-- +goose StatementEnd
