-- What agents report, in the order of each host.
CREATE TABLE report (
    host_id TEXT NOT NULL REFERENCES host (id),
    sequence BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (host_id, sequence)
);

CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL REFERENCES host (id),
    envelope TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE INDEX job_by_host ON job (host_id, finished_at);
