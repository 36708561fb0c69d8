//! `/reviews/{review}/like`.

use futures::future::join_all;
use serde_json::json;
use tests::site::{Site, parasite, ratatouille, seopyeonje};

use super::{unauthenticated, walk};

#[tokio::test]
async fn a_like_counts_once_and_can_be_taken_back() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let path = format!("/api/v1/reviews/{review}/like");
    let liked = json!({ "liked": true, "likes": 1 });
    let not_liked = json!({ "liked": false, "likes": 0 });

    assert_eq!(site.put(&path).by(&bob).await.expect(200).json(), liked);
    let events = site.events().await;
    assert_eq!(site.put(&path).by(&bob).await.expect(200).json(), liked);
    assert_eq!(site.events().await, events);
    let shown = site.get(format!("/api/v1/reviews/{review}"));
    let shown = shown.by(&bob).await.expect(200).json();
    assert_eq!(
        (&shown["liked"], &shown["likes"]),
        (&json!(true), &json!(1))
    );
    let stranger = site
        .get(format!("/api/v1/reviews/{review}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&stranger["liked"], &stranger["likes"]),
        (&json!(false), &json!(1))
    );

    assert_eq!(
        site.delete(&path).by(&bob).await.expect(200).json(),
        not_liked
    );
    let events = site.events().await;
    assert_eq!(
        site.delete(&path).by(&bob).await.expect(200).json(),
        not_liked
    );
    assert_eq!(site.events().await, events);
    site.end().await;
}

#[tokio::test]
async fn what_a_member_likes_is_listed_the_last_first_and_each_once() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let mut reviews = Vec::new();
    for film in [parasite(), ratatouille(), seopyeonje()] {
        let review = site.review(&ann, film).await;
        site.like(&bob, &review).await;
        reviews.insert(0, review);
    }
    site.project().await;
    let list = format!("/api/v1/members/{}/likes", bob.id);
    for limit in [1, 2, 3] {
        assert_eq!(walk(&site, &list, limit).await, reviews);
    }
    // one that is taken back, and one whose review goes
    let unlike = site.delete(format!("/api/v1/reviews/{}/like", reviews[0]));
    unlike.by(&bob).await.expect(200);
    let retract = site.delete(format!("/api/v1/reviews/{}", reviews[1]));
    retract.by(&ann).await.expect(204);
    site.project().await;
    assert_eq!(walk(&site, &list, 2).await, reviews[2..]);
    let own = format!("/api/v1/members/{}/likes", ann.id);
    assert_eq!(walk(&site, &own, 2).await, Vec::<String>::new());
    let nobody = "/api/v1/members/00000000-0000-0000-0000-000000000001/likes";
    assert_eq!(site.get(nobody).await.status, 404);
    site.end().await;
}

/// Others don't find what moderators have hidden, among the likes neither.
#[tokio::test]
async fn a_hidden_review_is_among_nobodys_likes() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    site.like(&bob, &review).await;
    let warden = site.sign_up("Warden").await;
    site.grant(&warden, domain::Role::Moderator).await;
    site.hide(&warden, "review", &review).await;
    let list = format!("/api/v1/members/{}/likes", bob.id);
    assert_eq!(walk(&site, &list, 2).await, Vec::<String>::new());
    let author = site.get(&list).by(&ann).await.expect(200).json();
    assert_eq!(author["items"][0]["id"], json!(review));
    site.end().await;
}

#[tokio::test]
async fn authors_may_not_like_their_own_review() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let path = format!("/api/v1/reviews/{review}/like");
    let refused = site.put(&path).by(&ann).await;
    assert_eq!(refused.problem(), (403, "own-review".to_owned()));
    assert_eq!(site.put(&path).await.problem(), unauthenticated());
    assert_eq!(site.delete(&path).await.problem(), unauthenticated());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_clicks_fifty_times_at_once_likes_once() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let events = site.events().await;
    let path = format!("/api/v1/reviews/{review}/like");
    let clicks = join_all((0..50).map(|_| site.put(&path).by(&bob).into_future())).await;
    for click in clicks {
        assert_eq!(
            click.expect(200).json(),
            json!({ "liked": true, "likes": 1 })
        );
    }
    assert_eq!(site.events().await, events + 1);
    site.end().await;
}
