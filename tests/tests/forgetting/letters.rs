//! A letter on its way does not outlast whom it was for.

use chrono::TimeDelta;
use domain::{Email, MemberId};
use tests::site::Site;
use tests::{new_id, now, until};
use uuid::Uuid;
use web::vault::links::Purpose;
use web::vault::mail::{Kind, Taken, To};

/// Takes this one out of the outbox, as if it were due.
async fn taken(site: &Site, id: Uuid) -> Taken {
    loop {
        let then = now() + TimeDelta::days(2);
        let letter = site.app.vault.take_letter(then).await.unwrap();
        let letter = letter.expect("it waits");
        if letter.letter.id == id {
            return letter;
        }
        // the one that welcomes her
        letter.done().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_is_being_sent_leaves_no_link_of_who_is_gone() {
    let site = Site::start().await;
    let member = MemberId(site.ann().await.id.parse().unwrap());
    let vault = &site.app.vault;
    let (id, address) = (new_id(), Email::new("ann@example.net").unwrap());
    let to = To::MemberAt(member, address.clone());
    let kind = Kind::Linking(Purpose::Address);
    // so that nobody else takes it
    let tomorrow = now() + TimeDelta::days(1);
    vault.write(id, kind, to, tomorrow).await.unwrap();
    let taken = taken(&site, id).await;

    let app = site.app.clone();
    let closing = tokio::spawn(async move { app.vault.close_account(member).await });
    until("it waits for the letter", || async {
        let waits = "select exists (select from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'
                         and query like 'delete from vault.outbox%')";
        let waits = sqlx::query_scalar::<_, bool>(waits);
        waits.fetch_one(vault.pool()).await.unwrap()
    })
    .await;
    let link = vault.link(&taken.letter, Purpose::Address, member, &address);
    link.await.unwrap();
    taken.done().await.unwrap();
    closing.await.unwrap().unwrap();

    let left: i64 = sqlx::query_scalar("select count(*) from vault.mail_links where member = $1")
        .bind(member.0)
        .fetch_one(vault.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
    site.end().await;
}
