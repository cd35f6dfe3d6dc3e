-- Why a patch may be missing for a while, who agreed, and until when. Rows stay: they are part of the record.
CREATE TABLE patch_exception (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    host_group TEXT NOT NULL,
    host_tag TEXT NOT NULL,
    hosts TEXT NOT NULL,
    packages TEXT NOT NULL,
    vulnerabilities TEXT NOT NULL,
    owner TEXT NOT NULL,
    why TEXT NOT NULL,
    requester TEXT NOT NULL,
    approver TEXT NOT NULL,
    controls TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    approved_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    renewal_by TEXT NOT NULL,
    renewal_until BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    reminded_days BIGINT NOT NULL
);
CREATE INDEX patch_exception_by_state ON patch_exception (state);

-- What was shown for it.
CREATE TABLE exception_evidence (
    exception_id TEXT NOT NULL REFERENCES patch_exception (id),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    host_id TEXT NOT NULL,
    document TEXT NOT NULL,
    summary TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (exception_id, number)
);
CREATE INDEX exception_evidence_by_document ON exception_evidence (document);

-- Which patches an active exception covers, as of the last judgement of their host.
CREATE TABLE excepted_patch (
    host_id TEXT NOT NULL REFERENCES host (id),
    source TEXT NOT NULL,
    to_version TEXT NOT NULL,
    exception_id TEXT NOT NULL REFERENCES patch_exception (id),
    until BIGINT NOT NULL,
    keeps_away BIGINT NOT NULL,
    PRIMARY KEY (host_id, source, to_version, exception_id)
);
CREATE INDEX excepted_patch_by_exception ON excepted_patch (exception_id);
