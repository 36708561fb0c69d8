//! `/films` and `/genres`: the catalogue.

use domain::Genre;
use projections::films::{List, Order};
use serde_json::json;
use sqlx::AssertSqlSafe;
use tests::site::{Member, Site, film, parasite, ratatouille, seopyeonje, text};

use uuid::Uuid;

use super::{not_found, walk};

#[tokio::test]
async fn a_film_shows_its_facts_and_how_it_is_rated() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let path = format!("/api/v1/films/{}", parasite());
    let film = site.get(&path).await.expect(200).json();
    assert_eq!(film["key"], "parasite-2019");
    assert_eq!(film["title"], json!({ "en": "Parasite", "ko": "기생충" }));
    assert_eq!(
        (&film["year"], &film["runtime_min"]),
        (&json!(2019), &json!(112))
    );
    assert_eq!(film["genres"], json!(["thriller", "drama"]));
    assert_eq!(
        film["directors"],
        json!([{ "en": "Im Kwon-taek", "ko": "임권택" }])
    );
    assert_eq!(film["cast"], json!([{ "en": "Somebody", "ko": null }]));
    let unrated = json!({ "count": 0, "average": null, "histogram": vec![0; 10] });
    assert_eq!(film["ratings"], unrated);

    for (member, rating) in [(&ann, 4.5), (&bob, 1.0)] {
        let body = json!({ "rating": rating });
        site.put(format!("{path}/review"))
            .by(member)
            .json(&body)
            .await
            .expect(201);
    }
    let ratings = site.get(&path).await.expect(200).json()["ratings"].clone();
    let histogram = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0];
    assert_eq!(
        ratings,
        json!({ "count": 2, "average": 2.75, "histogram": histogram })
    );
    let listed = site
        .get("/api/v1/films?sort=newest&limit=1")
        .await
        .expect(200)
        .json();
    assert_eq!(
        listed["items"][0]["ratings"],
        json!({ "count": 2, "average": 2.75 })
    );
    site.end().await;
}

#[tokio::test]
async fn newly_added_films_come_first_and_each_once() {
    let site = Site::start().await;
    let more = |n: i16| film(&format!("Film {n}"), "영화", 1950 + n, &[Genre::War]);
    site.list((0..20).map(more).collect()).await;
    let all = walk(&site, "/api/v1/films?sort=newest", 100).await;
    assert_eq!(all.len(), 23);
    assert_eq!(
        all[20..],
        [parasite(), ratatouille(), seopyeonje()].map(|id| id.to_string())
    );
    for limit in [1, 2, 5, 22, 23] {
        assert_eq!(walk(&site, "/api/v1/films?sort=newest", limit).await, all);
    }
    let default = site
        .get("/api/v1/films?sort=newest")
        .await
        .expect(200)
        .json();
    assert_eq!(default["items"].as_array().unwrap().len(), 20);
    site.end().await;
}

#[tokio::test]
async fn films_that_are_talked_about_come_in_their_order_and_each_once() {
    let site = Site::start().await;
    let members = [site.ann().await, site.bob().await];
    let more: Vec<_> = (0..12)
        .map(|n| film(&format!("Film {n}"), "영화", 1950 + n, &[Genre::War]))
        .collect();
    let ids: Vec<_> = more.iter().map(|film| film.film).collect();
    site.list(more).await;
    let mut reviews = Vec::new();
    for film in &ids {
        reviews.push(site.review(&members[0], *film).await);
    }
    site.review(&members[1], ids[3]).await;
    let all = walk(&site, "/api/v1/films?sort=talked-about", 100).await;
    assert_eq!(all[0], ids[3].to_string(), "two talked about it");
    assert_eq!(all.len(), 12, "nobody talked about the others");
    for limit in [1, 2, 5, 12] {
        assert_eq!(walk(&site, "/api/v1/films", limit).await, all);
    }
    let own = format!("/api/v1/reviews/{}", reviews[0]);
    let gone = site.delete(own).by(&members[0]).await.expect(204);
    let shown = site
        .get("/api/v1/films?limit=100")
        .header("reeltime-position", gone.position())
        .await;
    assert!(
        !shown.text().contains(&ids[0].to_string()),
        "nobody talks about it any more"
    );
    site.end().await;
}

#[tokio::test]
async fn films_come_by_year_and_each_once() {
    let site = Site::start().await;
    // some of one year, and one of which nobody knows it
    let more = |n: i16| film(&format!("Film {n}"), "영화", 1950 + n / 4, &[Genre::War]);
    let mut films: Vec<_> = (0..14).map(more).collect();
    let mut unknown = film("Someday", "언젠가", 1900, &[Genre::War]);
    unknown.facts.year = None;
    films.push(unknown.clone());
    site.list(films).await;
    let latest = walk(&site, "/api/v1/films?sort=latest", 100).await;
    assert_eq!(latest.len(), 18);
    let first = [parasite(), ratatouille(), seopyeonje()].map(|id| id.to_string());
    assert_eq!(latest[..3], first);
    assert_eq!(latest[17], unknown.film.to_string());
    // those of a year of which nothing is known are nowhere near the oldest
    let mut oldest = walk(&site, "/api/v1/films?sort=oldest", 100).await;
    let as_oldest = oldest.clone();
    oldest.reverse();
    assert_eq!(oldest, latest[..17]);
    for limit in [1, 2, 5, 17] {
        assert_eq!(
            walk(&site, "/api/v1/films?sort=latest", limit).await,
            latest
        );
        assert_eq!(
            walk(&site, "/api/v1/films?sort=oldest", limit).await,
            as_oldest
        );
    }
    let fifties = walk(&site, "/api/v1/films?sort=latest&decade=1950", 3).await;
    assert_eq!(fifties, latest[3..17]);
    let war = walk(&site, "/api/v1/genres/war/films?decade=1950&sort=oldest", 3).await;
    assert_eq!(war, as_oldest[..14]);
    assert_eq!(walk(&site, "/api/v1/genres/war/films", 4).await.len(), 15);
    for decade in ["1955", "19", "-10", "20000", "x"] {
        let answer = site.get(format!("/api/v1/films?decade={decade}")).await;
        assert_eq!(answer.problem().0, 400, "{decade}");
    }
    site.end().await;
}

#[tokio::test]
async fn the_best_rated_films_come_first_and_many_ratings_weigh_more_than_one() {
    let site = Site::start().await;
    let members = [
        site.ann().await,
        site.bob().await,
        site.sign_up("Cara").await,
    ];
    let rate = async |member: &Member, film, rating: f64| {
        let own = site.put(format!("/api/v1/films/{film}/review")).by(member);
        own.json(&json!({ "rating": rating })).await.expect(201);
    };
    for member in &members {
        rate(member, parasite(), 4.5).await;
    }
    rate(&members[0], ratatouille(), 5.0).await;
    rate(&members[0], seopyeonje(), 1.0).await;
    site.project().await;
    let all = [parasite(), ratatouille(), seopyeonje()].map(|id| id.to_string());
    for limit in [1, 2, 3] {
        let found = walk(&site, "/api/v1/films?sort=best-rated", limit).await;
        assert_eq!(found, all);
    }
    let drama = walk(&site, "/api/v1/genres/drama/films?sort=best-rated", 1).await;
    assert_eq!(drama, [&*all[0], &all[2]]);
    let talked = walk(&site, "/api/v1/genres/drama/films?sort=talked-about", 1).await;
    assert_eq!(talked.len(), 2);
    let nineties = "/api/v1/films?sort=best-rated&decade=1990";
    assert_eq!(walk(&site, nineties, 1).await, all[2..]);
    let next = site.get("/api/v1/films?sort=best-rated&limit=1").await;
    let next = text(&next.expect(200).json()["next"]);
    for sort in ["newest", "talked-about", "latest", "oldest"] {
        let page = site.get(format!("/api/v1/films?sort={sort}&cursor={next}"));
        assert_eq!(page.await.problem(), (400, "bad-request".to_owned()));
    }
    site.end().await;
}

/// Each order is an index's: however many films there are, a page is read from it.
#[tokio::test]
async fn a_page_of_films_is_read_from_an_index() {
    let site = Site::start().await;
    let mut connection = site.pool.acquire().await.unwrap();
    // where there is a way without sorting, it is taken
    let way = "set search_path = read; set enable_sort = off; set enable_incremental_sort = off;
               set enable_seqscan = off";
    sqlx::raw_sql(way).execute(&mut *connection).await.unwrap();
    for order in Order::ALL {
        for (genre, decade, unseen_by) in [
            (None, None, None),
            (None, Some(1990), None),
            (None, Some(1990), Some(Uuid::nil())),
            (Some(Genre::War), None, None),
            (Some(Genre::War), Some(1990), Some(Uuid::nil())),
        ] {
            for is_first in [true, false] {
                let list = List {
                    order,
                    genre,
                    decade,
                    unseen_by,
                };
                let explain = format!("explain {}", list.sql(is_first));
                let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
                    .bind(36_i64)
                    .bind(7.5_f64)
                    .bind(7_i64)
                    .bind(Uuid::nil())
                    .bind(genre.map(Genre::slug))
                    .bind(decade)
                    .bind(unseen_by)
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap();
                let plan = plan.join("\n");
                assert!(!plan.contains("Sort"), "{list:?}: {plan}");
            }
        }
    }
    drop(connection);
    site.end().await;
}

#[tokio::test]
async fn a_caller_leaves_out_what_they_have_seen() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.review(&ann, parasite()).await;
    site.review(&bob, ratatouille()).await;
    let head = site.project().await;
    site.app.recommender.caught_up(head).await;
    let lists = [
        "films?sort=newest&unseen=",
        "films?sort=talked-about&unseen=",
        "films?sort=best-rated&unseen=",
        "films?sort=latest&decade=2010&unseen=",
        "genres/drama/films?unseen=",
        "genres/drama/films?sort=oldest&unseen=",
        "trending?unseen=",
    ];
    for list in lists {
        let has = async |member: Option<&Member>, unseen: bool| {
            let asked = site.get(format!("/api/v1/{list}{unseen}"));
            let asked = match member {
                Some(member) => asked.by(member),
                None => asked,
            };
            asked
                .await
                .expect(200)
                .text()
                .contains(&parasite().to_string())
        };
        assert!(has(Some(&ann), false).await, "{list}");
        assert!(!has(Some(&ann), true).await, "{list}");
        // others have not seen it
        assert!(has(Some(&bob), true).await, "{list}");
        assert!(has(None, true).await, "{list}");
    }
    let answer = site.get("/api/v1/films?unseen=perhaps").await;
    assert_eq!(answer.problem().0, 400);
    site.end().await;
}

#[tokio::test]
async fn what_is_no_film_is_not_found() {
    let site = Site::start().await;
    let ann = site.ann().await;
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "parasite-2019",
        "%F0%9F",
        "1",
    ] {
        for rest in ["", "/reviews", "/review"] {
            let answer = site.get(format!("/api/v1/films/{id}{rest}")).by(&ann).await;
            assert_eq!(answer.problem(), not_found(), "{id}{rest}");
        }
        let answer = site.put(format!("/api/v1/films/{id}/review")).by(&ann);
        assert_eq!(
            answer.json(&json!({ "rating": 4 })).await.problem(),
            not_found(),
            "{id}"
        );
    }
    site.end().await;
}
