//! Signing in with real providers; what an attacker can try on the way is in `attacks`.

mod attacks;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tests::letters::await_letter;
use tests::providers::Outside;
use tests::site::{Site, generous};

use super::browser::{Browser, PASSWORD, Shown, hidden};

async fn site(outside: &Outside, clients: &[&str]) -> Site {
    Site::start_with_providers(generous(), outside.providers(clients)).await
}

impl Browser<'_> {
    /// Presses the button: where the page leads on to.
    async fn depart(&mut self, provider: &str, next: &str) -> Url {
        let path = format!("/sign-in/{provider}");
        let shown = self.post(&path, &[("next", next)]).await;
        assert_eq!(shown.status, 200, "{}", shown.html);
        let refresh = shown.answer.header("refresh").to_owned();
        refresh.strip_prefix("0; url=").unwrap().parse().unwrap()
    }

    /// There and back with the mock, which asks nobody.
    pub async fn go(&mut self, provider: &str, next: &str) -> Shown {
        let there = self.depart(provider, next).await;
        let back = back(&there).await;
        self.get(&back).await
    }

    /// Adds an account there to one's own.
    pub async fn link(&mut self, provider: &str) -> Shown {
        let path = format!("/settings/sign-in/link/{provider}");
        let shown = self.post(&path, &[]).await;
        let refresh = shown.answer.header("refresh").to_owned();
        let there = refresh.strip_prefix("0; url=").unwrap().parse().unwrap();
        let back = back(&there).await;
        self.get(&back).await
    }

    pub async fn finish(&mut self, shown: &Shown, typed: &[(&str, &str)]) -> Shown {
        assert!(
            shown.location.starts_with("/sign-up/finish"),
            "{}",
            shown.html
        );
        let page = shown.location.clone();
        self.fill(&page, typed).await
    }
}

/// Our own path, with which the mock sends a browser back.
async fn back(there: &Url) -> String {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = client.get(there.clone()).send().await.unwrap();
    ours(answer.headers()["location"].to_str().unwrap())
}

fn ours(url: &str) -> String {
    let url: Url = url.parse().unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_joins_with_a_provider_and_comes_in_with_it_again() {
    let outside = Outside::start();
    let site = site(&outside, &["honest"]).await;
    let mut ann = Browser::new(&site).await;
    ann.get("/sign-in").await.shows("Continue with Film school");
    let arrived = ann.go("honest", "/genres").await;
    let shown = ann.finish(&arrived, &[("name", "")]).await;
    shown.comes_back_with("Please fill this in.");
    shown.comes_back_with("ann@example.org");
    ann.finish(&arrived, &[("name", "Ann")])
        .await
        .goes_to("/genres");
    ann.get("/settings/sign-in")
        .await
        .shows("Your only way to sign in");

    let mut again = Browser::new(&site).await;
    again.go("honest", "/films").await.goes_to("/films");
    again.get("/").await.shows("Ann");
    // in the log there is neither whom the provider knows nor their address
    let found: i64 = sqlx::query_scalar(
        "select count(*) from log.events where payload::text ~ 'ann-at-mock|ann@example'",
    )
    .fetch_one(&site.pool)
    .await
    .unwrap();
    assert_eq!(found, 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_with_habits_of_their_own_are_understood() {
    let outside = Outside::start();
    let site = site(&outside, &["naver", "kakao", "github"]).await;
    for (provider, name) in [("naver", "앤 나"), ("kakao", "앤 카"), ("github", "Ann G")] {
        let mut ann = Browser::new(&site).await;
        let arrived = ann.go(provider, "/").await;
        let email = format!("{provider}@example.org");
        let typed = [("name", name), ("email", email.as_str())];
        ann.finish(&arrived, &typed).await.goes_to("/");
        let mut again = Browser::new(&site).await;
        again.go(provider, "/").await.goes_to("/");
        again.get("/").await.shows(name);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_their_mind_there_is_told_so_here() {
    let outside = Outside::start();
    let site = site(&outside, &["honest"]).await;
    let mut ann = Browser::new(&site).await;
    let there = ann.depart("honest", "/genres").await;
    let state = there
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let back = format!("/sign-in/honest/back?error=access_denied&state={state}");
    ann.get(&back).await.goes_to("/sign-in?next=/genres");
    ann.get("/sign-in")
        .await
        .shows("You came back without signing in.");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_an_account_asks_for_that_accounts_sign_in() {
    let outside = Outside::start();
    let site = site(&outside, &["honest", "unvouched"]).await;
    Browser::of(&site, "Ann").await; // ann@example.org
    let mut browser = Browser::new(&site).await;
    let arrived = browser.go("honest", "/").await;
    let page = browser.get(&arrived.location).await;
    page.shows("There is an account with ann@example.org already.");
    let before = site.events().await;
    // the form that is not on the page is refused all the same
    let refused = browser.post("/sign-up/finish", &[("name", "Anna")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        (browser.cookie("session"), site.events().await),
        (None, before)
    );

    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    let sign_in = "/sign-in?next=/settings/sign-in/arrival";
    browser
        .fill(sign_in, &typed)
        .await
        .goes_to("/settings/sign-in/arrival");
    browser
        .fill("/settings/sign-in/arrival", &[])
        .await
        .goes_to("/settings/sign-in");
    let mut again = Browser::new(&site).await;
    again.go("honest", "/films").await.goes_to("/films");
    again.get("/").await.shows("Ann");

    // an address that nobody vouches for tells nothing and opens nothing
    let mut mallory = Browser::new(&site).await;
    let arrived = mallory.go("unvouched", "/").await;
    let typed = [("name", "Mallory"), ("email", "ann@example.org")];
    let shown = mallory.finish(&arrived, &typed).await;
    shown.comes_back_with("There is an account with this e-mail address.");
    assert_eq!(mallory.cookie("session"), None);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_links_and_unlinks_but_keeps_one_way_in() {
    let outside = Outside::start();
    let site = site(&outside, &["honest", "kakao"]).await;
    let mut ann = Browser::new(&site).await;
    let arrived = ann.go("honest", "/").await;
    ann.finish(&arrived, &[("name", "Ann")]).await.goes_to("/");
    let shown = ann.get("/settings/sign-in").await;
    assert_eq!(shown.count("/settings/sign-in/unlink"), 0);

    let shown = ann.post("/settings/sign-in/link/kakao", &[]).await;
    let there = shown
        .answer
        .header("refresh")
        .strip_prefix("0; url=")
        .unwrap();
    let kakao = back(&there.parse().unwrap()).await;
    // in a browser where nobody, or somebody else, is signed in it links nothing
    let mut bob = Browser::of(&site, "Bob").await;
    bob.set_cookie("journey", ann.cookie("journey").unwrap());
    assert_eq!(bob.get(&kakao).await.status, 400);
    let shown = ann.post("/settings/sign-in/link/kakao", &[]).await;
    let there = shown
        .answer
        .header("refresh")
        .strip_prefix("0; url=")
        .unwrap();
    let kakao = back(&there.parse().unwrap()).await;
    ann.get(&kakao).await.goes_to("/settings/sign-in");
    let shown = ann.get("/settings/sign-in").await;
    shown.shows("The account is linked.");
    assert_eq!(shown.count("action=\"/settings/sign-in/unlink\""), 2);

    let identity = hidden(&shown.form("/settings/sign-in/unlink"), "identity");
    let typed = [("identity", identity.as_str())];
    ann.post("/settings/sign-in/unlink", &typed)
        .await
        .goes_to("/settings/sign-in");
    let shown = ann.get("/settings/sign-in").await;
    assert_eq!(shown.count("action=\"/settings/sign-in/unlink\""), 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_openid_provider_lets_a_member_in_and_takes_a_code_once() {
    let outside = Outside::start();
    let site = site(&outside, &[]).await;
    let mut ann = Browser::new(&site).await;
    let there = ann.depart("oidc", "/genres").await;
    let back = sign_in_at_school(&there).await;
    let arrived = ann.get(&back).await;
    ann.finish(&arrived, &[("name", "Ann")])
        .await
        .goes_to("/genres");

    // the code once more, on a journey that is right otherwise
    let mut mallory = Browser::new(&site).await;
    let there = mallory.depart("oidc", "/").await;
    let state = there
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let code = back
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let stolen = format!("/sign-in/oidc/back?code={code}&state={state}");
    let refused = mallory.get(&stolen).await;
    assert_eq!(refused.status, 400, "{}", refused.html);
    assert_eq!(mallory.cookie("session"), None);
    site.end().await;
}

/// Fills in the provider's own forms; our path with which it sends the browser back.
async fn sign_in_at_school(there: &Url) -> String {
    let inside = Policy::custom(|attempt| match attempt.url().path() {
        "/sign-in/oidc/back" => attempt.stop(),
        _ => attempt.follow(),
    });
    let client = Client::builder()
        .cookie_store(true)
        .redirect(inside)
        .build()
        .unwrap();
    let mut answer = client.get(there.clone()).send().await.unwrap();
    for form in [
        &[("prompt", "login"), ("login", "ann"), ("password", "any")][..],
        &[("prompt", "consent")],
    ] {
        let page = answer.text().await.unwrap();
        let action = page
            .split("action=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let action = there.join(action).unwrap();
        answer = client.post(action).form(form).send().await.unwrap();
    }
    ours(answer.headers()["location"].to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joined_without_a_password_sets_one() {
    let outside = Outside::start();
    let site = site(&outside, &["honest"]).await;
    let mut ann = Browser::new(&site).await;
    let arrived = ann.go("honest", "/").await;
    ann.finish(&arrived, &[("name", "Ann")]).await.goes_to("/");
    let page = "/settings/password";
    assert_eq!(ann.get(page).await.count("current_password"), 0);
    let typed = [("new_password", PASSWORD)];
    ann.fill(page, &typed).await.goes_to(page);
    assert_ne!(ann.get(page).await.count("current_password"), 0);
    let mut elsewhere = Browser::new(&site).await;
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_after_a_provider_and_a_provider_shows_again_who_it_is() {
    let outside = Outside::start();
    let site = site(&outside, &["honest", "kakao"]).await;
    let mut ann = Browser::new(&site).await;
    let arrived = ann.go("honest", "/").await;
    ann.finish(&arrived, &[("name", "Ann")]).await.goes_to("/");
    sqlx::query("update vault.sessions set created_at = now() - interval '16 minutes'")
        .execute(&site.vault)
        .await
        .unwrap();
    // who has no password shows it with their account there, and with no other
    let asked = ann.post("/settings/codes", &[]).await;
    asked.goes_to("/sign-in/again?next=/settings/codes");
    let prove = async |ann: &mut Browser<'_>, provider: &str| {
        let path = format!("/sign-in/again/{provider}");
        let shown = ann.post(&path, &[("next", "/settings/codes")]).await;
        let refresh = shown.answer.header("refresh").to_owned();
        let there = refresh.strip_prefix("0; url=").unwrap().parse().unwrap();
        let back = back(&there).await;
        ann.get(&back).await
    };
    assert_eq!(prove(&mut ann, "kakao").await.status, 403);
    ann.post("/settings/codes", &[])
        .await
        .goes_to("/sign-in/again?next=/settings/codes");
    prove(&mut ann, "honest").await.goes_to("/settings/codes");
    ann.post("/settings/codes", &[])
        .await
        .goes_to("/settings/codes");
    sqlx::query("update vault.authenticators set confirmed_at = now()")
        .execute(&site.vault)
        .await
        .unwrap();
    let mut again = Browser::new(&site).await;
    let shown = again.go("honest", "/films").await;
    shown.goes_to("/sign-in/code?next=/films");
    assert_eq!(again.cookie("session"), None);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_their_only_account_elsewhere_chooses_a_password() {
    let outside = Outside::start();
    let site = site(&outside, &["github"]).await;
    let mut ann = Browser::new(&site).await;
    let arrived = ann.go("github", "/").await;
    let typed = [("name", "Ann"), ("email", "ann@example.org")];
    ann.finish(&arrived, &typed).await.goes_to("/");

    let mut elsewhere = Browser::new(&site).await;
    let asked = [("email", "ann@example.org")];
    let shown = elsewhere.fill("/forgot-password", &asked).await;
    shown.goes_to("/forgot-password");
    let letter = await_letter(site.mail.path(), "ann@example.org", "new password").await;
    let token = letter.token();
    let password = "another horse battery";
    let typed = [("token", token.as_str()), ("new_password", password)];
    let chosen = elsewhere.post("/reset-password", &typed).await;
    chosen.goes_to("/sign-in");
    let typed = [("email", "ann@example.org"), ("password", password)];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    // nobody had shown that the address is theirs: it may have been somebody else's account
    let nobody = ann.go("github", "/").await.location;
    assert!(nobody.starts_with("/sign-up/finish"), "{nobody}");
    site.end().await;
}
