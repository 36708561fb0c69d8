//! `export`: the whole log as a file.

use std::iter::Peekable;
use std::path::PathBuf;
use std::process::ExitCode;
use std::vec::IntoIter;

use anyhow::{Context, ensure};
use event_log::checkpoint::{self, signed_behind};
use event_log::copy_page;
use futures::TryStreamExt;
use indicatif::HumanCount;
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, PgPool};

use crate::archive::Writing;
use crate::cloud_event::{self, End, hex};
use crate::out::{self, Out};

/// Events in memory at once.
const WINDOW: i64 = 2_000;
/// Checkpoints in memory at once.
const NOTES: i64 = 1_000;

const ENDING: &str = "\
Each line is a CloudEvent 1.0 in JSON: an event with its position, hash and payload, byte
for byte as it is stored, the stored answer of a command, or a signed checkpoint. Members
read and write meanwhile: the file holds the log up to where it ended at the beginning. FILE
has its name once it is whole (FILE.part before); an existing one is not overwritten.

What is sealed stays sealed: the keys are in the vault, which is not in the file. Whoever
has the file alone can check it, not read what members wrote. Whoever destroys a member's
keys destroys what is sealed in all exports, too. How the vault goes along: import --help.

Examples:
  replay-tool export log.ndjson.zst
  replay-tool export log.ndjson.gz --json";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// Compressed as its extension says: .zst, .gz, or else not at all
    file: PathBuf,
}

pub async fn run(arguments: &Arguments, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let bar = out::progress_bar();
    let mut file = Writing::create(&arguments.file)?;
    let options = pool.connect_options();
    let (mut reading, mut answering) = (options.connect().await?, options.connect().await?);
    let head = event_log::head(&mut reading).await?;
    let answers = event_log::answers(&mut answering, head.position).await?;
    let mut answers = std::pin::pin!(answers);
    let mut answer = answers.try_next().await?;
    let (mut position, mut commands, mut hash) = (0, 0_u64, cloud_event::FIRST);
    let mut page = Vec::new().into_iter();
    let (mut signed, mut checkpoints) = (Signed::up_to(head.position), 0);
    loop {
        // at 0: those that changed nothing in an empty log
        while let Some(command) = answer.take_if(|answer| answer.position == position) {
            hash = cloud_event::hash_command(&hash, &command);
            file.line(&cloud_event::command(&command, &hash)?)?;
            commands += 1;
            answer = answers.try_next().await?;
        }
        if let Some(checkpoint) = signed.of(&mut reading, position).await? {
            file.line(&cloud_event::checkpoint(&checkpoint)?)?;
            checkpoints += 1;
        }
        if position == head.position {
            break;
        }
        if page.len() == 0 {
            let limit = WINDOW.min(head.position - position);
            page = copy_page(&mut reading, position, limit).await?.into_iter();
            out::show(&bar, position, head.position);
        }
        let event = page.next().context("the log ends before its head")?;
        position = event.position;
        file.line(&cloud_event::event(&event)?)?;
    }
    ensure!(
        answer.is_none(),
        "a command was accepted at a position that the log does not have (see verify)"
    );
    file.line(&cloud_event::end(&End::of(&head, hash, checkpoints))?)?;
    file.finish()?;
    bar.finish_and_clear();
    tell(arguments, &head, (commands, checkpoints), out)?;
    Ok(ExitCode::SUCCESS)
}

/// The signed checkpoints, in order.
struct Signed {
    page: Peekable<IntoIter<checkpoint::Signed>>,
    /// Those of more events, up to so many, were not read yet.
    rest: (i64, i64),
}

impl Signed {
    fn up_to(position: i64) -> Signed {
        Signed {
            page: Vec::new().into_iter().peekable(),
            rest: (0, position),
        }
    }

    /// The one of so many events, if there is one. Asked for each position in turn.
    async fn of(
        &mut self,
        connection: &mut PgConnection,
        position: i64,
    ) -> sqlx::Result<Option<checkpoint::Signed>> {
        let (behind, through) = self.rest;
        if self.page.peek().is_none() && behind < through {
            let page = signed_behind(connection, self.rest, NOTES).await?;
            self.rest.0 = page.last().map_or(through, |last| last.size);
            self.page = page.into_iter().peekable();
        }
        Ok(self.page.next_if(|signed| signed.size == position))
    }
}

fn tell(
    arguments: &Arguments,
    head: &event_log::Head,
    (commands, checkpoints): (u64, u64),
    out: &mut Out,
) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(&arguments.file)?.len();
    if out.json {
        out.object(&json!({
            "file": arguments.file, "position": head.position, "hash": hex(&head.hash),
            "commands": commands, "checkpoints": checkpoints, "bytes": bytes,
        }))?;
        return Ok(());
    }
    let events = HumanCount(head.position.unsigned_abs());
    let all = out.good(format!(
        "{events} events, {} commands and {} signed checkpoints",
        HumanCount(commands),
        HumanCount(checkpoints)
    ));
    let (path, size) = (arguments.file.display(), indicatif::HumanBytes(bytes));
    out.line(format!("{all} are in {path} ({size})."))?;
    out.line(out.dim("The keys to what is sealed are in the vault, not in the file."))?;
    Ok(())
}
