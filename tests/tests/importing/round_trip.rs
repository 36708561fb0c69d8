//! What Reeltime exports it imports again, without loss.

use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje};

use super::own::{page, press, upload};

/// Ann has reviewed, changed her mind, taken back and said again; she likes what Bob wrote.
async fn lively(site: &Site, ann: &Member) {
    let bob = site.bob().await;
    let review = |film| format!("/api/v1/films/{film}/review");
    let say = async |film, said: Value| {
        let answer = site.put(review(film)).by(ann).json(&said).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()
    };
    let text = "  Stairs,\n\n*stairs*. 기생충 🙂 ";
    say(parasite(), json!({"rating": 4, "text": text})).await;
    say(parasite(), json!({"rating": 4.5, "text": text})).await;
    say(
        parasite(),
        json!({"rating": 4.5, "text": text, "watched_on": "2026-06-30"}),
    )
    .await;
    say(
        parasite(),
        json!({"rating": 5, "text": "Stairs.", "spoiler": true, "watched_on": "2026-06-29"}),
    )
    .await;
    say(
        ratatouille(),
        json!({"rating": 0.5, "watched_on": "2025-01-01"}),
    )
    .await;
    let first = say(seopyeonje(), json!({"rating": 2, "text": "No."})).await;
    let first = first["id"].as_str().unwrap();
    let retract = site.delete(format!("/api/v1/reviews/{first}"));
    retract.by(ann).await.expect(204);
    say(seopyeonje(), json!({"rating": 3.5, "text": "Yes."})).await;
    let bobs = site.review(&bob, parasite()).await;
    let other = site.review(&bob, ratatouille()).await;
    for (review, likes) in [(&bobs, true), (&other, true), (&other, false)] {
        let like = format!("/api/v1/reviews/{review}/like");
        let asked = if likes {
            site.put(like)
        } else {
            site.delete(like)
        };
        asked.by(ann).await.expect(200);
    }
    site.comment(ann, &bobs, "And the rain.").await;
    // she has seen one and wants to see it again
    for (film, wants) in [
        (parasite(), true),
        (seopyeonje(), true),
        (parasite(), false),
    ] {
        let list = format!("/api/v1/films/{film}/watchlist");
        let asked = if wants {
            site.put(list)
        } else {
            site.delete(list)
        };
        asked.by(ann).await.expect(200);
    }
}

/// What a member wants to see, and since when.
async fn wanted(site: &Site, member: &Member) -> Vec<Value> {
    let list = format!("/api/v1/members/{}/watchlist", member.id);
    let list = site.get(list).await.expect(200).json();
    let items = list["items"].as_array().unwrap().iter();
    let entry = |item: &Value| json!([item["film"]["id"], item["since"]]);
    items.map(entry).collect()
}

/// What a member says of films, newest first, without whose it is and what others made of it.
async fn said(site: &Site, member: &Member) -> Vec<Value> {
    site.project().await;
    let list = format!("/api/v1/members/{}/reviews", member.id);
    let list = site.get(list).await.expect(200).json();
    let items = list["items"].as_array().unwrap().iter();
    let fields = [
        "rating",
        "text",
        "spoiler",
        "watched_on",
        "posted_at",
        "edited_at",
    ];
    let kept = |item: &Value| {
        let kept = fields.map(|field| item[field].clone());
        json!([item["film"]["id"], kept])
    };
    items.map(kept).collect()
}

async fn taste(site: &Site, member: &Member) -> Value {
    let shown = site.get("/api/v1/me/taste").by(member).await;
    shown.expect(200).json()
}

/// Whom the member likes a review of, and since when.
async fn likes(site: &Site, member: &Member) -> Vec<(uuid::Uuid, chrono::DateTime<chrono::Utc>)> {
    let member: uuid::Uuid = member.id.parse().unwrap();
    let likes = "select review, since from read.review_likes where member = $1 order by review";
    let likes = sqlx::query_as(likes).bind(member).fetch_all(&site.pool);
    likes.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_imports_again_without_loss() {
    let here = Site::start().await;
    let ann = here.ann().await;
    lively(&here, &ann).await;
    let before = said(&here, &ann).await;
    assert_eq!(before.len(), 3);
    let list = wanted(&here, &ann).await;
    assert_eq!(list.len(), 1);
    let export = here.get("/api/v1/me/export").by(&ann).await.expect(200);
    let export = export.body.to_vec();

    // elsewhere: nobody there has reviewed anything
    let there = Site::start().await;
    let anna = there.sign_up("Anna").await;
    assert_eq!(upload(&there, &anna, &export).await.0, 303);
    let shown = page(&there, &anna).await;
    for text in [
        "3 films are in the file",
        "Parasite (2019)",
        "1 review that you liked is not here",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    press(&there, &anna, "start", "3 ratings were imported").await;
    assert_eq!(said(&there, &anna).await, before);
    assert_eq!(taste(&there, &anna).await, taste(&here, &ann).await);
    assert_eq!(wanted(&there, &anna).await, list);
    // and once more, there is nothing to do
    assert_eq!(upload(&there, &anna, &export).await.0, 303);
    let shown = page(&there, &anna).await;
    assert!(shown.contains("3 that you have reviewed here"), "{shown}");

    // here, by another account of hers: with what she likes
    let again = here.sign_up("Ann again").await;
    assert_eq!(upload(&here, &again, &export).await.0, 303);
    press(&here, &again, "start", "3 ratings were imported").await;
    assert_eq!(said(&here, &again).await, before);
    let liked = likes(&here, &ann).await;
    assert_eq!((liked.len(), &likes(&here, &again).await), (1, &liked));

    assert_eq!(wanted(&here, &again).await, list);

    press(&here, &again, "undo", "The import was taken back").await;
    assert_eq!(wanted(&here, &again).await, Vec::<Value>::new());
    assert_eq!(said(&here, &again).await, Vec::<Value>::new());
    assert_eq!(likes(&here, &again).await, []);
    assert_eq!(
        (said(&here, &ann).await, likes(&here, &ann).await),
        (before, liked)
    );
    there.end().await;
    here.end().await;
}
