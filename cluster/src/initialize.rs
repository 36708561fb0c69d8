//! Makes a new cluster: whole, or not at all. It is made beside its final place and moved there in
//! one step, so an interrupted start leaves only rubbish that the next one sweeps away.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::libc;
use tokio::io::AsyncWriteExt;

use crate::error::Error;
use crate::log;
use crate::place::Place;
use crate::programs::Programs;

const UNFINISHED: &str = "unfinished-";
/// So many that cannot be swept away; then the start fails.
const UNFINISHED_LIMIT: u32 = 20;

const SETTINGS: &str = "\
# Written once by Reeltime, when it made this cluster; yours to change. Where the server listens is
# given on its command line. Durability (fsync, synchronous_commit, full_page_writes) stays at
# PostgreSQL's safe defaults.
cluster_name = 'reeltime'
unix_socket_permissions = 0700
# A node needs about forty.
max_connections = 200
shared_buffers = '256MB'
# Every query here is short.
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# Details quote the values of rows, and those are the members'.
log_error_verbosity = terse
";

/// One statement a line: single-user mode takes them so.
const DATABASE: &str = "\
create role reeltime login createdb
create role reeltime_app login
grant reeltime_app to reeltime
create database reeltime owner reeltime
";

pub(crate) async fn ensure(place: &Place, programs: &Programs) -> Result<(), Error> {
    sweep(place.root());
    if place.major()?.is_some() {
        return Ok(());
    }
    tracing::info!(
        "making a PostgreSQL {} cluster in {}",
        programs.major(),
        place.root().display()
    );
    let directory = claim(place)?;
    initdb(place, programs, &directory).await?;
    settle(place, &directory)?;
    create_database(place, programs, &directory).await?;
    publish(place, &directory)
}

/// What a killed start left. A program of that start may still be writing there; then some of it
/// stays until the next sweep.
fn sweep(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("cannot remove {}: {error}", entry.path().display());
        }
    }
}

/// A directory that nobody else writes to, not even a program of a start that was killed.
fn claim(place: &Place) -> Result<PathBuf, Error> {
    for number in 1..=UNFINISHED_LIMIT {
        let directory = place.root().join(format!("{UNFINISHED}{number}"));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => {
                place.give(&directory)?;
                return Ok(directory);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("cannot make", &directory)(error)),
        }
    }
    Err(Error::Unusable(format!(
        "{} is full of unfinished clusters that cannot be removed",
        place.root().display()
    )))
}

async fn initdb(place: &Place, programs: &Programs, directory: &Path) -> Result<(), Error> {
    let mut command = place.user.command(&programs.path("initdb"), directory);
    command
        .args(["--username=postgres", "--encoding=UTF8", "--data-checksums"])
        // The socket's directory is its owner's alone (0700), and there is no other way in: who
        // gets to the socket may read the files as well, so a password would protect nothing.
        // Root, as an owner's guest, could not pass `peer`.
        .args(["--auth-local=trust", "--auth-host=reject"])
        // Under plain C, pg_trgm and lower() know no letters beyond ASCII.
        .args(if cfg!(target_os = "macos") {
            ["--locale=C", "--lc-ctype=en_US.UTF-8"].as_slice()
        } else {
            ["--locale=C.UTF-8"].as_slice()
        })
        .arg("-D")
        .arg(directory);
    run("initdb", command, "").await
}

/// Runs to the end; killed when the future is dropped.
async fn run(name: &str, command: std::process::Command, input: &str) -> Result<(), Error> {
    let failed = |said: String| Error::Failed {
        what: format!("{name} failed"),
        said,
    };
    let mut child = tokio::process::Command::from(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // Fails when the program ended early, and then its status tells.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child
        .wait_with_output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(failed(log::last_lines(&String::from_utf8_lossy(&said))))
}

/// As root we write where an unprivileged user may: never through a link.
fn settle(place: &Place, directory: &Path) -> Result<(), Error> {
    let settings = directory.join("reeltime.conf");
    let main = directory.join("postgresql.conf");
    let write = |path: &Path, options: &mut fs::OpenOptions, text: &str| {
        let mut file = options.custom_flags(libc::O_NOFOLLOW).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write(
        &settings,
        File::options().write(true).create_new(true).mode(0o600),
        SETTINGS,
    )
    .map_err(Error::io("cannot write", &settings))?;
    place.give(&settings)?;
    write(
        &main,
        File::options().append(true),
        "\ninclude 'reeltime.conf'\n",
    )
    .map_err(Error::io("cannot write", &main))
}

async fn create_database(
    place: &Place,
    programs: &Programs,
    directory: &Path,
) -> Result<(), Error> {
    let mut command = place.user.command(&programs.path("postgres"), directory);
    command
        .args(["--single", "-c", "exit_on_error=on", "-D"])
        .arg(directory)
        .arg("postgres");
    run("making the database", command, DATABASE).await
}

fn publish(place: &Place, directory: &Path) -> Result<(), Error> {
    let cluster = place.postgres();
    sync(directory)?;
    fs::rename(directory, &cluster)
        .map_err(Error::io("cannot move the new cluster to", &cluster))?;
    sync(place.root())
}

fn sync(directory: &Path) -> Result<(), Error> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(Error::io("cannot sync", directory))
}
