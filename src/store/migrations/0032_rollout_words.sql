-- A host that waits and is verified first, since a run may have installed something, says so by its phase.
UPDATE deployment_host SET phase = 'waiting-to-verify' WHERE phase = 'waiting' AND run <> '';
-- The emergency that a host was given to, until it is begun again; empty: none.
ALTER TABLE deployment_host ADD COLUMN gave_way_to TEXT NOT NULL DEFAULT '';
-- The address that was asked about where the server chose the place; empty: the document names it, or it is not known.
ALTER TABLE control_probe ADD COLUMN target TEXT NOT NULL DEFAULT '';
