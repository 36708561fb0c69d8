-- truth: whom and what an event names beside its actor stands in columns of its own. An index on
-- what the payload says parses the payload of every event for each such index: of what an append
-- cost the server that was a third.
drop index log.events_by_film, log.events_by_member, log.events_by_author;

-- Null: the payload names none, or its actor, by whom the event is found anyway. Of the hash they
-- are no part; that they are what the payload says is checked with it.
alter table log.events add column film uuid, add column member uuid, add column author uuid;

alter table log.events disable trigger append_only;
update log.events
set film = nullif((payload ->> 'film')::uuid, actor),
    member = nullif((payload ->> 'member')::uuid, actor),
    author = nullif((payload ->> 'author')::uuid, actor)
where (payload ->> 'film')::uuid <> actor
   or (payload ->> 'member')::uuid <> actor
   or (payload ->> 'author')::uuid <> actor;
alter table log.events enable trigger append_only;

create index events_by_film on log.events (film, position) where film is not null;
create index events_by_member on log.events (member, position) where member is not null;
create index events_by_author on log.events (author, position) where author is not null;

-- It went behind a position, whatever stood there.
drop function log.append(
    bigint, uuid[], uuid[], bigint[], integer[], bytea[], text[], bigint[], bigint[], uuid[], text[],
    smallint[], text[], uuid[], uuid[], uuid[], uuid[], uuid[], timestamptz[], timestamptz[], bytea[]
);

-- Appends one batch behind `expected_head`, the event with this hash; false (and nothing done) when
-- the head is elsewhere. A command or stream version that exists already raises
-- unique_violation: the backstop, as the writer has planned both.
create function log.append(
    expected_head bigint, expected_hash bytea,
    command_ids uuid[], command_actors uuid[], command_positions bigint[],
    command_events integer[], command_digests bytea[],
    streams text[], versions bigint[], abouts bigint[], event_ids uuid[], event_types text[],
    schema_versions smallint[], payloads text[], key_ids uuid[], actors uuid[],
    event_command_ids uuid[], correlation_ids uuid[], causation_ids uuid[],
    occurred timestamptz[], recorded timestamptz[], hashes bytea[],
    films uuid[], members uuid[], authors uuid[]
) returns boolean language plpgsql as $$
declare
    head record;
begin
    perform log.lock();
    select position, hash into head from log.events order by position desc limit 1;
    if coalesce(head.position, 0) <> expected_head
       or expected_head > 0 and head.hash <> expected_hash then
        return false;
    end if;
    insert into log.commands (id, actor, position, events, digest)
    select * from unnest(command_ids, command_actors, command_positions,
                         command_events, command_digests);
    insert into log.events (position, stream, version, about, event_id, event_type,
                            schema_version, payload, key_id, actor, command_id, correlation_id,
                            causation_id, occurred_at, recorded_at, hash, film, member, author)
    select expected_head + e.n, e.stream, e.version, e.about, e.event_id, e.event_type,
           e.schema_version, e.payload::json, e.key_id, e.actor, e.command_id, e.correlation_id,
           e.causation_id, e.occurred_at, e.recorded_at, e.hash, e.film, e.member, e.author
    from unnest(streams, versions, abouts, event_ids, event_types, schema_versions, payloads,
                key_ids, actors, event_command_ids, correlation_ids, causation_ids, occurred,
                recorded, hashes, films, members, authors) with ordinality
        as e(stream, version, about, event_id, event_type, schema_version, payload, key_id, actor,
             command_id, correlation_id, causation_id, occurred_at, recorded_at, hash, film, member,
             author, n);
    return true;
end $$;

-- For nodes of the release before, until they are replaced; the next release drops it.
create or replace function log.append(
    expected_head bigint, expected_hash bytea,
    command_ids uuid[], command_actors uuid[], command_positions bigint[],
    command_events integer[], command_digests bytea[],
    streams text[], versions bigint[], abouts bigint[], event_ids uuid[], event_types text[],
    schema_versions smallint[], payloads text[], key_ids uuid[], actors uuid[],
    event_command_ids uuid[], correlation_ids uuid[], causation_ids uuid[],
    occurred timestamptz[], recorded timestamptz[], hashes bytea[]
) returns boolean language plpgsql as $$
begin
    return log.append(
        expected_head, expected_hash, command_ids, command_actors, command_positions,
        command_events, command_digests, streams, versions, abouts, event_ids, event_types,
        schema_versions, payloads, key_ids, actors, event_command_ids, correlation_ids,
        causation_ids, occurred, recorded, hashes, names.films, names.members, names.authors)
    from (select array_agg(nullif((payload::json ->> 'film')::uuid, actor) order by n) as films,
                 array_agg(nullif((payload::json ->> 'member')::uuid, actor) order by n) as members,
                 array_agg(nullif((payload::json ->> 'author')::uuid, actor) order by n) as authors
          from unnest(payloads, actors) with ordinality as e(payload, actor, n)) names;
end $$;
