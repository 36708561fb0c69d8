//! What a test's own site logs.

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use tempfile::TempDir;
use tracing::subscriber::DefaultGuard;

use crate::secrets;

/// Hears what this thread logs, and all tasks on it: a test's own runtime has no other.
pub struct Listening {
    folder: TempDir,
    guard: Option<DefaultGuard>,
}

impl Listening {
    pub fn start() -> Listening {
        secrets::listen();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let log = File::create(folder.path().join("own.log")).expect("a file");
        let subscriber = secrets::subscriber(Mutex::new(log));
        Listening {
            folder,
            guard: Some(tracing::subscriber::set_default(subscriber)),
        }
    }

    /// Where it is written down.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What was said until now.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("own.log")).expect("a log")
    }

    pub fn stop(&mut self) {
        self.guard = None;
    }
}
