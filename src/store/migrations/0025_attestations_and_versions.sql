-- Until when what is outside of all hosts is attested for one of them; the interval of the control stays as it is.
ALTER TABLE control_host ADD COLUMN attested_until BIGINT NOT NULL DEFAULT 0;
UPDATE control_host SET attested_until = last_verified + COALESCE(
        (SELECT c.verify_seconds FROM control c WHERE c.id = control_host.control_id), 0)
    WHERE last_verified > 0 AND control_id IN (SELECT id FROM control WHERE kind = 'external');
-- What package URLs of what cannot be patched are made of. Every host is judged again, so that it is known of all of them.
ALTER TABLE fleet_unpatched ADD COLUMN from_version TEXT NOT NULL DEFAULT '';
ALTER TABLE fleet_unpatched ADD COLUMN package_type TEXT NOT NULL DEFAULT '';
UPDATE fleet_host SET judged_at = 0;
