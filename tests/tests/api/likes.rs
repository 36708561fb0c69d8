//! `/reviews/{review}/like`.

use futures::future::join_all;
use serde_json::json;
use tests::site::{Site, parasite};

use super::unauthenticated;

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
