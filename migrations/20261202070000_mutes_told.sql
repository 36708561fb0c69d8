-- truth: what a room's mute of a member said last is found however long the room has lived.
create index events_that_mute on log.events (stream, ((payload ->> 'member')::uuid), version)
    where event_type = 'room.muted';
