//! PostgreSQL's own log: a file in the data directory, bounded, quoted when a start fails.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc;

use crate::error::Error;

/// At this size the log moves to `postgres.log.1`, over what was there.
const LOG_LIMIT_BYTES: u64 = 16 * 1024 * 1024;
/// Of a failed start, this much is quoted.
const QUOTED_LINES: usize = 6;
const QUOTED_BYTES: u64 = 4096;

/// For appending, so that the server goes on at the new end after the file was cut.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    private()
        .append(true)
        .open(path)
        .map_err(Error::io("cannot open", path))
}

/// Ours alone, and never through a link that the unprivileged user may have put there.
pub(crate) fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options
        .read(true)
        .create(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW);
    options
}

pub(crate) fn length(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |metadata| metadata.len())
}

/// Copied and cut rather than renamed: the server holds the file open. Lines that it writes in
/// between are lost.
pub(crate) fn bound(path: &Path) {
    if length(path) <= LOG_LIMIT_BYTES {
        return;
    }
    if let Err(error) = cut(path) {
        tracing::warn!("cannot bound {}: {error}", path.display());
    }
}

fn cut(path: &Path) -> io::Result<()> {
    let mut log = private().write(true).open(path)?;
    let older = path.with_extension("log.1");
    let mut older = private().write(true).truncate(true).open(older)?;
    io::copy(
        &mut Read::by_ref(&mut log).take(LOG_LIMIT_BYTES * 2),
        &mut older,
    )?;
    log.set_len(0)
}

/// The last lines written since the log was `from` bytes long.
pub(crate) fn tail(path: &Path, from: u64) -> String {
    let mut text = Vec::new();
    let read = || -> io::Result<()> {
        let mut log = File::open(path)?;
        let end = log.metadata()?.len();
        log.seek(SeekFrom::Start(from.max(end.saturating_sub(QUOTED_BYTES))))?;
        log.take(QUOTED_BYTES).read_to_end(&mut text)?;
        Ok(())
    };
    if let Err(error) = { read }() {
        return format!("(its log {} cannot be read: {error})", path.display());
    }
    last_lines(&String::from_utf8_lossy(&text))
}

pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_log_at_its_limit_moves_aside_and_the_writer_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("postgres.log");
        let mut server = open(&path).unwrap();
        server.write_all(b"first line\n").unwrap();
        server
            .write_all(&vec![b'x'; LOG_LIMIT_BYTES as usize])
            .unwrap();
        bound(&path);
        server.write_all(b"\nlast line\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"\nlast line\n");
        assert!(
            fs::read(directory.path().join("postgres.log.1"))
                .unwrap()
                .starts_with(b"first")
        );
    }

    #[test]
    fn the_tail_is_what_this_start_wrote() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("postgres.log");
        fs::write(&path, "old\n1\n2\n3\n4\n5\n6\n7\n").unwrap();
        assert_eq!(tail(&path, 4), "2\n3\n4\n5\n6\n7");
        assert_eq!(tail(&path, 16), "7");
    }
}
