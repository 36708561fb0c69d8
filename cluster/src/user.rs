//! Who runs PostgreSQL's programs. PostgreSQL refuses to run as root; started as root, the
//! programs run as an unprivileged user, and everything on the way to the cluster must let it in.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd;

use crate::error::Error;

/// Nothing else of our environment reaches the programs: it may hold secrets, and `PG*` variables
/// would change what they do. The linker's are for allocators, and for tests that put something
/// between PostgreSQL and its disk.
const PASSED_ON: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "LD_PRELOAD"];

#[derive(Debug)]
pub(crate) struct User {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// We are root and the programs run as somebody else.
    pub switch: bool,
}

impl User {
    /// The owner of an existing cluster; for a new one ourselves, or as root `postgres`, else
    /// `nobody`.
    pub fn of(cluster: &Path) -> Result<User, Error> {
        let owner = match fs::symlink_metadata(cluster) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("cannot look at", cluster)(error)),
        };
        match (unistd::geteuid().as_raw(), owner) {
            (0, Some(metadata)) if metadata.uid() == 0 => Err(Error::Unusable(format!(
                "{} belongs to root, as whom PostgreSQL does not run: give it to an unprivileged \
                 user with chown -R",
                cluster.display()
            ))),
            (0, Some(metadata)) => Ok(User::owning(&metadata)),
            (0, None) => User::unprivileged(),
            (me, Some(metadata)) if metadata.uid() != me => Err(Error::Unusable(format!(
                "{} belongs to the user {}: run this as that user or as root",
                cluster.display(),
                User::owning(&metadata).name
            ))),
            (me, _) => Ok(User {
                name: name(me),
                uid: me,
                gid: unistd::getegid().as_raw(),
                switch: false,
            }),
        }
    }

    fn owning(metadata: &Metadata) -> User {
        let uid = metadata.uid();
        let gid = match unistd::User::from_uid(uid.into()) {
            Ok(Some(known)) => known.gid.as_raw(),
            _ => metadata.gid(),
        };
        User {
            name: name(uid),
            uid,
            gid,
            switch: true,
        }
    }

    fn unprivileged() -> Result<User, Error> {
        for name in ["postgres", "nobody"] {
            if let Ok(Some(found)) = unistd::User::from_name(name) {
                return Ok(User {
                    name: found.name,
                    uid: found.uid.as_raw(),
                    gid: found.gid.as_raw(),
                    switch: true,
                });
            }
        }
        Err(Error::Unusable(
            "PostgreSQL does not run as root, and there is no user postgres or nobody that could \
             run it: start Reeltime as an unprivileged user"
                .into(),
        ))
    }

    /// The program as this user: no terminal, none of our environment, a process group of its own
    /// (Ctrl-C in the terminal reaches us alone, and we shut the server down in order).
    pub fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(directory)
            .stdin(Stdio::null())
            .env_clear()
            // Messages in English, which we quote; macOS's PostgreSQL insists on a valid locale.
            .env("LC_ALL", "C")
            .process_group(0);
        for variable in PASSED_ON {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        if self.switch {
            // `uid` as root also clears the supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// The first directory on an absolute path that this user cannot enter.
    pub fn barrier(&self, path: &Path) -> Option<PathBuf> {
        if !self.switch {
            return None; // Our own file operations will say so.
        }
        let mut ancestors: Vec<&Path> = path.ancestors().collect();
        ancestors.reverse();
        let barrier = ancestors.into_iter().find(|directory| {
            fs::metadata(directory).is_ok_and(|metadata| !self.permitted(&metadata))
        })?;
        // Permission bits are not all (access control lists): only an attempt tells.
        let entered = self
            .command(Path::new("/bin/sh"), barrier)
            .args(["-c", ":"])
            .status();
        match entered {
            Ok(_) => None,
            Err(_) => Some(barrier.to_owned()),
        }
    }

    fn permitted(&self, directory: &Metadata) -> bool {
        let bit = if directory.uid() == self.uid {
            0o100
        } else if directory.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        directory.mode() & bit != 0
    }
}

fn name(uid: u32) -> String {
    match unistd::User::from_uid(uid.into()) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}
