-- Times are microseconds since 1970, UTC. All numbers are BIGINT; texts are bytes of UTF-8 and compare as such.

-- Current versions of all records.
CREATE TABLE IF NOT EXISTS `row` (
    tenant BIGINT NOT NULL,
    rid BIGINT NOT NULL,
    record BINARY(16) NOT NULL,
    kind BIGINT NOT NULL,
    version BIGINT NOT NULL,
    dossier BIGINT NOT NULL,
    domain BIGINT NOT NULL,
    domain_uid BINARY(16) NOT NULL,
    code VARBINARY(32),
    stage BIGINT NOT NULL,
    level BIGINT NOT NULL,
    team BIGINT NOT NULL,
    region BIGINT NOT NULL,
    industry BIGINT NOT NULL,
    band BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    state BIGINT NOT NULL,
    key_version BIGINT NOT NULL,
    mask_revision BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    container LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, rid),
    UNIQUE KEY row_record (tenant, record),
    UNIQUE KEY row_code (tenant, code),
    KEY row_list (tenant, kind, rid, stage, level, industry, state, created),
    KEY row_team (tenant, kind, team, rid, stage, level, industry, state, created),
    KEY row_dossier (tenant, dossier, kind, rid)
) ENGINE = InnoDB;

-- Versions before the current one. A record that was never changed has none.
CREATE TABLE IF NOT EXISTS version (
    tenant BIGINT NOT NULL,
    rid BIGINT NOT NULL,
    record BINARY(16) NOT NULL,
    kind BIGINT NOT NULL,
    version BIGINT NOT NULL,
    dossier BIGINT NOT NULL,
    domain BIGINT NOT NULL,
    domain_uid BINARY(16) NOT NULL,
    code VARBINARY(32),
    stage BIGINT NOT NULL,
    level BIGINT NOT NULL,
    team BIGINT NOT NULL,
    region BIGINT NOT NULL,
    industry BIGINT NOT NULL,
    band BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    state BIGINT NOT NULL,
    key_version BIGINT NOT NULL,
    mask_revision BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    container LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, rid, version)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS data_key (
    tenant BIGINT NOT NULL,
    domain BIGINT NOT NULL,
    version BIGINT NOT NULL,
    bucket_generation BIGINT NOT NULL,
    wrapped VARBINARY(255) NOT NULL,
    PRIMARY KEY (tenant, domain, version)
) ENGINE = InnoDB;
-- The generation under which a bucket takes data keys. Each bucket has its row from the first, so that it can be locked.
CREATE TABLE IF NOT EXISTS bucket (
    tenant BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (tenant, bucket)
) ENGINE = InnoDB;

-- Tokens.
CREATE TABLE IF NOT EXISTS token (
    tenant BIGINT NOT NULL,
    field BIGINT NOT NULL,
    kv BIGINT NOT NULL,
    token BIGINT NOT NULL,
    rid BIGINT NOT NULL,
    PRIMARY KEY (tenant, field, kv, token, rid)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS uniq (
    tenant BIGINT NOT NULL,
    field BIGINT NOT NULL,
    kv BIGINT NOT NULL,
    token BINARY(16) NOT NULL,
    slot BIGINT NOT NULL,
    rid BIGINT NOT NULL,
    PRIMARY KEY (tenant, field, kv, token, slot)
) ENGINE = InnoDB;

-- The change log: leaves, full tiles, head.
CREATE TABLE IF NOT EXISTS change_log (
    tenant BIGINT NOT NULL,
    position BIGINT NOT NULL,
    leaf MEDIUMBLOB NOT NULL,
    PRIMARY KEY (tenant, position)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS tile (
    tenant BIGINT NOT NULL,
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hashes MEDIUMBLOB NOT NULL,
    PRIMARY KEY (tenant, level, position)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS head (
    tenant BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BINARY(32) NOT NULL,
    policy_epoch BIGINT NOT NULL,
    checkpoint_size BIGINT NOT NULL DEFAULT 0,
    checkpoint MEDIUMBLOB,
    PRIMARY KEY (tenant)
) ENGINE = InnoDB;

-- The processes that share this database: who may write which access log, and how many batches each has committed.
CREATE TABLE IF NOT EXISTS node (
    node BIGINT NOT NULL,
    holder BINARY(16) NOT NULL,
    until BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    batches BIGINT NOT NULL,
    PRIMARY KEY (node)
) ENGINE = InnoDB;

-- The access logs: bundles, full tiles, newest checkpoints.
CREATE TABLE IF NOT EXISTS access_bundle (
    tenant BIGINT NOT NULL,
    node BIGINT NOT NULL,
    position BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    root BINARY(32) NOT NULL,
    bytes LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, node, position)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS access_tile (
    tenant BIGINT NOT NULL,
    node BIGINT NOT NULL,
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hashes MEDIUMBLOB NOT NULL,
    PRIMARY KEY (tenant, node, level, position)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS access_checkpoint (
    tenant BIGINT NOT NULL,
    node BIGINT NOT NULL,
    size BIGINT NOT NULL,
    checkpoint MEDIUMBLOB NOT NULL,
    PRIMARY KEY (tenant, node)
) ENGINE = InnoDB;

-- Records of the system, and their versions before the current one.
CREATE TABLE IF NOT EXISTS `system` (
    tenant BIGINT NOT NULL,
    kind VARBINARY(64) NOT NULL,
    id BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    body LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS system_version (
    tenant BIGINT NOT NULL,
    kind VARBINARY(64) NOT NULL,
    id BINARY(16) NOT NULL,
    version BIGINT NOT NULL,
    body LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, kind, id, version)
) ENGINE = InnoDB;

-- Mechanics: no history.
CREATE TABLE IF NOT EXISTS session (
    tenant BIGINT NOT NULL,
    hash BINARY(32) NOT NULL,
    subject BINARY(16) NOT NULL,
    subject_kind BIGINT NOT NULL,
    issued BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    mac BINARY(16) NOT NULL,
    PRIMARY KEY (tenant, hash),
    KEY session_subject (tenant, subject),
    KEY session_expires (tenant, expires)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS idempotency (
    tenant BIGINT NOT NULL,
    subject BINARY(16) NOT NULL,
    `key` BINARY(32) NOT NULL,
    command_hash BINARY(32) NOT NULL,
    result VARBINARY(4096) NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject, `key`),
    KEY idempotency_at (tenant, at)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS quota_use (
    tenant BIGINT NOT NULL,
    subject BINARY(16) NOT NULL,
    name VARBINARY(190) NOT NULL,
    at BIGINT NOT NULL,
    nth BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject, name, at, nth)
) ENGINE = InnoDB;
-- One row for each quota of each subject: what is locked while uses are counted.
CREATE TABLE IF NOT EXISTS quota_lock (
    tenant BIGINT NOT NULL,
    subject BINARY(16) NOT NULL,
    name VARBINARY(190) NOT NULL,
    PRIMARY KEY (tenant, subject, name)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS sequence (
    tenant BIGINT NOT NULL,
    name VARBINARY(190) NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS `cursor` (
    tenant BIGINT NOT NULL,
    name VARBINARY(190) NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS lease (
    tenant BIGINT NOT NULL,
    name VARBINARY(190) NOT NULL,
    holder BINARY(16) NOT NULL,
    until BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS job (
    tenant BIGINT NOT NULL,
    id BINARY(16) NOT NULL,
    kind VARBINARY(190) NOT NULL,
    state BIGINT NOT NULL,
    due BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, id),
    KEY job_due (tenant, state, due)
) ENGINE = InnoDB;
