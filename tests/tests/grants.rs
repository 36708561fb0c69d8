//! `reeltime grant` and `reeltime revoke`, with a real Reeltime and without.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::process::{DataDir, Process, program};
use tests::site::{new_member, text};

fn reeltime(data_dir: &DataDir, arguments: &[&str]) -> Output {
    Command::new(program("reeltime"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir.path())
        .env_remove("DATABASE_URL")
        .output()
        .unwrap()
}

async fn roles(process: &Process, token: &str) -> Value {
    let me = format!("{}/api/v1/me", process.url);
    let asked = reqwest::Client::new().get(me).bearer_auth(token);
    let me: Value = asked.send().await.unwrap().json().await.unwrap();
    me["roles"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_operator_is_made_at_the_machine_whether_reeltime_runs_or_not() {
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &[]).await;
    let members = format!("{}/api/v1/members", process.url);
    let asked = reqwest::Client::new()
        .post(members)
        .json(&new_member("Ann"));
    let session: Value = asked.send().await.unwrap().json().await.unwrap();
    let token = text(&session["token"]);

    let granted = reeltime(&data_dir, &["grant", "operator", "ann"]);
    assert!(granted.status.success(), "{granted:?}");
    assert_eq!(roles(&process, &token).await, json!(["operator"]));
    let nobody = reeltime(&data_dir, &["grant", "operator", "Nobody"]);
    assert_eq!(nobody.status.code(), Some(1));
    let said = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        said.contains("nobody here has the name \"Nobody\""),
        "{said}"
    );
    assert!(process.stop().success());

    let revoked = reeltime(&data_dir, &["revoke", "operator", "Ann"]);
    assert!(revoked.status.success(), "{revoked:?}");
    let process = Process::start(&data_dir, &[]).await;
    assert_eq!(roles(&process, &token).await, json!([]));
    assert!(process.stop().success());
}

#[test]
fn a_directory_without_reeltime_is_named() {
    let data_dir = DataDir::new();
    let refused = reeltime(&data_dir, &["grant", "operator", "Ann"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds no Reeltime"), "{said}");
}
