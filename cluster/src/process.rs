//! Who lives: whether a server runs on a cluster, told by what the processes are and not by what a
//! pid file claims. A pid file outlives its server, and its number comes to belong to others.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

use crate::error::Error;
use crate::place::Place;
use crate::programs;

const PROC: &str = "/proc";

pub(crate) enum Found {
    Nobody,
    Server(i32),
    /// Backends of a server that is no more; they end by themselves, as a rule at once.
    Remains(Vec<i32>),
}

/// What the server writes down about itself.
pub(crate) struct PidFile {
    pub pid: i32,
    /// Absent in the first moments.
    pub socket_directory: Option<PathBuf>,
}

pub(crate) fn pid_file(place: &Place) -> Option<PidFile> {
    let text = fs::read_to_string(place.postgres().join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    Some(PidFile {
        pid: lines.next()?.trim().parse().ok()?,
        socket_directory: lines
            .nth(3)
            .filter(|line| !line.is_empty())
            .map(PathBuf::from),
    })
}

pub(crate) fn find(place: &Place) -> Result<Found, Error> {
    let proc = Path::new(PROC);
    let claimed = pid_file(place).map(|file| file.pid);
    if let Some(alone) = claimed.filter(|pid| *pid < 0) {
        // A negative number is a single-user server: an administrator at work.
        if works_on(proc, -alone, place) {
            return Err(Error::Unusable(format!(
                "process {} works on {} in single-user mode",
                -alone,
                place.postgres().display()
            )));
        }
    }
    let server = claimed.filter(|pid| *pid > 0);
    if !has_proc(proc) {
        return find_without_proc(place, server);
    }
    match server {
        Some(pid) if works_on(proc, pid, place) => Ok(Found::Server(pid)),
        _ => Ok(remains(proc, place)),
    }
}

/// Whether a server that was found before still lives.
pub(crate) fn lives(place: &Place, pid: i32) -> bool {
    let proc = Path::new(PROC);
    if has_proc(proc) {
        works_on(proc, pid, place)
    } else {
        signal::kill(Pid::from_raw(pid), None).is_ok()
    }
}

pub(crate) fn tell(pid: i32, signal: Signal) {
    if let Err(error) = signal::kill(Pid::from_raw(pid), signal) {
        tracing::debug!("process {pid} did not take {signal}: {error}");
    }
}

fn has_proc(proc: &Path) -> bool {
    proc.join("self/stat").exists()
}

fn remains(proc: &Path, place: &Place) -> Found {
    let Ok(entries) = fs::read_dir(proc) else {
        return Found::Nobody;
    };
    let pids: Vec<i32> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| works_on(proc, *pid, place))
        .collect();
    if pids.is_empty() {
        Found::Nobody
    } else {
        Found::Remains(pids)
    }
}

/// PostgreSQL's processes work in the cluster's directory. A zombie works nowhere, which is right:
/// its number may wait long for a slow parent, while its cluster is free.
fn works_on(proc: &Path, pid: i32, place: &Place) -> bool {
    let process = proc.join(pid.to_string());
    let is_ours = fs::metadata(&process).is_ok_and(|metadata| metadata.uid() == place.user.uid);
    // A shell that stands in the directory is no server.
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    if !is_ours || !name.contains("postgres") {
        return false;
    }
    match (
        fs::metadata(process.join("cwd")),
        fs::metadata(place.postgres()),
    ) {
        (Ok(there), Ok(cluster)) => (there.dev(), there.ino()) == (cluster.dev(), cluster.ino()),
        // Root in a container may not look there (no CAP_SYS_PTRACE), but may read how the server
        // was called. That misses its backends; PostgreSQL itself refuses to start beside them.
        (Err(error), _) if error.kind() == io::ErrorKind::PermissionDenied => {
            called_for(&process, place)
        }
        _ => false,
    }
}

fn called_for(process: &Path, place: &Place) -> bool {
    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    let cluster = place.postgres();
    arguments
        .split(|byte| *byte == 0)
        .any(|argument| argument == cluster.as_os_str().as_encoded_bytes())
}

/// macOS, BSD: `pg_ctl status`, as the cluster's user, checks that the number in the pid file is a
/// living process of that user. That can be somebody else by now, and then PostgreSQL's own checks
/// at its start decide.
fn find_without_proc(place: &Place, server: Option<i32>) -> Result<Found, Error> {
    let Some(pid) = server else {
        return Ok(Found::Nobody);
    };
    let pg_ctl = programs::find(&place.user, place.major()?)?.path("pg_ctl");
    let status = place
        .user
        .command(&pg_ctl, Path::new("/"))
        .arg("status")
        .arg("-D")
        .arg(place.postgres())
        .output()
        .map_err(Error::io("cannot run", &pg_ctl))?;
    if status.status.success() {
        Ok(Found::Server(pid))
    } else {
        Ok(Found::Nobody)
    }
}
