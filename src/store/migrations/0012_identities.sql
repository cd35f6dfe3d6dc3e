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
