//! What an attacker can try on the way to a provider and back, and a provider that lies.

use commands::identity::Unlink;
use domain::{MemberId, ReservationId};
use sqlx::PgPool;
use tests::letters::await_letter;
use tests::providers::Outside;
use tests::site::Site;
use tests::{history, until};
use uuid::Uuid;

use super::{back, site};
use crate::pages::browser::{Browser, Shown};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_refuses_lets_nobody_in_whatever_its_status() {
    let outside = Outside::start();
    let clients = ["naver-refuses", "github-refuses", "naver-fails"];
    let site = site(&outside, &clients).await;
    for client in clients {
        let mut ann = Browser::new(&site).await;
        let shown = ann.go(client, "/").await;
        assert!(
            [400, 502].contains(&shown.status),
            "{client}: {}",
            shown.html
        );
        assert_eq!(ann.cookie("session"), None);
        assert_eq!(ann.cookie("arrival"), None);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_right_is_not_believed() {
    let outside = Outside::start();
    let clients = [
        "wrong-nonce",
        "no-nonce",
        "wrong-audience",
        "wrong-issuer",
        "expired",
        "no-algorithm",
        "forged",
    ];
    let site = site(&outside, &clients).await;
    for client in clients {
        let mut ann = Browser::new(&site).await;
        let shown = ann.go(client, "/").await;
        assert_eq!(shown.status, 400, "{client}: {}", shown.html);
        assert!(shown.html.contains("We could not find out who you are"));
        assert_eq!(ann.cookie("session"), None);
        assert_eq!(ann.cookie("arrival"), None);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_is_good_for_one_return_of_its_own_browser() {
    let outside = Outside::start();
    let site = site(&outside, &["honest", "unvouched"]).await;
    let mut ann = Browser::new(&site).await;
    let mut mallory = Browser::new(&site).await;
    let lost = |shown: &Shown| {
        assert_eq!(shown.status, 400, "{}", shown.html);
        assert!(shown.html.contains("Please begin again"));
    };

    // login CSRF: Mallory's return in Ann's browser, which is on no journey, or on its own
    let mallorys = back(&mallory.depart("honest", "/").await).await;
    lost(&ann.get(&mallorys).await);
    let anns = back(&ann.depart("honest", "/").await).await;
    let journey = ann.cookie("journey").unwrap().to_owned();
    lost(&ann.get(&mallorys).await);
    // a return that fails ends the journey
    assert_eq!(ann.cookie("journey"), None);

    // a changed cookie, another provider
    let (text, signature) = journey.split_once('.').unwrap();
    ann.set_cookie(
        "journey",
        &format!("{}A.{signature}", &text[..text.len() - 1]),
    );
    lost(&ann.get(&anns).await);
    ann.set_cookie("journey", &journey);
    lost(&ann.get(&anns.replace("/honest/", "/unvouched/")).await);

    // once, and no more
    ann.set_cookie("journey", &journey);
    let arrived = ann.get(&anns).await;
    assert!(
        arrived.location.starts_with("/sign-up/finish"),
        "{}",
        arrived.html
    );
    ann.set_cookie("journey", &journey);
    lost(&ann.get(&anns).await);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_leads_on_to_our_own_pages_alone() {
    let outside = Outside::start();
    let site = site(&outside, &["honest"]).await;
    let mut ann = Browser::new(&site).await;
    let arrived = ann.go("honest", "https://evil.example").await;
    ann.finish(&arrived, &[("name", "Ann")]).await.goes_to("/");
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let mut again = Browser::new(&site).await;
        again.go("honest", next).await.goes_to("/");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_unconfirmed_account_back_shuts_out_what_was_linked_to_it() {
    let outside = Outside::start();
    let site = site(&outside, &["honest", "kakao"]).await;
    // with somebody else's address
    let mut mallory = Browser::of(&site, "Bob").await;
    mallory.link("kakao").await.goes_to("/settings/sign-in");
    // the log knows it, whatever became of what the vault calls it
    sqlx::query("delete from vault.identities")
        .execute(&site.vault)
        .await
        .unwrap();

    let mut bob = Browser::new(&site).await;
    let reset = async |bob: &mut Browser<'_>, said: &str, password: &str| {
        let asked = [("email", "bob@example.org")];
        let shown = bob.fill("/forgot-password", &asked).await;
        shown.goes_to("/forgot-password");
        let letter = await_letter(site.mail.path(), "bob@example.org", said).await;
        let token = letter.token();
        let typed = [("token", token.as_str()), ("new_password", password)];
        bob.post("/reset-password", &typed)
            .await
            .goes_to("/sign-in");
    };
    reset(&mut bob, "new password", "another horse battery").await;
    let nobody = mallory.go("kakao", "/").await;
    assert!(
        nobody.location.starts_with("/sign-up/finish"),
        "{}",
        nobody.html
    );
    let shown = mallory.get("/settings/codes").await;
    shown.goes_to("/sign-in?next=/settings/codes");

    // their own stay: the address is theirs now
    let typed = [
        ("email", "bob@example.org"),
        ("password", "another horse battery"),
    ];
    bob.fill("/sign-in", &typed).await.goes_to("/");
    bob.link("honest").await.goes_to("/settings/sign-in");
    for file in std::fs::read_dir(site.mail.path()).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    reset(&mut bob, "new password", "a third horse battery").await;
    let mut again = Browser::new(&site).await;
    again.go("honest", "/films").await.goes_to("/films");
    again.get("/").await.shows("Bob");
    site.end().await;
}

async fn somebody_waits_for_the_accounts(vault: &PgPool) -> bool {
    let waits = "select exists (select from pg_locks join pg_database d on d.oid = database
                                where not granted and relation = 'vault.accounts'::regclass
                                  and datname = current_database())";
    sqlx::query_scalar(waits).fetch_one(vault).await.unwrap()
}

/// Opens what a provider sends back to. While it is asked how often all sessions of the member were
/// ended, they are, and the account there is taken away.
async fn taken_away_meanwhile(
    site: &Site,
    browser: &mut Browser<'_>,
    back: &str,
    (member, identity): (MemberId, ReservationId),
) -> Shown {
    let mut ending = site.vault.begin().await.unwrap();
    sqlx::query("lock table vault.accounts in access exclusive mode")
        .execute(&mut *ending)
        .await
        .unwrap();
    let taking_away = async move {
        let waits = || somebody_waits_for_the_accounts(&site.vault);
        until("it is asked for the endings", waits).await;
        let unlink = Unlink {
            member,
            identity,
            even_the_last: false,
        };
        let asked = history::asked(member);
        let unlinked = commands::execute(&site.app.sequencer, asked, unlink).await;
        unlinked.unwrap();
        sqlx::query("update vault.accounts set endings = endings + 1 where member = $1")
            .bind(member.0)
            .execute(&mut *ending)
            .await
            .unwrap();
        ending.commit().await.unwrap();
    };
    let (shown, ()) = tokio::join!(browser.get(back), taking_away);
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_in_with_what_is_taken_away_at_that_moment_does_not() {
    let outside = Outside::start();
    let site = site(&outside, &["kakao"]).await;
    let mut ann = Browser::of(&site, "Ann").await;
    ann.link("kakao").await.goes_to("/settings/sign-in");
    let (member, identity): (Uuid, Uuid) =
        sqlx::query_as("select member, identity from vault.identities")
            .fetch_one(&site.vault)
            .await
            .unwrap();
    let linked = (MemberId(member), ReservationId(identity));

    let path = "/sign-in/again/kakao";
    let shown = ann.post(path, &[("next", "/settings/codes")]).await;
    let refresh = shown.answer.header("refresh").to_owned();
    let there = refresh.strip_prefix("0; url=").unwrap().parse().unwrap();
    let proof = back(&there).await;
    let shown = taken_away_meanwhile(&site, &mut ann, &proof, linked).await;
    assert_eq!(shown.status, 403, "{}", shown.html);

    ann.link("kakao").await.goes_to("/settings/sign-in");
    let mut thief = Browser::new(&site).await;
    let there = thief.depart("kakao", "/").await;
    let sign_in = back(&there).await;
    let nobody = taken_away_meanwhile(&site, &mut thief, &sign_in, linked).await;
    let finishing = nobody.location.starts_with("/sign-up/finish");
    assert!(finishing, "{}", nobody.html);
    assert_eq!(thief.cookie("session"), None);
    site.end().await;
}
