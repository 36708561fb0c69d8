//! `/films` and `/genres`: the catalogue.

use domain::Genre;
use serde_json::json;
use tests::site::{Member, Site, film, parasite, ratatouille, seopyeonje};

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
        "genres/drama/films?unseen=",
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
