-- What hosts outside say of a control on another host: whether its port is reached from there. `number` is that of the
-- probe in its document; `job_id` is empty when none is under way; `answer` is that of the last one.
CREATE TABLE control_probe (
    control_id TEXT NOT NULL REFERENCES control (id),
    host_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    prober_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    answer TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (control_id, host_id, number)
);
CREATE INDEX control_probe_by_job ON control_probe (job_id);
-- Who is to ask is named.
CREATE INDEX host_by_name ON host (name);
-- What they come to, as a word of the rollout, and why.
ALTER TABLE control_host ADD COLUMN outside TEXT NOT NULL DEFAULT '';
ALTER TABLE control_host ADD COLUMN outside_why TEXT NOT NULL DEFAULT '';
