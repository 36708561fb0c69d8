//! Reviewing a film, liking a review.

use tests::site::{Site, parasite};

use super::browser::{Browser, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_reviews_edits_and_retracts() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let film = format!("/films/{}", parasite());
    ann.get(&film).await.shows("Write a review");
    let review = ann.review(parasite(), "4.5", "The *stairs*.").await;
    let shown = ann.get(&review).await;
    for text in [
        "Your review is up.",
        "<em>stairs</em>",
        "4.5 out of 5 stars",
    ] {
        shown.shows(text);
    }

    let form = format!("{film}/review");
    let shown = ann.get(&form).await;
    shown.shows("value=\"4.5\" required checked");
    shown.shows("The *stairs*.");
    let typed = [("rating", "2"), ("text", "The rain."), ("spoiler", "true")];
    ann.fill(&form, &typed).await.goes_to(&review);
    let shown = ann.get(&review).await;
    for text in [
        "Your changes are saved.",
        "The rain.",
        "class=\"spoiler\"",
        "edited",
    ] {
        shown.shows(text);
    }

    ann.get(&film).await.shows("Your review");
    ann.fill_to(&film, &format!("{review}/retract"), &[])
        .await
        .goes_to(&film);
    let shown = ann.get(&film).await;
    shown.shows("Your review is deleted.");
    shown.shows("Write a review");
    assert_eq!(ann.get(&review).await.status, 404);
    // sent twice
    let again = ann.post(&format!("{review}/retract"), &[]).await;
    assert_eq!(again.status, 303);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_was_sent_twice_was_posted_once() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let page = format!("/films/{}/review", parasite());
    let command = hidden(&ann.get(&page).await.form(&page), "command");
    let typed = [
        ("rating", "3"),
        ("text", "Rain."),
        ("command", command.as_str()),
    ];
    let first = ann.post(&page, &typed).await;
    let before = site.events().await;
    let second = ann.post(&page, &typed).await;
    assert_eq!((second.status, &second.location), (303, &first.location));
    assert_eq!(site.events().await, before);
    ann.get(&second.location).await.shows("Your review is up.");

    let other = [
        ("rating", "1"),
        ("text", "Snow."),
        ("command", command.as_str()),
    ];
    let shown = ann.post(&page, &other).await;
    shown.comes_back_with("This form was sent already.");
    shown.comes_back_with("Snow.");
    assert_eq!(site.events().await, before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_is_wrong_comes_back_as_it_was_typed() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let page = format!("/films/{}/review", parasite());
    let before = site.events().await;
    let long = "비".repeat(10_001);
    let wrong = [
        ("", "Rain.", "How many stars?"),
        (
            "3.7",
            "Rain.",
            "A rating is between half a star and five stars",
        ),
        (
            "4",
            long.as_str(),
            "A review has at most 10,000 characters.",
        ),
    ];
    for (rating, text, told) in wrong {
        let typed = [("rating", rating), ("text", text), ("spoiler", "true")];
        let shown = ann.fill(&page, &typed).await;
        shown.comes_back_with(told);
        shown.comes_back_with(text);
        shown.comes_back_with("value=\"true\" checked");
    }
    assert_eq!(site.events().await, before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_work_without_scripts_and_come_back_to_the_page() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let film = format!("/films/{}", parasite());
    bob.catch_up().await;

    let shown = bob.get(&film).await;
    shown.shows("aria-pressed=\"false\"");
    let action = format!("{review}/like?next={film}");
    shown.form(&action);
    bob.post(&action, &[("liked", "true")]).await.goes_to(&film);
    let shown = bob.get(&film).await;
    shown.shows("aria-pressed=\"true\"");
    shown.shows("<span class=\"like-count\">1</span>");
    bob.post(&format!("{review}/unlike?next={film}"), &[])
        .await
        .goes_to(&film);
    bob.get(&film)
        .await
        .shows("<span class=\"like-count\">0</span>");

    let own = ann.get(&review).await;
    own.shows("class=\"like still\"");
    own.hides(&format!("action=\"{review}/like"));
    assert_eq!(ann.post(&format!("{review}/like"), &[]).await.status, 403);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_signs_in_first_and_comes_back() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let film = format!("/films/{}", parasite());
    let mut stranger = Browser::new(&site).await;
    let to = |page: &str| format!("/sign-in?next={page}");
    stranger
        .get(&format!("{film}/review"))
        .await
        .goes_to(&to(&format!("{film}/review")));
    let typed = [("rating", "4")];
    let sent = stranger.post(&format!("{film}/review"), &typed).await;
    sent.goes_to(&to(&format!("{film}/review")));
    stranger
        .post(&format!("{review}/like?next={film}"), &[])
        .await
        .goes_to(&to(&film));
    let typed = [("text", "Me too.")];
    stranger
        .post(&format!("{review}/comments"), &typed)
        .await
        .goes_to(&to(&review));
    stranger
        .post(&format!("{review}/retract"), &[])
        .await
        .goes_to(&to(&review));
    stranger
        .get(&film)
        .await
        .shows(&format!("class=\"like\" href=\"{}\"", to(&film)));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_what_is_not_theirs() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    bob.catch_up().await;
    bob.get(&review).await.hides("/retract");
    assert_eq!(
        bob.post(&format!("{review}/retract"), &[]).await.status,
        404
    );
    bob.get(&review).await.shows("Rain.");
    site.end().await;
}
