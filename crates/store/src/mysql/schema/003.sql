-- Sign-ins of people, and links by which they set themselves up. What else is known of one is sealed above.
CREATE TABLE IF NOT EXISTS login (
    tenant BIGINT NOT NULL,
    hash BINARY(32) NOT NULL,
    subject BINARY(16) NOT NULL,
    kind BIGINT NOT NULL,
    issued BIGINT NOT NULL,
    used BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    body VARBINARY(4096) NOT NULL,
    mac BINARY(16) NOT NULL,
    PRIMARY KEY (tenant, hash),
    KEY login_subject (tenant, subject),
    KEY login_expires (tenant, expires)
) ENGINE = InnoDB;
