//! What is acknowledged stays, whatever is killed or stopped.
//!
//! `FAULTS=4` kills, stops and fills the disk four times as often, and lets many more write between two
//! kills for longer: some 240,000 events in six minutes, with programs that are built with `--release`.

mod full;
mod severed;
mod stopped;
mod vault;
mod writers;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::Cluster;
use event_log::verify::{Readers, Signatures, verify};
use event_log::{Keyring, Master, Recorded};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::process::{DataDir, Process};
use tests::{database, seed};

use writers::{Writer, acknowledged, settle_all, sign_up, sign_up_all, times, write_all};

/// Of a node, under the same writers.
const KILLS: usize = 20;
/// Of them those that take PostgreSQL along.
const EVERY_FIFTH: usize = 5;
const WRITERS: usize = 3;
/// Between two kills; the longer, the more there is to be lost.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_millis(600);
const PLENTY: [&str; 6] = [
    "--writes-per-minute",
    "1000000",
    "--sign-ins-per-minute",
    "1000000",
    "--sign-ups-per-hour",
    "1000000",
];

async fn films(client: &Client, url: &str) -> Vec<String> {
    let mut films = Vec::new();
    let mut after = String::new();
    loop {
        let page = format!("{url}/api/v1/films?sort=newest&limit=100&cursor={after}");
        let page: Value = client.get(page).send().await.unwrap().json().await.unwrap();
        let items = page["items"].as_array().unwrap();
        films.extend(
            items
                .iter()
                .map(|film| film["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return films,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_writes_lose_nothing_that_was_acknowledged_and_double_nothing() {
    let mut random = StdRng::seed_from_u64(seed());
    let data_dir = DataDir::new();
    let mut process = Process::start(&data_dir, &PLENTY).await;
    let client = Client::new();
    let films = films(&client, &process.url).await;
    assert!(films.len() > 300, "the starter catalogue is not there");
    let mut writers = sign_up_all(&client, &process.url, 0..WRITERS * times()).await;
    let kills = KILLS * tests::faults();
    let longest = LONGEST * u32::try_from(times()).unwrap();
    for number in 0..kills {
        let after = random.random_range(SHORTEST..longest);
        kill(process, after, (&mut writers, &films)).await;
        if (number + 1) % EVERY_FIFTH == 0 {
            kill_postgres(&data_dir);
        }
        process = Process::start(&data_dir, &PLENTY).await;
    }
    assert!(
        acknowledged(&writers) > kills,
        "hardly anything was written"
    );
    let settled = settle_all(&mut writers, &process.url, &films).await;
    settled.unwrap();
    assert!(process.stop().success());
    let events = check_log(&data_dir, (&writers, &films)).await;
    println!(
        "{events} events; {kills} kills of a node, {} of PostgreSQL with it; \
         {} commands acknowledged, 0 lost, 0 doubled",
        kills / EVERY_FIFTH,
        acknowledged(&writers)
    );
}

/// `kill -9` of a node that is written to, after a while.
async fn kill(process: Process, after: Duration, (writers, films): (&mut [Writer], &[String])) {
    let stop = AtomicBool::default();
    let url = process.url.clone();
    let killing = async {
        tokio::time::sleep(after).await;
        process.kill();
        stop.store(true, Ordering::Relaxed);
    };
    tokio::join!(write_all(writers, &url, films, &stop), killing);
}

/// The deliberately broken log: its commits wait for no disk. What was acknowledged shortly before
/// PostgreSQL is killed is lost, and the same check misses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_waits_for_no_disk_is_rejected_by_the_same_check() {
    let data_dir = DataDir::new();
    let mut process = Process::start(&data_dir, &PLENTY).await;
    let client = Client::new();
    let films = films(&client, &process.url).await;
    let mut writers = sign_up_all(&client, &process.url, 0..WRITERS).await;
    wait_for_no_disk(&data_dir).await;
    let mut verdict = Ok(());
    for _ in 0..KILLS {
        kill(process, LONGEST, (&mut writers, &films)).await;
        kill_postgres(&data_dir);
        process = Process::start(&data_dir, &PLENTY).await;
        verdict = settle_all(&mut writers, &process.url, &films).await;
        if verdict.is_err() {
            break;
        }
    }
    assert!(process.stop().success());
    assert!(verdict.is_err(), "the check accepted lost commands");
}

async fn wait_for_no_disk(data_dir: &DataDir) {
    let running = Cluster::connect(data_dir.path()).await.unwrap();
    let owner = running.expect("it runs").username(cluster::OWNER);
    let owner = PgPool::connect_with(owner).await.unwrap();
    let no_disk = "\nbegin\n    perform set_config('synchronous_commit', 'off', true);\n";
    database::break_append(&owner, "\nbegin\n", no_disk).await;
    owner.close().await;
}

/// With the server stopped: everything was recorded once, the log is sound, and the tables are what it
/// says. Gives its length.
async fn check_log(data_dir: &DataDir, (writers, films): (&[Writer], &[String])) -> i64 {
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let pool = PgPool::connect_with(cluster.connect_options())
        .await
        .unwrap();
    for writer in writers {
        writer.check_events(&pool, films).await;
    }
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (select stream from log.events where event_type = 'review.posted'
                               group by stream having count(*) > 1) as twice",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(twice, 0);
    let signatures = Signatures::default();
    let read = |_: &Recorded| Ok(());
    let log = verify(
        &pool,
        Readers::new(NonZeroUsize::MIN),
        &signatures,
        read,
        |_, _| {},
    );
    let log = log.await.unwrap();
    assert!(log.is_sound(), "{log:#?}");
    let master = Master::File(data_dir.path().join("master-key"));
    let keyring = Keyring::open(pool.clone(), master).await.unwrap();
    let verdict = projections::verify(&pool, &keyring, projections::Pace::Full, |_| {}).await;
    let verdict = verdict.unwrap();
    assert!(verdict.differences.is_empty(), "{verdict:#?}");
    pool.close().await;
    cluster.stop().await.unwrap();
    log.head
}

/// `kill -9` of the PostgreSQL of this directory, too.
fn kill_postgres(data_dir: &DataDir) {
    let pid = std::fs::read_to_string(data_dir.path().join("postgres/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::SIGKILL).unwrap();
}

/// A server that is not ours to restart: the private cluster of another directory,
/// stopped and started again under a Reeltime that only has its address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_everything_answers_503_and_goes_on_when_it_is_back() {
    let (database_dir, data_dir) = (DataDir::new(), DataDir::new());
    let cluster = Cluster::start(database_dir.path()).await.unwrap();
    let urls = database::urls(&cluster);
    let urls = urls.each_ref().map(String::as_str);
    let arguments = [&PLENTY[..], &urls].concat();
    let process = Process::start(&data_dir, &arguments).await;
    let client = Client::builder()
        .timeout(Duration::from_secs(12))
        .build()
        .unwrap();
    let films = films(&client, &process.url).await;
    let writer = sign_up(&client, &process.url, 0).await;
    write_one(&client, &process, &writer, &films[0])
        .await
        .unwrap();

    cluster.stop().await.unwrap();
    let address = &process.url;
    for path in ["/", "/api/v1/films?sort=newest", "/health/ready"] {
        let answer = client.get(format!("{address}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 503, "{path}");
        assert!(answer.headers().contains_key("retry-after"), "{path}");
    }
    let refused = write_one(&client, &process, &writer, &films[1])
        .await
        .unwrap_err();
    assert_eq!(refused, 503);
    let alive = client
        .get(format!("{address}/health/live"))
        .send()
        .await
        .unwrap();
    assert_eq!(alive.status(), 200);

    let cluster = Cluster::start(database_dir.path()).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while write_one(&client, &process, &writer, &films[1])
        .await
        .is_err()
    {
        assert!(tokio::time::Instant::now() < deadline, "it does not go on");
    }
    let page = client
        .get(format!("{address}/films/{}", films[1]))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    assert!(process.stop().success());
    cluster.stop().await.unwrap();
}

async fn write_one(
    client: &Client,
    process: &Process,
    writer: &Writer,
    film: &str,
) -> Result<(), u16> {
    let answer = client
        .put(format!("{}/api/v1/films/{film}/review", process.url))
        .bearer_auth(&writer.token)
        .header("Idempotency-Key", format!("review of {film}"))
        .json(&json!({"rating": 4.5, "text": "Written before the power went."}))
        .send()
        .await
        .unwrap();
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(answer.status().as_u16())
    }
}
