-- derived: what the recommender is fitted to. `replay-tool rebuild` computes it from the log.

-- What a member says of a film, now and as it was at the fit before the change.
create table read.opinions (
    member uuid not null,
    film uuid not null,
    -- 1 to 10; null: they have taken it back
    half_stars smallint,
    since timestamptz,
    fitted_half_stars smallint,
    fitted_since timestamptz,
    -- the position of the last change
    changed bigint not null,
    primary key (member, film)
);
create index on read.opinions (changed);

-- Members who have gone: their opinions are no longer there, for earlier fits neither.
create table read.departures (
    member uuid primary key,
    position bigint not null
);
create index on read.departures (position);
