-- Where each patch of each host stands. Rows stay: what was patched is part of the record.
CREATE TABLE patch_state (
    host_id TEXT NOT NULL REFERENCES host (id),
    source TEXT NOT NULL,
    to_version TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    verified_on_disk BIGINT NOT NULL,
    inventory_digest TEXT NOT NULL,
    PRIMARY KEY (host_id, source, to_version)
);

-- Whether the inventory that a host has could be judged; else its patches stand as they stood before.
ALTER TABLE fleet_host ADD COLUMN readable BIGINT NOT NULL DEFAULT 1;
