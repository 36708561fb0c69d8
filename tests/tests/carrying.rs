//! The log carried from one database to another: exported, imported, and the same.

mod damaged;
mod vault;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use event_log::{Tail, head};
use serde_json::Value;
use sqlx::PgPool;
use tests::replaying::{command, replay_tool, said};
use tests::site::{Site, parasite, ratatouille};
use tests::{clock, database, history};
use tokio::time::Instant;

use self::vault::carry_vault;

const PATIENCE: Duration = Duration::from_secs(60);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn talkative() -> Site {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for film in [parasite(), ratatouille()] {
        let review = site.review(&ann, film).await;
        let like = format!("/api/v1/reviews/{review}/like");
        // the second time it changes nothing, and is answered all the same
        for _ in 0..2 {
            site.put(&like).by(&bob).await.expect(200);
        }
        site.comment(&bob, &review, "And \"rain\",\nand 비.").await;
    }
    site.project().await;
    site
}

/// Everything of the log, as text.
async fn whole(pool: &PgPool) -> (Vec<String>, Vec<String>) {
    let events = "select e::text from log.events e order by position";
    let commands = "select c::text from log.commands c order by position, actor, id";
    (
        sqlx::query_scalar(events).fetch_all(pool).await.unwrap(),
        sqlx::query_scalar(commands).fetch_all(pool).await.unwrap(),
    )
}

/// As text, too.
async fn checkpoints(pool: &PgPool) -> Vec<String> {
    let signed = "select c::text from audit.checkpoints c order by size";
    sqlx::query_scalar(signed).fetch_all(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_carried_whole_through_a_file_of_each_kind() {
    let site = talkative().await;
    site.signed().await;
    let directory = tempfile::tempdir().unwrap();
    let signed = directory.path().join("checkpoint");
    let note = site.get("/api/v1/audit/checkpoint").await.expect(200);
    std::fs::write(&signed, note.json()["note"].as_str().unwrap()).unwrap();
    let key = note.json()["public_key"].as_str().unwrap().to_owned();

    for name in ["log.ndjson", "log.ndjson.gz", "log.ndjson.zst"] {
        let file = directory.path().join(name);
        let told = said(&site, &["export", text(&file)]);
        let (events, commands) = whole(&site.pool).await;
        let checkpoints = checkpoints(&site.pool).await;
        let (count, kept) = (events.len(), checkpoints.len());
        let all = format!(
            "{count} events, {} commands and {kept} signed checkpoints",
            commands.len()
        );
        assert!(told.starts_with(&format!("{all} are in ")), "{told}");

        let elsewhere = database::create().await;
        let told = said(&elsewhere, &["import", text(&file), "--public-key", &key]);
        let line = format!(
            "{count} events and {} commands are in the log, as they were recorded.\n\
             {kept} signed checkpoints are kept with it.\n",
            commands.len()
        );
        assert!(told.starts_with(&line), "{told}");
        assert_eq!(whole(&elsewhere).await, (events, commands), "{name}");
        assert_eq!(self::checkpoints(&elsewhere).await, checkpoints, "{name}");
        // who signed the old one has signed this one
        let checkpoint = ["--checkpoints", text(&signed), "--public-key", &key];
        let verified = said(&elsewhere, &[&["verify"], &checkpoint[..]].concat());
        let confirming = format!("{} checkpoints (1 kept outside)", checkpoints.len() + 1);
        assert!(verified.contains(&confirming), "{verified}");

        // without keys nothing opens, and nothing is taken for forgotten
        let closed = replay_tool(&elsewhere, &["rebuild", "--all"]);
        assert_ne!(closed.status.code(), Some(0), "{closed:?}");
        let elsewhere = database::create().await;
        let told = said(&elsewhere, &["import", text(&file)]);
        assert!(told.contains("signed checkpoints were left out"), "{told}");
        carry_vault(&site.vault, &elsewhere);
        said(&elsewhere, &["rebuild", "--all"]);
        said(&elsewhere, &["verify-projections"]);
        // once more it changes nothing
        let before = whole(&elsewhere).await;
        said(&elsewhere, &["import", text(&file)]);
        assert_eq!(whole(&elsewhere).await, before, "{name}");
    }
    let first = directory.path().join("log.ndjson.zst");
    let again = replay_tool(&site, &["export", text(&first)]);
    assert_eq!(again.status.code(), Some(1), "an export was overwritten");
    site.end().await;
}

/// Where the log of a database ends.
async fn position(pool: &PgPool) -> i64 {
    head(pool).await.unwrap().position
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    const REVIEWS: u128 = 3_000;
    let pool = database::create().await;
    let keyring = tests::keyring(&pool).await;
    let tail = Tail::start(pool.clone()).await.unwrap();
    let sequencer = commands::Sequencer::start(pool.clone(), keyring, tail, clock());
    let sequencer = sequencer.await.unwrap();
    history::begin(&sequencer, 60).await.unwrap();
    for first in (0..REVIEWS).step_by(500) {
        let some = (first..first + 500).map(|number| history::review_and_like(&sequencer, number));
        futures::future::try_join_all(some).await.unwrap();
    }
    let last = position(&pool).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson.zst");
    said(&pool, &["export", text(&file)]);

    let elsewhere = database::create().await;
    let mut kills = 0;
    loop {
        let before = position(&elsewhere).await;
        let mut importing = command(&elsewhere);
        importing
            .args(["import", text(&file)])
            .stdout(Stdio::null());
        let mut importing = importing.spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        // as soon as it has recorded something
        while position(&elsewhere).await == before && importing.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it records nothing");
        }
        importing.kill().unwrap();
        let ended = importing.wait().unwrap();
        if ended.success() {
            break;
        }
        said(&elsewhere, &["verify"]);
        kills += i32::from(position(&elsewhere).await < last);
    }
    assert!(kills > 1, "it was killed {kills} times on its way");
    assert_eq!(whole(&elsewhere).await, whole(&pool).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_other_events_takes_in_nothing() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson.gz");
    said(&site, &["export", text(&file)]);
    let other = Site::start().await;
    other.ann().await;
    let before = whole(&other.pool).await;
    let output = replay_tool(&other, &["import", text(&file)]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("needs an empty log"), "{complaint}");
    assert_eq!(whole(&other.pool).await, before);
    other.end().await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_while_members_write_is_the_log_up_to_some_position() {
    let site = talkative().await;
    let bob = site.sign_up("Cho").await;
    let review = site.review(&bob, parasite()).await;
    let directory = tempfile::tempdir().unwrap();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writing = async {
        while stopped.try_recv().is_err() {
            site.comment(&bob, &review, "And on.").await;
        }
    };
    let pool = site.pool.clone();
    let exporting = async {
        let mut ends = Vec::new();
        for export in 0..4 {
            let (pool, before) = (pool.clone(), position(&pool).await);
            let file = directory.path().join(format!("{export}.ndjson.zst"));
            let exported = tokio::task::spawn_blocking(move || {
                let told = said(&pool, &["export", text(&file), "--json"]);
                let told: Value = serde_json::from_str(&told).unwrap();
                (told["position"].as_i64().unwrap(), file)
            });
            let (end, file) = exported.await.unwrap();
            assert!(end >= before, "{end} is before {before}");
            ends.push((end, file));
        }
        stop.send(()).unwrap();
        ends
    };
    let ((), ends) = tokio::join!(writing, exporting);
    assert!(ends[0].0 < ends[3].0, "nobody wrote meanwhile");
    let (events, commands) = whole(&site.pool).await;
    for (end, file) in ends {
        let elsewhere = database::create().await;
        said(&elsewhere, &["import", text(&file)]);
        said(&elsewhere, &["verify"]);
        let (there, answered) = whole(&elsewhere).await;
        assert_eq!(there, events[..usize::try_from(end).unwrap()]);
        assert_eq!(answered, commands[..answered.len()]);
    }
    site.end().await;
}
