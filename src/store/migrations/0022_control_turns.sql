-- What of a control on a host is due when, so that nobody has to read all of its hosts: `due_at` is when it is looked
-- at next, `turn_at` from when it waits for its turn to be changed; 253402300799 is never.
ALTER TABLE control_host ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE control_host ADD COLUMN turn_at BIGINT NOT NULL DEFAULT 253402300799;
ALTER TABLE control_host ADD COLUMN job_kind TEXT NOT NULL DEFAULT '';
UPDATE control_host SET job_kind = COALESCE((SELECT j.kind FROM job j WHERE j.id = control_host.job_id), '') WHERE job_id <> '';
-- A document was noted when its job was given; now it is when the host says that it is put up.
UPDATE control_host SET digest = '' WHERE job_id <> '' AND state = 'approved';
CREATE INDEX control_host_by_due ON control_host (due_at, control_id, host_id);
CREATE INDEX control_host_by_turn ON control_host (control_id, turn_at, host_id);
CREATE INDEX control_host_by_state ON control_host (control_id, state);
CREATE INDEX control_check_by_time ON control_check (at);
-- How many hosts change at once, and why no more do. Who asks for more time, and until when.
ALTER TABLE control ADD COLUMN at_once BIGINT NOT NULL DEFAULT 20;
ALTER TABLE control ADD COLUMN stopped_why TEXT NOT NULL DEFAULT '';
ALTER TABLE control ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE control ADD COLUMN renewal_by TEXT NOT NULL DEFAULT '';
ALTER TABLE control ADD COLUMN renewal_until BIGINT NOT NULL DEFAULT 0;
-- What the package URLs of what is missing on a host are made of.
ALTER TABLE fleet_patch ADD COLUMN package_type TEXT NOT NULL DEFAULT '';
ALTER TABLE fleet_host ADD COLUMN distribution TEXT NOT NULL DEFAULT '';
