//! `import`: a log that `export` wrote, recorded in an empty one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use event_log::checkpoint::PublicKey;
use event_log::{Import, ImportError, StoredCommand};
use indicatif::HumanCount;
use serde_json::json;
use sqlx::{ConnectOptions, PgPool};

use crate::WRONG;
use crate::archive::{Lines, Next};
use crate::cloud_event::{self, End, Line, hex};
use crate::out::{self, Out};
use crate::verify::public_keys;

const ENDING: &str = "\
Into an empty log alone, of a database or data directory that is new (the directory is
made); Reeltime must not run there, as it fills an empty log with films. Positions, hashes,
times, the answers of commands and signed checkpoints are kept: receipts of the old log hold
for the new one. Every line is checked before it is recorded: events by the chain, checkpoints
by the tree of the events and by their signatures (without a public key they are left out). At
the first wrong line the import stops, names it, and ends with exit code 3; so does a file that
was cut off. What came before is recorded. Broken off anywhere (also by kill -9), it goes on
when it is called again.

The vault is not in the file. Without its keys nothing that is sealed opens: no names, no
reviews, no messages, and no read model can be built. So before Reeltime is started, and
before rebuild, bring along
  - the vault's rows, where the new vault is still empty:
      pg_dump --data-only --schema=vault \"$OLD\" | psql \"$NEW\"
  - the master key (the file master-key in the data directory, or --master-key)
  - the key that signs (checkpoint.key there), so that receipts stay of one signer; if a
    new one signs, verify wants both: --public-key OLD --public-key NEW

Examples:
  replay-tool import log.ndjson.zst --database-url postgres://reeltime@db/reeltime
  replay-tool import log.ndjson.zst --public-key \"$KEY\"
  replay-tool verify
  replay-tool rebuild --all && replay-tool verify-projections";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// What `export` wrote
    file: PathBuf,

    /// Who signed for this log (`reeltime public-key` shows it) [default: what a private Reeltime
    /// left in the data directory]
    #[arg(long, env = "REELTIME_PUBLIC_KEY")]
    public_key: Vec<PublicKey>,
}

struct Signed {
    /// So many came.
    checkpoints: u64,
    /// Their signatures were checked.
    kept: bool,
}

/// Why the file was not read to its end.
enum Stop {
    /// The first wrong line, and what is wrong with it.
    Wrong(u64, String),
    /// The file ends before it says so.
    CutOff(u64),
}

/// `data_dir`: of a private Reeltime.
pub async fn run(
    arguments: &Arguments,
    data_dir: Option<&Path>,
    pool: &PgPool,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let keys = public_keys(&arguments.public_key, data_dir)?;
    let checks_signatures = !keys.is_empty();
    let bar = out::file_bar();
    let mut lines = Lines::open(&arguments.file, &bar)?;
    let connection = pool.connect_options().connect().await?;
    let import = Import::start(connection, keys).await?;
    let before = import.recorded();
    let mut taking = Taking {
        import,
        commands: 0,
        checkpoints: 0,
        hash: cloud_event::FIRST,
        end: None,
    };
    let mut number = 0;
    let mut stop = loop {
        match lines.next_line()? {
            Next::Nothing if taking.end.is_some() => break None,
            Next::Nothing => break Some(Stop::CutOff(number)),
            Next::Wrong(why) => break Some(Stop::Wrong(number + 1, why)),
            Next::Line(line) => {
                number += 1;
                if let Some(why) = taking.take(line).await? {
                    break Some(Stop::Wrong(number, why));
                }
            }
        }
    };
    let Taking {
        mut import,
        commands,
        checkpoints,
        ..
    } = taking;
    if stop.is_none() {
        stop = wrong(import.finish().await)?.map(|why| Stop::Wrong(number, why));
    }
    bar.finish_and_clear();
    if let Some(stop) = stop {
        import.keep().await?;
        return tell_stop(&stop, (arguments, &import), out);
    }
    let signed = Signed {
        checkpoints,
        kept: checks_signatures,
    };
    tell(&import.come(), (before, commands), signed, out)?;
    Ok(ExitCode::SUCCESS)
}

/// An import on its way.
struct Taking {
    import: Import,
    commands: u64,
    checkpoints: u64,
    /// The last command's.
    hash: [u8; 32],
    end: Option<End>,
}

impl Taking {
    /// Takes the next line; says what is wrong with it.
    async fn take(&mut self, line: &str) -> anyhow::Result<Option<String>> {
        if self.end.is_some() {
            return Ok(Some("it stands behind the log's end".into()));
        }
        let taken = match cloud_event::read(line) {
            Err(error) => return Ok(Some(format!("{error:#}"))),
            Ok(Line::Event(event)) => self.import.event(*event).await,
            Ok(Line::Command(command, hash)) => return self.command(command, hash).await,
            Ok(Line::Checkpoint(signed)) => {
                self.checkpoints += 1;
                self.import.checkpoint(signed).await
            }
            Ok(Line::End(end)) => return Ok(self.ends(end)),
        };
        wrong(taken)
    }

    async fn command(
        &mut self,
        command: StoredCommand,
        hash: [u8; 32],
    ) -> anyhow::Result<Option<String>> {
        self.hash = cloud_event::hash_command(&self.hash, &command);
        if self.hash != hash {
            let id = command.id;
            return Ok(Some(format!(
                "the command {id} (or one that stood before it) is not what was recorded: \
                 its hash does not fit"
            )));
        }
        self.commands += 1;
        wrong(self.import.command(command).await)
    }

    fn ends(&mut self, end: End) -> Option<String> {
        self.end = Some(end);
        let come = self.import.come();
        let here = End::of(&come, self.hash, self.checkpoints);
        let (position, is_here) = (come.position, end == here);
        (!is_here).then(|| {
            format!(
                "the log ended at position {}, with {} signed checkpoints; here position \
                 {position}, the commands up to it and {} checkpoints are the last",
                end.position, end.checkpoints, here.checkpoints
            )
        })
    }
}

/// What is the file's fault stops the import and is told; all else has failed.
fn wrong(taken: Result<(), ImportError>) -> anyhow::Result<Option<String>> {
    match taken {
        Ok(()) => Ok(None),
        Err(ImportError::Wrong(wrong)) => Ok(Some(wrong.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn tell_stop(
    stop: &Stop,
    (arguments, import): (&Arguments, &Import),
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let path = arguments.file.display();
    let recorded = import.recorded();
    let (line, why) = match stop {
        Stop::Wrong(line, why) => (*line, why.as_str()),
        Stop::CutOff(line) => (*line, "it is cut off"),
    };
    if out.json {
        let cut_off = matches!(stop, Stop::CutOff(_));
        out.object(&json!({
            "position": recorded,
            "wrong": { "line": line, "why": why, "cut_off": cut_off },
        }))?;
        return Ok(ExitCode::from(WRONG));
    }
    let told = match stop {
        Stop::Wrong(..) => format!("Line {line} of {path} is wrong"),
        Stop::CutOff(_) => format!("{path} is cut off behind line {line}"),
    };
    let told = out.bad(told);
    out.line(match stop {
        Stop::Wrong(..) => format!("{told}: {why}."),
        Stop::CutOff(_) => format!("{told}."),
    })?;
    out.line(format!(
        "The log is at position {recorded}; with a whole file the import goes on from there."
    ))?;
    Ok(ExitCode::from(WRONG))
}

fn tell(
    head: &event_log::Head,
    (before, commands): (i64, u64),
    signed: Signed,
    out: &mut Out,
) -> anyhow::Result<()> {
    if out.json {
        out.object(&json!({
            "position": head.position, "hash": hex(&head.hash), "commands": commands,
            "checkpoints": if signed.kept { signed.checkpoints } else { 0 }, "recorded": head.position - before,
        }))?;
        return Ok(());
    }
    let events = HumanCount(head.position.unsigned_abs());
    let all = out.good(format!(
        "{events} events and {} commands",
        HumanCount(commands)
    ));
    out.line(format!("{all} are in the log, as they were recorded."))?;
    let checkpoints = HumanCount(signed.checkpoints);
    if signed.kept {
        out.line(format!(
            "{checkpoints} signed checkpoints are kept with it."
        ))?;
    } else if signed.checkpoints > 0 {
        let why = "without --public-key nobody knows whose they are";
        out.line(format!(
            "{checkpoints} signed checkpoints were left out: {why}."
        ))?;
    }
    if before > 0 {
        let there = HumanCount(before.unsigned_abs());
        out.line(out.dim(format!("{there} events were there from before.")))?;
    }
    let next =
        "Next: bring the vault along (import --help), then `rebuild --all` or start Reeltime.";
    out.line(out.dim(next))?;
    Ok(())
}
