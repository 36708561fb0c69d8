//! `check`: everything that must be green, in one command. Starts a private
//! PostgreSQL for the time of the run and tells it to the tests.
//!
//! All logs of the run are kept until it ends, and looked through for every secret that was used.
//!
//! With arguments only the tests run, and the arguments go to `cargo test`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;
use cluster::Cluster;
use sqlx::ConnectOptions;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // /tmp rather than $TMPDIR: an unprivileged PostgreSQL must reach it
    let directory = tempfile::Builder::new()
        .prefix("reeltime-check-")
        .tempdir_in("/tmp")?;
    tests::database::open_to_others(directory.path())?;
    let cluster = Cluster::start(directory.path()).await?;
    be_quick(&cluster).await?;
    let server = address(&cluster)?;
    let logs = directory.path().join("logs");
    std::fs::create_dir(&logs)?;
    let given = (server, logs.clone(), arguments);
    let result = tokio::task::spawn_blocking(move || run_all(&given)).await?;
    cluster.stop().await?;
    std::fs::copy(
        directory.path().join("postgres.log"),
        logs.join("postgres.log"),
    )?;
    if secrets_are_kept(&logs)? {
        result
    } else {
        Ok(ExitCode::FAILURE)
    }
}

/// No log of the run holds a secret that was used in it.
fn secrets_are_kept(logs: &Path) -> anyhow::Result<bool> {
    let looked = tests::secrets::look(logs)?;
    let (secrets, megabytes) = (looked.secrets, looked.bytes / 1_000_000);
    let found = looked.leaks.len();
    println!("\n{secrets} secrets, {megabytes} MB of logs, {found} found in them");
    for (secret, line) in &looked.leaks {
        eprintln!("check: {secret:?} was logged: {line}");
    }
    Ok(looked.leaks.is_empty())
}

/// This server is thrown away after the run: waiting for the disk proves nothing. Tests that pull
/// the plug have servers of their own.
async fn be_quick(cluster: &Cluster) -> anyhow::Result<()> {
    let superuser = cluster.connect_options().username("postgres");
    let mut connection = superuser.connect().await?;
    for setting in ["fsync = off", "full_page_writes = off"] {
        let sql = sqlx::AssertSqlSafe(format!("alter system set {setting}"));
        sqlx::query(sql).execute(&mut connection).await?;
    }
    sqlx::query("select pg_reload_conf()")
        .execute(&mut connection)
        .await?;
    Ok(())
}

fn address(cluster: &Cluster) -> anyhow::Result<String> {
    let options = cluster.connect_options();
    let socket = options.get_socket().context("the cluster has a socket")?;
    Ok(format!(
        "postgres://{}@localhost/postgres?host={}",
        cluster::OWNER,
        socket.display()
    ))
}

fn run_all((server, logs, arguments): &Given) -> anyhow::Result<ExitCode> {
    let mut steps: Vec<Vec<&str>> = Vec::new();
    if arguments.is_empty() {
        steps.push(vec!["fmt", "--check"]);
        steps.push(vec![
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]);
        if has_cargo_deny() {
            steps.push(vec!["deny", "check", "bans", "licenses", "sources"]);
        } else {
            println!("cargo-deny is not installed (cargo install cargo-deny): left out");
        }
    }
    // fault and browser tests run the programs themselves
    steps.push(vec!["build", "--workspace", "--bins"]);
    let mut tests = vec!["test", "--workspace"];
    tests.extend(arguments.iter().map(String::as_str));
    steps.push(tests);
    for step in steps {
        println!("\n$ cargo {}", step.join(" "));
        let status = Command::new(env!("CARGO"))
            .args(&step)
            .env(tests::database::SERVER, server)
            .env(tests::secrets::FOLDER, logs)
            .status()
            .context("running cargo")?;
        if !status.success() {
            eprintln!("check: cargo {} failed", step[0]);
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The tests' server, where logs are kept, and what goes to `cargo test`.
type Given = (String, PathBuf, Vec<String>);

fn has_cargo_deny() -> bool {
    let version = Command::new(env!("CARGO"))
        .args(["deny", "--version"])
        .output();
    version.is_ok_and(|output| output.status.success())
}
