//! The key that signs the log's checkpoints, where the database is the operator's own.

use std::process::Command;

use serde_json::Value;
use tests::process::{DataDir, Process, program};
use tests::{database, until};

async fn get(process: &Process, path: &str) -> Value {
    let answer = reqwest::get(format!("{}{path}", process.url)).await;
    answer.unwrap().json().await.unwrap()
}

/// Made by the command, where it is run: its public key.
fn made(data_dir: &DataDir) -> String {
    let output = Command::new(program("reeltime"))
        .args(["checkpoint-key", "checkpoint.key"])
        .args(["--public-url", "https://reeltime.example"])
        .current_dir(data_dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn who_runs_it_for_others_makes_a_key_with_one_command_and_is_told_while_nobody_signs() {
    let pool = database::create().await;
    let data_dir = DataDir::new();
    let address = database::address(&pool);
    let place = ["--database-url", &address];
    let public = made(&data_dir);
    assert!(public.starts_with("reeltime.example/log+"), "{public}");
    assert_eq!(made(&data_dir), public, "it is made anew");

    let unsigned = Process::start(&data_dir, &place).await;
    let warning = "this node signs no checkpoints";
    let logged = data_dir.logged();
    let told = logged.lines().find(|line| line.contains(warning));
    assert!(told.is_some_and(|line| line.contains("WARN")), "{logged}");
    let ready = get(&unsigned, "/health/ready").await;
    assert_eq!(
        (&ready["ready"], &ready["signed"]),
        (&true.into(), &Value::Null)
    );
    assert!(unsigned.stop().success());

    let file = data_dir.path().join("checkpoint.key");
    let key = ["--checkpoint-key", file.to_str().unwrap()];
    let signed = Process::start(&data_dir, &[place, key].concat()).await;
    until("all of it is signed", || async {
        let ready = get(&signed, "/health/ready").await;
        ready["signed"].is_i64() && ready["signed"] == ready["head"]
    })
    .await;
    let newest = get(&signed, "/api/v1/audit/checkpoint").await;
    assert_eq!(newest["public_key"], public);
    assert!(signed.stop().success());
    assert_eq!(data_dir.logged().matches(warning).count(), 1);
}
