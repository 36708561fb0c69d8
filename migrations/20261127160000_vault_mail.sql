-- truth: the vault. What is to be mailed, and the links in it.

-- A link's token is an HMAC of its letter under a key of the vault; no table holds it.
create table vault.mail_links (
    id uuid primary key,
    -- SHA-256 of the token
    token_hash bytea not null unique,
    -- verification: of the member's address; address: of a new one; reset: of the password
    purpose text not null,
    member uuid not null,
    -- where it was mailed to
    address text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on vault.mail_links (member, created_at);
create index on vault.mail_links (expires_at);

-- Letters that wait for being sent. Their text is made when they are.
create table vault.outbox (
    id uuid primary key,
    kind text not null,
    -- null: whoever has the address of this reservation, if anybody has
    member uuid,
    reservation uuid,
    -- null: the member's own
    address text,
    attempts integer not null default 0,
    created_at timestamptz not null,
    due_at timestamptz not null,
    check ((member is null) <> (reservation is null))
);
create index on vault.outbox (due_at);
create unique index one_reset_at_a_time on vault.outbox (reservation);
