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
CREATE OR REPLACE PROCEDURE public.tanamori_isolate(IN t regclass, IN key text DEFAULT 'tenant_id'::text)
 LANGUAGE plpgsql
AS $procedure$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY towns ON %s TO tanamori_town, tanamori_host
    USING (%I = ANY ((SELECT tanamori_towns())::bigint[])) WITH CHECK (%I = ANY ((SELECT tanamori_towns())::bigint[]))', t, key, key);
END $procedure$
;
CREATE OR REPLACE FUNCTION public.tanamori_keep_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.verdict IS NULL AND OLD.started_at IS NULL AND OLD.arrived_at IS NULL AND OLD.outcome IS NULL THEN RETURN OLD; END IF;
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
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$
;
CREATE OR REPLACE PROCEDURE public.tanamori_serve(IN t regclass, IN r text, IN rights text)
 LANGUAGE plpgsql
AS $procedure$
BEGIN
  EXECUTE format('CREATE POLICY %I ON %s TO %I USING (true) WITH CHECK (true)', 'all_towns_' || r, t, r);
  EXECUTE format('GRANT %s ON %s TO %I', rights, t, r);
END $procedure$
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
  revoked_at timestamp with time zone
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
  retired_at timestamp with time zone
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
  changed_at timestamp with time zone NOT NULL
) WITH (fillfactor=70);
CREATE TABLE excuse (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  occurrence_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  person_id bigint NOT NULL,
  person text NOT NULL,
  reason text NOT NULL
);
CREATE TABLE heartbeat (
  node uuid NOT NULL,
  started_at timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL
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
  secret bytea NOT NULL
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
  last_error text DEFAULT ''::text NOT NULL
) WITH (fillfactor=70);
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
  recovered_params jsonb
) WITH (fillfactor=80);
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
  to_at timestamp with time zone NOT NULL
);
CREATE TABLE person (
  tenant_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  login text NOT NULL,
  name text NOT NULL,
  lang text DEFAULT 'ja'::text NOT NULL,
  password_hash text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  disabled_at timestamp with time zone
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
  until_on date
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
  created_at timestamp with time zone NOT NULL
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

-- constraints

ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_tenant_id_incident_id_fkey FOREIGN KEY (tenant_id, incident_id) REFERENCES incident(tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_tenant_id_rung_id_fkey FOREIGN KEY (tenant_id, rung_id) REFERENCES rung(tenant_id, id);
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_via_check CHECK ((via = ANY (ARRAY['link'::text, 'console'::text, 'api'::text, 'phone'::text])));
ALTER TABLE api_token ADD CONSTRAINT api_token_hash UNIQUE (hash);
ALTER TABLE api_token ADD CONSTRAINT api_token_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE api_token ADD CONSTRAINT api_token_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE api_token ADD CONSTRAINT api_token_name_check CHECK ((name <> ''::text));
ALTER TABLE attempt ADD CONSTRAINT attempt_n UNIQUE (tenant_id, notice_id, n);
ALTER TABLE attempt ADD CONSTRAINT attempt_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE attempt ADD CONSTRAINT attempt_tenant_id_notice_id_fkey FOREIGN KEY (tenant_id, notice_id) REFERENCES notice(tenant_id, id);
ALTER TABLE attempt ADD CONSTRAINT attempt_check CHECK (((outcome IS NULL) = (ended_at IS NULL)));
ALTER TABLE attempt ADD CONSTRAINT attempt_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'refused'::text, 'error'::text, 'unknown'::text])));
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
ALTER TABLE duty_state ADD CONSTRAINT duty_state_pkey PRIMARY KEY (tenant_id, duty_id);
ALTER TABLE duty_state ADD CONSTRAINT duty_state_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE excuse ADD CONSTRAINT excuse_once UNIQUE (tenant_id, occurrence_id);
ALTER TABLE excuse ADD CONSTRAINT excuse_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE excuse ADD CONSTRAINT excuse_tenant_id_occurrence_id_fkey FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence(tenant_id, id);
ALTER TABLE excuse ADD CONSTRAINT excuse_reason_check CHECK ((reason <> ''::text));
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
ALTER TABLE installation ADD CONSTRAINT installation_secret_check CHECK ((octet_length(secret) = 32));
ALTER TABLE ladder ADD CONSTRAINT ladder_name UNIQUE (tenant_id, name);
ALTER TABLE ladder ADD CONSTRAINT ladder_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ladder ADD CONSTRAINT ladder_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE ladder ADD CONSTRAINT ladder_delays_minutes_check CHECK (((cardinality(delays_minutes) >= 1) AND (cardinality(delays_minutes) <= 20)));
ALTER TABLE ladder ADD CONSTRAINT ladder_name_check CHECK ((name <> ''::text));
ALTER TABLE ladder ADD CONSTRAINT ladder_repeat_minutes_check CHECK (((repeat_minutes >= 5) AND (repeat_minutes <= 1440)));
ALTER TABLE local_day ADD CONSTRAINT local_day_pkey PRIMARY KEY (tenant_id, day);
ALTER TABLE local_day ADD CONSTRAINT local_day_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE local_day ADD CONSTRAINT local_day_name_check CHECK ((name <> ''::text));
ALTER TABLE notice ADD CONSTRAINT notice_dedup UNIQUE (tenant_id, dedup);
ALTER TABLE notice ADD CONSTRAINT notice_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE notice ADD CONSTRAINT notice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE notice ADD CONSTRAINT notice_channel_check CHECK ((channel = 'mail'::text));
ALTER TABLE notice ADD CONSTRAINT notice_check CHECK (((state = ANY (ARRAY['queued'::text, 'sending'::text])) = (next_at IS NOT NULL)));
ALTER TABLE notice ADD CONSTRAINT notice_check1 CHECK (((state = 'sending'::text) = ((claim IS NOT NULL) AND (claimed_until IS NOT NULL))));
ALTER TABLE notice ADD CONSTRAINT notice_check2 CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL)));
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'repeated'::text, 'reopened'::text, 'resolved'::text])));
ALTER TABLE notice ADD CONSTRAINT notice_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text])));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_period UNIQUE (tenant_id, duty_id, period);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_tenant_id_duty_id_fkey FOREIGN KEY (tenant_id, duty_id) REFERENCES duty(tenant_id, id);
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check CHECK (((opens_at <= scheduled_at) AND (scheduled_at < due_at) AND (due_at <= judge_at)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check1 CHECK (((verdict IS NULL) = (look_at IS NOT NULL)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check2 CHECK ((((verdict IS NULL) = (judged_at IS NULL)) AND ((verdict IS NULL) = (reason_code IS NULL))));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_check3 CHECK (((outcome IS NULL) = (outcome_at IS NULL)));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_outcome_check CHECK ((outcome = ANY (ARRAY['good'::text, 'bad'::text])));
ALTER TABLE occurrence ADD CONSTRAINT occurrence_verdict_check CHECK ((verdict = ANY (ARRAY['met'::text, 'late'::text, 'failed'::text, 'missed'::text, 'excused'::text, 'unknown'::text])));
ALTER TABLE operation_log ADD CONSTRAINT operation_log_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE operation_log ADD CONSTRAINT operation_log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE outage ADD CONSTRAINT outage_from UNIQUE (from_at);
ALTER TABLE outage ADD CONSTRAINT outage_pkey PRIMARY KEY (id);
ALTER TABLE outage ADD CONSTRAINT outage_check CHECK ((to_at > from_at));
ALTER TABLE person ADD CONSTRAINT person_login UNIQUE (login);
ALTER TABLE person ADD CONSTRAINT person_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE person ADD CONSTRAINT person_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE person ADD CONSTRAINT person_lang_check CHECK ((lang = ANY (ARRAY['ja'::text, 'en'::text])));
ALTER TABLE person ADD CONSTRAINT person_login_shape CHECK ((login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'::text));
ALTER TABLE person ADD CONSTRAINT person_name_check CHECK ((name <> ''::text));
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
ALTER TABLE post ADD CONSTRAINT post_tenant_id_person_id_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES person(tenant_id, id);
ALTER TABLE post ADD CONSTRAINT post_check CHECK ((until_on >= from_on));
ALTER TABLE post ADD CONSTRAINT post_kind_check CHECK ((kind = ANY (ARRAY['host_admin'::text, 'operator'::text, 'facility'::text, 'auditor'::text, 'town'::text])));
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
ALTER TABLE server ADD CONSTRAINT server_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE server ADD CONSTRAINT server_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id);
ALTER TABLE server ADD CONSTRAINT server_name_check CHECK ((name <> ''::text));
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
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
ALTER TABLE verification ADD CONSTRAINT verification_once UNIQUE (tenant_id, run_id, examination, level);
ALTER TABLE verification ADD CONSTRAINT verification_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE verification ADD CONSTRAINT verification_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES run(tenant_id, id);
ALTER TABLE verification ADD CONSTRAINT verification_level_check CHECK (((level >= 0) AND (level <= 5)));
ALTER TABLE verification ADD CONSTRAINT verification_outcome_check CHECK ((outcome = ANY (ARRAY['passed'::text, 'warned'::text, 'failed'::text, 'skipped'::text])));

-- indexes

CREATE INDEX acknowledgement_incident ON public.acknowledgement USING btree (tenant_id, incident_id);
CREATE UNIQUE INDEX acknowledgement_link ON public.acknowledgement USING btree (tenant_id, rung_id) WHERE (via = 'link'::text);
CREATE INDEX api_token_person ON public.api_token USING btree (tenant_id, person_id);
CREATE INDEX checkin_newest ON public.checkin USING btree (tenant_id, source_id, id DESC);
CREATE INDEX checkin_untaken ON public.checkin USING btree (id) WHERE (taken_at IS NULL);
CREATE INDEX contact_order ON public.contact USING btree (tenant_id, "position", id) WHERE (retired_at IS NULL);
CREATE INDEX duty_to_plan ON public.duty USING btree (planned_until) WHERE (retired_at IS NULL);
CREATE INDEX idempotency_at ON public.idempotency USING btree (at);
CREATE INDEX incident_ack_until ON public.incident USING btree (ack_until) WHERE (state = 'acknowledged'::text);
CREATE INDEX incident_event_incident ON public.incident_event USING btree (tenant_id, incident_id, id);
CREATE UNIQUE INDEX incident_one_open ON public.incident USING btree (tenant_id, cause) WHERE (state <> 'resolved'::text);
CREATE INDEX notice_about ON public.notice USING btree (tenant_id, about, about_id);
CREATE INDEX notice_due ON public.notice USING btree (next_at) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text]));
CREATE INDEX notice_unsent ON public.notice USING btree (tenant_id, id) WHERE (state <> 'sent'::text);
CREATE INDEX occurrence_bad ON public.occurrence USING btree (tenant_id, duty_id, scheduled_at) WHERE ((verdict = ANY (ARRAY['failed'::text, 'missed'::text, 'unknown'::text])) AND (recovered_at IS NULL));
CREATE INDEX occurrence_look ON public.occurrence USING btree (look_at) WHERE (verdict IS NULL);
CREATE INDEX occurrence_night ON public.occurrence USING btree (tenant_id, night, duty_id);
CREATE INDEX occurrence_scheduled ON public.occurrence USING btree (tenant_id, duty_id, scheduled_at DESC);
CREATE INDEX operation_log_at ON public.operation_log USING btree (tenant_id, at DESC, id DESC);
CREATE INDEX plan_look ON public.plan USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE UNIQUE INDEX plan_name ON public.plan USING btree (tenant_id, server_id, name) WHERE (retired_at IS NULL);
CREATE INDEX post_person ON public.post USING btree (tenant_id, person_id);
CREATE INDEX run_newest ON public.run USING btree (tenant_id, plan_id, id DESC);
CREATE INDEX run_occurrence ON public.run USING btree (tenant_id, occurrence_id);
CREATE UNIQUE INDEX run_rid ON public.run USING btree (tenant_id, plan_id, rid) WHERE (rid IS NOT NULL);
CREATE INDEX run_running ON public.run USING btree (tenant_id, plan_id, started_at) WHERE (reported = 'running'::text);
CREATE INDEX run_to_verify ON public.run USING btree (verify_at) WHERE (verify_at IS NOT NULL);
CREATE INDEX rung_due ON public.rung USING btree (due_at) WHERE (state = 'pending'::text);
CREATE UNIQUE INDEX server_name ON public.server USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE INDEX sessions_expiry ON public.sessions USING btree (expiry);
CREATE UNIQUE INDEX store_name ON public.store USING btree (tenant_id, name) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX tenant_one_host ON public.tenant USING btree (consortium_id) WHERE (kind = 'host'::text);

-- triggers

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.acknowledgement FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.attempt FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('ended_at', 'outcome', 'detail');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.attempt FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.checkin FOR EACH ROW EXECUTE FUNCTION tanamori_refuse('taken_at');
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.checkin FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.confirmation FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.confirmation FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.excuse FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.excuse FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.incident_event FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.incident_event FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER plan_anew AFTER INSERT OR DELETE OR UPDATE ON public.local_day FOR EACH ROW EXECUTE FUNCTION tanamori_plan_anew();
CREATE TRIGGER keep_verdict BEFORE DELETE OR UPDATE ON public.occurrence FOR EACH ROW EXECUTE FUNCTION tanamori_keep_verdict();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.operation_log FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.operation_log FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER follow_server AFTER UPDATE OF name, "position" ON public.server FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old."position" IS DISTINCT FROM new."position"))) EXECUTE FUNCTION tanamori_follow_server();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.verification FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.verification FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse();

-- row-level security

ALTER TABLE acknowledgement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE attempt ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE checkin ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE consortium ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE contact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE duty ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE excuse ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incident ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE incident_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ladder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE local_day ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE notice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE occurrence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE operation_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE plan ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE post ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE rung ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE server ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE source ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE source_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE store ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE verification ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- policies

CREATE POLICY all_towns_tanamori_job ON acknowledgement FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON acknowledgement FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON api_token FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON api_token FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON attempt FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON attempt FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_ingest ON checkin FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON checkin FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON checkin FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY towns ON confirmation FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON consortium FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON consortium FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY own ON consortium FOR ALL TO tanamori_host, tanamori_town USING (id = ( SELECT (NULLIF(current_setting('tanamori.consortium'::text, true), ''::text))::bigint AS "nullif"));
CREATE POLICY all_towns_tanamori_job ON contact FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON contact FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON duty FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON duty FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON duty_state FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON duty_state FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON excuse FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON excuse FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON idempotency FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON idempotency FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON incident FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON incident FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON incident_event FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON incident_event FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON ladder FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON ladder FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON local_day FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON local_day FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON notice FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON notice FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON occurrence FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON occurrence FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON operation_log FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON operation_log FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON operation_log FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON person FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON person FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON plan FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON plan FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON post FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY towns ON post FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON run FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON run FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON rung FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON rung FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON server FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON server FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_ingest ON source FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON source FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON source FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_ingest ON source_state FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON source_state FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON source_state FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON store FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON store FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_gate ON tenant FOR ALL TO tanamori_gate USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_ingest ON tenant FOR ALL TO tanamori_ingest USING true WITH CHECK true;
CREATE POLICY all_towns_tanamori_job ON tenant FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY join_consortium ON tenant FOR INSERT TO tanamori_host WITH CHECK (consortium_id = ( SELECT (NULLIF(current_setting('tanamori.consortium'::text, true), ''::text))::bigint AS "nullif"));
CREATE POLICY towns ON tenant FOR ALL TO tanamori_host, tanamori_town USING (id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));
CREATE POLICY all_towns_tanamori_job ON verification FOR ALL TO tanamori_job USING true WITH CHECK true;
CREATE POLICY towns ON verification FOR ALL TO tanamori_host, tanamori_town USING (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[])) WITH CHECK (tenant_id = ANY (( SELECT tanamori_towns() AS tanamori_towns)::bigint[]));

-- grants

GRANT INSERT, SELECT ON acknowledgement TO tanamori_host;
GRANT SELECT ON acknowledgement TO tanamori_job;
GRANT INSERT, SELECT ON acknowledgement TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON api_token TO tanamori_town;
GRANT SELECT ON attempt TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON attempt TO tanamori_job;
GRANT SELECT ON attempt TO tanamori_town;
GRANT SELECT ON checkin TO tanamori_host;
GRANT INSERT ON checkin TO tanamori_ingest;
GRANT SELECT ON checkin TO tanamori_job;
GRANT SELECT ON checkin TO tanamori_town;
GRANT INSERT, SELECT ON confirmation TO tanamori_host;
GRANT SELECT ON confirmation TO tanamori_town;
GRANT SELECT ON consortium TO tanamori_gate;
GRANT SELECT ON consortium TO tanamori_host;
GRANT SELECT ON consortium TO tanamori_job;
GRANT SELECT ON consortium TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON contact TO tanamori_host;
GRANT SELECT ON contact TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON contact TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON duty TO tanamori_host;
GRANT SELECT, UPDATE ON duty TO tanamori_job;
GRANT SELECT ON duty TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON duty_state TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON duty_state TO tanamori_job;
GRANT SELECT ON duty_state TO tanamori_town;
GRANT INSERT, SELECT ON excuse TO tanamori_host;
GRANT SELECT ON excuse TO tanamori_job;
GRANT SELECT ON excuse TO tanamori_town;
GRANT SELECT ON goose_db_version TO tanamori_gate;
GRANT DELETE, INSERT, SELECT, UPDATE ON heartbeat TO tanamori_job;
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency TO tanamori_host;
GRANT DELETE, SELECT ON idempotency TO tanamori_job;
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON incident TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON incident TO tanamori_job;
GRANT SELECT, UPDATE ON incident TO tanamori_town;
GRANT INSERT, SELECT ON incident_event TO tanamori_host;
GRANT INSERT, SELECT ON incident_event TO tanamori_job;
GRANT INSERT, SELECT ON incident_event TO tanamori_town;
GRANT SELECT ON installation TO tanamori_gate;
GRANT SELECT ON installation TO tanamori_job;
GRANT INSERT, SELECT, UPDATE ON ladder TO tanamori_host;
GRANT SELECT ON ladder TO tanamori_job;
GRANT SELECT ON ladder TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON local_day TO tanamori_host;
GRANT SELECT ON local_day TO tanamori_job;
GRANT SELECT ON local_day TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON notice TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON notice TO tanamori_job;
GRANT SELECT ON notice TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON occurrence TO tanamori_host;
GRANT DELETE, INSERT, SELECT, UPDATE ON occurrence TO tanamori_job;
GRANT SELECT ON occurrence TO tanamori_town;
GRANT INSERT ON operation_log TO tanamori_gate;
GRANT INSERT, SELECT ON operation_log TO tanamori_host;
GRANT INSERT ON operation_log TO tanamori_job;
GRANT INSERT, SELECT ON operation_log TO tanamori_town;
GRANT SELECT ON outage TO tanamori_gate;
GRANT SELECT ON outage TO tanamori_host;
GRANT INSERT, SELECT ON outage TO tanamori_job;
GRANT SELECT ON outage TO tanamori_town;
GRANT SELECT ON person TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON person TO tanamori_host;
GRANT SELECT ON person TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON plan TO tanamori_host;
GRANT SELECT ON plan TO tanamori_job;
GRANT SELECT ON plan TO tanamori_town;
GRANT SELECT ON post TO tanamori_gate;
GRANT INSERT, SELECT, UPDATE ON post TO tanamori_host;
GRANT SELECT ON post TO tanamori_town;
GRANT SELECT ON round TO tanamori_gate;
GRANT SELECT ON round TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON round TO tanamori_job;
GRANT SELECT ON round TO tanamori_town;
GRANT SELECT, UPDATE ON run TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON run TO tanamori_job;
GRANT SELECT ON run TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON rung TO tanamori_host;
GRANT INSERT, SELECT, UPDATE ON rung TO tanamori_job;
GRANT SELECT, UPDATE ON rung TO tanamori_town;
GRANT INSERT, SELECT, UPDATE ON server TO tanamori_host;
GRANT SELECT ON server TO tanamori_job;
GRANT SELECT ON server TO tanamori_town;
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO tanamori_app;
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
GRANT SELECT ON verification TO tanamori_host;
GRANT INSERT, SELECT ON verification TO tanamori_job;
GRANT SELECT ON verification TO tanamori_town;

-- column grants

GRANT UPDATE (taken_at) ON checkin TO tanamori_job;
GRANT UPDATE (lang) ON person TO tanamori_town;
GRANT UPDATE (password_hash) ON person TO tanamori_town;
GRANT UPDATE (look_at) ON plan TO tanamori_job;
