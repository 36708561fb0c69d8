//! Joining where letters reach people: a taken address is answered like a free one.

use serde_json::{Value, json};
use tests::letters::{await_letter, in_folder};
use tests::providers::Outside;
use tests::site::{Site, generous, new_member, text};
use web::app::Options;
use web::mail::Mailing;

use super::browser::{Browser, PASSWORD};
use super::mail::all_sent;

async fn site() -> Site {
    Site::start_as(|options| Options {
        mailing: Mailing {
            reaches_people: true,
            ..options.mailing
        },
        ..options
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_follows_a_link_and_is_in_with_a_confirmed_address() {
    let site = site().await;
    let mut ann = Browser::new(&site).await;
    let typed = [
        ("name", "Ann"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
    ];
    ann.fill("/sign-up?next=/films", &typed)
        .await
        .goes_to("/sign-in?next=/films");
    ann.get("/sign-in").await.shows("A letter is on its way");
    assert_eq!(ann.cookie("session"), None);
    let letter = await_letter(site.mail.path(), "ann@example.org", "wants to join").await;
    let page = letter.link();
    assert!(page.starts_with("/join?token="), "{page}");
    let shown = ann.get(&page).await;
    shown.shows("value=\"Ann\"");
    assert_eq!(shown.answer.header("referrer-policy"), "no-referrer");

    // the name was taken meanwhile
    let other =
        json!({"name": "Ann", "email": "b@example.org", "password": PASSWORD, "language": "en"});
    site.post("/api/v1/members").json(&other).await.expect(202);
    let of_other = await_letter(site.mail.path(), "b@example.org", "wants to join").await;
    let said = json!({"token": of_other.token(), "password": PASSWORD});
    let joined = site
        .post("/api/v1/members/joined")
        .json(&said)
        .await
        .expect(201);
    assert_eq!(joined.json()["member"]["name"], "Ann");
    let token = letter.token();
    let named = |name: &'static str| [("token", token.clone()), ("name", name.to_owned())];
    let post = async |ann: &mut Browser<'_>, name: &'static str| {
        let typed = named(name);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, v.as_str())).collect();
        ann.post("/join", &typed).await
    };
    post(&mut ann, "Ann").await.comes_back_with("name-error");
    post(&mut ann, "Anna").await.goes_to("/");
    ann.get("/settings/email").await.hides("not confirmed yet");
    assert_eq!(ann.cookie("joining"), None);
    assert_eq!(post(&mut ann, "Anna").await.status, 410);
    site.post("/api/v1/members/joined")
        .json(&said)
        .await
        .expect(410);
    let mut elsewhere = Browser::new(&site).await;
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    elsewhere.fill("/sign-in", &typed).await.goes_to("/");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_is_answered_like_a_free_one_and_its_owner_is_told() {
    let site = site().await;
    let join = async |name: &str, email: &str| {
        let said = json!({"name": name, "email": email, "password": PASSWORD, "language": "ko"});
        site.post("/api/v1/members").json(&said).await
    };
    join("민지", "minji@example.org").await.expect(202);
    let letter = await_letter(site.mail.path(), "minji@example.org", "가입을 신청").await;
    let said = json!({"token": letter.token(), "password": PASSWORD});
    site.post("/api/v1/members/joined")
        .json(&said)
        .await
        .expect(201);

    let mut answers = Vec::new();
    for (name, email) in [
        ("Mallory", "MINJI@example.org"),
        ("Mallory", "free@example.org"),
    ] {
        let answer = join(name, email).await.expect(202);
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((answer.text(), names));
    }
    assert_eq!(answers[0], answers[1]);
    await_letter(site.mail.path(), "free@example.org", "가입을 신청").await;
    let told = await_letter(site.mail.path(), "MINJI@example.org", "이미 회원").await;
    assert_eq!(told.link(), "/sign-in");
    let members: i64 = sqlx::query_scalar("select count(*) from vault.accounts")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    assert_eq!(members, 1);
    // so many letters an hour, and the answer stays the same
    for round in 0..8 {
        let name = format!("Mallory {round}");
        join(&name, "minji@example.org").await.expect(202);
        all_sent(&site).await;
    }
    let letters = in_folder(site.mail.path());
    let to_minji = letters
        .iter()
        .filter(|letter| letter.text.contains("이미 회원"));
    assert_eq!(to_minji.count(), 3);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_one_has_seen_joins_nobody_else() {
    let site = site().await;
    let ask = |email: &str| {
        let mut said: Value = new_member("Ann");
        said["email"] = json!(email);
        let asked = site.post("/api/v1/members");
        asked
            .header("idempotency-key", "the same for both")
            .json(&said)
    };
    ask("mallory@example.org").await.expect(202);
    let own = await_letter(site.mail.path(), "mallory@example.org", "wants to join").await;
    ask("ann@example.org").await.expect(202);
    let anns = await_letter(site.mail.path(), "ann@example.org", "wants to join").await;
    assert_ne!(own.token(), anns.token());
    let join = |token: String, name: &str| {
        let said =
            json!({"token": token, "name": name, "password": text(&new_member("Ann")["password"])});
        site.post("/api/v1/members/joined").json(&said)
    };
    let mallory = join(own.token(), "Mallory").await.expect(201).json();
    let ann = join(anns.token(), "Ann").await.expect(201).json();
    assert_ne!(text(&mallory["member"]["id"]), text(&ann["member"]["id"]));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_confirms_what_somebody_else_has_asked_for() {
    let site = site().await;
    let mut mallory = Browser::new(&site).await;
    let typed = [
        ("name", "Ann"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
    ];
    mallory.fill("/sign-up", &typed).await.goes_to("/sign-in");
    let letter = await_letter(site.mail.path(), "ann@example.org", "wants to join").await;
    // Ann finds a link in her letters; she has another password in mind than Mallory
    let mut ann = Browser::new(&site).await;
    ann.get(&letter.link()).await.shows("name=\"password\"");
    let token = letter.token();
    let join = async |browser: &mut Browser<'_>, password: &str| {
        let typed = [
            ("token", token.as_str()),
            ("name", "Ann"),
            ("password", password),
        ];
        browser.post("/join", &typed).await
    };
    for password in ["", "what Ann thinks of"] {
        let refused = join(&mut ann, password).await;
        refused.comes_back_with("password-error");
    }
    assert_eq!(ann.cookie("session"), None);
    let said = json!({"token": token, "password": "what Ann thinks of"});
    let asked = site.post("/api/v1/members/joined").json(&said);
    assert_eq!(asked.await.status, 422);
    // the browser of another sign-up is another browser
    let typed = [
        ("name", "Bob"),
        ("email", "bob@example.org"),
        ("password", PASSWORD),
    ];
    let mut bob = Browser::new(&site).await;
    bob.fill("/sign-up", &typed).await.goes_to("/sign-in");
    join(&mut bob, "").await.comes_back_with("password-error");
    // who has asked on one device reads the letter on another
    let mut phone = Browser::new(&site).await;
    join(&mut phone, PASSWORD).await.goes_to("/");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_from_a_provider_joins_in_the_browser_in_which_they_began() {
    let outside = Outside::start();
    let providers = outside.providers(&["naver"]);
    let site = Site::start_as(|options| Options {
        mailing: Mailing {
            reaches_people: true,
            ..options.mailing
        },
        allowances: generous(),
        providers,
        ..options
    })
    .await;
    let mut mallory = Browser::new(&site).await;
    let arrived = mallory.go("naver", "/").await;
    let typed = [("name", "Ann"), ("email", "ann@example.org")];
    let asked = mallory.finish(&arrived, &typed).await;
    asked.goes_to("/sign-in");
    let letter = await_letter(site.mail.path(), "ann@example.org", "wants to join").await;
    let (page, token) = (letter.link(), letter.token());
    let typed = [("token", token.as_str()), ("name", "Ann")];
    // in Ann's browser nobody joins with Mallory's account and Ann's address
    let mut ann = Browser::new(&site).await;
    assert_eq!(ann.get(&page).await.status, 403);
    assert_eq!(ann.post("/join", &typed).await.status, 403);
    mallory.get(&page).await.hides("name=\"password\"");
    mallory.post("/join", &typed).await.goes_to("/");
    let mut again = Browser::new(&site).await;
    again.go("naver", "/films").await.goes_to("/films");
    site.end().await;
}

/// Strangers ask for letters to Ann, from so many addresses.
async fn annoy_ann(site: &Site, strangers: u8, of_each: usize) {
    for stranger in 0..strangers {
        for nth in 0..of_each {
            let mut said = new_member(&format!("Mallory {stranger} {nth}"));
            said["email"] = json!("ann@example.org");
            site.post("/api/v1/members").json(&said).await.expect(202);
            all_sent(site).await;
        }
        // the tests' browsers have one address: that was another one
        sqlx::query("update vault.sign_ups set asker = $1 where length(asker) = 32")
            .bind(vec![stranger])
            .execute(&site.vault)
            .await
            .unwrap();
    }
}

async fn ask(site: &Site) -> Browser<'_> {
    let mut ann = Browser::new(site).await;
    let typed = [
        ("name", "Ann"),
        ("email", "Ann@example.org"),
        ("password", PASSWORD),
    ];
    ann.fill("/sign-up", &typed).await.goes_to("/sign-in");
    all_sent(site).await;
    ann
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_letters_to_somebody_else_uses_up_their_own() {
    let site = site().await;
    annoy_ann(&site, 1, 5).await;
    let letters = in_folder(site.mail.path());
    assert_eq!(letters.len(), 3);
    let mut ann = ask(&site).await;
    let letter = await_letter(site.mail.path(), "Ann@example.org", "wants to join").await;
    let token = letter.token();
    let typed = [("token", token.as_str()), ("name", "Ann")];
    ann.post("/join", &typed).await.goes_to("/");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_were_too_many_letters_each_of_them_will_do() {
    let site = site().await;
    annoy_ann(&site, 6, 3).await;
    let letters = in_folder(site.mail.path());
    assert_eq!(letters.len(), 15);
    let mut ann = ask(&site).await;
    assert_eq!(in_folder(site.mail.path()).len(), 15);
    let token = letters[7].token();
    // what somebody else began opens with their password, and here is Ann's
    let shown = ann.get(&letters[7].link()).await;
    shown.shows("value=\"Ann\"");
    shown.hides("name=\"password\"");
    // for another address it is good for nothing
    let mut bob = Browser::new(&site).await;
    let typed = [
        ("name", "Bob"),
        ("email", "bob@example.org"),
        ("password", PASSWORD),
    ];
    bob.fill("/sign-up", &typed).await.goes_to("/sign-in");
    bob.get(&letters[7].link()).await.shows("name=\"password\"");

    let typed = [("token", token.as_str()), ("name", "Ann")];
    ann.post("/join", &typed).await.goes_to("/");
    assert_eq!(ann.post("/join", &typed).await.status, 410);
    // and nobody joins with what Mallory has begun
    let rest = letters.iter().map(|letter| letter.token());
    for token in rest {
        let said = json!({"token": token, "password": "correct horse battery"});
        let late = site.post("/api/v1/members/joined").json(&said).await;
        assert_eq!(late.status, 410, "{}", late.text());
    }
    let mut again = Browser::new(&site).await;
    let typed = [("email", "ann@example.org"), ("password", PASSWORD)];
    again.fill("/sign-in", &typed).await.goes_to("/");
    site.end().await;
}
