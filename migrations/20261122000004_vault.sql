-- truth: the vault. What must never enter the log: keys, password hashes, sessions.
create schema vault;

create table vault.secrets (
    name text primary key,
    secret bytea not null
);

-- Written before the log hears of the member: a row whose member never came to
-- be is an orphan, found by nobody and swept at a start.
create table vault.accounts (
    member uuid primary key,
    -- Argon2id, in the PHC string format
    password_hash text not null,
    created_at timestamptz not null default now()
);

create table vault.sessions (
    -- SHA-256 of the token: who reads this table can't sign in with it
    token_hash bytea primary key,
    member uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on vault.sessions (member);
create index on vault.sessions (expires_at);
