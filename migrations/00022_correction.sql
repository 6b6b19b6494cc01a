-- 訂正: what a record of any ledger should have said. The record itself stays as it was written; what it comes to is the record
-- with its corrections laid over it.
-- +goose Up

-- ledger is the record's table, row_id its id. was and becomes hold the same fields, as texts: what the record came to before
-- and what it comes to now; n counts the corrections of one record, so that two at once cannot both be the third. about is how
-- people call the record, also once it is removed by the rule of retention. at is when it was corrected, recorded_at when that
-- was written down here. approver is another person, where the ledger asks for one.
CREATE TABLE correction (
  tenant_id   bigint  NOT NULL REFERENCES tenant,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  ledger      text    NOT NULL CHECK (ledger ~ '^[a-z_]+$'),
  row_id      bigint  NOT NULL,
  n           integer NOT NULL CHECK (n > 0),
  about       text    NOT NULL,
  was         jsonb   NOT NULL,
  becomes     jsonb   NOT NULL,
  reason      text    NOT NULL CHECK (reason <> ''),
  by_id       bigint  NOT NULL,
  by_text     text    NOT NULL,
  approver_id bigint,
  approver    text    NOT NULL DEFAULT '',
  at          timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT correction_turn UNIQUE (tenant_id, ledger, row_id, n),
  CONSTRAINT correction_another_person CHECK (approver_id <> by_id),
  CHECK (jsonb_typeof(was) = 'object' AND jsonb_typeof(becomes) = 'object' AND was <> becomes)
);
CREATE INDEX correction_newest ON correction (id); -- over the many towns of a large host
CREATE INDEX correction_at ON correction (tenant_id, at);
CALL tanamori_isolate('correction');
CALL tanamori_append_only('correction');
GRANT SELECT, INSERT ON correction TO tanamori_town, tanamori_host;
CALL tanamori_serve('correction', 'tanamori_job', 'SELECT, DELETE');

-- Custody had corrections of its own: a line said what another should have said, and left empty what was right. They are carried
-- over one by one. The lines stay where they are, for they stand in the log of evidence, but nothing reads or writes them. What is
-- carried over cannot have been written down here before the newest checkpoint, and says so.
-- +goose StatementBegin
DO $$
DECLARE c credential_event; o credential_event; eff jsonb; was jsonb; becomes jsonb; turn integer; k text; v text;
BEGIN
  FOR c IN SELECT * FROM credential_event WHERE kind = 'corrected' ORDER BY tenant_id, id LOOP
    SELECT * INTO o FROM credential_event e WHERE e.tenant_id = c.tenant_id AND e.id = c.corrects_id;
    eff := jsonb_build_object('occurred_at', to_jsonb(o.occurred_at), 'envelope', o.envelope, 'place', o.place, 'reason_given', o.reason);
    SELECT count(*) INTO turn FROM correction x WHERE x.tenant_id = c.tenant_id AND x.ledger = 'credential_event' AND x.row_id = o.id;
    FOR was IN SELECT x.becomes FROM correction x WHERE x.tenant_id = c.tenant_id AND x.ledger = 'credential_event' AND x.row_id = o.id ORDER BY x.n LOOP
      eff := eff || was;
    END LOOP;
    was := '{}'; becomes := '{}';
    IF CAST(eff ->> 'occurred_at' AS timestamptz) <> c.occurred_at THEN
      was := was || jsonb_build_object('occurred_at', eff -> 'occurred_at');
      becomes := becomes || jsonb_build_object('occurred_at', to_jsonb(c.occurred_at));
    END IF;
    FOR k, v IN SELECT * FROM (VALUES ('envelope', c.envelope), ('place', c.place), ('reason_given', c.corrected)) x WHERE column2 <> '' AND column2 <> (eff ->> column1) LOOP
      was := was || jsonb_build_object(k, eff -> k);
      becomes := becomes || jsonb_build_object(k, v);
    END LOOP;
    IF was <> becomes THEN
      INSERT INTO correction (tenant_id, ledger, row_id, n, about, was, becomes, reason, by_id, by_text, approver_id, approver, at, recorded_at)
      SELECT c.tenant_id, 'credential_event', o.id, turn + 1, x.name, was, becomes, c.reason, c.by_id, c.by_text, c.witness_id, c.witness_text, c.recorded_at,
        greatest(c.recorded_at, (SELECT max(p.at) FROM tlog_checkpoint p WHERE p.tenant_id = c.tenant_id))
      FROM credential x WHERE x.tenant_id = c.tenant_id AND x.id = c.credential_id;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE credential_event ADD CONSTRAINT credential_event_corrected_elsewhere CHECK (kind <> 'corrected') NOT VALID;
CREATE INDEX credential_event_own_corrections ON credential_event (tenant_id, corrects_id) WHERE corrects_id IS NOT NULL;

-- Whether a record still stands. What is corrected goes before its corrections do.
-- +goose StatementBegin
CREATE FUNCTION tanamori_stands(ledger text, town bigint, row_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE there boolean;
BEGIN
  IF to_regclass(ledger) IS NULL THEN RETURN false; END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.tenant_id = $1 AND t.id = $2)', ledger) INTO there USING town, row_id;
  RETURN there;
END $$;
-- +goose StatementEnd

-- The same values stand in the operation log: who may read a town's lines of that may read its corrections as a whole.
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('correction', 200, 'correction', 'recorded_at', '{id,ledger,row_id,n,about,was,becomes,reason,by_id,by_text,approver_id,approver,at,recorded_at}', 'true',
    'NOT tanamori_stands(t.ledger, t.tenant_id, t.row_id)', '', 'operation_log.read_town', 7, 1);
CALL tanamori_gather('correction', 'recorded_at', 'operation_log.read_town');

-- What the board shows of a confirmation that was corrected: how its result was corrected last.
ALTER TABLE duty_state ADD COLUMN corrected text NOT NULL DEFAULT '';
