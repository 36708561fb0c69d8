//! Directories, queries and processes that several tests need. Nothing sleeps blindly: what takes
//! time is polled to a deadline.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Cluster, OWNER};
use nix::sys::signal::kill;
use nix::unistd::{Pid, geteuid};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tempfile::TempDir;

pub const OWNED: &str = "CLUSTER_TEST_OWNED_DIRECTORY";
const PATIENCE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// A parent for data directories that the unprivileged user may pass through, on a short path.
pub fn parent() -> TempDir {
    let parent = tempfile::Builder::new()
        .prefix("rt")
        .tempdir_in("/tmp")
        .unwrap();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
    parent
}

pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs a query that answers with one text.
pub async fn ask(options: &PgConnectOptions, query: &str) -> String {
    let mut connection = options.connect().await.unwrap();
    ask_on(&mut connection, query).await
}

pub async fn ask_on(connection: &mut PgConnection, query: &str) -> String {
    sqlx::query(AssertSqlSafe(query))
        .fetch_one(connection)
        .await
        .unwrap()
        .get(0)
}

pub async fn run(options: &PgConnectOptions, statement: &str) {
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
}

/// One row that later starts must still find.
pub async fn note(options: &PgConnectOptions, what: &str) {
    run(
        &options.clone().username(OWNER),
        &format!(
            "create table if not exists notes (what text); insert into notes values ('{what}')"
        ),
    )
    .await;
}

pub async fn notes(options: &PgConnectOptions) -> String {
    ask(
        &options.clone().username(OWNER),
        "select string_agg(what, ' ' order by what) from notes",
    )
    .await
}

pub async fn start(data_dir: &Path) -> Cluster {
    Cluster::start(data_dir).await.unwrap()
}

pub fn server_pid(data_dir: &Path) -> Pid {
    let file = fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    Pid::from_raw(file.lines().next().unwrap().parse().unwrap())
}

/// A zombie that waits for its parent counts as gone.
pub fn is_alive(pid: Pid) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.contains(") Z"),
        Err(_) if Path::new("/proc/self").exists() => false,
        Err(_) => kill(pid, None).is_ok(),
    }
}

pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Another process that starts the cluster and holds it until it is killed: this test binary
/// again, running `kills::an_owner_process_holds_a_cluster` alone.
pub struct Owner(Child);

impl Owner {
    pub fn of(data_dir: &Path) -> Owner {
        Owner::run(Command::new(std::env::current_exe().unwrap()), data_dir)
    }

    /// As root in a container is: not permitted to look at the processes of other users.
    pub fn in_a_container(data_dir: &Path) -> Owner {
        let mut command = Command::new("setpriv");
        command
            .args(["--bounding-set", "-sys_ptrace"])
            .arg(std::env::current_exe().unwrap());
        Owner::run(command, data_dir)
    }

    /// The umask belongs to a whole process, so not to a test.
    pub fn with_closed_umask(data_dir: &Path) -> Owner {
        let mut command = Command::new("sh");
        command
            .args(["-c", "umask 077; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap());
        Owner::run(command, data_dir)
    }

    fn run(mut command: Command, data_dir: &Path) -> Owner {
        let mut child = command
            .args([
                "--exact",
                "kills::an_owner_process_holds_a_cluster",
                "--nocapture",
            ])
            .env(OWNED, data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let ready = said.lines().any(|line| line.unwrap().contains("holding"));
        assert!(ready, "the owner ended instead of starting the cluster");
        Owner(child)
    }

    /// `kill -9`, which `Child::kill` sends.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Nothing is left to do after `kill`.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
