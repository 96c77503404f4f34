-- Parts of jobs: chunks of a file that was handed in, rows that wait for a person. Sealed above, gone before their job.
CREATE TABLE IF NOT EXISTS job_part (
    tenant BIGINT NOT NULL,
    job BINARY(16) NOT NULL,
    class BIGINT NOT NULL,
    number BIGINT NOT NULL,
    body LONGBLOB NOT NULL,
    PRIMARY KEY (tenant, job, class, number)
) ENGINE = InnoDB;
