//! `verify` names the first wrong position and what is wrong there, whatever was
//! done to the log.

mod commands;
mod guards;

use std::process::Stdio;
use std::str::FromStr;

use event_log::verify::{Kind, Signatures, Verdict};
use event_log::{Recorded, chain};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::PgPool;
use tests::{database, seed};

use super::tampering::{copy_of, event, forged, insert, shift, swap, tamper, verified_with};
use super::{Story, command, complained, replay_tool, said};

/// A log of this many events, of commands of one to ten, over ranges of any size.
pub(super) const EVENTS: i64 = 60;

/// A sound log, to be copied: nobody is connected to it.
async fn sound() -> String {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    let mut number = 0xD00;
    while event_log::head(&database).await.unwrap().position < EVENTS {
        number += 1;
        if number % 3 == 0 {
            let rating = u8::try_from(number % 10).unwrap() + 1;
            story.review(rating, &format!("Seen {number} times.")).await;
        } else {
            story.comment(number, "Rain.").await;
        }
    }
    drop(story);
    let name = database
        .connect_options()
        .get_database()
        .unwrap()
        .to_owned();
    database.close().await;
    name
}

async fn verified(database: &PgPool, range: u32) -> Verdict {
    verified_with(database, range, &Signatures::default()).await
}

/// The first wrong position, which does not depend on how the log is read.
async fn first_wrong(database: &PgPool) -> (i64, Kind) {
    let mut found = Vec::new();
    for range in [1, 7, 50_000] {
        let damage = verified(database, range).await.damage;
        let damage = damage.expect("the damage is noticed");
        found.push((damage.position, damage.kind));
    }
    assert_eq!((&found[0], &found[1]), (&found[1], &found[2]));
    found.remove(0)
}

#[tokio::test]
async fn a_sound_log_is_sound_however_it_is_read() {
    let database = copy_of(&sound().await).await;
    for range in [1, 2, 7, 59, 60, 61, 50_000] {
        let verdict = verified(&database, range).await;
        assert!(verdict.is_sound(), "ranges of {range}: {verdict:?}");
        assert_eq!(
            verdict.head,
            event_log::head(&database).await.unwrap().position
        );
    }
    let nothing = verified(&database::create().await, 7).await;
    assert!(nothing.is_sound() && nothing.head == 0, "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_log_is_sound_also_while_it_grows() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    let writing = tokio::spawn(async move {
        for number in 0..200 {
            story.comment(0xD000 + number, "Rain.").await;
        }
    });
    let mut heads = Vec::new();
    while !writing.is_finished() {
        let verdict = verified(&database, 7).await;
        assert!(verdict.is_sound(), "{verdict:?}");
        heads.push(verdict.head);
    }
    writing.await.unwrap();
    assert!(heads.first() < heads.last(), "{heads:?}");
}

#[tokio::test]
async fn an_edited_column_is_named_whichever_it_is() {
    let sound = sound().await;
    let one_more_space = "payload = (payload::text || ' ')::json";
    for edit in [
        one_more_space,
        "stream = 'film-' || gen_random_uuid()",
        "version = version + 1000",
        "about = version",
        "event_id = gen_random_uuid()",
        "event_type = 'comment.edited'",
        "schema_version = 2",
        "key_id = gen_random_uuid()",
        "actor = gen_random_uuid()",
        "command_id = gen_random_uuid()",
        "correlation_id = gen_random_uuid()",
        "causation_id = gen_random_uuid()",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 microsecond'",
    ] {
        let database = copy_of(&sound).await;
        let sql = format!("update log.events set {edit} where position = 30");
        tamper(&database, sql).await;
        assert_eq!(first_wrong(&database).await, (30, Kind::Edited), "{edit}");
    }
    for column in ["film", "member", "author"] {
        let database = copy_of(&sound).await;
        let sql = format!(
            "update log.events
             set {column} = case when {column} is null then gen_random_uuid() end
             where position = 30"
        );
        tamper(&database, sql).await;
        assert_eq!(
            first_wrong(&database).await,
            (30, Kind::NamesOthers),
            "{column}"
        );
    }
    let database = copy_of(&sound).await;
    let sql = "update log.events set hash = sha256('') where position = 30";
    tamper(&database, sql).await;
    assert_eq!(first_wrong(&database).await, (30, Kind::HashEdited));
}

#[tokio::test]
async fn deleted_events_are_named_also_at_the_end() {
    let sound = sound().await;
    let last = {
        let database = copy_of(&sound).await;
        event_log::head(&database).await.unwrap().position
    };
    let delete = |from, through| {
        format!("delete from log.events where position between {from} and {through}")
    };
    for (sql, position, kind) in [
        (delete(1, 1), 1, Kind::Missing { through: 1 }),
        (delete(30, 32), 30, Kind::Missing { through: 32 }),
        (delete(last, last), last, Kind::CutOff { through: last }),
        (delete(50, last), 50, Kind::CutOff { through: last }),
        (delete(1, last), 1, Kind::CutOff { through: last }),
        (
            format!("{}; {}", delete(30, 31), shift(32, -2)),
            30,
            Kind::Removed { events: 2 },
        ),
    ] {
        let database = copy_of(&sound).await;
        tamper(&database, &sql).await;
        assert_eq!(first_wrong(&database).await, (position, kind), "{sql}");
    }
    // the chain alone can't tell this; signed checkpoints can
    let database = copy_of(&sound).await;
    let sql =
        "delete from log.events where position > 50; delete from log.commands where position > 50";
    tamper(&database, sql).await;
    assert!(verified(&database, 7).await.is_sound());
}

#[tokio::test]
async fn inserted_events_are_named_also_well_forged_ones() {
    let sound = sound().await;
    let source = copy_of(&sound).await;
    let good = forged(&event(&source, 30).await);
    let mut crude = good.clone();
    crude.hash = [7; 32];
    let at_end = {
        let last = event_log::head(&source).await.unwrap().position;
        forged(&event(&source, last).await)
    };
    let claim = "insert into log.commands
        select command_id, actor, position, 1, '' from log.events where position = 31";
    let inserted = Kind::Inserted { events: 1 };
    let no_command = Kind::NoCommand {
        command: good.command,
        actor: at_end.actor,
    };
    for (sql, position, kind) in [
        (
            format!("{}; {}", shift(31, 1), insert(&crude)),
            31,
            &inserted,
        ),
        (
            format!("{}; {}", shift(31, 1), insert(&good)),
            31,
            &Kind::ClaimedBy {
                command: event(&source, 31).await.command,
                actor: event(&source, 31).await.actor,
            },
        ),
        (
            format!(
                "{}; {}; update log.commands set position = position + 1 where position >= 31; {claim}",
                shift(31, 1),
                insert(&good)
            ),
            31,
            &inserted,
        ),
        (insert(&at_end), at_end.position, &no_command),
        (
            insert(&Recorded {
                position: 0,
                ..good.clone()
            }),
            0,
            &Kind::OutOfPlace,
        ),
    ] {
        let database = copy_of(&sound).await;
        tamper(&database, &sql).await;
        let found = first_wrong(&database).await;
        assert_eq!((found.0, &found.1), (position, kind), "{sql}");
    }
}

#[tokio::test]
async fn reordered_events_are_named() {
    let sound = sound().await;
    let moved = "update log.events set position = 999999999 where position = 30";
    for (sql, position, kind) in [
        (swap(30, 31), 30, Kind::Swapped { with: 31 }),
        (swap(20, 50), 20, Kind::Swapped { with: 50 }),
        (moved.to_owned(), 30, Kind::Moved { from: 999_999_999 }),
    ] {
        let database = copy_of(&sound).await;
        tamper(&database, &sql).await;
        assert_eq!(first_wrong(&database).await, (position, kind), "{sql}");
    }
}

/// Bugs of a writer, which the chain covers faithfully.
#[tokio::test]
async fn a_well_chained_log_that_breaks_its_rules_is_named() {
    let sound = sound().await;
    let source = copy_of(&sound).await;
    let last = event_log::head(&source).await.unwrap().position;
    let before = event(&source, last).await;
    let chained = |change: fn(&mut Recorded)| {
        let mut event = forged(&before);
        change(&mut event);
        event.hash = chain::hash(&before.hash, &event);
        event
    };
    let skipped = chained(|event| event.version = 2);
    let early = chained(|event| event.recorded_at -= chrono::TimeDelta::seconds(1));
    let unknown = chained(|event| event.event_type = "comment.sung".into());
    for (event, kind) in [
        (skipped, Kind::Version { expected: 1 }),
        (
            early,
            Kind::TimeBackwards {
                before: before.recorded_at,
            },
        ),
        (
            unknown,
            Kind::Unreadable("unknown event type \"comment.sung\"".into()),
        ),
    ] {
        let database = copy_of(&sound).await;
        tamper(&database, insert(&event)).await;
        assert_eq!(first_wrong(&database).await, (last + 1, kind));
    }
}

/// One damage of any kind at any position: the position is named.
#[tokio::test]
async fn any_damage_anywhere_is_found_where_it_is() {
    let mut random = StdRng::seed_from_u64(seed());
    let sound = sound().await;
    let last = {
        let database = copy_of(&sound).await;
        event_log::head(&database).await.unwrap().position
    };
    for _ in 0..12 {
        let position = random.random_range(2..last);
        let other = random.random_range(position + 1..=last);
        let database = copy_of(&sound).await;
        let before = event(&database, position - 1).await;
        let sql = match random.random_range(0..6) {
            0 => format!(
                "update log.events set payload = (payload::text || ' ')::json where position = {position}"
            ),
            1 => format!(
                "update log.events set actor = gen_random_uuid() where position = {position}"
            ),
            2 => format!("delete from log.events where position between {position} and {other}"),
            3 => format!(
                "delete from log.events where position = {position}; {}",
                shift(position + 1, -1)
            ),
            4 => format!("{}; {}", shift(position, 1), insert(&forged(&before))),
            _ => swap(position, other),
        };
        tamper(&database, &sql).await;
        let range = random.random_range(1..=last + 1);
        let damage = verified(&database, u32::try_from(range).unwrap())
            .await
            .damage;
        let found = damage.unwrap_or_else(|| panic!("not noticed: {sql}"));
        assert_eq!(found.position, position, "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn the_program_tells_people_and_programs_and_its_caller() {
    let database = database::create().await;
    drop(Story::told(&database).await);
    let healthy = replay_tool(&database, &["verify", "--jobs", "2"]);
    assert_eq!(healthy.status.code(), Some(0), "{}", complained(&healthy));
    let first = said(&healthy).lines().next().unwrap();
    assert_eq!(
        first,
        "The log is sound: 11 events of 7 commands are what was recorded."
    );

    let owner = database::owner(&database);
    tamper(&owner, "delete from log.events where position = 9").await;
    let damaged = replay_tool(&database, &["verify"]);
    assert_eq!(damaged.status.code(), Some(3), "{}", complained(&damaged));
    assert_eq!(
        said(&damaged),
        "The log is damaged at position 9: deleted: nothing is there up to position 9.\n  \
         Positions 1 to 8 are what was recorded; what is behind was not checked.\n"
    );
    let damaged = replay_tool(&database, &["verify", "--json"]);
    let told = serde_json::Value::from_str(said(&damaged)).unwrap();
    assert_eq!(told["sound"], false);
    assert_eq!(told["first_wrong"]["position"], 9);
    assert_eq!(told["first_wrong"]["kind"], "deleted");

    // nor does its caller lose the verdict with who reads the rest: `verify | head -1`
    for arguments in [&["verify"][..], &["verify", "--json"]] {
        let mut unread = command(&database);
        let mut unread = unread
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(unread.stdout.take());
        assert_eq!(unread.wait().unwrap().code(), Some(3), "{arguments:?}");
    }
}
