-- What people sign with their own keys: hosts check it, so a server that lies cannot make it up.
CREATE TABLE rollout_signature (
    deployment_id TEXT NOT NULL REFERENCES rollout (deployment_id),
    person TEXT NOT NULL,
    frozen TEXT NOT NULL,
    statement TEXT NOT NULL,
    signature TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, person)
);
