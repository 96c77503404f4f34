-- Keys named `id` are tenant and number in one integer (place.rs). Times are microseconds since 1970, UTC.

-- Current versions of all records.
CREATE TABLE row (
    id INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    record BLOB NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    dossier INTEGER NOT NULL,
    domain INTEGER NOT NULL,
    domain_uid BLOB NOT NULL,
    code TEXT,
    stage INTEGER NOT NULL,
    level INTEGER NOT NULL,
    team INTEGER NOT NULL,
    region INTEGER NOT NULL,
    industry INTEGER NOT NULL,
    band INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    state INTEGER NOT NULL,
    key_version INTEGER NOT NULL,
    mask_revision INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    container BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX row_record ON row (tenant, record);
CREATE UNIQUE INDEX row_code ON row (tenant, code) WHERE code IS NOT NULL;
-- Lists filter on the index alone and touch a row only when it is shown.
CREATE INDEX row_list ON row (tenant, kind, id, stage, level, industry, state, created);
CREATE INDEX row_team ON row (tenant, kind, team, id, stage, level, industry, state, created);
CREATE INDEX row_dossier ON row (tenant, dossier, kind, id);

-- Versions before the current one. A record that was never changed has none.
CREATE TABLE version (
    id INTEGER NOT NULL,
    tenant INTEGER NOT NULL,
    record BLOB NOT NULL,
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    dossier INTEGER NOT NULL,
    domain INTEGER NOT NULL,
    domain_uid BLOB NOT NULL,
    code TEXT,
    stage INTEGER NOT NULL,
    level INTEGER NOT NULL,
    team INTEGER NOT NULL,
    region INTEGER NOT NULL,
    industry INTEGER NOT NULL,
    band INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    state INTEGER NOT NULL,
    key_version INTEGER NOT NULL,
    mask_revision INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    container BLOB NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;

CREATE TABLE data_key (
    tenant INTEGER NOT NULL,
    domain INTEGER NOT NULL,
    version INTEGER NOT NULL,
    bucket_generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, domain, version)
) STRICT, WITHOUT ROWID;
-- The generation under which a bucket takes data keys; 1 when it has no row.
CREATE TABLE bucket (
    tenant INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (tenant, bucket)
) STRICT, WITHOUT ROWID;

-- Tokens. New ones come into small runs (`token_fresh`, `uniq_fresh`) and are moved into the large tables in the order
-- of the key: a token alone would rewrite a page of its own (fresh.rs).
CREATE TABLE token (
    tenant INTEGER NOT NULL,
    field INTEGER NOT NULL,
    kv INTEGER NOT NULL,
    token INTEGER NOT NULL,
    rid INTEGER NOT NULL,
    PRIMARY KEY (tenant, field, kv, token, rid)
) STRICT, WITHOUT ROWID;
CREATE TABLE uniq (
    tenant INTEGER NOT NULL,
    field INTEGER NOT NULL,
    kv INTEGER NOT NULL,
    token BLOB NOT NULL,
    slot INTEGER NOT NULL,
    rid INTEGER NOT NULL,
    PRIMARY KEY (tenant, field, kv, token, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE token_fresh (
    run INTEGER NOT NULL,
    token INTEGER NOT NULL,
    tenant INTEGER NOT NULL,
    field INTEGER NOT NULL,
    kv INTEGER NOT NULL,
    rid INTEGER NOT NULL,
    PRIMARY KEY (run, token, tenant, field, kv, rid)
) STRICT, WITHOUT ROWID;
CREATE TABLE uniq_fresh (
    run INTEGER NOT NULL,
    token BLOB NOT NULL,
    tenant INTEGER NOT NULL,
    field INTEGER NOT NULL,
    kv INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    rid INTEGER NOT NULL,
    PRIMARY KEY (run, token, tenant, field, kv, slot)
) STRICT, WITHOUT ROWID;
-- The runs that may hold something.
CREATE TABLE fresh_run (
    run INTEGER PRIMARY KEY
) STRICT;

-- The change log: leaves, full tiles, head.
CREATE TABLE change_log (
    id INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL
) STRICT;
CREATE TABLE tile (
    tenant INTEGER NOT NULL,
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (tenant, level, position)
) STRICT;
CREATE TABLE head (
    tenant INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    policy_epoch INTEGER NOT NULL,
    checkpoint_size INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT
) STRICT;

-- Records of the system, and their versions before the current one.
CREATE TABLE system (
    tenant INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE system_version (
    tenant INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, kind, id, version)
) STRICT, WITHOUT ROWID;

-- Mechanics: no history.
CREATE TABLE session (
    tenant INTEGER NOT NULL,
    hash BLOB NOT NULL,
    subject BLOB NOT NULL,
    subject_kind INTEGER NOT NULL,
    issued INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_subject ON session (tenant, subject);
CREATE INDEX session_expires ON session (tenant, expires);
CREATE TABLE idempotency (
    tenant INTEGER NOT NULL,
    subject BLOB NOT NULL,
    key BLOB NOT NULL,
    command_hash BLOB NOT NULL,
    result BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (tenant, at);
CREATE TABLE quota_use (
    tenant INTEGER NOT NULL,
    subject BLOB NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject, name, at, nth)
) STRICT, WITHOUT ROWID;
CREATE TABLE sequence (
    tenant INTEGER NOT NULL,
    name TEXT NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursor (
    tenant INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
    tenant INTEGER NOT NULL,
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    until INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE job (
    tenant INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state INTEGER NOT NULL,
    due INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (tenant, state, due);
