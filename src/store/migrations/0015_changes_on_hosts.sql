-- How often a host refused to reboot, and what the hooks of its owner said around a job.
ALTER TABLE deployment_host ADD COLUMN refused_reboots BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN hooks TEXT NOT NULL DEFAULT '';
-- Its step of the policy's order, and the name of its availability set, by which rollouts know each other's.
ALTER TABLE deployment_host ADD COLUMN order_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployment_host ADD COLUMN set_name TEXT NOT NULL DEFAULT '';
CREATE INDEX deployment_host_by_set ON deployment_host (set_name, deployment_id);
