//! Rebuilding, as operators do it: beside the live tables, broken off anywhere, taken
//! back; the read side as it was; and what a deployment of other code brings.

use std::process::{Child, Stdio};
use std::time::Duration;

use commands::read_marker::{READ_EVERY, Read};
use domain::{MemberId, RoomId};
use projections::{AsOf, Pace, ProjectError, Rebuild, RebuildError, Rebuilt, State};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, PgPool};
use tests::replaying::{command, replay_tool, said};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje, text};
use tests::{history, seed};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const KILLS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(60);

fn all() -> Rebuild {
    Rebuild {
        models: vec![],
        pace: Pace::Full,
        memory: projections::MEMORY,
        resume: false,
    }
}

/// Ann and Bob, who talk about three films: some three hundred events.
async fn lively() -> (Site, Member, Member) {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for film in [parasite(), ratatouille(), seopyeonje()] {
        let review = site.review(&ann, film).await;
        talk(&site, &bob, &review, 90).await;
    }
    (site, ann, bob)
}

async fn talk(site: &Site, member: &Member, review: &str, times: usize) {
    let like = format!("/api/v1/reviews/{review}/like");
    for round in 0..times {
        match round % 3 {
            0 => drop(site.put(&like).by(member).await.expect(200)),
            1 => drop(site.delete(&like).by(member).await.expect(200)),
            _ => drop(site.comment(member, review, "And rain.").await),
        }
    }
}

/// The file that holds a live table's rows: another one after a switch.
async fn table(pool: &PgPool, name: &str) -> i64 {
    let query = "select ('read.' || $1)::regclass::oid::bigint";
    sqlx::query_scalar(query)
        .bind(name)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_killed_twenty_times_ends_right_while_a_member_writes() {
    let mut random = StdRng::seed_from_u64(seed());
    let (site, ann, bob) = lively().await;
    let review = site.review(&bob, parasite()).await;
    let before = table(&site.pool, "reviews").await;
    let mut live = before;
    // slow enough to be met on its way
    let slowly = ["--limit-rate", "60"];
    let mut started = spawn(&site, &[&["rebuild", "--all"], &slowly[..]].concat());
    for kill in 1..=KILLS {
        talk(&site, &ann, &review, 1).await;
        let pause = Duration::from_millis(random.random_range(30..400));
        tokio::time::sleep(pause).await;
        started.kill().unwrap();
        started.wait().unwrap();
        let begun = projections::builds(&mut site.pool.acquire().await.unwrap())
            .await
            .unwrap();
        if begun.is_empty() {
            // it came to its end before, or never to its beginning
            live = table(&site.pool, "reviews").await;
            started = spawn(&site, &[&["rebuild", "--all"], &slowly[..]].concat());
            continue;
        }
        let now = table(&site.pool, "reviews").await;
        assert_eq!(now, live, "half switched at kill {kill}");
        started = spawn(&site, &[&["rebuild", "--resume"], &slowly[..]].concat());
    }
    let ended = tokio::task::spawn_blocking(move || started.wait().unwrap());
    talk(&site, &ann, &review, 12).await;
    let ended = tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.success(), "{ended}");
    assert_ne!(table(&site.pool, "reviews").await, before);
    site.end().await;
}

fn spawn(site: &Site, arguments: &[&str]) -> Child {
    let mut command = command(site);
    command.args(arguments).stdout(Stdio::null());
    command.spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_mends_a_table_is_taken_back_and_retired() {
    let (site, _, bob) = lively().await;
    let review = site.review(&bob, parasite()).await;
    site.project().await;
    let wrong = "update read.reviews set likes = 77 where film = $1";
    let film = parasite().0;
    sqlx::query(wrong)
        .bind(film)
        .execute(&site.pool)
        .await
        .unwrap();

    let told = said(&site, &["rebuild", "reviews"]);
    let position = site.project().await;
    let line = format!("reviews: computed again, live at position {position}.\nThe switch took ");
    assert!(told.starts_with(&line), "{told}");
    let likes = "select max(likes) from read.reviews where film = $1";
    let likes = async |pool: &PgPool| -> i32 {
        sqlx::query_scalar(likes)
            .bind(film)
            .fetch_one(pool)
            .await
            .unwrap()
    };
    assert!(likes(&site.pool).await < 2);
    talk(&site, &bob, &review, 0).await;
    let status: Value = serde_json::from_str(&said(&site, &["status", "--json"])).unwrap();
    let kept = json!([{ "model": "reviews", "version": 1, "position": position }]);
    assert_eq!(status["kept"], kept);

    // taken back: with what happened since, and with what was wrong
    site.review(&bob, ratatouille()).await;
    said(&site, &["rollback", "reviews"]);
    assert_eq!(likes(&site.pool).await, 77);
    let reviews: i64 = sqlx::query_scalar("select count(*) from read.reviews")
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(reviews, 5);
    let wrong = replay_tool(&site, &["verify-projections", "--json"]);
    assert_eq!(wrong.status.code(), Some(3));
    let verdict: Value = serde_json::from_slice(&wrong.stdout).unwrap();
    let difference = &verdict["differences"][0];
    assert_eq!(difference["table"], "reviews");
    assert_eq!(difference["live"]["likes"], 77);
    assert_eq!(difference["key"]["review"], difference["log"]["review"]);
    assert!(!difference["events"].as_array().unwrap().is_empty());

    said(&site, &["rollback"]);
    assert!(likes(&site.pool).await < 2);
    let retired = said(&site, &["retire", "reviews"]);
    assert_eq!(retired, "Dropped the tables that were kept of reviews.\n");
    let nothing = replay_tool(&site, &["rollback"]);
    assert_eq!(nothing.status.code(), Some(1));
    site.end().await;
}

/// Whatever was written leaves the memory, so all that is changed later is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_without_memory_gives_the_same_tables() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let opened = site.post("/api/v1/rooms").by(&ann);
    let opened = opened.json(&json!({"name": "Stairs"})).await.expect(201);
    let id = text(&opened.json()["id"]);
    let room = format!("/api/v1/rooms/{id}");
    let (id, reader) = (
        RoomId(id.parse().unwrap()),
        MemberId(bob.id.parse().unwrap()),
    );
    let say = async |n: i64| {
        let said = site.post(format!("{room}/messages")).by(&ann);
        said.json(&json!({ "text": "Rain." })).await.expect(201);
        // a row that is put in another one's place
        let read = Read {
            room: id,
            member: reader,
            n,
            at: tests::now() + READ_EVERY * i32::try_from(n).unwrap(),
        };
        let read = commands::execute(&site.app.sequencer, history::asked(reader), read);
        read.await.unwrap();
    };
    let review = site.review(&ann, parasite()).await;
    say(1).await;
    talk(&site, &bob, &review, 120).await;
    say(2).await;
    let other = site.review(&ann, ratatouille()).await;
    talk(&site, &bob, &other, 90).await;
    let gone = site.delete(format!("/api/v1/reviews/{other}"));
    gone.by(&ann).await.expect(204);
    talk(&site, &bob, &review, 90).await;
    site.project().await;
    let before = table(&site.pool, "reviews").await;
    let forgetful = Rebuild { memory: 0, ..all() };
    projections::rebuild(&site.pool, &site.keyring, &forgetful, |_| {})
        .await
        .unwrap();
    assert_ne!(table(&site.pool, "reviews").await, before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_rebuild_runs_at_a_time_and_a_broken_off_one_is_resumed_or_cancelled() {
    let (site, _, _) = lively().await;
    let mut running = spawn(&site, &["rebuild", "--all", "--limit-rate", "20"]);
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline);
        let begun = projections::builds(&mut site.pool.acquire().await.unwrap())
            .await
            .unwrap();
        if !begun.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = replay_tool(&site, &["rebuild", "films"]);
    assert_eq!(second.status.code(), Some(1));
    let complaint = "replay-tool: another rebuild is running\n";
    assert_eq!(String::from_utf8_lossy(&second.stderr), complaint);
    running.kill().unwrap();
    running.wait().unwrap();

    let third = loop {
        let third = projections::rebuild(&site.pool, &site.keyring, &all(), |_| {}).await;
        match third {
            // the server has not noticed yet that the killed one is gone
            Err(RebuildError::Running) if Instant::now() < deadline => {}
            third => break third,
        }
    };
    assert!(
        matches!(third, Err(RebuildError::Unfinished(_))),
        "{third:?}"
    );
    let told = said(&site, &["rebuild", "--cancel"]);
    assert!(
        told.starts_with("Dropped what was done so far of audit_reads, comments, "),
        "{told}"
    );
    let none = replay_tool(&site, &["rebuild", "--resume"]);
    assert_eq!(none.status.code(), Some(1));
    let usage = replay_tool(&site, &["rebuild"]);
    assert_eq!(usage.status.code(), Some(2));
    site.end().await;
}

/// So slow that it does not end.
fn slowly(site: &Site, rate: u32) -> JoinHandle<Result<Rebuilt, RebuildError>> {
    let (pool, keyring) = (site.pool.clone(), site.keyring.clone());
    tokio::spawn(async move {
        let pace = Pace::Rate(rate.try_into().unwrap());
        let wanted = Rebuild { pace, ..all() };
        projections::rebuild(&pool, &keyring, &wanted, |_| {}).await
    })
}

async fn until_begun(pool: &PgPool) {
    tests::until("some of it is done", || async {
        let begun = projections::builds(&mut pool.acquire().await.unwrap()).await;
        begun.unwrap().iter().any(|build| build.position > 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_goes_on_nowhere_else_than_it_left_its_tables() {
    let (site, _, _) = lively().await;
    let rebuilding = slowly(&site, 30);
    until_begun(&site.pool).await;
    // as one does whose lock was lost and that is still at it
    site.pool
        .execute("update replay.builds set position = position + 1 where model = 'reviews'")
        .await
        .unwrap();
    let ended = tokio::time::timeout(PATIENCE, rebuilding).await.unwrap();
    let overtaken = matches!(
        ended.unwrap(),
        Err(RebuildError::Project(ProjectError::Overtaken))
    );
    assert!(overtaken);
    said(&site, &["rebuild", "--cancel"]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_ends_when_its_lock_is_lost() {
    let (site, _, _) = lively().await;
    let mut rebuilding = slowly(&site, 2);
    until_begun(&site.pool).await;
    site.pool
        .execute(
            "select pg_terminate_backend(pid) from pg_locks
             where locktype = 'advisory'
               and database = (select oid from pg_database where datname = current_database())
               and objid = (hashtext('reeltime rebuild')::bigint & 4294967295)::oid",
        )
        .await
        .unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), &mut rebuilding).await;
    assert!(ended.expect("it goes on without").unwrap().is_err());
    said(&site, &["rebuild", "--cancel"]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_code_rebuilds_its_model_at_the_next_start_and_the_old_table_is_served() {
    let (site, ann, bob) = lively().await;
    let position = site.project().await;
    // as if the table had been written by another release
    site.pool
        .execute("update read.models set version = 0 where name = 'reviews'; update read.reviews set likes = 55")
        .await
        .unwrap();
    let old = table(&site.pool, "reviews").await;
    // a start: the projector takes its lease anew
    let mut lease = site.pool.acquire().await.unwrap();
    event_log::lease::revoke(&mut lease, "projector")
        .await
        .unwrap();
    let review = site.review(&bob, parasite()).await;
    let shown = site
        .get(format!("/api/v1/reviews/{review}"))
        .by(&ann)
        .await
        .expect(200);
    assert!(shown.json()["likes"] == 55 || shown.header("reeltime-detached").is_empty());

    let deadline = Instant::now() + PATIENCE;
    loop {
        let query = "select version, state from read.models where name = 'reviews'";
        let (version, state): (i32, String) =
            sqlx::query_as(query).fetch_one(&site.pool).await.unwrap();
        if version == 1 && state == State::Live.as_str() {
            break;
        }
        assert!(Instant::now() < deadline, "{state} {version} at {position}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_ne!(table(&site.pool, "reviews").await, old);
    // the old release's table can't be brought up to date by this one
    let back = replay_tool(&site, &["rollback", "reviews"]);
    assert!(String::from_utf8_lossy(&back.stderr).contains("version 0 of its code, this is 1"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_read_side_is_built_as_it_was_and_compared_with_a_later_one() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let then = site.project().await;
    site.put(format!("/api/v1/reviews/{review}/like"))
        .by(&bob)
        .await
        .expect(200);
    site.delete(format!("/api/v1/reviews/{review}"))
        .by(&ann)
        .await
        .expect(204);
    let now = site.project().await;

    let position = then.to_string();
    let told = said(&site, &["as-of", &position, "--name", "before"]);
    let line = format!(
        "before is the read side as it was at position {then}, in the schema as_of_before.\n"
    );
    assert!(told.starts_with(&line), "{told}");
    let count = async |table: &str| -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql).fetch_one(&site.pool).await.unwrap()
    };
    assert_eq!(count("as_of_before.reviews").await, 1);
    assert_eq!(count("as_of_before.review_likes").await, 0);
    assert_eq!(count("read.reviews").await, 0);
    // there already: found; another position under its name: refused
    said(&site, &["as-of", &position, "--name", "before"]);
    let taken = replay_tool(&site, &["as-of", "3", "--name", "before"]);
    assert_eq!(taken.status.code(), Some(1));
    let future = replay_tool(&site, &["as-of", &(now + 1).to_string()]);
    assert_eq!(future.status.code(), Some(1));
    let listed: Value = serde_json::from_str(&said(&site, &["as-of", "--list", "--json"])).unwrap();
    assert_eq!(
        (&listed["name"], &listed["position"]),
        (&"before".into(), &then.into())
    );

    let diff = said(&site, &["diff", &position, &now.to_string(), "--json"]);
    let rows: Vec<Value> = diff
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |model: &str| rows.iter().find(|row| row["model"] == model).unwrap();
    assert_eq!(of("reviews")["after"], Value::Null);
    assert_eq!(of("reviews")["before"]["review"], review.as_str());
    assert_eq!(of("reviews")["events"], json!([then + 1, now]));
    assert_eq!(of("film_ratings")["after"]["ratings"], 0);
    let told = said(
        &site,
        &[
            "diff",
            &position,
            &now.to_string(),
            "--model",
            "film_ratings",
        ],
    );
    let film = parasite();
    let golden = format!(
        "film_ratings\n~ {{\"film\" : \"{film}\"}} histogram: [0,0,0,0,0,0,0,1,0,0] → \
         [0,0,0,0,0,0,0,0,0,0], ratings: 1 → 0, total: 8 → 0 #{now}\n"
    );
    assert_eq!(told, golden);

    assert_eq!(
        said(&site, &["as-of", "--drop", "before"]),
        "Dropped before.\n"
    );
    let mut connection = site.pool.acquire().await.unwrap();
    assert_eq!(AsOf::list(&mut connection).await.unwrap(), []);
    site.end().await;
}
