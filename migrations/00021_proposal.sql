-- 照合: a change that waits until another person has confirmed it.
-- +goose Up

-- For which acts a town asks for a second person.
CREATE TABLE second_person (
  tenant_id bigint NOT NULL REFERENCES tenant,
  act       text   NOT NULL CHECK (act <> ''),
  PRIMARY KEY (tenant_id, act)
);
CALL tanamori_isolate('second_person');
GRANT SELECT ON second_person TO tanamori_town;
GRANT SELECT, INSERT, DELETE ON second_person TO tanamori_host;

-- A change as it was asked for: the request, word for word, and the lines that it would leave in the operation log.
CREATE TABLE proposal (
  tenant_id     bigint NOT NULL REFERENCES tenant,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  acts          text[] NOT NULL,
  towns         bigint[] NOT NULL,
  lines         jsonb  NOT NULL,
  method        text   NOT NULL,
  uri           text   NOT NULL,
  content_type  text   NOT NULL,
  body          bytea  NOT NULL,
  by_tenant     bigint NOT NULL,
  by_person     bigint NOT NULL,
  by_text       text   NOT NULL,
  at            timestamptz NOT NULL,
  state         text   NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'refused', 'withdrawn')),
  decided_by    bigint,
  decided_text  text   NOT NULL DEFAULT '',
  decided_at    timestamptz,
  reason        text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT proposal_another_person CHECK (state <> 'confirmed' OR decided_by <> by_person)
);
CREATE INDEX proposal_newest ON proposal (id); -- over the many towns of a large host
CALL tanamori_isolate('proposal');
GRANT SELECT, INSERT ON proposal TO tanamori_town, tanamori_host;
GRANT UPDATE (state, decided_by, decided_text, decided_at, reason) ON proposal TO tanamori_town, tanamori_host;
