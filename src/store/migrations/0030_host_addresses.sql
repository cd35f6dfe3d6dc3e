-- The address from which a host asks, where it says itself that it is its own: nothing in between lends it another one. Empty: it is
-- not known.
ALTER TABLE host ADD COLUMN address TEXT NOT NULL DEFAULT '';
