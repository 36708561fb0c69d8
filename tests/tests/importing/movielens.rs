//! `reeltime import movielens`, killed in the middle and called again.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use cluster::Cluster;
use sqlx::PgPool;
use tests::process::{DataDir, Process, program};

use super::killed::{Killed, digests, text};

const PEOPLE: u32 = 60;
const FILMS: u32 = 300;
/// Of each person.
const RATINGS: u32 = 50;

/// A folder as MovieLens ships it, smaller.
fn write_movielens(folder: &Path) {
    let mut movies = "movieId,title,genres\r\n".to_owned();
    let mut links = "movieId,imdbId,tmdbId\r\n".to_owned();
    let mut ratings = "userId,movieId,rating,timestamp\r\n".to_owned();
    for film in 1..=FILMS {
        let year = 1950 + film % 70;
        write!(
            movies,
            "{film},\"Film {film}, The ({year})\",Drama|IMAX\r\n"
        )
        .unwrap();
        write!(links, "{film},{film:07},{}\r\n", film + 100_000).unwrap();
    }
    for person in 1..=PEOPLE {
        for nth in 0..RATINGS {
            let film = (person * 7 + nth * 5) % FILMS + 1;
            let stars = f64::from((person + nth) % 10 + 1) / 2.0;
            let at = 1_000_000_000 + person * 1_000 + nth;
            write!(ratings, "{person},{film},{stars:.1},{at}\r\n").unwrap();
        }
    }
    std::fs::write(folder.join("movies.csv"), movies).unwrap();
    std::fs::write(folder.join("links.csv"), links).unwrap();
    std::fs::write(folder.join("ratings.csv"), ratings).unwrap();
}

fn command(data_dir: &DataDir, folder: &Path) -> Command {
    let mut command = Command::new(program("reeltime"));
    command
        .arg("import")
        .arg("--data-dir")
        .arg(data_dir.path())
        .arg("movielens")
        .arg(folder)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn import(data_dir: &DataDir, folder: &Path) -> Output {
    let mut command = command(data_dir, folder);
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.unwrap().unwrap()
}

/// What a `where` finds in the log of a Reeltime that runs; 0 while its database is not there.
async fn ratings_so_far(data_dir: &DataDir) -> i64 {
    let Ok(Some(options)) = Cluster::connect(data_dir.path()).await else {
        return 0;
    };
    let Ok(pool) = PgPool::connect_with(options).await else {
        return 0;
    };
    let sql = "select count(*) from log.events where event_type = 'review.posted'";
    let count = sqlx::query_scalar(sql).fetch_one(&pool).await;
    pool.close().await;
    count.unwrap_or_default()
}

/// What is read, but for positions: ratings that are on their way at once may change places.
const TABLES: [&str; 5] = [
    "select film, title, year, genres, tmdb, imdb from read.films",
    "select * from read.film_ratings",
    "select member, name, joined_at from read.members",
    "select review, film, member, posting, rating, posted_at, edited_at from read.reviews",
    "select member, film, half_stars, since from read.opinions",
];

#[tokio::test(flavor = "multi_thread")]
async fn ratings_that_were_broken_off_go_on_and_end_in_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    write_movielens(folder.path());
    let (whole, broken) = (DataDir::new(), DataDir::new());
    for data_dir in [&whole, &broken] {
        assert!(Process::start(data_dir, &[]).await.stop().success());
    }
    let done = import(&whole, folder.path()).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    let log = text(&done.stderr);
    for line in [
        "importing what=\"films\" length=300",
        "imported what=\"ratings\" done=3000",
    ] {
        assert!(log.contains(line), "{log}");
    }

    let running = Killed(command(&broken, folder.path()).spawn().unwrap());
    tests::until("ratings are there", || async {
        ratings_so_far(&broken).await > 0
    })
    .await;
    drop(running);
    let left = i64::from(PEOPLE * RATINGS) - ratings_so_far(&broken).await;
    println!("killed with {left} ratings to go");
    let again = import(&broken, folder.path()).await;
    assert!(again.status.success(), "{}", text(&again.stderr));
    // by then some films had been listed before
    let ratings = |output: &Output| text(&output.stdout).split(';').next().map(str::to_owned);
    assert_eq!(ratings(&again), ratings(&done));
    let (whole, broken) = (
        digests(&whole, &TABLES).await,
        digests(&broken, &TABLES).await,
    );
    assert_eq!(whole[3].1, i64::from(PEOPLE * RATINGS));
    assert_eq!(broken, whole);
}
