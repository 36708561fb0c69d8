//! Leaving, with time to change one's mind.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tests::site::Site;
use tokio::time::Instant;
use web::app::Options;
use web::reactors::carry_out_withdrawals;

use super::browser::{Browser, PASSWORD};

const GRACE: TimeDelta = TimeDelta::days(7);
const OFTEN: Duration = Duration::from_millis(20);
const LEAVE: &str = "/settings/withdraw";

async fn site() -> Site {
    Site::start_as(|options| Options {
        grace: GRACE,
        ..options
    })
    .await
}

fn farewell() -> [(&'static str, &'static str); 2] {
    [("forget", "identity"), ("password", PASSWORD)]
}

fn credentials() -> [(&'static str, &'static str); 2] {
    [("email", "ann@example.org"), ("password", PASSWORD)]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_signed_out_everywhere_and_stays_by_signing_in() {
    let site = site().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut phone = Browser::new(&site).await;
    phone.fill("/sign-in", &credentials()).await.goes_to("/");
    ann.get(LEAVE)
        .await
        .shows("For 7 days everything stays as it is");
    ann.fill(LEAVE, &farewell()).await.goes_to("/");
    ann.get("/").await.shows("If you change your mind, sign in");
    phone
        .get("/settings")
        .await
        .goes_to("/sign-in?next=/settings");

    ann.fill("/sign-in", &credentials()).await.goes_to("/");
    ann.get("/").await.shows("Your account stays.");
    let late: event_log::Clock = Arc::new(|| web::fresh::now() + GRACE * 2);
    let reactor = carry_out_withdrawals(&site.app, late, OFTEN);
    // somebody who stays away, to see that the reactor has looked
    let mut bob = Browser::of(&site, "Bob").await;
    bob.fill(LEAVE, &farewell()).await.goes_to("/");
    let typed = [("email", "bob@example.org"), ("password", PASSWORD)];
    gone(&site, &mut bob, &typed).await;
    drop(reactor);
    ann.get("/settings").await.shows("Ann");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_away_is_gone_when_the_time_is_over_and_not_before() {
    let site = site().await;
    let mut ann = Browser::of(&site, "Ann").await;
    ann.fill(LEAVE, &farewell()).await.goes_to("/");
    let early: event_log::Clock = Arc::new(|| web::fresh::now() + GRACE - TimeDelta::hours(1));
    let reactor = carry_out_withdrawals(&site.app, early, OFTEN);
    tokio::time::sleep(OFTEN * 10).await;
    drop(reactor);
    let before = site.events().await;
    let withdrawn = "select count(*) from log.events where event_type = 'member.withdrawn'";
    let count: i64 = sqlx::query_scalar(withdrawn)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(count, 0);

    let late: event_log::Clock = Arc::new(|| web::fresh::now() + GRACE + TimeDelta::minutes(1));
    let reactor = carry_out_withdrawals(&site.app, late, OFTEN);
    gone(&site, &mut ann, &credentials()).await;
    assert_eq!(site.events().await, before + 4);
    // what the vault had of them goes, too
    let deadline = Instant::now() + Duration::from_secs(20);
    let accounts = "select count(*) from vault.accounts";
    while sqlx::query_scalar::<_, i64>(accounts)
        .fetch_one(&site.vault)
        .await
        .unwrap()
        > 0
    {
        assert!(Instant::now() < deadline, "the account is never closed");
        tokio::time::sleep(OFTEN).await;
    }
    drop(reactor);
    // name and address are free
    Browser::of(&site, "Ann").await;
    site.end().await;
}

/// Waits until they can't sign in any more, without trying, which would bring them back.
async fn gone(site: &Site, browser: &mut Browser<'_>, typed: &[(&str, &str)]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let withdrawn = "select count(*) from read.members where withdrawn";
    while sqlx::query_scalar::<_, i64>(withdrawn)
        .fetch_one(&site.pool)
        .await
        .unwrap()
        == 0
    {
        assert!(Instant::now() < deadline, "the membership never ends");
        tokio::time::sleep(OFTEN).await;
    }
    let shown = browser.fill("/sign-in", typed).await;
    shown.comes_back_with("not right");
}
