//! `/genres`: the nineteen, and their films.

use domain::Genre;
use serde_json::json;
use tests::site::{Site, film, parasite, seopyeonje};

use super::{not_found, walk};

#[tokio::test]
async fn all_nineteen_genres_have_names_and_counts() {
    let site = Site::start().await;
    let list = site.get("/api/v1/genres").await.expect(200).json();
    let genres = list["items"].as_array().unwrap();
    assert_eq!((genres.len(), &list["next"]), (19, &json!(null)));
    let find = |slug: &str| genres.iter().find(|genre| genre["slug"] == slug).unwrap();
    assert_eq!(find("drama")["films"], 2);
    assert_eq!(find("western")["films"], 0);
    let name = json!({ "en": "Science fiction", "ko": "SF" });
    assert_eq!(find("science-fiction")["name"], name);
    site.end().await;
}

#[tokio::test]
async fn a_genres_films_come_newest_release_first_and_each_once() {
    let site = Site::start().await;
    // some of one year: the cursor must not lose them
    let more = |n: i16| film(&format!("Film {n}"), "영화", 2000 + n / 3, &[Genre::Drama]);
    site.list((0..10).map(more).collect()).await;
    let all = walk(&site, "/api/v1/genres/drama/films", 100).await;
    assert_eq!(all.len(), 12);
    assert_eq!(
        (&all[0], &all[11]),
        (&parasite().to_string(), &seopyeonje().to_string())
    );
    for limit in [1, 2, 5] {
        assert_eq!(walk(&site, "/api/v1/genres/drama/films", limit).await, all);
    }
    let none = site
        .get("/api/v1/genres/western/films")
        .await
        .expect(200)
        .json();
    assert_eq!(none, json!({ "items": [], "next": null }));
    for slug in ["Drama", "dramas", "%00", "%ec%a2"] {
        let answer = site.get(format!("/api/v1/genres/{slug}/films")).await;
        assert_eq!(answer.problem(), not_found(), "{slug}");
    }
    site.end().await;
}
