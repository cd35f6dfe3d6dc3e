-- How often a host refused to reboot, and what the hooks of its owner said around a job.
ALTER TABLE deployment_host ADD COLUMN refused_reboots BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN hooks TEXT NOT NULL DEFAULT '';
