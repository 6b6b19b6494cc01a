-- The schema after every migration; written by `make schema`, never by hand.

-- functions and procedures

CREATE OR REPLACE PROCEDURE public.tanamori_append_only(IN t regclass, VARIADIC except_columns text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
DECLARE args text := (SELECT coalesce(string_agg(quote_literal(c), ','), '') FROM unnest(except_columns) c);
BEGIN
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tanamori_refuse(%s)', t, args);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse()', t);
END $procedure$
;
CREATE OR REPLACE FUNCTION public.tanamori_count_duties()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM added WHERE retired_at IS NULL AND on_board) THEN RETURN NULL; END IF;
  UPDATE tenant t SET duties_in_use = t.duties_in_use + n.more
  FROM (SELECT tenant_id, count(*) AS more FROM added WHERE retired_at IS NULL AND on_board GROUP BY tenant_id ORDER BY tenant_id) n WHERE t.id = n.tenant_id;
  RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_count_retired()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE tenant SET duties_in_use = duties_in_use + CASE WHEN NEW.retired_at IS NULL THEN 1 ELSE -1 END WHERE id = NEW.tenant_id;
  RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  EXECUTE format('INSERT INTO tlog_due (tenant_id, kind, row_id) SELECT t.tenant_id, %L, t.id FROM fresh t WHERE %s ORDER BY t.id',
    TG_TABLE_NAME, TG_ARGV[0]);
  RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_emptied()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.signer = '' AND to_jsonb(OLD) - 'signer' = to_jsonb(NEW) - 'signer' THEN RETURN NEW; END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_expiring(of_kind text, town bigint, row_id bigint)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT current_user = 'tanamori_job' AND EXISTS (SELECT FROM expiry e
    WHERE e.tenant_id = town AND e.id = CAST(nullif(current_setting('tanamori.expiry', true), '') AS bigint)
      AND e.kind = of_kind AND row_id BETWEEN e.first_id AND e.last_id AND e.xmin = CAST(pg_current_xact_id() AS xid))
$function$
;
CREATE OR REPLACE FUNCTION public.tanamori_fiscal_year(d date)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT CAST(extract(year FROM d) AS integer) - CASE WHEN extract(month FROM d) < 4 THEN 1 ELSE 0 END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_follow_server()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE duty d SET subject = NEW.name, position = NEW.position FROM plan p
  WHERE p.tenant_id = NEW.tenant_id AND p.server_id = NEW.id AND d.tenant_id = p.tenant_id AND d.id = p.duty_id;
  RETURN NULL;
END $function$
;
CREATE OR REPLACE PROCEDURE public.tanamori_for_ever(IN t regclass)
 LANGUAGE plpgsql
AS $procedure$
BEGIN
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tanamori_never()', t);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION tanamori_never()', t);
END $procedure$
;
CREATE OR REPLACE PROCEDURE public.tanamori_gather(IN t regclass, IN recorded text, IN act text, IN columns text[] DEFAULT NULL::text[], IN settled text DEFAULT ''::text)
 LANGUAGE plpgsql
AS $procedure$
DECLARE condition text := coalesce(nullif(settled, ''), 'true');
BEGIN
  INSERT INTO tlog_series (kind, columns, settled, recorded, act) VALUES (t::text, columns, settled, recorded, act);
  EXECUTE format('CREATE TRIGGER due AFTER %s ON %s REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due(%L)',
    CASE settled WHEN '' THEN 'INSERT' ELSE 'UPDATE' END, t, condition);
  EXECUTE format('INSERT INTO tlog_due (tenant_id, kind, row_id) SELECT t.tenant_id, %L, t.id FROM %s t WHERE %s ORDER BY t.id', t, t, condition);
END $procedure$
;
CREATE OR REPLACE FUNCTION public.tanamori_held(town bigint, of_month date)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT EXISTS (SELECT FROM incident i WHERE i.tenant_id = town AND i.state <> 'resolved' AND i.opened_at < of_month + interval '76 days')
    OR EXISTS (SELECT FROM occurrence o WHERE o.tenant_id = town AND o.verdict IS NULL AND o.night BETWEEN of_month - 45 AND of_month + 76)
$function$
;
CREATE OR REPLACE PROCEDURE public.tanamori_isolate(IN t regclass, IN key text DEFAULT 'tenant_id'::text)
 LANGUAGE plpgsql
AS $procedure$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY towns ON %s TO tanamori_town, tanamori_host
    USING (%I IN (SELECT unnest(tanamori_towns()))) WITH CHECK (%I IN (SELECT unnest(tanamori_towns())))', t, key, key);
END $procedure$
;
CREATE OR REPLACE FUNCTION public.tanamori_keep()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF tanamori_expiring(TG_ARGV[0], OLD.tenant_id, CAST(to_jsonb(OLD) ->> TG_ARGV[1] AS bigint)) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is kept: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_keep_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.verdict IS NULL AND OLD.started_at IS NULL AND OLD.arrived_at IS NULL AND OLD.outcome IS NULL THEN RETURN OLD; END IF;
    IF tanamori_expiring('occurrence', OLD.tenant_id, OLD.id) THEN RETURN OLD; END IF;
  ELSIF OLD.verdict IS NULL THEN
    RETURN NEW;
  ELSIF OLD.recovered_at IS NULL THEN
    IF to_jsonb(OLD) - '{recovered_at,recovered_code,recovered_params}'::text[] = to_jsonb(NEW) - '{recovered_at,recovered_code,recovered_params}'::text[] THEN
      RETURN NEW;
    END IF;
  ELSIF to_jsonb(OLD) = to_jsonb(NEW) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'occurrence % has a verdict: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_keep_years(town bigint, of_series text, day date)
 RETURNS integer
 LANGUAGE sql
 STABLE
AS $function$
  SELECT greatest(k.least_years, coalesce((SELECT r.years FROM retention_rule r WHERE r.tenant_id = town AND r.series = of_series AND r.from_on <= day
    ORDER BY r.id DESC LIMIT 1), k.default_years))
  FROM record_kind k WHERE k.series = of_series ORDER BY k.least_years DESC, k.position LIMIT 1
$function$
;
CREATE OR REPLACE FUNCTION public.tanamori_lawful_expiry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE v volume; today date; years integer;
BEGIN
  SELECT * INTO v FROM volume x WHERE x.tenant_id = NEW.tenant_id AND x.id = NEW.volume_id;
  SELECT CAST(NEW.at AT TIME ZONE t.zone AS date) INTO today FROM tenant t WHERE t.id = NEW.tenant_id;
  years := tanamori_keep_years(NEW.tenant_id, (SELECT k.series FROM record_kind k WHERE k.kind = NEW.kind), today);
  IF current_user <> 'tanamori_job' OR v.id IS NULL OR v.kind <> NEW.kind OR NEW.at < v.bound_at
     OR NEW.first_id <= v.after_id OR NEW.last_id > v.last_id OR NEW.first_id > NEW.last_id
     OR years IS NULL OR NEW.years <> years OR tanamori_fiscal_year(today) <= v.fiscal_year + years
     OR tanamori_held(NEW.tenant_id, v.month) THEN
    RAISE EXCEPTION 'rows % to % of % are to be kept: removal refused', NEW.first_id, NEW.last_id, NEW.kind USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_never()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_note_actors()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO log_actor (tenant_id, actor, actor_id, search)
  SELECT DISTINCT tenant_id, actor, coalesce(actor_id, 0), tanamori_search_key(actor) FROM added ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_plan_anew()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE duty SET planned_until = 'epoch'
  WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id) AND retired_at IS NULL AND policy <> 'every_day';
  RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE o jsonb; n jsonb; a text;
BEGIN
  IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
    o := to_jsonb(OLD); n := to_jsonb(NEW);
    FOREACH a IN ARRAY TG_ARGV LOOP
      IF coalesce(o ->> a, '') = '' THEN o := o - a; n := n - a; END IF;
    END LOOP;
    IF o = n THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF tanamori_expiring(TG_TABLE_NAME, OLD.tenant_id, OLD.id) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_search_key(t text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT regexp_replace(regexp_replace(translate(regexp_replace(lower(normalize(t, NFKC)), '[[:space:]\uFE00-\uFE0F\U000E0100-\U000E01EF]', '', 'g'),
    'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶ',
    'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖ'),
    '([ぁ-ゟ])ー+(?![ぁ-ゟー])', '\1', 'g'), '(?<![ぁ-ゟー])ー+(?![ぁ-ゟー])', 'ー', 'g')
$function$
;
CREATE OR REPLACE PROCEDURE public.tanamori_serve(IN t regclass, IN r text, IN rights text)
 LANGUAGE plpgsql
AS $procedure$
BEGIN
  EXECUTE format('CREATE POLICY %I ON %s TO %I USING (true) WITH CHECK (true)', 'all_towns_' || r, t, r);
  EXECUTE format('GRANT %s ON %s TO %I', rights, t, r);
END $procedure$
;
CREATE OR REPLACE FUNCTION public.tanamori_stands(ledger text, town bigint, row_id bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE there boolean;
BEGIN
  IF to_regclass(ledger) IS NULL THEN RETURN false; END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.tenant_id = $1 AND t.id = $2)', ledger) INTO there USING town, row_id;
  RETURN there;
END $function$
;
CREATE OR REPLACE FUNCTION public.tanamori_towns()
 RETURNS bigint[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT coalesce(string_to_array(nullif(current_setting('tanamori.towns', true), ''), ',')::bigint[], '{}') $function$
;

-- tables

CREATE TABLE acknowledgement (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  incident_id bigint NOT NULL,
  rung_id bigint,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  via text NOT NULL,
  by_id bigint,
  by_text text NOT NULL,
  recorded_by text NOT NULL,
  promise text NOT NULL,
  until timestamp with time zone NOT NULL
);
CREATE TABLE api_token (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id bigint NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  last_used_from text,
  revoked_at timestamp with time zone,
  acts text[] DEFAULT '{}'::text[] NOT NULL,
  towns bigint[] DEFAULT '{}'::bigint[] NOT NULL
);
CREATE TABLE appointment (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  event text NOT NULL,
  home_id bigint NOT NULL,
  home text NOT NULL,
  person_id bigint NOT NULL,
  person text NOT NULL,
  post_id bigint NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  office text DEFAULT ''::text NOT NULL,
  manner text NOT NULL,
  from_on date NOT NULL,
  until_on date,
  appointed_by_id bigint,
  appointed_by text NOT NULL,
  document text NOT NULL,
  document_on date,
  scope jsonb NOT NULL,
  by_id bigint,
  by_text text NOT NULL
);
CREATE TABLE area (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  building_id bigint NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  floor text DEFAULT ''::text NOT NULL,
  plan_rows integer NOT NULL,
  plan_places integer NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE attempt (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  notice_id bigint NOT NULL,
  n integer NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  outcome text,
  detail text DEFAULT ''::text NOT NULL
);
CREATE TABLE badge (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  number text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  duty_id bigint,
  visitor_id bigint,
  out_to text DEFAULT ''::text NOT NULL,
  out_at timestamp with time zone,
  out_by text DEFAULT ''::text NOT NULL,
  due_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
) WITH (fillfactor=70);
CREATE TABLE badge_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  badge_id bigint NOT NULL,
  kind text NOT NULL,
  visitor_id bigint,
  holder text DEFAULT ''::text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  late_reason text DEFAULT ''::text NOT NULL,
  reason text DEFAULT ''::text NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL
);
CREATE TABLE breach (
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  setting boolean NOT NULL,
  count integer NOT NULL,
  since timestamp with time zone NOT NULL,
  found_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone,
  mends integer NOT NULL,
  mended integer NOT NULL,
  mended_at timestamp with time zone
) WITH (fillfactor=70);
CREATE TABLE building (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE checkin (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  source_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  exit_status smallint,
  rid uuid,
  method text NOT NULL,
  remote text NOT NULL,
  agent text NOT NULL,
  content_type text NOT NULL,
  body bytea NOT NULL,
  taken_at timestamp with time zone
);
CREATE TABLE confirmation (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  occurrence_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  person_id bigint NOT NULL,
  person text NOT NULL,
  post text NOT NULL,
  verdict text NOT NULL,
  note text DEFAULT ''::text NOT NULL
);
CREATE TABLE consortium (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  demo boolean DEFAULT false NOT NULL,
  created_at timestamp with time zone NOT NULL
);
CREATE TABLE contact (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  position integer NOT NULL,
  post text NOT NULL,
  name text NOT NULL,
  mail text NOT NULL,
  phone text DEFAULT ''::text NOT NULL,
  hours text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE correction (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  ledger text NOT NULL,
  row_id bigint NOT NULL,
  n integer NOT NULL,
  about text NOT NULL,
  was jsonb NOT NULL,
  becomes jsonb NOT NULL,
  reason text NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  approver_id bigint,
  approver text DEFAULT ''::text NOT NULL,
  at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL
);
CREATE TABLE credential (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  applies_to text NOT NULL,
  rotate_months integer NOT NULL,
  open_days integer NOT NULL,
  envelope text NOT NULL,
  place text NOT NULL,
  opened boolean DEFAULT false NOT NULL,
  set_at timestamp with time zone NOT NULL,
  set_by text NOT NULL,
  due_on date NOT NULL,
  duty_id bigint,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE credential_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  credential_id bigint NOT NULL,
  kind text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  witness_id bigint NOT NULL,
  witness_text text NOT NULL,
  recorded_by text NOT NULL,
  envelope text DEFAULT ''::text NOT NULL,
  place text DEFAULT ''::text NOT NULL,
  reason text DEFAULT ''::text NOT NULL,
  corrects_id bigint,
  corrected text DEFAULT ''::text NOT NULL,
  taken_at timestamp with time zone
);
CREATE TABLE duty (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  about_id bigint NOT NULL,
  subject text NOT NULL,
  work text NOT NULL,
  position integer DEFAULT 0 NOT NULL,
  cron text NOT NULL,
  zone text NOT NULL,
  policy text NOT NULL,
  early_minutes integer NOT NULL,
  window_minutes integer NOT NULL,
  grace_minutes integer NOT NULL,
  longest_minutes integer NOT NULL,
  severity text NOT NULL,
  ladder_id bigint NOT NULL,
  active_from timestamp with time zone NOT NULL,
  planned_until timestamp with time zone NOT NULL,
  retired_at timestamp with time zone,
  on_board boolean DEFAULT true NOT NULL
);
CREATE TABLE duty_answer (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  duty_id bigint NOT NULL,
  occurrence_id bigint NOT NULL,
  good boolean NOT NULL,
  at timestamp with time zone NOT NULL,
  reason_code text NOT NULL,
  reason_params jsonb NOT NULL,
  by_text text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  taken_at timestamp with time zone
);
CREATE TABLE duty_state (
  tenant_id bigint NOT NULL,
  duty_id bigint NOT NULL,
  occurrence_id bigint NOT NULL,
  scheduled_at timestamp with time zone NOT NULL,
  due_at timestamp with time zone NOT NULL,
  night date NOT NULL,
  verdict text,
  reason_code text NOT NULL,
  reason_params jsonb NOT NULL,
  judged_at timestamp with time zone,
  recovered_at timestamp with time zone,
  confirmed_at timestamp with time zone,
  confirmed_by text,
  changed_at timestamp with time zone NOT NULL,
  corrected text DEFAULT ''::text NOT NULL
) WITH (fillfactor=70);
CREATE TABLE equipment (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  rack_id bigint NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  owner_id bigint,
  server_id bigint,
  unit integer NOT NULL,
  units integer NOT NULL,
  face text NOT NULL,
  power_a text DEFAULT ''::text NOT NULL,
  power_b text DEFAULT ''::text NOT NULL,
  model text DEFAULT ''::text NOT NULL,
  serial text DEFAULT ''::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  placed_at timestamp with time zone NOT NULL,
  removed_at timestamp with time zone
);
CREATE TABLE excuse (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  occurrence_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  person_id bigint NOT NULL,
  person text NOT NULL,
  reason text NOT NULL
);
CREATE TABLE expiry (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  volume_id bigint NOT NULL,
  kind text NOT NULL,
  years integer NOT NULL,
  first_id bigint NOT NULL,
  last_id bigint NOT NULL,
  row_count bigint NOT NULL,
  at timestamp with time zone NOT NULL
);
CREATE TABLE heartbeat (
  node uuid NOT NULL,
  started_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  off_ms bigint DEFAULT 0 NOT NULL,
  vault boolean DEFAULT false NOT NULL
) WITH (fillfactor=70);
CREATE TABLE idempotency (
  tenant_id bigint NOT NULL,
  person_id bigint NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status integer,
  body bytea,
  at timestamp with time zone NOT NULL
);
CREATE TABLE incident (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  cause text NOT NULL,
  about text NOT NULL,
  about_id bigint NOT NULL,
  subject text NOT NULL,
  night date,
  severity text NOT NULL,
  reason_code text NOT NULL,
  reason_params jsonb NOT NULL,
  state text NOT NULL,
  opened_at timestamp with time zone NOT NULL,
  repeat_minutes integer NOT NULL,
  ack_until timestamp with time zone,
  resolved_at timestamp with time zone,
  resolution text DEFAULT ''::text NOT NULL
);
CREATE TABLE incident_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  incident_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  by_id bigint,
  by_text text NOT NULL,
  detail jsonb NOT NULL
);
CREATE TABLE installation (
  id integer NOT NULL,
  secret bytea,
  log_name text DEFAULT encode(substr(uuid_send(gen_random_uuid()), 1, 6), 'hex'::text) NOT NULL
);
CREATE TABLE installation_secret (
  id bigint NOT NULL,
  key_id text NOT NULL,
  value bytea NOT NULL,
  made_at timestamp with time zone NOT NULL,
  until_at timestamp with time zone
);
CREATE TABLE key_approval (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  loan_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL
);
CREATE TABLE key_cabinet (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_id bigint NOT NULL,
  name text NOT NULL,
  place text DEFAULT ''::text NOT NULL,
  slots integer NOT NULL,
  stock_months integer NOT NULL,
  stock_due_on date NOT NULL,
  stocked_at timestamp with time zone,
  stocked_by text DEFAULT ''::text NOT NULL,
  duty_id bigint,
  note text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE key_copy (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  item_id bigint NOT NULL,
  serial text NOT NULL,
  rank text NOT NULL,
  number integer NOT NULL,
  generation integer NOT NULL,
  state text NOT NULL,
  cabinet_id bigint NOT NULL,
  slot integer NOT NULL,
  loan_id bigint,
  holder_id bigint,
  holder text DEFAULT ''::text NOT NULL,
  since timestamp with time zone,
  due_at timestamp with time zone,
  last_at timestamp with time zone NOT NULL,
  duty_id bigint,
  lost_duty_id bigint,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE key_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  copy_id bigint NOT NULL,
  loan_id bigint,
  kind text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  from_id bigint,
  from_text text DEFAULT ''::text NOT NULL,
  to_id bigint,
  to_text text DEFAULT ''::text NOT NULL,
  visitor text DEFAULT ''::text NOT NULL,
  visitor_company text DEFAULT ''::text NOT NULL,
  purpose text DEFAULT ''::text NOT NULL,
  work text DEFAULT ''::text NOT NULL,
  due_at timestamp with time zone,
  approved_by text DEFAULT ''::text NOT NULL,
  cabinet_id bigint NOT NULL,
  slot integer NOT NULL,
  left_in integer NOT NULL,
  reason text DEFAULT ''::text NOT NULL
);
CREATE TABLE key_exclusion (
  tenant_id bigint NOT NULL,
  item_id bigint NOT NULL,
  other_id bigint NOT NULL
);
CREATE TABLE key_inventory (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  cabinet_id bigint NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  expected integer NOT NULL,
  found integer NOT NULL,
  differences integer NOT NULL,
  note text DEFAULT ''::text NOT NULL
);
CREATE TABLE key_inventory_line (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  inventory_id bigint NOT NULL,
  copy_id bigint NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  seen text NOT NULL,
  detail text DEFAULT ''::text NOT NULL
);
CREATE TABLE key_item (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  authorisers integer NOT NULL,
  due_clock integer NOT NULL,
  due_minutes integer,
  generation integer DEFAULT 1 NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE key_loan (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  copy_id bigint NOT NULL,
  state text NOT NULL,
  handover boolean NOT NULL,
  borrower_id bigint NOT NULL,
  borrower text NOT NULL,
  visitor text DEFAULT ''::text NOT NULL,
  visitor_company text DEFAULT ''::text NOT NULL,
  purpose text NOT NULL,
  work text DEFAULT ''::text NOT NULL,
  due_minutes integer,
  due_at timestamp with time zone,
  authorisers integer NOT NULL,
  approved_by text DEFAULT ''::text NOT NULL,
  asked_at timestamp with time zone NOT NULL,
  asked_by_id bigint NOT NULL,
  asked_by text NOT NULL,
  closed_at timestamp with time zone,
  closed_by text DEFAULT ''::text NOT NULL,
  closed_reason text DEFAULT ''::text NOT NULL,
  out_at timestamp with time zone,
  out_by text DEFAULT ''::text NOT NULL,
  out_left integer,
  back_at timestamp with time zone,
  back_by text DEFAULT ''::text NOT NULL,
  back_left integer
);
CREATE TABLE key_opens (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  item_id bigint NOT NULL,
  rack_id bigint,
  area_id bigint,
  cabinet_id bigint,
  duty_id bigint,
  ended_at timestamp with time zone
);
CREATE TABLE key_setting (
  tenant_id bigint NOT NULL,
  ladder_id bigint,
  grace_minutes integer NOT NULL,
  backdate_hours integer NOT NULL,
  cylinder_days integer NOT NULL
);
CREATE TABLE label (
  tenant_id bigint NOT NULL,
  code text NOT NULL,
  kind text NOT NULL,
  object_id bigint NOT NULL,
  made_at timestamp with time zone NOT NULL,
  void_at timestamp with time zone
);
CREATE TABLE ladder (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  delays_minutes integer[] NOT NULL,
  repeat_minutes integer NOT NULL
);
CREATE TABLE local_day (
  tenant_id bigint NOT NULL,
  day date NOT NULL,
  open boolean NOT NULL,
  name text NOT NULL
);
CREATE TABLE log_actor (
  tenant_id bigint NOT NULL,
  actor text NOT NULL,
  actor_id bigint NOT NULL,
  search text NOT NULL
);
CREATE TABLE log_review (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  from_on date NOT NULL,
  to_on date NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  post text NOT NULL,
  lines bigint NOT NULL,
  own_lines bigint NOT NULL,
  found boolean NOT NULL,
  findings text NOT NULL,
  measures text NOT NULL
);
CREATE TABLE management_password (
  tenant_id bigint NOT NULL,
  credential_id bigint NOT NULL,
  hash text NOT NULL,
  set_at timestamp with time zone NOT NULL,
  spent_at timestamp with time zone,
  spent_by text DEFAULT ''::text NOT NULL,
  told_at timestamp with time zone,
  void_at timestamp with time zone
);
CREATE TABLE morning (
  tenant_id bigint NOT NULL,
  minute smallint DEFAULT 450 NOT NULL,
  every_day boolean DEFAULT false NOT NULL,
  day date NOT NULL,
  told_at timestamp with time zone NOT NULL
) WITH (fillfactor=70);
CREATE TABLE morning_reader (
  tenant_id bigint NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  mail text NOT NULL
);
CREATE TABLE notice (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  dedup text NOT NULL,
  kind text NOT NULL,
  about text NOT NULL,
  about_id bigint NOT NULL,
  channel text NOT NULL,
  to_post text NOT NULL,
  to_name text NOT NULL,
  to_address text NOT NULL,
  subject text NOT NULL,
  body_text text NOT NULL,
  body_html text NOT NULL,
  link_for text,
  message_id text NOT NULL,
  state text NOT NULL,
  queued_at timestamp with time zone NOT NULL,
  next_at timestamp with time zone,
  tries integer DEFAULT 0 NOT NULL,
  claim uuid,
  claimed_until timestamp with time zone,
  sent_at timestamp with time zone,
  repeated boolean DEFAULT false NOT NULL,
  last_error text DEFAULT ''::text NOT NULL,
  withdrawn_at timestamp with time zone
) WITH (fillfactor=70);
CREATE TABLE notice_also (
  tenant_id bigint NOT NULL,
  notice_id bigint NOT NULL,
  n integer NOT NULL,
  about_id bigint NOT NULL
);
CREATE TABLE observance (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  document integer NOT NULL,
  version integer NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  sha256 text NOT NULL,
  from_on date NOT NULL,
  withdrawn boolean DEFAULT false NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  by_id bigint,
  by_text text NOT NULL
);
CREATE TABLE observance_acceptance (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  observance_id bigint NOT NULL,
  person_id bigint NOT NULL,
  by_text text NOT NULL,
  sha256 text NOT NULL,
  at timestamp with time zone NOT NULL
);
CREATE TABLE occurrence (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  duty_id bigint NOT NULL,
  period timestamp with time zone NOT NULL,
  night date NOT NULL,
  opens_at timestamp with time zone NOT NULL,
  scheduled_at timestamp with time zone NOT NULL,
  due_at timestamp with time zone NOT NULL,
  judge_at timestamp with time zone NOT NULL,
  look_at timestamp with time zone,
  started_at timestamp with time zone,
  finish_by timestamp with time zone,
  arrived_at timestamp with time zone,
  settle_by timestamp with time zone,
  outcome text,
  outcome_at timestamp with time zone,
  outcome_code text,
  outcome_params jsonb,
  verdict text,
  reason_code text,
  reason_params jsonb,
  judged_at timestamp with time zone,
  recovered_at timestamp with time zone,
  recovered_code text,
  recovered_params jsonb,
  unseen_code text,
  unseen_params jsonb
) WITH (fillfactor=80);
CREATE TABLE office (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE office_holder (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  office_id bigint NOT NULL,
  person_id bigint NOT NULL,
  from_on date NOT NULL,
  until_on date,
  document text DEFAULT ''::text NOT NULL,
  document_on date,
  former_id bigint,
  withdrawn_at timestamp with time zone,
  withdrawn_by text DEFAULT ''::text NOT NULL
);
CREATE TABLE office_post (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  office_id bigint NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  held_at bigint,
  manner text NOT NULL,
  acts text[] DEFAULT '{}'::text[] NOT NULL,
  towns bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE operation_log (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_id bigint,
  actor text NOT NULL,
  post text NOT NULL,
  act text NOT NULL,
  object text NOT NULL,
  object_id bigint,
  before jsonb,
  after jsonb,
  request_id text NOT NULL,
  remote text NOT NULL
);
CREATE TABLE outage (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  from_at timestamp with time zone NOT NULL,
  to_at timestamp with time zone NOT NULL,
  kind text DEFAULT 'down'::text NOT NULL,
  said_to timestamp with time zone,
  withdrawn_at timestamp with time zone
);
CREATE TABLE outward (
  id integer NOT NULL,
  sent_at timestamp with time zone NOT NULL,
  ok_at timestamp with time zone,
  failing_since timestamp with time zone,
  reason_code text DEFAULT ''::text NOT NULL,
  reason_params jsonb DEFAULT '{}'::jsonb NOT NULL
) WITH (fillfactor=70);
CREATE TABLE passkey (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id bigint NOT NULL,
  name text NOT NULL,
  handle bytea NOT NULL,
  credential jsonb NOT NULL,
  added_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone
);
CREATE TABLE password_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  person_id bigint NOT NULL,
  person text NOT NULL,
  reason text NOT NULL,
  by_id bigint,
  by_text text NOT NULL,
  how text NOT NULL,
  second_id bigint,
  second_text text NOT NULL
);
CREATE TABLE person (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  login text NOT NULL,
  name text NOT NULL,
  lang text DEFAULT 'ja'::text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  disabled_at timestamp with time zone,
  issued boolean DEFAULT false NOT NULL,
  machine boolean DEFAULT false NOT NULL
);
CREATE TABLE person_subject (
  tenant_id bigint NOT NULL,
  person_id bigint NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  bound_at timestamp with time zone NOT NULL,
  refused_at timestamp with time zone
);
CREATE TABLE plan (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  server_id bigint NOT NULL,
  name text NOT NULL,
  duty_id bigint,
  source_id bigint,
  store_id bigint NOT NULL,
  pattern text NOT NULL,
  reports boolean NOT NULL,
  manifest text NOT NULL,
  required_level smallint NOT NULL,
  min_bytes bigint,
  max_bytes bigint,
  deviation_k numeric(3,1) DEFAULT 3.5 NOT NULL,
  settle_minutes integer DEFAULT 120 NOT NULL,
  look_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE post (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id bigint NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  from_on date NOT NULL,
  until_on date,
  held_at bigint,
  office_post_id bigint,
  manner text DEFAULT 'appointment'::text NOT NULL,
  appointed_by_id bigint,
  appointed_by text DEFAULT ''::text NOT NULL,
  document text DEFAULT ''::text NOT NULL,
  document_on date,
  acts text[] DEFAULT '{}'::text[] NOT NULL,
  towns bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  withdrawn_at timestamp with time zone,
  handed_over bigint,
  former_until date
);
CREATE TABLE proposal (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  acts text[] NOT NULL,
  towns bigint[] NOT NULL,
  lines jsonb NOT NULL,
  method text NOT NULL,
  uri text NOT NULL,
  content_type text NOT NULL,
  body bytea NOT NULL,
  by_tenant bigint NOT NULL,
  by_person bigint NOT NULL,
  by_text text NOT NULL,
  at timestamp with time zone NOT NULL,
  state text DEFAULT 'waiting'::text NOT NULL,
  decided_by bigint,
  decided_text text DEFAULT ''::text NOT NULL,
  decided_at timestamp with time zone,
  reason text DEFAULT ''::text NOT NULL,
  digest bytea
);
CREATE TABLE rack (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_id bigint NOT NULL,
  code text NOT NULL,
  plan_row integer NOT NULL,
  plan_place integer NOT NULL,
  units integer NOT NULL,
  lock text NOT NULL,
  fixing text NOT NULL,
  dedicated boolean NOT NULL,
  check_months integer NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  duty_id bigint,
  checked_at timestamp with time zone,
  checked_by text DEFAULT ''::text NOT NULL,
  check_due_on date NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE rack_check (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  rack_id bigint NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  fixed boolean NOT NULL,
  lockable boolean NOT NULL,
  dedicated boolean NOT NULL,
  found text DEFAULT ''::text NOT NULL
);
CREATE TABLE rack_unit (
  tenant_id bigint NOT NULL,
  rack_id bigint NOT NULL,
  face text NOT NULL,
  unit integer NOT NULL,
  equipment_id bigint NOT NULL
);
CREATE TABLE rack_view (
  tenant_id bigint NOT NULL,
  host_id bigint NOT NULL,
  rack_id bigint NOT NULL,
  building text NOT NULL,
  area text NOT NULL,
  code text NOT NULL,
  plan_row integer NOT NULL,
  plan_place integer NOT NULL,
  units integer NOT NULL,
  blocks jsonb NOT NULL,
  changed_at timestamp with time zone NOT NULL
);
CREATE TABLE record_kind (
  kind text NOT NULL,
  position integer NOT NULL,
  series text NOT NULL,
  recorded text NOT NULL,
  columns text[] NOT NULL,
  settled text DEFAULT 'true'::text NOT NULL,
  free text DEFAULT 'true'::text NOT NULL,
  along text DEFAULT ''::text NOT NULL,
  act text NOT NULL,
  default_years integer NOT NULL,
  least_years integer NOT NULL
);
CREATE TABLE recovery_code (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id bigint NOT NULL,
  hash bytea NOT NULL,
  made_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone
);
CREATE TABLE retention_rule (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  series text NOT NULL,
  years integer NOT NULL,
  from_on date NOT NULL,
  at timestamp with time zone NOT NULL,
  by_id bigint,
  by_text text NOT NULL,
  reason text NOT NULL
);
CREATE TABLE room (
  tenant_id bigint NOT NULL,
  area_id bigint NOT NULL,
  lock_minutes integer NOT NULL,
  late_minutes integer NOT NULL,
  checklist jsonb NOT NULL,
  duty_id bigint,
  empty_since timestamp with time zone,
  emptied_by text DEFAULT ''::text NOT NULL,
  locked_at timestamp with time zone,
  locked_by text DEFAULT ''::text NOT NULL
) WITH (fillfactor=70);
CREATE TABLE room_decision (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  visit_id bigint NOT NULL,
  kind text NOT NULL,
  applicant_id bigint NOT NULL,
  escort_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  reason text DEFAULT ''::text NOT NULL
);
CREATE TABLE room_entry (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_id bigint NOT NULL,
  subject text NOT NULL,
  person_id bigint,
  permit_id bigint,
  visit_id bigint,
  visitor_id bigint,
  name text NOT NULL,
  org text NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  late_reason text DEFAULT ''::text NOT NULL,
  purpose text NOT NULL,
  escort_id bigint,
  escort_text text DEFAULT ''::text NOT NULL,
  permit_no text DEFAULT ''::text NOT NULL,
  badge text DEFAULT ''::text NOT NULL,
  carried text DEFAULT ''::text NOT NULL,
  basis text NOT NULL,
  why text DEFAULT ''::text NOT NULL,
  reason text DEFAULT ''::text NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  duty_id bigint
);
CREATE TABLE room_exit (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  entry_id bigint NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  late_reason text DEFAULT ''::text NOT NULL,
  carried text DEFAULT ''::text NOT NULL,
  last boolean NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL
);
CREATE TABLE room_inside (
  tenant_id bigint NOT NULL,
  area_id bigint NOT NULL,
  subject text NOT NULL,
  entry_id bigint NOT NULL
);
CREATE TABLE room_lock (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_id bigint NOT NULL,
  exit_id bigint,
  occurred_at timestamp with time zone NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  late_reason text DEFAULT ''::text NOT NULL,
  done jsonb NOT NULL,
  undone jsonb NOT NULL,
  found text DEFAULT ''::text NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL
);
CREATE TABLE room_permit (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_id bigint NOT NULL,
  person_id bigint,
  name text NOT NULL,
  org text NOT NULL,
  from_on date NOT NULL,
  until_on date NOT NULL,
  document text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  granted_at timestamp with time zone NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL,
  revoked_at timestamp with time zone,
  revoked_by text DEFAULT ''::text NOT NULL,
  revoked_why text DEFAULT ''::text NOT NULL
);
CREATE TABLE room_review (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  entry_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  finding text NOT NULL,
  by_id bigint NOT NULL,
  by_text text NOT NULL
);
CREATE TABLE room_visit (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  fiscal_year integer NOT NULL,
  serial integer NOT NULL,
  company text NOT NULL,
  from_at timestamp with time zone NOT NULL,
  until_at timestamp with time zone NOT NULL,
  reason text NOT NULL,
  work text NOT NULL,
  carry_in text DEFAULT ''::text NOT NULL,
  carry_out text DEFAULT ''::text NOT NULL,
  escort_id bigint NOT NULL,
  escort_text text NOT NULL,
  applicant_id bigint NOT NULL,
  applicant text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  duty_id bigint
);
CREATE TABLE room_visit_area (
  tenant_id bigint NOT NULL,
  room_visit_id bigint NOT NULL,
  area_id bigint NOT NULL
);
CREATE TABLE room_visitor (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  visit_id bigint NOT NULL,
  name text NOT NULL,
  applied_at timestamp with time zone NOT NULL
);
CREATE TABLE round (
  job text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ok_at timestamp with time zone,
  last_error text DEFAULT ''::text NOT NULL,
  did integer DEFAULT 0 NOT NULL
) WITH (fillfactor=70);
CREATE TABLE run (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  plan_id bigint NOT NULL,
  occurrence_id bigint,
  night date NOT NULL,
  rid uuid,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  duration_ms bigint,
  reported text NOT NULL,
  exit_status smallint,
  said_bytes bigint,
  said_files bigint,
  said_sha256 text,
  said_generation text DEFAULT ''::text NOT NULL,
  tool text DEFAULT ''::text NOT NULL,
  file_name text DEFAULT ''::text NOT NULL,
  file_bytes bigint,
  file_at timestamp with time zone,
  file_sha256 text,
  format text DEFAULT ''::text NOT NULL,
  entries bigint,
  level smallint,
  outcome text,
  reason_code text DEFAULT ''::text NOT NULL,
  reason_params jsonb DEFAULT '{}'::jsonb NOT NULL,
  verify_at timestamp with time zone,
  claim uuid,
  claimed_until timestamp with time zone,
  verify_tries integer DEFAULT 0 NOT NULL,
  verified_at timestamp with time zone,
  recorded_at timestamp with time zone NOT NULL
) WITH (fillfactor=80);
CREATE TABLE rung (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  incident_id bigint NOT NULL,
  position integer NOT NULL,
  contact_id bigint,
  post text NOT NULL,
  name text NOT NULL,
  mail text NOT NULL,
  phone text NOT NULL,
  hours text NOT NULL,
  after_minutes integer NOT NULL,
  due_at timestamp with time zone NOT NULL,
  state text NOT NULL,
  fired_at timestamp with time zone,
  notice_id bigint
);
CREATE TABLE second_person (
  tenant_id bigint NOT NULL,
  act text NOT NULL
);
CREATE TABLE server (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  position integer DEFAULT 0 NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  rack_place text DEFAULT ''::text NOT NULL,
  note text DEFAULT ''::text NOT NULL,
  search text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE sessions (
  token text NOT NULL,
  data bytea NOT NULL,
  expiry timestamp with time zone NOT NULL
);
CREATE TABLE shelf (
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  number integer DEFAULT 0 NOT NULL,
  digest text NOT NULL,
  last_id bigint DEFAULT 0 NOT NULL,
  month date NOT NULL,
  bind_at timestamp with time zone NOT NULL,
  removed integer DEFAULT 0 NOT NULL,
  expire_at timestamp with time zone
);
CREATE TABLE sign_in (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  person_id bigint NOT NULL,
  way text NOT NULL,
  began_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  confirmed_at timestamp with time zone NOT NULL,
  remote text NOT NULL,
  agent text NOT NULL,
  off_hours boolean NOT NULL,
  ended_at timestamp with time zone,
  ended_why text,
  ended_by text,
  factor_at timestamp with time zone
) WITH (fillfactor=80);
CREATE TABLE sign_in_policy (
  tenant_id bigint NOT NULL,
  idle_minutes integer DEFAULT 10 NOT NULL,
  whole_hours integer DEFAULT 12 NOT NULL,
  second_factor boolean DEFAULT false NOT NULL,
  hours_from integer DEFAULT 420 NOT NULL,
  hours_until integer DEFAULT 1200 NOT NULL
);
CREATE TABLE sign_in_wait (
  key bytea NOT NULL,
  town bigint,
  kind text NOT NULL,
  fails integer NOT NULL,
  since timestamp with time zone NOT NULL,
  last_at timestamp with time zone NOT NULL,
  until_at timestamp with time zone NOT NULL
);
CREATE TABLE source (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  uuid uuid NOT NULL,
  slug text NOT NULL,
  kind text NOT NULL,
  about_id bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE source_state (
  tenant_id bigint NOT NULL,
  source_id bigint NOT NULL,
  seq bigint NOT NULL,
  last_at timestamp with time zone,
  last_kind text
) WITH (fillfactor=70);
CREATE TABLE store (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  root text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  retired_at timestamp with time zone
);
CREATE TABLE tenant (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  consortium_id bigint NOT NULL,
  code text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  kana text NOT NULL,
  zone text NOT NULL,
  joined_on date NOT NULL,
  left_on date,
  search text NOT NULL,
  ping_key text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  duties_in_use integer DEFAULT 0 NOT NULL,
  post_reminder_days integer DEFAULT 30 NOT NULL
);
CREATE TABLE tlog_checkpoint (
  tenant_id bigint NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  key_id bigint NOT NULL,
  at timestamp with time zone NOT NULL
);
CREATE TABLE tlog_due (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  row_id bigint NOT NULL,
  lost_at timestamp with time zone
);
CREATE TABLE tlog_event (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  size bigint NOT NULL,
  detail jsonb NOT NULL,
  by_id bigint,
  by_text text NOT NULL
);
CREATE TABLE tlog_finding (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  what text NOT NULL,
  kind text NOT NULL,
  row_id bigint NOT NULL,
  leaf_index bigint NOT NULL,
  found_at timestamp with time zone NOT NULL,
  gone_at timestamp with time zone
);
CREATE TABLE tlog_form (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  columns text[] NOT NULL
);
CREATE TABLE tlog_inspection (
  tenant_id bigint NOT NULL,
  next_leaf bigint DEFAULT 0 NOT NULL,
  edge bytea DEFAULT '\x'::bytea NOT NULL,
  kind text DEFAULT ''::text NOT NULL,
  after_id bigint DEFAULT 0 NOT NULL,
  passes bigint DEFAULT 0 NOT NULL,
  passed_at timestamp with time zone,
  looked_at timestamp with time zone
) WITH (fillfactor=70);
CREATE TABLE tlog_key (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  verifier text NOT NULL,
  signer text NOT NULL,
  made_at timestamp with time zone NOT NULL,
  by_id bigint,
  by_text text NOT NULL,
  reason text NOT NULL
);
CREATE TABLE tlog_leaf (
  tenant_id bigint NOT NULL,
  leaf_index bigint NOT NULL,
  kind text NOT NULL,
  row_id bigint NOT NULL,
  form_id integer NOT NULL,
  hash bytea NOT NULL,
  at timestamp with time zone NOT NULL
);
CREATE TABLE tlog_series (
  kind text NOT NULL,
  columns text[],
  settled text DEFAULT ''::text NOT NULL,
  recorded text NOT NULL,
  act text NOT NULL
);
CREATE TABLE tlog_tile (
  tenant_id bigint NOT NULL,
  level smallint NOT NULL,
  tile_index bigint NOT NULL,
  hash bytea NOT NULL
);
CREATE TABLE tlog_tree (
  tenant_id bigint NOT NULL,
  origin text NOT NULL,
  town text NOT NULL,
  size bigint DEFAULT 0 NOT NULL,
  edge bytea DEFAULT '\x'::bytea NOT NULL,
  signed_size bigint DEFAULT 0 NOT NULL,
  home text NOT NULL,
  waits_line bigint,
  waits_since timestamp with time zone
) WITH (fillfactor=70);
CREATE TABLE totp (
  tenant_id bigint NOT NULL,
  person_id bigint NOT NULL,
  secret bytea,
  last_step bigint NOT NULL,
  added_at timestamp with time zone NOT NULL
);
CREATE TABLE vault (
  tenant_id bigint NOT NULL,
  kind text NOT NULL,
  id bigint NOT NULL,
  key_id text NOT NULL,
  value bytea NOT NULL
);
CREATE TABLE vault_key (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  key_id text NOT NULL,
  since timestamp with time zone NOT NULL
);
CREATE TABLE verification (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  run_id bigint NOT NULL,
  examination integer NOT NULL,
  level smallint NOT NULL,
  outcome text NOT NULL,
  reason_code text NOT NULL,
  reason_params jsonb NOT NULL,
  at timestamp with time zone NOT NULL,
  took_ms bigint NOT NULL
);
CREATE TABLE volume (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  number integer NOT NULL,
  month date NOT NULL,
  fiscal_year integer NOT NULL,
  columns text[] NOT NULL,
  after_id bigint NOT NULL,
  last_id bigint NOT NULL,
  row_count bigint NOT NULL,
  sha256 text NOT NULL,
  previous text NOT NULL,
  digest text NOT NULL,
  bound_at timestamp with time zone NOT NULL
);

-- constraints

ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_tenant_id_incident_id_fkey FOREIGN KEY (tenant_id, incident_id) REFERENCES incident(tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_tenant_id_rung_id_fkey FOREIGN KEY (tenant_id, rung_id) REFERENCES rung(tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_via_check CHECK ((via = ANY (ARRAY['link'::text, 'console'::text, 'api'::text, 'phone'::text])));
ALTER TABLE api_token ADD CONSTRAINT api_token_hash UNIQUE (hash);
ALTER TABLE api_token ADD CONSTRAINT api_token_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE api_token ADD CONSTRAINT api_token_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE api_token ADD CONSTRAINT api_token_name_check CHECK ((name <> ''::text));
ALTER TABLE appointment ADD CONSTRAINT appointment_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE appointment ADD CONSTRAINT appointment_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE appointment ADD CONSTRAINT appointment_event_check CHECK ((event = ANY (ARRAY['begun'::text, 'changed'::text, 'ended'::text, 'withdrawn'::text, 'carried'::text])));
ALTER TABLE area ADD CONSTRAINT area_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE area ADD CONSTRAINT area_tenant_id_building_id_fkey FOREIGN KEY (tenant_id, building_id) REFERENCES building(tenant_id, id);
ALTER TABLE area ADD CONSTRAINT area_kind_check CHECK ((kind = ANY (ARRAY['server_room'::text, 'machine_room'::text, 'office'::text, 'store'::text])));
ALTER TABLE area ADD CONSTRAINT area_name_check CHECK ((name <> ''::text));
ALTER TABLE area ADD CONSTRAINT area_plan_places_check CHECK (((plan_places >= 1) AND (plan_places <= 40)));
ALTER TABLE area ADD CONSTRAINT area_plan_rows_check CHECK (((plan_rows >= 1) AND (plan_rows <= 30)));
ALTER TABLE attempt ADD CONSTRAINT attempt_n UNIQUE (tenant_id, notice_id, n);
ALTER TABLE attempt ADD CONSTRAINT attempt_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE attempt ADD CONSTRAINT attempt_tenant_id_notice_id_fkey FOREIGN KEY (tenant_id, notice_id) REFERENCES notice(tenant_id, id);
ALTER TABLE attempt ADD CONSTRAINT attempt_check CHECK (((outcome IS NULL) = (ended_at IS NULL)));
ALTER TABLE attempt ADD CONSTRAINT attempt_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'refused'::text, 'away'::text, 'error'::text, 'unknown'::text]))) NOT VALID;
ALTER TABLE badge ADD CONSTRAINT badge_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE badge ADD CONSTRAINT badge_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE badge ADD CONSTRAINT badge_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE badge ADD CONSTRAINT badge_tenant_id_visitor_id_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor(tenant_id, id);
ALTER TABLE badge ADD CONSTRAINT badge_number_check CHECK ((number <> ''::text));
ALTER TABLE badge_event ADD CONSTRAINT badge_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE badge_event ADD CONSTRAINT badge_event_tenant_id_badge_id_fkey FOREIGN KEY (tenant_id, badge_id) REFERENCES badge(tenant_id, id);
ALTER TABLE badge_event ADD CONSTRAINT badge_event_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE badge_event ADD CONSTRAINT badge_event_tenant_id_visitor_id_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor(tenant_id, id);
ALTER TABLE badge_event ADD CONSTRAINT badge_event_kind_check CHECK ((kind = ANY (ARRAY['out'::text, 'back'::text, 'retired'::text])));
ALTER TABLE breach ADD CONSTRAINT breach_pkey PRIMARY KEY (tenant_id, kind);
ALTER TABLE breach ADD CONSTRAINT breach_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE breach ADD CONSTRAINT breach_kind_check CHECK ((kind <> ''::text));
ALTER TABLE building ADD CONSTRAINT building_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE building ADD CONSTRAINT building_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE building ADD CONSTRAINT building_name_check CHECK ((name <> ''::text));
ALTER TABLE checkin ADD CONSTRAINT checkin_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE checkin ADD CONSTRAINT checkin_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES source(tenant_id, id);
ALTER TABLE checkin ADD CONSTRAINT checkin_exit_status_check CHECK (((exit_status >= 0) AND (exit_status <= 255)));
ALTER TABLE checkin ADD CONSTRAINT checkin_kind_check CHECK ((kind = ANY (ARRAY['start'::text, 'success'::text, 'fail'::text, 'log'::text])));
ALTER TABLE confirmation ADD CONSTRAINT confirmation_once UNIQUE (tenant_id, occurrence_id);
ALTER TABLE confirmation ADD CONSTRAINT confirmation_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE confirmation ADD CONSTRAINT confirmation_tenant_id_occurrence_id_fkey FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence(tenant_id, id);
ALTER TABLE consortium ADD CONSTRAINT consortium_pkey PRIMARY KEY (id);
ALTER TABLE consortium ADD CONSTRAINT consortium_name_check CHECK ((name <> ''::text));
ALTER TABLE contact ADD CONSTRAINT contact_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE contact ADD CONSTRAINT contact_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE contact ADD CONSTRAINT contact_name_check CHECK ((name <> ''::text));
ALTER TABLE contact ADD CONSTRAINT contact_post_check CHECK ((post <> ''::text));
ALTER TABLE correction ADD CONSTRAINT correction_turn UNIQUE (tenant_id, ledger, row_id, n);
ALTER TABLE correction ADD CONSTRAINT correction_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE correction ADD CONSTRAINT correction_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE correction ADD CONSTRAINT correction_another_person CHECK ((approver_id <> by_id));
ALTER TABLE correction ADD CONSTRAINT correction_check CHECK (((jsonb_typeof(was) = 'object'::text) AND (jsonb_typeof(becomes) = 'object'::text) AND (was <> becomes)));
ALTER TABLE correction ADD CONSTRAINT correction_ledger_check CHECK ((ledger ~ '^[a-z_]+$'::text));
ALTER TABLE correction ADD CONSTRAINT correction_n_check CHECK ((n > 0));
ALTER TABLE correction ADD CONSTRAINT correction_reason_check CHECK ((reason <> ''::text));
ALTER TABLE credential ADD CONSTRAINT credential_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE credential ADD CONSTRAINT credential_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE credential ADD CONSTRAINT credential_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE credential ADD CONSTRAINT credential_applies_to_check CHECK ((applies_to <> ''::text));
ALTER TABLE credential ADD CONSTRAINT credential_kind_check CHECK ((kind = ANY (ARRAY['startup'::text, 'management'::text, 'other'::text])));
ALTER TABLE credential ADD CONSTRAINT credential_name_check CHECK ((name <> ''::text));
ALTER TABLE credential ADD CONSTRAINT credential_open_days_check CHECK (((open_days >= 1) AND (open_days <= 90)));
ALTER TABLE credential ADD CONSTRAINT credential_rotate_months_check CHECK (((rotate_months >= 1) AND (rotate_months <= 12)));
ALTER TABLE credential_event ADD CONSTRAINT credential_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE credential_event ADD CONSTRAINT credential_event_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE credential_event ADD CONSTRAINT credential_event_tenant_id_corrects_id_fkey FOREIGN KEY (tenant_id, corrects_id) REFERENCES credential_event(tenant_id, id);
ALTER TABLE credential_event ADD CONSTRAINT credential_event_tenant_id_credential_id_fkey FOREIGN KEY (tenant_id, credential_id) REFERENCES credential(tenant_id, id);
ALTER TABLE credential_event ADD CONSTRAINT credential_event_tenant_id_witness_id_fkey FOREIGN KEY (tenant_id, witness_id) REFERENCES person(tenant_id, id);
ALTER TABLE credential_event ADD CONSTRAINT credential_event_check CHECK (((kind = 'corrected'::text) = (corrects_id IS NOT NULL)));
ALTER TABLE credential_event ADD CONSTRAINT credential_event_corrected_elsewhere CHECK ((kind <> 'corrected'::text)) NOT VALID;
ALTER TABLE credential_event ADD CONSTRAINT credential_event_kind_check CHECK ((kind = ANY (ARRAY['set'::text, 'opened'::text, 'resealed'::text, 'changed'::text, 'retired'::text, 'corrected'::text])));
ALTER TABLE credential_event ADD CONSTRAINT credential_event_two_persons CHECK ((by_id <> witness_id));
ALTER TABLE duty ADD CONSTRAINT duty_about UNIQUE (tenant_id, kind, about_id);
ALTER TABLE duty ADD CONSTRAINT duty_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE duty ADD CONSTRAINT duty_ladder FOREIGN KEY (tenant_id, ladder_id) REFERENCES ladder(tenant_id, id);
ALTER TABLE duty ADD CONSTRAINT duty_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE duty ADD CONSTRAINT duty_early_minutes_check CHECK (((early_minutes >= 0) AND (early_minutes <= 1440)));
ALTER TABLE duty ADD CONSTRAINT duty_grace_minutes_check CHECK (((grace_minutes >= 0) AND (grace_minutes <= 10080)));
ALTER TABLE duty ADD CONSTRAINT duty_longest_minutes_check CHECK (((longest_minutes >= 1) AND (longest_minutes <= 10080)));
ALTER TABLE duty ADD CONSTRAINT duty_policy_check CHECK ((policy = ANY (ARRAY['every_day'::text, 'open_days'::text, 'roll_forward'::text])));
ALTER TABLE duty ADD CONSTRAINT duty_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text])));
ALTER TABLE duty ADD CONSTRAINT duty_subject_check CHECK ((subject <> ''::text));
ALTER TABLE duty ADD CONSTRAINT duty_window_minutes_check CHECK (((window_minutes >= 1) AND (window_minutes <= 10080)));
ALTER TABLE duty_answer ADD CONSTRAINT duty_answer_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE duty_answer ADD CONSTRAINT duty_answer_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE duty_answer ADD CONSTRAINT duty_answer_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE duty_answer ADD CONSTRAINT duty_answer_tenant_id_occurrence_id_fkey FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence(tenant_id, id);
ALTER TABLE duty_state ADD CONSTRAINT duty_state_pkey PRIMARY KEY (tenant_id, duty_id);
ALTER TABLE duty_state ADD CONSTRAINT duty_state_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE equipment ADD CONSTRAINT equipment_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE equipment ADD CONSTRAINT equipment_tenant_id_rack_id_fkey FOREIGN KEY (tenant_id, rack_id) REFERENCES rack(tenant_id, id);
ALTER TABLE equipment ADD CONSTRAINT equipment_check CHECK (((server_id IS NULL) OR (owner_id IS NOT NULL)));
ALTER TABLE equipment ADD CONSTRAINT equipment_face_check CHECK ((face = ANY (ARRAY['front'::text, 'rear'::text, 'both'::text])));
ALTER TABLE equipment ADD CONSTRAINT equipment_kind_check CHECK ((kind = ANY (ARRAY['server'::text, 'storage'::text, 'network'::text, 'firewall'::text, 'power'::text, 'media'::text, 'other'::text])));
ALTER TABLE equipment ADD CONSTRAINT equipment_name_check CHECK ((name <> ''::text));
ALTER TABLE equipment ADD CONSTRAINT equipment_unit_check CHECK ((unit > 0));
ALTER TABLE equipment ADD CONSTRAINT equipment_units_check CHECK (((units >= 1) AND (units <= 60)));
ALTER TABLE excuse ADD CONSTRAINT excuse_once UNIQUE (tenant_id, occurrence_id);
ALTER TABLE excuse ADD CONSTRAINT excuse_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE excuse ADD CONSTRAINT excuse_tenant_id_occurrence_id_fkey FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence(tenant_id, id);
ALTER TABLE excuse ADD CONSTRAINT excuse_reason_check CHECK ((reason <> ''::text));
ALTER TABLE expiry ADD CONSTRAINT expiry_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE expiry ADD CONSTRAINT expiry_tenant_id_volume_id_fkey FOREIGN KEY (tenant_id, volume_id) REFERENCES volume(tenant_id, id);
ALTER TABLE expiry ADD CONSTRAINT expiry_row_count_check CHECK ((row_count >= 0));
ALTER TABLE heartbeat ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (node);
ALTER TABLE idempotency ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, person_id, key);
ALTER TABLE idempotency ADD CONSTRAINT idempotency_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE idempotency ADD CONSTRAINT idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)));
ALTER TABLE incident ADD CONSTRAINT incident_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE incident ADD CONSTRAINT incident_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE incident ADD CONSTRAINT incident_check CHECK (((state = 'acknowledged'::text) = (ack_until IS NOT NULL)));
ALTER TABLE incident ADD CONSTRAINT incident_check1 CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL)));
ALTER TABLE incident ADD CONSTRAINT incident_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text])));
ALTER TABLE incident ADD CONSTRAINT incident_state_check CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text])));
ALTER TABLE incident_event ADD CONSTRAINT incident_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE incident_event ADD CONSTRAINT incident_event_tenant_id_incident_id_fkey FOREIGN KEY (tenant_id, incident_id) REFERENCES incident(tenant_id, id);
ALTER TABLE incident_event ADD CONSTRAINT incident_event_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'worsened'::text, 'told'::text, 'unreachable'::text, 'acknowledged'::text, 'ack_expired'::text, 'noted'::text, 'resolved'::text])));
ALTER TABLE installation ADD CONSTRAINT installation_pkey PRIMARY KEY (id);
ALTER TABLE installation ADD CONSTRAINT installation_id_check CHECK ((id = 1));
ALTER TABLE installation ADD CONSTRAINT installation_log_name_check CHECK ((log_name ~ '^[0-9a-f]{12}$'::text));
ALTER TABLE installation ADD CONSTRAINT installation_secret_check CHECK ((octet_length(secret) = 32));
ALTER TABLE installation_secret ADD CONSTRAINT installation_secret_pkey PRIMARY KEY (id);
ALTER TABLE key_approval ADD CONSTRAINT key_approval_once UNIQUE (tenant_id, loan_id, by_id);
ALTER TABLE key_approval ADD CONSTRAINT key_approval_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_approval ADD CONSTRAINT key_approval_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE key_approval ADD CONSTRAINT key_approval_tenant_id_loan_id_fkey FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan(tenant_id, id);
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_name_check CHECK ((name <> ''::text));
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_slots_check CHECK (((slots >= 1) AND (slots <= 200)));
ALTER TABLE key_cabinet ADD CONSTRAINT key_cabinet_stock_months_check CHECK (((stock_months >= 1) AND (stock_months <= 12)));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_tenant_id_cabinet_id_fkey FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet(tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_tenant_id_item_id_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES key_item(tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_tenant_id_loan_id_fkey FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan(tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_tenant_id_lost_duty_id_fkey FOREIGN KEY (tenant_id, lost_duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE key_copy ADD CONSTRAINT key_copy_check CHECK (((state = 'out'::text) = (loan_id IS NOT NULL)));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_check1 CHECK (((state = 'retired'::text) = (retired_at IS NOT NULL)));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_number_check CHECK ((number > 0));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_rank_check CHECK ((rank = ANY (ARRAY['main'::text, 'spare'::text])));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_serial_check CHECK ((serial <> ''::text));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_slot_check CHECK ((slot > 0));
ALTER TABLE key_copy ADD CONSTRAINT key_copy_state_check CHECK ((state = ANY (ARRAY['in'::text, 'out'::text, 'lost'::text, 'retired'::text])));
ALTER TABLE key_event ADD CONSTRAINT key_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_event ADD CONSTRAINT key_event_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE key_event ADD CONSTRAINT key_event_tenant_id_cabinet_id_fkey FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet(tenant_id, id);
ALTER TABLE key_event ADD CONSTRAINT key_event_tenant_id_copy_id_fkey FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy(tenant_id, id);
ALTER TABLE key_event ADD CONSTRAINT key_event_tenant_id_loan_id_fkey FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan(tenant_id, id);
ALTER TABLE key_event ADD CONSTRAINT key_event_kind_check CHECK ((kind = ANY (ARRAY['added'::text, 'moved'::text, 'lent'::text, 'returned'::text, 'handed_over'::text, 'extended'::text, 'inspected'::text, 'lost'::text, 'found'::text, 'retired'::text, 'cylinder'::text])));
ALTER TABLE key_exclusion ADD CONSTRAINT key_exclusion_pkey PRIMARY KEY (tenant_id, item_id, other_id);
ALTER TABLE key_exclusion ADD CONSTRAINT key_exclusion_tenant_id_item_id_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES key_item(tenant_id, id);
ALTER TABLE key_exclusion ADD CONSTRAINT key_exclusion_tenant_id_other_id_fkey FOREIGN KEY (tenant_id, other_id) REFERENCES key_item(tenant_id, id);
ALTER TABLE key_exclusion ADD CONSTRAINT key_exclusion_check CHECK ((item_id <> other_id));
ALTER TABLE key_inventory ADD CONSTRAINT key_inventory_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_inventory ADD CONSTRAINT key_inventory_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE key_inventory ADD CONSTRAINT key_inventory_tenant_id_cabinet_id_fkey FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet(tenant_id, id);
ALTER TABLE key_inventory_line ADD CONSTRAINT key_inventory_line_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_inventory_line ADD CONSTRAINT key_inventory_line_tenant_id_copy_id_fkey FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy(tenant_id, id);
ALTER TABLE key_inventory_line ADD CONSTRAINT key_inventory_line_tenant_id_inventory_id_fkey FOREIGN KEY (tenant_id, inventory_id) REFERENCES key_inventory(tenant_id, id);
ALTER TABLE key_inventory_line ADD CONSTRAINT key_inventory_line_seen_check CHECK ((seen = ANY (ARRAY['present'::text, 'out'::text, 'lost'::text, 'missing'::text, 'unexpected'::text, 'stray'::text])));
ALTER TABLE key_item ADD CONSTRAINT key_item_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_item ADD CONSTRAINT key_item_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE key_item ADD CONSTRAINT key_item_authorisers_check CHECK (((authorisers >= 1) AND (authorisers <= 3)));
ALTER TABLE key_item ADD CONSTRAINT key_item_due_clock_check CHECK (((due_clock >= 0) AND (due_clock <= 1439)));
ALTER TABLE key_item ADD CONSTRAINT key_item_due_minutes_check CHECK (((due_minutes >= 15) AND (due_minutes <= 10080)));
ALTER TABLE key_item ADD CONSTRAINT key_item_generation_check CHECK ((generation > 0));
ALTER TABLE key_item ADD CONSTRAINT key_item_kind_check CHECK ((kind = ANY (ARRAY['key'::text, 'card'::text])));
ALTER TABLE key_item ADD CONSTRAINT key_item_name_check CHECK ((name <> ''::text));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_loan ADD CONSTRAINT key_loan_tenant_id_asked_by_id_fkey FOREIGN KEY (tenant_id, asked_by_id) REFERENCES person(tenant_id, id);
ALTER TABLE key_loan ADD CONSTRAINT key_loan_tenant_id_borrower_id_fkey FOREIGN KEY (tenant_id, borrower_id) REFERENCES person(tenant_id, id);
ALTER TABLE key_loan ADD CONSTRAINT key_loan_tenant_id_copy_id_fkey FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy(tenant_id, id);
ALTER TABLE key_loan ADD CONSTRAINT key_loan_authorisers_check CHECK (((authorisers >= 1) AND (authorisers <= 3)));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_check CHECK (((due_minutes IS NOT NULL) OR (due_at IS NOT NULL)));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_check1 CHECK (((state <> 'out'::text) OR ((out_at IS NOT NULL) AND (due_at IS NOT NULL))));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_due_minutes_check CHECK ((due_minutes > 0));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_purpose_check CHECK ((purpose <> ''::text));
ALTER TABLE key_loan ADD CONSTRAINT key_loan_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'refused'::text, 'withdrawn'::text, 'lapsed'::text, 'out'::text, 'returned'::text, 'handed_over'::text, 'lost'::text, 'ended'::text])));
ALTER TABLE key_opens ADD CONSTRAINT key_opens_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_tenant_id_cabinet_id_fkey FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet(tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_tenant_id_item_id_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES key_item(tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_tenant_id_rack_id_fkey FOREIGN KEY (tenant_id, rack_id) REFERENCES rack(tenant_id, id);
ALTER TABLE key_opens ADD CONSTRAINT key_opens_check CHECK ((num_nonnulls(rack_id, area_id, cabinet_id) = 1));
ALTER TABLE key_setting ADD CONSTRAINT key_setting_pkey PRIMARY KEY (tenant_id);
ALTER TABLE key_setting ADD CONSTRAINT key_setting_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE key_setting ADD CONSTRAINT key_setting_tenant_id_ladder_id_fkey FOREIGN KEY (tenant_id, ladder_id) REFERENCES ladder(tenant_id, id);
ALTER TABLE key_setting ADD CONSTRAINT key_setting_backdate_hours_check CHECK (((backdate_hours >= 1) AND (backdate_hours <= 168)));
ALTER TABLE key_setting ADD CONSTRAINT key_setting_cylinder_days_check CHECK (((cylinder_days >= 1) AND (cylinder_days <= 90)));
ALTER TABLE key_setting ADD CONSTRAINT key_setting_grace_minutes_check CHECK (((grace_minutes >= 0) AND (grace_minutes <= 1440)));
ALTER TABLE label ADD CONSTRAINT label_pkey PRIMARY KEY (tenant_id, code);
ALTER TABLE label ADD CONSTRAINT label_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE label ADD CONSTRAINT label_code_check CHECK ((code ~ '^[0-9]{6}$'::text));
ALTER TABLE label ADD CONSTRAINT label_kind_check CHECK ((kind <> ''::text));
ALTER TABLE ladder ADD CONSTRAINT ladder_name UNIQUE (tenant_id, name);
ALTER TABLE ladder ADD CONSTRAINT ladder_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ladder ADD CONSTRAINT ladder_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE ladder ADD CONSTRAINT ladder_delays_minutes_check CHECK (((cardinality(delays_minutes) >= 1) AND (cardinality(delays_minutes) <= 20)));
ALTER TABLE ladder ADD CONSTRAINT ladder_name_check CHECK ((name <> ''::text));
ALTER TABLE ladder ADD CONSTRAINT ladder_repeat_minutes_check CHECK (((repeat_minutes >= 5) AND (repeat_minutes <= 1440)));
ALTER TABLE local_day ADD CONSTRAINT local_day_pkey PRIMARY KEY (tenant_id, day);
ALTER TABLE local_day ADD CONSTRAINT local_day_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE local_day ADD CONSTRAINT local_day_name_check CHECK ((name <> ''::text));
ALTER TABLE log_actor ADD CONSTRAINT log_actor_pkey PRIMARY KEY (tenant_id, actor, actor_id);
ALTER TABLE log_actor ADD CONSTRAINT log_actor_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE log_review ADD CONSTRAINT log_review_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE log_review ADD CONSTRAINT log_review_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE log_review ADD CONSTRAINT log_review_check CHECK (((NOT found) OR (findings <> ''::text)));
ALTER TABLE log_review ADD CONSTRAINT log_review_lines_check CHECK ((lines >= 0));
ALTER TABLE log_review ADD CONSTRAINT log_review_order CHECK ((to_on >= from_on));
ALTER TABLE log_review ADD CONSTRAINT log_review_own_lines_check CHECK ((own_lines >= 0));
ALTER TABLE management_password ADD CONSTRAINT management_password_pkey PRIMARY KEY (tenant_id);
ALTER TABLE management_password ADD CONSTRAINT management_password_tenant_id_credential_id_fkey FOREIGN KEY (tenant_id, credential_id) REFERENCES credential(tenant_id, id);
ALTER TABLE management_password ADD CONSTRAINT management_password_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE morning ADD CONSTRAINT morning_pkey PRIMARY KEY (tenant_id);
ALTER TABLE morning ADD CONSTRAINT morning_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE morning ADD CONSTRAINT morning_minute_check CHECK (((minute >= 0) AND (minute <= 1439)));
ALTER TABLE morning_reader ADD CONSTRAINT morning_reader_mail UNIQUE (tenant_id, mail);
ALTER TABLE morning_reader ADD CONSTRAINT morning_reader_pkey PRIMARY KEY (tenant_id, "position");
ALTER TABLE morning_reader ADD CONSTRAINT morning_reader_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES morning(tenant_id);
ALTER TABLE morning_reader ADD CONSTRAINT morning_reader_mail_check CHECK ((mail <> ''::text));
ALTER TABLE morning_reader ADD CONSTRAINT morning_reader_name_check CHECK ((name <> ''::text));
ALTER TABLE notice ADD CONSTRAINT notice_dedup UNIQUE (tenant_id, dedup);
ALTER TABLE notice ADD CONSTRAINT notice_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE notice ADD CONSTRAINT notice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE notice ADD CONSTRAINT notice_channel_check CHECK ((channel = 'mail'::text));
ALTER TABLE notice ADD CONSTRAINT notice_check CHECK (((state = ANY (ARRAY['queued'::text, 'sending'::text])) = (next_at IS NOT NULL)));
ALTER TABLE notice ADD CONSTRAINT notice_check1 CHECK (((state = 'sending'::text) = ((claim IS NOT NULL) AND (claimed_until IS NOT NULL))));
ALTER TABLE notice ADD CONSTRAINT notice_check2 CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL)));
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'repeated'::text, 'reopened'::text, 'resolved'::text, 'checkpoint'::text, 'reminded'::text, 'morning'::text]))) NOT VALID;
ALTER TABLE notice ADD CONSTRAINT notice_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'withdrawn'::text])));
ALTER TABLE notice ADD CONSTRAINT notice_withdrawn_check CHECK (((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL)));
ALTER TABLE notice_also ADD CONSTRAINT notice_also_pkey PRIMARY KEY (tenant_id, notice_id, n);
ALTER TABLE notice_also ADD CONSTRAINT notice_also_tenant_id_notice_id_fkey FOREIGN KEY (tenant_id, notice_id) REFERENCES notice(tenant_id, id);
ALTER TABLE observance ADD CONSTRAINT observance_version UNIQUE (tenant_id, document, version);
ALTER TABLE observance ADD CONSTRAINT observance_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE observance ADD CONSTRAINT observance_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE observance ADD CONSTRAINT observance_check CHECK ((withdrawn = (body = ''::text)));
ALTER TABLE observance ADD CONSTRAINT observance_document_check CHECK ((document > 0));
ALTER TABLE observance ADD CONSTRAINT observance_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE observance ADD CONSTRAINT observance_title_check CHECK ((title <> ''::text));
ALTER TABLE observance ADD CONSTRAINT observance_version_check CHECK ((version > 0));
ALTER TABLE observance_acceptance ADD CONSTRAINT observance_acceptance_once UNIQUE (tenant_id, observance_id, person_id);
ALTER TABLE observance_acceptance ADD CONSTRAINT observance_acceptance_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE observance_acceptance ADD CONSTRAINT observance_acceptance_tenant_id_observance_id_fkey FOREIGN KEY (tenant_id, observance_id) REFERENCES observance(tenant_id, id);
ALTER TABLE observance_acceptance ADD CONSTRAINT observance_acceptance_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE observance_acceptance ADD CONSTRAINT observance_acceptance_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_period UNIQUE (tenant_id, duty_id, period);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check CHECK (((opens_at <= scheduled_at) AND (scheduled_at < due_at) AND (due_at <= judge_at)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check1 CHECK (((verdict IS NULL) = (look_at IS NOT NULL)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check2 CHECK ((((verdict IS NULL) = (judged_at IS NULL)) AND ((verdict IS NULL) = (reason_code IS NULL))));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check3 CHECK (((outcome IS NULL) = (outcome_at IS NULL)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_outcome_check CHECK ((outcome = ANY (ARRAY['good'::text, 'bad'::text])));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_verdict_check CHECK ((verdict = ANY (ARRAY['met'::text, 'late'::text, 'failed'::text, 'missed'::text, 'excused'::text, 'unknown'::text])));
ALTER TABLE office ADD CONSTRAINT office_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE office ADD CONSTRAINT office_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE office ADD CONSTRAINT office_name_check CHECK ((name <> ''::text));
ALTER TABLE office_holder ADD CONSTRAINT office_holder_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE office_holder ADD CONSTRAINT office_holder_tenant_id_former_id_fkey FOREIGN KEY (tenant_id, former_id) REFERENCES office_holder(tenant_id, id);
ALTER TABLE office_holder ADD CONSTRAINT office_holder_tenant_id_office_id_fkey FOREIGN KEY (tenant_id, office_id) REFERENCES office(tenant_id, id);
ALTER TABLE office_holder ADD CONSTRAINT office_holder_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE office_holder ADD CONSTRAINT office_holder_check CHECK ((until_on >= from_on));
ALTER TABLE office_post ADD CONSTRAINT office_post_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE office_post ADD CONSTRAINT office_post_tenant_id_office_id_fkey FOREIGN KEY (tenant_id, office_id) REFERENCES office(tenant_id, id);
ALTER TABLE office_post ADD CONSTRAINT office_post_kind_check CHECK ((kind = ANY (ARRAY['host_admin'::text, 'operator'::text, 'facility'::text, 'auditor'::text, 'town'::text])));
ALTER TABLE office_post ADD CONSTRAINT office_post_manner_check CHECK ((manner = ANY (ARRAY['appointment'::text, 'designation'::text])));
ALTER TABLE operation_log ADD CONSTRAINT operation_log_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE operation_log ADD CONSTRAINT operation_log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE outage ADD CONSTRAINT outage_from UNIQUE (from_at);
ALTER TABLE outage ADD CONSTRAINT outage_pkey PRIMARY KEY (id);
ALTER TABLE outage ADD CONSTRAINT outage_check CHECK ((to_at > from_at));
ALTER TABLE outage ADD CONSTRAINT outage_kind_check CHECK ((kind = ANY (ARRAY['down'::text, 'clock'::text])));
ALTER TABLE outward ADD CONSTRAINT outward_pkey PRIMARY KEY (id);
ALTER TABLE outward ADD CONSTRAINT outward_id_check CHECK ((id = 1));
ALTER TABLE passkey ADD CONSTRAINT passkey_handle UNIQUE (handle);
ALTER TABLE passkey ADD CONSTRAINT passkey_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE passkey ADD CONSTRAINT passkey_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE passkey ADD CONSTRAINT passkey_name_check CHECK ((name <> ''::text));
ALTER TABLE password_event ADD CONSTRAINT password_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE password_event ADD CONSTRAINT password_event_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE password_event ADD CONSTRAINT password_event_how_check CHECK ((how = ANY (ARRAY['present'::text, 'confirmed'::text, 'alone'::text, 'opened'::text])));
ALTER TABLE password_event ADD CONSTRAINT password_event_kind_check CHECK ((kind = ANY (ARRAY['issued'::text, 'factors'::text, 'enabled'::text, 'restored'::text])));
ALTER TABLE password_event ADD CONSTRAINT password_event_two_persons CHECK ((((how = 'alone'::text) = (second_id IS NULL)) AND (second_id IS DISTINCT FROM COALESCE(by_id, (0)::bigint))));
ALTER TABLE person ADD CONSTRAINT person_login UNIQUE (login);
ALTER TABLE person ADD CONSTRAINT person_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE person ADD CONSTRAINT person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE person ADD CONSTRAINT person_lang_check CHECK ((lang = ANY (ARRAY['ja'::text, 'en'::text])));
ALTER TABLE person ADD CONSTRAINT person_login_shape CHECK ((login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'::text));
ALTER TABLE person ADD CONSTRAINT person_name_check CHECK ((name <> ''::text));
ALTER TABLE person_subject ADD CONSTRAINT person_subject_one UNIQUE (issuer, subject);
ALTER TABLE person_subject ADD CONSTRAINT person_subject_pkey PRIMARY KEY (tenant_id, person_id, issuer);
ALTER TABLE person_subject ADD CONSTRAINT person_subject_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_tenant_id_server_id_fkey FOREIGN KEY (tenant_id, server_id) REFERENCES server(tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES source(tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_tenant_id_store_id_fkey FOREIGN KEY (tenant_id, store_id) REFERENCES store(tenant_id, id);
ALTER TABLE plan ADD CONSTRAINT plan_check CHECK ((reports OR (retired_at IS NOT NULL) OR (look_at IS NOT NULL)));
ALTER TABLE plan ADD CONSTRAINT plan_deviation_k_check CHECK (((deviation_k >= (1)::numeric) AND (deviation_k <= (10)::numeric)));
ALTER TABLE plan ADD CONSTRAINT plan_manifest_check CHECK ((manifest = ANY (ARRAY['none'::text, 'any'::text, 'sidecar'::text, 'checkin'::text])));
ALTER TABLE plan ADD CONSTRAINT plan_max_bytes_check CHECK ((max_bytes > 0));
ALTER TABLE plan ADD CONSTRAINT plan_min_bytes_check CHECK ((min_bytes >= 0));
ALTER TABLE plan ADD CONSTRAINT plan_name_check CHECK ((name <> ''::text));
ALTER TABLE plan ADD CONSTRAINT plan_pattern_check CHECK ((pattern <> ''::text));
ALTER TABLE plan ADD CONSTRAINT plan_required_level_check CHECK (((required_level >= 0) AND (required_level <= 5)));
ALTER TABLE plan ADD CONSTRAINT plan_settle_minutes_check CHECK (((settle_minutes >= 1) AND (settle_minutes <= 1440)));
ALTER TABLE plan ADD CONSTRAINT plan_sizes CHECK (((min_bytes IS NULL) OR (max_bytes IS NULL) OR (min_bytes <= max_bytes)));
ALTER TABLE post ADD CONSTRAINT post_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE post ADD CONSTRAINT post_tenant_id_handed_over_fkey FOREIGN KEY (tenant_id, handed_over) REFERENCES office_holder(tenant_id, id);
ALTER TABLE post ADD CONSTRAINT post_tenant_id_office_post_id_fkey FOREIGN KEY (tenant_id, office_post_id) REFERENCES office_post(tenant_id, id);
ALTER TABLE post ADD CONSTRAINT post_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE post ADD CONSTRAINT post_check CHECK ((until_on >= from_on));
ALTER TABLE post ADD CONSTRAINT post_handed_over CHECK (((handed_over IS NOT NULL) OR (former_until IS NULL)));
ALTER TABLE post ADD CONSTRAINT post_kind_check CHECK ((kind = ANY (ARRAY['host_admin'::text, 'operator'::text, 'facility'::text, 'auditor'::text, 'town'::text])));
ALTER TABLE post ADD CONSTRAINT post_manner_check CHECK ((manner = ANY (ARRAY['appointment'::text, 'designation'::text])));
ALTER TABLE proposal ADD CONSTRAINT proposal_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE proposal ADD CONSTRAINT proposal_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE proposal ADD CONSTRAINT proposal_another_person CHECK (((state <> 'confirmed'::text) OR (decided_by <> by_person)));
ALTER TABLE proposal ADD CONSTRAINT proposal_digest_check CHECK ((octet_length(digest) = 32));
ALTER TABLE proposal ADD CONSTRAINT proposal_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'confirmed'::text, 'refused'::text, 'withdrawn'::text])));
ALTER TABLE rack ADD CONSTRAINT rack_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE rack ADD CONSTRAINT rack_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE rack ADD CONSTRAINT rack_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE rack ADD CONSTRAINT rack_check_months_check CHECK (((check_months >= 1) AND (check_months <= 24)));
ALTER TABLE rack ADD CONSTRAINT rack_code_check CHECK ((code <> ''::text));
ALTER TABLE rack ADD CONSTRAINT rack_plan_place_check CHECK ((plan_place > 0));
ALTER TABLE rack ADD CONSTRAINT rack_plan_row_check CHECK ((plan_row > 0));
ALTER TABLE rack ADD CONSTRAINT rack_units_check CHECK (((units >= 1) AND (units <= 60)));
ALTER TABLE rack_check ADD CONSTRAINT rack_check_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE rack_check ADD CONSTRAINT rack_check_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE rack_check ADD CONSTRAINT rack_check_tenant_id_rack_id_fkey FOREIGN KEY (tenant_id, rack_id) REFERENCES rack(tenant_id, id);
ALTER TABLE rack_check ADD CONSTRAINT rack_check_check CHECK (((found <> ''::text) OR (fixed AND lockable AND dedicated)));
ALTER TABLE rack_unit ADD CONSTRAINT rack_unit_pkey PRIMARY KEY (tenant_id, rack_id, face, unit);
ALTER TABLE rack_unit ADD CONSTRAINT rack_unit_tenant_id_equipment_id_fkey FOREIGN KEY (tenant_id, equipment_id) REFERENCES equipment(tenant_id, id);
ALTER TABLE rack_unit ADD CONSTRAINT rack_unit_tenant_id_rack_id_fkey FOREIGN KEY (tenant_id, rack_id) REFERENCES rack(tenant_id, id);
ALTER TABLE rack_unit ADD CONSTRAINT rack_unit_face_check CHECK ((face = ANY (ARRAY['front'::text, 'rear'::text])));
ALTER TABLE rack_unit ADD CONSTRAINT rack_unit_unit_check CHECK ((unit > 0));
ALTER TABLE rack_view ADD CONSTRAINT rack_view_pkey PRIMARY KEY (tenant_id, host_id, rack_id);
ALTER TABLE rack_view ADD CONSTRAINT rack_view_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE record_kind ADD CONSTRAINT record_kind_position_key UNIQUE ("position");
ALTER TABLE record_kind ADD CONSTRAINT record_kind_pkey PRIMARY KEY (kind);
ALTER TABLE record_kind ADD CONSTRAINT record_kind_check CHECK (((default_years >= least_years) AND (default_years <= 100)));
ALTER TABLE record_kind ADD CONSTRAINT record_kind_columns_check CHECK ((columns[1] = 'id'::text));
ALTER TABLE record_kind ADD CONSTRAINT record_kind_kind_check CHECK ((kind ~ '^[a-z_]+$'::text));
ALTER TABLE record_kind ADD CONSTRAINT record_kind_least_years_check CHECK ((least_years >= 1));
ALTER TABLE record_kind ADD CONSTRAINT record_kind_series_check CHECK ((series ~ '^[a-z_]+$'::text));
ALTER TABLE recovery_code ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE recovery_code ADD CONSTRAINT recovery_code_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE retention_rule ADD CONSTRAINT retention_rule_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE retention_rule ADD CONSTRAINT retention_rule_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE retention_rule ADD CONSTRAINT retention_log_years CHECK (((series <> 'log'::text) OR (years >= 7)));
ALTER TABLE retention_rule ADD CONSTRAINT retention_rule_years_check CHECK (((years >= 1) AND (years <= 100)));
ALTER TABLE room ADD CONSTRAINT room_pkey PRIMARY KEY (tenant_id, area_id);
ALTER TABLE room ADD CONSTRAINT room_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room ADD CONSTRAINT room_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE room ADD CONSTRAINT room_late_minutes_check CHECK (((late_minutes >= 1) AND (late_minutes <= 1440)));
ALTER TABLE room ADD CONSTRAINT room_lock_minutes_check CHECK (((lock_minutes >= 1) AND (lock_minutes <= 240)));
ALTER TABLE room_decision ADD CONSTRAINT room_decision_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_decision ADD CONSTRAINT room_decision_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_decision ADD CONSTRAINT room_decision_tenant_id_visit_id_applicant_id_escort_id_fkey FOREIGN KEY (tenant_id, visit_id, applicant_id, escort_id) REFERENCES room_visit(tenant_id, id, applicant_id, escort_id);
ALTER TABLE room_decision ADD CONSTRAINT room_decision_another_person CHECK (((kind = 'cancelled'::text) OR ((by_id <> applicant_id) AND (by_id <> escort_id))));
ALTER TABLE room_decision ADD CONSTRAINT room_decision_check CHECK (((kind = 'approved'::text) OR (reason <> ''::text)));
ALTER TABLE room_decision ADD CONSTRAINT room_decision_kind_check CHECK ((kind = ANY (ARRAY['approved'::text, 'refused'::text, 'cancelled'::text])));
ALTER TABLE room_entry ADD CONSTRAINT room_entry_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_escort_id_fkey FOREIGN KEY (tenant_id, escort_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_permit_id_fkey FOREIGN KEY (tenant_id, permit_id) REFERENCES room_permit(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_visit_id_fkey FOREIGN KEY (tenant_id, visit_id) REFERENCES room_visit(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_tenant_id_visitor_id_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor(tenant_id, id);
ALTER TABLE room_entry ADD CONSTRAINT room_entry_basis_check CHECK ((basis = ANY (ARRAY['list'::text, 'visit'::text, 'none'::text])));
ALTER TABLE room_entry ADD CONSTRAINT room_entry_check CHECK (((basis <> 'none'::text) OR ((why <> ''::text) AND (reason <> ''::text))));
ALTER TABLE room_entry ADD CONSTRAINT room_entry_name_check CHECK ((name <> ''::text));
ALTER TABLE room_exit ADD CONSTRAINT room_exit_once UNIQUE (tenant_id, entry_id);
ALTER TABLE room_exit ADD CONSTRAINT room_exit_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_exit ADD CONSTRAINT room_exit_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_exit ADD CONSTRAINT room_exit_tenant_id_entry_id_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry(tenant_id, id);
ALTER TABLE room_inside ADD CONSTRAINT room_inside_entry UNIQUE (tenant_id, entry_id);
ALTER TABLE room_inside ADD CONSTRAINT room_inside_pkey PRIMARY KEY (tenant_id, area_id, subject);
ALTER TABLE room_inside ADD CONSTRAINT room_inside_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room_inside ADD CONSTRAINT room_inside_tenant_id_entry_id_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry(tenant_id, id);
ALTER TABLE room_lock ADD CONSTRAINT room_lock_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_lock ADD CONSTRAINT room_lock_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room_lock ADD CONSTRAINT room_lock_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_lock ADD CONSTRAINT room_lock_tenant_id_exit_id_fkey FOREIGN KEY (tenant_id, exit_id) REFERENCES room_exit(tenant_id, id);
ALTER TABLE room_lock ADD CONSTRAINT room_lock_check CHECK (((undone = '[]'::jsonb) OR (found <> ''::text)));
ALTER TABLE room_permit ADD CONSTRAINT room_permit_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_permit ADD CONSTRAINT room_permit_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room_permit ADD CONSTRAINT room_permit_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_permit ADD CONSTRAINT room_permit_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_permit ADD CONSTRAINT room_permit_another_person CHECK (((person_id IS NULL) OR (person_id <> by_id)));
ALTER TABLE room_permit ADD CONSTRAINT room_permit_check CHECK ((until_on >= from_on));
ALTER TABLE room_permit ADD CONSTRAINT room_permit_document_check CHECK ((document <> ''::text));
ALTER TABLE room_permit ADD CONSTRAINT room_permit_name_check CHECK ((name <> ''::text));
ALTER TABLE room_review ADD CONSTRAINT room_review_once UNIQUE (tenant_id, entry_id);
ALTER TABLE room_review ADD CONSTRAINT room_review_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_review ADD CONSTRAINT room_review_tenant_id_by_id_fkey FOREIGN KEY (tenant_id, by_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_review ADD CONSTRAINT room_review_tenant_id_entry_id_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry(tenant_id, id);
ALTER TABLE room_review ADD CONSTRAINT room_review_finding_check CHECK ((finding <> ''::text));
ALTER TABLE room_visit ADD CONSTRAINT room_visit_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_visit ADD CONSTRAINT room_visit_tenant_id_applicant_id_fkey FOREIGN KEY (tenant_id, applicant_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_visit ADD CONSTRAINT room_visit_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE room_visit ADD CONSTRAINT room_visit_tenant_id_escort_id_fkey FOREIGN KEY (tenant_id, escort_id) REFERENCES person(tenant_id, id);
ALTER TABLE room_visit ADD CONSTRAINT room_visit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE room_visit ADD CONSTRAINT room_visit_check CHECK ((until_at > from_at));
ALTER TABLE room_visit ADD CONSTRAINT room_visit_company_check CHECK ((company <> ''::text));
ALTER TABLE room_visit ADD CONSTRAINT room_visit_serial_check CHECK ((serial > 0));
ALTER TABLE room_visit_area ADD CONSTRAINT room_visit_area_pkey PRIMARY KEY (tenant_id, room_visit_id, area_id);
ALTER TABLE room_visit_area ADD CONSTRAINT room_visit_area_tenant_id_area_id_fkey FOREIGN KEY (tenant_id, area_id) REFERENCES area(tenant_id, id);
ALTER TABLE room_visit_area ADD CONSTRAINT room_visit_area_tenant_id_room_visit_id_fkey FOREIGN KEY (tenant_id, room_visit_id) REFERENCES room_visit(tenant_id, id);
ALTER TABLE room_visitor ADD CONSTRAINT room_visitor_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE room_visitor ADD CONSTRAINT room_visitor_tenant_id_visit_id_fkey FOREIGN KEY (tenant_id, visit_id) REFERENCES room_visit(tenant_id, id);
ALTER TABLE room_visitor ADD CONSTRAINT room_visitor_name_check CHECK ((name <> ''::text));
ALTER TABLE round ADD CONSTRAINT round_pkey PRIMARY KEY (job);
ALTER TABLE run ADD CONSTRAINT run_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE run ADD CONSTRAINT run_tenant_id_occurrence_id_fkey FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence(tenant_id, id);
ALTER TABLE run ADD CONSTRAINT run_tenant_id_plan_id_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES plan(tenant_id, id);
ALTER TABLE run ADD CONSTRAINT run_duration_ms_check CHECK ((duration_ms >= 0));
ALTER TABLE run ADD CONSTRAINT run_file_sha256_check CHECK ((file_sha256 ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE run ADD CONSTRAINT run_level_check CHECK (((level >= '-1'::integer) AND (level <= 5)));
ALTER TABLE run ADD CONSTRAINT run_outcome_check CHECK ((outcome = ANY (ARRAY['good'::text, 'bad'::text])));
ALTER TABLE run ADD CONSTRAINT run_reported_check CHECK ((reported = ANY (ARRAY['running'::text, 'ok'::text, 'fail'::text, 'none'::text])));
ALTER TABLE run ADD CONSTRAINT run_said_sha256_check CHECK ((said_sha256 ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE rung ADD CONSTRAINT rung_position UNIQUE (tenant_id, incident_id, "position");
ALTER TABLE rung ADD CONSTRAINT rung_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE rung ADD CONSTRAINT rung_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES contact(tenant_id, id);
ALTER TABLE rung ADD CONSTRAINT rung_tenant_id_incident_id_fkey FOREIGN KEY (tenant_id, incident_id) REFERENCES incident(tenant_id, id);
ALTER TABLE rung ADD CONSTRAINT rung_tenant_id_notice_id_fkey FOREIGN KEY (tenant_id, notice_id) REFERENCES notice(tenant_id, id);
ALTER TABLE rung ADD CONSTRAINT rung_check CHECK (((state = 'fired'::text) = (fired_at IS NOT NULL)));
ALTER TABLE rung ADD CONSTRAINT rung_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'held'::text, 'fired'::text, 'dropped'::text])));
ALTER TABLE second_person ADD CONSTRAINT second_person_pkey PRIMARY KEY (tenant_id, act);
ALTER TABLE second_person ADD CONSTRAINT second_person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE second_person ADD CONSTRAINT second_person_act_check CHECK ((act <> ''::text));
ALTER TABLE server ADD CONSTRAINT server_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE server ADD CONSTRAINT server_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE server ADD CONSTRAINT server_name_check CHECK ((name <> ''::text));
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
ALTER TABLE shelf ADD CONSTRAINT shelf_pkey PRIMARY KEY (tenant_id, kind);
ALTER TABLE shelf ADD CONSTRAINT shelf_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE shelf ADD CONSTRAINT shelf_check CHECK ((removed <= number));
ALTER TABLE sign_in ADD CONSTRAINT sign_in_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE sign_in ADD CONSTRAINT sign_in_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE sign_in ADD CONSTRAINT sign_in_check CHECK (((ended_at IS NULL) = (ended_why IS NULL)));
ALTER TABLE sign_in ADD CONSTRAINT sign_in_ended_why_check CHECK ((ended_why = ANY (ARRAY['signed_out'::text, 'idle'::text, 'whole'::text, 'revoked'::text, 'password'::text])));
ALTER TABLE sign_in ADD CONSTRAINT sign_in_way_check CHECK ((way = ANY (ARRAY['password'::text, 'totp'::text, 'recovery'::text, 'passkey'::text, 'sso'::text, 'sso_strong'::text, 'sso_totp'::text, 'sso_recovery'::text]))) NOT VALID;
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_pkey PRIMARY KEY (tenant_id);
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_hours CHECK ((hours_from < hours_until));
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_hours_from_check CHECK (((hours_from >= 0) AND (hours_from <= 1439)));
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_hours_until_check CHECK (((hours_until >= 1) AND (hours_until <= 1440)));
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_idle_minutes_check CHECK (((idle_minutes >= 1) AND (idle_minutes <= 60)));
ALTER TABLE sign_in_policy ADD CONSTRAINT sign_in_policy_whole_hours_check CHECK (((whole_hours >= 1) AND (whole_hours <= 24)));
ALTER TABLE sign_in_wait ADD CONSTRAINT sign_in_wait_pkey PRIMARY KEY (key);
ALTER TABLE sign_in_wait ADD CONSTRAINT sign_in_wait_kind_check CHECK ((kind = ANY (ARRAY['login'::text, 'address'::text, 'both'::text])));
ALTER TABLE source ADD CONSTRAINT source_slug UNIQUE (tenant_id, slug);
ALTER TABLE source ADD CONSTRAINT source_uuid UNIQUE (uuid);
ALTER TABLE source ADD CONSTRAINT source_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE source ADD CONSTRAINT source_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE source ADD CONSTRAINT source_slug_shape CHECK ((slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text));
ALTER TABLE source_state ADD CONSTRAINT source_state_pkey PRIMARY KEY (tenant_id, source_id);
ALTER TABLE source_state ADD CONSTRAINT source_state_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES source(tenant_id, id);
ALTER TABLE store ADD CONSTRAINT store_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE store ADD CONSTRAINT store_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE store ADD CONSTRAINT store_kind_check CHECK ((kind = 'dir'::text));
ALTER TABLE store ADD CONSTRAINT store_name_check CHECK ((name <> ''::text));
ALTER TABLE store ADD CONSTRAINT store_root_check CHECK ((root <> ''::text));
ALTER TABLE tenant ADD CONSTRAINT tenant_code UNIQUE (consortium_id, code);
ALTER TABLE tenant ADD CONSTRAINT tenant_ping_key UNIQUE (ping_key);
ALTER TABLE tenant ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);
ALTER TABLE tenant ADD CONSTRAINT tenant_consortium_id_fkey FOREIGN KEY (consortium_id) REFERENCES consortium(id);
ALTER TABLE tenant ADD CONSTRAINT tenant_code_digits CHECK ((code ~ '^[0-9]{6}$'::text));
ALTER TABLE tenant ADD CONSTRAINT tenant_kind_check CHECK ((kind = ANY (ARRAY['host'::text, 'member'::text])));
ALTER TABLE tenant ADD CONSTRAINT tenant_left_after_joined CHECK ((left_on >= joined_on));
ALTER TABLE tenant ADD CONSTRAINT tenant_name_check CHECK ((name <> ''::text));
ALTER TABLE tenant ADD CONSTRAINT tenant_ping_key_check CHECK ((ping_key ~ '^[A-Za-z0-9_-]{22}$'::text));
ALTER TABLE tenant ADD CONSTRAINT tenant_post_reminder_days_check CHECK (((post_reminder_days >= 0) AND (post_reminder_days <= 180)));
ALTER TABLE tlog_checkpoint ADD CONSTRAINT tlog_checkpoint_pkey PRIMARY KEY (tenant_id, size);
ALTER TABLE tlog_checkpoint ADD CONSTRAINT tlog_checkpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_checkpoint ADD CONSTRAINT tlog_checkpoint_root_check CHECK ((octet_length(root) = 32));
ALTER TABLE tlog_checkpoint ADD CONSTRAINT tlog_checkpoint_size_check CHECK ((size > 0));
ALTER TABLE tlog_due ADD CONSTRAINT tlog_due_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE tlog_event ADD CONSTRAINT tlog_event_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE tlog_event ADD CONSTRAINT tlog_event_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_event ADD CONSTRAINT tlog_event_kind_check CHECK ((kind = ANY (ARRAY['begun'::text, 'restored'::text, 'key'::text])));
ALTER TABLE tlog_finding ADD CONSTRAINT tlog_finding_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE tlog_finding ADD CONSTRAINT tlog_finding_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_finding ADD CONSTRAINT tlog_finding_what_check CHECK ((what = ANY (ARRAY['changed'::text, 'missing'::text, 'unlisted'::text, 'leaf'::text, 'tree'::text, 'checkpoint'::text, 'removal'::text, 'series'::text, 'key'::text]))) NOT VALID;
ALTER TABLE tlog_form ADD CONSTRAINT tlog_form_columns UNIQUE (kind, columns);
ALTER TABLE tlog_form ADD CONSTRAINT tlog_form_pkey PRIMARY KEY (id);
ALTER TABLE tlog_form ADD CONSTRAINT tlog_form_kind_fkey FOREIGN KEY (kind) REFERENCES tlog_series(kind);
ALTER TABLE tlog_form ADD CONSTRAINT tlog_form_columns_check CHECK ((columns[1] = 'id'::text));
ALTER TABLE tlog_inspection ADD CONSTRAINT tlog_inspection_pkey PRIMARY KEY (tenant_id);
ALTER TABLE tlog_inspection ADD CONSTRAINT tlog_inspection_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_key ADD CONSTRAINT tlog_key_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE tlog_key ADD CONSTRAINT tlog_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_leaf ADD CONSTRAINT tlog_leaf_row UNIQUE (tenant_id, kind, row_id);
ALTER TABLE tlog_leaf ADD CONSTRAINT tlog_leaf_pkey PRIMARY KEY (tenant_id, leaf_index);
ALTER TABLE tlog_leaf ADD CONSTRAINT tlog_leaf_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_leaf ADD CONSTRAINT tlog_leaf_hash_check CHECK ((octet_length(hash) = 32));
ALTER TABLE tlog_leaf ADD CONSTRAINT tlog_leaf_leaf_index_check CHECK ((leaf_index >= 0));
ALTER TABLE tlog_series ADD CONSTRAINT tlog_series_pkey PRIMARY KEY (kind);
ALTER TABLE tlog_series ADD CONSTRAINT tlog_series_columns_check CHECK ((columns[1] = 'id'::text));
ALTER TABLE tlog_series ADD CONSTRAINT tlog_series_kind_check CHECK ((kind ~ '^[a-z_]+$'::text));
ALTER TABLE tlog_tile ADD CONSTRAINT tlog_tile_pkey PRIMARY KEY (tenant_id, level, tile_index);
ALTER TABLE tlog_tile ADD CONSTRAINT tlog_tile_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_tile ADD CONSTRAINT tlog_tile_hash_check CHECK ((octet_length(hash) = 32));
ALTER TABLE tlog_tile ADD CONSTRAINT tlog_tile_level_check CHECK (((level >= 1) AND (level <= 7)));
ALTER TABLE tlog_tile ADD CONSTRAINT tlog_tile_tile_index_check CHECK ((tile_index >= 0));
ALTER TABLE tlog_tree ADD CONSTRAINT tlog_tree_pkey PRIMARY KEY (tenant_id);
ALTER TABLE tlog_tree ADD CONSTRAINT tlog_tree_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE tlog_tree ADD CONSTRAINT tlog_tree_edge_check CHECK (((octet_length(edge) % 32) = 0));
ALTER TABLE tlog_tree ADD CONSTRAINT tlog_tree_size_check CHECK ((size >= 0));
ALTER TABLE totp ADD CONSTRAINT totp_pkey PRIMARY KEY (tenant_id, person_id);
ALTER TABLE totp ADD CONSTRAINT totp_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE totp ADD CONSTRAINT totp_secret_check CHECK ((octet_length(secret) = 20));
ALTER TABLE vault ADD CONSTRAINT vault_pkey PRIMARY KEY (tenant_id, kind, id);
ALTER TABLE vault ADD CONSTRAINT vault_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE vault ADD CONSTRAINT vault_kind_check CHECK ((kind = ANY (ARRAY['totp'::text, 'tlog_key'::text])));
ALTER TABLE vault ADD CONSTRAINT vault_value_check CHECK (((octet_length(value) >= 28) AND (octet_length(value) <= 8192)));
ALTER TABLE vault_key ADD CONSTRAINT vault_key_once UNIQUE (key_id);
ALTER TABLE vault_key ADD CONSTRAINT vault_key_pkey PRIMARY KEY (id);
ALTER TABLE vault_key ADD CONSTRAINT vault_key_key_id_check CHECK ((key_id ~ '^[0-9a-f]{16}$'::text));
ALTER TABLE verification ADD CONSTRAINT verification_once UNIQUE (tenant_id, run_id, examination, level);
ALTER TABLE verification ADD CONSTRAINT verification_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE verification ADD CONSTRAINT verification_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES run(tenant_id, id);
ALTER TABLE verification ADD CONSTRAINT verification_level_check CHECK (((level >= 0) AND (level <= 5)));
ALTER TABLE verification ADD CONSTRAINT verification_outcome_check CHECK ((outcome = ANY (ARRAY['passed'::text, 'warned'::text, 'failed'::text, 'skipped'::text])));
ALTER TABLE volume ADD CONSTRAINT volume_number UNIQUE (tenant_id, kind, number);
ALTER TABLE volume ADD CONSTRAINT volume_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE volume ADD CONSTRAINT volume_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE volume ADD CONSTRAINT volume_after_id_check CHECK ((after_id >= 0));
ALTER TABLE volume ADD CONSTRAINT volume_check CHECK (((last_id >= after_id) AND (row_count <= (last_id - after_id))));
ALTER TABLE volume ADD CONSTRAINT volume_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE volume ADD CONSTRAINT volume_number_check CHECK ((number > 0));
ALTER TABLE volume ADD CONSTRAINT volume_previous_check CHECK ((previous ~ '^[0-9a-f]{64}$'::text));
ALTER TABLE volume ADD CONSTRAINT volume_row_count_check CHECK ((row_count >= 0));
ALTER TABLE volume ADD CONSTRAINT volume_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text));

-- indexes

CREATE INDEX acknowledgement_incident ON public.acknowledgement USING btree (tenant_id, incident_id);
CREATE UNIQUE INDEX acknowledgement_link ON public.acknowledgement USING btree (tenant_id, rung_id) WHERE (via = 'link'::text);
CREATE INDEX api_token_person ON public.api_token USING btree (tenant_id, person_id);
CREATE INDEX appointment_post ON public.appointment USING btree (tenant_id, home_id, post_id, id DESC);
CREATE INDEX appointment_until ON public.appointment USING btree (until_on) WHERE (until_on IS NOT NULL);
CREATE UNIQUE INDEX area_name ON public.area USING btree (tenant_id, building_id, name) WHERE (retired_at IS NULL);
CREATE INDEX badge_event_of ON public.badge_event USING btree (tenant_id, badge_id, id);
CREATE INDEX badge_event_visitor ON public.badge_event USING btree (tenant_id, visitor_id) WHERE (visitor_id IS NOT NULL);
CREATE UNIQUE INDEX badge_number ON public.badge USING btree (tenant_id, number) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX badge_visitor ON public.badge USING btree (tenant_id, visitor_id);
CREATE UNIQUE INDEX building_name ON public.building USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE INDEX checkin_newest ON public.checkin USING btree (tenant_id, source_id, id DESC);
CREATE INDEX checkin_untaken ON public.checkin USING btree (id) WHERE (taken_at IS NULL);
CREATE INDEX contact_order ON public.contact USING btree (tenant_id, "position", id) WHERE (retired_at IS NULL);
CREATE INDEX correction_at ON public.correction USING btree (tenant_id, at);
CREATE INDEX correction_newest ON public.correction USING btree (id);
CREATE INDEX credential_event_of ON public.credential_event USING btree (tenant_id, credential_id, id);
CREATE INDEX credential_event_own_corrections ON public.credential_event USING btree (tenant_id, corrects_id) WHERE (corrects_id IS NOT NULL);
CREATE INDEX credential_event_untaken ON public.credential_event USING btree (id) WHERE ((kind = 'changed'::text) AND (taken_at IS NULL));
CREATE UNIQUE INDEX credential_name ON public.credential USING btree (tenant_id, kind, name) WHERE (retired_at IS NULL);
CREATE INDEX duty_answer_of ON public.duty_answer USING btree (tenant_id, occurrence_id);
CREATE INDEX duty_answer_untaken ON public.duty_answer USING btree (id) WHERE (taken_at IS NULL);
CREATE INDEX duty_retired ON public.duty USING btree (tenant_id, id) WHERE (retired_at IS NOT NULL);
CREATE INDEX duty_to_plan ON public.duty USING btree (planned_until) WHERE (retired_at IS NULL);
CREATE INDEX equipment_in ON public.equipment USING btree (tenant_id, rack_id) WHERE (removed_at IS NULL);
CREATE UNIQUE INDEX equipment_server ON public.equipment USING btree (tenant_id, owner_id, server_id) WHERE (removed_at IS NULL);
CREATE INDEX expiry_volume ON public.expiry USING btree (tenant_id, volume_id);
CREATE INDEX idempotency_at ON public.idempotency USING btree (at);
CREATE INDEX incident_ack_until ON public.incident USING btree (ack_until, tenant_id) WHERE (state = 'acknowledged'::text);
CREATE INDEX incident_event_incident ON public.incident_event USING btree (tenant_id, incident_id, id);
CREATE INDEX incident_newest ON public.incident USING btree (id);
CREATE UNIQUE INDEX incident_one_open ON public.incident USING btree (tenant_id, cause) WHERE (state <> 'resolved'::text);
CREATE UNIQUE INDEX key_cabinet_name ON public.key_cabinet USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX key_copy_number ON public.key_copy USING btree (tenant_id, item_id, rank, number) WHERE (retired_at IS NULL);
CREATE INDEX key_copy_out ON public.key_copy USING btree (tenant_id, holder_id) WHERE (state = 'out'::text);
CREATE UNIQUE INDEX key_copy_serial ON public.key_copy USING btree (tenant_id, serial) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX key_copy_slot ON public.key_copy USING btree (tenant_id, cabinet_id, slot) WHERE (retired_at IS NULL);
CREATE INDEX key_event_of ON public.key_event USING btree (tenant_id, copy_id, id);
CREATE INDEX key_inventory_line_of ON public.key_inventory_line USING btree (tenant_id, inventory_id, id);
CREATE INDEX key_inventory_of ON public.key_inventory USING btree (tenant_id, cabinet_id, id);
CREATE UNIQUE INDEX key_item_name ON public.key_item USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX key_loan_asked ON public.key_loan USING btree (tenant_id, copy_id) WHERE (state = 'asked'::text);
CREATE INDEX key_loan_book ON public.key_loan USING btree (tenant_id, out_at) WHERE (out_at IS NOT NULL);
CREATE INDEX key_loan_of ON public.key_loan USING btree (tenant_id, copy_id, id);
CREATE UNIQUE INDEX key_loan_out ON public.key_loan USING btree (tenant_id, copy_id) WHERE (state = 'out'::text);
CREATE INDEX key_opens_of ON public.key_opens USING btree (tenant_id, item_id) WHERE (ended_at IS NULL);
CREATE INDEX key_opens_rack ON public.key_opens USING btree (tenant_id, rack_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX label_of ON public.label USING btree (tenant_id, kind, object_id) WHERE (void_at IS NULL);
CREATE INDEX log_actor_person ON public.log_actor USING btree (tenant_id, actor_id) WHERE (actor_id <> 0);
CREATE INDEX management_password_untold ON public.management_password USING btree (tenant_id) WHERE ((spent_at IS NULL) <> (told_at IS NULL));
CREATE INDEX notice_about ON public.notice USING btree (tenant_id, about, about_id);
CREATE INDEX notice_also_about ON public.notice_also USING btree (tenant_id, about_id);
CREATE INDEX notice_due ON public.notice USING btree (next_at) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text]));
CREATE INDEX notice_newest ON public.notice USING btree (id);
CREATE INDEX notice_unsent ON public.notice USING btree (tenant_id, id) WHERE (state <> ALL (ARRAY['sent'::text, 'withdrawn'::text]));
CREATE INDEX notice_withdrawn ON public.notice USING btree (tenant_id, id) WHERE (state = 'withdrawn'::text);
CREATE INDEX occurrence_bad ON public.occurrence USING btree (tenant_id, duty_id, scheduled_at) WHERE ((verdict = ANY (ARRAY['failed'::text, 'missed'::text, 'unknown'::text])) AND (recovered_at IS NULL));
CREATE INDEX occurrence_look ON public.occurrence USING btree (look_at, tenant_id) WHERE (verdict IS NULL);
CREATE INDEX occurrence_night ON public.occurrence USING btree (tenant_id, night, duty_id);
CREATE INDEX occurrence_overdue ON public.occurrence USING btree (judge_at) WHERE (verdict IS NULL);
CREATE INDEX occurrence_scheduled ON public.occurrence USING btree (tenant_id, duty_id, scheduled_at DESC);
CREATE UNIQUE INDEX office_holder_from ON public.office_holder USING btree (tenant_id, office_id, from_on) WHERE (withdrawn_at IS NULL);
CREATE UNIQUE INDEX office_holder_open ON public.office_holder USING btree (tenant_id, office_id) WHERE ((until_on IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX office_holder_person ON public.office_holder USING btree (tenant_id, person_id);
CREATE UNIQUE INDEX office_name ON public.office USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE INDEX office_post_office ON public.office_post USING btree (tenant_id, office_id);
CREATE INDEX operation_log_act ON public.operation_log USING btree (tenant_id, act, at DESC, id DESC);
CREATE INDEX operation_log_actor ON public.operation_log USING btree (tenant_id, actor, at DESC, id DESC);
CREATE INDEX operation_log_at ON public.operation_log USING btree (tenant_id, at DESC, id DESC);
CREATE INDEX operation_log_newest ON public.operation_log USING btree (at DESC, id DESC);
CREATE INDEX operation_log_object ON public.operation_log USING btree (tenant_id, object, at DESC, id DESC);
CREATE INDEX operation_log_request ON public.operation_log USING hash (request_id);
CREATE INDEX operation_log_thing ON public.operation_log USING btree (object_id, object) WHERE (object_id IS NOT NULL);
CREATE INDEX passkey_person ON public.passkey USING btree (tenant_id, person_id);
CREATE INDEX password_event_newest ON public.password_event USING btree (id);
CREATE INDEX person_subject_refused ON public.person_subject USING btree (refused_at) WHERE (refused_at IS NOT NULL);
CREATE INDEX plan_look ON public.plan USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE UNIQUE INDEX plan_name ON public.plan USING btree (tenant_id, server_id, name) WHERE (retired_at IS NULL);
CREATE INDEX post_office ON public.post USING btree (tenant_id, office_post_id) WHERE (office_post_id IS NOT NULL);
CREATE INDEX post_person ON public.post USING btree (tenant_id, person_id);
CREATE INDEX proposal_newest ON public.proposal USING btree (id);
CREATE UNIQUE INDEX proposal_waiting_once ON public.proposal USING btree (tenant_id, by_tenant, by_person, digest) WHERE (state = 'waiting'::text);
CREATE INDEX rack_check_of ON public.rack_check USING btree (tenant_id, rack_id, id);
CREATE UNIQUE INDEX rack_code ON public.rack USING btree (tenant_id, code) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX rack_place ON public.rack USING btree (tenant_id, area_id, plan_row, plan_place) WHERE (retired_at IS NULL);
CREATE INDEX rack_unit_of ON public.rack_unit USING btree (tenant_id, equipment_id);
CREATE INDEX recovery_code_person ON public.recovery_code USING btree (tenant_id, person_id);
CREATE INDEX retention_rule_series ON public.retention_rule USING btree (tenant_id, series, id DESC);
CREATE UNIQUE INDEX room_decision_once ON public.room_decision USING btree (tenant_id, visit_id, ((kind = 'cancelled'::text)));
CREATE INDEX room_entry_area ON public.room_entry USING btree (tenant_id, area_id, occurred_at);
CREATE INDEX room_entry_permit ON public.room_entry USING btree (tenant_id, permit_id) WHERE (permit_id IS NOT NULL);
CREATE INDEX room_entry_subject ON public.room_entry USING btree (tenant_id, area_id, subject, id);
CREATE INDEX room_entry_unpermitted ON public.room_entry USING btree (tenant_id, id) WHERE (basis = 'none'::text);
CREATE INDEX room_entry_visit ON public.room_entry USING btree (tenant_id, visit_id) WHERE (visit_id IS NOT NULL);
CREATE INDEX room_lock_area ON public.room_lock USING btree (tenant_id, area_id, occurred_at);
CREATE INDEX room_lock_exit ON public.room_lock USING btree (tenant_id, exit_id) WHERE (exit_id IS NOT NULL);
CREATE INDEX room_permit_of ON public.room_permit USING btree (tenant_id, area_id, until_on);
CREATE UNIQUE INDEX room_visit_number ON public.room_visit USING btree (tenant_id, fiscal_year, serial);
CREATE INDEX room_visit_until ON public.room_visit USING btree (tenant_id, until_at);
CREATE INDEX room_visitor_of ON public.room_visitor USING btree (tenant_id, visit_id);
CREATE INDEX run_newest ON public.run USING btree (tenant_id, plan_id, id DESC);
CREATE INDEX run_occurrence ON public.run USING btree (tenant_id, occurrence_id);
CREATE UNIQUE INDEX run_rid ON public.run USING btree (tenant_id, plan_id, rid) WHERE (rid IS NOT NULL);
CREATE INDEX run_running ON public.run USING btree (tenant_id, plan_id, started_at) WHERE (reported = 'running'::text);
CREATE INDEX run_to_verify ON public.run USING btree (verify_at) WHERE (verify_at IS NOT NULL);
CREATE INDEX rung_due ON public.rung USING btree (due_at, tenant_id) WHERE (state = 'pending'::text);
CREATE INDEX rung_notice ON public.rung USING btree (tenant_id, notice_id) WHERE (notice_id IS NOT NULL);
CREATE UNIQUE INDEX server_name ON public.server USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE INDEX sessions_expiry ON public.sessions USING btree (expiry);
CREATE INDEX shelf_bind ON public.shelf USING btree (bind_at);
CREATE INDEX shelf_expire ON public.shelf USING btree (expire_at) WHERE (expire_at IS NOT NULL);
CREATE INDEX sign_in_newest ON public.sign_in USING btree (id);
CREATE INDEX sign_in_off_hours ON public.sign_in USING btree (began_at) WHERE off_hours;
CREATE INDEX sign_in_open ON public.sign_in USING btree (tenant_id, id) WHERE (ended_at IS NULL);
CREATE INDEX sign_in_person ON public.sign_in USING btree (tenant_id, person_id, id DESC);
CREATE INDEX sign_in_wait_last ON public.sign_in_wait USING btree (last_at);
CREATE UNIQUE INDEX store_name ON public.store USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX tenant_one_host ON public.tenant USING btree (consortium_id) WHERE (kind = 'host'::text);
CREATE INDEX tlog_checkpoint_at ON public.tlog_checkpoint USING btree (tenant_id, at);
CREATE INDEX tlog_checkpoint_next ON public.tlog_checkpoint USING btree (tenant_id, size) WHERE (POSITION(('key '::text) IN (note)) > 0);
CREATE INDEX tlog_due_lost ON public.tlog_due USING btree (tenant_id, id) WHERE (lost_at IS NOT NULL);
CREATE UNIQUE INDEX tlog_finding_once ON public.tlog_finding USING btree (tenant_id, what, kind, row_id, leaf_index) WHERE (gone_at IS NULL);
CREATE INDEX tlog_key_clear ON public.tlog_key USING btree (tenant_id) WHERE (signer <> ''::text);
CREATE INDEX totp_clear ON public.totp USING btree (tenant_id) WHERE (secret IS NOT NULL);

-- triggers

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.acknowledgement FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.acknowledgement REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.appointment FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.appointment FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.appointment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.attempt FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('ended_at', 'outcome', 'detail');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.attempt FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER UPDATE ON public.attempt REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('t.ended_at IS NOT NULL');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.badge_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.badge_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.badge_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.checkin FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('taken_at');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.checkin FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER UPDATE ON public.checkin REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('t.taken_at IS NOT NULL');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.confirmation FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.confirmation FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.confirmation REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.correction FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.correction FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.correction REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.credential_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('taken_at');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.credential_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.credential_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER count_added AFTER INSERT ON public.duty REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tanamori_count_duties();
CREATE TRIGGER count_retired AFTER UPDATE OF retired_at ON public.duty FOR EACH ROW WHEN ((new.on_board AND ((old.retired_at IS NULL) <> (new.retired_at IS NULL)))) EXECUTE FUNCTION tanamori_count_retired();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.duty_answer FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('taken_at');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.duty_answer FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.duty_answer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.excuse FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.excuse FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.excuse REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.expiry FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.expiry FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.expiry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER lawful_expiry BEFORE INSERT ON public.expiry FOR EACH ROW EXECUTE FUNCTION tanamori_lawful_expiry();
CREATE TRIGGER due AFTER INSERT ON public.incident REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER kept BEFORE DELETE ON public.incident FOR EACH ROW EXECUTE FUNCTION tanamori_keep('incident', 'id');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.incident_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.incident_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.incident_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.key_approval FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.key_approval FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.key_approval REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.key_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.key_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.key_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.key_inventory FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.key_inventory FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.key_inventory REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.key_inventory_line FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.key_inventory_line FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.key_inventory_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER plan_anew AFTER INSERT OR DELETE OR UPDATE ON public.local_day FOR EACH ROW EXECUTE FUNCTION tanamori_plan_anew();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.log_review FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.log_review FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.log_review REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER due AFTER INSERT ON public.notice REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER kept BEFORE DELETE ON public.notice FOR EACH ROW EXECUTE FUNCTION tanamori_keep('notice', 'id');
CREATE TRIGGER append_only BEFORE UPDATE ON public.notice_also FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.notice_also FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER kept BEFORE DELETE ON public.notice_also FOR EACH ROW EXECUTE FUNCTION tanamori_keep('notice', 'notice_id');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.observance FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.observance FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.observance REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.observance_acceptance FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.observance_acceptance FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.observance_acceptance REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER due AFTER UPDATE ON public.occurrence REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('t.verdict IS NOT NULL');
CREATE TRIGGER keep_verdict BEFORE DELETE OR UPDATE ON public.occurrence FOR EACH ROW EXECUTE FUNCTION tanamori_keep_verdict();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.operation_log FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.operation_log FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.operation_log REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER note_actors AFTER INSERT ON public.operation_log REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tanamori_note_actors();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.password_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.password_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.password_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER due AFTER UPDATE ON public.proposal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('t.state <> ''waiting''');
CREATE TRIGGER kept BEFORE DELETE ON public.proposal FOR EACH ROW EXECUTE FUNCTION tanamori_keep('proposal', 'id');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.rack_check FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.rack_check FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.rack_check REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.retention_rule FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.retention_rule FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.retention_rule REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_decision FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_decision FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_entry FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('duty_id');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_entry FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_exit FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_exit FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_exit REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_lock FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_lock FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_lock REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_permit FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('revoked_at', 'revoked_by', 'revoked_why');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_permit FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_permit REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_review FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_review FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_review REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_visit FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('duty_id');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_visit FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_visit REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.room_visitor FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.room_visitor FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.room_visitor REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER due AFTER INSERT ON public.run REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER kept BEFORE DELETE ON public.run FOR EACH ROW EXECUTE FUNCTION tanamori_keep('run', 'id');
CREATE TRIGGER kept BEFORE DELETE ON public.rung FOR EACH ROW EXECUTE FUNCTION tanamori_keep('incident', 'incident_id');
CREATE TRIGGER follow_server AFTER UPDATE OF name, "position" ON public.server FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old."position" IS DISTINCT FROM new."position"))) EXECUTE FUNCTION tanamori_follow_server();
CREATE TRIGGER due AFTER UPDATE ON public.sign_in REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('t.ended_at IS NOT NULL');
CREATE TRIGGER kept BEFORE DELETE ON public.sign_in FOR EACH ROW EXECUTE FUNCTION tanamori_keep('sign_in', 'id');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.tlog_checkpoint FOR EACH ROW EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.tlog_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.tlog_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.tlog_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.tlog_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.tlog_key FOR EACH ROW EXECUTE FUNCTION tanamori_emptied();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.tlog_key FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.tlog_leaf FOR EACH ROW EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.tlog_leaf FOR EACH STATEMENT EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.tlog_tile FOR EACH ROW EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.tlog_tile FOR EACH STATEMENT EXECUTE FUNCTION tanamori_never();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.verification FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.verification FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.verification REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.volume FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.volume FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER due AFTER INSERT ON public.volume REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due('true');

-- row-level security

ALTER TABLE acknowledgement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE area ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attempt ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE badge ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE badge_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE breach ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE building ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE checkin ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE consortium ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE contact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE correction ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE credential ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE credential_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE duty ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_answer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE equipment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE excuse ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE expiry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incident ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incident_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_approval ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_cabinet ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_copy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_exclusion ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_inventory ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_inventory_line ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_item ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_loan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_opens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE key_setting ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE label ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ladder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE local_day ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE log_actor ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE log_review ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE management_password ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE morning ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE morning_reader ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE notice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE notice_also ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE observance ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE observance_acceptance ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE occurrence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE office ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE office_holder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE office_post ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE operation_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE passkey ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE password_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE person_subject ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE post ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE proposal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rack ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rack_check ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rack_unit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rack_view ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE retention_rule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_decision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_exit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_inside ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_lock ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_permit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_review ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_visit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_visit_area ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE room_visitor ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rung ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE second_person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE server ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE shelf ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sign_in ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sign_in_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE source ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE source_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE store ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_checkpoint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_due ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_finding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_inspection ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_leaf ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_tile ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tlog_tree ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE totp ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE vault ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE verification ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE volume ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- policies

CREATE POLICY all_towns_tanamori_job ON acknowledgement FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON acknowledgement FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON api_token FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON api_token FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON appointment FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON appointment FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON area FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON attempt FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON attempt FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON badge FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON badge FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON badge_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON badge_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON breach FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON breach FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON building FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_ingest ON checkin FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON checkin FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON checkin FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON confirmation FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON confirmation FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON consortium FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON consortium FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY own ON consortium FOR ALL TO tanamori_host, tanamori_town USING (id = ( SELECT (NULLIF(current_setting('tanamori.consortium'::text, true), ''::text))::bigint AS "nullif"));
CREATE POLICY all_towns_tanamori_job ON contact FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON contact FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON correction FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON correction FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON credential FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON credential FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON credential FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON credential_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON credential_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON duty FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON duty FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON duty_answer FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON duty_answer FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON duty_state FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON duty_state FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON equipment FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON excuse FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON excuse FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON expiry FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON expiry FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON idempotency FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON idempotency FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON incident FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON incident FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON incident_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON incident_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_approval FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_approval FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON key_cabinet FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_copy FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_copy FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON key_exclusion FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_inventory FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_inventory FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_inventory_line FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_inventory_line FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON key_item FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON key_loan FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON key_loan FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON key_opens FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON key_setting FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON label FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON ladder FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON ladder FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON local_day FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON local_day FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON log_actor FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON log_actor FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON log_actor FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON log_review FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON log_review FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON management_password FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON management_password FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON management_password FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON morning FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON morning FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON morning_reader FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON morning_reader FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON notice FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON notice FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON notice_also FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON notice_also FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON observance FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON observance FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON observance_acceptance FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON observance_acceptance FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON occurrence FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON occurrence FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON office FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON office_holder FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON office_post FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON operation_log FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON operation_log FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON operation_log FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON passkey FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON passkey FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON password_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON password_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON person FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON person FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON person FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON person_subject FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON person_subject FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON person_subject FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON plan FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON plan FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON post FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON post FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON post FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON proposal FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON proposal FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON rack FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON rack_check FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON rack_check FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON rack_unit FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON rack_view FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON recovery_code FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON recovery_code FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON retention_rule FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON retention_rule FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY towns ON room FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_decision FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_decision FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_entry FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_entry FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_exit FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_exit FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_inside FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_inside FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_lock FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_lock FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_permit FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_permit FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_review FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_review FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_visit FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_visit FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_visit_area FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_visit_area FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON room_visitor FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON room_visitor FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON run FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON run FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON rung FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON rung FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON second_person FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON second_person FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON server FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON server FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON shelf FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON shelf FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON sign_in FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON sign_in FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON sign_in FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON sign_in_policy FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON sign_in_policy FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON sign_in_policy FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_ingest ON source FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON source FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON source FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_ingest ON source_state FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON source_state FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON source_state FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON store FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON store FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON tenant FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_ingest ON tenant FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON tenant FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY join_consortium ON tenant FOR INSERT TO tanamori_host WITH CHECK (consortium_id = ( SELECT (NULLIF(current_setting('tanamori.consortium'::text, true), ''::text))::bigint AS "nullif"));
CREATE POLICY towns ON tenant FOR ALL TO tanamori_host, tanamori_town USING (id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_checkpoint FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_checkpoint FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON tlog_due FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON tlog_due FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_due FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_finding FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_finding FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_inspection FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_inspection FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_key FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_key FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_leaf FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_leaf FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_tile FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_tile FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON tlog_tree FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON tlog_tree FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_gate ON totp FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON totp FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON vault FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY apps ON vault FOR ALL TO tanamori_gate USING (kind = 'totp'::text) WITH CHECK (kind = 'totp'::text);
CREATE POLICY apps_alone ON vault FOR DELETE TO tanamori_host, tanamori_town USING (kind = 'totp'::text);
CREATE POLICY towns ON vault FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON verification FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON verification FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));
CREATE POLICY all_towns_tanamori_job ON volume FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON volume FOR ALL TO tanamori_host, tanamori_town USING (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest)) WITH CHECK (tenant_id IN ( SELECT unnest(tanamori_towns()) AS unnest));

-- grants

GRANT INSERT, SELECT ON acknowledgement TO tanamori_host;
GRANT DELETE, SELECT ON acknowledgement TO tanamori_job;
GRANT INSERT, SELECT ON acknowledgement TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_town;
GRANT INSERT, SELECT ON appointment TO tanamori_host;
GRANT DELETE, SELECT ON appointment TO tanamori_job;
GRANT SELECT ON appointment TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON area TO tanamori_host;
GRANT SELECT ON attempt TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON attempt TO tanamori_job;
GRANT SELECT ON attempt TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON badge TO tanamori_host;
GRANT SELECT ON badge TO tanamori_job;
GRANT INSERT, SELECT ON badge_event TO tanamori_host;
GRANT DELETE, SELECT ON badge_event TO tanamori_job;
GRANT SELECT ON breach TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON breach TO tanamori_job;
GRANT SELECT ON breach TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON building TO tanamori_host;
GRANT SELECT ON checkin TO tanamori_host;
GRANT INSERT ON checkin TO tanamori_ingest;
GRANT DELETE, SELECT ON checkin TO tanamori_job;
GRANT SELECT ON checkin TO tanamori_town;
GRANT INSERT, SELECT ON confirmation TO tanamori_host;
GRANT DELETE, SELECT ON confirmation TO tanamori_job;
GRANT SELECT ON confirmation TO tanamori_town;
GRANT SELECT ON consortium TO tanamori_gate;
GRANT SELECT ON consortium TO tanamori_host;
GRANT SELECT ON consortium TO tanamori_job;
GRANT SELECT ON consortium TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON contact TO tanamori_host;
GRANT SELECT ON contact TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON contact TO tanamori_town;
GRANT INSERT, SELECT ON correction TO tanamori_host;
GRANT DELETE, SELECT ON correction TO tanamori_job;
GRANT INSERT, SELECT ON correction TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON credential TO tanamori_host;
GRANT SELECT ON credential TO tanamori_job;
GRANT INSERT, SELECT ON credential_event TO tanamori_host;
GRANT DELETE, SELECT ON credential_event TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON duty TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON duty TO tanamori_job;
GRANT SELECT ON duty TO tanamori_town;
GRANT INSERT, SELECT ON duty_answer TO tanamori_host;
GRANT DELETE, SELECT ON duty_answer TO tanamori_job;
GRANT INSERT, SELECT ON duty_answer TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON duty_state TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON duty_state TO tanamori_job;
GRANT SELECT ON duty_state TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON equipment TO tanamori_host;
GRANT INSERT, SELECT ON excuse TO tanamori_host;
GRANT DELETE, SELECT ON excuse TO tanamori_job;
GRANT SELECT ON excuse TO tanamori_town;
GRANT SELECT ON expiry TO tanamori_host;
GRANT INSERT, SELECT ON expiry TO tanamori_job;
GRANT SELECT ON expiry TO tanamori_town;
GRANT SELECT ON goose_db_version TO tanamori_gate;
GRANT SELECT ON heartbeat TO tanamori_gate;
GRANT SELECT ON heartbeat TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON heartbeat TO tanamori_job;
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency TO tanamori_host;
GRANT DELETE, SELECT ON idempotency TO tanamori_job;
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON incident TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON incident TO tanamori_job;
GRANT SELECT, UPDATE ON incident TO tanamori_town;
GRANT INSERT, SELECT ON incident_event TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON incident_event TO tanamori_job;
GRANT INSERT, SELECT ON incident_event TO tanamori_town;
GRANT SELECT ON installation TO tanamori_gate;
GRANT SELECT ON installation TO tanamori_job;
GRANT SELECT ON installation_secret TO tanamori_gate;
GRANT DELETE, INSERT, SELECT, UPDATE ON installation_secret TO tanamori_job;
GRANT INSERT, SELECT ON key_approval TO tanamori_host;
GRANT DELETE, SELECT ON key_approval TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON key_cabinet TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON key_copy TO tanamori_host;
GRANT SELECT ON key_copy TO tanamori_job;
GRANT INSERT, SELECT ON key_event TO tanamori_host;
GRANT DELETE, SELECT ON key_event TO tanamori_job;
GRANT DELETE, INSERT, SELECT ON key_exclusion TO tanamori_host;
GRANT INSERT, SELECT ON key_inventory TO tanamori_host;
GRANT DELETE, SELECT ON key_inventory TO tanamori_job;
GRANT INSERT, SELECT ON key_inventory_line TO tanamori_host;
GRANT DELETE, SELECT ON key_inventory_line TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON key_item TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON key_loan TO tanamori_host;
GRANT SELECT ON key_loan TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON key_opens TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON key_setting TO tanamori_host;
GRANT INSERT, SELECT ON label TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON ladder TO tanamori_host;
GRANT SELECT ON ladder TO tanamori_job;
GRANT SELECT ON ladder TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON local_day TO tanamori_host;
GRANT SELECT ON local_day TO tanamori_job;
GRANT SELECT ON local_day TO tanamori_town;
GRANT INSERT ON log_actor TO tanamori_gate;
GRANT INSERT, SELECT ON log_actor TO tanamori_host;
GRANT INSERT, SELECT ON log_actor TO tanamori_job;
GRANT INSERT, SELECT ON log_actor TO tanamori_town;
GRANT INSERT, SELECT ON log_review TO tanamori_host;
GRANT DELETE, SELECT ON log_review TO tanamori_job;
GRANT SELECT ON management_password TO tanamori_gate;
GRANT INSERT, UPDATE ON management_password TO tanamori_host;
GRANT SELECT ON management_password TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON morning TO tanamori_host;
GRANT SELECT, UPDATE ON morning TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON morning TO tanamori_town;
GRANT DELETE, INSERT, SELECT ON morning_reader TO tanamori_host;
GRANT SELECT ON morning_reader TO tanamori_job;
GRANT DELETE, INSERT, SELECT ON morning_reader TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON notice TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON notice TO tanamori_job;
GRANT SELECT ON notice TO tanamori_town;
GRANT INSERT, SELECT ON notice_also TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON notice_also TO tanamori_job;
GRANT SELECT ON notice_also TO tanamori_town;
GRANT INSERT, SELECT ON observance TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON observance TO tanamori_job;
GRANT SELECT ON observance TO tanamori_town;
GRANT INSERT, SELECT ON observance_acceptance TO tanamori_host;
GRANT DELETE, SELECT ON observance_acceptance TO tanamori_job;
GRANT INSERT, SELECT ON observance_acceptance TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON occurrence TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON occurrence TO tanamori_job;
GRANT SELECT ON occurrence TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON office TO tanamori_host;
GRANT SELECT ON office TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON office_holder TO tanamori_host;
GRANT SELECT ON office_holder TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON office_post TO tanamori_host;
GRANT SELECT ON office_post TO tanamori_town;
GRANT INSERT ON operation_log TO tanamori_gate;
GRANT INSERT, SELECT ON operation_log TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON operation_log TO tanamori_job;
GRANT INSERT, SELECT ON operation_log TO tanamori_town;
GRANT SELECT ON outage TO tanamori_gate;
GRANT SELECT ON outage TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON outage TO tanamori_job;
GRANT SELECT ON outage TO tanamori_town;
GRANT SELECT ON outward TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON outward TO tanamori_job;
GRANT SELECT ON outward TO tanamori_town;
GRANT SELECT, UPDATE ON passkey TO tanamori_gate;
GRANT DELETE, INSERT, SELECT ON passkey TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON passkey TO tanamori_town;
GRANT INSERT, SELECT ON password_event TO tanamori_host;
GRANT DELETE, SELECT ON password_event TO tanamori_job;
GRANT SELECT ON person TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON person TO tanamori_host;
GRANT SELECT ON person TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON person_subject TO tanamori_gate;
GRANT DELETE ON person_subject TO tanamori_host;
GRANT SELECT ON person_subject TO tanamori_job;
GRANT DELETE ON person_subject TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON plan TO tanamori_host;
GRANT SELECT ON plan TO tanamori_job;
GRANT SELECT ON plan TO tanamori_town;
GRANT SELECT ON post TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON post TO tanamori_host;
GRANT SELECT ON post TO tanamori_job;
GRANT SELECT ON post TO tanamori_town;
GRANT INSERT, SELECT ON proposal TO tanamori_host;
GRANT DELETE, SELECT ON proposal TO tanamori_job;
GRANT INSERT, SELECT ON proposal TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON rack TO tanamori_host;
GRANT INSERT, SELECT ON rack_check TO tanamori_host;
GRANT DELETE, SELECT ON rack_check TO tanamori_job;
GRANT DELETE, INSERT, SELECT ON rack_unit TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON rack_view TO tanamori_host;
GRANT SELECT ON rack_view TO tanamori_town;
GRANT SELECT ON record_kind TO tanamori_host;
GRANT SELECT ON record_kind TO tanamori_job;
GRANT SELECT ON record_kind TO tanamori_town;
GRANT SELECT, UPDATE ON recovery_code TO tanamori_gate;
GRANT DELETE, INSERT, SELECT ON recovery_code TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON recovery_code TO tanamori_town;
GRANT INSERT, SELECT ON retention_rule TO tanamori_host;
GRANT INSERT, SELECT ON retention_rule TO tanamori_job;
GRANT SELECT ON retention_rule TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON room TO tanamori_host;
GRANT INSERT, SELECT ON room_decision TO tanamori_host;
GRANT DELETE, SELECT ON room_decision TO tanamori_job;
GRANT INSERT, SELECT ON room_entry TO tanamori_host;
GRANT DELETE, SELECT ON room_entry TO tanamori_job;
GRANT INSERT, SELECT ON room_exit TO tanamori_host;
GRANT DELETE, SELECT ON room_exit TO tanamori_job;
GRANT DELETE, INSERT, SELECT ON room_inside TO tanamori_host;
GRANT SELECT ON room_inside TO tanamori_job;
GRANT INSERT, SELECT ON room_lock TO tanamori_host;
GRANT DELETE, SELECT ON room_lock TO tanamori_job;
GRANT INSERT, SELECT ON room_permit TO tanamori_host;
GRANT DELETE, SELECT ON room_permit TO tanamori_job;
GRANT INSERT, SELECT ON room_review TO tanamori_host;
GRANT DELETE, SELECT ON room_review TO tanamori_job;
GRANT INSERT, SELECT ON room_visit TO tanamori_host;
GRANT DELETE, SELECT ON room_visit TO tanamori_job;
GRANT INSERT, SELECT ON room_visit_area TO tanamori_host;
GRANT DELETE, SELECT ON room_visit_area TO tanamori_job;
GRANT INSERT, SELECT ON room_visitor TO tanamori_host;
GRANT DELETE, SELECT ON room_visitor TO tanamori_job;
GRANT SELECT ON round TO tanamori_gate;
GRANT SELECT ON round TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON round TO tanamori_job;
GRANT SELECT ON round TO tanamori_town;
GRANT SELECT, UPDATE ON run TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON run TO tanamori_job;
GRANT SELECT ON run TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON rung TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON rung TO tanamori_job;
GRANT SELECT, UPDATE ON rung TO tanamori_town;
GRANT DELETE, INSERT, SELECT ON second_person TO tanamori_host;
GRANT SELECT ON second_person TO tanamori_job;
GRANT SELECT ON second_person TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON server TO tanamori_host;
GRANT SELECT ON server TO tanamori_job;
GRANT SELECT ON server TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO tanamori_app;
GRANT SELECT ON shelf TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON shelf TO tanamori_job;
GRANT SELECT ON shelf TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON sign_in TO tanamori_gate;
GRANT SELECT ON sign_in TO tanamori_host;
GRANT DELETE, SELECT ON sign_in TO tanamori_job;
GRANT SELECT ON sign_in TO tanamori_town;
GRANT SELECT ON sign_in_policy TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON sign_in_policy TO tanamori_host;
GRANT SELECT ON sign_in_policy TO tanamori_job;
GRANT SELECT ON sign_in_policy TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON sign_in_wait TO tanamori_gate;
GRANT SELECT ON sign_in_wait TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON source TO tanamori_host;
GRANT SELECT ON source TO tanamori_ingest;
GRANT SELECT ON source TO tanamori_job;
GRANT SELECT ON source TO tanamori_town;
GRANT INSERT, SELECT ON source_state TO tanamori_host;
GRANT SELECT, UPDATE ON source_state TO tanamori_ingest;
GRANT SELECT ON source_state TO tanamori_job;
GRANT SELECT ON source_state TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON store TO tanamori_host;
GRANT SELECT ON store TO tanamori_job;
GRANT SELECT ON store TO tanamori_town;
GRANT SELECT ON tenant TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON tenant TO tanamori_host;
GRANT SELECT ON tenant TO tanamori_ingest;
GRANT SELECT ON tenant TO tanamori_job;
GRANT SELECT ON tenant TO tanamori_town;
GRANT SELECT ON tlog_checkpoint TO tanamori_host;
GRANT INSERT, SELECT ON tlog_checkpoint TO tanamori_job;
GRANT SELECT ON tlog_checkpoint TO tanamori_town;
GRANT INSERT ON tlog_due TO tanamori_gate;
GRANT INSERT ON tlog_due TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON tlog_due TO tanamori_job;
GRANT INSERT ON tlog_due TO tanamori_town;
GRANT INSERT, SELECT ON tlog_event TO tanamori_host;
GRANT INSERT, SELECT ON tlog_event TO tanamori_job;
GRANT SELECT ON tlog_event TO tanamori_town;
GRANT SELECT ON tlog_finding TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON tlog_finding TO tanamori_job;
GRANT SELECT ON tlog_finding TO tanamori_town;
GRANT SELECT ON tlog_form TO tanamori_host;
GRANT INSERT, SELECT ON tlog_form TO tanamori_job;
GRANT SELECT ON tlog_form TO tanamori_town;
GRANT SELECT ON tlog_inspection TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON tlog_inspection TO tanamori_job;
GRANT SELECT ON tlog_inspection TO tanamori_town;
GRANT INSERT ON tlog_key TO tanamori_host;
GRANT INSERT, SELECT ON tlog_key TO tanamori_job;
GRANT SELECT ON tlog_leaf TO tanamori_host;
GRANT INSERT, SELECT ON tlog_leaf TO tanamori_job;
GRANT SELECT ON tlog_leaf TO tanamori_town;
GRANT SELECT ON tlog_series TO tanamori_host;
GRANT SELECT ON tlog_series TO tanamori_job;
GRANT SELECT ON tlog_series TO tanamori_town;
GRANT SELECT ON tlog_tile TO tanamori_host;
GRANT INSERT, SELECT ON tlog_tile TO tanamori_job;
GRANT SELECT ON tlog_tile TO tanamori_town;
GRANT SELECT ON tlog_tree TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON tlog_tree TO tanamori_job;
GRANT SELECT ON tlog_tree TO tanamori_town;
GRANT SELECT, UPDATE ON totp TO tanamori_gate;
GRANT DELETE, INSERT ON totp TO tanamori_host;
GRANT DELETE, INSERT ON totp TO tanamori_town;
GRANT DELETE, INSERT, SELECT ON vault TO tanamori_gate;
GRANT DELETE, INSERT ON vault TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON vault TO tanamori_job;
GRANT DELETE, INSERT ON vault TO tanamori_town;
GRANT SELECT ON vault_key TO tanamori_gate;
GRANT SELECT ON vault_key TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON vault_key TO tanamori_job;
GRANT SELECT ON vault_key TO tanamori_town;
GRANT SELECT ON verification TO tanamori_host;
GRANT DELETE, INSERT, SELECT ON verification TO tanamori_job;
GRANT SELECT ON verification TO tanamori_town;
GRANT SELECT ON volume TO tanamori_host;
GRANT INSERT, SELECT ON volume TO tanamori_job;
GRANT SELECT ON volume TO tanamori_town;

-- column grants

GRANT UPDATE (taken_at) ON checkin TO tanamori_job;
GRANT SELECT (id) ON credential TO tanamori_gate;
GRANT SELECT (retired_at) ON credential TO tanamori_gate;
GRANT SELECT (tenant_id) ON credential TO tanamori_gate;
GRANT UPDATE (taken_at) ON credential_event TO tanamori_job;
GRANT UPDATE (taken_at) ON duty_answer TO tanamori_job;
GRANT UPDATE (secret) ON installation TO tanamori_job;
GRANT UPDATE (void_at) ON label TO tanamori_host;
GRANT SELECT (credential_id) ON management_password TO tanamori_host;
GRANT SELECT (set_at) ON management_password TO tanamori_host;
GRANT SELECT (spent_at) ON management_password TO tanamori_host;
GRANT SELECT (spent_by) ON management_password TO tanamori_host;
GRANT SELECT (tenant_id) ON management_password TO tanamori_host;
GRANT SELECT (told_at) ON management_password TO tanamori_host;
GRANT SELECT (void_at) ON management_password TO tanamori_host;
GRANT UPDATE (told_at) ON management_password TO tanamori_job;
GRANT UPDATE (kind) ON outage TO tanamori_job;
GRANT UPDATE (said_to) ON outage TO tanamori_job;
GRANT UPDATE (to_at) ON outage TO tanamori_job;
GRANT UPDATE (withdrawn_at) ON outage TO tanamori_job;
GRANT SELECT (disabled_at) ON person TO tanamori_job;
GRANT SELECT (id) ON person TO tanamori_job;
GRANT SELECT (machine) ON person TO tanamori_job;
GRANT SELECT (tenant_id) ON person TO tanamori_job;
GRANT UPDATE (issued) ON person TO tanamori_town;
GRANT UPDATE (lang) ON person TO tanamori_town;
GRANT UPDATE (password_hash) ON person TO tanamori_town;
GRANT SELECT (bound_at) ON person_subject TO tanamori_host;
GRANT SELECT (issuer) ON person_subject TO tanamori_host;
GRANT SELECT (person_id) ON person_subject TO tanamori_host;
GRANT SELECT (tenant_id) ON person_subject TO tanamori_host;
GRANT SELECT (bound_at) ON person_subject TO tanamori_town;
GRANT SELECT (issuer) ON person_subject TO tanamori_town;
GRANT SELECT (person_id) ON person_subject TO tanamori_town;
GRANT SELECT (tenant_id) ON person_subject TO tanamori_town;
GRANT UPDATE (look_at) ON plan TO tanamori_job;
GRANT UPDATE (decided_at) ON proposal TO tanamori_host;
GRANT UPDATE (decided_by) ON proposal TO tanamori_host;
GRANT UPDATE (decided_text) ON proposal TO tanamori_host;
GRANT UPDATE (reason) ON proposal TO tanamori_host;
GRANT UPDATE (state) ON proposal TO tanamori_host;
GRANT UPDATE (decided_at) ON proposal TO tanamori_town;
GRANT UPDATE (decided_by) ON proposal TO tanamori_town;
GRANT UPDATE (decided_text) ON proposal TO tanamori_town;
GRANT UPDATE (reason) ON proposal TO tanamori_town;
GRANT UPDATE (state) ON proposal TO tanamori_town;
GRANT UPDATE (duty_id) ON room_entry TO tanamori_host;
GRANT UPDATE (revoked_at) ON room_permit TO tanamori_host;
GRANT UPDATE (revoked_by) ON room_permit TO tanamori_host;
GRANT UPDATE (revoked_why) ON room_permit TO tanamori_host;
GRANT UPDATE (duty_id) ON room_visit TO tanamori_host;
GRANT UPDATE (expire_at) ON shelf TO tanamori_host;
GRANT UPDATE (ended_at) ON sign_in TO tanamori_host;
GRANT UPDATE (ended_by) ON sign_in TO tanamori_host;
GRANT UPDATE (ended_why) ON sign_in TO tanamori_host;
GRANT UPDATE (factor_at) ON sign_in TO tanamori_host;
GRANT UPDATE (ended_at) ON sign_in TO tanamori_job;
GRANT UPDATE (ended_by) ON sign_in TO tanamori_job;
GRANT UPDATE (ended_why) ON sign_in TO tanamori_job;
GRANT UPDATE (ended_at) ON sign_in TO tanamori_town;
GRANT UPDATE (ended_by) ON sign_in TO tanamori_town;
GRANT UPDATE (ended_why) ON sign_in TO tanamori_town;
GRANT UPDATE (factor_at) ON sign_in TO tanamori_town;
GRANT SELECT (kind) ON tlog_due TO tanamori_host;
GRANT SELECT (row_id) ON tlog_due TO tanamori_host;
GRANT SELECT (tenant_id) ON tlog_due TO tanamori_host;
GRANT SELECT (kind) ON tlog_due TO tanamori_town;
GRANT SELECT (row_id) ON tlog_due TO tanamori_town;
GRANT SELECT (tenant_id) ON tlog_due TO tanamori_town;
GRANT SELECT (by_id) ON tlog_key TO tanamori_host;
GRANT SELECT (by_text) ON tlog_key TO tanamori_host;
GRANT SELECT (id) ON tlog_key TO tanamori_host;
GRANT SELECT (made_at) ON tlog_key TO tanamori_host;
GRANT SELECT (reason) ON tlog_key TO tanamori_host;
GRANT SELECT (tenant_id) ON tlog_key TO tanamori_host;
GRANT SELECT (verifier) ON tlog_key TO tanamori_host;
GRANT UPDATE (signer) ON tlog_key TO tanamori_job;
GRANT SELECT (by_id) ON tlog_key TO tanamori_town;
GRANT SELECT (by_text) ON tlog_key TO tanamori_town;
GRANT SELECT (id) ON tlog_key TO tanamori_town;
GRANT SELECT (made_at) ON tlog_key TO tanamori_town;
GRANT SELECT (reason) ON tlog_key TO tanamori_town;
GRANT SELECT (tenant_id) ON tlog_key TO tanamori_town;
GRANT SELECT (verifier) ON tlog_key TO tanamori_town;
GRANT SELECT (added_at) ON totp TO tanamori_host;
GRANT SELECT (person_id) ON totp TO tanamori_host;
GRANT SELECT (tenant_id) ON totp TO tanamori_host;
GRANT SELECT (added_at) ON totp TO tanamori_town;
GRANT SELECT (person_id) ON totp TO tanamori_town;
GRANT SELECT (tenant_id) ON totp TO tanamori_town;
GRANT SELECT (id) ON vault TO tanamori_host;
GRANT SELECT (kind) ON vault TO tanamori_host;
GRANT SELECT (tenant_id) ON vault TO tanamori_host;
GRANT SELECT (id) ON vault TO tanamori_town;
GRANT SELECT (kind) ON vault TO tanamori_town;
GRANT SELECT (tenant_id) ON vault TO tanamori_town;
