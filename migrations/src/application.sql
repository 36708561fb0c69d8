-- What the application's role may do, said by the schema's owner after the migrations: it adds to
-- the log and reads it, it changes what is in the vault, and what is computed is its own, to be
-- made anew, switched and dropped.
do $$
declare
    application constant name := current_setting('reeltime.application');
    computed constant text[] := '{read,read_next,read_kept,replay}';
    one text;
begin
    -- nodes that start together wait for each other
    perform pg_advisory_xact_lock(5147821109235873621);
    execute format('grant create on database %I to %I', current_database(), application);
    execute format('grant select on _sqlx_migrations to %I', application);
    execute format('grant usage on schema log, audit, vault, coordination, cache to %I', application);
    execute format('grant select, insert on all tables in schema log, audit to %I', application);
    execute format('grant update, delete on audit.subtrees to %I', application);
    execute format(
        'grant select, insert, update, delete
         on all tables in schema vault, coordination, cache to %I',
        application);
    for one in
        select nspname from pg_namespace
        where nspname = any(computed) and nspowner <> application::text::regrole
    loop
        execute format('alter schema %I owner to %I', one, application);
    end loop;
    for one in
        select format('%I.%I', nspname, relname)
        from pg_class join pg_namespace n on n.oid = relnamespace
        where nspname = any(computed) and relkind in ('r', 'v', 'm')
          and relowner <> application::text::regrole
    loop
        execute format('alter table %s owner to %I', one, application);
    end loop;
end $$;
