//! A database that lost commits under a node: a backup was restored, or the server that took over
//! was behind. Who has seen them ends and says why, and adds nothing to what is there now.

use std::process::Command;
use std::time::Duration;

use cluster::Cluster;
use nix::sys::signal::Signal;
use reqwest::Client;
use sqlx::PgPool;
use tests::process::{DataDir, Process};
use tests::{database, until};

use super::writers::{Writer, sign_up};
use super::{PLENTY, check_log, films, write_one};

const SENTENCE: &str = "reeltime: the database lost commits that were seen: start again";

/// A node, what it has seen of a log, and a backup from before.
struct Stage {
    data_dir: DataDir,
    arguments: Vec<String>,
    node: Process,
    client: Client,
    films: Vec<String>,
    writer: Writer,
    /// Where the log stood in the backup, and where the node has seen it.
    backup: i64,
    seen: i64,
}

fn run(program: &str, arguments: &[&str], data_dir: &DataDir) {
    let mut command = Command::new(program);
    let status = command
        .args(arguments)
        .current_dir(data_dir.path())
        .status();
    assert!(status.unwrap().success(), "{program} {arguments:?}");
}

async fn head(cluster: &Cluster) -> i64 {
    let pool = PgPool::connect_with(cluster.connect_options())
        .await
        .unwrap();
    let head = event_log::head(&pool).await.unwrap();
    pool.close().await;
    head.position
}

impl Stage {
    async fn set() -> (Stage, Cluster) {
        let data_dir = DataDir::new();
        let cluster = Cluster::start(data_dir.path()).await.unwrap();
        let urls = database::urls(&cluster);
        let plenty = PLENTY.map(str::to_owned);
        let arguments: Vec<String> = plenty.into_iter().chain(urls).collect();
        let node = start(&data_dir, &arguments).await;
        let client = Client::new();
        let films = films(&client, &node.url).await;
        let writer = sign_up(&client, &node.url, 0).await;
        write_one(&client, &node, &writer, &films[0]).await.unwrap();
        let backup = head(&cluster).await;
        cluster.stop().await.unwrap();
        run("cp", &["-a", "postgres", "backup"], &data_dir);
        let cluster = Cluster::start(data_dir.path()).await.unwrap();
        for film in &films[1..3] {
            let written = || async { write_one(&client, &node, &writer, film).await.is_ok() };
            until("it goes on", written).await;
        }
        let seen = head(&cluster).await;
        assert!(seen > backup);
        let stage = Stage {
            data_dir,
            arguments,
            node,
            client,
            films,
            writer,
            backup,
            seen,
        };
        (stage, cluster)
    }

    async fn restore(&self, cluster: Cluster) -> Cluster {
        cluster.stop().await.unwrap();
        run("rm", &["-r", "postgres"], &self.data_dir);
        run("mv", &["backup", "postgres"], &self.data_dir);
        Cluster::start(self.data_dir.path()).await.unwrap()
    }

    /// Asks the node to take a review until it is gone; says how often it refused.
    async fn ask_in_vain(&self) -> usize {
        let review = format!("{}/api/v1/films/{}/review", self.node.url, self.films[3]);
        let asking = || {
            let asking = self.client.put(&review).bearer_auth(&self.writer.token);
            asking.json(&serde_json::json!({"rating": 3.5, "text": "Behind what is lost."}))
        };
        let mut refused = 0;
        while let Ok(answer) = asking().send().await {
            assert_eq!(answer.status(), 503);
            refused += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        refused
    }

    /// The node ends and says why.
    async fn ends(&mut self) {
        let status = self.node.ends().await;
        assert_eq!(status.code(), Some(1));
        assert_eq!(self.data_dir.logged().matches(SENTENCE).count(), 1);
    }
}

async fn start(data_dir: &DataDir, arguments: &[String]) -> Process {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Process::start(data_dir, &arguments).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_database_was_restored_from_a_backup_ends_and_says_why() {
    let (mut stage, cluster) = Stage::set().await;
    let (cluster, refused) = tokio::join!(stage.restore(cluster), stage.ask_in_vain());
    assert!(refused > 0, "nothing was asked");
    stage.ends().await;
    assert_eq!(head(&cluster).await, stage.backup);

    // started anew, it goes on from what is there
    stage.node = start(&stage.data_dir, &stage.arguments).await;
    for film in &stage.films[1..3] {
        let written = write_one(&stage.client, &stage.node, &stage.writer, film);
        written.await.unwrap();
    }
    assert!(stage.node.stop().success());
    cluster.stop().await.unwrap();
    check_log(&stage.data_dir, (&[], &stage.films)).await;
}

/// It slept meanwhile, and the log is longer by now than it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_slept_through_a_failover_ends_and_adds_nothing_to_what_others_wrote() {
    let (mut stage, cluster) = Stage::set().await;
    stage.node.signal(Signal::SIGSTOP);
    let cluster = stage.restore(cluster).await;
    let other = start(&stage.data_dir, &stage.arguments).await;
    for film in stage.films.iter().rev().take(6) {
        let written = write_one(&stage.client, &other, &stage.writer, film);
        written.await.unwrap();
    }
    let now = head(&cluster).await;
    assert!(now > stage.seen, "the log is not as long as it was");
    let waking = async { stage.node.signal(Signal::SIGCONT) };
    tokio::join!(stage.ask_in_vain(), waking);
    stage.ends().await;
    assert_eq!(head(&cluster).await, now);

    let written = write_one(&stage.client, &other, &stage.writer, &stage.films[1]);
    written.await.unwrap();
    assert!(other.stop().success());
    cluster.stop().await.unwrap();
    check_log(&stage.data_dir, (&[], &stage.films)).await;
}
