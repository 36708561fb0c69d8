//! The real `replay-tool`, as operators run it.

use std::process::{Command, Output};

use sqlx::PgPool;

use crate::database;
use crate::process::program;

/// On a test's database.
pub fn command(database: &PgPool) -> Command {
    let mut command = Command::new(program("replay-tool"));
    let master_key = sealing::MasterKeys::text(&crate::MASTER_KEY);
    command.env("REELTIME_MASTER_KEY", master_key);
    command
        .arg("--database-url")
        .arg(database::address(database));
    command
}

/// To its end.
///
/// # Panics
/// When it can't be started.
pub fn replay_tool(database: &PgPool, arguments: &[&str]) -> Output {
    let done = command(database).args(arguments).output();
    done.expect("the program runs")
}

/// What it says.
///
/// # Panics
/// When it is not content.
pub fn said(database: &PgPool, arguments: &[&str]) -> String {
    let output = replay_tool(database, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("it says text")
}
