-- Whether an emergency needs approval before its first ring: hosts of later rings are in it, since none of its own misses the patch.
ALTER TABLE rollout ADD COLUMN asks_first INTEGER NOT NULL DEFAULT 0;
