//! A read model whose code fails at an event stops alone; the others go on, answers say
//! so, and it joins again once it can.

use serde_json::{Value, json};
use sqlx::{Executor, PgPool};
use tests::site::{Member, Site, parasite, ratatouille};

/// From now on the likes' model fails at the like of one review: a row that its table
/// refuses, as a bug in `apply` would make one.
async fn poison(pool: &PgPool, review: &str) {
    let statement = format!(
        "create function read.refuse() returns trigger language plpgsql as $$
         begin
             if new.review = '{review}' then raise exception 'no such like'; end if;
             return new;
         end $$;
         create trigger refuse before insert on read.review_likes
             for each row execute function read.refuse();"
    );
    pool.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
}

async fn mend(pool: &PgPool) {
    let statement = "drop trigger refuse on read.review_likes; drop function read.refuse()";
    pool.execute(statement).await.unwrap();
}

async fn standing(pool: &PgPool, model: &str) -> (String, Option<i64>, Option<i64>) {
    let query = "select state, position, failed_at from read.models where name = $1";
    let standing = sqlx::query_as(query).bind(model);
    standing.fetch_one(pool).await.unwrap()
}

async fn backend(pool: &PgPool) -> i32 {
    let query = "select backend from coordination.leases where name = 'projector'";
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// A site whose model of likes stopped at Bob's like of Ann's review.
struct Poisoned {
    site: Site,
    bob: Member,
    review: String,
    /// The last event in front of the like, and the like.
    before: i64,
    failed_at: i64,
}

async fn poisoned() -> Poisoned {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let other = site.review(&ann, ratatouille()).await;
    site.put(like(&other)).by(&bob).await.expect(200);
    let before = site.project().await;
    poison(&site.pool, &review).await;
    // the count, which goes on, is another model than the heart, which stops
    let liked = site.put(like(&review)).by(&bob).await.expect(200);
    assert_eq!(liked.json()["likes"], 1);
    assert_eq!(liked.header("reeltime-detached"), "");
    Poisoned {
        failed_at: site.project().await,
        site,
        bob,
        review,
        before,
    }
}

fn like(review: &str) -> String {
    format!("/api/v1/reviews/{review}/like")
}

#[tokio::test]
async fn a_model_that_fails_at_an_event_stops_alone_until_it_is_mended() {
    let poisoned = poisoned().await;
    let Poisoned {
        site,
        bob,
        review,
        before,
        failed_at,
    } = poisoned;
    assert_eq!(
        standing(&site.pool, "review_likes").await,
        ("parked".to_owned(), Some(before), Some(failed_at))
    );
    let ready = site.get("/health/ready").await.expect(200).json();
    assert_eq!(
        (&ready["ready"], &ready["degraded"]),
        (&true.into(), &true.into())
    );
    let detached = json!([{ "model": "review_likes", "state": "parked", "position": before }]);
    assert_eq!(ready["detached"], detached);

    let retried = projections::rejoin(&site.pool, &site.keyring, "review_likes", |_, _| {}).await;
    let error = retried.unwrap_err().to_string();
    assert!(
        error.contains("still fails") && error.contains("no such like"),
        "{error}"
    );
    site.comment(&bob, &review, "And the rain.").await;

    mend(&site.pool).await;
    let joined = projections::rejoin(&site.pool, &site.keyring, "review_likes", |_, _| {})
        .await
        .unwrap();
    assert!(joined > failed_at);
    let shown = site
        .get(format!("/api/v1/reviews/{review}"))
        .by(&bob)
        .await
        .expect(200);
    assert_eq!(shown.header("reeltime-detached"), "");
    assert_eq!(shown.json()["liked"], true);
    let ready: Value = site.get("/health/ready").await.expect(200).json();
    assert_eq!(ready["degraded"], false);
    site.end().await;
}

#[tokio::test]
async fn an_answer_says_the_lower_position_of_a_detached_model_that_it_reads() {
    let poisoned = poisoned().await;
    let Poisoned {
        site,
        bob,
        review,
        before,
        ..
    } = poisoned;
    let path = format!("/api/v1/reviews/{review}");
    let shown = site.get(&path).by(&bob).await.expect(200);
    assert_eq!(
        (&shown.json()["likes"], &shown.json()["liked"]),
        (&1.into(), &false.into())
    );
    assert_eq!(
        shown.header("reeltime-detached"),
        format!("review_likes={before}")
    );
    assert_eq!(shown.position(), before);

    // what does not read that model is at the newest position and waits for nobody
    site.comment(&bob, &review, "Rain.").await;
    let newest = site.project().await;
    let films = site.get("/api/v1/films").await.expect(200);
    assert_eq!(films.header("reeltime-detached"), "");
    assert_eq!(films.position(), newest);
    // who insists on a position gets at once what there is, and is told
    let insists = site.get(&path).header("reeltime-position", newest);
    assert_eq!(insists.await.expect(200).position(), before);

    mend(&site.pool).await;
    projections::rejoin(&site.pool, &site.keyring, "review_likes", |_, _| {})
        .await
        .unwrap();
    site.end().await;
}

#[tokio::test]
async fn a_model_is_stopped_in_front_of_the_event_and_not_of_its_batch() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let other = site.review(&ann, ratatouille()).await;
    site.project().await;
    poison(&site.pool, &review).await;
    // nobody projects while three more things happen: they come in one batch
    let mut holder = site.pool.begin().await.unwrap();
    event_log::lease::revoke(&mut holder, "projector")
        .await
        .unwrap();
    for review in [&other, &review] {
        // recorded, though it can't be shown in time
        site.put(like(review)).by(&bob).await;
    }
    let head = event_log::head(&site.pool).await.unwrap().position;
    holder.commit().await.unwrap();
    site.project().await;
    assert_eq!(
        standing(&site.pool, "review_likes").await,
        ("parked".to_owned(), Some(head - 1), Some(head))
    );
    mend(&site.pool).await;
    projections::rejoin(&site.pool, &site.keyring, "review_likes", |_, _| {})
        .await
        .unwrap();
    site.end().await;
}

#[tokio::test]
async fn a_detached_model_forgets_all_the_same() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let text = "select text from read.reviews where review = $1::uuid";
    let text = async |pool: &PgPool| -> Option<String> {
        let query = sqlx::query_scalar(text).bind(&review);
        query.fetch_one(pool).await.unwrap()
    };
    site.project().await;
    assert!(text(&site.pool).await.is_some());
    // the model of reviews stops at Bob's, behind Ann's
    let refuse = format!(
        "create function read.refuse() returns trigger language plpgsql as $$
         begin
             if new.member = '{}' then raise exception 'no such review'; end if;
             return new;
         end $$;
         create trigger refuse before insert on read.reviews
             for each row execute function read.refuse();",
        bob.id
    );
    site.pool
        .execute(sqlx::AssertSqlSafe(refuse))
        .await
        .unwrap();
    let path = format!("/api/v1/films/{}/review", ratatouille());
    let posting = site.put(path).by(&bob);
    posting.json(&json!({"rating": 3, "text": "Soup."})).await;
    site.project().await;
    assert_eq!(standing(&site.pool, "reviews").await.0, "parked");

    let whole = json!({ "password": ann.password, "forget": "everything" });
    let leaving = site.delete("/api/v1/me").by(&ann).json(&whole);
    leaving.await.expect(204);
    site.project().await;
    assert_eq!(standing(&site.pool, "reviews").await.0, "parked");
    assert_eq!(text(&site.pool).await, None);

    let mend = "drop trigger refuse on read.reviews; drop function read.refuse()";
    site.pool.execute(mend).await.unwrap();
    projections::rejoin(&site.pool, &site.keyring, "reviews", |_, _| {})
        .await
        .unwrap();
    site.end().await;
}

#[tokio::test]
async fn a_lost_connection_detaches_nothing() {
    let site = Site::start().await;
    let ann = site.ann().await;
    for film in [parasite(), ratatouille()] {
        let end = sqlx::query("select pg_terminate_backend($1)");
        end.bind(backend(&site.pool).await)
            .execute(&site.pool)
            .await
            .unwrap();
        site.review(&ann, film).await;
    }
    site.project().await;
    let query = "select count(*) from read.models where state <> 'live'";
    let detached: i64 = sqlx::query_scalar(query)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(detached, 0);
    site.end().await;
}
