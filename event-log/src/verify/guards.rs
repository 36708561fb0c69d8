//! What refuses changes of the log: is it still there?
//!
//! A trigger that was taken away and put back leaves no trace here; what was done
//! meanwhile does, in the chain.

use sqlx::postgres::PgConnection;

/// A sentence for each guard that is not what the migration made.
pub(super) async fn missing(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut missing = triggers(connection).await?;
    if !refusal(connection).await? {
        missing.push("the append-only triggers' function log.refuse_change refuses nothing".into());
    }
    missing.extend(unique_indexes(connection).await?);
    Ok(missing)
}

async fn triggers(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    // 27: before each row of update or delete; 34: before truncate
    sqlx::query_scalar(
        "select format('the append-only trigger %s of %s is %s', w.name, w.relation, w.state)
         from (
             select name, relation,
                 case when t.oid is null then 'missing'
                      when t.tgenabled in ('D', 'R') then 'disabled'
                      when t.tgtype <> type or t.tgqual is not null or t.tgattr::text <> ''
                        or t.tgfoid <> coalesce(to_regproc('log.refuse_change')::oid, 0)
                      then 'another one'
                      when t.tgenabled <> 'A'
                      then 'passed over where session_replication_role is replica' end as state
             from (values ('append_only', 'log.events', 27), ('no_truncate', 'log.events', 34),
                          ('append_only', 'log.commands', 27), ('no_truncate', 'log.commands', 34),
                          ('append_only', 'audit.checkpoints', 27),
                          ('no_truncate', 'audit.checkpoints', 34))
                 as wanted(name, relation, type)
             left join pg_trigger t on t.tgrelid = to_regclass(relation) and t.tgname = name
         ) w
         where w.state is not null",
    )
    .fetch_all(connection)
    .await
}

/// Whether the triggers' function raises, as far as its text tells.
async fn refusal(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select coalesce((select prosrc ~* '^\\s*begin\\s+raise exception' and prosrc !~* 'return'
                          from pg_proc where oid = to_regproc('log.refuse_change')), false)",
    )
    .fetch_one(connection)
    .await
}

async fn unique_indexes(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select format('the unique index of %s on (%s) is missing', relation, columns)
         from (values ('log.events', 'position'), ('log.events', 'stream, version'),
                      ('log.commands', 'id, actor'), ('audit.checkpoints', 'size')) as wanted(relation, columns)
         where not exists (
             select from pg_index i
             where i.indrelid = to_regclass(relation) and i.indisunique and i.indisvalid
               and i.indpred is null
               and columns = (select string_agg(a.attname, ', ' order by k.n)
                              from unnest(i.indkey::smallint[]) with ordinality as k(attnum, n)
                              join pg_attribute a
                                on a.attrelid = i.indrelid and a.attnum = k.attnum))",
    )
    .fetch_all(connection)
    .await
}
