-- truth: the vault. Wrong passwords and codes, for each account; letters to who wants to join; how
-- often all sessions of a member were ended.

-- How many more guesses there may be, by the generic cell rate algorithm: one number for each place.
create table vault.guesses (
    -- HMAC of account and browser under the digest key
    place bytea primary key,
    -- when nothing is counted there any more
    free_at timestamptz not null
);
create index on vault.guesses (free_at);

-- guesses at codes are counted there, too
alter table vault.authenticators drop column wrong, drop column wrong_since;

-- HMAC of from where it was asked, under the digest key
alter table vault.sign_ups add column asker bytea;

-- each who wants to join has a letter of their own; who asks for a new password twice has one
drop index vault.one_of_a_kind_at_a_time;
create unique index one_reset_at_a_time on vault.outbox (reservation) where kind = 'reset';

-- how often all sessions of the member were ended: who began to sign in before does not come in
alter table vault.accounts add column endings bigint not null default 0;
