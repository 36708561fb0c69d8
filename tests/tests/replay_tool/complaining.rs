//! What an operator is told when something is wrong: one sentence, and an exit code.

use std::process::{Command, Output};

use tests::database;
use tests::process::program;

use super::{Story, complained, replay_tool, said};

/// On a database that is named by its address alone.
fn asked(address: &str) -> Output {
    let mut command = Command::new(program("replay-tool"));
    let command = command.args(["status", "--database-url", address]);
    command.output().unwrap()
}

#[test]
fn a_database_that_can_not_be_reached_is_told_without_its_password() {
    for (address, told) in [
        (
            "postgres://ann:hush@127.0.0.1:1/x",
            "can't reach PostgreSQL: ",
        ),
        (
            "mysql://ann:hush@127.0.0.1:1/x",
            "--database-url begins with postgres://",
        ),
    ] {
        let output = asked(address);
        let text = complained(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.starts_with(&format!("replay-tool: {told}")), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            !text.contains("hush") && !text.contains("timed out"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_to_be_nothing() {
    let database = database::create().await;
    drop(Story::told(&database).await);
    let none = ["events", "--type", "no.such.type"];
    let output = replay_tool(&database, &none);
    assert_eq!(
        (output.status.code(), said(&output)),
        (Some(0), "No event matches.\n")
    );
    let output = replay_tool(&database, &[&none[..], &["--json"]].concat());
    assert_eq!((output.status.code(), said(&output)), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_the_log_does_not_have_is_compared_with_nothing() {
    let database = database::create().await;
    drop(Story::told(&database).await);
    let output = replay_tool(&database, &["diff", "1", "99"]);
    assert_eq!(output.status.code(), Some(1));
    let text = complained(&output);
    assert!(
        text.contains("the log ends at position 11, before 99"),
        "{text}"
    );
}
