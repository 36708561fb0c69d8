//! `/members/{member}/follow`, who follows whom, and what those write.

use domain::{MemberId, Role};
use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje, text};

use super::{not_found, unauthenticated, walk};
use crate::pages::browser::Browser;

fn path(member: &Member, what: &str) -> String {
    format!("/api/v1/members/{}/{what}", member.id)
}

async fn follow(site: &Site, member: &Member, followed: &Member) {
    let asked = site.put(path(followed, "follow")).by(member);
    asked.await.expect(200);
}

/// The items of a list.
async fn items(site: &Site, path: &str, viewer: Option<&Member>) -> Vec<Value> {
    site.project().await;
    let mut asked = site.get(path);
    if let Some(viewer) = viewer {
        asked = asked.by(viewer);
    }
    asked.await.expect(200).json()["items"]
        .as_array()
        .unwrap()
        .clone()
}

async fn names(site: &Site, path: &str) -> Vec<String> {
    let items = items(site, path, None).await;
    items.iter().map(|one| text(&one["name"])).collect()
}

#[tokio::test]
async fn following_counts_once_and_can_be_ended() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let here = path(&ann, "follow");
    let followed = json!({ "followed": true, "followers": 1 });
    let not_followed = json!({ "followed": false, "followers": 0 });
    assert_eq!(site.put(&here).by(&bob).await.expect(200).json(), followed);
    let events = site.events().await;
    assert_eq!(site.put(&here).by(&bob).await.expect(200).json(), followed);
    assert_eq!(site.events().await, events);
    let shown = site
        .get(path(&ann, "").trim_end_matches('/'))
        .by(&bob)
        .await;
    let shown = shown.expect(200).json();
    assert_eq!(
        (&shown["followers"], &shown["following"], &shown["followed"]),
        (&json!(1), &json!(0), &json!(true))
    );
    assert_eq!(names(&site, &path(&ann, "followers")).await, ["Bob"]);
    assert_eq!(names(&site, &path(&bob, "following")).await, ["Ann"]);
    assert_eq!(
        site.delete(&here).by(&bob).await.expect(200).json(),
        not_followed
    );
    let events = site.events().await;
    assert_eq!(
        site.delete(&here).by(&bob).await.expect(200).json(),
        not_followed
    );
    assert_eq!(site.events().await, events);
    assert_eq!(names(&site, &path(&ann, "followers")).await, [""; 0]);

    let own = site.put(&here).by(&ann).await;
    assert_eq!(own.problem(), (403, "oneself".to_owned()));
    assert_eq!(site.put(&here).await.problem(), unauthenticated());
    let nobody = "/api/v1/members/00000000-0000-0000-0000-000000000001";
    assert_eq!(
        site.put(format!("{nobody}/follow"))
            .by(&bob)
            .await
            .problem(),
        not_found()
    );
    assert_eq!(
        site.get(format!("{nobody}/followers")).await.problem(),
        not_found()
    );
    site.end().await;
}

#[tokio::test]
async fn followers_come_newest_first_and_pages_hold_each_once() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let mut names_of = Vec::new();
    for number in 0..5 {
        let name = format!("Fan {number}");
        follow(&site, &site.sign_up(&name).await, &ann).await;
        names_of.insert(0, name);
    }
    let list = path(&ann, "followers");
    assert_eq!(names(&site, &list).await, names_of);
    for limit in [1, 2, 5] {
        assert_eq!(walk(&site, &list, limit).await.len(), 5);
    }
    site.end().await;
}

#[tokio::test]
async fn what_those_write_whom_one_follows_comes_newest_first() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let judge = site.sign_up("Judge").await;
    site.grant(&judge, Role::Moderator).await;
    let list = "/api/v1/me/following/reviews";
    assert_eq!(site.get(list).await.problem(), unauthenticated());
    assert_eq!(items(&site, list, Some(&bob)).await, [json!(null); 0]);
    let mut reviews = vec![
        site.review(&ann, parasite()).await,
        site.review(&carl, parasite()).await,
        site.review(&ann, ratatouille()).await,
        site.review(&carl, seopyeonje()).await,
    ];
    site.review(&judge, parasite()).await;
    follow(&site, &bob, &ann).await;
    follow(&site, &bob, &carl).await;
    let ids = async || -> Vec<String> {
        let items = items(&site, list, Some(&bob)).await;
        items.iter().map(|one| text(&one["id"])).collect()
    };
    reviews.reverse();
    assert_eq!(ids().await, reviews);
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = site.get(format!("{list}?limit=1{cursor}")).by(&bob).await;
        let page = page.expect(200).json();
        walked.push(text(&page["items"][0]["id"]));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, reviews);

    // what moderators hide and what is retracted is not there, nor what of those who are left
    site.hide(&judge, "review", &reviews[0]).await;
    let gone = site
        .delete(format!("/api/v1/reviews/{}", reviews[1]))
        .by(&ann);
    gone.await.expect(204);
    assert_eq!(ids().await, reviews[2..]);
    site.delete(path(&carl, "follow"))
        .by(&bob)
        .await
        .expect(200);
    assert_eq!(ids().await, reviews[3..]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_followed_is_told_until_it_ends() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    follow(&site, &bob, &ann).await;
    let told = items(&site, "/api/v1/notifications", Some(&ann)).await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["by"]["name"]),
        (&json!("follow"), &json!("Bob"))
    );
    let page = site.get("/notifications").by(&ann).await.expect(200).text();
    assert!(page.contains("Bob follows you"), "{page}");
    assert!(page.contains(&format!("href=\"/members/{}\"", bob.id)));
    site.delete(path(&ann, "follow")).by(&bob).await.expect(200);
    assert_eq!(
        items(&site, "/api/v1/notifications", Some(&ann)).await,
        [json!(null); 0]
    );

    // whoever leaves follows nobody any more, and is followed by nobody
    follow(&site, &bob, &ann).await;
    follow(&site, &ann, &bob).await;
    site.forget(MemberId(bob.id.parse().unwrap())).await;
    assert_eq!(
        items(&site, "/api/v1/notifications", Some(&ann)).await,
        [json!(null); 0]
    );
    let shown = site.get(path(&ann, "").trim_end_matches('/')).await.json();
    assert_eq!(
        (&shown["followers"], &shown["following"]),
        (&json!(0), &json!(0))
    );
    let late = site.put(path(&bob, "follow")).by(&ann).await;
    assert_eq!(late.problem(), not_found());
    site.end().await;
}

#[tokio::test]
async fn following_works_on_pages_without_scripts() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    let there = format!("/members/{}", ann.id);
    let mut bob = Browser::of(&site, "Bob").await;
    bob.get("/").await.hides("New from people you follow");
    bob.get("/following")
        .await
        .shows("Follow somebody whose reviews you like");
    let follow = format!("{there}/follow");
    bob.fill_to(&there, &follow, &[]).await.goes_to(&there);
    bob.get(&there).await.shows("Unfollow");
    bob.get("/").await.shows("New from people you follow");
    bob.get("/following").await.shows("Stairs, everywhere.");
    bob.get(&format!("{there}/followers")).await.shows("Bob");
    let shown = bob.get(&format!("{there}/following")).await;
    shown.shows("Whom Ann follows");
    shown.shows("Nobody yet.");
    let unfollow = format!("{there}/unfollow");
    bob.fill_to(&there, &unfollow, &[]).await.goes_to(&there);
    bob.get("/").await.hides("New from people you follow");
    bob.get("/me/history").await.shows("followed Ann");
    let mut stranger = Browser::new(&site).await;
    stranger.get(&there).await.shows("Follow");
    stranger
        .get("/following")
        .await
        .goes_to("/sign-in?next=/following");
    stranger
        .post(&follow, &[])
        .await
        .goes_to(&format!("/sign-in?next={there}"));
    site.end().await;
}
