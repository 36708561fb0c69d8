//! Two films that are the same become one.

use std::time::Duration;

use domain::{FilmId, Role};
use serde_json::json;
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};
use tests::tmdb::Tmdb;
use web::import::tmdb::Asked;

use super::tmdb::{bring_in, parasite_there};
use crate::pages::browser::{Browser, with_hidden};

/// Until the reviews of merged films have moved.
pub async fn settle(site: &Site) {
    let every = Duration::from_millis(10);
    let moving = [
        web::merging::move_reviews(&site.app, tests::clock(), every),
        web::merging::move_watchlists(&site.app, tests::clock(), every),
    ];
    tests::until("all has moved", || async {
        site.project().await;
        let left = "select count(*) from read.merged_films m
            where exists (select from read.reviews r where r.film = m.film)
               or exists (select from read.watchlist w where w.film = m.film)";
        let left: i64 = sqlx::query_scalar(left)
            .fetch_one(&site.pool)
            .await
            .unwrap();
        left == 0
    })
    .await;
    drop(moving);
    site.project().await;
}

/// What a member says now is said in the review that moved.
async fn says_more(site: &Site, ann: &Member, newer: &str) {
    let said = json!({"rating": 1.5, "text": "No."});
    let own = format!("/api/v1/films/{}/review", parasite());
    let edited = site.put(&own).by(ann).json(&said).await.expect(200).json();
    assert_eq!(edited["id"], json!(newer));
    let shown = site.get(&own).by(ann).await.expect(200).json();
    assert_eq!(shown["rating"], 1.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_rooms_and_addresses_of_a_merged_film_lead_to_the_other() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    // Ann's of both: that of the film that stays is older
    site.review(&ann, parasite()).await;
    let newer = site.review(&ann, ratatouille()).await;
    let bobs = site.review(&bob, ratatouille()).await;
    site.comment(&ann, &bobs, "And the rain.").await;
    site.put(format!("/api/v1/reviews/{bobs}/like"))
        .by(&ann)
        .await
        .expect(200);
    let room = json!({"film": ratatouille(), "name": "Kitchen", "admission": "public"});
    site.post("/api/v1/rooms")
        .by(&ann)
        .json(&room)
        .await
        .expect(201);

    let path = format!("/api/v1/films/{}/merge/{}", ratatouille(), parasite());
    assert_eq!(site.put(&path).by(&bob).await.status, 404);
    site.grant(&bob, Role::Operator).await;
    site.put(&path).by(&bob).await.expect(204);
    // asked again it is so already
    site.put(&path).by(&bob).await.expect(204);
    settle(&site).await;

    let old = site
        .get(format!("/api/v1/films/{}/reviews?limit=5", ratatouille()))
        .await;
    assert_eq!(old.status, 308);
    let new = format!("/api/v1/films/{}/reviews?limit=5", parasite());
    assert_eq!(old.header("location"), new);
    let reviews = site.get(&new).await.expect(200).json();
    let ids: Vec<_> = reviews["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(ids, [json!(bobs), json!(newer)]);
    let film = site
        .get(format!("/api/v1/films/{}", parasite()))
        .await
        .expect(200)
        .json();
    assert_eq!(film["ratings"]["count"], 2);
    let moved = site
        .get(format!("/api/v1/reviews/{bobs}"))
        .by(&ann)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&moved["likes"], &moved["liked"]),
        (&json!(1), &json!(true))
    );
    let comments = site
        .get(format!("/api/v1/reviews/{bobs}/comments"))
        .await
        .expect(200)
        .json();
    assert_eq!(comments["items"][0]["film"]["id"], json!(parasite()));
    let rooms = site.get(format!("/films/{}", parasite())).await.expect(200);
    assert!(rooms.text().contains("Kitchen"));
    let found = site
        .get("/api/v1/search?q=ratatouille")
        .await
        .expect(200)
        .json();
    assert_eq!(found["films"]["items"], json!([]));

    says_more(&site, &ann, &newer).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_see_a_merged_film_wants_to_see_the_other() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let zoe = site.sign_up("Zoe").await;
    let list = |film| format!("/api/v1/films/{film}/watchlist");
    for member in [&ann, &bob, &zoe] {
        let want = site.put(list(ratatouille())).by(member);
        want.await.expect(200);
    }
    // Bob wants both, Zoe has seen the other
    site.put(list(parasite())).by(&bob).await.expect(200);
    site.review(&zoe, parasite()).await;
    let own = format!("/api/v1/members/{}/watchlist", ann.id);
    let before = site.get(&own).await.expect(200).json();
    site.grant(&bob, Role::Operator).await;
    let path = format!("/api/v1/films/{}/merge/{}", ratatouille(), parasite());
    site.put(&path).by(&bob).await.expect(204);
    settle(&site).await;
    let shown = site.get(list(parasite())).by(&ann).await.expect(200).json();
    assert_eq!(shown, json!({"wanted": true, "count": 2}));
    let after = site.get(&own).await.expect(200).json();
    assert_eq!(after["items"][0]["film"]["id"], json!(parasite()));
    assert_eq!(after["items"][0]["since"], before["items"][0]["since"]);
    let old = site.put(list(ratatouille())).by(&zoe).await;
    assert_eq!(
        (old.status.as_u16(), old.header("location")),
        (308, &*list(parasite()))
    );
    // what was seen under the other name is seen
    let want = site.put(list(seopyeonje())).by(&zoe);
    want.await.expect(200);
    let path = format!("/api/v1/films/{}/merge/{}", parasite(), seopyeonje());
    site.put(&path).by(&bob).await.expect(204);
    settle(&site).await;
    let shown = site
        .get(list(seopyeonje()))
        .by(&zoe)
        .await
        .expect(200)
        .json();
    assert_eq!(shown, json!({"wanted": false, "count": 2}));
    site.end().await;
}

/// TMDB has it twice, too, and goes on telling of both.
#[tokio::test(flavor = "multi_thread")]
async fn no_import_lists_a_film_again_that_was_merged_or_goes_on_for_one() {
    let site = Site::start().await;
    let bob = site.bob().await;
    let tmdb = Tmdb::start(0).await;
    let (en, ko) = parasite_there("All unemployed.");
    let mut twin = en.clone();
    twin["imdb_id"] = json!("tt0000001");
    twin["credits"]["crew"][0]["name"] = json!("Somebody Else");
    tmdb.tell(496_243, en, ko.clone());
    tmdb.tell(48_311, twin, ko);
    let ids = vec![496_243, 48_311];
    let said = bring_in(&site, &tmdb, Asked::Ids { ids }).await;
    assert!(said.contains(": 1 are new here, 1 were revised"), "{said}");
    let twin = FilmId::of_key("tmdb-48311");
    let path = format!("/api/v1/films/{twin}/merge/{}", parasite());
    site.grant(&bob, Role::Operator).await;
    site.put(&path).by(&bob).await.expect(204);
    settle(&site).await;
    for id in [48_311, 496_243, 48_311] {
        let said = bring_in(&site, &tmdb, Asked::Ids { ids: vec![id] }).await;
        assert!(said.contains(": 0 are new here"), "{id}: {said}");
    }
    let ids = "select tmdb, imdb from read.films where film = $1";
    let ids: (Option<i32>, Option<String>) = sqlx::query_as(ids)
        .bind(parasite().0)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(ids, (Some(496_243), Some("tt6751668".to_owned())));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_joins_films_on_a_page() {
    let site = Site::start().await;
    let mut bob = Browser::of(&site, "Bob").await;
    let page = format!("/films/{}/merge", ratatouille());
    assert_eq!(bob.get(&page).await.status, 404);
    let mut ann = Browser::with_role(&site, "Ann", Role::Operator).await;
    ann.get(&format!("/films/{}", ratatouille()))
        .await
        .shows(&page);
    let shown = ann.fill(&page, &[("into", "nowhere")]).await;
    shown.comes_back_with("Please choose another film");
    let into = format!(
        "http://here.example/films/{}?sort=newest#reviews",
        parasite()
    );
    let there = format!("/films/{}", parasite());
    // both are shown beside each other before anything happens
    let before = site.events().await;
    let sure = ann.fill(&page, &[("into", into.as_str())]).await;
    sure.shows("Are they the same film?");
    sure.shows("They are years apart.");
    sure.hides("Nobody directed both.");
    assert_eq!((sure.status, site.events().await), (200, before));
    let form = sure.form(&page);
    let id = parasite().to_string();
    ann.post(&page, &with_hidden(&form, &[("into", &id), ("sure", "on")]))
        .await
        .goes_to(&there);
    ann.get(&there).await.shows("The films are one now.");
    let old = ann.get(&format!("/films/{}", ratatouille())).await;
    assert_eq!((old.status, old.location.as_str()), (308, there.as_str()));
    site.end().await;
}
