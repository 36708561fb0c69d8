//! Joining, signing in and out.

use tests::site::Site;

use super::browser::{Browser, PASSWORD, Shown, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_in_and_who_signs_out_is_not() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let home = ann.get("/").await;
    home.shows("Welcome to Reeltime!");
    home.shows("Ann");
    ann.get("/").await.hides("Welcome to Reeltime!");
    ann.get("/sign-up").await.goes_to("/");
    let session = ann.cookie("session").unwrap().to_owned();

    ann.post("/sign-out", &[]).await.goes_to("/");
    assert_eq!(ann.cookie("session"), None);
    ann.get("/").await.shows("Join Reeltime");
    ann.set_cookie("session", &session);
    ann.get("/settings")
        .await
        .goes_to("/sign-in?next=/settings");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_begins_a_new_session_and_ends_the_one_that_came() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let former = ann.cookie("session").unwrap().to_owned();
    let typed = [("email", "ANN@example.org"), ("password", PASSWORD)];
    ann.post("/sign-in", &typed).await.goes_to("/");
    assert_ne!(ann.cookie("session").unwrap(), former);
    ann.get("/settings").await.shows("Ann");

    ann.set_cookie("session", &former);
    ann.get("/settings")
        .await
        .goes_to("/sign-in?next=/settings");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_comes_back_except_for_the_password() {
    let site = Site::start().await;
    let mut stranger = Browser::new(&site).await;
    let typed = [
        ("name", &*"A".repeat(31)),
        ("email", "ann@"),
        ("password", "sesame!"),
    ];
    let shown = stranger.fill("/sign-up?next=/genres", &typed).await;
    shown.comes_back_with("3 things need another look.");
    for kept in [
        "value=\"AAAA",
        "value=\"ann@\"",
        "name=\"next\" value=\"/genres\"",
    ] {
        shown.comes_back_with(kept);
    }
    for told in [
        "id=\"name-error\"",
        "id=\"email-error\"",
        "id=\"password-error\"",
    ] {
        shown.comes_back_with(told);
    }
    assert_eq!(shown.count("aria-invalid=\"true\""), 3);
    shown.comes_back_with("role=\"alert\" tabindex=\"-1\" autofocus");
    shown.hides("sesame!");
    assert_eq!(shown.answer.header("cache-control"), "no-store");

    let mut korean = Browser::korean(&site).await;
    let shown = korean.fill("/sign-up", &typed).await;
    shown.comes_back_with("이름은 1~30자로 지어 주세요.");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once() {
    let site = Site::start().await;
    Browser::of(&site, "Ann").await;
    let mut other = Browser::new(&site).await;
    let typed = [
        ("name", "ＡＮＮ"),
        ("email", "other@example.org"),
        ("password", PASSWORD),
    ];
    let shown = other.fill("/sign-up", &typed).await;
    shown.comes_back_with("Somebody has this name already.");
    assert_eq!(other.cookie("session"), None);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_twice_with_one_form_makes_one_member() {
    let site = Site::start().await;
    let mut ann = Browser::new(&site).await;
    let typed = [
        ("name", "Ann"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
        ("command", "a form's name"),
    ];
    ann.post("/sign-up", &typed).await.goes_to("/");
    let before = site.events().await;
    ann.post("/sign-up", &typed).await.goes_to("/");
    assert_eq!(site.events().await, before);
    ann.get("/settings").await.shows("value=\"Ann\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_are_told_alike() {
    let site = Site::start().await;
    Browser::of(&site, "Ann").await;
    let mut stranger = Browser::new(&site).await;
    for email in ["ann@example.org", "nobody@example.org", "no address"] {
        let typed = [("email", email), ("password", "not the password")];
        let shown = stranger.fill("/sign-in", &typed).await;
        shown.comes_back_with("The e-mail address or the password is not right.");
        shown.comes_back_with(email);
        shown.hides("not the password");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_on_to_our_own_pages_alone() {
    let site = Site::start().await;
    Browser::of(&site, "Ann").await;
    let elsewhere = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "evil",
    ];
    for next in elsewhere {
        let mut ann = Browser::new(&site).await;
        let typed = [
            ("email", "ann@example.org"),
            ("password", PASSWORD),
            ("next", next),
        ];
        ann.post("/sign-in", &typed).await.goes_to("/");
        ann.get(&format!("/sign-in?next={next}")).await.goes_to("/");
        ann.post("/language", &[("language", "ko"), ("next", next)])
            .await
            .goes_to("/");
    }
    let mut ann = Browser::new(&site).await;
    let shown = ann.get("/sign-in?next=https://evil.example").await;
    assert_eq!(hidden(&shown.form("/sign-in\""), "next"), "/");
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    let page = "/sign-in?next=/films%3Fsort%3Dnewest";
    ann.fill(page, &typed).await.goes_to("/films?sort=newest");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_switch_is_remembered_and_goes_with_the_member() {
    let site = Site::start().await;
    let mut stranger = Browser::new(&site).await;
    let typed = [("language", "ko"), ("next", "/genres")];
    stranger.post("/language", &typed).await.goes_to("/genres");
    let shown = stranger.get("/genres").await;
    shown.shows("<html lang=\"ko\"");
    shown.shows("액션");

    let mut ann = Browser::of(&site, "Ann").await;
    ann.post("/language", &typed).await.goes_to("/genres");
    ann.get("/genres").await.shows("<html lang=\"ko\"");
    let mut elsewhere = Browser::new(&site).await;
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    elsewhere.get("/genres").await.shows("<html lang=\"ko\"");

    let wrong = stranger
        .post("/language", &[("language", "tlh"), ("next", "/")])
        .await;
    assert_eq!(wrong.status, 422);
    site.end().await;
}

#[tokio::test]
async fn passwords_are_masked_and_managers_know_where_they_go() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut stranger = Browser::new(&site).await;
    let field = |shown: &Shown, name: &str| {
        let fields = shown.html.split("<input").skip(1);
        let mut fields = fields.map(|rest| rest.split('>').next().unwrap().to_owned());
        fields
            .find(|field| field.contains(&format!("name=\"{name}\"")))
            .unwrap_or_else(|| panic!("no {name} in {}", shown.html))
    };
    let sign_up = stranger.get("/sign-up").await;
    let sign_in = stranger.get("/sign-in").await;
    let change = ann.get("/settings/password").await;
    for (shown, name, what) in [
        (&sign_up, "password", "new-password"),
        (&sign_in, "password", "current-password"),
        (&change, "current_password", "current-password"),
        (&change, "new_password", "new-password"),
    ] {
        let field = field(shown, name);
        assert!(field.contains("type=\"password\""), "{field}");
        assert!(
            field.contains(&format!("autocomplete=\"{what}\"")),
            "{field}"
        );
    }
    assert!(field(&sign_in, "email").contains("autocomplete=\"username\""));
    site.end().await;
}
