-- Sign-ins of people, and links by which they set themselves up. What else is known of one is sealed above.
CREATE TABLE login (
    tenant INTEGER NOT NULL,
    hash BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind INTEGER NOT NULL,
    issued INTEGER NOT NULL,
    used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_subject ON login (tenant, subject);
CREATE INDEX login_expires ON login (tenant, expires);
