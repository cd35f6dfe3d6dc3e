-- Several servers on one PostgreSQL: what each must hear of the others. Unused where there can be one alone.
-- One row: the number of the last change.
CREATE TABLE server_change_head (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO server_change_head (id, number) VALUES (1, 0);

-- Written in the transaction of the change, one after the other, so that numbers have no holes.
CREATE TABLE server_change (
    number BIGINT NOT NULL PRIMARY KEY,
    server TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL
);

-- One row: who judges, and until when by the clock of the database.
CREATE TABLE server_leader (
    id BIGINT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    address TEXT NOT NULL,
    until_at BIGINT NOT NULL
);
INSERT INTO server_leader (id, holder, address, until_at) VALUES (1, '', '', 0);

-- Failed attempts to sign in, by name, by address and by both.
CREATE TABLE sign_in_failure (
    attempt TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Writes with an Idempotency-Key. Secrets that are shown once are in no answer here.
CREATE TABLE repeated_request (
    digest TEXT NOT NULL PRIMARY KEY,
    request_digest TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    status BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    body TEXT NOT NULL,
    is_secret BIGINT NOT NULL
);
