//! One process at a time runs the cluster of a directory.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::Error;
use crate::log;

/// The kernel lets go of it however the process ends.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    pub fn take(root: &Path) -> Result<Lock, Error> {
        let path = root.join("lock");
        let mut file = log::private()
            .write(true)
            .open(&path)
            .map_err(Error::io("cannot open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(root, file)),
            Err(TryLockError::Error(error)) => return Err(Error::io("cannot lock", &path)(error)),
        }
        // For the message of the one that comes second; the lock itself needs no content.
        file.set_len(0)
            .and_then(|()| write!(file, "{}", std::process::id()))
            .map_err(Error::io("cannot write", &path))?;
        Ok(Lock(file))
    }
}

impl Drop for Lock {
    /// Closing is not enough: a child that is being forked at this moment has the file as well,
    /// until it becomes another program.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!("cannot unlock the data directory: {error}");
        }
    }
}

fn in_use(root: &Path, lock: File) -> Error {
    let mut pid = String::new();
    let owner = match lock.take(20).read_to_string(&mut pid) {
        Ok(length) if length > 0 => format!(" (process {pid})"),
        _ => String::new(),
    };
    Error::InUse {
        path: root.to_owned(),
        owner,
    }
}
