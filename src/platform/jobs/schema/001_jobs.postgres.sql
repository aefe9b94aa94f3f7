-- due_at_ms: when the row may be taken; while somebody has it, the end of the lease.
-- attempts: those that have failed; taken: how often it was begun, which is more when a process was
-- killed meanwhile.
-- schedule: the kind, in the one row of a kind that is done for ever.
CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'given_up')),
    attempts BIGINT NOT NULL DEFAULT 0,
    taken BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    last_error TEXT,
    schedule TEXT UNIQUE
);

CREATE INDEX jobs_by_due ON jobs (state, due_at_ms);
