//! What the application's role may do to the truth.

use sqlx::{ConnectOptions, PgPool};
use tests::counter::add;
use tests::{database, new_id};
use uuid::Uuid;

use super::commands::{start, streams};

const CHANGES: [&str; 3] = ["update", "delete", "truncate"];

async fn may(database: &PgPool, table: &str, what: &str) -> bool {
    sqlx::query_scalar("select has_table_privilege($1, $2)")
        .bind(table)
        .bind(what)
        .fetch_one(database)
        .await
        .unwrap()
}

/// Every table of the log's and the audit's schemas, so that a new one is thought about.
#[tokio::test]
async fn the_applications_role_adds_to_the_log_and_reads_it_and_nothing_else() {
    let database = database::create().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select schemaname || '.' || tablename from pg_tables
         where schemaname in ('log', 'audit') order by 1",
    )
    .fetch_all(&database)
    .await
    .unwrap();
    assert!(tables.len() >= 4, "{tables:?}");
    for table in &tables {
        assert!(may(&database, table, "select").await, "{table}");
        assert!(may(&database, table, "insert").await, "{table}");
        for what in ["trigger", "references", "truncate"] {
            assert!(!may(&database, table, what).await, "{what} {table}");
        }
        // derived from the log, and computed again where it is wrong
        let is_computed = table == "audit.subtrees";
        for what in ["update", "delete"] {
            assert_eq!(may(&database, table, what).await, is_computed, "{table}");
        }
    }
    let owner = database::owner(&database);
    for what in CHANGES {
        assert!(may(&owner, "log.events", what).await, "the check sees none");
    }
}

/// A session that takes no guard away: it says that it only copies what another server did.
#[tokio::test]
async fn the_guards_stand_also_where_a_superuser_says_to_replicate() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let adding = sequencer.execute(add(new_id(), &streams(&["a"]), 1, 9));
    adding.await.unwrap();
    sqlx::query("insert into audit.checkpoints values (1, 'a note', now())")
        .execute(&database)
        .await
        .unwrap();
    let superuser = (*database.connect_options()).clone().username("postgres");
    let superuser = superuser.options([("session_replication_role", "replica")]);
    let mut replicating = superuser.connect().await.unwrap();
    for change in [
        "update log.events set payload = '{}'",
        "delete from log.events",
        "truncate log.events",
        "update log.commands set events = 0",
        "delete from log.commands",
        "truncate log.commands",
        "update audit.checkpoints set note = ''",
        "delete from audit.checkpoints",
        "truncate audit.checkpoints",
    ] {
        let refused = sqlx::query(change).execute(&mut replicating).await;
        let said = refused.unwrap_err().to_string();
        assert!(said.contains("append-only"), "{change}: {said}");
    }
    // the deliberately broken guard: an ordinary trigger
    for statement in [
        "alter table log.commands enable trigger append_only",
        "delete from log.commands",
    ] {
        let done = sqlx::query(statement).execute(&mut replicating).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

#[tokio::test]
async fn the_applications_role_takes_no_guard_away_and_becomes_nobody_else() {
    let database = database::create().await;
    let owner = database::server().get_username().to_owned();
    for statement in [
        "alter table log.events disable trigger user",
        "drop trigger append_only on log.events",
        "create or replace function log.refuse_change() returns trigger language plpgsql
         as 'begin return new; end'",
        "alter table log.events owner to current_user",
        "drop schema log cascade",
        "drop schema audit cascade",
        "set session_replication_role = replica",
        &format!("set role {owner}"),
        &format!("set session authorization {owner}"),
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&database);
        let refused = refused.await.unwrap_err().to_string();
        let why = ["permission denied", "must be owner", "must be able to"];
        assert!(
            why.iter().any(|why| refused.contains(why)),
            "{statement}: {refused}"
        );
    }
}

/// What a node of the release before says, which tells nobody whom its events name.
const APPENDS: &str = "
    select log.append($1, ''::bytea, array[$2::uuid], array[$2::uuid], array[$1 + 1], array[1],
                      array['\\x00'::bytea], array['a'], array[1::bigint], array[null::bigint],
                      array[$2::uuid], array['a'], array[1::smallint],
                      array[json_build_object('member', $2::uuid, 'author', $3::uuid)::text],
                      array[null::uuid], array[$2::uuid], array[$2::uuid], array[$2::uuid],
                      array[null::uuid], array[now()], array[now()],
                      array[sha256(convert_to('a', 'UTF8'))])";

#[tokio::test]
async fn a_node_of_the_release_before_appends_until_it_is_replaced() {
    let database = database::create().await;
    let author = tests::new_id();
    for (head, is_appended) in [(7_i64, false), (0, true)] {
        let appended: bool = sqlx::query_scalar(APPENDS)
            .bind(head)
            .bind(tests::new_id())
            .bind(author)
            .fetch_one(&database)
            .await
            .unwrap();
        assert_eq!(appended, is_appended, "behind {head}");
    }
    let named = "select array[film, member, author] from log.events where position = 1";
    let named: Vec<Vec<Option<Uuid>>> = sqlx::query_scalar(named)
        .fetch_all(&database)
        .await
        .unwrap();
    assert_eq!(named, [[None, None, Some(author)]]);
}
