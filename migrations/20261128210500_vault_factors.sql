-- truth: the vault. Second factors and passkeys.

-- What a member's authenticator app computes its codes from.
create table vault.authenticators (
    member uuid primary key,
    -- sealed under a secret of the vault
    secret text not null,
    created_at timestamptz not null,
    -- null: waits for its first code, and is asked for nowhere
    confirmed_at timestamptz,
    -- of the last code that was used: neither it nor one before it is good again
    last_step bigint not null default 0,
    -- since when so many codes were wrong
    wrong integer not null default 0,
    wrong_since timestamptz not null default 'epoch'
);

-- Each is good once, in the place of a code.
create table vault.recovery_codes (
    member uuid not null references vault.authenticators on delete cascade,
    -- HMAC of member and code under the digest key
    digest bytea not null,
    primary key (member, digest)
);

-- What is needed to know a passkey again. That it is the member's way in is in the log.
create table vault.passkeys (
    identity uuid primary key references vault.identities on delete cascade,
    -- its public key and counter, as webauthn-rs writes them
    credential text not null,
    used_at timestamptz
);

-- What a browser was asked to sign with a passkey, until it answers.
create table vault.ceremonies (
    -- SHA-256 of the token
    token_hash bytea primary key,
    -- whose passkey is to be added; null: whoever signs in
    member uuid,
    state text not null,
    expires_at timestamptz not null
);
create index on vault.ceremonies (expires_at);

-- Who has shown a password or an account elsewhere, and owes a code.
create table vault.halfway (
    -- SHA-256 of the token
    token_hash bytea primary key,
    member uuid not null,
    -- how they came so far
    way text not null,
    expires_at timestamptz not null
);
create index on vault.halfway (expires_at);
