-- Truth (vault): whether a session was begun with two factors: a passkey, or a code besides something else.
alter table vault.sessions add column two_factors boolean not null default false;
