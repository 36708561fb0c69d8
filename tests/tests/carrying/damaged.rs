//! The first wrong line of a file is named, and what comes before it is taken in.

use std::path::Path;

use event_log::checkpoint::SigningKey;
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::database;
use tests::replaying::{replay_tool, said};

use super::{checkpoints, talkative, text, whole};

/// The number of the line that an import names as the first wrong one, and what it says.
fn first_wrong(pool: &PgPool, file: &Path) -> (u64, String) {
    let output = replay_tool(pool, &["import", text(file), "--json"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong = &told["wrong"];
    (wrong["line"].as_u64().unwrap(), wrong["why"].to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carried_checkpoints_are_of_this_log_and_of_who_signs_it() {
    let site = talkative().await;
    site.signed().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson");
    said(&site, &["export", text(&file)]);
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
        said(&site, &["export", text(&file)]);
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
    said(&site, &["export", text(&file)]);
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
