-- derived: who is in a room without a connection, and when something was last heard of them. Lost,
-- it is taken anew from who is there by the log.
create table coordination.visits (
    room uuid not null,
    member uuid not null,
    heard_at timestamptz not null default clock_timestamp(),
    primary key (room, member)
);
create index on coordination.visits (heard_at);
