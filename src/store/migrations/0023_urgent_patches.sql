-- What makes patches urgent that can be installed as far as is known, one row for each vulnerability that does.
CREATE TABLE fleet_urgent (
    host_id TEXT NOT NULL REFERENCES host (id),
    source TEXT NOT NULL,
    to_version TEXT NOT NULL,
    vulnerability TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, source, to_version, vulnerability)
);
CREATE INDEX fleet_urgent_by_patch ON fleet_urgent (source, to_version, host_id);
-- Every host is judged again, so that it is known of all of them.
UPDATE fleet_host SET judged_at = 0;
-- By which vulnerabilities the patch of an emergency that was opened by rule was urgent, a star is any.
CREATE TABLE rollout_trigger (
    deployment_id TEXT NOT NULL REFERENCES rollout (deployment_id),
    vulnerability TEXT NOT NULL,
    PRIMARY KEY (deployment_id, vulnerability)
);
INSERT INTO rollout_trigger (deployment_id, vulnerability)
    SELECT deployment_id, '*' FROM rollout WHERE opened_for <> '';
CREATE INDEX rollout_by_patch ON rollout (opened_for);
