-- truth: a batch is appended behind the event that it was planned behind, not only behind its
-- position: where a server lost its last commits at a failover, others may be there by now.
-- The function without a hash stays for nodes of the release before, until they are replaced; the
-- next release drops it.

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
    occurred timestamptz[], recorded timestamptz[], hashes bytea[]
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
                            causation_id, occurred_at, recorded_at, hash)
    select expected_head + e.n, e.stream, e.version, e.about, e.event_id, e.event_type,
           e.schema_version, e.payload::json, e.key_id, e.actor, e.command_id, e.correlation_id,
           e.causation_id, e.occurred_at, e.recorded_at, e.hash
    from unnest(streams, versions, abouts, event_ids, event_types, schema_versions, payloads,
                key_ids, actors, event_command_ids, correlation_ids, causation_ids, occurred,
                recorded, hashes) with ordinality
        as e(stream, version, about, event_id, event_type, schema_version, payload, key_id, actor,
             command_id, correlation_id, causation_id, occurred_at, recorded_at, hash, n);
    return true;
end $$;
