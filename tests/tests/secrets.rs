//! Secrets are in no log, in no help and in no complaint about a setting.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::listening::Listening;
use tests::process::program;
use tests::secrets;
use tests::site::{Member, Site, parasite};

/// What is found of these secrets.
fn look(folder: &Path, used: &[&str]) -> Vec<String> {
    std::fs::write(folder.join("own.secrets"), used.join("\n")).unwrap();
    let looked = secrets::look(folder).unwrap();
    assert_eq!(looked.secrets, used.len());
    assert!(looked.bytes > 0, "nothing was logged");
    let leaks = looked.leaks.into_iter();
    leaks.map(|(secret, _)| secret).collect()
}

/// Comes in by each of their ways, is refused, writes, and loses the password.
async fn live(site: &Site, ann: &Member) -> Vec<String> {
    let right = json!({ "email": ann.email, "password": ann.password });
    let signing_in = site.post("/api/v1/sessions").json(&right);
    let again = signing_in.await.expect(201).json();
    let wrong = json!({ "email": ann.email, "password": "another guess" });
    site.post("/api/v1/sessions").json(&wrong).await.expect(401);
    site.review(ann, parasite()).await;
    let ticket = site.post("/api/v1/live/ticket").by(ann).await.expect(201);
    let forgotten = json!({ "email": ann.email });
    let asking = site.post("/api/v1/password-resets").json(&forgotten);
    assert!(asking.await.status.is_success());
    let letter = tests::letters::await_letter(site.mail.path(), &ann.email, "token=").await;
    let chosen = json!({ "token": letter.token(), "new_password": "the next battery" });
    let choosing = site.put("/api/v1/password").json(&chosen).await;
    assert!(choosing.status.is_success(), "{}", choosing.text());
    let given = [&again["token"], &ticket.json()["ticket"]].map(tests::site::text);
    let mut used = vec![
        ann.password.clone(),
        ann.token.clone(),
        ann.email.clone(),
        letter.token(),
        "another guess".to_owned(),
        "the next battery".to_owned(),
    ];
    used.extend(given);
    used
}

#[tokio::test]
async fn nothing_that_a_member_uses_to_come_in_is_logged() {
    let mut listening = Listening::start();
    let site = Site::start().await;
    let ann = site.ann().await;
    let used = live(&site, &ann).await;
    let used: Vec<&str> = used.iter().map(String::as_str).collect();
    assert_eq!(look(listening.folder(), &used), [""; 0]);

    // and it would be noticed, in each form
    let said = used[0].replace(' ', "+");
    tracing::debug!(token = ann.token, body = %format_args!("password={said}"), "deliberately");
    listening.stop();
    let mut expected = [used[0], used[1]];
    expected.sort_unstable();
    assert_eq!(look(listening.folder(), &used), expected);
    site.end().await;
}

/// Settings that hold a secret, each with one.
const SECRETS: [(&str, &str); 7] = [
    (
        "DATABASE_URL",
        "postgres://ann:hush-database@127.0.0.1:9/reeltime",
    ),
    (
        "REELTIME_OWNER_URL",
        "postgres://ann:hush-owner@127.0.0.1:9/reeltime",
    ),
    (
        "REELTIME_VAULT_URL",
        "mysql://ann:hush-vault@127.0.0.1:9/reeltime",
    ),
    ("REELTIME_MASTER_KEY", "hush-master-key"),
    ("REELTIME_CHECKPOINT_KEY", "PRIVATE+KEY+hush-checkpoint"),
    ("REELTIME_TMDB_TOKEN", "hush-tmdb\u{1}"),
    ("REELTIME_SMTP_PASSWORD", "hush-smtp"),
];

#[test]
fn no_program_tells_a_secret_in_its_help_or_in_a_complaint() {
    for (name, arguments) in [
        ("reeltime", &["--help"][..]),
        (
            "reeltime",
            &[
                "--log",
                "trace",
                "--listen",
                "127.0.0.1:0",
                "--smtp",
                "smtp://mail.example",
            ],
        ),
        ("reeltime", &["--master-key-file", "nowhere"]),
        ("reeltime", &["--no-such-setting"]),
        ("replay-tool", &["--help"]),
        ("replay-tool", &["status"]),
    ] {
        let output = Command::new(program(name))
            .args(arguments)
            .envs(SECRETS)
            .env("REELTIME_START_PATIENCE_SECONDS", "0")
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!told.is_empty(), "{name} {arguments:?}");
        assert!(!told.contains("hush"), "{name} {arguments:?}: {told}");
    }
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_not_shown() {
    let database = tests::database::address(&tests::database::create().await);
    for (setting, wrong) in [
        ("--database-url", "mysql://ann:hush-now@db/reeltime"),
        ("--database-url", "postgres://ann:hush-now@db:port/reeltime"),
        ("--master-key", "hush-now"),
        ("--checkpoint-key", "PRIVATE+KEY+hush-now"),
        ("--smtp", "smtp://ann:hush-now@mail.example"),
    ] {
        let data_dir = tempfile::tempdir().unwrap();
        let output = Command::new(program("reeltime"))
            .args([setting, wrong, "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir.path())
            // what is said on the command line counts
            .env("DATABASE_URL", &database)
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!output.status.success(), "{setting} {wrong}: {told}");
        assert!(!told.contains("hush-now"), "{setting} {wrong}: {told}");
    }
}
