-- What was judged of each host, by which inventory and which catalog. Hosts without a row were not judged yet.
CREATE TABLE fleet_host (
    host_id TEXT NOT NULL PRIMARY KEY REFERENCES host (id),
    inventory_digest TEXT NOT NULL,
    catalog TEXT NOT NULL,
    judged_at BIGINT NOT NULL,
    overdue BIGINT NOT NULL,
    exploited BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    blocked BIGINT NOT NULL,
    unknown_packages BIGINT NOT NULL,
    silent BIGINT NOT NULL,
    unknown_why TEXT NOT NULL,
    gaps TEXT NOT NULL
);

CREATE TABLE fleet_patch (
    host_id TEXT NOT NULL REFERENCES host (id),
    urgency BIGINT NOT NULL,
    source TEXT NOT NULL,
    from_version TEXT NOT NULL,
    to_version TEXT NOT NULL,
    state TEXT NOT NULL,
    blocker TEXT NOT NULL,
    blocker_detail TEXT NOT NULL,
    kev BIGINT NOT NULL,
    exploited BIGINT NOT NULL,
    public_exploit BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    due_rule TEXT NOT NULL,
    restart TEXT NOT NULL,
    vulnerabilities BIGINT NOT NULL,
    vulnerability_ids TEXT NOT NULL,
    PRIMARY KEY (host_id, urgency)
);
CREATE INDEX fleet_patch_by_source ON fleet_patch (source, to_version);

-- Due dates count from here; nothing is forgotten.
CREATE TABLE fleet_first_seen (
    host_id TEXT NOT NULL REFERENCES host (id),
    vulnerability TEXT NOT NULL,
    source TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, vulnerability, source)
);
