//! Where PostgreSQL's programs are: in `PATH`, else the newest of the places where packages put
//! them. An existing cluster needs the programs of its own major version.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::user::User;

/// `wal_log` database creation, `merge`, `unique nulls not distinct`: older ones are not tested.
const OLDEST: u32 = 15;

/// Directories; `*` stands for any one name.
const PLACES: [&str; 9] = [
    "/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
    "/usr/pgsql-*/bin",                               // PostgreSQL's own packages for Fedora, RHEL
    "/usr/libexec/postgresql*",                       // Alpine
    "/opt/homebrew/opt/postgresql*/bin",              // Homebrew, Apple silicon
    "/usr/local/opt/postgresql*/bin",                 // Homebrew, Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin", // Homebrew, Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin", // from source
    "/usr/local/bin",
];

#[derive(Debug)]
pub(crate) struct Programs {
    directory: PathBuf,
    major: u32,
}

impl Programs {
    pub fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    pub fn major(&self) -> u32 {
        self.major
    }
}

/// `cluster` is the major version of the cluster that they must run, if it exists already.
pub(crate) fn find(user: &User, cluster: Option<u32>) -> Result<Programs, Error> {
    let mut others: Vec<Programs> = installed().filter_map(|place| ask(user, place)).collect();
    others.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    in_path()
        .filter_map(|place| ask(user, place))
        .chain(others)
        .find(|programs| match cluster {
            Some(major) => programs.major == major,
            None => programs.major >= OLDEST,
        })
        .ok_or_else(|| Error::NoPrograms(advice(cluster)))
}

fn in_path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|place| place.is_absolute())
        .collect();
    places.into_iter()
}

fn installed() -> impl Iterator<Item = PathBuf> {
    PLACES.iter().flat_map(|pattern| expand(pattern))
}

/// The existing directories that a pattern with one `*` stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').expect("patterns are absolute");
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

/// `None` when the directory has no server and `initdb`, or not for this user.
fn ask(user: &User, directory: PathBuf) -> Option<Programs> {
    let server = directory.join("postgres");
    if !server.is_file() || !directory.join("initdb").is_file() {
        return None;
    }
    let answer = user
        .command(&server, Path::new("/"))
        .arg("--version")
        .output();
    match answer {
        Ok(output) => Some(Programs {
            major: major(&String::from_utf8_lossy(&output.stdout))?,
            directory,
        }),
        Err(error) => {
            tracing::warn!(
                "{} cannot be run by {}: {error}",
                server.display(),
                user.name
            );
            None
        }
    }
}

/// Of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, `… 18beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..digits].parse().ok()
}

fn advice(cluster: Option<u32>) -> String {
    match cluster {
        Some(major) => format!(
            "this data directory was made by PostgreSQL {major} and needs its programs: install \
             them with `sudo apt install postgresql-{major}` (Debian, Ubuntu), `sudo dnf install \
             postgresql{major}-server` (Fedora) or `brew install postgresql@{major}` (macOS)"
        ),
        None => format!(
            "PostgreSQL {OLDEST} or newer was not found: install it with `sudo apt install \
             postgresql` (Debian, Ubuntu), `sudo dnf install postgresql-server` (Fedora) or `brew \
             install postgresql@17` (macOS), or name a server with --database-url"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 17\n"), Some(17));
        assert_eq!(major("postgres: not found\n"), None);
    }

    #[test]
    fn a_star_stands_for_any_one_name() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir_all(parent.path().join("pgsql-16/bin")).unwrap();
        fs::create_dir_all(parent.path().join("other/bin")).unwrap();
        let pattern = format!("{}/pgsql-*/bin", parent.path().display());
        assert_eq!(expand(&pattern), [parent.path().join("pgsql-16/bin")]);
    }

    #[test]
    fn without_programs_of_its_version_a_cluster_says_what_to_install() {
        let nowhere = Path::new("/nonexistent/cluster");
        let error = find(&User::of(nowhere).unwrap(), Some(9))
            .unwrap_err()
            .to_string();
        assert!(error.contains("apt install postgresql-9"), "{error}");
        assert!(
            error.contains("dnf install") && error.contains("brew install"),
            "{error}"
        );
    }
}
