//! `verify` with signed checkpoints finds what a chain alone can't tell: events cut
//! off at the end, and a log that was written anew.

use std::path::{Path, PathBuf};
use std::time::Duration;

use event_log::checkpoint::{Checkpointer, Outside, SigningKey, latest_note};
use event_log::verify::{Kind, Signatures, Verdict};
use event_log::{Tail, chain};
use sqlx::{AssertSqlSafe, PgPool};
use tests::guards::unguarded;
use tests::{clock, database, new_id};

use super::tampering::{copy_of, tamper, verified_with};
use super::verifying::EVENTS;
use super::{Story, complained, replay_tool, said};

/// Events of the older checkpoint; the newer one has all.
const OLDER: i64 = 11;

pub fn key() -> SigningKey {
    SigningKey::from_seed("reeltime.test/log", [7; 32]).unwrap()
}

/// Signs what is there, and keeps it outside, too.
pub async fn sign(database: &PgPool, outside: Option<&Path>) {
    let head = event_log::head(database).await.unwrap().position;
    let outside = outside.map(|path| Outside::at(path.to_owned()));
    let pool = database::pool((*database.connect_options()).clone());
    let tail = Tail::start(pool.clone()).await.unwrap();
    let signing = (key(), outside.clone());
    let checkpointer = Checkpointer::start(&pool, tail, new_id(), signing, clock());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let note = latest_note(database).await.unwrap().unwrap_or_default();
        let is_kept = || {
            outside.as_ref().is_none_or(|outside| {
                let kept = outside.read().unwrap();
                kept.iter().any(|found| found.text == note)
            })
        };
        if note.lines().nth(1) == Some(&head.to_string()) && is_kept() {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "it is not signed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(checkpointer);
    pool.close().await;
}

/// A signed log and what was kept outside.
struct Signed {
    name: String,
    last: i64,
    directory: tempfile::TempDir,
}

impl Signed {
    async fn new() -> Signed {
        let directory = tempfile::tempdir().unwrap();
        let database = database::create().await;
        let mut story = Story::told(&database).await;
        sign(&database, Some(&directory.path().join("kept"))).await;
        for number in 0.. {
            if event_log::head(&database).await.unwrap().position >= EVENTS {
                break;
            }
            story.comment(0xD00 + number, "Rain.").await;
        }
        sign(&database, Some(&directory.path().join("kept"))).await;
        drop(story);
        let options = database.connect_options();
        let name = options.get_database().unwrap().to_owned();
        let last = event_log::head(&database).await.unwrap().position;
        database.close().await;
        Signed {
            name,
            last,
            directory,
        }
    }

    fn kept(&self) -> PathBuf {
        self.directory.path().join("kept")
    }

    fn outside(&self) -> Signatures {
        let mut signatures = by_the_table();
        signatures.read(&Outside::at(self.kept())).unwrap();
        signatures
    }
}

fn by_the_table() -> Signatures {
    Signatures::by(vec![key().public()])
}

/// Whatever the ranges, the verdict is the same.
async fn verified(database: &PgPool, signatures: &Signatures) -> Verdict {
    let mut verdicts = Vec::new();
    for range in [1, 7, 50_000] {
        verdicts.push(verified_with(database, range, signatures).await);
    }
    assert_eq!(verdicts[0].damage, verdicts[1].damage);
    assert_eq!(verdicts[1].damage, verdicts[2].damage);
    assert_eq!(verdicts[0].confirmed, verdicts[2].confirmed);
    verdicts.remove(0)
}

async fn change_checkpoints(database: &PgPool, sql: &str) {
    let changing = sqlx::raw_sql(AssertSqlSafe(unguarded(sql)));
    changing.execute(database).await.unwrap();
}

/// Changes an event and chains all behind it anew.
async fn rewrite(database: &PgPool, position: i64) {
    let events = event_log::read_after(database, 0, 1_000).await.unwrap();
    let (mut hash, mut sql) = (chain::GENESIS, String::new());
    for mut event in events {
        if event.position == position {
            event.payload.push(' ');
        }
        hash = chain::hash(&hash, &event);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let position = event.position;
        sql += &format!("update log.events set hash = '\\x{hash}' where position = {position};");
    }
    sql += &format!(
        "update log.events set payload = (payload::text || ' ')::json where position = {position}"
    );
    tamper(database, sql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_confirm_a_sound_log() {
    let signed = Signed::new().await;
    let database = copy_of(&signed.name).await;
    let verdict = verified(&database, &signed.outside()).await;
    assert!(verdict.is_sound(), "{verdict:?}");
    assert_eq!((verdict.checkpoints, verdict.confirmed), (4, signed.last));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_cut_off_without_a_trace_are_named() {
    let signed = Signed::new().await;
    let cut = "delete from log.events where position > 50;
               delete from log.commands where position > 50";
    let beyond = |verdict: Verdict| {
        let damage = verdict.damage.expect("the cut is noticed");
        let Kind::SignedBeyond { size, place } = damage.kind else {
            panic!("{damage:?}");
        };
        assert_eq!(
            (damage.position, size, damage.event),
            (51, signed.last, None)
        );
        place
    };
    let database = copy_of(&signed.name).await;
    tamper(&database, cut).await;
    let place = beyond(verified(&database, &by_the_table()).await);
    assert!(place.starts_with("audit.checkpoints"), "{place}");

    // the checkpoint, too: what was kept outside tells
    change_checkpoints(&database, "delete from audit.checkpoints where size > 50").await;
    assert!(verified(&database, &by_the_table()).await.is_sound());
    let place = beyond(verified(&database, &signed.outside()).await);
    assert!(place.contains("kept:"), "{place}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_written_anew_is_named_from_the_last_confirmed_position_on() {
    let signed = Signed::new().await;
    for (position, first_wrong, size) in [(30, OLDER + 1, signed.last), (3, 1, OLDER)] {
        let database = copy_of(&signed.name).await;
        rewrite(&database, position).await;
        for signatures in [by_the_table(), signed.outside()] {
            let damage = verified(&database, &signatures).await.damage;
            let damage = damage.expect("the rewriting is noticed");
            assert_eq!(damage.position, first_wrong, "{damage:?}");
            assert!(
                matches!(damage.kind, Kind::NotAsSigned { size: found, .. } if found == size),
                "{damage:?}"
            );
        }
        // without what was signed nobody can tell
        change_checkpoints(&database, "delete from audit.checkpoints").await;
        assert!(verified(&database, &by_the_table()).await.is_sound());
        assert!(
            verified(&database, &signed.outside())
                .await
                .damage
                .is_some()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_named_where_it_is_also_under_checkpoints() {
    let signed = Signed::new().await;
    let database = copy_of(&signed.name).await;
    tamper(
        &database,
        "update log.events set actor = gen_random_uuid() where position = 30",
    )
    .await;
    let verdict = verified(&database, &signed.outside()).await;
    let damage = verdict.damage.unwrap();
    assert_eq!((damage.position, damage.kind), (30, Kind::Edited));
    assert_eq!(verdict.confirmed, OLDER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_that_nobody_signed_are_named() {
    let signed = Signed::new().await;
    let stranger = SigningKey::from_seed("reeltime.test/log", [8; 32]).unwrap();
    for (sql, told) in [
        (
            "update audit.checkpoints set note = replace(note, 'reeltime.test/log', 'reeltime.text/log') where size = 11",
            "signed by no known key",
        ),
        (
            "update audit.checkpoints set note = overwrite where size = 11",
            "signed by no known key",
        ),
        (
            "update audit.checkpoints set size = 12 where size = 11",
            "not the size",
        ),
        (
            "update audit.checkpoints set note = regexp_replace(note, E'\\n11\\n', E'\\n12\\n'), size = 12 where size = 11",
            "its signature is wrong",
        ),
        (
            "update audit.checkpoints set note = 'nothing' where size = 11",
            "no signed note",
        ),
    ] {
        let database = copy_of(&signed.name).await;
        let before = event_log::checkpoint::note_covering(&database, 11).await;
        let before = before.unwrap().unwrap();
        let read = event_log::checkpoint::Note::parse(&before).unwrap();
        let read = event_log::checkpoint::Checkpoint::read(&read).unwrap();
        let by_stranger = format!("note = '{}'", read.sign(&stranger));
        change_checkpoints(&database, &sql.replace("note = overwrite", &by_stranger)).await;
        let verdict = verified(&database, &by_the_table()).await;
        assert!(!verdict.is_sound() && verdict.forged.len() == 1, "{sql}");
        assert!(verdict.forged[0].contains(told), "{:?}", verdict.forged);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_takes_what_was_kept_outside() {
    let signed = Signed::new().await;
    let (kept, public) = (signed.kept(), key().public().to_string());
    let arguments = [
        "verify",
        "--checkpoints",
        kept.to_str().unwrap(),
        "--public-key",
        &public,
    ];
    let database = copy_of(&signed.name).await;
    let sound = replay_tool(&database, &arguments);
    assert_eq!(sound.status.code(), Some(0), "{}", complained(&sound));
    let confirmed = format!(
        "4 checkpoints (2 kept outside) confirm it up to position {}.",
        signed.last
    );
    assert!(said(&sound).contains(&confirmed), "{}", said(&sound));

    rewrite(&database, 30).await;
    let damaged = replay_tool(&database, &arguments);
    assert_eq!(damaged.status.code(), Some(3));
    let told = "The log is damaged at position 12: rewritten: from here to position";
    assert!(said(&damaged).starts_with(told), "{}", said(&damaged));
    let absent = replay_tool(&database, &["verify", "--checkpoints", "/nowhere"]);
    assert_eq!(absent.status.code(), Some(1));
}
