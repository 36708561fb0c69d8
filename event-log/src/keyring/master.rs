//! Where the master keys come from: a file that Reeltime makes and rotates, or the operator.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sealing::{MasterKey, MasterKeys};
use uuid::Uuid;

use super::{Keyring, KeyringError, new_secret};

#[derive(Clone, Debug)]
pub enum Master {
    /// For its owner's eyes alone (0600). Made when the vault is empty.
    File(PathBuf),
    /// By the operator: an environment variable, as a rule.
    Given(MasterKeys),
}

impl Master {
    /// Where an operator finds them.
    pub(super) fn place(&self) -> String {
        match self {
            Master::File(path) => path.display().to_string(),
            Master::Given(_) => "the settings".into(),
        }
    }

    /// The keys; with `may_make`, a missing file is made.
    pub(super) fn load(&self, may_make: bool) -> Result<MasterKeys, KeyringError> {
        let path = match self {
            Master::Given(keys) => return Ok(keys.clone()),
            Master::File(path) => path,
        };
        if may_make && !path.exists() {
            write(path, &MasterKeys::text(&new_secret()), false)?;
            tracing::info!(
                path = %path.display(),
                "made a master key: without it nobody can read what members wrote; keep a copy \
                 apart from the database's backups"
            );
        }
        let text = fs::read_to_string(path).map_err(failed(path))?;
        let mode = fs::metadata(path)
            .map_err(failed(path))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "others may read the master key; chmod 600");
        }
        MasterKeys::parse(&text).map_err(|cause| KeyringError::Unreadable {
            place: self.place(),
            cause,
        })
    }
}

impl Keyring {
    /// A master key by its id. One that is not known may have come with a rotation: the file is
    /// read again.
    pub(super) fn master(&self, id: Uuid) -> Option<MasterKey> {
        let find = || {
            let masters = self.shared.masters.read().expect("no panic under the lock");
            masters.find(id).cloned()
        };
        find().or_else(|| {
            match self.shared.master.load(false) {
                Ok(masters) => self.set_masters(masters),
                Err(error) => tracing::error!(%error, "the master key can't be read"),
            }
            find()
        })
    }

    pub(super) fn set_masters(&self, masters: MasterKeys) {
        *self
            .shared
            .masters
            .write()
            .expect("no panic under the lock") = masters;
    }
}

/// Whole or not at all; readable for its owner alone from its first byte on.
pub(super) fn write(path: &Path, text: &str, replace: bool) -> Result<(), KeyringError> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&fresh)(error)),
        _ => {}
    }
    let mut options = File::options();
    let options = options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(&fresh).map_err(failed(&fresh))?;
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    written.map_err(failed(&fresh))?;
    if replace {
        fs::rename(&fresh, path).map_err(failed(path))?;
    } else {
        // a file that somebody made meanwhile stays
        match fs::hard_link(&fresh, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(failed(path)(error));
            }
            _ => fs::remove_file(&fresh).map_err(failed(&fresh))?,
        }
    }
    let directory = path.parent().unwrap_or(Path::new("."));
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(failed(directory))
}

pub(super) fn failed(path: &Path) -> impl Fn(std::io::Error) -> KeyringError {
    let path = path.to_owned();
    move |cause| KeyringError::File {
        path: path.clone(),
        cause,
    }
}
