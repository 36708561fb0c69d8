//! `verify`: is the log what was recorded?

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::{Event, Stream};
use event_log::checkpoint::{Outside, PublicKey};
use event_log::verify::{Damage, Readers, Signatures, Verdict, verify};
use event_log::{Recorded, StreamName};
use indicatif::HumanCount;
use sealing::Opening;
use serde_json::json;
use sqlx::PgPool;

use crate::WRONG;
use crate::out::{self, Out};

const ENDING: &str = "\
Names the first wrong position and what happened to it, as far as the hashes tell:
edited, deleted, inserted, reordered, rewritten. Exit code 3 when the log is damaged,
when a trigger or unique index that refuses changes is gone, or when a checkpoint was
signed by nobody who may.

Events cut off at the end and a log that was written anew are told by the signed
checkpoints. Those in the database can be cut off and written anew, too: name those
that were kept elsewhere.

Examples:
  replay-tool verify
  replay-tool verify --checkpoints /mnt/elsewhere/reeltime --public-key \"$KEY\"
  replay-tool verify --jobs 8 --json";

/// Where a private Reeltime leaves its public key, in its data directory.
const PUBLIC_KEY_FILE: &str = "checkpoint.pub";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// How many connections read at once [default: one for each core]
    #[arg(long)]
    jobs: Option<NonZeroUsize>,

    /// Signed checkpoints that were kept outside the database: a file, or a directory of them
    #[arg(long, value_name = "PATH")]
    checkpoints: Vec<PathBuf>,

    /// Who signs for the log (`reeltime public-key` shows it) [default: what a private
    /// Reeltime left in its data directory]
    #[arg(long, env = "REELTIME_PUBLIC_KEY")]
    public_key: Vec<PublicKey>,
}

impl Arguments {
    fn signatures(&self, data_dir: Option<&Path>) -> anyhow::Result<Signatures> {
        let mut signatures = Signatures::by(public_keys(&self.public_key, data_dir)?);
        for path in &self.checkpoints {
            let there = path.try_exists()?;
            ensure!(there, "{} is not there", path.display());
            let read = signatures.read(&Outside::at(path.clone()));
            read.with_context(|| format!("can't read {}", path.display()))?;
        }
        Ok(signatures)
    }
}

/// Those that are given, else what a private Reeltime left in its data directory.
pub fn public_keys(given: &[PublicKey], data_dir: Option<&Path>) -> anyhow::Result<Vec<PublicKey>> {
    let mut keys = given.to_vec();
    if let (true, Some(data_dir)) = (keys.is_empty(), data_dir) {
        // none: this Reeltime has signed nothing yet
        let key = std::fs::read_to_string(data_dir.join(PUBLIC_KEY_FILE));
        keys.extend(key.ok().map(|key| key.parse()).transpose()?);
    }
    Ok(keys)
}

/// `data_dir`: of a private Reeltime.
pub async fn run(
    arguments: &Arguments,
    data_dir: Option<&Path>,
    pool: &PgPool,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let signatures = arguments.signatures(data_dir)?;
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = arguments.jobs.unwrap_or_else(cores);
    let start = Instant::now();
    let bar = out::progress_bar();
    let moving = bar.clone();
    let progress = move |position, head| out::show(&moving, position, head);
    let verdict = verify(pool, Readers::new(jobs), &signatures, readable, progress).await?;
    bar.finish_and_clear();
    remember(&verdict, pool).await;
    if out.json {
        tell_programs(&verdict, &signatures, out)?;
    } else {
        tell_people(&verdict, &signatures, (jobs, start.elapsed()), out)?;
    }
    Ok(if verdict.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WRONG)
    })
}

/// For `status`. A database that is not to be written to, or an older one, is checked
/// all the same.
async fn remember(verdict: &Verdict, pool: &PgPool) {
    let Ok(mut connection) = pool.acquire().await else {
        return;
    };
    let (head, sound) = (verdict.head, verdict.is_sound());
    if let Err(error) = projections::record(&mut connection, "log", head, sound).await {
        tracing::debug!(%error, "the verification was not recorded");
    }
}

/// Whether an event can be read, and lies in the stream that it belongs to.
fn readable(recorded: &Recorded) -> Result<(), String> {
    let stored = recorded.stored();
    let event = Event::from_stored(
        stored.event_type,
        stored.schema_version,
        stored.payload,
        Opening::Closed,
    )
    .map_err(|error| error.to_string())?;
    let stream = event.stream();
    if is_named(&recorded.stream, stream) {
        Ok(())
    } else {
        Err(format!("it belongs to the stream {stream}"))
    }
}

/// Without making the name: this is asked of every event.
fn is_named(name: &StreamName, stream: Stream) -> bool {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = stream.id.hyphenated().encode_lower(&mut buffer);
    let rest = name.as_str().strip_prefix(stream.category);
    rest.and_then(|rest| rest.strip_prefix('-')) == Some(id)
}

fn tell_people(
    verdict: &Verdict,
    signatures: &Signatures,
    (jobs, elapsed): (NonZeroUsize, Duration),
    out: &mut Out,
) -> anyhow::Result<()> {
    let events = HumanCount(u64::try_from(verdict.head)?);
    let commands = HumanCount(u64::try_from(verdict.commands)?);
    match &verdict.damage {
        Some(damage) => tell_damage(damage, out)?,
        None => out.line(format!(
            "{}: {events} events of {commands} commands are what was recorded.",
            out.good("The log is sound")
        ))?,
    }
    for guard in &verdict.missing_guards {
        out.line(format!("{}: {guard}", out.bad("Unguarded")))?;
    }
    for forged in &verdict.forged {
        out.line(format!("{}: {forged}", out.bad("Forged")))?;
    }
    if verdict.damage.is_none() {
        out.line(confirmed(verdict, signatures))?;
        let rate = verdict.head as f64 / elapsed.as_secs_f64();
        let told = format!(
            "{jobs} readers took {:.1} s: {} events per second.",
            elapsed.as_secs_f64(),
            HumanCount(rate as u64)
        );
        out.line(out.dim(told))?;
    }
    Ok(())
}

fn confirmed(verdict: &Verdict, signatures: &Signatures) -> String {
    if verdict.checkpoints == 0 {
        return "No signed checkpoint confirms it: it could have been cut off or written anew."
            .into();
    }
    let (checkpoints, outside) = (verdict.checkpoints, signatures.kept_outside());
    let position = verdict.confirmed;
    let signed = if signatures.are_checked() {
        ""
    } else {
        ", whose signatures were not checked (name the --public-key)"
    };
    format!(
        "{checkpoints} checkpoints ({outside} kept outside) confirm it up to position {position}{signed}."
    )
}

fn tell_damage(damage: &Damage, out: &mut Out) -> anyhow::Result<()> {
    let position = damage.position;
    let wrong = out.bad(format!("The log is damaged at position {position}"));
    out.line(format!("{wrong}: {}.", damage.kind))?;
    if let Some((stream, version, event_type)) = &damage.event {
        out.line(format!(
            "  There stands {event_type}, version {version} of {stream}."
        ))?;
    }
    match position - 1 {
        1.. => out.line(format!(
            "  Positions 1 to {} are what was recorded; what is behind was not checked.",
            position - 1
        ))?,
        _ => out.line("  What is behind was not checked.")?,
    }
    Ok(())
}

fn tell_programs(verdict: &Verdict, signatures: &Signatures, out: &mut Out) -> anyhow::Result<()> {
    let first_wrong = verdict.damage.as_ref().map(|damage| {
        let event = damage.event.as_ref();
        json!({
            "position": damage.position,
            "kind": damage.kind.slug(),
            "what": damage.kind.to_string(),
            "stream": event.map(|(stream, _, _)| stream.as_str()),
            "version": event.map(|(_, version, _)| version),
            "type": event.map(|(_, _, event_type)| event_type),
        })
    });
    out.object(&json!({
        "sound": verdict.is_sound(),
        "head": verdict.head,
        "commands": verdict.commands,
        "first_wrong": first_wrong,
        "missing_guards": verdict.missing_guards,
        "checkpoints": verdict.checkpoints,
        "confirmed": verdict.confirmed,
        "signatures_checked": signatures.are_checked(),
        "forged": verdict.forged,
    }))?;
    Ok(())
}
