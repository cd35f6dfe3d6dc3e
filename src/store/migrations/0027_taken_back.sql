-- What hosts took back after a transaction: kept from the other hosts of their groups until somebody has looked.
CREATE TABLE taken_back (
    id TEXT NOT NULL PRIMARY KEY,
    host_id TEXT NOT NULL REFERENCES host (id),
    host_group TEXT NOT NULL,
    deployment_id TEXT NOT NULL,
    run TEXT NOT NULL,
    why TEXT NOT NULL,
    patches TEXT NOT NULL,
    vulnerabilities TEXT NOT NULL,
    taken_back_at BIGINT NOT NULL,
    reviewed_at BIGINT NOT NULL,
    reviewed_by TEXT NOT NULL,
    notes TEXT NOT NULL
);
CREATE INDEX taken_back_by_group ON taken_back (host_group, reviewed_at);
CREATE TABLE taken_back_patch (
    taken_back_id TEXT NOT NULL REFERENCES taken_back (id),
    source TEXT NOT NULL,
    to_version TEXT NOT NULL,
    PRIMARY KEY (taken_back_id, source, to_version)
);
CREATE INDEX taken_back_patch_by_source ON taken_back_patch (source, to_version);
