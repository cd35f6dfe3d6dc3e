-- Since when the owner of a host knows of its change, and how often and why it was put off.
ALTER TABLE deployment_host ADD COLUMN noticed_at BIGINT NOT NULL DEFAULT 0;
CREATE TABLE rollout_deferral (
    deployment_id TEXT NOT NULL REFERENCES rollout (deployment_id),
    host_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    deferred_until BIGINT NOT NULL,
    person TEXT NOT NULL,
    why TEXT NOT NULL,
    deferred_at BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, host_id, number)
);
-- The document of what a transaction would have wiped away, and why it cannot be read; empty: it can.
ALTER TABLE job ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN evidence_why TEXT NOT NULL DEFAULT '';
CREATE INDEX job_by_evidence ON job (evidence);
-- From when on a host is silent that is not heard of again: it follows from the interval that it was told.
ALTER TABLE host ADD COLUMN silent_at BIGINT NOT NULL DEFAULT 0;
UPDATE host SET silent_at = last_seen_at + 120;
