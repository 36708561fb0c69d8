//! What to watch next: lists that know what a member likes, say why, and are the same on
//! every node.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use domain::{FilmId, Genre};
use projections::recommender::{History, Rated, Recommender, last_fit};
use serde_json::{Value, json};
use tests::site::{Member, Site, film, parasite, ratatouille, text};

use super::{not_found, unauthenticated, walk};

/// How long a fit may be awaited.
const PATIENCE: Duration = Duration::from_secs(30);

/// Six films of two circles: 0–2 are liked by three members, 3–5 by three others.
struct World {
    site: Site,
    films: Vec<FilmId>,
    fans: Vec<Member>,
}

impl World {
    async fn start() -> World {
        let site = Site::start().await;
        let genres = [Genre::War, Genre::Western];
        let films = (0..6).map(|n| film(&format!("Film {n}"), "영화", 1950 + n, &genres[..1]));
        let films: Vec<_> = films.collect();
        let ids: Vec<FilmId> = films.iter().map(|film| film.film).collect();
        site.list(films).await;
        let mut world = World {
            site,
            films: ids,
            fans: Vec::new(),
        };
        for (n, name) in ["Uma", "Vic", "Wes", "Xia", "Yun", "Zoe"]
            .iter()
            .enumerate()
        {
            let fan = world.site.sign_up(name).await;
            let circle = if n < 3 { 0..3 } else { 3..6 };
            for film in circle {
                world.rate(&fan, world.films[film], 4.5).await;
            }
            world.fans.push(fan);
        }
        world.catch_up().await;
        world
    }

    /// The position at which it is recorded.
    async fn rate(&self, member: &Member, film: FilmId, stars: f64) -> i64 {
        let path = format!("/api/v1/films/{film}/review");
        let said = json!({ "rating": stars });
        let answer = self.site.put(path).by(member).json(&said).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.position()
    }

    /// Waits until all that is due is fitted.
    async fn catch_up(&self) {
        let head = self.site.project().await;
        self.site.app.recommender.caught_up(head).await;
    }

    /// The caller's list, with all that was recorded up to this position.
    async fn suggestions(&self, member: &Member, position: i64) -> Vec<Value> {
        let asked = self.site.get("/api/v1/me/suggestions?limit=100").by(member);
        let answer = asked
            .header("reeltime-position", position)
            .await
            .expect(200);
        let list = answer.json();
        assert_eq!(list["model"]["version"], projections::recommender::VERSION);
        assert!(list["model"]["position"].as_i64().unwrap() > 0);
        list["items"].as_array().unwrap().clone()
    }
}

fn films(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| text(&item["film"]["id"])).collect()
}

#[tokio::test]
async fn a_like_changes_the_list_at_once_and_is_named_as_the_reason() {
    let world = World::start().await;
    let ann = world.site.ann().await;
    let before = world.suggestions(&ann, 0).await;
    assert_eq!(before.len(), 6, "{before:#?}");
    assert!(before.iter().all(|item| item["source"] == "trending"));

    let liked = world.films[4];
    let position = world.rate(&ann, liked, 5.0).await;
    let after = world.suggestions(&ann, position).await;
    let first: BTreeSet<String> = films(&after[..2]).into_iter().collect();
    let circle = [world.films[3], world.films[5]].map(|film| film.to_string());
    assert_eq!(first, BTreeSet::from(circle));
    assert_eq!(after[0]["source"], "likes");
    assert_eq!(after[0]["because"][0]["film"]["id"], liked.to_string());
    assert!(!films(&after).contains(&liked.to_string()));
    world.site.end().await;
}

#[tokio::test]
async fn nothing_that_was_seen_is_suggested_whatever_was_thought_of_it() {
    let world = World::start().await;
    let ann = world.site.ann().await;
    let mut seen = BTreeSet::new();
    for (n, stars) in [(0, 5.0), (1, 0.5), (3, 3.0)] {
        let film = world.films[n];
        let position = world.rate(&ann, film, stars).await;
        seen.insert(film.to_string());
        let listed = films(&world.suggestions(&ann, position).await);
        assert!(listed.iter().all(|film| !seen.contains(film)));
        let onward = format!("/api/v1/films/{}/onward", world.films[2]);
        let onward = world.site.get(onward).by(&ann).await.expect(200).json();
        let onward = films(onward["items"].as_array().unwrap());
        assert!(onward.iter().all(|film| !seen.contains(film)));
    }
    world.site.end().await;
}

#[tokio::test]
async fn a_retraction_takes_back_what_followed_from_it() {
    let world = World::start().await;
    let ann = world.site.ann().await;
    let liked = world.films[0];
    let position = world.rate(&ann, liked, 5.0).await;
    let with = world.suggestions(&ann, position).await;
    assert!(with.iter().any(|item| item["source"] == "likes"));
    let own = format!("/api/v1/films/{liked}/review");
    let review = text(&world.site.get(own).by(&ann).await.expect(200).json()["id"]);
    let retracted = world
        .site
        .delete(format!("/api/v1/reviews/{review}"))
        .by(&ann);
    let position = retracted.await.expect(204).position();
    let without = world.suggestions(&ann, position).await;
    assert!(without.iter().all(|item| item["source"] == "trending"));
    assert!(films(&without).contains(&liked.to_string()));
    world.site.end().await;
}

#[tokio::test]
async fn who_withdraws_leaves_all_fits() {
    let world = World::start().await;
    let trending = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| text(&item["id"])).collect()
    };
    let loner = world.site.ann().await;
    world.rate(&loner, ratatouille(), 5.0).await;
    let body = json!({ "password": loner.password });
    // a fit knows it
    let knows = async || {
        let list = world.site.get("/api/v1/trending").await.expect(200).json();
        trending(&list).contains(&ratatouille().to_string())
    };
    for stars in [1.0, 1.5].iter().cycle().take(40) {
        if knows().await {
            break;
        }
        world.rate(&world.fans[0], parasite(), *stars).await;
        world.catch_up().await;
    }
    assert!(knows().await);
    let mut fits = world.site.app.recommender.fits();
    let before = fits.borrow().0.departed;
    let left = world.site.delete("/api/v1/me").by(&loner).json(&body).await;
    left.expect(204);
    let gone = fits.wait_for(|(fit, _)| fit.departed > before);
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    let position = gone.expect("a fit without them").unwrap().0.departed;
    let after = world.site.get("/api/v1/trending").await.expect(200).json();
    assert!(!trending(&after).contains(&ratatouille().to_string()));
    assert!(after["model"]["position"].as_i64().unwrap() >= position);
    world.site.end().await;
}

/// A node that starts now, from the read tables alone, makes the lists that the old one
/// made; so it does after they were computed anew.
#[tokio::test(flavor = "multi_thread")]
async fn every_node_and_every_replay_makes_the_same_list() {
    let world = World::start().await;
    let site = &world.site;
    // on to a position that is well behind its last fit
    let mut position = 0;
    for n in 0..500 {
        let film = world.films[n % 6];
        let stars = [1.0, 4.0, 5.0][(n + n / 30) % 3];
        position = world.rate(&world.fans[n % 5], film, stars).await;
        if position > 140 && position - last_fit(position) == 3 {
            break;
        }
    }
    world.catch_up().await;
    let history = History::new([0, 4].map(|n| Rated {
        film: world.films[n].0,
        half_stars: 9,
        at: 0,
    }));
    let list = |node: &Recommender| {
        let (fit, fitted) = node.fitted();
        let suggestions = node.ask(|shelf| fitted.suggest(&history, shelf, 0, 60));
        let nothing = History::default();
        let walk = node.ask(|shelf| fitted.walk_from(&history.liked, &nothing, shelf, 60));
        (fit, suggestions, walk, fitted.trending(60))
    };
    let here = list(&site.app.recommender);
    assert_eq!(here.0.at, last_fit(position));
    assert!(here.0.at < position);
    let start = || Recommender::start(site.app.reader.clone(), site.app.tail.clone());
    let other = start();
    other.caught_up(position).await;
    assert_eq!(list(&other), here);
    let all = projections::Rebuild {
        models: vec![],
        pace: projections::Pace::Full,
        memory: projections::MEMORY,
        resume: false,
    };
    projections::rebuild(&site.pool, &site.keyring, &all, |_| {})
        .await
        .unwrap();
    let replayed = start();
    replayed.caught_up(position).await;
    assert_eq!(list(&replayed), here);
    world.site.end().await;
}

#[tokio::test]
async fn films_are_akin_for_reasons_and_similar_by_genre() {
    let world = World::start().await;
    let site = &world.site;
    let path = format!("/api/v1/films/{}", world.films[0]);
    let akin = site.get(format!("{path}/akin")).await.expect(200).json();
    let reasons = akin["items"][0]["reasons"].as_array().unwrap();
    let kinds: Vec<&str> = reasons
        .iter()
        .map(|r| r["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"same-director") && kinds.contains(&"liked-together"));
    let together = reasons
        .iter()
        .find(|r| r["kind"] == "liked-together")
        .unwrap();
    assert_eq!(together["members"], 3);

    let similar = site.get(format!("{path}/similar")).await.expect(200).json();
    let items = similar["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    assert!(
        items
            .iter()
            .all(|item| item["cosine"] == 1.0 && item["votes"] == 3)
    );
    let ids = films(items);
    assert!(ids.is_sorted(), "equal votes: by id");
    assert_eq!(similar["next"], Value::Null);
    world.site.end().await;
}

#[tokio::test]
async fn a_way_leads_from_what_is_liked_through_people_or_members() {
    let world = World::start().await;
    let ann = world.site.ann().await;
    let path = format!("/api/v1/films/{}/path", world.films[1]);
    let none = world.site.get(&path).by(&ann).await.expect(200).json();
    assert_eq!(none["stops"], json!([]));
    let position = world.rate(&ann, world.films[0], 4.0).await;
    let asked = world.site.get(&path).by(&ann);
    let way = asked
        .header("reeltime-position", position)
        .await
        .expect(200)
        .json();
    let stops = way["stops"].as_array().unwrap();
    let kinds: Vec<&str> = stops
        .iter()
        .map(|stop| stop["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["film", "person", "film"]);
    assert_eq!(stops[0]["film"]["id"], world.films[0].to_string());
    assert_eq!(stops[2]["film"]["id"], world.films[1].to_string());
    assert_eq!(world.site.get(&path).await.problem(), unauthenticated());
    world.site.end().await;
}

#[tokio::test]
async fn a_taste_counts_what_was_rated_and_liked() {
    let world = World::start().await;
    let ann = world.site.ann().await;
    world.rate(&ann, world.films[0], 5.0).await;
    world.rate(&ann, world.films[1], 4.0).await;
    let position = world.rate(&ann, ratatouille(), 1.0).await;
    let asked = world.site.get("/api/v1/me/taste").by(&ann);
    let taste = asked
        .header("reeltime-position", position)
        .await
        .expect(200)
        .json();
    assert_eq!(
        taste["all"],
        json!({ "rated": 3, "liked": 2, "average": 10.0 / 3.0 })
    );
    assert_eq!(taste["genres"][0]["genre"], "war");
    assert_eq!(taste["genres"][0]["liked"], 2);
    assert_eq!(taste["decades"][0]["decade"], 1950);
    assert_eq!(taste["decades"].as_array().unwrap().len(), 6);
    assert_eq!(taste["people"][0]["person"]["en"], "Im Kwon-taek");
    world.site.end().await;
}

#[tokio::test]
async fn lists_are_turned_page_by_page_and_bad_questions_are_problems() {
    let world = World::start().await;
    let site = &world.site;
    let all = walk(site, "/api/v1/trending", 100).await;
    assert_eq!(all.len(), 6);
    for limit in [1, 2, 5] {
        assert_eq!(walk(site, "/api/v1/trending", limit).await, all);
    }
    for (path, status) in [("trending?limit=0", 400), ("trending?cursor=x", 400)] {
        let answer = site.get(format!("/api/v1/{path}")).await;
        assert_eq!(answer.problem().0, status, "{path}");
    }
    let nobody = "00000000-0000-0000-0000-000000000000";
    for list in ["similar", "akin", "onward"] {
        let answer = site.get(format!("/api/v1/films/{nobody}/{list}")).await;
        assert_eq!(answer.problem(), not_found(), "{list}");
    }
    for mine in ["suggestions", "like-minded", "taste"] {
        let answer = site.get(format!("/api/v1/me/{mine}")).await;
        assert_eq!(answer.problem(), unauthenticated(), "{mine}");
    }
    world.site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_question_that_takes_long_holds_up_nobody() {
    let site = Site::start().await;
    let recommender = site.app.recommender.clone();
    let asking = tokio::spawn(async move {
        let (told, word) = mpsc::channel();
        // is next on the one thread, which the question keeps
        tokio::spawn(async move { told.send(()) });
        recommender.ask(|_| word.recv_timeout(Duration::from_secs(20)))
    });
    asking.await.unwrap().unwrap();
    site.end().await;
}
