//! `export`: the whole log as a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use event_log::copy_page;
use futures::TryStreamExt;
use indicatif::HumanCount;
use serde_json::json;
use sqlx::{ConnectOptions, PgPool};

use crate::archive::Writing;
use crate::cloud_event::{self, End};
use crate::lines::hex;
use crate::out::{self, Out};

/// Events in memory at once.
const WINDOW: i64 = 2_000;

const ENDING: &str = "\
Each line is a CloudEvent 1.0 in JSON: an event with its position, hash and payload, byte
for byte as it is stored, or the stored answer of a command. Members read and write
meanwhile: the file holds the log up to where it ended at the beginning. FILE has its name
once it is whole (FILE.part before); an existing one is not overwritten.

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
    loop {
        // at 0: those that changed nothing in an empty log
        while let Some(command) = answer.take_if(|answer| answer.position == position) {
            hash = cloud_event::hash_command(&hash, &command);
            file.line(&cloud_event::command(&command, &hash)?)?;
            commands += 1;
            answer = answers.try_next().await?;
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
    file.line(&cloud_event::end(&End::of(&head, hash))?)?;
    file.finish()?;
    bar.finish_and_clear();
    tell(arguments, (&head, commands), out)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(
    arguments: &Arguments,
    (head, commands): (&event_log::Head, u64),
    out: &mut Out,
) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(&arguments.file)?.len();
    if out.json {
        out.object(&json!({
            "file": arguments.file, "position": head.position, "hash": hex(&head.hash),
            "commands": commands, "bytes": bytes,
        }))?;
        return Ok(());
    }
    let events = HumanCount(head.position.unsigned_abs());
    let all = out.good(format!(
        "{events} events and {} commands",
        HumanCount(commands)
    ));
    let (path, size) = (arguments.file.display(), indicatif::HumanBytes(bytes));
    out.line(format!("{all} are in {path} ({size})."))?;
    out.line(out.dim("The keys to what is sealed are in the vault, not in the file."))?;
    Ok(())
}
