//! A disk that gets full, and has room again.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Client;
use tests::process::{DataDir, Process};
use tokio::time::Instant;

use super::writers::{acknowledged, settle_all, sign_up, sign_up_all, times, write_all};
use super::{PLENTY, check_log, films};

const PATIENCE: Duration = Duration::from_secs(60);
/// Times that the disk is full, under the same writers.
const ROUNDS: usize = 3;
const WRITERS: usize = 2;
/// Of the disk: what so much leaves of it, and its write-ahead log.
const MEGABYTES: usize = 240;

/// A file system of its own for a data directory, in memory and small.
struct SmallDisk(DataDir);

impl SmallDisk {
    /// `None` where the machine lets nobody mount.
    fn mount() -> Option<SmallDisk> {
        let directory = DataDir::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={}m,mode=755", MEGABYTES * tests::faults()))
            .arg("tmpfs")
            .arg(directory.path())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| SmallDisk(directory))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// To the last byte, also of what new connections read when it is there, and else write.
    fn fill(&self) {
        for database in std::fs::read_dir(self.0.path().join("postgres/base")).unwrap() {
            let caches = database.unwrap().path().join("pg_internal.init");
            if let Err(error) = std::fs::remove_file(caches) {
                assert_eq!(error.kind(), ErrorKind::NotFound);
            }
        }
        let mut filler = File::create(self.filler()).unwrap();
        for piece in [1 << 20, 1 << 12, 1] {
            let piece = vec![0; piece];
            let full = loop {
                if let Err(error) = filler.write_all(&piece) {
                    break error;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull);
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
        // the directory behind it goes with its value
        drop(unmounted);
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
    let Some(disk) = SmallDisk::mount() else {
        println!("left out: this machine lets nobody mount a small disk");
        return;
    };
    let process = Process::start(&disk.0, &PLENTY).await;
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
    settle_all(&mut writers, url, &films).await;
    assert!(process.stop().success());
    let events = check_log(&disk.0, (&writers, &films)).await;
    println!(
        "{events} events; {rounds} times the disk was full; {} commands acknowledged, 0 lost, 0 doubled",
        acknowledged(&writers)
    );
}
