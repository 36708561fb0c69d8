-- truth: the vault. The members' keys, each wrapped under a master key that is
-- in no database.
create table vault.keys (
    key uuid primary key,
    member uuid not null,
    -- null: destroyed for ever; what was sealed under it is forgotten
    wrapped text,
    -- under which master key
    master uuid,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (master is null) and (wrapped is null) = (destroyed_at is not null))
);
create index on vault.keys (master);
create index on vault.keys (member);

-- One row: the master key that wraps what is new. Whoever wraps holds it
-- against a rotation.
create table vault.master (
    is_only boolean primary key default true check (is_only),
    master uuid not null,
    -- the hash of the first event of the log that this vault belongs to; null: it
    -- had none yet
    log bytea
);

-- Which master key wraps the secret; null: it waits for the next start.
alter table vault.secrets add column master uuid;
