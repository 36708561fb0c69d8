-- truth: the log. Everything a member does, in the order in which it happened.
create schema log;

create table log.events (
    -- 1, 2, 3 … without a gap, in commit order: log.append is the only writer
    position bigint primary key,
    stream text collate "C" not null,
    -- 1, 2, 3 … in its stream
    version bigint not null,
    event_id uuid not null,
    event_type text collate "C" not null,
    schema_version smallint not null,
    -- json, not jsonb: the hash covers exactly the stored bytes
    payload json not null,
    -- the vault's key under which sealed fields are encrypted
    key_id uuid,
    actor uuid not null,
    command_id uuid not null,
    correlation_id uuid not null,
    causation_id uuid,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    -- SHA-256(previous hash ‖ canonical header ‖ SHA-256(payload))
    hash bytea not null check (octet_length(hash) = 32),
    unique (stream, version)
);

-- The answer of every accepted command, for ever, also of those that changed nothing.
create table log.commands (
    id uuid not null,
    actor uuid not null,
    -- where the log stood when the command was accepted: its last event, if it has one
    position bigint not null,
    events integer not null,
    -- keyed digest of the body: the same id with another body is refused
    digest bytea not null,
    primary key (id, actor)
);

create function log.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % of % is refused', lower(tg_op), tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete on log.events
    for each row execute function log.refuse_change();
create trigger no_truncate before truncate on log.events
    for each statement execute function log.refuse_change();
create trigger append_only before update or delete on log.commands
    for each row execute function log.refuse_change();
create trigger no_truncate before truncate on log.commands
    for each statement execute function log.refuse_change();

-- One writer at a time: held to the end of the transaction. Waiters are served
-- in the order in which they came, so no node starves another.
create function log.lock() returns void language sql as $$
    select pg_advisory_xact_lock(7308324466020377709)
$$;

create function log.head() returns bigint language sql stable as $$
    select coalesce(max(position), 0) from log.events
$$;

-- Appends one batch behind `expected_head`; false (and nothing done) when the
-- head is elsewhere. A command or stream version that exists already raises
-- unique_violation: the backstop, as the writer has planned both.
create function log.append(
    expected_head bigint,
    command_ids uuid[], command_actors uuid[], command_positions bigint[],
    command_events integer[], command_digests bytea[],
    streams text[], versions bigint[], event_ids uuid[], event_types text[],
    schema_versions smallint[], payloads text[], key_ids uuid[], actors uuid[],
    event_command_ids uuid[], correlation_ids uuid[], causation_ids uuid[],
    occurred timestamptz[], recorded timestamptz[], hashes bytea[]
) returns boolean language plpgsql as $$
begin
    perform log.lock();
    if log.head() <> expected_head then
        return false;
    end if;
    insert into log.commands (id, actor, position, events, digest)
    select * from unnest(command_ids, command_actors, command_positions,
                         command_events, command_digests);
    insert into log.events (position, stream, version, event_id, event_type, schema_version,
                            payload, key_id, actor, command_id, correlation_id, causation_id,
                            occurred_at, recorded_at, hash)
    select expected_head + e.n, e.stream, e.version, e.event_id, e.event_type, e.schema_version,
           e.payload::json, e.key_id, e.actor, e.command_id, e.correlation_id, e.causation_id,
           e.occurred_at, e.recorded_at, e.hash
    from unnest(streams, versions, event_ids, event_types, schema_versions, payloads, key_ids,
                actors, event_command_ids, correlation_ids, causation_ids, occurred, recorded,
                hashes) with ordinality
        as e(stream, version, event_id, event_type, schema_version, payload, key_id, actor,
             command_id, correlation_id, causation_id, occurred_at, recorded_at, hash, n);
    return true;
end $$;
