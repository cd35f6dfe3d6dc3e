-- What the server makes jobs for, and what became of them.
ALTER TABLE host ADD COLUMN job_sequence BIGINT NOT NULL DEFAULT 0;

ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN plan_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN run TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN deployment_id TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN state TEXT NOT NULL DEFAULT 'waiting';
ALTER TABLE job ADD COLUMN begun_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN exit_status BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN progress TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN document TEXT NOT NULL DEFAULT '';

CREATE TABLE deployment (
    id TEXT NOT NULL PRIMARY KEY,
    selection TEXT NOT NULL,
    restart_services BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    why TEXT NOT NULL,
    cancelled_at BIGINT NOT NULL
);

CREATE TABLE deployment_host (
    deployment_id TEXT NOT NULL REFERENCES deployment (id),
    host_id TEXT NOT NULL REFERENCES host (id),
    phase TEXT NOT NULL,
    since BIGINT NOT NULL,
    job_kind TEXT NOT NULL,
    job_id TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    run TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (deployment_id, host_id)
);
CREATE INDEX deployment_host_by_job ON deployment_host (job_id);

-- A plan is of one host. The document is the plan itself.
CREATE TABLE host_plan (
    digest TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL REFERENCES host (id),
    document TEXT NOT NULL,
    patches TEXT NOT NULL,
    steps BIGINT NOT NULL,
    download_bytes BIGINT NOT NULL,
    restart TEXT NOT NULL,
    problems BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The runs of hosts, as they tell of them.
CREATE TABLE host_run (
    host_id TEXT NOT NULL REFERENCES host (id),
    run TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    result TEXT NOT NULL,
    why TEXT NOT NULL,
    job_id TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, run)
);
