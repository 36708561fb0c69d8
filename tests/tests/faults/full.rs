//! A disk that gets full, and has room again. A real one wants somebody who may mount it; here a
//! library stands between the programs and their files (`full_disk.c`), on whatever machine.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Client;
use tests::process::{DataDir, Process, free_port, program};
use tokio::time::Instant;

use super::writers::{acknowledged, settle_all, sign_up, sign_up_all, times, write_all};
use super::{PLENTY, check_log, films};

const PATIENCE: Duration = Duration::from_secs(60);
/// Times that the disk is full, under the same writers.
const ROUNDS: usize = 3;
const WRITERS: usize = 2;

/// Under a data directory, for the programs that are started with its library.
struct Disk {
    directory: DataDir,
    library: PathBuf,
}

impl Disk {
    fn new() -> Disk {
        let directory = DataDir::new();
        // as the kernel calls it
        let path = std::fs::canonicalize(directory.path()).unwrap();
        let [source, library] = ["full_disk.c", "full_disk.so"].map(|name| path.join(name));
        std::fs::write(&source, include_str!("full_disk.c")).unwrap();
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg(format!("-DDISK=\"{}\"", path.display()))
            .status();
        assert!(compiled.unwrap().success(), "full_disk.c does not compile");
        Disk { directory, library }
    }

    /// Reeltime on it, and with it the PostgreSQL that it starts.
    async fn start(&self) -> Process {
        let mut reeltime = Command::new(program("reeltime"));
        reeltime.env("LD_PRELOAD", &self.library);
        Process::spawn(reeltime, free_port(), &self.directory, &PLENTY).await
    }

    fn flag(&self) -> PathBuf {
        self.directory.path().join("full")
    }

    /// To the last byte, also of what new connections read when it is there, and else write.
    fn fill(&self) {
        File::create(self.flag()).unwrap();
        let databases = self.directory.path().join("postgres/base");
        for database in std::fs::read_dir(databases).unwrap() {
            let caches = database.unwrap().path().join("pg_internal.init");
            if let Err(error) = std::fs::remove_file(caches) {
                assert_eq!(error.kind(), ErrorKind::NotFound);
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.flag()).unwrap();
    }
}

/// Asks for reviews until one is refused as not possible now.
async fn until_refused(client: &Client, url: &str, token: &str, films: &[String]) {
    let deadline = Instant::now() + PATIENCE;
    for film in films.iter().rev().cycle() {
        assert!(Instant::now() < deadline, "a full disk takes everything");
        let answer = client
            .put(format!("{url}/api/v1/films/{film}/review"))
            .bearer_auth(token)
            .json(&serde_json::json!({"rating": 3.0, "text": "Long. ".repeat(500)}))
            .send()
            .await
            .unwrap();
        if answer.status() == 503 {
            let problem: serde_json::Value = answer.json().await.unwrap();
            assert!(problem["title"].is_string(), "{problem}");
            return;
        }
        assert!(answer.status().is_success(), "{answer:?}");
    }
}

/// It is taken again, without anybody's help.
async fn until_taken(client: &Client, url: &str, token: &str, film: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let review = client
            .put(format!("{url}/api/v1/films/{film}/review"))
            .bearer_auth(token)
            .json(&serde_json::json!({"rating": 4.0, "text": "There is room."}))
            .send();
        let answer = review.await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        assert!(Instant::now() < deadline, "nothing is taken any more");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    let disk = Disk::new();
    let process = disk.start().await;
    let (client, url) = (Client::new(), &process.url);
    let films = films(&client, url).await;
    let filling = sign_up(&client, url, 0).await.token;
    let mut writers = sign_up_all(&client, url, 1..WRITERS * times() + 1).await;
    let rounds = ROUNDS * tests::faults();
    for round in 0..rounds {
        let enough = AtomicBool::default();
        let before = acknowledged(&writers);
        let harm = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            disk.fill();
            until_refused(&client, url, &filling, &films).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            disk.make_room();
            until_taken(&client, url, &filling, &films[round % films.len()]).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            enough.store(true, Ordering::Relaxed);
        };
        tokio::join!(write_all(&mut writers, url, &films, &enough), harm);
        assert!(acknowledged(&writers) > before, "round {round}");
    }
    settle_all(&mut writers, url, &films).await.unwrap();
    assert!(process.stop().success());
    let events = check_log(&disk.directory, (&writers, &films)).await;
    println!(
        "{events} events; {rounds} times the disk was full; {} commands acknowledged, 0 lost, 0 doubled",
        acknowledged(&writers)
    );
}
