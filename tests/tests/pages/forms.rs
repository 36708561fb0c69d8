//! What all forms have in common.

use std::num::NonZeroU32;

use tests::site::{Site, generous, parasite};
use web::form_token;
use web::limits::Allowances;

use super::browser::{Browser, PASSWORD, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_quick_keeps_what_they_typed_and_hears_when_to_come_back() {
    let allowances = Allowances {
        member_writes_per_minute: NonZeroU32::new(1).unwrap(),
        ..generous()
    };
    let site = Site::start_with(allowances).await;
    let mut ann = Browser::of(&site, "Ann").await;
    let page = format!("/films/{}/review", parasite());
    ann.fill(&page, &[("rating", "4"), ("text", "Rain.")]).await;
    let command = hidden(&ann.get(&page).await.form(&page), "command");
    let typed = [
        ("rating", "4"),
        ("text", "Snow."),
        ("command", command.as_str()),
    ];
    let shown = ann.post(&page, &typed).await;
    assert_eq!(shown.status, 429);
    assert!(shown.html.contains("Snow."));
    assert_eq!(hidden(&shown.form(&page), "command"), command);
    assert!(!shown.answer.header("retry-after").is_empty());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_is_slowed_down() {
    let allowances = Allowances {
        sign_ins_per_minute: NonZeroU32::new(2).unwrap(),
        ..generous()
    };
    let site = Site::start_with(allowances).await;
    let ann = site.ann().await;
    let mut stranger = Browser::new(&site).await;
    for status in [422, 422, 429, 429] {
        let typed = [("email", ann.email.as_str()), ("password", "a guess")];
        let shown = stranger.fill("/sign-in", &typed).await;
        assert_eq!(shown.status, status);
        assert!(shown.html.contains(&ann.email));
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_forms_are_turned_away() {
    let site = Site::start().await;
    let ann = Browser::of(&site, "Ann").await;
    let session = ann.cookie("session").unwrap();
    let answer = site
        .post("/settings/withdraw")
        .header("cookie", format!("session={session}"))
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .body(
            "application/x-www-form-urlencoded",
            format!("password={PASSWORD}"),
        )
        .await
        .expect(403);
    assert!(
        answer
            .text()
            .contains("This request came from another site")
    );
    site.end().await;
}

/// Also where a browser says that they are ours.
#[tokio::test(flavor = "multi_thread")]
async fn forms_without_their_sessions_token_are_turned_away() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let bob = Browser::of(&site, "Bea").await;
    let others = form_token::make(bob.cookie("session").unwrap().as_bytes());
    let events = site.events().await;
    for page in ["/settings", "/sign-out", "/films/none/watchlist"] {
        let tokens = [None, Some(""), Some("nonsense"), Some(others.as_str())];
        for token in tokens.map(|token| token.map(|token| (form_token::FIELD, token))) {
            let fields: Vec<_> = [("name", "Mallory")].into_iter().chain(token).collect();
            let refused = ann.post_exactly(page, &fields).await;
            assert_eq!(refused.status, 403, "{page}: {}", refused.html);
            assert!(refused.html.contains("This page was too old to be sent"));
        }
    }
    // what a page gave is good, also when she has signed in again
    let form = ann.get("/settings").await.form("/settings");
    let token = hidden(&form, form_token::FIELD);
    let fields = [
        ("name", "Anna"),
        ("language", "en"),
        (form_token::FIELD, &token),
    ];
    ann.post_exactly("/settings", &fields)
        .await
        .goes_to("/settings");
    assert_ne!(site.events().await, events);
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    ann.post_exactly("/sign-in", &typed).await.goes_to("/");
    ann.post_exactly("/settings", &fields)
        .await
        .goes_to("/settings");
    // for another member it is not, nor in a browser that doesn't know her
    let typed = [
        ("name", "Bob"),
        ("email", "b@example.org"),
        ("password", PASSWORD),
    ];
    ann.post("/sign-out", &[]).await.goes_to("/");
    ann.fill("/sign-up", &typed).await.goes_to("/");
    assert_eq!(ann.post_exactly("/settings", &fields).await.status, 403);
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    let mut elsewhere = Browser::new(&site).await;
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    assert_eq!(
        elsewhere.post_exactly("/settings", &fields).await.status,
        403
    );
    // a page that was opened before somebody signed in signs in again
    elsewhere
        .post_exactly("/sign-in", &typed)
        .await
        .goes_to("/");
    // a stranger has no session that a form could be sent with
    let mut stranger = Browser::new(&site).await;
    let chosen = [("language", "ko"), ("next", "/films")];
    stranger
        .post_exactly("/language", &chosen)
        .await
        .goes_to("/films");
    site.end().await;
}

/// A file comes in pieces: the token must come before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_the_sessions_token_is_turned_away() {
    let site = Site::start().await;
    let ann = Browser::of(&site, "Ann").await;
    let session = ann.cookie("session").unwrap();
    let part = |name: &str, value: &str| {
        format!("--xyz\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let table =
        "Date,Name,Year,Letterboxd URI,Rating\n2019-06-01,Parasite,2019,https://boxd.it/a,4.5";
    let token = part(form_token::FIELD, &form_token::make(session.as_bytes()));
    let others = part(form_token::FIELD, &form_token::make(b"somebody else's"));
    let file = part("file", table);
    for (parts, status) in [
        (vec![&file], 403),
        (vec![&others, &file], 403),
        (vec![&file, &token], 403),
        (vec![&token, &file], 303),
    ] {
        let asking = site
            .post("/settings/import")
            .header("cookie", format!("session={session}"))
            .header("sec-fetch-site", "same-origin");
        let parts: String = parts.into_iter().map(String::as_str).collect();
        let body = format!("{parts}--xyz--\r\n");
        let answer = asking.body("multipart/form-data; boundary=xyz", body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_forms_are_clear_errors() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let cookie = format!("session={}", ann.cookie("session").unwrap());
    let token = form_token::make(ann.cookie("session").unwrap().as_bytes());
    let pages = [
        "/sign-in",
        "/sign-up",
        "/settings",
        &format!("{review}/comments"),
    ];
    for page in pages {
        let post = || {
            let asking = site.post(page).header("cookie", &cookie);
            asking.header("sec-fetch-site", "same-origin")
        };
        for (body, status) in [("text=%FF", 400), ("text=a%00b", 422), ("%=%&&&==", 422)] {
            let body = format!("form_token={token}&{body}");
            let answer = post().body("application/x-www-form-urlencoded", body).await;
            assert_eq!(answer.status, status, "{page}: {}", answer.text());
        }
        let answer = post().body("text/plain", "x").await;
        assert_eq!(answer.status, 415, "{page}");
    }
    let mut stranger = Browser::new(&site).await;
    stranger.set_cookie("session", "nonsense");
    stranger.set_cookie("position", "-7");
    stranger.set_cookie("flash", "<script>");
    stranger.get("/").await.shows("Join Reeltime");
    site.end().await;
}
