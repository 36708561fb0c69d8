//! `reeltime grant`, `revoke`, `remove-second-factor` and `end-sessions`, with a real Reeltime and
//! without.

use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};
use tests::letters::await_letter;
use tests::process::{DataDir, Process, program};
use tests::site::{new_member, text};
use totp_rs::{Builder, Secret};

/// To its end, at which nothing panics.
fn reeltime(data_dir: &DataDir, arguments: &[&str]) -> Output {
    let output = Command::new(program("reeltime"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir.path())
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!told.contains("panicked"), "{told}");
    output
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

/// Turns codes on, as whoever has this token.
async fn set_up_codes(process: &Process, token: &str) {
    let client = reqwest::Client::new();
    let ask = |method: Method, path: &str| {
        let asked = client.request(method, format!("{}{path}", process.url));
        asked.bearer_auth(token)
    };
    let none: [(&str, &str); 0] = [];
    let begun = ask(Method::POST, "/settings/codes").form(&none).send();
    begun.await.unwrap();
    let shown = ask(Method::GET, "/settings/codes").send().await.unwrap();
    let shown = shown.text().await.unwrap();
    let secret = shown.split("codes-secret\">").nth(1).expect("a secret");
    let secret = secret.split('<').next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(web::fresh::now().timestamp()).unwrap();
    let code = app.generate(now).to_string();
    let confirmed = ask(Method::POST, "/settings/codes/confirm").form(&[("code", code)]);
    assert_eq!(confirmed.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_every_code_is_let_in_by_whoever_has_the_machine() {
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &[]).await;
    let client = reqwest::Client::new();
    let post = async |path: &str, said: &Value| {
        let asked = client.post(format!("{}/api/v1/{path}", process.url));
        let answer = asked.json(said).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let ann = new_member("Ann");
    let (_, session) = post("members", &ann).await;
    let token = text(&session["token"]);
    set_up_codes(&process, &token).await;
    let said = json!({"email": ann["email"], "password": ann["password"]});
    let (status, owed) = post("sessions", &said).await;
    assert_eq!(status, 401);
    assert_eq!(owed["type"], "/problems/second-factor");

    // whoever does it need not know how Reeltime sends mail
    let elsewhere = DataDir::new();
    let folder = elsewhere.path().join("mail");
    let removing = ["remove-second-factor", "ann", "--mail-folder"];
    let removing = [&removing[..], &[folder.to_str().unwrap()]].concat();
    let removed = reeltime(&data_dir, &removing);
    assert!(removed.status.success(), "{removed:?}");
    // whoever was in before is not any more
    let me = client.get(format!("{}/api/v1/me", process.url));
    let refused = me.bearer_auth(&token).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let (status, session) = post("sessions", &said).await;
    assert_eq!(status, 201, "{session}");
    let mail = data_dir.path().join("mail");
    await_letter(&mail, &text(&ann["email"]), "linked accounts, passkeys").await;
    assert!(!folder.exists());
    assert!(process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_machine_ends_the_sessions_of_one_or_all() {
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &[]).await;
    let client = reqwest::Client::new();
    let mut tokens = Vec::new();
    for name in ["Ann", "Bob"] {
        let members = client.post(format!("{}/api/v1/members", process.url));
        let session = members.json(&new_member(name)).send().await.unwrap();
        let session: Value = session.json().await.unwrap();
        tokens.push(text(&session["token"]));
    }
    let status = async |token: &str| {
        let me = client.get(format!("{}/api/v1/me", process.url));
        me.bearer_auth(token).send().await.unwrap().status()
    };
    let ended = reeltime(&data_dir, &["end-sessions", "ann"]);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(status(&tokens[0]).await, 401);
    assert_eq!(status(&tokens[1]).await, 200);
    let nobody = reeltime(&data_dir, &["end-sessions"]);
    assert_eq!(nobody.status.code(), Some(2), "{nobody:?}");
    let ended = reeltime(&data_dir, &["end-sessions", "--everybody"]);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(status(&tokens[1]).await, 401);
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
