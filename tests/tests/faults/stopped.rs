//! A node that is stopped (`SIGSTOP`) with whatever it holds, longer than every lease
//! and timeout, and then goes on as if nothing had been (`SIGCONT`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::Cluster;
use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use tests::process::{DataDir, Process};
use tests::{database, seed};

use super::writers::{Writer, acknowledged, settle_all, sign_up_all, times, write_all};
use super::{PLENTY, check_log, films};

/// Longer than a lease (5 s) and the longest commit (10 s), and as long again for the other
/// node to show that it goes on.
const STOPPED: Duration = Duration::from_secs(25);
const AWAKE: Duration = Duration::from_secs(1);
/// At each node.
const WRITERS: usize = 4;

async fn write_for(time: Duration, writers: &mut [Writer], url: &str, films: &[String]) {
    let enough = AtomicBool::default();
    let pausing = async {
        tokio::time::sleep(time).await;
        enough.store(true, Ordering::Relaxed);
    };
    tokio::join!(write_all(writers, url, films, &enough), pausing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_stopped_beyond_every_timeout_holds_up_nobody_and_breaks_nothing_when_it_goes_on() {
    let mut random = StdRng::seed_from_u64(seed());
    let data_dir = DataDir::new();
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let urls = database::urls(&cluster);
    let urls = urls.each_ref().map(String::as_str);
    let arguments = [&PLENTY[..], &urls].concat();
    let nodes = [
        Process::start(&data_dir, &arguments).await,
        Process::start(&data_dir, &arguments).await,
    ];
    let client = Client::new();
    let films = films(&client, &nodes[0].url).await;
    let each = WRITERS * times();
    let mut here = sign_up_all(&client, &nodes[0].url, 0..each).await;
    let mut there = sign_up_all(&client, &nodes[1].url, each..2 * each).await;
    for round in 0..tests::faults() {
        // whoever has the leases: the other one takes them
        let (stopped, other) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let before = acknowledged(&there);
        let never = AtomicBool::default();
        let writing = write_all(&mut here, &stopped.url, &films, &never);
        let meanwhile = async {
            // in the middle of a batch, as often as not
            tokio::time::sleep(Duration::from_millis(random.random_range(100..300))).await;
            stopped.signal(Signal::SIGSTOP);
            write_for(STOPPED, &mut there, &other.url, &films).await;
            stopped.signal(Signal::SIGCONT);
        };
        tokio::join!(writing, meanwhile);
        assert!(
            acknowledged(&there) > before,
            "the other node waited for the stopped one"
        );
        // whatever was not answered is asked for again, of the node that slept
        write_for(AWAKE, &mut here, &stopped.url, &films).await;
        std::mem::swap(&mut here, &mut there);
    }
    here.append(&mut there);
    let settled = settle_all(&mut here, &nodes[0].url, &films).await;
    settled.unwrap();
    for node in nodes {
        assert!(node.stop().success());
    }
    cluster.stop().await.unwrap();
    let events = check_log(&data_dir, (&here, &films)).await;
    println!(
        "{events} events; {} times a node was stopped for {STOPPED:?}; \
         {} commands acknowledged, 0 lost, 0 doubled",
        tests::faults(),
        acknowledged(&here)
    );
}
