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

use super::{PLENTY, check_acknowledged, check_log, films, sign_up, write};

const PATIENCE: Duration = Duration::from_secs(60);

/// A file system of its own for a data directory, in memory and small.
struct SmallDisk(DataDir);

impl SmallDisk {
    /// `None` where the machine lets nobody mount.
    fn mount() -> Option<SmallDisk> {
        let directory = DataDir::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=240m,mode=755", "tmpfs"])
            .arg(directory.path())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| SmallDisk(directory))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// To the last byte.
    fn fill(&self) {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_loses_nothing_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        println!("left out: this machine lets nobody mount a small disk");
        return;
    };
    let process = Process::start(&disk.0, &PLENTY).await;
    let client = Client::new();
    let films = films(&client, &process.url).await;
    let mut writers = Vec::new();
    for number in 0..2 {
        writers.push(sign_up(&client, &process.url, number).await);
    }
    let filling = sign_up(&client, &process.url, 9).await;
    for round in 0..3 {
        let enough = AtomicBool::default();
        let before: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
        let writing = writers
            .iter_mut()
            .map(|writer| write(writer, &process.url, &films, &enough));
        let harm = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            disk.fill();
            until_refused(&client, &process.url, &filling.token, &films).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            disk.make_room();
            // it is taken again, without anybody's help
            let deadline = Instant::now() + PATIENCE;
            let film = &films[round];
            loop {
                let review = client
                    .put(format!("{}/api/v1/films/{film}/review", process.url))
                    .bearer_auth(&filling.token)
                    .json(&serde_json::json!({"rating": 4.0, "text": "There is room."}))
                    .send();
                if review
                    .await
                    .is_ok_and(|answer| answer.status().is_success())
                {
                    break;
                }
                assert!(Instant::now() < deadline, "nothing is taken any more");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            enough.store(true, Ordering::Relaxed);
        };
        tokio::join!(futures::future::join_all(writing), harm);
        let after: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
        println!(
            "round {round}: {} acknowledged around a full disk",
            after - before
        );
        assert!(after > before);
    }
    check_acknowledged(&client, &process.url, &writers).await;
    assert!(process.stop().success());
    check_log(&disk.0).await;
}
