//! Receipts: `prove` shows that an event was recorded, `check-receipt` needs the
//! public key alone, and nothing in a receipt can be changed.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use event_log::checkpoint::SigningKey;
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::database;
use tests::process::program;

use super::signed::{key, sign};
use super::{Story, complained, replay_tool, said};

async fn signed_story() -> PgPool {
    let database = database::create().await;
    drop(Story::told(&database).await);
    sign(&database, None).await;
    database
}

/// Without a database.
fn check(task: &str, proof: &Value, public_key: &str) -> Output {
    checked(&[task, "-", "--public-key", public_key], proof)
}

fn checked(arguments: &[&str], proof: &Value) -> Output {
    let mut child = Command::new(program("replay-tool"))
        .args(arguments)
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(proof.to_string().as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

fn proven(output: &Output) -> bool {
    match output.status.code() {
        Some(0) => true,
        Some(3) => false,
        _ => panic!("{}", complained(output)),
    }
}

fn made(database: &PgPool, arguments: &[&str]) -> Value {
    let output = replay_tool(database, arguments);
    assert!(output.status.success(), "{}", complained(&output));
    serde_json::from_str(said(&output)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_accepted_with_nothing_but_the_public_key() {
    let database = signed_story().await;
    let public = key().public().to_string();
    for position in 1..=11 {
        let receipt = made(&database, &["prove", &position.to_string()]);
        let checked = check("check-receipt", &receipt, &public);
        assert!(proven(&checked), "{}", said(&checked));
        assert!(receipt["event"].get("payload").is_none());
    }
    let receipt = made(&database, &["prove", "8", "--with-payload"]);
    let checked = check("check-receipt", &receipt, &public);
    assert!(proven(&checked));
    let told = "Proven: position 8 of reeltime.test/log is review.posted, version 1 of review-";
    assert!(said(&checked).starts_with(told), "{}", said(&checked));

    let stranger = SigningKey::from_seed("reeltime.test/log", [8; 32]).unwrap();
    let stranger = stranger.public().to_string();
    assert!(!proven(&check("check-receipt", &receipt, &stranger)));
    let beyond = replay_tool(&database, &["prove", "12"]);
    assert_eq!(beyond.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_are_told_in_json_what_is_proven() {
    let database = signed_story().await;
    let public = key().public().to_string();
    let told = |task: &str, proof: &Value| -> (Option<i32>, Value) {
        let output = checked(&[task, "-", "--public-key", &public, "--json"], proof);
        let object = serde_json::from_str(said(&output)).unwrap();
        (output.status.code(), object)
    };
    let mut receipt = made(&database, &["prove", "8"]);
    let (code, object) = told("check-receipt", &receipt);
    assert_eq!((code, &object["proven"]), (Some(0), &json!(true)));
    assert_eq!(object["type"], "review.posted");
    assert_eq!(object["position"], 8);
    receipt["event"]["version"] = json!(2);
    let (code, object) = told("check-receipt", &receipt);
    assert_eq!((code, &object["proven"]), (Some(3), &json!(false)));
    assert!(object["why"].is_string(), "{object}");
    let proof = made(&database, &["prove-consistency", "1"]);
    let (code, object) = told("check-consistency", &proof);
    assert_eq!((code, &object["proven"]), (Some(0), &json!(true)));
}

/// Another value of the same kind.
fn forged(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![
            json!("00000000-0000-0000-0000-000000000000"),
            json!("018f0000-0000-7000-8000-000000000000"),
            json!(0),
            json!(8),
        ],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1), json!(0), json!(-1)],
        Value::String(text) => {
            let swap = |from: char| match from {
                '0' => '1',
                'a'..='y' | 'A'..='Y' | '1'..='8' => char::from_u32(u32::from(from) + 1).unwrap(),
                _ => from,
            };
            let first: String = text
                .chars()
                .take(1)
                .map(swap)
                .chain(text.chars().skip(1))
                .collect();
            let middle = text.chars().count() / 2;
            let inner: String = text
                .chars()
                .enumerate()
                .map(|(at, c)| if at == middle { swap(c) } else { c })
                .collect();
            let longer = format!("{text} ");
            let all = [first, inner, longer];
            all.into_iter()
                .filter(|other| other != text)
                .map(Value::from)
                .collect()
        }
        other => panic!("a receipt has no {other}"),
    }
}

/// The receipt with each of its values forged in turn.
fn forgeries(proof: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut paths = vec![String::new()];
    while let Some(path) = paths.pop() {
        match proof.pointer(&path).unwrap() {
            Value::Object(fields) => paths.extend(fields.keys().map(|key| format!("{path}/{key}"))),
            Value::Array(items) => {
                paths.extend((0..items.len()).map(|index| format!("{path}/{index}")));
                let mut shorter = proof.clone();
                shorter
                    .pointer_mut(&path)
                    .unwrap()
                    .as_array_mut()
                    .unwrap()
                    .pop();
                all.push((format!("{path} shorter"), shorter));
            }
            value => {
                for other in forged(value) {
                    let mut changed = proof.clone();
                    *changed.pointer_mut(&path).unwrap() = other.clone();
                    all.push((format!("{path}: {other}"), changed));
                }
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_forged_in_any_field_is_rejected() {
    let database = signed_story().await;
    let public = key().public().to_string();
    let receipt = made(&database, &["prove", "8", "--with-payload"]);
    let forgeries = forgeries(&receipt);
    assert!(forgeries.len() > 40, "{}", forgeries.len());
    for (what, forgery) in forgeries {
        let checked = check("check-receipt", &forgery, &public);
        assert!(!proven(&checked), "accepted: {what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_signed_log_is_shown_to_be_the_beginning_of_another() {
    let database = database::create().await;
    let mut story = Story::told(&database).await;
    sign(&database, None).await;
    for number in 0..5 {
        story.comment(0xD00 + number, "Rain.").await;
    }
    sign(&database, None).await;
    let public = key().public().to_string();
    let proof = made(&database, &["prove-consistency", "11", "16"]);
    assert_eq!(made(&database, &["prove-consistency", "11"]), proof);
    let checked = check("check-consistency", &proof, &public);
    assert!(proven(&checked), "{}", said(&checked));
    for (what, forgery) in forgeries(&proof) {
        let checked = check("check-consistency", &forgery, &public);
        assert!(!proven(&checked), "accepted: {what}");
    }
}
