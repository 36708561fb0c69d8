//! Comments under a review.

use tests::site::{Site, parasite};

use super::browser::{Browser, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_posted_edited_and_retracted() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    bob.catch_up().await;
    let action = format!("{review}/comments");
    let posted = bob
        .fill_to(&review, &action, &[("text", "And *snow*.")])
        .await;
    assert_eq!(posted.status, 303, "{}", posted.html);
    let comment = posted.location.rsplit('/').next().unwrap().to_owned();
    bob.get(&posted.location)
        .await
        .goes_to(&format!("{review}#comment-{comment}"));
    let shown = bob.get(&review).await;
    for text in ["Your comment is up.", "<em>snow</em>", "1 comment"] {
        shown.shows(text);
    }

    let edit = format!("/comments/{comment}/edit");
    bob.get(&edit).await.shows("And *snow*.");
    let shown = bob.fill(&edit, &[("text", " ")]).await;
    shown.comes_back_with("An empty comment says little.");
    bob.fill(&edit, &[("text", "And hail.")])
        .await
        .goes_to(&posted.location);
    let shown = bob.get(&review).await;
    shown.shows("And hail.");
    shown.shows("edited");

    ann.catch_up().await;
    assert_eq!(ann.get(&edit).await.status, 404);
    assert_eq!(ann.post(&edit, &[("text", "Mine.")]).await.status, 404);
    assert_eq!(
        ann.post(&format!("/comments/{comment}/retract"), &[])
            .await
            .status,
        404
    );
    let retract = format!("/comments/{comment}/retract");
    bob.fill_to(&review, &retract, &[])
        .await
        .goes_to(&format!("{review}#comments"));
    bob.get(&review).await.hides("And hail.");
    assert_eq!(bob.post(&retract, &[]).await.status, 303);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_was_sent_twice_is_there_once() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let action = format!("{review}/comments");
    let command = hidden(&ann.get(&review).await.form(&action), "command");
    let typed = [("text", "Snow."), ("command", command.as_str())];
    let first = ann.post(&action, &typed).await;
    let second = ann.post(&action, &typed).await;
    assert_eq!((second.status, &second.location), (303, &first.location));
    assert_eq!(ann.get(&review).await.count("<p>Snow.</p>"), 1);

    // another form's comment may say the same
    let again = ann.fill_to(&review, &action, &[("text", "Snow.")]).await;
    assert_eq!(again.status, 303);
    assert_eq!(ann.get(&review).await.count("<p>Snow.</p>"), 2);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_is_too_long_comes_back_on_the_reviews_page() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let long = "눈".repeat(2_001);
    let shown = ann
        .fill_to(&review, &format!("{review}/comments"), &[("text", &long)])
        .await;
    shown.comes_back_with("A comment has at most 2,000 characters.");
    shown.comes_back_with(&long);
    shown.comes_back_with("<p>Rain.</p>");
    // the switch and the way in lead to a page that is there
    shown.comes_back_with(&format!("name=\"next\" value=\"{review}\""));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_conversations_are_turned_page_by_page() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let id = site.review(&ann, parasite()).await;
    let review = format!("/reviews/{id}");
    for number in 0..50 {
        site.comment(&ann, &id, &format!("Number {number}.")).await;
    }
    let mut bob = Browser::of(&site, "Bob").await;
    let action = format!("{review}/comments");
    let posted = bob
        .fill_to(&review, &action, &[("text", "The last word.")])
        .await;
    let turned = bob.get(&posted.location).await.location;
    let page = turned.split('#').next().unwrap();
    let shown = bob.get(page).await;
    shown.shows("The last word.");
    assert_eq!(shown.count("<p>Number "), 0);

    let first = bob.get(&review).await;
    first.shows("51 comments");
    first.hides("The last word.");
    assert_eq!(first.count("<p>Number "), 50);
    let next = first.next().unwrap();
    let second = bob.get(next.split('#').next().unwrap()).await;
    second.shows("The last word.");
    assert_eq!((second.count("<p>Number "), second.next()), (0, None));
    site.end().await;
}
