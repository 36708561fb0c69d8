//! `reeltime import tmdb`, killed in the middle and called again.

use std::process::{Command, Output, Stdio};

use cluster::Cluster;
use serde_json::json;
use sqlx::PgPool;
use tests::process::{DataDir, Process, program};
use tests::tmdb::{TOKEN, Tmdb};

use super::killed::{Killed, digests, text};

fn command(data_dir: &DataDir, tmdb: &Tmdb, token: &str, what: &str) -> Command {
    let mut command = Command::new(program("reeltime"));
    command
        .arg("import")
        .arg("--data-dir")
        .arg(data_dir.path())
        .args(["--tmdb-url", &tmdb.api()])
        .args(["--tmdb-exports-url", &tmdb.exports()])
        .args(["tmdb", what])
        .env("REELTIME_TMDB_TOKEN", token)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

async fn import(data_dir: &DataDir, tmdb: &Tmdb, token: &'static str) -> Output {
    finish(command(data_dir, tmdb, token, "popular")).await
}

async fn finish(mut command: Command) -> Output {
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.unwrap().unwrap()
}

/// Everything that is known of films, without when it became known.
const TABLES: [&str; 5] = [
    "select * from read.films",
    "select * from read.film_genres",
    "select * from read.searchables",
    "select * from read.standings",
    "select * from read.credits",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_killed_goes_on_where_it_was_and_ends_in_the_same_tables() {
    let (whole, broken) = (DataDir::new(), DataDir::new());
    for data_dir in [&whole, &broken] {
        assert!(Process::start(data_dir, &[]).await.stop().success());
    }
    let tmdb = Tmdb::start(60).await;
    let done = import(&whole, &tmdb, TOKEN).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    let said = "60 films of TMDB's: 60 are new here, 0 were revised, 0 are not to be had.\n";
    assert_eq!(text(&done.stdout), said);
    let log = text(&done.stderr);
    assert!(log.contains("importing what=\"films\" length=60"), "{log}");
    assert!(!log.contains("hush"), "{log}");

    let tmdb = Tmdb::start(60).await;
    tmdb.wait_from(1045);
    let running = Killed(command(&broken, &tmdb, TOKEN, "popular").spawn().unwrap());
    tests::until("film 1045 is asked for", || async {
        tmdb.asked_for(1045) > 0
    })
    .await;
    drop(running);
    tmdb.go_on();
    let done = import(&broken, &tmdb, TOKEN).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(text(&done.stdout), said);
    // in both languages, once
    assert_eq!(tmdb.asked_for(1001), 2);
    let (whole, broken) = (
        digests(&whole, &TABLES).await,
        digests(&broken, &TABLES).await,
    );
    assert!(whole[0].1 > 60, "the catalogue's and TMDB's films");
    assert_eq!(broken, whole);
}

/// One that it refuses, one in a form that nobody knows, and one that it never gets out and that
/// is alone in the last portion.
#[tokio::test(flavor = "multi_thread")]
async fn a_film_at_which_tmdb_fails_is_named_and_holds_up_no_other() {
    let data_dir = DataDir::new();
    assert!(Process::start(&data_dir, &[]).await.stop().success());
    let tmdb = Tmdb::start(40).await;
    let en = json!({"title": ["Many"], "original_title": "Many"});
    tmdb.tell(996, en, json!({"title": ""}));
    tmdb.fail_at([1003], 403);
    tmdb.fail_at([1040], 500);
    let done = import(&data_dir, &tmdb, TOKEN).await;
    let log = text(&done.stderr);
    assert!(done.status.success(), "{log}");
    let said = "41 films of TMDB's: 38 are new here, 0 were revised, 3 are not to be had.\n";
    assert_eq!(text(&done.stdout), said);
    for film in ["/movie/996?", "/movie/1003?", "/movie/1040?"] {
        assert!(log.contains(film), "{film} isn't named in {log}");
    }
    assert_eq!(log.matches("a film is left out").count(), 3, "{log}");
}

/// Leaves the import as one does that is killed after its first portion was recorded, and before
/// that was marked.
async fn unmark(data_dir: &DataDir) {
    let cluster = Cluster::start(data_dir.path()).await.unwrap();
    let pool = PgPool::connect_with(cluster.connect_options())
        .await
        .unwrap();
    let unmarked = sqlx::query("update coordination.imports set done = 0, listed = 0")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(unmarked.rows_affected(), 1);
    pool.close().await;
    cluster.stop().await.unwrap();
}

/// Nothing is missing because TMDB is not itself: the same import goes on later.
#[tokio::test(flavor = "multi_thread")]
async fn where_tmdb_fails_at_a_whole_portion_the_import_stops_and_goes_on_later() {
    let data_dir = DataDir::new();
    assert!(Process::start(&data_dir, &[]).await.stop().success());
    let tmdb = Tmdb::start(40).await;
    tmdb.fail_at(1021..=1040, 403);
    let stopped = import(&data_dir, &tmdb, TOKEN).await;
    let log = text(&stopped.stderr);
    assert_eq!(stopped.status.code(), Some(1), "{log}");
    assert!(log.contains("TMDB refuses /movie/1021?"), "{log}");
    tmdb.recover();
    unmark(&data_dir).await;
    let done = import(&data_dir, &tmdb, TOKEN).await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    let said = "40 films of TMDB's: 40 are new here, 0 were revised, 0 are not to be had.\n";
    assert_eq!(text(&done.stdout), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_told_in_one_sentence_and_kept_to_itself() {
    let data_dir = DataDir::new();
    assert!(Process::start(&data_dir, &[]).await.stop().success());
    let tmdb = Tmdb::start(1).await;
    let refused = import(&data_dir, &tmdb, "my-wrong-token").await;
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(
        said.contains("reeltime: TMDB does not accept the token"),
        "{said}"
    );
    assert!(!said.contains("my-wrong-token"), "{said}");
    let help = Command::new(program("reeltime"))
        .args(["import", "--help"])
        .env("REELTIME_TMDB_TOKEN", "my-wrong-token")
        .output()
        .unwrap();
    assert!(!text(&help.stdout).contains("my-wrong-token"));
    assert!(text(&help.stdout).contains("REELTIME_TMDB_TOKEN"));
}

/// TMDB's list of the day is asked for once, and the token is not told, however much else is.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_killed_goes_on_and_never_tells_its_token() {
    let data_dir = DataDir::new();
    assert!(Process::start(&data_dir, &[]).await.stop().success());
    let tmdb = Tmdb::start(60).await;
    let mut running = command(&data_dir, &tmdb, TOKEN, "export");
    let running = Killed(running.stderr(Stdio::null()).spawn().unwrap());
    // the most popular first: those are the last ones here
    tests::until("film 1030 is asked for", || async {
        tmdb.asked_for(1030) > 0
    })
    .await;
    drop(running);
    let before = tmdb.requests();
    let mut again = command(&data_dir, &tmdb, TOKEN, "export");
    again.env("REELTIME_LOG", "trace");
    let done = finish(again).await;
    let log = text(&done.stderr);
    assert!(done.status.success(), "{log}");
    let said = "59 films of TMDB's: 59 are new here, 0 were revised, 0 are not to be had.\n";
    assert_eq!(text(&done.stdout), said);
    assert_eq!((tmdb.asked_for(1060), tmdb.exports_asked_for()), (2, 1));
    // configuration, genres, and the films that were left, in two languages
    assert!(tmdb.requests() - before < 2 + 59 * 2, "not all of it again");
    assert!(log.contains("TRACE"), "it tells much");
    assert!(!log.contains("hush"), "the token is in the log");
}
