//! When films were seen: on reviews, and `/members/{member}/diary`.

use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};

use super::walk;

async fn say(site: &Site, member: &Member, film: domain::FilmId, day: Value) -> Value {
    let own = format!("/api/v1/films/{film}/review");
    let said = json!({ "rating": 4, "watched_on": day });
    let answer = site.put(own).by(member).json(&said).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_diary_has_what_was_seen_last_first_and_each_once() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let day = "2026-02-28";
    let first = say(&site, &ann, parasite(), json!(day)).await;
    assert_eq!(first["watched_on"], day);
    // two of one day, the last written first
    let second = say(&site, &ann, ratatouille(), json!(day)).await;
    let third = say(&site, &ann, seopyeonje(), json!("2026-01-01")).await;
    site.project().await;
    let list = format!("/api/v1/members/{}/diary", ann.id);
    let ids = [&second, &first, &third].map(|review| tests::site::text(&review["id"]));
    for limit in [1, 2, 3] {
        assert_eq!(walk(&site, &list, limit).await, ids);
    }
    // it is said otherwise, and not at all
    let events = site.events().await;
    let again = say(&site, &ann, seopyeonje(), json!("2026-03-01")).await;
    assert_eq!(again["watched_on"], "2026-03-01");
    assert_eq!(site.events().await, events + 1);
    let none = say(&site, &ann, parasite(), Value::Null).await;
    assert_eq!(none["watched_on"], Value::Null);
    site.project().await;
    let ids = [&third, &second].map(|review| tests::site::text(&review["id"]));
    assert_eq!(walk(&site, &list, 2).await, ids);
    site.end().await;
}

#[tokio::test]
async fn no_film_was_seen_tomorrow_or_before_there_were_films() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let own = format!("/api/v1/films/{}/review", parasite());
    let events = site.events().await;
    for day in ["9999-12-31", "1887-12-31", "2026-02-30", "yesterday"] {
        let said = json!({ "rating": 4, "watched_on": day });
        let refused = site.put(&own).by(&ann).json(&said).await;
        assert_eq!(refused.status, 422, "{day}");
        assert!(refused.text().contains("watched_on"), "{day}");
    }
    assert_eq!(site.events().await, events);
    site.end().await;
}
