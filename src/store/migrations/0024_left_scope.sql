-- A control goes, or is gone, from a host because the host left its scope: with the host it comes back.
ALTER TABLE control_host ADD COLUMN left_scope BIGINT NOT NULL DEFAULT 0;
UPDATE control_host SET left_scope = 1
    WHERE why = 'no longer in its scope' AND state IN ('retiring', 'retired');
-- Hosts that came back unseen are found by a look at all of them.
DELETE FROM setting WHERE name = 'controls.followed';
