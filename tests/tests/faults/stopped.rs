//! A node that is stopped (`SIGSTOP`) with whatever it holds, longer than every lease
//! and timeout, and then goes on as if nothing had been (`SIGCONT`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::Cluster;
use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use tests::process::{DataDir, Process};
use tests::{database, seed};

use super::{PLENTY, Writer, check_acknowledged, check_log, films, sign_up, write};

/// Longer than a lease (5 s) and the longest commit (10 s), and as long again for the other
/// node to show that it goes on.
const STOPPED: Duration = Duration::from_secs(25);

/// Writes until all films are reviewed or told to stop, with everyone at once.
async fn write_all(writers: &mut [Writer], url: &str, films: &[String], stop: &AtomicBool) {
    let writing = writers
        .iter_mut()
        .map(|writer| write(writer, url, films, stop));
    futures::future::join_all(writing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_stopped_beyond_every_timeout_holds_up_nobody_and_breaks_nothing_when_it_goes_on() {
    let mut random = StdRng::seed_from_u64(seed());
    let data_dir = DataDir::new();
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let urls = database::urls(&cluster);
    let urls = urls.each_ref().map(String::as_str);
    let arguments = [&PLENTY[..], &urls].concat();
    let stopped = Process::start(&data_dir, &arguments).await;
    let other = Process::start(&data_dir, &arguments).await;
    let client = Client::new();
    let films = films(&client, &other.url).await;
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for number in 0..4 {
        here.push(sign_up(&client, &stopped.url, number).await);
        there.push(sign_up(&client, &other.url, 10 + number).await);
    }
    let never = AtomicBool::default();
    let writing = write_all(&mut here, &stopped.url, &films, &never);
    let meanwhile = async {
        // in the middle of a batch, as often as not
        tokio::time::sleep(Duration::from_millis(random.random_range(100..300))).await;
        stopped.signal(Signal::SIGSTOP);
        let enough = Arc::<AtomicBool>::default();
        let pausing = async {
            tokio::time::sleep(STOPPED).await;
            enough.store(true, Ordering::Relaxed);
        };
        tokio::join!(write_all(&mut there, &other.url, &films, &enough), pausing);
        stopped.signal(Signal::SIGCONT);
    };
    tokio::join!(writing, meanwhile);
    let acknowledged: usize = there.iter().map(|writer| writer.acknowledged.len()).sum();
    assert!(
        acknowledged > 0,
        "the other node waited for the stopped one"
    );

    // whatever was not answered is asked for again, of the node that slept
    let enough = Arc::<AtomicBool>::default();
    let pausing = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        enough.store(true, Ordering::Relaxed);
    };
    tokio::join!(write_all(&mut here, &stopped.url, &films, &enough), pausing);
    let all: Vec<Writer> = here.into_iter().chain(there).collect();
    let acknowledged: usize = all.iter().map(|writer| writer.acknowledged.len()).sum();
    println!("{acknowledged} acknowledged around a node that was stopped for {STOPPED:?}");
    check_acknowledged(&client, &other.url, &all).await;
    assert!(stopped.stop().success() && other.stop().success());
    cluster.stop().await.unwrap();
    check_log(&data_dir).await;
}
