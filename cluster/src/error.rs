//! What can go wrong with a private cluster. Every text is for the operator and says what to do
//! where there is something to do.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the directory.
    #[error("another Reeltime{owner} is running on {}", path.display())]
    InUse { path: PathBuf, owner: String },
    /// No suitable PostgreSQL is installed.
    #[error("{0}")]
    NoPrograms(String),
    /// The unprivileged user that runs PostgreSQL cannot get to the directory.
    #[error(
        "PostgreSQL runs as the user {user}, which cannot get to {} because {} does not let it \
         through: choose another data directory, or allow it with chmod o+x",
        path.display(), barrier.display()
    )]
    Unreachable {
        path: PathBuf,
        barrier: PathBuf,
        user: String,
    },
    /// What stands in the directory, or who asks for it, does not fit.
    #[error("{0}")]
    Unusable(String),
    /// One of PostgreSQL's programs failed; the text quotes what it said.
    #[error("{what}: {said}")]
    Failed { what: String, said: String },
    #[error("the private PostgreSQL refused a connection: {0}")]
    Refused(#[source] sqlx::Error),
    #[error("{what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: `fs::rename(a, b).map_err(Error::io("cannot rename", a))`.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { what, path, source }
    }
}
