-- Who somebody is at a provider, for ever: names and addresses change hands, these two do not.
CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- What a browser that signed in hands to a terminal. The digest covers what that terminal alone knows, too.
CREATE TABLE sign_on_code (
    digest TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    expires_at BIGINT NOT NULL
);

ALTER TABLE account ADD COLUMN host_group TEXT NOT NULL DEFAULT '*';

-- The host group that whoever started it may deploy to; a host that is moved out of it gets no further job.
ALTER TABLE deployment ADD COLUMN host_group TEXT NOT NULL DEFAULT '*';

-- What is looked for when old records go.
CREATE INDEX job_by_document ON job (document);
CREATE INDEX job_by_age ON job (created_at);
CREATE INDEX report_by_age ON report (received_at);
CREATE INDEX host_plan_by_document ON host_plan (document);
CREATE INDEX document_by_age ON inventory_document (stored_at);
CREATE INDEX job_by_plan ON job (plan_digest);
CREATE INDEX deployment_host_by_plan ON deployment_host (plan_digest);
CREATE INDEX host_run_by_plan ON host_run (plan_digest);
CREATE INDEX host_run_by_age ON host_run (reported_at);
CREATE INDEX host_plan_by_age ON host_plan (created_at);
