//! The log may be slow: who waits for it holds up nobody who reads. The read models may be slow, too:
//! what is decided, is decided by the log.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use commands::Command;
use commands::member::Withdraw;
use commands::role::RevokeRole;
use domain::forgetting::Extent;
use domain::{MemberId, ReservationId, Role};
use futures::future::join_all;
use serde_json::json;
use tests::history;
use tests::site::{Answer, Member, Site, parasite, ratatouille};
use tower::ServiceExt;
use uuid::Uuid;
use web::app::Options;
use web::asking::Asking;
use web::reading::Reading;

/// By which nodes append one after the other (`log.append`).
const LOG: i64 = 7_308_324_466_020_377_709;
/// Of each kind; with four connections for reading one kind alone takes them all.
const AT_ONCE: usize = 6;
const FORM: &str = "application/x-www-form-urlencoded";

async fn site() -> Site {
    let few = |options| Options {
        connections: 4,
        ..options
    };
    Site::start_as(few).await
}

/// Whoever keeps a connection for reading while it waits for the log, for comparison.
#[derive(Clone, Copy, PartialEq)]
enum Waits {
    Free,
    Holding,
}

/// Whatever a page or a form does that waits for the log, several times at once.
async fn ask_of_all_kinds(site: &Site, ann: &Member, waits: Waits) -> Vec<Answer> {
    let bob = site.bob().await;
    let (review, own) = (
        site.review(&bob, parasite()).await,
        site.review(ann, ratatouille()).await,
    );
    let comment = site.comment(ann, &own, "Soup.").await;
    site.grant(ann, Role::Moderator).await;
    site.grant(ann, Role::Auditor).await;
    site.grant(ann, Role::Operator).await;
    let taken = format!("kind=review&subject={review}&reason=Noise");
    let named = format!("name={}&role=moderator", bob.name);
    let forms = [
        (
            format!("/films/{}/review", parasite()),
            "rating=4&text=Rain",
        ),
        (format!("/reviews/{review}/comments"), "text=Rain"),
        (format!("/comments/{comment}/edit"), "text=Snow"),
        (format!("/comments/{comment}/retract"), ""),
        (format!("/reviews/{own}/retract"), ""),
        ("/rooms/new".to_owned(), "name=Rain"),
        (format!("/reviews/{review}/report"), "reason=Rain"),
        ("/settings".to_owned(), "name=Anna&about=&language=en"),
        ("/measures".to_owned(), taken.as_str()),
        ("/roles/grant".to_owned(), named.as_str()),
    ];
    let held = hold(site).await;
    let asked = |path: String, form: Option<&str>| {
        let asked = match form {
            Some(form) => site.post(path).by(ann).body(FORM, form.to_owned()),
            None => site.get(path).by(ann),
        };
        async move {
            let _held = match waits {
                Waits::Holding => site.app.reader.snapshot(None).await.ok(),
                Waits::Free => None,
            };
            asked.await
        }
    };
    let mut all = Vec::new();
    for _ in 0..AT_ONCE {
        let forms = forms.iter();
        all.extend(forms.map(|(path, form)| asked(path.clone(), Some(*form))));
        all.push(asked("/audit".to_owned(), None));
        all.push(asked("/api/v1/audit/events".to_owned(), None));
        all.push(asked(format!("/audit/streams/review-{review}"), None));
    }
    let answers = join_all(all).await;
    held.rollback().await.unwrap();
    answers
}

/// Nobody appends while this is held.
async fn hold(site: &Site) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut held = site.pool.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(LOG)
        .execute(&mut *held)
        .await
        .unwrap();
    held
}

/// What pages answered until the last writer had given up: how many did, and how many did not.
async fn pages_meanwhile(waits: Waits) -> (usize, usize) {
    let site = site().await;
    let ann = site.ann().await;
    let (mut shown, mut refused) = (0, 0);
    let reading = async {
        loop {
            let answer = site.get("/films").await;
            match answer.status.as_u16() {
                200 => shown += 1,
                503 => refused += 1,
                other => panic!("{other}"),
            }
        }
    };
    let answers = tokio::select! {
        answers = ask_of_all_kinds(&site, &ann, waits) => answers,
        () = reading => unreachable!("it goes on"),
    };
    let gave_up = answers.iter().filter(|answer| answer.status == 503).count();
    assert_eq!(gave_up, answers.len(), "all of them waited for the log");
    // what waited may be recorded once the log is free
    site.review(&site.sign_up("Cho").await, parasite()).await;
    site.end().await;
    (shown, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_served_however_many_wait_for_the_log() {
    let (shown, refused) = pages_meanwhile(Waits::Free).await;
    assert!(shown > 0);
    assert_eq!(refused, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_a_reading_while_they_wait_is_found_out() {
    let (_, refused) = pages_meanwhile(Waits::Holding).await;
    assert!(refused > 0);
}

/// So that no handler comes to hold the one while it waits for the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_reads_and_asks_never_answers() {
    let site = site().await;
    let app = Router::new()
        .route("/first", get(async |_: Reading, _: Asking| "read"))
        .route("/then", get(async |_: Asking, _: Reading| "asked"))
        .route("/alone", get(async |_: Asking| "asked"))
        .with_state(site.app.clone());
    for (path, status) in [("/first", 500), ("/then", 500), ("/alone", 200)] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let Ok(answer) = app.clone().oneshot(request).await;
        assert_eq!(answer.status(), status, "{path}");
    }
    site.end().await;
}

/// The read models stay where they are while this is held, and can be read.
async fn stop_the_read_models(site: &Site) -> sqlx::Transaction<'static, sqlx::Postgres> {
    site.project().await;
    let mut held = site.pool.begin().await.unwrap();
    sqlx::query("lock table read.checkpoints in share row exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    held
}

async fn give(site: &Site, command: impl Command + Send + 'static) {
    let asked = history::asked(MemberId(Uuid::nil()));
    let given = commands::execute(&site.app.sequencer, asked, command).await;
    given.unwrap();
}

/// A request that was let in as what its member was before is decided by what they are.
#[tokio::test(flavor = "multi_thread")]
async fn whose_role_was_taken_meanwhile_does_nothing_with_it() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&bob, parasite()).await;
    let member = MemberId(ann.id.parse().unwrap());
    for role in [Role::Moderator, Role::Auditor, Role::Operator] {
        site.grant(&ann, role).await;
    }
    let held = stop_the_read_models(&site).await;
    for role in [Role::Moderator, Role::Auditor, Role::Operator] {
        let by = None;
        give(&site, RevokeRole { member, role, by }).await;
    }
    let before = site.events().await;
    // to who only reads she still has them
    site.get("/api/v1/reports").by(&ann).await.expect(200);
    let hiding = json!({ "about": { "kind": "review", "id": review }, "reason": "Noise" });
    let hidden = site.post("/api/v1/measures").by(&ann).json(&hiding).await;
    let granted = site.put(format!("/api/v1/members/{}/roles/operator", bob.id));
    let granted = granted.by(&ann).await;
    let audited = site.get("/api/v1/audit/events").by(&ann).await;
    for answer in [hidden, granted, audited] {
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    assert_eq!(site.events().await, before);
    held.rollback().await.unwrap();
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdrew_meanwhile_says_nothing_more() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&bob, parasite()).await;
    let member = MemberId(ann.id.parse().unwrap());
    let reserved = "select name_reservation, email_reservation from read.members where member = $1";
    let (name, email): (Uuid, Uuid) = sqlx::query_as(reserved)
        .bind(member.0)
        .fetch_one(&site.pool)
        .await
        .unwrap();
    let held = stop_the_read_models(&site).await;
    let leaving = Withdraw {
        member,
        extent: Extent::Everything,
        name_reservation: ReservationId(name),
        email_reservation: ReservationId(email),
    };
    give(&site, leaving).await;
    let before = site.events().await;
    site.get("/api/v1/me").by(&ann).await.expect(200);
    let said = json!({ "text": "One more thing." });
    let comment = site.post(format!("/api/v1/reviews/{review}/comments"));
    let comment = comment.by(&ann).json(&said).await;
    let liked = site.put(format!("/api/v1/reviews/{review}/like"));
    let liked = liked.by(&ann).await;
    let renamed = site.patch("/api/v1/me").by(&ann);
    let renamed = renamed.json(&json!({ "name": "Anna" })).await;
    let rated = site.put(format!("/api/v1/films/{}/review", parasite()));
    let rated = rated.by(&ann).json(&json!({ "rating": 4 })).await;
    for answer in [comment, liked, renamed, rated] {
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    assert_eq!(site.events().await, before);
    held.rollback().await.unwrap();
    site.end().await;
}
