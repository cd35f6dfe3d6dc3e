-- Compensating controls. `covers` and `sources` are comma separated; `scope` is JSON; `state` is a word of the
-- rollout.
CREATE TABLE control (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    digest TEXT NOT NULL,
    owner TEXT NOT NULL,
    requester TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    why TEXT NOT NULL,
    covers TEXT NOT NULL,
    sources TEXT NOT NULL,
    scope TEXT NOT NULL,
    host_group TEXT NOT NULL,
    vector TEXT NOT NULL,
    residual_risk TEXT NOT NULL,
    verify_seconds BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    retirement TEXT NOT NULL,
    approver TEXT NOT NULL DEFAULT '',
    approved_at BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX control_by_state ON control (state);
-- Where a control stands on one host. `digest` is that of the document that was put up last.
CREATE TABLE control_host (
    control_id TEXT NOT NULL REFERENCES control (id),
    host_id TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    job_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    mode TEXT NOT NULL,
    tries BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    installed_at BIGINT NOT NULL,
    last_verified BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    bypass TEXT NOT NULL,
    why TEXT NOT NULL,
    removal_proposed_at BIGINT NOT NULL,
    PRIMARY KEY (control_id, host_id)
);
CREATE INDEX control_host_by_host ON control_host (host_id);
CREATE INDEX control_host_by_job ON control_host (job_id);
-- What a host, or who attests it, said of a control, one after the other.
CREATE TABLE control_check (
    control_id TEXT NOT NULL REFERENCES control (id),
    host_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    said TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    document TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (control_id, host_id, number)
);
CREATE INDEX control_check_by_document ON control_check (document);
-- Until when a control shields the whole patch, and what would be said of it without.
ALTER TABLE fleet_patch ADD COLUMN mitigated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE fleet_patch ADD COLUMN mitigated_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE fleet_patch ADD COLUMN bare_outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE fleet_patch ADD COLUMN bare_due_at BIGINT NOT NULL DEFAULT 0;
-- What cannot be patched on a host, or is shielded there, as the last judgement has it.
CREATE TABLE fleet_unpatched (
    host_id TEXT NOT NULL,
    source TEXT NOT NULL,
    to_version TEXT NOT NULL,
    reason TEXT NOT NULL,
    vulnerability_ids TEXT NOT NULL,
    kev BIGINT NOT NULL,
    exploited BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    control_id TEXT NOT NULL,
    control_refusal TEXT NOT NULL,
    PRIMARY KEY (host_id, source, to_version)
);
