//! `reeltime`: the server, and what can be done without it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use domain::Role;
use web::import::{self, Source};
use web::public_url::PublicUrl;
use web::secret_text::SecretText;
use web::settings::Settings;
use web::{log, signing};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reeltime: a community for people who love films.
///
/// Without a command it serves. Without --database-url it runs a private PostgreSQL cluster in
/// its data directory, from the PostgreSQL programs that are installed on this machine.
#[derive(Debug, Parser)]
#[command(name = "reeltime", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Wrap all keys of the vault under a new master key, while Reeltime runs or not; broken off,
    /// it goes on when it is called again. Backups of the vault from before can't be opened any
    /// more without the old one
    RotateMasterKey {
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Bring films and ratings in from elsewhere
    Import {
        #[command(flatten)]
        settings: Box<Settings>,

        #[command(subcommand)]
        source: Source,
    },
    /// Show the public key of who signs the log's checkpoints
    PublicKey {
        /// The data directory of a Reeltime with a private PostgreSQL
        #[arg(
            long,
            env = "REELTIME_DATA_DIR",
            default_value_os_t = cluster::default_data_dir(),
            value_name = "DIR"
        )]
        data_dir: PathBuf,

        /// The key that signs (PRIVATE+KEY+…), or a file that holds it
        #[arg(
            long,
            env = "REELTIME_CHECKPOINT_KEY",
            hide_env_values = true,
            value_name = "KEY|FILE"
        )]
        checkpoint_key: Option<SecretText>,
    },
    /// Make the key that signs the log's checkpoints, unless it is there already, and show its
    /// public key
    ///
    /// For a database of your own: the nodes that sign take the file as --checkpoint-key. A Reeltime
    /// with a private PostgreSQL makes its own.
    CheckpointKey {
        /// Where it is kept, readable by its owner alone
        file: PathBuf,

        /// The address that people type: the log is named for its host
        #[arg(long, env = "REELTIME_PUBLIC_URL", value_name = "URL")]
        public_url: Option<PublicUrl>,
    },
    /// Measure the recommender on MovieLens data: Recall@10, nDCG@10 and coverage of each model
    Evaluate {
        /// The folder with MovieLens' ratings.csv and movies.csv
        #[arg(long, value_name = "DIR")]
        movielens: PathBuf,
    },
    /// Give a member a role: moderator, auditor or operator
    ///
    /// Works while Reeltime runs, and while it does not. The first operator is made so; operators
    /// give and take roles on the page /roles.
    Grant(Change),
    /// Take a role from a member
    Revoke(Change),
    /// Let a member in without codes, who has lost their phone and their recovery codes
    ///
    /// Make sure that it is them first. All their sessions end, and they are mailed of it by a Reeltime
    /// that runs, now or later.
    RemoveSecondFactor(Named),
    /// End all sessions of a member, or of everybody: they have to sign in again
    EndSessions {
        /// The member's name
        #[arg(required_unless_present = "everybody")]
        name: Option<String>,

        /// Whoever is signed in
        #[arg(long, conflicts_with = "name")]
        everybody: bool,

        #[command(flatten)]
        settings: Box<Settings>,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// The member's name
    name: String,

    #[command(flatten)]
    settings: Box<Settings>,
}

#[derive(Debug, Args)]
struct Change {
    /// moderator, auditor or operator
    #[arg(value_parser = role)]
    role: Role,

    /// The member's name
    name: String,

    #[command(flatten)]
    settings: Box<Settings>,
}

fn role(typed: &str) -> Result<Role, &'static str> {
    Role::from_slug(typed).map_err(|_| "a role is moderator, auditor or operator")
}

#[tokio::main]
async fn main() -> ExitCode {
    let CommandLine { settings, command } = CommandLine::parse();
    let done = match command {
        None => serve(settings).await,
        Some(Command::RotateMasterKey { settings }) => {
            web::rotation::rotate_master_key(*settings).await
        }
        Some(Command::Import { settings, source }) => bring_in(&settings, &source).await,
        Some(Command::Evaluate { movielens }) => evaluate(&movielens),
        Some(Command::Grant(asked)) => {
            web::grants::grant(&asked.settings, asked.role, &asked.name).await
        }
        Some(Command::Revoke(asked)) => {
            web::grants::revoke(&asked.settings, asked.role, &asked.name).await
        }
        Some(Command::RemoveSecondFactor(Named { name, settings })) => {
            web::grants::remove_second_factor(&settings, &name).await
        }
        Some(Command::EndSessions { name, settings, .. }) => {
            web::grants::end_sessions(&settings, name.as_deref()).await
        }
        Some(Command::PublicKey {
            data_dir,
            checkpoint_key,
        }) => show_public_key(&data_dir, checkpoint_key.as_ref()),
        Some(Command::CheckpointKey { file, public_url }) => {
            make_checkpoint_key(&file, public_url.as_ref())
        }
    };
    projections::nothing_aside().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("reeltime: {}", cluster::sentence(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    log::to_stderr(&settings.log, settings.log_format)?;
    web::run::run(settings).await
}

async fn bring_in(settings: &Settings, source: &Source) -> anyhow::Result<()> {
    // a terminal shows a bar, through which lines of the log would go
    let is_terminal = std::io::stderr().is_terminal();
    let filter: &str = if is_terminal { "warn" } else { &settings.log };
    log::to_stderr(filter, settings.log_format)?;
    import::import(settings, source).await
}

fn show_public_key(data_dir: &Path, named: Option<&SecretText>) -> anyhow::Result<()> {
    let key = match named {
        Some(named) => signing::named(named.reveal())?,
        None => signing::own(data_dir)?,
    };
    Ok(web::run::say(key.public())?)
}

fn make_checkpoint_key(file: &Path, public_url: Option<&PublicUrl>) -> anyhow::Result<()> {
    let key = signing::kept_or_new(file, public_url.map(PublicUrl::host))?;
    Ok(web::run::say(key.public())?)
}

fn evaluate(movielens: &Path) -> anyhow::Result<()> {
    let told = projections::recommender::evaluate::evaluate(movielens)?;
    Ok(web::run::say(told.to_string().trim_end())?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn without_a_command_it_serves() {
        CommandLine::command().debug_assert();
        let served = CommandLine::try_parse_from(["reeltime", "--listen", "127.0.0.1:1"]).unwrap();
        assert!(served.command.is_none());
        assert_eq!(served.settings.listen.port(), 1);
    }

    #[test]
    fn a_role_is_given_to_somebody_somewhere() {
        let line = ["reeltime", "grant", "operator", "Ann", "--data-dir", "here"];
        let Some(Command::Grant(asked)) = CommandLine::try_parse_from(line).unwrap().command else {
            panic!("it is a grant");
        };
        assert_eq!((asked.role, asked.name.as_str()), (Role::Operator, "Ann"));
        assert_eq!(asked.settings.data_dir, Path::new("here"));
        let wrong = ["reeltime", "grant", "queen", "Ann"];
        assert!(CommandLine::try_parse_from(wrong).is_err());
    }

    #[test]
    fn movielens_comes_from_a_folder() {
        let line = [
            "reeltime",
            "import",
            "--data-dir",
            "d",
            "movielens",
            "folder",
        ];
        let command = CommandLine::try_parse_from(line).unwrap().command;
        assert!(matches!(command, Some(Command::Import { .. })));
        assert!(CommandLine::try_parse_from(&line[..5]).is_err());
    }

    #[test]
    fn evaluation_wants_a_folder() {
        let line = ["reeltime", "evaluate", "--movielens", "folder"];
        let command = CommandLine::try_parse_from(line).unwrap().command;
        assert!(matches!(command, Some(Command::Evaluate { .. })));
        assert!(CommandLine::try_parse_from(&line[..2]).is_err());
    }
}
