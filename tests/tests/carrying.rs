//! The log carried from one database to another: exported, imported, and the same.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use event_log::checkpoint::SigningKey;
use event_log::{Tail, head};
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::replaying::{command, replay_tool, said};
use tests::site::{Site, parasite, ratatouille};
use tests::{clock, database, history};
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(60);

/// The number of the line that an import names as the first wrong one, and what it says.
fn first_wrong(pool: &PgPool, file: &Path) -> (u64, String) {
    let output = replay_tool(pool, &["import", text(file), "--json"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong = &told["wrong"];
    (wrong["line"].as_u64().unwrap(), wrong["why"].to_string())
}

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

/// The keys, which are no part of the log, go along as `import --help` says.
fn carry_vault(from: &PgPool, to: &PgPool) {
    let script =
        "set -e; pg_dump --data-only --schema=vault \"$OLD\" | psql -q -v ON_ERROR_STOP=1 \"$NEW\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    shell.env("OLD", database::address(from));
    shell.env("NEW", database::address(to));
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
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
        let told = said(&site.pool, &["export", text(&file)]);
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
        carry_vault(&site.pool, &elsewhere);
        said(&elsewhere, &["rebuild", "--all"]);
        said(&elsewhere, &["verify-projections"]);
        // once more it changes nothing
        let before = whole(&elsewhere).await;
        said(&elsewhere, &["import", text(&file)]);
        assert_eq!(whole(&elsewhere).await, before, "{name}");
    }
    let first = directory.path().join("log.ndjson.zst");
    let again = replay_tool(&site.pool, &["export", text(&first)]);
    assert_eq!(again.status.code(), Some(1), "an export was overwritten");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_can_still_come_after_a_command_that_was_given_too_early() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson.zst");
    said(&site.pool, &["export", text(&file)]);
    let elsewhere = database::create().await;
    said(&elsewhere, &["import", text(&file)]);

    let master_key = directory.path().join("master-key");
    for early in [
        &["rebuild", "--all"][..],
        &["verify-projections"],
        &["as-of", "3"],
        &["diff", "1", "2"],
        &["rollback"],
    ] {
        let mut tool = command(&elsewhere);
        tool.args(early)
            .env_remove("REELTIME_MASTER_KEY")
            .env("REELTIME_MASTER_KEY_FILE", &master_key);
        let output = tool.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("the vault is empty"), "{complaint}");
    }
    let made: i64 = sqlx::query_scalar("select count(*) from vault.master")
        .fetch_one(&elsewhere)
        .await
        .unwrap();
    assert_eq!((made, master_key.exists()), (0, false));
    carry_vault(&site.pool, &elsewhere);
    said(&elsewhere, &["rebuild", "--all"]);
    said(&elsewhere, &["verify-projections"]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carried_checkpoints_are_of_this_log_and_of_who_signs_it() {
    let site = talkative().await;
    site.signed().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson");
    said(&site.pool, &["export", text(&file)]);
    let content = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = content.lines().collect();
    let is_signed = |line: &&str| line.contains("\"type\":\"log.checkpoint\"");
    let index = lines.iter().position(is_signed).unwrap();
    let signed_line = u64::try_from(index).unwrap() + 1;

    let shown = site.get("/api/v1/audit/checkpoint").await.expect(200);
    let key = shown.json()["public_key"].as_str().unwrap().to_owned();
    let into = database::create().await;
    said(&into, &["import", text(&file), "--public-key", &key]);
    let stranger = SigningKey::from_seed("reeltime.test/log", [8; 32]).unwrap();
    let stranger = stranger.public().to_string();
    let into = database::create().await;
    let refused = replay_tool(
        &into,
        &["import", text(&file), "--public-key", &stranger, "--json"],
    );
    assert_eq!(refused.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(told["wrong"]["line"], signed_line);
    assert_eq!(checkpoints(&into).await, Vec::<String>::new());

    let changed = directory.path().join("changed.ndjson");
    let write = |lines: &[String]| std::fs::write(&changed, lines.join("\n") + "\n").unwrap();
    let owned = || {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    // of other events
    let mut wrong = owned();
    let mut line: Value = serde_json::from_str(&wrong[index]).unwrap();
    let note = line["data"].as_str().unwrap().to_owned();
    let root = note.lines().nth(2).unwrap();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    line["data"] = note.replace(root, other).into();
    wrong[index] = line.to_string();
    write(&wrong);
    let (number, why) = first_wrong(&database::create().await, &changed);
    assert_eq!(number, signed_line);
    assert!(why.contains("was signed for another log"), "{why}");
    // and one that is missing is missed
    let mut fewer = owned();
    fewer.remove(index);
    write(&fewer);
    let (number, _) = first_wrong(&database::create().await, &changed);
    assert_eq!(number, u64::try_from(fewer.len()).unwrap());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_cut_off_anywhere_is_told_and_the_rest_follows() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    for name in ["log.ndjson", "log.ndjson.gz", "log.ndjson.zst"] {
        let file = directory.path().join(name);
        said(&site.pool, &["export", text(&file)]);
        let content = std::fs::read(&file).unwrap();
        let elsewhere = database::create().await;
        let cut = directory.path().join(format!("cut-{name}"));
        for part in 1..5 {
            // in the middle of a line, mostly
            std::fs::write(&cut, &content[..content.len() * part / 5]).unwrap();
            let (_, why) = first_wrong(&elsewhere, &cut);
            assert_eq!(why, "\"it is cut off\"");
            said(&elsewhere, &["verify"]);
        }
        said(&elsewhere, &["import", text(&file)]);
        assert_eq!(whole(&elsewhere).await, whole(&site.pool).await, "{name}");
    }
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

/// A log's lines, one of them changed.
fn changed(lines: &[&str], number: usize, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let mut line: Value = serde_json::from_str(lines[number]).unwrap();
    change(&mut line);
    all[number] = line.to_string();
    all
}

/// What can be done to a log's lines, and the first that is wrong then, counted from 0.
fn tamperings(lines: &[&str]) -> Vec<(&'static str, Vec<String>, usize)> {
    let line = |part: &str| lines.iter().position(|line| line.contains(part)).unwrap();
    let (like, end) = (line("\"like.liked\""), lines.len() - 1);
    let command = like + 1;
    let unchanged = line("\"events\":0");
    let is_command = |line: &&str| line.contains("\"log.command\"");
    let behind = lines[unchanged + 1..].iter().position(is_command);
    let behind = unchanged + behind.unwrap();
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let without = |number: usize| owned(&[&lines[..number], &lines[number + 1..]].concat());
    let with = |number: usize, line: &str| {
        let mut all: Vec<String> = owned(lines);
        all.insert(number, line.to_owned());
        all
    };
    let mut swapped = owned(lines);
    swapped.swap(like, like - 1);
    let set = |number: usize, name: &'static str, value: Value| {
        changed(lines, number, move |line| line[name] = value.clone())
    };
    let nobody = json!("00000000-0000-0000-0000-000000000000");
    let zeros = "0".repeat(64);
    vec![
        (
            "a payload",
            changed(lines, like, |line| line["data"]["at"] = json!(1)),
            like,
        ),
        (
            "a time",
            set(like, "time", json!("2020-01-01T00:00:00Z")),
            like,
        ),
        ("an actor", set(like, "actor", nobody), like),
        ("a hash", set(like, "hash", json!(zeros)), like),
        ("a removed event", without(like), command - 1),
        ("a doubled event", with(like, lines[like]), like + 1),
        ("swapped lines", swapped, like - 1),
        ("a digest", set(command, "digest", json!("00")), command),
        (
            "a number of events",
            set(command, "events", json!(2)),
            command,
        ),
        ("a removed command", without(command), command),
        (
            "a removed command that changed nothing",
            without(unchanged),
            behind,
        ),
        ("no JSON", with(like, "{\"specversion\":"), like),
        ("an empty line", with(like, ""), like),
        ("another end", set(end, "position", json!("1")), end),
        (
            "something behind the end",
            with(end + 1, lines[like]),
            end + 1,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_wrong_line_of_a_file_is_named() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson");
    said(&site.pool, &["export", text(&file)]);
    let content = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = content.lines().collect();
    for (what, tampered, first) in tamperings(&lines) {
        let elsewhere = database::create().await;
        let file = directory.path().join("tampered.ndjson");
        std::fs::write(&file, tampered.join("\n") + "\n").unwrap();
        let (named, why) = first_wrong(&elsewhere, &file);
        assert_eq!(named, first as u64 + 1, "{what}: {why}");
        // what came before is sound
        said(&elsewhere, &["verify"]);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_other_events_takes_in_nothing() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson.gz");
    said(&site.pool, &["export", text(&file)]);
    let other = Site::start().await;
    other.ann().await;
    let before = whole(&other.pool).await;
    let output = replay_tool(&other.pool, &["import", text(&file)]);
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
