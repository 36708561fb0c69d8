//! A real `reeltime` process with a private PostgreSQL of its own, to be killed.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{letters, secrets};

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// So many that no test meets them by chance; all of a test's clients have one address.
const PLENTY: [&str; 4] = [
    "--reads-per-minute=1000000",
    "--member-reads-per-minute=1000000",
    "--member-writes-per-minute=1000000",
    "--live-connections-per-address=1000000",
];

/// Of the processes, in their data directory.
const LOG: &str = "reeltime.log";

/// A supervisor gives up after so many.
const STARTS: usize = 10;

pub struct Process {
    child: Child,
    pub url: String,
}

/// A data directory that goes with its value, and the PostgreSQL in it.
pub struct DataDir(TempDir);

impl DataDir {
    pub fn new() -> DataDir {
        let directory = tempfile::Builder::new()
            .prefix("reeltime-test-")
            .tempdir_in("/tmp");
        let directory = directory.expect("a temporary directory");
        crate::database::open_to_others(directory.path()).expect("its permissions are ours");
        DataDir(directory)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// What processes with this directory have logged.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(self.path().join(LOG)).unwrap_or_default()
    }

    fn log(&self) -> File {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path().join(LOG));
        log.expect("its directory is ours")
    }
}

/// What a private PostgreSQL has logged is kept, and so is what no log may hold.
impl Drop for DataDir {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.logged());
        }
        for log in [LOG, "postgres.log"] {
            secrets::keep(&self.path().join(log));
        }
        for key in ["master-key", "checkpoint.key"] {
            let text = std::fs::read_to_string(self.path().join(key)).unwrap_or_default();
            text.split_whitespace().for_each(secrets::remember);
        }
        let letters = letters::in_folder(&self.path().join("mail"));
        let linking = letters
            .iter()
            .filter(|letter| letter.text.contains("token="));
        linking.for_each(|letter| drop(letter.token()));
    }
}

impl Default for DataDir {
    fn default() -> Self {
        DataDir::new()
    }
}

/// The program, as `cargo build` leaves it beside the tests.
///
/// # Panics
/// When it was not built.
pub fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a test is a program");
    let folders = here.ancestors().skip(1).take(2);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built: run the tests with `cargo run -p tests`"))
}

impl Process {
    /// Starts it and waits until it is ready.
    pub async fn start(data_dir: &DataDir, arguments: &[&str]) -> Process {
        Process::start_on(free_port(), data_dir, arguments).await
    }

    /// The same at this port, where it may have been before.
    pub async fn start_on(port: u16, data_dir: &DataDir, arguments: &[&str]) -> Process {
        let program = Command::new(program("reeltime"));
        Process::spawn(program, port, data_dir, arguments).await
    }

    /// The same of another program that takes its arguments.
    pub async fn spawn(
        program: Command,
        port: u16,
        data_dir: &DataDir,
        arguments: &[&str],
    ) -> Process {
        let mut process = Process::begin(program, port, data_dir, arguments);
        assert!(process.is_ready().await, "reeltime ended while starting");
        process
    }

    /// Starts it, and starts it again when it ends by itself, as a supervisor does.
    pub async fn keep_starting(data_dir: &DataDir, arguments: &[&str]) -> Process {
        for _ in 0..STARTS {
            let program = Command::new(program("reeltime"));
            let mut process = Process::begin(program, free_port(), data_dir, arguments);
            if process.is_ready().await {
                return process;
            }
        }
        panic!("reeltime does not start");
    }

    fn begin(mut program: Command, port: u16, data_dir: &DataDir, arguments: &[&str]) -> Process {
        // the tests' clients need the cipher suites that this installs
        drop(web::outgoing::client());
        let keeps = std::env::var_os(secrets::FOLDER).is_some();
        let log = if keeps { secrets::DEBUG } else { "info" };
        let child = program
            .arg("--data-dir")
            .arg(data_dir.path())
            .args(["--listen", &format!("127.0.0.1:{port}"), "--log", log])
            .args(PLENTY)
            .args(arguments)
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(data_dir.log())
            .spawn()
            .expect("the program starts");
        Process {
            child,
            url: format!("http://127.0.0.1:{port}"),
        }
    }

    /// Waits until it is; false: it has ended.
    async fn is_ready(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        let client = reqwest::Client::new();
        loop {
            let health = client
                .get(format!("{}/health/ready", self.url))
                .send()
                .await;
            if health.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                println!("reeltime ended while starting: {status}");
                return false;
            }
            assert!(Instant::now() < deadline, "reeltime is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `kill -9`.
    pub fn kill(self) {
        drop(self);
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id");
        let pid = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(pid, signal).expect("it is our child");
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(self) -> std::process::ExitStatus {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// When it does not.
    pub async fn ends(&mut self) -> std::process::ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            assert!(Instant::now() < deadline, "reeltime does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end.
    pub fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().expect("it is our child")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
