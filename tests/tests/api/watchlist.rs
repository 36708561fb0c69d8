//! `/films/{film}/watchlist` and `/members/{member}/watchlist`.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};
use uuid::Uuid;

use super::unauthenticated;

fn of_film(film: domain::FilmId) -> String {
    format!("/api/v1/films/{film}/watchlist")
}

/// The films of a member's list, in its order, by pages of two.
async fn listed(site: &Site, member: &Member) -> Vec<Value> {
    let (mut films, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("/api/v1/members/{}/watchlist?limit=2{cursor}", member.id);
        let page = site.get(page).await.expect(200).json();
        let items = page["items"].as_array().unwrap().iter();
        films.extend(items.map(|item| item["film"]["id"].clone()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return films,
        }
    }
}

#[tokio::test]
async fn what_a_member_wants_to_see_is_listed_once_the_last_first() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for film in [parasite(), ratatouille(), seopyeonje()] {
        site.put(of_film(film)).by(&ann).await.expect(200);
    }
    let path = of_film(parasite());
    let both = json!({ "wanted": true, "count": 2 });
    assert_eq!(site.put(&path).by(&bob).await.expect(200).json(), both);
    let events = site.events().await;
    assert_eq!(site.put(&path).by(&bob).await.expect(200).json(), both);
    assert_eq!(site.events().await, events);
    let stranger = site.get(&path).await.expect(200).json();
    assert_eq!(stranger, json!({ "wanted": false, "count": 2 }));
    site.project().await;
    let all = [seopyeonje(), ratatouille(), parasite()].map(|film| json!(film));
    assert_eq!(listed(&site, &ann).await, all);

    let left = json!({ "wanted": false, "count": 1 });
    assert_eq!(site.delete(&path).by(&ann).await.expect(200).json(), left);
    let events = site.events().await;
    assert_eq!(site.delete(&path).by(&ann).await.expect(200).json(), left);
    assert_eq!(site.events().await, events);
    assert_eq!(listed(&site, &ann).await, all[..2]);
    site.end().await;
}

#[tokio::test]
async fn a_review_takes_the_film_off_the_list() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.put(of_film(parasite())).by(&ann).await.expect(200);
    // the review is what was asked for: the answer is that of one that is posted
    let review = site.review(&ann, parasite()).await;
    let shown = site.get(of_film(parasite())).by(&ann).await.expect(200);
    assert_eq!(shown.json(), json!({ "wanted": false, "count": 0 }));
    // nor does it come back when the review goes
    let retract = site.delete(format!("/api/v1/reviews/{review}"));
    retract.by(&ann).await.expect(204);
    let shown = site.get(of_film(parasite())).by(&ann).await.expect(200);
    assert_eq!(shown.json()["wanted"], false);
    let again = site.put(of_film(parasite())).by(&ann).await.expect(200);
    assert_eq!(again.json()["wanted"], true);

    let history = site.get("/api/v1/me/events").by(&ann).await.expect(200);
    let told = history.text();
    assert_eq!(told.matches("watchlist.removed").count(), 1, "{told}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_clicks_twenty_times_at_once_wants_it_once() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let events = site.events().await;
    let path = of_film(parasite());
    let clicks = join_all((0..20).map(|_| site.put(&path).by(&ann).into_future())).await;
    for click in clicks {
        assert_eq!(
            click.expect(200).json(),
            json!({ "wanted": true, "count": 1 })
        );
    }
    assert_eq!(site.events().await, events + 1);
    site.end().await;
}

#[tokio::test]
async fn only_members_want_films_and_only_those_that_are_there() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let path = of_film(parasite());
    assert_eq!(site.put(&path).await.problem(), unauthenticated());
    assert_eq!(site.delete(&path).await.problem(), unauthenticated());
    let nowhere = format!("/api/v1/films/{}/watchlist", Uuid::from_u128(1));
    assert_eq!(site.get(&nowhere).await.status, 404);
    assert_eq!(site.put(&nowhere).by(&ann).await.status, 404);
    assert_eq!(site.delete(&nowhere).by(&ann).await.status, 404);
    let nobody = format!("/api/v1/members/{}/watchlist", Uuid::from_u128(1));
    assert_eq!(site.get(nobody).await.status, 404);
    site.end().await;
}

#[tokio::test]
async fn who_leaves_is_counted_no_more() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for member in [&ann, &bob] {
        site.put(of_film(parasite())).by(member).await.expect(200);
    }
    let leaving = json!({ "password": ann.password, "forget": "identity" });
    let leaving = site.delete("/api/v1/me").by(&ann).json(&leaving);
    leaving.await.expect(204);
    site.project().await;
    let shown = site.get(of_film(parasite())).await.expect(200).json();
    assert_eq!(shown, json!({ "wanted": false, "count": 1 }));
    assert_eq!(listed(&site, &ann).await, Vec::<Value>::new());
    site.end().await;
}
