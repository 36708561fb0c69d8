//! A log that nothing guards any more is not sound, whatever it holds.

use super::{sound, verified};
use crate::replay_tool::tampering::copy_of;
use crate::replay_tool::{replay_tool, said};

#[tokio::test]
async fn guards_that_are_gone_are_named() {
    let sound = sound().await;
    for (sql, told) in [
        (
            "alter table log.events disable trigger append_only",
            "the append-only trigger append_only of log.events is disabled",
        ),
        (
            "alter table log.commands enable trigger append_only",
            "the append-only trigger append_only of log.commands is passed over where session_replication_role is replica",
        ),
        (
            "drop trigger no_truncate on log.commands",
            "the append-only trigger no_truncate of log.commands is missing",
        ),
        (
            "drop trigger append_only on log.events;
             create trigger append_only before update on log.events
                 for each row execute function log.refuse_change()",
            "the append-only trigger append_only of log.events is another one",
        ),
        (
            "create or replace function log.refuse_change() returns trigger language plpgsql
             as 'begin return new; end'",
            "the append-only triggers' function log.refuse_change refuses nothing",
        ),
        (
            "alter table log.events drop constraint events_stream_version_key",
            "the unique index of log.events on (stream, version) is missing",
        ),
    ] {
        let database = copy_of(&sound).await;
        sqlx::raw_sql(sql).execute(&database).await.unwrap();
        let verdict = verified(&database, 7).await;
        assert_eq!(verdict.missing_guards, [told]);
        assert!(verdict.damage.is_none() && !verdict.is_sound());
        let told_by_program = replay_tool(&database, &["verify"]);
        assert_eq!(told_by_program.status.code(), Some(3));
        assert!(said(&told_by_program).contains(told));
    }
}
