//! What stands in `log.commands` fits the events that it says were recorded.

use event_log::verify::Kind;

use super::{first_wrong, sound};
use crate::replay_tool::tampering::{copy_of, event, tamper};

#[tokio::test]
async fn commands_that_do_not_fit_their_events_are_named() {
    let sound = sound().await;
    let source = copy_of(&sound).await;
    let recorded = event(&source, 31).await;
    let (command, actor) = (recorded.command, recorded.actor);
    let here = format!("id = '{command}'");
    for (sql, kind) in [
        (
            format!("delete from log.commands where {here}"),
            Kind::NoCommand { command, actor },
        ),
        (
            format!("update log.commands set position = 32 where {here}"),
            Kind::CommandElsewhere {
                first: 32,
                last: 32,
            },
        ),
        (
            format!("update log.commands set events = 0 where {here}"),
            Kind::CommandElsewhere {
                first: 32,
                last: 31,
            },
        ),
        (
            "insert into log.commands values (gen_random_uuid(), gen_random_uuid(), 31, 1, '')"
                .into(),
            Kind::ClaimedBy { command, actor },
        ),
    ] {
        let database = copy_of(&sound).await;
        tamper(&database, &sql).await;
        let found = first_wrong(&database).await;
        let as_claimed = matches!(
            (&found.1, &kind),
            (Kind::ClaimedBy { .. }, Kind::ClaimedBy { .. })
        );
        assert!(
            found.0 == 31 && (found.1 == kind || as_claimed),
            "{sql}: {found:?}"
        );
    }
}

/// No trigger refuses a row that is inserted.
#[tokio::test]
async fn a_command_that_can_not_be_is_named_whatever_it_says() {
    let sound = sound().await;
    let last = {
        let database = copy_of(&sound).await;
        event_log::head(&database).await.unwrap().position
    };
    for (through, events, at) in [
        (i64::MIN, 1, last + 1),
        (i64::MIN, i32::MIN, last + 1),
        (i64::MAX, -1, last + 1),
        (0, 1, last + 1),
        (31, 32, 31),
        (31, -1, 31),
        (5, i32::MAX, 5),
    ] {
        let database = copy_of(&sound).await;
        let row = format!("gen_random_uuid(), gen_random_uuid(), {through}, {events}, ''");
        tamper(
            &database,
            format!("insert into log.commands values ({row})"),
        )
        .await;
        let (position, kind) = first_wrong(&database).await;
        let said = match kind {
            Kind::Impossible {
                events, through, ..
            } => (through, events),
            other => panic!("{row}: {other:?}"),
        };
        assert_eq!(
            (position, said),
            (at, (through, i64::from(events))),
            "{row}"
        );
    }
    // behind the head it may have recorded any
    for events in [0, i32::MAX] {
        let database = copy_of(&sound).await;
        let row = format!(
            "gen_random_uuid(), gen_random_uuid(), {}, {events}, ''",
            i64::MAX
        );
        tamper(
            &database,
            format!("insert into log.commands values ({row})"),
        )
        .await;
        let through = i64::MAX;
        let cut_off = (last + 1, Kind::CutOff { through });
        assert_eq!(first_wrong(&database).await, cut_off, "{row}");
    }
}
