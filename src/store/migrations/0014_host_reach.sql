-- How a host is reached: 'agent', or 'ssh' by a relay, which speaks for it.
ALTER TABLE host ADD COLUMN reach TEXT NOT NULL DEFAULT 'agent';
