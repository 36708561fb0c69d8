-- truth: the vault. Who wants to join, until they follow the link that was mailed to the address that they
-- typed: the same is done whether the address is a member's or not.
create table vault.sign_ups (
    -- the letter's and, some day, the member's
    id uuid primary key,
    -- of the address
    reservation uuid not null,
    name text not null,
    email text not null,
    language text not null,
    -- null: they came from a provider
    password_hash text,
    provider text,
    subject text,
    label text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    check ((password_hash is null) <> (provider is null))
);
create index on vault.sign_ups (reservation, created_at);
create index on vault.sign_ups (expires_at);

-- a letter to an address may wait beside one of another kind
drop index vault.one_reset_at_a_time;
create unique index one_of_a_kind_at_a_time on vault.outbox (reservation, kind);
