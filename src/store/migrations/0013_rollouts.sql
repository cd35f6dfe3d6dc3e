-- Policies, and the deployments that go by one: their rings, where each host stands in its ring, whose word they have.
CREATE TABLE rollout_policy (
    name TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    digest TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE rollout (
    deployment_id TEXT NOT NULL PRIMARY KEY REFERENCES deployment (id),
    policy TEXT NOT NULL,
    document TEXT NOT NULL,
    is_emergency BIGINT NOT NULL,
    phase TEXT NOT NULL,
    since BIGINT NOT NULL,
    why TEXT NOT NULL,
    frozen TEXT NOT NULL,
    frozen_digest TEXT NOT NULL,
    hosts BIGINT NOT NULL,
    opened_for TEXT NOT NULL
);
CREATE INDEX rollout_by_phase ON rollout (phase);

CREATE TABLE rollout_ring (
    deployment_id TEXT NOT NULL REFERENCES rollout (deployment_id),
    ring BIGINT NOT NULL,
    name TEXT NOT NULL,
    phase TEXT NOT NULL,
    since BIGINT NOT NULL,
    forgiven BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, ring)
);

CREATE TABLE rollout_approval (
    deployment_id TEXT NOT NULL REFERENCES rollout (deployment_id),
    person TEXT NOT NULL,
    frozen TEXT NOT NULL,
    approved_at BIGINT NOT NULL
);
CREATE INDEX rollout_approval_by_deployment ON rollout_approval (deployment_id);

CREATE INDEX deployment_host_by_host ON deployment_host (host_id, phase);

ALTER TABLE deployment_host ADD COLUMN ring BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployment_host ADD COLUMN availability_set BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployment_host ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployment_host ADD COLUMN expected_seconds BIGINT NOT NULL DEFAULT 0;
