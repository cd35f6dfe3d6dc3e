-- What an emergency is looked back on by: opened with it, closed by a second person.
CREATE TABLE rollout_review (
    deployment_id TEXT NOT NULL PRIMARY KEY REFERENCES rollout (deployment_id),
    due_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by TEXT NOT NULL,
    notes TEXT NOT NULL
);
