-- Parts of jobs: chunks of a file that was handed in, rows that wait for a person. Sealed above, gone before their job.
CREATE TABLE job_part (
    tenant INTEGER NOT NULL,
    job BLOB NOT NULL,
    class INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tenant, job, class, number)
) STRICT;
