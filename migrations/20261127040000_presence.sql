-- derived: who is connected where. Lost, it is taken anew.
create table coordination.nodes (
    node uuid primary key,
    -- put off by the node as long as it lives; afterwards others end its stays
    expires_at timestamptz not null,
    -- it went on purpose: who has not come back elsewhere by then has left
    drained boolean not null default false
);

create table coordination.stays (
    room uuid not null,
    member uuid not null,
    node uuid not null references coordination.nodes on delete cascade,
    -- the commands that a stay causes have ids derived from it
    stay uuid not null,
    primary key (room, member, node)
);
create index on coordination.stays (node);

-- One node at a time compares who is where and records what follows from it.
create function coordination.lock_stays() returns void language sql as $$
    select pg_advisory_xact_lock(7308324466020377710)
$$;
