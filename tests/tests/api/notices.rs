//! `/notifications`: what happened to one's reviews and comments.

use domain::{MemberId, Role};
use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, seopyeonje, text};

/// All that a member is told, newest first.
async fn told(site: &Site, member: &Member) -> Vec<Value> {
    site.project().await;
    let list = site.get("/api/v1/notifications").by(member).await;
    list.expect(200).json()["items"].as_array().unwrap().clone()
}

async fn kinds(site: &Site, member: &Member) -> Vec<String> {
    let told = told(site, member).await;
    told.iter().map(|one| text(&one["kind"])).collect()
}

async fn unseen(site: &Site, member: &Member) -> Value {
    site.project().await;
    let unseen = site.get("/api/v1/notifications/seen").by(member).await;
    unseen.expect(200).json()["unseen"].clone()
}

async fn see_all(site: &Site, member: &Member) {
    let newest = told(site, member).await[0]["position"].clone();
    let seen = site.put("/api/v1/notifications/seen").by(member);
    let seen = seen.json(&json!({ "position": newest })).await;
    assert_eq!(seen.expect(200).json()["unseen"], 0);
}

async fn unlike(site: &Site, member: &Member, review: &str) {
    let path = format!("/api/v1/reviews/{review}/like");
    site.delete(path).by(member).await.expect(200);
}

/// Who did it: the last, the one before, and how many more.
fn who(told: &Value) -> (String, String, i64) {
    (
        text(&told["by"]["name"]),
        text(&told["also"]["name"]),
        told["others"].as_i64().unwrap(),
    )
}

fn of(last: &str, before: &str, others: i64) -> (String, String, i64) {
    (last.to_owned(), before.to_owned(), others)
}

#[tokio::test]
async fn likes_of_a_review_are_one_line_that_counts_those_that_stand() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let (carl, dora) = (site.sign_up("Carl").await, site.sign_up("도라").await);
    let review = site.review(&ann, parasite()).await;
    assert_eq!(told(&site, &ann).await, [json!(null); 0]);
    for member in [&bob, &carl, &dora] {
        site.like(member, &review).await;
    }
    let list = told(&site, &ann).await;
    assert_eq!(list.len(), 1, "{list:?}");
    let line = &list[0];
    assert_eq!(
        (&line["kind"], who(line)),
        (&json!("like"), of("도라", "Carl", 1))
    );
    assert_eq!(line["review"], json!(review));
    assert_eq!(line["film"]["title"]["ko"], "기생충");
    assert_eq!(
        (&line["seen"], unseen(&site, &ann).await),
        (&json!(false), json!(1))
    );

    // what was seen and is taken back is not new again
    see_all(&site, &ann).await;
    unlike(&site, &dora, &review).await;
    let list = told(&site, &ann).await;
    assert_eq!(
        (who(&list[0]), &list[0]["seen"]),
        (of("Carl", "Bob", 0), &json!(true))
    );
    assert_eq!(unseen(&site, &ann).await, 0);
    // nor when it is given again, and again
    site.like(&dora, &review).await;
    let list = told(&site, &ann).await;
    assert_eq!(
        (who(&list[0]), &list[0]["seen"]),
        (of("도라", "Carl", 1), &json!(true))
    );
    assert_eq!(unseen(&site, &ann).await, 0);
    // what is new and is taken back is not new any more
    unlike(&site, &dora, &review).await;
    let eve = site.sign_up("Eve").await;
    site.like(&eve, &review).await;
    assert_eq!(unseen(&site, &ann).await, 1);
    unlike(&site, &eve, &review).await;
    assert_eq!(unseen(&site, &ann).await, 0);
    for member in [&bob, &carl] {
        unlike(&site, member, &review).await;
    }
    assert_eq!(told(&site, &ann).await, [json!(null); 0]);
    // whoever likes is told nothing
    assert_eq!(told(&site, &bob).await, [json!(null); 0]);
    site.end().await;
}

#[tokio::test]
async fn the_newest_line_comes_first_and_pages_hold_each_once() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let mut reviews = Vec::new();
    for film in [parasite(), ratatouille(), seopyeonje()] {
        reviews.push(site.review(&ann, film).await);
    }
    for review in &reviews {
        site.like(&bob, review).await;
    }
    site.comment(&bob, &reviews[1], "In the kitchen.").await;
    site.like(&carl, &reviews[0]).await;
    let all = told(&site, &ann).await;
    let lines: Vec<_> = all
        .iter()
        .map(|one| (text(&one["kind"]), text(&one["review"])))
        .collect();
    let line = |kind: &str, review: usize| (kind.to_owned(), reviews[review].clone());
    assert_eq!(
        lines,
        [
            line("like", 0),
            line("comment", 1),
            line("like", 2),
            line("like", 1)
        ]
    );
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = site
            .get(format!("/api/v1/notifications?limit=1{cursor}"))
            .by(&ann)
            .await;
        let page = page.expect(200).json();
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, all);
    site.end().await;
}

#[tokio::test]
async fn a_comment_is_told_to_the_reviews_author_and_to_those_who_spoke_before() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let (carl, dora) = (site.sign_up("Carl").await, site.sign_up("Dora").await);
    let review = site.review(&ann, parasite()).await;
    site.comment(&bob, &review, "Which *stairs*?").await;
    let line = &told(&site, &ann).await[0];
    assert_eq!(
        (&line["kind"], who(line)),
        (&json!("comment"), of("Bob", "", 0))
    );
    assert_eq!(line["excerpt"], "Which stairs?");

    // Bob is told that somebody went on, once for all of it
    site.comment(&ann, &review, "All of them.").await;
    site.comment(&carl, &review, "Down, down.").await;
    let last = site.comment(&dora, &review, "And the rain.").await;
    let list = told(&site, &bob).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(
        (&list[0]["kind"], who(&list[0])),
        (&json!("comment-after"), of("Dora", "Carl", 1))
    );
    assert_eq!(list[0]["comment"], json!(last));
    // Carl of what came after his own
    assert_eq!(who(&told(&site, &carl).await[0]), of("Dora", "", 0));
    // Dora of nothing, and Ann not of her own
    assert_eq!(kinds(&site, &dora).await, [""; 0]);
    let list = told(&site, &ann).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(who(&list[0]), of("Dora", "Carl", 1));

    let gone = site
        .delete(format!("/api/v1/comments/{last}"))
        .by(&dora)
        .await;
    gone.expect(204);
    assert_eq!(who(&told(&site, &ann).await[0]), of("Carl", "Bob", 0));
    assert_eq!(who(&told(&site, &bob).await[0]), of("Carl", "Ann", 0));
    assert_eq!(kinds(&site, &carl).await, [""; 0]);
    assert_eq!(unseen(&site, &carl).await, 0);
    site.end().await;
}

#[tokio::test]
async fn whoever_is_named_in_a_comment_is_told_and_their_name_leads_to_them() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let minji = site.sign_up("민지").await;
    let review = site.review(&ann, parasite()).await;
    let comment = site
        .comment(&bob, &review, "@민지가 봤대, @Bob도. @Ann!")
        .await;
    assert_eq!(kinds(&site, &minji).await, ["comment-mention"]);
    // of her own review as that, and nobody of themselves
    assert_eq!(kinds(&site, &ann).await, ["comment"]);
    assert_eq!(kinds(&site, &bob).await, [""; 0]);
    let path = format!("/api/v1/comments/{comment}");
    let shown = site.get(&path).await.expect(200).json();
    assert_eq!(shown["mentions"], json!([minji.id, bob.id, ann.id]));
    let link = format!("<a href=\"/members/{}\"", minji.id);
    assert!(text(&shown["text_html"]).contains(&link), "{shown}");
    let page = site.get(format!("/reviews/{review}")).await.expect(200);
    assert!(page.text().contains(&link));

    see_all(&site, &minji).await;
    let carl = site.sign_up("Carl").await;
    let edit = json!({ "text": "@Carl, look!" });
    site.patch(&path).by(&bob).json(&edit).await.expect(200);
    assert_eq!(kinds(&site, &carl).await, ["comment-mention"]);
    // who is not named any more is not told any more
    assert_eq!(kinds(&site, &minji).await, [""; 0]);
    site.delete(&path).by(&bob).await.expect(204);
    assert_eq!(kinds(&site, &carl).await, [""; 0]);
    assert_eq!(unseen(&site, &carl).await, 0);
    site.end().await;
}

#[tokio::test]
async fn what_is_retracted_or_hidden_is_told_to_nobody() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let judge = site.sign_up("Judge").await;
    site.grant(&judge, Role::Moderator).await;
    let review = site.review(&ann, parasite()).await;
    site.like(&bob, &review).await;
    site.comment(&carl, &review, "First.").await;
    let rude = site.comment(&bob, &review, "Rude, @Judge.").await;
    assert_eq!(kinds(&site, &ann).await, ["comment", "like"]);
    assert_eq!(kinds(&site, &carl).await, ["comment-after"]);
    assert_eq!(kinds(&site, &judge).await, ["comment-mention"]);

    let measure = site.hide(&judge, "comment", &rude).await;
    assert_eq!(who(&told(&site, &ann).await[0]), of("Carl", "", 0));
    assert_eq!(kinds(&site, &carl).await, [""; 0]);
    assert_eq!(kinds(&site, &judge).await, [""; 0]);
    lift(&site, &judge, &measure).await;
    assert_eq!(kinds(&site, &carl).await, ["comment-after"]);

    // a hidden review is its author's alone
    let measure = site.hide(&judge, "review", &review).await;
    assert_eq!(kinds(&site, &ann).await, ["hidden", "comment", "like"]);
    assert_eq!(kinds(&site, &carl).await, [""; 0]);
    assert_eq!(kinds(&site, &judge).await, [""; 0]);
    lift(&site, &judge, &measure).await;

    let gone = site.delete(format!("/api/v1/reviews/{review}")).by(&ann);
    gone.await.expect(204);
    assert_eq!(kinds(&site, &ann).await, ["lifted", "hidden"]);
    assert_eq!(kinds(&site, &carl).await, [""; 0]);
    // nor when it is written again
    site.review(&ann, parasite()).await;
    assert_eq!(kinds(&site, &ann).await, ["lifted", "hidden"]);
    site.end().await;
}

async fn lift(site: &Site, judge: &Member, measure: &str) {
    let lifted = site.delete(format!("/api/v1/measures/{measure}")).by(judge);
    lifted.json(&json!({})).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_member_is_told_of_without_a_name_or_words() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    site.like(&bob, &review).await;
    site.comment(&bob, &review, "Adieu, @Ann.").await;
    site.forget(MemberId(bob.id.parse().unwrap())).await;
    let list = told(&site, &ann).await;
    let shown: Vec<_> = list
        .iter()
        .map(|one| {
            (
                text(&one["kind"]),
                one["by"]["name"].clone(),
                one["excerpt"].clone(),
            )
        })
        .collect();
    let nobody = |kind: &str| (kind.to_owned(), json!(null), json!(null));
    assert_eq!(shown, [nobody("comment"), nobody("like")]);
    let page = site.get("/notifications").by(&ann).await.expect(200).text();
    assert!(page.contains("a former member liked your review"), "{page}");
    assert!(!page.contains("Adieu"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_merged_film_leads_to_the_other() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    // Ann's of both: that of the film that stays is older, and goes
    let older = site.review(&ann, parasite()).await;
    let newer = site.review(&ann, ratatouille()).await;
    for review in [&older, &newer] {
        site.like(&bob, review).await;
        site.comment(&bob, review, "And the rain.").await;
    }
    site.grant(&bob, Role::Operator).await;
    let path = format!("/api/v1/films/{}/merge/{}", ratatouille(), parasite());
    site.put(&path).by(&bob).await.expect(204);
    crate::importing::merged::settle(&site).await;
    let list = told(&site, &ann).await;
    let shown: Vec<_> = list
        .iter()
        .map(|one| {
            (
                text(&one["kind"]),
                text(&one["review"]),
                text(&one["film"]["id"]),
            )
        })
        .collect();
    let line = |kind: &str| (kind.to_owned(), newer.clone(), parasite().to_string());
    assert_eq!(shown, [line("comment"), line("like")]);
    site.end().await;
}

#[tokio::test]
async fn however_much_happens_a_page_counts_a_bounded_number() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let said: Vec<String> = (0..120).map(|n| format!("@Bob, {n}.")).collect();
    for said in &said {
        site.comment(&ann, &review, said).await;
    }
    assert_eq!(unseen(&site, &bob).await, 100);
    assert_eq!(unseen(&site, &ann).await, 0);
    site.end().await;
}

#[tokio::test]
async fn what_is_to_come_is_not_seen_yet() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let far = site.put("/api/v1/notifications/seen").by(&ann);
    let far = far.json(&json!({ "position": i64::MAX })).await;
    far.expect(200);
    site.like(&bob, &review).await;
    assert_eq!(unseen(&site, &ann).await, 1);
    site.end().await;
}
