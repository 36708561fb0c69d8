//! Gets hold of a server process: the one that a killed owner left running, or a new one.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Child;

use nix::sys::signal::Signal;

use crate::error::Error;
use crate::log;
use crate::place::{PORT, Place};
use crate::process::{self, Found};
use crate::programs::Programs;

#[derive(Debug)]
pub(crate) enum Process {
    Child(Child),
    /// Of an owner that was killed; some other process reaps it.
    Adopted(i32),
}

/// Takes over the server of this place or starts one. `None`: backends of a dead one still end.
pub(crate) fn launch(place: &Place, programs: &Programs) -> Result<Option<Process>, Error> {
    match process::find(place)? {
        Found::Server(pid) => {
            tracing::info!("taking over PostgreSQL, process {pid}, which runs without an owner");
            Ok(Some(Process::Adopted(pid)))
        }
        Found::Remains(pids) => {
            // They noticed that their server is gone, or are deep in a long query.
            pids.into_iter()
                .for_each(|pid| process::tell(pid, Signal::SIGQUIT));
            Ok(None)
        }
        Found::Nobody => {
            let socket = place.socket_directory()?;
            remove_stale(&place.postgres().join("postmaster.pid"))?;
            remove_stale(&socket.join(format!(".s.PGSQL.{PORT}.lock")))?;
            spawn(place, programs, &socket).map(Some)
        }
    }
}

/// No server lives here, so these speak of a dead one; but PostgreSQL only looks whether a process
/// has that number, and refuses to start when one has.
fn remove_stale(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Ok(()) => {
            tracing::info!(
                "removed {}, left by a server that is no more",
                path.display()
            );
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("cannot remove", path)(error)),
    }
}

fn spawn(place: &Place, programs: &Programs, socket: &Path) -> Result<Process, Error> {
    let cluster = place.postgres();
    let log = log::open(&place.log())?;
    let both = log
        .try_clone()
        .map_err(Error::io("cannot open", &place.log()))?;
    let postgres = programs.path("postgres");
    // Quoted, because the setting is a list.
    let socket = format!("unix_socket_directories=\"{}\"", socket.display());
    place
        .user
        .command(&postgres, &cluster)
        .arg("-D")
        .arg(&cluster)
        .args(["-c", "listen_addresses=", "-c", &socket])
        .args(["-c", &format!("port={PORT}")])
        .stdout(both)
        .stderr(log)
        .spawn()
        .map(Process::Child)
        .map_err(Error::io("cannot run", &postgres))
}
