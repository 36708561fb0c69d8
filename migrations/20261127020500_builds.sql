-- derived: read models that are computed anew beside the live ones, what was live
-- before them, and the read side as it was at earlier positions.
create schema replay;
-- tables on their way, and tables that were live
create schema read_next;
create schema read_kept;

create table replay.builds (
    model text collate "C" primary key,
    -- of the code that writes it
    version integer not null,
    -- its rows in read_next say what happened up to here
    position bigint not null,
    -- it began as a table that had been live, not empty
    was_kept boolean not null default false,
    begun_at timestamptz not null default now()
);

-- What was live before the last switch. It stands still; taken back, it catches up first.
create table replay.kept (
    model text collate "C" primary key,
    version integer not null,
    position bigint not null,
    since timestamptz not null default now()
);

-- The whole read side as it was at a position, each in the schema as_of_<name>.
create table replay.as_of (
    name text collate "C" primary key,
    position bigint not null,
    -- false: it was broken off, and is made anew when asked for again
    complete boolean not null default false,
    created_at timestamptz not null default now()
);

-- The last check of each kind.
create table replay.verifications (
    what text collate "C" primary key check (what in ('log', 'read models')),
    position bigint not null,
    sound boolean not null,
    at timestamptz not null default now()
);
