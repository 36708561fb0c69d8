//! Nothing that was broken off keeps what somebody wrote who was forgotten.

use std::process::{Command, Stdio};

use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use tests::process::program;
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};
use tests::{database, until};

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
    let master_key = sealing::MasterKeys::text(&tests::MASTER_KEY);
    let mut rebuilding = Command::new(program("replay-tool"))
        .args(["--database-url", &database::address(&site.pool)])
        .args(["rebuild", "--all", "--limit-rate", "2"])
        .env("REELTIME_MASTER_KEY", master_key)
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
