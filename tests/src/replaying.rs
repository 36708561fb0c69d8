//! The real `replay-tool`, as operators run it.

use std::process::{Command, Output};

use sqlx::PgPool;

use crate::database;
use crate::process::program;
use crate::site::Site;

/// What the program is told of a test's databases.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    log: &'a PgPool,
    /// `None`: in the log's database.
    vault: Option<&'a PgPool>,
}

impl<'a> From<&'a PgPool> for Place<'a> {
    fn from(log: &'a PgPool) -> Place<'a> {
        Place { log, vault: None }
    }
}

impl<'a> From<&'a Site> for Place<'a> {
    fn from(site: &'a Site) -> Place<'a> {
        Place {
            log: &site.pool,
            vault: Some(&site.vault),
        }
    }
}

/// On a test's databases.
pub fn command<'a>(place: impl Into<Place<'a>>) -> Command {
    let Place { log, vault } = place.into();
    let mut command = Command::new(program("replay-tool"));
    let master_key = sealing::MasterKeys::text(&crate::MASTER_KEY);
    command.env("REELTIME_MASTER_KEY", master_key);
    command.arg("--database-url").arg(database::address(log));
    if let Some(vault) = vault {
        command.arg("--vault-url").arg(database::address(vault));
    }
    command
}

/// To its end.
///
/// # Panics
/// When it can't be started.
pub fn replay_tool<'a>(place: impl Into<Place<'a>>, arguments: &[&str]) -> Output {
    let done = command(place).args(arguments).output();
    done.expect("the program runs")
}

/// What it says.
///
/// # Panics
/// When it is not content.
pub fn said<'a>(place: impl Into<Place<'a>>, arguments: &[&str]) -> String {
    let output = replay_tool(place, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("it says text")
}
