-- truth: the vault. One-time tickets for sockets, short-lived.
create table vault.tickets (
    -- SHA-256 of the ticket
    ticket_hash bytea primary key,
    member uuid not null,
    -- the session that it stands for: the connection ends with it
    session_hash bytea not null,
    expires_at timestamptz not null
);
create index on vault.tickets (expires_at);
