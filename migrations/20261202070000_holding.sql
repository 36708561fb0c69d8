-- truth: what was said last of why a member is muted in a room, or banned from it, is found however
-- long the room has lived.
create index events_that_hold on log.events
    (stream, event_type, ((payload ->> 'member')::uuid), version)
    where event_type in ('room.muted', 'room.banned');
