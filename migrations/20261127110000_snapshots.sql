-- derived: the states of long streams, so that a decision on one need not read all of it. May be
-- deleted at any time.
create schema cache;

create table cache.snapshots (
    stream text collate "C" primary key,
    -- of the last event that is in it
    version bigint not null,
    -- that event's: a snapshot of a log that was cut off or written anew is not used
    hash bytea not null,
    -- of the state's form and meaning: a snapshot by another program is not used
    shape bytea not null,
    -- sealed under a secret of the vault: nobody makes one up
    state text not null
);

-- sealed bytes can't be compressed
alter table cache.snapshots alter column state set storage external;
