//! The operators' page.

use domain::Role;
use tests::site::Site;

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gives_and_takes_a_role_by_name() {
    let site = Site::start().await;
    let mut ann = Browser::with_role(&site, "Ann", Role::Operator).await;
    let mut bob = Browser::of(&site, "Bob").await;
    ann.catch_up().await;
    ann.get("/").await.shows("href=\"/roles\"");
    let typed = [("name", "ＢＯＢ"), ("role", "auditor")];
    ann.fill_to("/roles", "/roles/grant", &typed)
        .await
        .goes_to("/roles");
    let shown = ann.get("/roles").await;
    shown.shows("The role is granted.");
    shown.shows(">Bob</a>");
    let form = shown.form("/roles/revoke");
    let member = super::browser::hidden(&form, "member");
    let typed = [("member", member.as_str()), ("role", "auditor")];
    ann.post("/roles/revoke", &typed).await.goes_to("/roles");
    ann.get("/roles").await.hides(">Bob</a>");
    bob.catch_up().await;
    assert_eq!(bob.get("/roles").await.status, 404);
    bob.get("/").await.hides("href=\"/roles\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_comes_back() {
    let site = Site::start().await;
    let mut ann = Browser::with_role(&site, "Ann", Role::Operator).await;
    let typed = [("name", "Nobody"), ("role", "auditor")];
    let shown = ann.fill_to("/roles", "/roles/grant", &typed).await;
    shown.comes_back_with("Nobody here has this name.");
    shown.comes_back_with("value=\"Nobody\"");
    let typed = [("name", "Ann"), ("role", "queen")];
    let shown = ann.fill_to("/roles", "/roles/grant", &typed).await;
    shown.comes_back_with("Please choose a role.");
    site.end().await;
}
