-- truth: what the log is searched by. Each index ends with the position, so that a page of
-- matches is a range of one index, read in order and no further than its end. Times need none:
-- they never decrease, so they are found among the positions by halving.
create index events_by_actor on log.events (actor, position);
create index events_by_type on log.events (event_type, position);
create index events_by_correlation on log.events (correlation_id, position);

-- What an event names beside its actor; those who act themselves are found by the actor.
create index events_by_film on log.events (((payload ->> 'film')::uuid), position)
    where (payload ->> 'film')::uuid <> actor;
create index events_by_member on log.events (((payload ->> 'member')::uuid), position)
    where (payload ->> 'member')::uuid <> actor;
create index events_by_author on log.events (((payload ->> 'author')::uuid), position)
    where (payload ->> 'author')::uuid <> actor;
