//! What the links of letters do: once, for whom they were mailed, and nothing else.

use domain::MemberId;
use serde_json::json;
use tests::letters::await_letter;
use tests::site::Site;
use tests::until;
use web::vault::links::Purpose;

use super::browser::{Browser, PASSWORD};
use super::mail::all_sent;

const NEW: &str = "another horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_mailed_a_link_that_verifies_their_address_once() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    ann.get("/settings/email").await.shows("not confirmed yet");
    let letter = await_letter(site.mail.path(), "ann@example.org", "Welcome").await;
    assert!(letter.text.starts_with("Hello Ann,"), "{}", letter.text);
    assert!(letter.raw.contains("multipart/alternative"));
    assert!(letter.raw.contains("Auto-Submitted: auto-generated"));

    // a program that looks through mail opens the link, too
    let page = letter.link();
    ann.get(&page).await.shows("Is ann@example.org yours?");
    let shown = ann.get(&page).await;
    shown.shows("Is ann@example.org yours?");
    assert_eq!(shown.answer.header("referrer-policy"), "no-referrer");
    assert_eq!(shown.answer.header("cache-control"), "no-store");
    let token = letter.token();
    let pressed = ann.post("/verify-email", &[("token", &token)]).await;
    pressed.goes_to("/settings/email");
    ann.get("/settings/email").await.hides("not confirmed yet");
    let again = ann.post("/verify-email", &[("token", &token)]).await;
    assert_eq!(again.status, 410);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_chosen_anew_once_and_all_sessions_end() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut elsewhere = Browser::korean(&site).await;
    let typed = [("email", "ANN@example.org")];
    let asked = elsewhere.fill("/forgot-password", &typed).await;
    asked.goes_to("/forgot-password");
    let letter = await_letter(site.mail.path(), "ann@example.org", "new password").await;
    let (page, token) = (letter.link(), letter.token());
    elsewhere.get(&page).await.shows("새 비밀번호 정하기");

    let reset = |password| [("token", token.as_str()), ("new_password", password)];
    let short = elsewhere.post("/reset-password", &reset("short")).await;
    short.comes_back_with("value=\"");
    let done = elsewhere.post("/reset-password", &reset(NEW)).await;
    done.goes_to("/sign-in");
    let again = elsewhere
        .post("/reset-password", &reset("a third horse"))
        .await;
    assert_eq!(again.status, 410);

    ann.get("/settings")
        .await
        .goes_to("/sign-in?next=/settings");
    let with = |password| [("email", "ann@example.org"), ("password", password)];
    let former = ann.fill("/sign-in", &with(PASSWORD)).await;
    assert_eq!(former.status, 422);
    ann.fill("/sign-in", &with(NEW)).await.goes_to("/");
    // the letter came: the address is theirs
    ann.get("/settings/email").await.hides("not confirmed yet");
    await_letter(site.mail.path(), "ann@example.org", "has a new password").await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_for_its_purpose_alone_and_not_for_ever() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let letter = await_letter(site.mail.path(), &ann.email, "Welcome").await;
    let token = letter.token();
    let said = json!({ "token": token, "new_password": NEW });
    let misused = site.put("/api/v1/password").json(&said).await;
    assert_eq!(misused.problem(), (410, "link-used-up".to_owned()));
    sqlx::query("update vault.mail_links set expires_at = now()")
        .execute(&site.vault)
        .await
        .unwrap();
    let said = json!({ "token": token });
    let late = site.put("/api/v1/verified-email").json(&said).await;
    assert_eq!(late.problem(), (410, "link-used-up".to_owned()));
    for token in ["", "0", &token[1..]] {
        let said = json!({ "token": token });
        let guessed = site.put("/api/v1/verified-email").json(&said).await;
        assert_eq!(guessed.status, 410);
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_one_has_seen_is_good_for_nobody_else() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let ask = |email: &str| {
        let asked = site.post("/api/v1/password-resets");
        let asked = asked.header("idempotency-key", "the same for both");
        asked.json(&json!({ "email": email }))
    };
    ask(&bob.email).await.expect(204);
    let token = await_letter(site.mail.path(), &bob.email, "new password")
        .await
        .token();
    let said = json!({ "token": token, "new_password": NEW });
    site.put("/api/v1/password").json(&said).await.expect(204);
    ask(&ann.email).await.expect(204);
    let of_ann = await_letter(site.mail.path(), &ann.email, "new password").await;
    assert_ne!(of_ann.token(), token);
    site.put("/api/v1/password").json(&said).await.expect(410);
    let again = json!({"email": ann.email, "password": ann.password});
    site.post("/api/v1/sessions").json(&again).await.expect(201);

    // nor does it show that another address is one's own
    let change = |email: &str| {
        let asked = site.put("/api/v1/me/email").by(&ann);
        let asked = asked.header("idempotency-key", "the same for both");
        asked.json(&json!({ "email": email, "password": ann.password }))
    };
    change("mine@example.org").await.expect(204);
    let mine = await_letter(site.mail.path(), "mine@example.org", "from now on").await;
    change("theirs@example.org").await.expect(204);
    let theirs = await_letter(site.mail.path(), "theirs@example.org", "from now on").await;
    assert_ne!(mine.token(), theirs.token());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_holds_a_token() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let token = await_letter(site.mail.path(), &ann.email, "Welcome")
        .await
        .token();
    for (database, known) in [
        (&site.vault, "vault.mail_links"),
        (&site.pool, "log.events"),
    ] {
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_schema || '.' || table_name from information_schema.tables
             where table_schema in ('vault', 'log', 'read')",
        )
        .fetch_all(database)
        .await
        .unwrap();
        assert!(tables.contains(&known.to_owned()));
        for table in tables {
            let found = format!("select count(*) from {table} t where strpos(t::text, $1) > 0");
            let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(found))
                .bind(&token)
                .fetch_one(database)
                .await
                .unwrap();
            assert_eq!(found, 0, "{table}");
        }
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_the_account_back_ends_a_change_that_somebody_else_began() {
    let site = Site::start().await;
    let mut mallory = Browser::of(&site, "Ann").await;
    let begin = async |mallory: &mut Browser<'_>, to: &str, password: &str| {
        let typed = [("email", to), ("password", password)];
        let shown = mallory.fill("/settings/email", &typed).await;
        shown.goes_to("/settings/email");
    };
    begin(&mut mallory, "mallory@example.org", PASSWORD).await;
    let change = await_letter(site.mail.path(), "mallory@example.org", "from now on").await;
    // and one that waits still: nobody may send it
    let waits = "insert into vault.outbox (id, kind, member, address, created_at, due_at)
                 select gen_random_uuid(), 'address', member, 'mallory@example.org', now(),
                        now() + interval '1 hour' from vault.accounts";
    sqlx::query(waits).execute(&site.vault).await.unwrap();

    let mut ann = Browser::new(&site).await;
    let asked = [("email", "ann@example.org")];
    ann.fill("/forgot-password", &asked)
        .await
        .goes_to("/forgot-password");
    let reset = await_letter(site.mail.path(), "ann@example.org", "new password").await;
    let token = reset.token();
    let typed = [("token", token.as_str()), ("new_password", NEW)];
    ann.post("/reset-password", &typed)
        .await
        .goes_to("/sign-in");

    let token = change.token();
    let followed = mallory.post("/change-email", &[("token", &token)]).await;
    assert_eq!(followed.status, 410, "{}", followed.html);
    let left: i64 = sqlx::query_scalar("select count(*) from vault.outbox where kind = 'address'")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    assert_eq!(left, 0);

    // another password does so, too
    let typed = [("email", "ann@example.org"), ("password", NEW)];
    ann.fill("/sign-in", &typed).await.goes_to("/");
    begin(&mut ann, "anna@example.org", NEW).await;
    let change = await_letter(site.mail.path(), "anna@example.org", "from now on").await;
    let typed = [("current_password", NEW), ("new_password", PASSWORD)];
    ann.fill("/settings/password", &typed)
        .await
        .goes_to("/settings/password");
    let token = change.token();
    let followed = ann.post("/change-email", &[("token", &token)]).await;
    assert_eq!(followed.status, 410, "{}", followed.html);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_changes_when_the_new_one_answers_and_the_former_is_told() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    Browser::of(&site, "Bob").await;
    let wrong = [("email", "anna@example.org"), ("password", "not this one")];
    ann.fill("/settings/email", &wrong)
        .await
        .comes_back_with("password-error");
    let typed = [("email", "anna@example.org"), ("password", PASSWORD)];
    ann.fill("/settings/email", &typed)
        .await
        .goes_to("/settings/email");
    ann.get("/settings/email")
        .await
        .shows("<strong>ann@example.org</strong>");

    let asked = [("email", "ann@example.org")];
    ann.fill("/forgot-password", &asked)
        .await
        .goes_to("/forgot-password");
    let stale = await_letter(site.mail.path(), "ann@example.org", "new password")
        .await
        .token();

    let letter = await_letter(site.mail.path(), "anna@example.org", "from now on").await;
    ann.get(&letter.link()).await.shows("anna@example.org");
    let token = letter.token();
    let followed = ann.post("/change-email", &[("token", &token)]).await;
    followed.goes_to("/settings/email");
    ann.get("/settings/email")
        .await
        .shows("<strong>anna@example.org</strong>");
    await_letter(
        site.mail.path(),
        "ann@example.org",
        "another e-mail address",
    )
    .await;
    let again = ann.post("/change-email", &[("token", &token)]).await;
    assert_eq!(again.status, 410);
    // what was mailed to the former one is good for nothing, either
    let stale = [("token", stale.as_str()), ("new_password", NEW)];
    assert_eq!(ann.post("/reset-password", &stale).await.status, 410);

    let with = |email| [("email", email), ("password", PASSWORD)];
    let mut elsewhere = Browser::new(&site).await;
    let former = elsewhere.fill("/sign-in", &with("ann@example.org")).await;
    assert_eq!(former.status, 422);
    elsewhere
        .fill("/sign-in", &with("anna@example.org"))
        .await
        .goes_to("/");

    // somebody else's is told only to whoever reads that mail
    let typed = [("email", "BOB@example.org"), ("password", PASSWORD)];
    ann.fill("/settings/email", &typed)
        .await
        .goes_to("/settings/email");
    let letter = await_letter(site.mail.path(), "BOB@example.org", "from now on").await;
    let taken = ann
        .post("/change-email", &[("token", &letter.token())])
        .await;
    assert_eq!(taken.status, 409);
    site.end().await;
}

/// The letter with the link to another address is just being sent when its member takes the account
/// back: nobody follows that link.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_just_being_mailed_does_not_survive_a_new_password() {
    let site = Site::start().await;
    let ann = site.ann().await;
    all_sent(&site).await;
    let member = MemberId(ann.id.parse().unwrap());
    let now = web::fresh::now();
    // put off, so that the site's own sender leaves it alone
    sqlx::query(
        "insert into vault.outbox (id, kind, member, address, created_at, due_at)
         values ($1, 'address', $2, 'mallory@example.org', $3, $3 + interval '1 hour')",
    )
    .bind(tests::new_id())
    .bind(member.0)
    .bind(now)
    .execute(&site.vault)
    .await
    .unwrap();
    let vault = &site.app.vault;
    let later = now + chrono::TimeDelta::hours(2);
    let sending = vault.take_letter(later).await.unwrap().unwrap();

    let reset = json!({ "email": ann.email });
    let asked = site.post("/api/v1/password-resets").json(&reset);
    asked.await.expect(204);
    let letter = await_letter(site.mail.path(), &ann.email, "new password").await;
    let said = json!({ "token": letter.token(), "new_password": NEW });
    let choosing = site.put("/api/v1/password").json(&said);
    let choosing = async { choosing.await.expect(204) };
    let mailing = async {
        // until the reset waits for the letter
        until("it waits", async || {
            let waiting: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'",
            )
            .fetch_one(&site.vault)
            .await
            .unwrap();
            waiting > 0
        })
        .await;
        let address = domain::Email::new("mallory@example.org").unwrap();
        let letter = sending.letter.clone();
        let link = vault.link(&letter, Purpose::Address, member, &address);
        let token = link.await.unwrap();
        sending.done().await.unwrap();
        token
    };
    let (_, token) = tokio::join!(choosing, mailing);
    let said = json!({ "token": token.reveal() });
    let followed = site.put("/api/v1/changed-email").json(&said).await;
    assert_eq!(followed.problem(), (410, "link-used-up".to_owned()));
    site.end().await;
}
