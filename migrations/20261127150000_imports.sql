-- derived: how far imports of films have come. Lost, an import that was broken off begins anew,
-- and records only what is not recorded yet.
create table coordination.imports (
    import uuid primary key,
    -- what was asked for: an import that was broken off is found by it
    asked text not null,
    -- TMDB's ids, the first `done` of which are done; null: not known yet; empty once it is finished
    list integer[],
    length integer,
    done integer not null default 0,
    listed integer not null default 0,
    revised integer not null default 0,
    missing integer not null default 0,
    failure text,
    started_at timestamptz not null,
    touched_at timestamptz not null,
    finished_at timestamptz
);
create index on coordination.imports (started_at desc);
