-- derived: what members want to see. `replay-tool rebuild` computes it from the log.
create table read.watchlist (
    member uuid not null,
    film uuid not null,
    -- of its event
    position bigint not null,
    since timestamptz not null,
    primary key (member, film)
);
create index on read.watchlist (member, since desc, position desc);
-- how many want to see a film, and whose list it is on when it is merged
create index on read.watchlist (film, member);
