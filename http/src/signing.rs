//! The key that signs the log's checkpoints. It is never in the database: whoever
//! can rewrite the log must not be able to sign what they wrote.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use event_log::checkpoint::SigningKey;
use rand::Rng;

/// Of a private Reeltime, in its data directory.
const FILE: &str = "checkpoint.key";
/// Beside it, for `replay-tool verify`.
const PUBLIC_FILE: &str = "checkpoint.pub";
/// What a log is called that has no public address.
const NAME: &str = "reeltime/log";

/// The key that was named: itself, or a file that holds it.
pub fn named(key_or_file: &str) -> anyhow::Result<SigningKey> {
    if key_or_file.starts_with("PRIVATE+KEY+") {
        return key_or_file.parse().context("--checkpoint-key");
    }
    let read = std::fs::read_to_string(key_or_file);
    let key = read.with_context(|| format!("can't read the signing key {key_or_file}"))?;
    key.parse().with_context(|| key_or_file.to_owned())
}

/// A private Reeltime's key.
pub fn own(data_dir: &Path) -> anyhow::Result<SigningKey> {
    named(&data_dir.join(FILE).display().to_string())
}

/// The key in a file, made where there is no file yet. `host`: of the log's public address.
pub fn kept_or_new(file: &Path, host: Option<&str>) -> anyhow::Result<SigningKey> {
    if !file.try_exists()? {
        let mut seed = [0; 32];
        rand::rng().fill_bytes(&mut seed);
        let name = host.map_or_else(|| NAME.to_owned(), |host| format!("{host}/log"));
        let key = SigningKey::from_seed(&name, seed).context("the log's name has a space")?;
        let kept = keep(file, &key.reveal(), 0o600);
        kept.with_context(|| format!("keeping the signing key in {}", file.display()))?;
    }
    named(&file.display().to_string())
}

/// A private Reeltime's key, made at its first start. `host`: of its public address.
pub fn own_or_new(data_dir: &Path, host: Option<&str>) -> anyhow::Result<SigningKey> {
    let key = kept_or_new(&data_dir.join(FILE), host)?;
    let public = key.public().to_string();
    keep(&data_dir.join(PUBLIC_FILE), &public, 0o644).context("keeping the public key")?;
    Ok(key)
}

/// Whole or not at all, whenever the power goes.
fn keep(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let new = path.with_added_extension("new");
    // left by a crash, perhaps readable by others
    let _ = std::fs::remove_file(&new);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&new)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    // of a name alone it is empty
    let directory = path.parent().filter(|parent| *parent != Path::new(""));
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_nobody_else_can_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let first = own_or_new(directory.path(), Some("reeltime.example")).unwrap();
        let again = own_or_new(directory.path(), None).unwrap();
        assert_eq!(first.public(), again.public());
        assert_eq!(again.name(), "reeltime.example/log");
        let mode = |file: &str| {
            let metadata = directory.path().join(file).metadata().unwrap();
            metadata.permissions().mode() & 0o777
        };
        assert_eq!((mode(FILE), mode(PUBLIC_FILE)), (0o600, 0o644));
        assert_eq!(named(&first.reveal()).unwrap().public(), first.public());
        assert!(named("/nowhere").is_err());
    }
}
