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

use super::{
    PLENTY, Writer, acknowledged, check_acknowledged, check_log, films, sign_up_all, write_all,
};

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
    let mut all = Vec::new();
    for round in 0..tests::faults() {
        // whoever has the leases: the other one takes them
        let (stopped, other) = (&nodes[round % 2], &nodes[(round + 1) % 2]);
        let number = round * 2 * WRITERS;
        let here = sign_up_all(&client, &stopped.url, number..number + WRITERS);
        let mut here = here.await;
        let there = sign_up_all(&client, &other.url, number + WRITERS..number + 2 * WRITERS);
        let mut there = there.await;
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
            acknowledged(&there) > 0,
            "the other node waited for the stopped one"
        );
        // whatever was not answered is asked for again, of the node that slept
        write_for(AWAKE, &mut here, &stopped.url, &films).await;
        all.extend(here.into_iter().chain(there));
    }
    check_acknowledged(&client, &nodes[0].url, &all).await;
    for node in nodes {
        assert!(node.stop().success());
    }
    cluster.stop().await.unwrap();
    let events = check_log(&data_dir).await;
    println!(
        "{events} events; {} times a node was stopped for {STOPPED:?}; \
         {} reviews acknowledged, 0 lost, 0 doubled",
        tests::faults(),
        acknowledged(&all)
    );
}
