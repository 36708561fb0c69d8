//! The running server: started until it answers, stopped until it is gone.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::postgres::PgConnectOptions;

use crate::connection;
use crate::error::Error;
use crate::keeper::Keeper;
use crate::launch::{Process, launch};
use crate::log;
use crate::place::Place;
use crate::process;
use crate::programs::Programs;

/// SIGINT ends sessions and writes a checkpoint. When that takes too long, SIGQUIT ends without
/// one, and the next start recovers: nothing acknowledged is lost.
const STOPS: [(Signal, Duration); 2] = [
    (Signal::SIGINT, Duration::from_secs(30)),
    (Signal::SIGQUIT, Duration::from_secs(15)),
];
/// Backends whose server died end within moments. At the bound, the start fails.
const REMAINS_TIMEOUT: Duration = Duration::from_secs(30);
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Server {
    place: Arc<Place>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub changed: Condvar,
}

/// Signals are sent under the lock, and the keeper reaps under it: a number is never another
/// process's when we signal it.
#[derive(Debug)]
pub(crate) struct State {
    pub wanted: Wanted,
    pub process: Option<Process>,
    /// How the last process ended.
    pub ended: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wanted {
    /// Until it answered once: its end is a failed start.
    Starting,
    Running,
    Stopped,
}

impl Server {
    pub async fn start(
        place: Place,
        programs: Programs,
    ) -> Result<(Server, PgConnectOptions), Error> {
        let place = Arc::new(place);
        let programs = Arc::new(programs);
        log::bound(&place.log());
        loop {
            let log_from = log::length(&place.log());
            let process = next_process(&place, &programs).await?;
            let adopted = matches!(process, Process::Adopted(_));
            let server = Server::keep(&place, &programs, process)?;
            match connection::ready(&place, || server.ended().is_some()).await? {
                Some(options) if server.is_kept() => return Ok((server, options)),
                // It answered and died at once: the next one, as the keeper would do.
                Some(_) => {}
                // It was already on its way out.
                None if adopted => {}
                None => {
                    return Err(Error::Failed {
                        what: format!(
                            "PostgreSQL did not start ({})",
                            server.ended().unwrap_or_default()
                        ),
                        said: log::tail(&place.log(), log_from),
                    });
                }
            }
        }
    }

    fn keep(
        place: &Arc<Place>,
        programs: &Arc<Programs>,
        process: Process,
    ) -> Result<Server, Error> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                wanted: Wanted::Starting,
                process: Some(process),
                ended: String::new(),
            }),
            changed: Condvar::new(),
        });
        let keeper = Keeper {
            place: Arc::clone(place),
            programs: Arc::clone(programs),
            shared: Arc::clone(&shared),
        };
        // Made first: should there be no thread, dropping it stops the process.
        let server = Server {
            place: Arc::clone(place),
            shared,
        };
        thread::Builder::new()
            .name("postgres-keeper".into())
            .spawn(move || keeper.keep())
            .map_err(Error::io("cannot start a thread for", place.root()))?;
        Ok(server)
    }

    pub async fn stop(self) -> Result<(), Error> {
        for (signal, patience) in STOPS {
            self.tell_to_stop(signal);
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if self.ended().is_some() {
                    self.place.tidy_socket();
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        Err(Error::Failed {
            what: "PostgreSQL does not stop".into(),
            said: format!("see {}", self.place.log().display()),
        })
    }

    /// From now on its end is an accident, and another is started.
    fn is_kept(&self) -> bool {
        let mut state = self.shared.lock();
        let is_there = state.process.is_some();
        if is_there {
            state.wanted = Wanted::Running;
        }
        is_there
    }

    fn tell_to_stop(&self, signal: Signal) {
        let mut state = self.shared.lock();
        state.wanted = Wanted::Stopped;
        match &state.process {
            Some(Process::Child(child)) => process::tell(child.id().cast_signed(), signal),
            // Not ours to reap, so it may be gone already.
            Some(Process::Adopted(pid)) if process::lives(&self.place, *pid) => {
                process::tell(*pid, signal);
            }
            Some(Process::Adopted(_)) | None => {}
        }
        self.shared.changed.notify_all();
    }

    fn ended(&self) -> Option<String> {
        let state = self.shared.lock();
        match state.process {
            Some(_) => None,
            None => Some(state.ended.clone()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.shared.lock().wanted != Wanted::Stopped {
            self.tell_to_stop(Signal::SIGINT);
        }
    }
}

impl Shared {
    /// A panic elsewhere leaves nothing half done here.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn next_process(place: &Place, programs: &Programs) -> Result<Process, Error> {
    let deadline = Instant::now() + REMAINS_TIMEOUT;
    loop {
        if let Some(process) = launch(place, programs)? {
            return Ok(process);
        }
        if Instant::now() > deadline {
            return Err(Error::Unusable(format!(
                "processes of a dead PostgreSQL still work on {}",
                place.postgres().display()
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
