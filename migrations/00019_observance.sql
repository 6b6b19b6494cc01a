-- What everybody must undertake to observe before work (遵守事項): the documents, version by version, and who accepted which.
-- +goose Up

-- A version of a document. The host writes one for the whole consortium; each town holds it in a row of its own, with the
-- same document and version, so that its acceptances are its own evidence. A withdrawn version has no text and asks for
-- nothing: from that day on there is nothing to accept of the document.
CREATE TABLE observance (
  tenant_id   bigint  NOT NULL REFERENCES tenant,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  document    integer NOT NULL CHECK (document > 0),
  version     integer NOT NULL CHECK (version > 0),
  title       text    NOT NULL CHECK (title <> ''),
  body        text    NOT NULL,
  sha256      text    NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), -- of title, line feed, body
  from_on     date    NOT NULL,
  withdrawn   boolean NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL,
  by_id       bigint,
  by_text     text    NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT observance_version UNIQUE (tenant_id, document, version),
  CHECK (withdrawn = (body = ''))
);
CALL tanamori_isolate('observance');
CALL tanamori_append_only('observance');
GRANT SELECT ON observance TO tanamori_town;
GRANT SELECT, INSERT ON observance TO tanamori_host;
-- A town that joins later gets its rows from the job.
CALL tanamori_serve('observance', 'tanamori_job', 'SELECT, INSERT, DELETE');

-- 同意: one act of one person about one version, with the hash of the text that they read.
CREATE TABLE observance_acceptance (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  observance_id bigint NOT NULL,
  person_id     bigint NOT NULL,
  by_text       text   NOT NULL,
  sha256        text   NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  at            timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, observance_id) REFERENCES observance,
  FOREIGN KEY (tenant_id, person_id) REFERENCES person,
  CONSTRAINT observance_acceptance_once UNIQUE (tenant_id, observance_id, person_id)
);
CALL tanamori_isolate('observance_acceptance');
CALL tanamori_append_only('observance_acceptance');
GRANT SELECT, INSERT ON observance_acceptance TO tanamori_town, tanamori_host;
CALL tanamori_serve('observance_acceptance', 'tanamori_job', 'SELECT, DELETE');

-- As long as a version is the newest of its document, it and what was accepted of it are needed, however old they are.
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('observance_acceptance', 60, 'observance', 'at', '{id,observance_id,person_id,by_text,sha256,at}', 'true',
    'EXISTS (SELECT FROM observance o JOIN observance n ON n.tenant_id = o.tenant_id AND n.document = o.document AND n.version > o.version
       WHERE o.tenant_id = t.tenant_id AND o.id = t.observance_id)', '', 'observance.read', 7, 1),
  ('observance', 61, 'observance', 'recorded_at', '{id,document,version,title,body,sha256,from_on,withdrawn,recorded_at,by_id,by_text}', 'true',
    'EXISTS (SELECT FROM observance n WHERE n.tenant_id = t.tenant_id AND n.document = t.document AND n.version > t.version)
     AND NOT EXISTS (SELECT FROM observance_acceptance a WHERE a.tenant_id = t.tenant_id AND a.observance_id = t.id)', '', 'observance.read', 7, 1);

CALL tanamori_gather('observance', 'recorded_at', 'observance.read');
CALL tanamori_gather('observance_acceptance', 'at', 'observance.read');
