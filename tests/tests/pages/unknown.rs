//! An account that is there and one that is not cost the same work: counted, not timed.

use serde_json::{Value, json};
use tests::letters::await_letter;
use tests::site::{Site, new_member, text};
use web::app::Options;
use web::mail::Mailing;

/// Passwords that are hashed for an answer of this status.
async fn hashed(site: &Site, path: &str, said: &Value, status: u16) -> u64 {
    let before = site.app.vault.hashed();
    site.post(path).json(said).await.expect(status);
    site.app.vault.hashed() - before
}

#[tokio::test]
async fn a_password_is_hashed_whether_or_not_somebody_has_the_address() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    sqlx::query("update vault.accounts set password_hash = null where member = $1::uuid")
        .bind(&bob.id)
        .execute(&site.vault)
        .await
        .unwrap();
    let nobody = "nobody@example.org";
    for (email, password, status) in [
        (ann.email.as_str(), ann.password.as_str(), 201),
        (ann.email.as_str(), "a wrong guess", 401),
        (ann.email.as_str(), "", 401),
        // she comes in with an account elsewhere
        (bob.email.as_str(), bob.password.as_str(), 401),
        (nobody, ann.password.as_str(), 401),
        (nobody, "", 401),
    ] {
        let said = json!({"email": email, "password": password});
        let hashed = hashed(&site, "/api/v1/sessions", &said, status).await;
        assert_eq!(hashed, 1, "{email}: {password:?}");
    }
    // the count sees it where nothing is compared: what is no address has no account
    let said = json!({"email": "ann", "password": ann.password});
    assert_eq!(hashed(&site, "/api/v1/sessions", &said, 401).await, 0);
    site.end().await;
}

/// Where letters reach people: elsewhere a taken address is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_is_as_much_work_for_an_address_that_is_taken() {
    let site = Site::start_as(|options| Options {
        mailing: Mailing {
            reaches_people: true,
            ..options.mailing
        },
        ..options
    })
    .await;
    let ann = new_member("Ann");
    let free = hashed(&site, "/api/v1/members", &ann, 202).await;
    let letter = await_letter(site.mail.path(), &text(&ann["email"]), "wants to join").await;
    let proof = json!({"token": letter.token(), "password": ann["password"]});
    let joined = site.post("/api/v1/members/joined").json(&proof);
    joined.await.expect(201);
    let mut other = new_member("Mallory");
    other["email"] = ann["email"].clone();
    let taken = hashed(&site, "/api/v1/members", &other, 202).await;
    assert_eq!((free, taken), (1, 1));
    site.end().await;
}
