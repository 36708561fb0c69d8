//! The directories of one cluster: made so that the user that runs PostgreSQL reaches its own and
//! nobody else does.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use nix::unistd;

use crate::error::Error;
use crate::user::User;

/// The socket's name ends in the port; no TCP port is opened.
pub(crate) const PORT: u16 = 5432;
/// `sun_path` is 108 bytes on Linux and 104 elsewhere, with the final NUL.
const SOCKET_PATH_LIMIT_BYTES: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

#[derive(Debug)]
pub(crate) struct Place {
    /// Canonical.
    root: PathBuf,
    pub user: User,
}

impl Place {
    /// Makes the data directory if need be.
    pub fn prepare(data_dir: &Path) -> Result<Place, Error> {
        let data_dir = std::path::absolute(data_dir).map_err(Error::io("cannot find", data_dir))?;
        let user = User::of(&data_dir.join("postgres"))?;
        check_parents(&data_dir, &user)?;
        make_root(&data_dir, &user)?;
        let root = fs::canonicalize(&data_dir).map_err(Error::io("cannot find", &data_dir))?;
        check_reachable(&root, &user)?;
        Ok(Place { root, user })
    }

    /// `None` when no cluster was ever made there.
    pub fn existing(data_dir: &Path) -> Result<Option<Place>, Error> {
        let root = match fs::canonicalize(data_dir) {
            Ok(root) => root,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("cannot find", data_dir)(error)),
        };
        let user = User::of(&root.join("postgres"))?;
        let place = Place { root, user };
        Ok(place.major()?.map(|_| place))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// The major version of the cluster; `None` when there is none yet.
    pub fn major(&self) -> Result<Option<u32>, Error> {
        let path = self.postgres().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) => version.trim().parse().map(Some).map_err(|_| {
                Error::Unusable(format!("{} does not hold a version", path.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("cannot read", &path)(error)),
        }
    }

    /// Makes the directory of the socket: 0700 and the user's, which is what lets `pg_hba.conf`
    /// trust everybody who gets there.
    pub fn socket_directory(&self) -> Result<PathBuf, Error> {
        let directory = self.socket_path();
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => self.give(&directory)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("cannot make", &directory)(error)),
        }
        let metadata =
            fs::symlink_metadata(&directory).map_err(Error::io("cannot look at", &directory))?;
        let ours = metadata.is_dir() && metadata.uid() == self.user.uid;
        // Under /tmp anybody may have made it, to offer us a server of their own.
        if !ours || metadata.mode() & 0o077 != 0 {
            return Err(Error::Unusable(format!(
                "{} is not a directory of {} alone: remove it",
                directory.display(),
                self.user.name
            )));
        }
        Ok(directory)
    }

    /// In the data directory; else, since the path of a socket is short, a place named by a hash.
    fn socket_path(&self) -> PathBuf {
        let within = self.root.join("socket");
        if fits(&within) {
            return within;
        }
        let name = format!(
            "reeltime-{:016x}",
            hash(self.root.as_os_str().as_encoded_bytes())
        );
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        match runtime {
            // Not root's own, closed to the user that runs the server, and not one that stayed in
            // the environment after `su`.
            Some(runtime) if self.owns(&runtime) && fits(&runtime.join(&name)) => {
                runtime.join(name)
            }
            _ => Path::new("/tmp").join(name),
        }
    }

    fn owns(&self, path: &Path) -> bool {
        path.is_absolute() && fs::metadata(path).is_ok_and(|it| it.uid() == self.user.uid)
    }

    /// Away with a socket directory under `/tmp` when nobody uses it.
    pub fn tidy_socket(&self) {
        let path = self.socket_path();
        if !path.starts_with(&self.root) {
            // Fails when something is in it, and then it stays.
            let _ = fs::remove_dir(path);
        }
    }

    /// Hands what we made as root to the user that runs the programs.
    pub fn give(&self, path: &Path) -> Result<(), Error> {
        if !self.user.switch {
            return Ok(());
        }
        lchown(path, Some(self.user.uid), Some(self.user.gid))
            .map_err(Error::io("cannot change the owner of", path))
    }
}

fn fits(directory: &Path) -> bool {
    let path = directory.join(format!(".s.PGSQL.{PORT}"));
    path.as_os_str().len() <= SOCKET_PATH_LIMIT_BYTES
        // What the settings and the pid file, a value per line, can say.
        && path.to_str().is_some_and(|path| !path.contains(['"', '\n']))
}

/// FNV-1a: the same in every build, and nothing depends on its quality (the directory is checked).
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Before anything is made, so that a refusal leaves nothing behind.
fn check_parents(data_dir: &Path, user: &User) -> Result<(), Error> {
    let parent = data_dir
        .ancestors()
        .skip(1)
        .find_map(|parent| fs::canonicalize(parent).ok());
    match parent.and_then(|parent| user.barrier(&parent)) {
        Some(barrier) => Err(unreachable(data_dir, barrier, user)),
        None => Ok(()),
    }
}

fn check_reachable(root: &Path, user: &User) -> Result<(), Error> {
    match user.barrier(root) {
        Some(barrier) => Err(unreachable(root, barrier, user)),
        None => Ok(()),
    }
}

fn unreachable(path: &Path, barrier: PathBuf, user: &User) -> Error {
    Error::Unreachable {
        path: path.to_owned(),
        barrier,
        user: user.name.clone(),
    }
}

/// The data directory stays ours; as root, the user's group may pass through it. Parents that we
/// make as root are open to pass through, whatever the umask.
fn make_root(data_dir: &Path, user: &User) -> Result<(), Error> {
    let missing: Vec<&Path> = data_dir
        .ancestors()
        .take_while(|path| !path.exists())
        .collect();
    for path in missing.iter().rev() {
        let is_root = *path == data_dir;
        let mode = if is_root { 0o700 } else { 0o755 };
        match DirBuilder::new().mode(mode).create(path) {
            Ok(()) if user.switch => {
                fs::set_permissions(path, Permissions::from_mode(mode))
                    .map_err(Error::io("cannot open up", path))?;
            }
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("cannot make", path)(error)),
        }
    }
    open_root(data_dir, user)
}

fn open_root(data_dir: &Path, user: &User) -> Result<(), Error> {
    let metadata = fs::metadata(data_dir).map_err(Error::io("cannot look at", data_dir))?;
    if !metadata.is_dir() {
        return Err(Error::Unusable(format!(
            "{} is not a directory",
            data_dir.display()
        )));
    }
    let closed = metadata.uid() == unistd::geteuid().as_raw() && metadata.mode() & 0o077 == 0;
    if user.switch && closed {
        std::os::unix::fs::chown(data_dir, None, Some(user.gid))
            .and_then(|()| fs::set_permissions(data_dir, Permissions::from_mode(0o710)))
            .map_err(Error::io("cannot open up", data_dir))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_ends_at_the_limit() {
        let name = format!("/.s.PGSQL.{PORT}").len();
        let longest = format!("/{}", "x".repeat(SOCKET_PATH_LIMIT_BYTES - name - 1));
        assert!(fits(Path::new(&longest)));
        assert!(!fits(Path::new(&format!("{longest}x"))));
        assert!(!fits(Path::new("/two\nlines")));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
