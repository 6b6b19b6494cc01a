-- What a host of very many towns needs to see them in a few milliseconds (ADR 0009).
-- +goose Up

-- A town's list has one entry, and an index may use it. A host's may have thousands: each row's town is looked up in a
-- hash of them, made once a statement, instead of being compared with one after the other.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tanamori_isolate(t regclass, key text DEFAULT 'tenant_id') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY towns ON %s TO tanamori_town
    USING (%I = ANY ((SELECT tanamori_towns())::bigint[])) WITH CHECK (%I = ANY ((SELECT tanamori_towns())::bigint[]))', t, key, key);
  EXECUTE format('CREATE POLICY towns_of_host ON %s TO tanamori_host
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
    EXECUTE format('CALL tanamori_isolate(%L, %L)', p.t, CASE p.tablename WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END);
  END LOOP;
END $$;
-- +goose StatementEnd

-- How many duties a town has in use: the board's figures over all towns need the number every time and it changes when a
-- plan is added or retired.
ALTER TABLE tenant ADD COLUMN duties_in_use integer NOT NULL DEFAULT 0;
UPDATE tenant t SET duties_in_use = (SELECT count(*) FROM duty d WHERE d.tenant_id = t.id AND d.retired_at IS NULL);
-- +goose StatementBegin
CREATE FUNCTION tanamori_count_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenant t SET duties_in_use = t.duties_in_use + n.more
  FROM (SELECT tenant_id, count(*) AS more FROM added WHERE retired_at IS NULL GROUP BY tenant_id ORDER BY tenant_id) n WHERE t.id = n.tenant_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER count_added AFTER INSERT ON duty REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tanamori_count_duties();
-- +goose StatementBegin
CREATE FUNCTION tanamori_count_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenant SET duties_in_use = duties_in_use + CASE WHEN NEW.retired_at IS NULL THEN 1 ELSE -1 END WHERE id = NEW.tenant_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER count_retired AFTER UPDATE OF retired_at ON duty FOR EACH ROW
  WHEN ((OLD.retired_at IS NULL) <> (NEW.retired_at IS NULL)) EXECUTE FUNCTION tanamori_count_retired();
CREATE INDEX duty_retired ON duty (tenant_id, id) WHERE retired_at IS NOT NULL;

-- The newest of very many towns: ids grow with time over all of them.
CREATE INDEX incident_newest ON incident (id);
CREATE INDEX notice_newest ON notice (id);
CREATE INDEX operation_log_newest ON operation_log (id);
