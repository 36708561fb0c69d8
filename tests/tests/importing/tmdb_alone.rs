//! Imports from TMDB run one at a time, whatever becomes of the lock.

use std::time::Duration;

use sqlx::Executor;
use tests::site::Site;
use tests::tmdb::{TOKEN, Tmdb};
use web::import::tmdb::{Asked, import};

use super::tmdb::bring_in;

fn popular() -> Asked {
    Asked::Popular { pages: 500 }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_lock_is_lost_ends_and_goes_on_when_asked_again() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(50).await;
    tmdb.wait_from(1031);
    let (app, access) = (site.app.clone(), tmdb.access(TOKEN));
    let mut importing = tokio::spawn(async move { import(&app, &access, popular()).await });
    let pool = &site.pool;
    tests::until("20 films are done", || async move {
        let done = "select coalesce(max(done), 0) from coordination.imports";
        let done: i32 = sqlx::query_scalar(done).fetch_one(pool).await.unwrap();
        done == 20
    })
    .await;
    let cut = pool.execute(
        "select pg_terminate_backend(pid) from pg_locks
         where locktype = 'advisory' and classid = 0 and objid = x'746d6462'::bigint::oid
           and database = (select oid from pg_database where datname = current_database())",
    );
    assert_eq!(cut.await.unwrap().rows_affected(), 1);
    let ended = tokio::time::timeout(Duration::from_secs(20), &mut importing).await;
    assert!(ended.expect("it goes on without").unwrap().is_err());
    tmdb.go_on();
    let said = bring_in(&site, &tmdb, popular()).await;
    assert!(said.starts_with("50 films of TMDB's: 50 are new"), "{said}");
    site.end().await;
}

/// Which is to be seen by its signs of life. A killed one gives no more of them.
#[tokio::test(flavor = "multi_thread")]
async fn none_begins_while_one_goes_on_without_its_lock() {
    let site = Site::start().await;
    let tmdb = Tmdb::start(2).await;
    let begun = "insert into coordination.imports (import, asked, list, started_at, touched_at)
        values (gen_random_uuid(), 'popular 500', '{1001,1002}', now(), now())";
    site.pool.execute(begun).await.unwrap();
    let pool = site.pool.clone();
    let alive = tokio::spawn(async move {
        let sign = "update coordination.imports set touched_at = now()";
        while pool.execute(sign).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let refused = import(&site.app, &tmdb.access(TOKEN), popular()).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "another import from TMDB is running"
    );
    assert_eq!(tmdb.requests(), 0);
    alive.abort();
    let _ = alive.await;
    let said = bring_in(&site, &tmdb, popular()).await;
    assert!(said.starts_with("2 films of TMDB's: 2 are new"), "{said}");
    site.end().await;
}
