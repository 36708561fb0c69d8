-- derived: how each read model stands. A row changes when a model is detached, joins
-- again or is switched, never with an append.
create table read.models (
    -- its table's
    name text collate "C" primary key,
    -- of the code that wrote its rows
    version integer not null,
    -- live: where all live ones stand, the checkpoint. parked: its code fails at the
    -- next event. building: its rows are of other code, or none; it is computed anew.
    state text collate "C" not null check (state in ('live', 'parked', 'building')),
    -- where it stands alone
    position bigint,
    -- the event at which its code fails, and what it says
    failed_at bigint,
    error text,
    since timestamptz not null default now(),
    check ((state = 'live') = (position is null))
);
