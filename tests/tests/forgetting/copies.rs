//! Nothing that was broken off keeps what somebody wrote who was forgotten.

use std::process::Stdio;
use std::time::Duration;

use commands::Sequencer;
use domain::forgetting::Extent;
use domain::{KeyKind, MemberId};
use event_log::{Keyring, Tail};
use projections::{AsOf, Cancelled, Pace, Projector, Rebuild, RebuildError};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor, PgPool};
use tests::replaying::command;
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};
use tests::{clock, database, history, new_id, until};

use super::{until_destroyed, withdraw};

async fn count(pool: &PgPool, query: &str) -> i64 {
    let query = AssertSqlSafe(format!("select count(*) from {query}"));
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

async fn forget(site: &Site, member: &Member) {
    let whole = json!({ "password": member.password, "forget": "everything" });
    let leaving = site.delete("/api/v1/me").by(member).json(&whole);
    leaving.await.expect(204);
    site.project().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_was_spared_and_then_killed_is_dropped() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for film in [parasite(), ratatouille(), seopyeonje()] {
        site.review(&bob, film).await;
        let review = site.review(&ann, film).await;
        let like = format!("/api/v1/reviews/{review}/like");
        for _ in 0..20 {
            site.put(&like).by(&bob).await.expect(200);
            site.delete(&like).by(&bob).await.expect(200);
        }
    }
    site.project().await;
    let mut rebuilding = command(&site)
        .args(["rebuild", "--all", "--limit-rate", "2"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("it has begun", || async {
        count(&site.pool, "replay.builds").await > 0
    })
    .await;
    forget(&site, &ann).await;
    // it is at it
    assert!(count(&site.pool, "replay.builds").await > 0);
    rebuilding.kill().unwrap();
    rebuilding.wait().unwrap();
    let tables = "pg_tables where schemaname = 'read_next'";
    until("what it had done is gone", || async {
        count(&site.pool, "replay.builds").await == 0 && count(&site.pool, tables).await == 0
    })
    .await;
    assert_eq!(count(&site.pool, "replay.spared").await, 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_verification_or_comparison_left_is_dropped_while_nobody_is_at_it() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    site.project().await;
    let mut working = site.pool.acquire().await.unwrap().detach();
    sqlx::query("select pg_advisory_lock(hashtext('reeltime verification'))")
        .execute(&mut working)
        .await
        .unwrap();
    for schema in ["read_verify", "diff_before", "diff_after"] {
        let copy =
            format!("create schema {schema}; create table {schema}.reviews as table read.reviews");
        sqlx::raw_sql(AssertSqlSafe(copy))
            .execute(&site.pool)
            .await
            .unwrap();
    }
    until("nobody compares", || async {
        count(
            &site.pool,
            "pg_namespace where nspname in ('diff_before', 'diff_after')",
        )
        .await
            == 0
    })
    .await;
    let verifying = "pg_namespace where nspname = 'read_verify'";
    assert_eq!(count(&site.pool, verifying).await, 1);
    drop(working);
    until("nobody verifies", || async {
        count(&site.pool, verifying).await == 0
    })
    .await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_still_at_the_read_side_as_it_was_holds_nobody_up() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    site.project().await;
    let made = "create schema as_of_then;
                create table as_of_then.reviews as table read.reviews;
                insert into replay.as_of (name, position) values ('then', 1)";
    sqlx::raw_sql(made).execute(&site.pool).await.unwrap();
    // as while an index is made, or rows are copied in
    let mut building = site.pool.acquire().await.unwrap().detach();
    let at_it = "begin; lock table as_of_then.reviews in share mode";
    sqlx::raw_sql(at_it).execute(&mut building).await.unwrap();
    forget(&site, &ann).await;
    let left = "pg_namespace where nspname = 'as_of_then'";
    assert_eq!(count(&site.pool, left).await, 0);
    assert!(
        sqlx::query("select 1")
            .execute(&mut building)
            .await
            .is_err()
    );
    site.end().await;
}

fn all(pace: Pace) -> Rebuild {
    Rebuild {
        models: vec![],
        pace,
        memory: projections::MEMORY,
        resume: false,
    }
}

async fn cancelled(pool: &PgPool) -> Cancelled {
    loop {
        match projections::cancel(pool).await {
            // the server has not noticed yet that the one broken off is gone
            Err(RebuildError::Running) => tokio::task::yield_now().await,
            ended => return ended.unwrap(),
        }
    }
}

/// A copy may be begun after it was projected that somebody is forgotten, and before their keys are
/// destroyed: here these are put back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_copy_opens_what_was_written_by_who_is_forgotten_while_their_keys_are_there() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let before = site.project().await;
    let review = site.review(&ann, parasite()).await;
    let then = site.project().await;
    for _ in 0..30 {
        let like = format!("/api/v1/reviews/{review}/like");
        site.put(&like).by(&bob).await.expect(200);
        site.delete(&like).by(&bob).await.expect(200);
    }
    let kept = "create table vault_kept as select * from vault.keys";
    let owner = database::owner(&site.vault);
    owner.execute(kept).await.unwrap();
    forget(&site, &ann).await;
    let words = MemberId(ann.id.parse().unwrap()).key_id(KeyKind::Words);
    until_destroyed(&site.keyring, words).await;
    let put_back = "update vault.keys k
                    set wrapped = b.wrapped, master = b.master, destroyed_at = null
                    from vault_kept b where b.key = k.key and k.wrapped is null";
    owner.execute(put_back).await.unwrap();
    let keyring = tests::keyring(&site.vault).await;

    let name = "then".parse().unwrap();
    AsOf::build(&site.pool, &keyring, &name, then, Pace::Full, |_| {})
        .await
        .unwrap();
    assert_eq!(count(&site.pool, "as_of_then.reviews").await, 1);
    let opened = "as_of_then.reviews where text is not null";
    assert_eq!(count(&site.pool, opened).await, 0);

    let between = (before, then);
    let diffs = projections::diff(&site.pool, &keyring, between, &[], 100, |_| {}).await;
    let diffs = diffs.unwrap();
    let reviews = diffs.iter().find(|diff| diff.model == "reviews").unwrap();
    let row: Value = serde_json::from_str(reviews.rows[0].rebuilt.as_deref().unwrap()).unwrap();
    assert_eq!(row["text"], Value::Null);

    let slowly = all(Pace::Rate(std::num::NonZeroU32::new(20).unwrap()));
    let (pool, ring) = (site.pool.clone(), keyring.clone());
    let rebuilding =
        tokio::spawn(async move { projections::rebuild(&pool, &ring, &slowly, |_| {}).await });
    let there = format!("replay.builds where model = 'reviews' and position >= {then}");
    until("the review is there", || async {
        count(&site.pool, &there).await == 1
    })
    .await;
    rebuilding.abort();
    assert!(rebuilding.await.unwrap_err().is_cancelled());
    assert_eq!(count(&site.pool, "read_next.reviews").await, 1);
    let opened = "read_next.reviews where text is not null";
    assert_eq!(count(&site.pool, opened).await, 0);
    assert_eq!(cancelled(&site.pool).await.kept, Vec::<String>::new());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_copy_holds_nobody_up_and_it_is_dropped_behind_them() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    site.project().await;
    projections::rebuild(&site.pool, &site.keyring, &all(Pace::Full), |_| {})
        .await
        .unwrap();
    // as pg_dump does
    let mut reading = site.pool.begin().await.unwrap();
    let reads = "lock table read_kept.reviews in access share mode";
    reading.execute(reads).await.unwrap();
    forget(&site, &ann).await;
    let mut connection = site.pool.acquire().await.unwrap();
    assert_eq!(projections::kept(&mut connection).await.unwrap(), []);
    let tables = "pg_tables where schemaname = 'read_kept'";
    assert!(count(&site.pool, tables).await > 0);
    reading.rollback().await.unwrap();
    until("it is gone", || async {
        count(&site.pool, tables).await == 0 && count(&site.pool, "replay.kept").await == 0
    })
    .await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_can_not_be_dropped_stops_nobody_and_is_shown_to_nobody() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    site.project().await;
    let made = "insert into replay.as_of (name, position, complete) values ('then', 1, true),
                                                                           ('before', 1, true);
                create schema as_of_before";
    site.pool.execute(made).await.unwrap();
    // not the projector's to drop
    let owner = database::owner(&site.pool);
    owner.execute("create schema as_of_then").await.unwrap();
    forget(&site, &ann).await;
    let mut connection = site.pool.acquire().await.unwrap();
    assert_eq!(AsOf::list(&mut connection).await.unwrap(), []);
    let schemas = "pg_namespace where nspname in ('as_of_then', 'as_of_before')";
    until("the other one is gone", || async {
        count(&site.pool, schemas).await == 1
    })
    .await;
    let given = format!("alter schema as_of_then owner to {}", cluster::APPLICATION);
    owner.execute(AssertSqlSafe(given)).await.unwrap();
    until("it is gone", || async {
        count(&site.pool, schemas).await == 0 && count(&site.pool, "replay.as_of").await == 0
    })
    .await;
    site.end().await;
}

/// Whatever had come to its switch, which waits for who reads, is broken off.
async fn break_a_rollback_off(pool: &PgPool, keyring: &Keyring) {
    let mut reading = pool.begin().await.unwrap();
    let reads = "lock table read.checkpoints in access share mode";
    reading.execute(reads).await.unwrap();
    let take_back = || {
        let (on, with) = (pool.clone(), keyring.clone());
        tokio::spawn(
            async move { projections::roll_back(&on, &with, &[], Pace::Full, |_| {}).await },
        )
    };
    let mut taking_back = take_back();
    let begun = async {
        while count(pool, "replay.builds where was_kept").await == 0 {
            if taking_back.is_finished() {
                // the server has not noticed yet that the one before is gone
                let ended = (&mut taking_back).await.unwrap();
                assert!(matches!(ended, Err(RebuildError::Running)), "{ended:?}");
                taking_back = take_back();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let begun = tokio::time::timeout(Duration::from_secs(30), begun).await;
    begun.expect("it has begun");
    taking_back.abort();
    assert!(taking_back.await.unwrap_err().is_cancelled());
    reading.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_rollback_is_kept_again_unless_somebody_was_forgotten_meanwhile() {
    let database = database::create().await;
    let keyring = tests::keyring(&database).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let sequencer = Sequencer::start(database.clone(), keyring.clone(), tail.clone(), clock());
    let sequencer = sequencer.await.unwrap();
    history::begin(&sequencer, 1).await.unwrap();
    let project = async || {
        let projector = Projector::start(&database, keyring.clone(), tail.clone(), new_id());
        let head = event_log::head(&database).await.unwrap().position;
        let mut projected = projector.projected();
        let reached = projected.wait_for(|position| *position >= head);
        reached.await.unwrap();
    };
    project().await;
    projections::rebuild(&database, &keyring, &all(Pace::Full), |_| {})
        .await
        .unwrap();
    let names = projections::model_versions().into_iter();
    let mut names: Vec<String> = names.map(|(name, _)| name.to_owned()).collect();
    names.sort();

    break_a_rollback_off(&database, &keyring).await;
    let Cancelled { dropped, kept } = cancelled(&database).await;
    assert_eq!((dropped, kept), (vec![], names.clone()));

    break_a_rollback_off(&database, &keyring).await;
    // as if it ran
    let mut running = database.acquire().await.unwrap().detach();
    let lock = "select pg_advisory_lock(hashtext('reeltime rebuild'))";
    running.execute(lock).await.unwrap();
    let ann = history::member(0);
    let withdrawn = withdraw(0, Extent::Everything);
    commands::execute(&sequencer, history::asked(ann), withdrawn)
        .await
        .unwrap();
    project().await;
    assert_eq!(count(&database, "replay.spared").await, 1);
    assert!(count(&database, "replay.builds").await > 0);
    drop(running);
    let Cancelled { dropped, kept } = cancelled(&database).await;
    assert_eq!((dropped, kept), (names, vec![]));
    let tables = "pg_tables where schemaname in ('read_kept', 'read_next')";
    assert_eq!(count(&database, tables).await, 0);
}
