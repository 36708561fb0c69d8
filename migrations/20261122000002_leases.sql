-- derived: who does what there is only one of. Lost, it is taken anew.
create schema coordination;

create table coordination.leases (
    name text primary key,
    holder uuid not null,
    -- grows with every holder: work under an older epoch can't commit
    epoch bigint not null,
    -- the holder's connection; when it is gone, so is the holder
    backend integer not null,
    backend_start timestamptz not null,
    expires_at timestamptz not null
);
