-- Few of all jobs are open; those are looked for all the time.
CREATE INDEX job_by_state ON job (state);
