//! The profile and the password.

use tests::site::Site;

use super::browser::{Browser, PASSWORD, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_changes_how_others_see_them() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let typed = [
        ("name", &*"앤".repeat(31)),
        ("about", "Late shows.\nFront row."),
        ("language", "ko"),
    ];
    let page = "/settings";
    ann.fill(page, &typed)
        .await
        .comes_back_with("A name has 1 to 30 characters.");
    let typed = [
        ("name", "앤"),
        ("about", "Late shows.\nFront row."),
        ("language", "ko"),
    ];
    ann.fill(page, &typed).await.goes_to(page);
    let shown = ann.get(page).await;
    for text in [
        "프로필을 저장했어요.",
        "value=\"앤\"",
        "Late shows.\nFront row.",
    ] {
        shown.shows(text);
    }
    let mut other = Browser::of(&site, "Bob").await;
    let typed = [("name", "앤"), ("about", ""), ("language", "en")];
    let shown = other.fill(page, &typed).await;
    shown.comes_back_with("Somebody has this name already.");
    shown.comes_back_with("value=\"앤\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_signs_other_browsers_out() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut elsewhere = Browser::new(&site).await;
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");

    let page = "/settings/password";
    let typed = [
        ("current_password", "wrong"),
        ("new_password", "a new password"),
    ];
    let shown = ann.fill(page, &typed).await;
    shown.comes_back_with("That is not your current password.");
    shown.hides("a new password");
    let typed = [("current_password", PASSWORD), ("new_password", "short")];
    ann.fill(page, &typed)
        .await
        .comes_back_with("id=\"new_password-error\"");
    let typed = [
        ("current_password", PASSWORD),
        ("new_password", "a new password"),
    ];
    let shown = ann.get(page).await;
    let command = hidden(&shown.form(page), "command");
    let typed = [&typed[..], &[("command", &command)]].concat();
    ann.post(page, &typed).await.goes_to(page);
    // sent twice
    ann.post(page, &typed).await.goes_to(page);
    ann.get(page).await.shows("Your password is changed.");
    elsewhere
        .get(page)
        .await
        .goes_to("/sign-in?next=/settings/password");
    let typed = [("email", "ann@example.org"), ("password", "a new password")];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    site.end().await;
}
