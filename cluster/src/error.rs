//! What can go wrong with a private cluster. Every text is for the operator and says what to do
//! where there is something to do.

use std::error::Error as StdError;
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

/// Any error and its causes, as a program tells them; those that a text before them has said already
/// are left out.
pub fn sentence(error: &(dyn StdError + 'static)) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let cause = error.to_string();
        if said.contains(&cause) {
            continue;
        }
        if !said.is_empty() {
            said += ": ";
        }
        said += &cause;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let full = io::Error::other("no space left");
        let error = Error::io("cannot write", Path::new("/here"))(full);
        assert_eq!(sentence(&error), "cannot write /here: no space left");
        let refused = Error::Refused(sqlx::Error::Io(io::Error::other("gone")));
        assert_eq!(sentence(&refused).matches("gone").count(), 1);
    }
}
