-- truth: the vault. Ways in other than a password.

-- null: signs in with a provider alone
alter table vault.accounts alter column password_hash drop not null;

-- What a provider calls the members whom it knows. Who holds which is in the log; a row that is
-- lost is written again when its member next signs in.
create table vault.identities (
    identity uuid primary key,
    member uuid not null,
    provider text not null,
    subject text not null,
    -- shown to the member alone: an address or a name there
    label text not null,
    linked_at timestamptz not null
);
create index on vault.identities (member);

-- Journeys to a provider that have come back: none does twice.
create table vault.journeys (
    journey uuid primary key,
    expires_at timestamptz not null
);
create index on vault.journeys (expires_at);

-- Who came from a provider and is not a member yet, or must sign in first to link.
create table vault.arrivals (
    token_hash bytea primary key,
    provider text not null,
    subject text not null,
    label text not null,
    email text,
    -- the provider says that the address is theirs
    vouched boolean not null,
    name text not null,
    expires_at timestamptz not null
);
create index on vault.arrivals (expires_at);
