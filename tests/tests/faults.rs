//! What is acknowledged stays, whatever is killed or stopped.
//!
//! `FAULTS=10` kills, stops and fills the disk ten times as often.

mod full;
mod severed;
mod stopped;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
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

/// Of a node, under the same writers.
const KILLS: usize = 20;
/// Of them those that take PostgreSQL along.
const EVERY_FIFTH: usize = 5;
const WRITERS: usize = 3;
const PLENTY: [&str; 6] = [
    "--writes-per-minute",
    "1000000",
    "--sign-ins-per-minute",
    "1000000",
    "--sign-ups-per-hour",
    "1000000",
];

/// A member, and the reviews whose posting was acknowledged: film to stars.
struct Writer {
    token: String,
    next: usize,
    acknowledged: HashMap<String, f64>,
}

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

async fn sign_up(client: &Client, url: &str, number: usize) -> Writer {
    let body = json!({
        "name": format!("Writer {number}"),
        "email": format!("{number}@example.org"),
        "password": "correct horse battery",
        "language": "en",
    });
    let answer = client
        .post(format!("{url}/api/v1/members"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    let token = answer["token"].as_str().unwrap().to_owned();
    tests::secrets::remember(&token);
    Writer {
        token,
        next: 0,
        acknowledged: HashMap::new(),
    }
}

async fn sign_up_all(client: &Client, url: &str, numbers: Range<usize>) -> Vec<Writer> {
    let mut writers = Vec::new();
    for number in numbers {
        writers.push(sign_up(client, url, number).await);
    }
    writers
}

fn acknowledged(writers: &[Writer]) -> usize {
    let each = writers.iter().map(|writer| writer.acknowledged.len());
    each.sum()
}

/// With everyone at once.
async fn write_all(writers: &mut [Writer], url: &str, films: &[String], stop: &AtomicBool) {
    let writing = writers
        .iter_mut()
        .map(|writer| write(writer, url, films, stop));
    futures::future::join_all(writing).await;
}

/// Posts review after review until told to stop or the server is gone. The one
/// whose answer did not come is asked for again next time, under the same key.
async fn write(writer: &mut Writer, url: &str, films: &[String], stop: &AtomicBool) {
    let client = Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    while !stop.load(Ordering::Relaxed) && writer.next < films.len() {
        let film = &films[writer.next];
        let stars = f64::from(u8::try_from(writer.next % 10 + 1).unwrap()) / 2.0;
        let answer = client
            .put(format!("{url}/api/v1/films/{film}/review"))
            .bearer_auth(&writer.token)
            .header("Idempotency-Key", format!("review of {film}"))
            .json(&json!({"rating": stars, "text": "Written before the power went."}))
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status().is_success() => {
                writer.acknowledged.insert(film.clone(), stars);
                writer.next += 1;
            }
            Ok(answer) if answer.status() == 503 => {}
            Ok(answer) => panic!("unexpected: {answer:?}"),
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_writes_lose_no_acknowledged_review_and_double_none() {
    let mut random = StdRng::seed_from_u64(seed());
    let data_dir = DataDir::new();
    let mut process = Process::start(&data_dir, &PLENTY).await;
    let client = Client::new();
    let films = films(&client, &process.url).await;
    assert!(films.len() > 300, "the starter catalogue is not there");
    let (mut writers, kills) = (Vec::new(), KILLS * tests::faults());
    for kill in 0..kills {
        if kill % KILLS == 0 {
            let numbers = writers.len()..writers.len() + WRITERS;
            writers.extend(sign_up_all(&client, &process.url, numbers).await);
        }
        let newest = writers.len() - WRITERS;
        let stop = Arc::<AtomicBool>::default();
        let url = process.url.clone();
        let killing = async {
            tokio::time::sleep(Duration::from_millis(random.random_range(50..600))).await;
            process.kill();
            stop.store(true, Ordering::Relaxed);
        };
        tokio::join!(
            write_all(&mut writers[newest..], &url, &films, &stop),
            killing
        );
        if (kill + 1) % EVERY_FIFTH == 0 {
            kill_postgres(&data_dir);
        }
        process = Process::start(&data_dir, &PLENTY).await;
    }
    let acknowledged = acknowledged(&writers);
    assert!(acknowledged > kills, "hardly anything was written");
    check_acknowledged(&client, &process.url, &writers).await;
    assert!(process.stop().success());
    let events = check_log(&data_dir).await;
    println!(
        "{events} events; {kills} kills of a node, {} of PostgreSQL with it; \
         {acknowledged} reviews acknowledged, 0 lost, 0 doubled",
        kills / EVERY_FIFTH
    );
}

/// Every review whose posting was acknowledged is there, as it was written.
async fn check_acknowledged(client: &Client, url: &str, writers: &[Writer]) {
    for writer in writers {
        for (film, stars) in &writer.acknowledged {
            let review = client
                .get(format!("{url}/api/v1/films/{film}/review"))
                .bearer_auth(&writer.token)
                .send()
                .await
                .unwrap();
            assert_eq!(review.status(), 200, "the review of {film} was lost");
            let review: Value = review.json().await.unwrap();
            assert_eq!(review["rating"].as_f64(), Some(*stars));
        }
    }
}

/// With the server stopped: no review twice, the log is sound, and the tables are what it says. Gives
/// its length.
async fn check_log(data_dir: &DataDir) -> i64 {
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let pool = PgPool::connect_with(cluster.connect_options())
        .await
        .unwrap();
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
