//! The thread that keeps the server: reaps it, bounds its log, and starts it again when it dies
//! while it is wanted. A thread, because it must outlast the async runtime that started it.

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::launch::{Process, launch};
use crate::log;
use crate::place::Place;
use crate::process;
use crate::programs::Programs;
use crate::server::{PAUSE, Shared, State, Wanted};

const WATCH_INTERVAL: Duration = Duration::from_millis(250);
/// Between attempts to start a server that keeps dying; doubles up to the longest.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
const RESTART_PAUSE_LONGEST: Duration = Duration::from_secs(30);

pub(crate) struct Keeper {
    pub place: Arc<Place>,
    pub programs: Arc<Programs>,
    pub shared: Arc<Shared>,
}

impl Keeper {
    pub fn keep(self) {
        let mut pause = RESTART_PAUSE;
        let mut next_start = Instant::now();
        loop {
            log::bound(&self.place.log());
            let mut state = self.shared.lock();
            self.look(&mut state);
            match (&state.process, state.wanted) {
                (None, Wanted::Starting | Wanted::Stopped) => return,
                (None, Wanted::Running) if Instant::now() >= next_start => {
                    self.restart(&mut state);
                    next_start = Instant::now() + pause;
                    pause = (pause * 2).min(RESTART_PAUSE_LONGEST);
                }
                (None, Wanted::Running) => {}
                // It has lasted: the next death is a new one.
                (Some(_), Wanted::Running)
                    if Instant::now() > next_start + RESTART_PAUSE_LONGEST =>
                {
                    pause = RESTART_PAUSE;
                }
                (Some(_), _) => {}
            }
            let interval = match state.wanted {
                Wanted::Running => WATCH_INTERVAL,
                Wanted::Starting | Wanted::Stopped => PAUSE,
            };
            drop(self.shared.changed.wait_timeout(state, interval));
        }
    }

    fn look(&self, state: &mut State) {
        let ended = match &mut state.process {
            Some(Process::Child(child)) => match child.try_wait() {
                Ok(Some(status)) => Some(match status.signal() {
                    Some(signal) => format!("ended by signal {signal}"),
                    None => status.to_string(),
                }),
                Ok(None) => None,
                Err(error) => Some(error.to_string()),
            },
            Some(Process::Adopted(pid)) if !process::lives(&self.place, *pid) => {
                Some("gone".into())
            }
            Some(Process::Adopted(_)) | None => None,
        };
        if let Some(ended) = ended {
            if state.wanted == Wanted::Running {
                tracing::error!("PostgreSQL ended unexpectedly ({ended}); starting it again");
            }
            state.process = None;
            state.ended = ended;
        }
    }

    fn restart(&self, state: &mut State) {
        match launch(&self.place, &self.programs) {
            Ok(process) => state.process = process,
            Err(error) => tracing::error!("PostgreSQL cannot be started again: {error}"),
        }
    }
}
