-- 操作履歴: searched by an index whatever is asked, and reviewed (操作履歴の確認) with a record of its own.
-- +goose Up

-- What a search compares: NFKC, small letters, hiragana for katakana, no spaces, no trailing 長音. As tenants.SearchKey does
-- it; both sides of a search of the log are made by this one.
CREATE FUNCTION tanamori_search_key(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(translate(regexp_replace(lower(normalize(t, NFKC)), '[[:space:]\uFE00-\uFE0F\U000E0100-\U000E01EF]', '', 'g'),
    'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶ',
    'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖ'),
    '([ぁ-ゟ])ー+(?![ぁ-ゟー])', '\1', 'g'), '(?<![ぁ-ゟー])ー+(?![ぁ-ゟー])', 'ー', 'g')
$$;

-- Who stands in a town's log, each once: a search by name looks through these few instead of through the lines, and finds
-- the lines by the name that stands in them. The shadow column is searched, the text is as it was written.
CREATE TABLE log_actor (
  tenant_id bigint NOT NULL REFERENCES tenant,
  actor     text   NOT NULL,
  actor_id  bigint NOT NULL, -- 0: nobody who signs in
  search    text   NOT NULL,
  PRIMARY KEY (tenant_id, actor, actor_id)
);
CREATE INDEX log_actor_person ON log_actor (tenant_id, actor_id) WHERE actor_id <> 0;
CALL tanamori_isolate('log_actor');
GRANT SELECT, INSERT ON log_actor TO tanamori_town, tanamori_host;
CALL tanamori_serve('log_actor', 'tanamori_job', 'SELECT, INSERT');
CALL tanamori_serve('log_actor', 'tanamori_gate', 'INSERT');
INSERT INTO log_actor (tenant_id, actor, actor_id, search)
SELECT DISTINCT tenant_id, actor, coalesce(actor_id, 0), tanamori_search_key(actor) FROM operation_log ORDER BY 1, 2, 3;
-- +goose StatementBegin
CREATE FUNCTION tanamori_note_actors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log_actor (tenant_id, actor, actor_id, search)
  SELECT DISTINCT tenant_id, actor, coalesce(actor_id, 0), tanamori_search_key(actor) FROM added ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER note_actors AFTER INSERT ON operation_log REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tanamori_note_actors();

-- The log is read by time, newest first. Each index ends in it, so that a page of a search is read from one place of the
-- index and no further, and a range of days is part of that. Of one thing, and of one request, there are few lines: they
-- are found and then ordered. A post has no index of its own: it is looked for among what one of these gives.
DROP INDEX operation_log_newest;
CREATE INDEX operation_log_newest ON operation_log (at DESC, id DESC);
CREATE INDEX operation_log_actor ON operation_log (tenant_id, actor, at DESC, id DESC);
CREATE INDEX operation_log_act ON operation_log (tenant_id, act, at DESC, id DESC);
CREATE INDEX operation_log_object ON operation_log (tenant_id, object, at DESC, id DESC);
CREATE INDEX operation_log_thing ON operation_log (object_id, object) WHERE object_id IS NOT NULL;
CREATE INDEX operation_log_request ON operation_log USING hash (request_id);

-- 操作履歴の確認 (住基ネット規程 第17条第1項): who looked through which days, what they found and what was done. Whoever did it
-- did not review their own lines: those days need another person too, where there are any.
CREATE TABLE log_review (
  tenant_id bigint NOT NULL REFERENCES tenant, -- the host
  id        bigint GENERATED ALWAYS AS IDENTITY,
  at        timestamptz NOT NULL,
  from_on   date   NOT NULL,
  to_on     date   NOT NULL CONSTRAINT log_review_order CHECK (to_on >= from_on),
  by_id     bigint NOT NULL,
  by_text   text   NOT NULL,
  post      text   NOT NULL,
  lines     bigint NOT NULL CHECK (lines >= 0),     -- of others, in those days
  own_lines bigint NOT NULL CHECK (own_lines >= 0), -- left to another person
  found     boolean NOT NULL,
  findings  text   NOT NULL,
  measures  text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (NOT found OR findings <> '')
);
CALL tanamori_isolate('log_review');
CALL tanamori_append_only('log_review');
GRANT SELECT, INSERT ON log_review TO tanamori_host;
CALL tanamori_serve('log_review', 'tanamori_job', 'SELECT, DELETE');
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('log_review', 17, 'log', 'at', '{id,at,from_on,to_on,by_id,by_text,post,lines,own_lines,found,findings,measures}', 'true', 'true', '',
   'operation_log.read', 7, 7);

-- The review is a duty of the host from the beginning. It is no part of a night: the morning board has no row of it.
ALTER TABLE duty ADD COLUMN on_board boolean NOT NULL DEFAULT true;
GRANT INSERT ON duty TO tanamori_job;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tanamori_count_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM added WHERE retired_at IS NULL AND on_board) THEN RETURN NULL; END IF;
  UPDATE tenant t SET duties_in_use = t.duties_in_use + n.more
  FROM (SELECT tenant_id, count(*) AS more FROM added WHERE retired_at IS NULL AND on_board GROUP BY tenant_id ORDER BY tenant_id) n WHERE t.id = n.tenant_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER count_retired ON duty;
CREATE TRIGGER count_retired AFTER UPDATE OF retired_at ON duty FOR EACH ROW
  WHEN (NEW.on_board AND (OLD.retired_at IS NULL) <> (NEW.retired_at IS NULL)) EXECUTE FUNCTION tanamori_count_retired();
