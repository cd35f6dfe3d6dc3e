-- What people call a host by: tags, sorted, comma separated.
ALTER TABLE host ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE enrolment_token ADD COLUMN tags TEXT NOT NULL DEFAULT '';

-- A digest by which a machine that enrols again is known; empty: its agent did not tell. The later
-- enrolment of the same machine under the same name.
ALTER TABLE host ADD COLUMN machine TEXT NOT NULL DEFAULT '';
ALTER TABLE host ADD COLUMN superseded_by TEXT NOT NULL DEFAULT '';
CREATE INDEX host_by_machine ON host (machine);
