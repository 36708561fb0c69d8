//! The vault follows the log, when it is wanted.

use std::process::Command;

use sqlx::PgPool;
use tests::database;
use tests::replaying::{command, said};

use super::{talkative, text};

/// The keys, which are no part of the log, go along as `import --help` says.
pub(super) fn carry_vault(from: &PgPool, to: &PgPool) {
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
async fn a_vault_can_still_come_after_a_command_that_was_given_too_early() {
    let site = talkative().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log.ndjson.zst");
    said(&site, &["export", text(&file)]);
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
    carry_vault(&site.vault, &elsewhere);
    said(&elsewhere, &["rebuild", "--all"]);
    said(&elsewhere, &["verify-projections"]);
    site.end().await;
}
