CREATE TABLE enrolment_token (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    host_group TEXT NOT NULL,
    reusable BIGINT NOT NULL,
    used BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

CREATE TABLE host (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    host_group TEXT NOT NULL,
    operating_system TEXT NOT NULL,
    architecture TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    inventory_digest TEXT NOT NULL,
    report_sequence BIGINT NOT NULL,
    certificate_serial TEXT NOT NULL,
    certificate_expires_at BIGINT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE INDEX host_by_group ON host (host_group, name);
CREATE INDEX host_by_inventory ON host (inventory_digest);

-- Addressed by the SHA-256 of the expanded document; zstd, then base64: no two databases agree on blobs.
CREATE TABLE inventory_document (
    digest TEXT NOT NULL PRIMARY KEY,
    compressed TEXT NOT NULL,
    expanded_bytes BIGINT NOT NULL,
    stored_at BIGINT NOT NULL
);
