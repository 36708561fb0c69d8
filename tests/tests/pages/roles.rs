//! The operators' page.

use domain::Role;
use tests::site::{Member, Site};

use super::browser::Browser;

/// Ann, who is an operator.
pub async fn operator(site: &Site) -> Browser<'_> {
    let mut browser = Browser::of(site, "Ann").await;
    let page = browser.get("/").await.html;
    let id = page.split("/members/").nth(1).unwrap();
    let ann = Member {
        id: id[..36].to_owned(),
        name: "Ann".to_owned(),
        email: String::new(),
        password: String::new(),
        token: String::new(),
    };
    site.grant(&ann, Role::Operator).await;
    browser.catch_up().await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gives_and_takes_a_role_by_name() {
    let site = Site::start().await;
    let mut ann = operator(&site).await;
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
    let mut ann = operator(&site).await;
    let typed = [("name", "Nobody"), ("role", "auditor")];
    let shown = ann.fill_to("/roles", "/roles/grant", &typed).await;
    shown.comes_back_with("Nobody here has this name.");
    shown.comes_back_with("value=\"Nobody\"");
    let typed = [("name", "Ann"), ("role", "queen")];
    let shown = ann.fill_to("/roles", "/roles/grant", &typed).await;
    shown.comes_back_with("Please choose a role.");
    site.end().await;
}
