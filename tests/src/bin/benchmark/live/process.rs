//! A node in a process of its own, as it is in production: to be looked at from outside, to be
//! killed and to be stopped.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use nix::sys::signal::Signal;
use sealing::MasterKeys;
use sqlx::postgres::PgConnectOptions;
use tests::process::{DataDir, Process, free_port};
use web::settings::Settings;

/// With this argument first, this program is `reeltime` with the arguments that follow.
const NODE: &str = "node";
const PAGE_BYTES: u64 = 4_096;
const TICKS_PER_SECOND: f64 = 100.0;

pub fn is_asked_for() -> bool {
    std::env::args().nth(1).as_deref() == Some(NODE)
}

pub async fn serve() -> anyhow::Result<()> {
    let arguments = std::env::args().skip(1);
    web::run::run(Settings::try_parse_from(arguments)?).await
}

pub struct Node {
    process: Process,
    pub address: SocketAddr,
    metrics: String,
    _keys: DataDir,
}

impl Node {
    /// On the database of these options.
    pub async fn start(options: &PgConnectOptions) -> anyhow::Result<Node> {
        let keys = DataDir::new();
        let socket = options.get_socket().context("a private PostgreSQL")?;
        let database = format!(
            "postgres://{}@localhost/{}?host={}",
            options.get_username(),
            options.get_database().context("a database")?,
            socket.display()
        );
        let metrics = format!("127.0.0.1:{}", free_port());
        let key = MasterKeys::text(&tests::MASTER_KEY);
        let arguments = [
            ["--database-url", &database],
            ["--master-key", &key],
            ["--metrics-listen", &metrics],
        ];
        let mut program = Command::new(std::env::current_exe()?);
        program.arg(NODE);
        let process = Process::spawn(program, free_port(), &keys, arguments.as_flattened()).await;
        let address = process.url.trim_start_matches("http://").parse()?;
        Ok(Node {
            process,
            address,
            metrics,
            _keys: keys,
        })
    }

    pub fn kill(self) {
        self.process.kill();
    }

    pub fn begin_to_stop(&self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// Until it has ended by itself.
    pub async fn ended(self) -> anyhow::Result<()> {
        let ended = tokio::task::spawn_blocking(move || self.process.wait()).await?;
        anyhow::ensure!(ended.success(), "the node ended with {ended}");
        Ok(())
    }

    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id()))?;
        let pages = pages.split(' ').nth(1).context("resident pages")?;
        Ok(pages.parse::<u64>()? * PAGE_BYTES)
    }

    /// So far.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit(')').next().context("fields behind the name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = fields[12].parse::<f64>()? + fields[13].parse::<f64>()?;
        Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
    }

    /// A counter of its metrics, over all labels.
    pub async fn counted(&self, name: &str) -> anyhow::Result<f64> {
        let text = reqwest::get(format!("http://{}/metrics", self.metrics)).await?;
        let text = text.text().await?;
        let lines = text.lines().filter(|line| line.starts_with(name));
        let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        Ok(values.sum())
    }
}
