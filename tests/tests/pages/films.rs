//! What everybody sees: the main page, genres, films.

use domain::Genre;
use serde_json::json;
use tests::site::{Site, film, parasite, ratatouille};

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_sees_everything_that_is_public() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&ann, &review, "And the rain.").await;
    let pages = [
        "/".to_owned(),
        "/genres".to_owned(),
        "/genres/drama".to_owned(),
        "/films".to_owned(),
        "/films?sort=talked-about".to_owned(),
        "/films?sort=best-rated&decade=1990".to_owned(),
        "/genres/drama?sort=oldest".to_owned(),
        "/search".to_owned(),
        "/search?q=para".to_owned(),
        "/search?q=nothing-like-it".to_owned(),
        "/people/im-kwon-taek".to_owned(),
        format!("/films/{}", parasite()),
        format!("/films/{}?sort=best-liked", parasite()),
        format!("/reviews/{review}"),
        format!("/members/{}", ann.id),
        format!("/members/{}?view=comments", ann.id),
        format!("/members/{}?view=watchlist", ann.id),
        format!("/members/{}?view=likes", ann.id),
        format!("/members/{}?view=diary", ann.id),
        "/sign-up".to_owned(),
        "/sign-in".to_owned(),
    ];
    for (language, mut stranger) in [
        ("en", Browser::new(&site).await),
        ("ko", Browser::korean(&site).await),
    ] {
        for page in &pages {
            let shown = stranger.get(page).await;
            shown.shows(&format!("<html lang=\"{language}\""));
            let private = shown.answer.header("cache-control");
            assert!(
                private.starts_with("private") || private == "no-store",
                "{page}"
            );
            assert!(
                page.starts_with("/sign-") || shown.answer.position() > 0,
                "{page}"
            );
            assert_eq!(shown.count("<h1"), 1, "{page}");
            assert_eq!(shown.count("<script"), 1, "{page}");
            // each form that is shown without scripts has somewhere to go
            assert_eq!(
                shown.count("<form"),
                shown.count("method=\"post\" action=\"/")
                    + shown.count("action=\"/search\" method=\"get\"")
                    + shown.count("<form class=\"passkey\""),
                "{page}"
            );
        }
    }
    let mut stranger = Browser::new(&site).await;
    let shown = stranger.get(&format!("/reviews/{review}")).await;
    shown.shows("And the rain.");
    shown.shows(&format!("id=\"comment-{comment}\""));
    shown.shows(&format!("/sign-in?next=/reviews/{review}"));
    shown.hides(&format!("action=\"/comments/{comment}"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_in_both_languages() {
    let site = Site::start().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let mut pages = vec!["/genres/polka".to_owned(), "/films/parasite".to_owned()];
    for kind in ["films", "reviews", "members"] {
        pages.push(format!("/{kind}/{nobody}"));
    }
    for page in pages {
        let shown = Browser::new(&site).await.get(&page).await;
        assert_eq!(shown.status, 404, "{page}");
        assert!(shown.html.contains("There is nothing here"));
        let shown = Browser::korean(&site).await.get(&page).await;
        assert!(shown.html.contains("여기에는 아무것도 없어요"));
    }
    let mut ann = Browser::of(&site, "Ann").await;
    assert_eq!(
        ann.get(&format!("/films/{nobody}/review")).await.status,
        404
    );
    for page in [
        "/films?cursor=!",
        "/films?sort=loudest",
        "/films?decade=1995",
        "/genres/drama?cursor=e30",
    ] {
        assert_eq!(
            Browser::new(&site).await.get(page).await.status,
            400,
            "{page}"
        );
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_told_in_the_visitors_language() {
    let site = Site::start().await;
    let page = format!("/films/{}", ratatouille());
    let shown = Browser::korean(&site).await.get(&page).await;
    for text in [
        "<title>라따뚜이 (2007) · Reeltime</title>",
        "임권택",
        "대한민국",
        "시작된다.",
    ] {
        shown.shows(text);
    }
    let shown = Browser::new(&site).await.get(&page).await;
    for text in [
        "<title>Ratatouille (2007) · Reeltime</title>",
        "Im Kwon-taek",
        "South Korea",
    ] {
        shown.shows(text);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_films_are_turned_page_by_page() {
    let site = Site::start().await;
    let name = |number| format!("Western {number:02}");
    let westerns = (0..80).map(|n| film(&name(n), &name(n), 1950 + n, &[Genre::Western]));
    site.list(westerns.collect()).await;
    let mut stranger = Browser::new(&site).await;
    for (first, all) in [
        ("/films", 83),
        ("/films?sort=oldest", 83),
        ("/genres/western", 80),
        ("/genres/western?sort=oldest", 80),
        ("/genres/western?sort=latest&decade=1950", 10),
    ] {
        let mut titles = Vec::new();
        let mut page = Some(first.to_owned());
        while let Some(address) = page {
            let shown = stranger.get(&address).await;
            assert_eq!(shown.status, 200);
            let cards = shown.html.split("film-card-title\">").skip(1);
            titles.extend(cards.map(|card| card.split('<').next().unwrap().to_owned()));
            page = shown.next();
        }
        assert_eq!(titles.len(), all, "{first}");
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), all, "{first}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_films_reviews_come_newest_or_best_liked_first() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let loved = site.review(&ann, parasite()).await;
    site.review(&bob, parasite()).await;
    // who only rates a film is not among those who say something
    let cara = site.sign_up("Cara").await;
    let own = format!("/api/v1/films/{}/review", parasite());
    let rated = site.put(own).by(&cara).json(&json!({ "rating": 2 })).await;
    rated.expect(201);
    site.put(format!("/api/v1/reviews/{loved}/like"))
        .by(&bob)
        .await
        .expect(200);
    let mut stranger = Browser::new(&site).await;
    let order = |html: &str| html.find("/members/").map(|at| html[at..].to_owned());
    let film = format!("/films/{}", parasite());
    let newest = stranger.get(&film).await;
    newest.shows("All ratings (3)");
    newest.hides("Cara");
    let all = stranger.get(&format!("{film}?sort=ratings")).await;
    all.shows("Cara");
    assert!(
        order(&newest.html)
            .unwrap()
            .starts_with(&format!("/members/{}", bob.id))
    );
    let best = stranger.get(&format!("{film}?sort=best-liked")).await;
    assert!(
        order(&best.html)
            .unwrap()
            .starts_with(&format!("/members/{}", ann.id))
    );
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_out_what_they_have_seen() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = format!("/films/{}/review", parasite());
    ann.fill(&review, &[("rating", "4")]).await;
    for list in [
        "/films?sort=newest",
        "/films?sort=talked-about",
        "/genres/drama?",
    ] {
        let shown = ann.get(list).await;
        shown.shows("film-card-title\">Parasite");
        shown.shows("Hide what I have seen");
        let shown = ann.get(&format!("{list}&unseen=on")).await;
        shown.hides("film-card-title\">Parasite");
    }
    // a stranger has seen nothing
    let mut stranger = Browser::new(&site).await;
    let shown = stranger.get("/films?unseen=on").await;
    shown.shows("film-card-title\">Parasite");
    shown.hides("Hide what I have seen");
    site.end().await;
}

/// What stands under a heading, up to the end of its section.
fn under<'a>(html: &'a str, heading: &str) -> &'a str {
    let from = html.find(&format!("<h2>{heading}</h2>"));
    let rest = &html[from.unwrap_or_else(|| panic!("no {heading} in {html}"))..];
    rest.split("</section>").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_page_has_a_row_of_the_genre_that_is_talked_about_or_liked() {
    let site = Site::start().await;
    let western = |n: i16| {
        film(
            &format!("Western {n}"),
            "서부극",
            1950 + n,
            &[Genre::Western],
        )
    };
    let westerns: Vec<_> = (0..8).map(western).collect();
    let ids: Vec<_> = westerns.iter().map(|film| film.film).collect();
    site.list(westerns).await;
    let mut stranger = Browser::new(&site).await;
    stranger.get("/").await.hides("Western films");

    let mut ann = Browser::of(&site, "Ann").await;
    ann.review(ids[0], "5", "Dust.").await;
    stranger.catch_up().await;
    let shown = stranger.get("/").await;
    let row = under(&shown.html, "Western films");
    assert!(row.contains("href=\"/genres/western\""), "{row}");
    assert_eq!(row.matches("film-card-title").count(), 8, "{row}");

    let mut bob = Browser::of(&site, "Bob").await;
    for film in &ids[..4] {
        bob.review(*film, "4", "").await;
    }
    let head = site.project().await;
    site.app.recommender.caught_up(head).await;
    ann.catch_up().await;
    // what is liked of her genre, but for what she has seen
    let shown = ann.get("/").await;
    let row = under(&shown.html, "Western, your kind");
    let has = |n: usize| row.contains(&format!("film-card-title\">Western {n}<"));
    assert_eq!([0, 1, 2, 3, 4].map(has), [false, true, true, true, false]);
    site.end().await;
}
