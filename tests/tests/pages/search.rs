//! Searching without scripts: a form, filters, pages, people.

use domain::Genre;
use tests::site::{Site, film, parasite};

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn the_box_on_every_page_leads_to_what_was_found() {
    let site = Site::start().await;
    let mut stranger = Browser::korean(&site).await;
    stranger
        .get("/")
        .await
        .shows("action=\"/search\" method=\"get\"");
    let found = stranger.get("/search?q=%EA%B8%B0%EC%83%88").await;
    found.shows("value=\"기새\"");
    found.shows("<h1>‘기새’</h1>");
    found.shows("<mark>기생</mark>충");
    found.shows(&format!("href=\"/films/{}\"", parasite()));
    let people = stranger.get("/search?q=%EC%9E%84%EA%B6%8C").await;
    people.shows("href=\"/people/im-kwon-taek\"");
    let person = stranger.get("/people/im-kwon-taek").await;
    person.shows("<h1>임권택</h1>");
    person.shows("기생충");
    stranger
        .get(&format!("/films/{}", parasite()))
        .await
        .shows("href=\"/people/im-kwon-taek\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_finds_nothing_says_so_and_shows_films() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    let mut stranger = Browser::new(&site).await;
    for query in ["q=zzzzzz", "q=%3Cscript%3E", "q=", "q=parasite&from=2020"] {
        let nothing = stranger.get(&format!("/search?{query}")).await;
        nothing.shows(&format!("href=\"/films/{}\"", parasite()));
        nothing.hides("<script>");
        nothing.hides("found-films");
    }
    stranger
        .get("/search?q=zzzzzz")
        .await
        .shows("Nothing found for “zzzzzz”");
    assert_eq!(stranger.get("/people/nobody").await.status, 404);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_stay_while_pages_are_turned() {
    let site = Site::start().await;
    let night = |n: i16| {
        film(
            &format!("Night {n}"),
            &format!("밤 {n}"),
            1950 + n,
            &[Genre::War],
        )
    };
    site.list((0..40).map(night).collect()).await;
    let mut stranger = Browser::new(&site).await;
    let first = stranger
        .get("/search?q=night&genre=war&from=1955&to=&stars=")
        .await;
    first.shows("<option value=\"war\" selected>");
    first.shows("value=\"1955\"");
    let next = first.next().unwrap();
    assert!(
        next.contains("genre=war") && next.contains("from=1955"),
        "{next}"
    );
    let second = stranger.get(&next).await;
    assert_eq!(first.count("class=\"found-title\""), 24);
    assert_eq!(second.count("class=\"found-title\""), 35 - 24);
    assert_eq!(second.next(), None);
    // what is no number is not chosen
    let odd = stranger
        .get("/search?q=night&from=now&stars=many&genre=none")
        .await;
    assert_eq!(odd.count("class=\"found-title\""), 24);
    site.end().await;
}
