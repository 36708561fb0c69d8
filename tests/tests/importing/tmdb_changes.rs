//! What changed at TMDB longer ago than it tells.

use domain::Role;
use tests::site::Site;
use tests::tmdb::Tmdb;
use web::import::tmdb::Asked;

use super::tmdb::bring_in;
use crate::pages::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_nobody_asked_for_in_time_are_named() {
    let site = Site::start().await;
    let mut ann = Browser::with_role(&site, "Ann", Role::Operator).await;
    let tmdb = Tmdb::start(1).await;
    let (from, to): (String, String) = sqlx::query_as(
        "insert into coordination.imports
             (import, asked, list, started_at, touched_at, finished_at)
         select gen_random_uuid(), 'changes 2001-01-01 2001-01-02', '{}', day, day, day
         from (select now() - interval '20 days') as long_ago (day)
         returning (started_at at time zone 'utc')::date::text,
                   ((now() at time zone 'utc')::date - 14)::text",
    )
    .fetch_one(&site.pool)
    .await
    .unwrap();
    let named = format!("What changed between {from} and {to} was not asked for");
    let said = bring_in(&site, &tmdb, Asked::Changes { days: None }).await;
    assert!(said.contains(&named), "{said}");
    ann.get("/imports").await.shows(&named);
    // since a moment ago
    let said = bring_in(&site, &tmdb, Asked::Changes { days: None }).await;
    assert!(!said.contains("not asked for"), "{said}");
    site.end().await;
}
