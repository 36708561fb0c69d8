//! Reports, `/measures` and appeals: what moderators of the site do, and who sees what then.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::Role;
use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, text};
use tokio::time::Instant;
use uuid::Uuid;

async fn judge(site: &Site) -> Member {
    let judge = site.sign_up("Judge").await;
    site.grant(&judge, Role::Moderator).await;
    judge
}

async fn take(site: &Site, judge: &Member, about: Value, until: Value) -> String {
    let said = json!({"about": about, "reason": "Insults.", "until": until});
    let taken = site.post("/api/v1/measures").by(judge).json(&said).await;
    let measure = text(&taken.expect(201).json()["id"]);
    site.project().await;
    measure
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_review_is_seen_by_its_author_alone_until_it_is_shown_again() {
    let site = Site::start().await;
    let (ann, bob, judge) = (site.ann().await, site.bob().await, judge(&site).await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&bob, &review, "Me too.").await;
    let measure = site.hide(&judge, "review", &review).await;

    let path = format!("/api/v1/reviews/{review}");
    let lists = [
        "/api/v1/reviews".to_owned(),
        format!("/api/v1/films/{}/reviews", parasite()),
        format!("/api/v1/films/{}/reviews?sort=best-liked", parasite()),
        format!("/api/v1/members/{}/reviews", ann.id),
    ];
    for list in &lists {
        let found = site.get(list).by(&bob).await.expect(200).json();
        assert_eq!(found["items"], json!([]), "{list}");
        let own = site.get(list).by(&ann).await.expect(200).json();
        assert_eq!(own["items"][0]["hidden_by"], measure.as_str(), "{list}");
    }
    for reader in [&bob, &judge] {
        site.get(&path).by(reader).await.expect(404);
        site.get(format!("/reviews/{review}"))
            .by(reader)
            .await
            .expect(404);
    }
    let shown = site
        .get(format!("/reviews/{review}"))
        .by(&ann)
        .await
        .expect(200);
    assert!(shown.text().contains("Only you see it"), "{}", shown.text());
    // nobody answers what is not there; what was said under it is not there, either
    let like = format!("{path}/like");
    site.put(&like).by(&bob).json(&json!({})).await.expect(404);
    let others = format!("/api/v1/members/{}/comments", bob.id);
    let of_bob = site.get(&others).by(&judge).await.json();
    assert_eq!(of_bob["items"], json!([]));
    site.get(format!("/api/v1/comments/{comment}"))
        .await
        .expect(404);
    site.get(format!("/api/v1/comments/{comment}"))
        .by(&bob)
        .await
        .expect(200);

    let lift = format!("/api/v1/measures/{measure}");
    site.delete(&lift)
        .by(&judge)
        .json(&json!({}))
        .await
        .expect(204);
    site.project().await;
    site.get(&path).by(&bob).await.expect(200);
    site.get(format!("/api/v1/comments/{comment}"))
        .await
        .expect(200);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_hidden_review_is_on_the_main_page_with_the_one_before() {
    let site = Site::start().await;
    let (ann, judge) = (site.ann().await, judge(&site).await);
    let mut newest = String::new();
    for (film, text) in [(parasite(), "Stairs."), (ratatouille(), "Soup.")] {
        let said = json!({"rating": 4, "text": text});
        let path = format!("/api/v1/films/{film}/review");
        let posted = site.put(&path).by(&ann).json(&said).await.expect(201);
        newest = self::text(&posted.json()["id"]);
    }
    site.project().await;
    let main_page = async || site.get("/").await.expect(200).text();
    assert!(main_page().await.contains("Soup."));
    site.hide(&judge, "review", &newest).await;
    let shown = main_page().await;
    assert!(!shown.contains("Soup.") && shown.contains("Stairs."));
    let own = site.get("/").by(&ann).await.expect(200).text();
    assert!(own.contains("Soup."), "{own}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_comment_is_not_counted() {
    let site = Site::start().await;
    let (ann, bob, judge) = (site.ann().await, site.bob().await, judge(&site).await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&bob, &review, "Rude.").await;
    site.hide(&judge, "comment", &comment).await;
    let shown = site.get(format!("/api/v1/reviews/{review}")).by(&ann).await;
    assert_eq!(shown.json()["comments"], 0);
    let under = format!("/api/v1/reviews/{review}/comments");
    assert_eq!(site.get(&under).by(&ann).await.json()["items"], json!([]));
    let own = site.get(&under).by(&bob).await.json();
    assert_eq!(own["items"][0]["text"], "Rude.");
    site.get(format!("/comments/{comment}"))
        .by(&ann)
        .await
        .expect(404);
    let gone = site.delete(format!("/api/v1/comments/{comment}")).by(&bob);
    gone.json(&json!({})).await.expect(204);
    site.project().await;
    let shown = site.get(format!("/api/v1/reviews/{review}")).by(&ann).await;
    assert_eq!(shown.json()["comments"], 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_member_reads_and_does_not_write_until_it_is_over() {
    let site = Site::start().await;
    let (ann, bob, judge) = (site.ann().await, site.bob().await, judge(&site).await);
    let review = site.review(&ann, parasite()).await;
    let room = site
        .post("/api/v1/rooms")
        .by(&ann)
        .json(&json!({"name": "Stairs"}));
    let room = format!(
        "/api/v1/rooms/{}",
        text(&room.await.expect(201).json()["id"])
    );
    let about = json!({"kind": "member", "id": bob.id});
    let until = web::fresh::now() + TimeDelta::days(7);
    let measure = take(&site, &judge, about, json!(until)).await;

    let writes = [
        (
            "PUT",
            format!("/api/v1/films/{}/review", parasite()),
            json!({"rating": 1}),
        ),
        ("PUT", format!("/api/v1/reviews/{review}/like"), json!({})),
        (
            "POST",
            format!("/api/v1/reviews/{review}/comments"),
            json!({"text": "Me too."}),
        ),
        ("POST", "/api/v1/rooms".to_owned(), json!({"name": "Mine"})),
        (
            "POST",
            format!("{room}/messages"),
            json!({"text": "Hello."}),
        ),
        ("PATCH", "/api/v1/me".to_owned(), json!({"about": "Me."})),
        ("PATCH", "/api/v1/me".to_owned(), json!({"name": "Robert"})),
    ];
    for (method, path, said) in &writes {
        let refused = site.ask(method, path).by(&bob).json(said).await;
        assert_eq!(refused.problem(), (403, "suspended".to_owned()), "{path}");
    }
    site.get(format!("/api/v1/reviews/{review}"))
        .by(&bob)
        .await
        .expect(200);
    let page = site.get("/films").by(&bob).await.expect(200);
    assert!(page.text().contains("you can read, but not write"));
    let told = site.get("/api/v1/notifications").by(&bob).await.json();
    assert_eq!(told["items"][0]["kind"], "suspended");
    assert_eq!(told["items"][0]["measure"], measure.as_str());

    let late: event_log::Clock = Arc::new(|| web::fresh::now() + TimeDelta::days(8));
    let every = Duration::from_millis(20);
    let reactor = web::reactors::end_suspensions(&site.app, late, every);
    let deadline = Instant::now() + Duration::from_secs(20);
    let (method, path, said) = &writes[2];
    while site.ask(method, path).by(&bob).json(said).await.status != 201 {
        assert!(Instant::now() < deadline, "the suspension never ends");
        tokio::time::sleep(every).await;
    }
    drop(reactor);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_one_thing_are_closed_together() {
    let site = Site::start().await;
    let (ann, bob, judge) = (site.ann().await, site.bob().await, judge(&site).await);
    let review = site.review(&ann, parasite()).await;
    let reports = format!("/api/v1/reviews/{review}/reports");
    for member in [&bob, &judge] {
        let why = json!({"reason": "Insults"});
        site.post(&reports).by(member).json(&why).await.expect(204);
        site.post(&reports).by(member).json(&why).await.expect(204);
    }
    let own = site.post(&reports).by(&ann).json(&json!({})).await;
    assert_eq!(own.problem(), (403, "own-thing".to_owned()));
    site.project().await;
    let queue = site
        .get("/api/v1/reports")
        .by(&judge)
        .await
        .expect(200)
        .json();
    assert_eq!(queue["items"].as_array().unwrap().len(), 2);
    let first = &queue["items"][0];
    assert_eq!(
        (&first["alike"], &first["text"]),
        (&json!(2), &json!("Stairs, everywhere."))
    );
    assert_eq!(first["about"], json!({"kind": "review", "id": review}));
    site.hide(&judge, "review", &review).await;
    let queue = site.get("/api/v1/reports").by(&judge).await.json();
    assert_eq!(queue["items"], json!([]));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_decided_by_another_moderator_and_shows_the_thing_again() {
    let site = Site::start().await;
    let (ann, judge) = (site.ann().await, judge(&site).await);
    let other = site.sign_up("Other").await;
    site.grant(&other, Role::Moderator).await;
    let review = site.review(&ann, parasite()).await;
    let measure = site.hide(&judge, "review", &review).await;

    let own = site
        .get("/api/v1/me/measures")
        .by(&ann)
        .await
        .expect(200)
        .json();
    assert_eq!(own["items"][0]["reason"], "Insults.");
    assert_eq!(own["items"][0]["by"], Value::Null, "the moderator is named");
    let history = site.get("/api/v1/me/events").by(&ann).await.json();
    for event in history["items"].as_array().unwrap() {
        assert!(!event.to_string().contains(&judge.id), "{event}");
        if event["type"] == "measure.taken" {
            // an event's id is made of its command's and its actor's: the members could be tried
            for told in ["id", "command"] {
                assert_eq!(event[told], json!(Uuid::nil()), "{told}");
            }
            // nor is its hash, which covers who acted
            assert_eq!(event["hash"], "0".repeat(64));
            let receipt = site.get(text(&event["receipt"])).by(&ann).await;
            assert_eq!(receipt.status, 404, "a receipt names its actor");
        }
    }
    let appeal = format!("/api/v1/me/measures/{measure}/appeal");
    let said = json!({"text": "It was a quote."});
    site.put(&appeal).by(&judge).json(&said).await.expect(404);
    site.put(&appeal).by(&ann).json(&said).await.expect(204);
    let more = json!({"text": "And another thing."});
    site.put(&appeal).by(&ann).json(&more).await.expect(409);
    site.project().await;

    let open = "/api/v1/measures?open_appeals=true";
    let waiting = site.get(open).by(&other).await.expect(200).json();
    assert_eq!(waiting["items"][0]["appeal"], "It was a quote.");
    let decision = format!("/api/v1/measures/{measure}/decision");
    let granted = json!({"granted": true, "reason": "So it was."});
    let own = site.put(&decision).by(&judge).json(&granted).await;
    assert_eq!(own.problem(), (403, "own-measure".to_owned()));
    site.put(&decision)
        .by(&other)
        .json(&granted)
        .await
        .expect(204);
    site.project().await;
    site.get(format!("/api/v1/reviews/{review}"))
        .await
        .expect(200);
    let waiting = site.get(open).by(&other).await.json();
    assert_eq!(waiting["items"], json!([]));
    let told = site.get("/api/v1/notifications").by(&ann).await.json();
    let kinds: Vec<String> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["kind"]))
        .collect();
    assert_eq!(kinds, ["appeal-granted", "hidden"]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_message_says_why_and_not_which_moderator_it_was() {
    let site = Site::start().await;
    let (ann, bob, judge) = (site.ann().await, site.bob().await, judge(&site).await);
    let room = site
        .post("/api/v1/rooms")
        .by(&ann)
        .json(&json!({"name": "Stairs"}));
    let id = text(&room.await.expect(201).json()["id"]);
    let room = format!("/api/v1/rooms/{id}");
    site.put(format!("{room}/presence"))
        .by(&bob)
        .await
        .expect(200);
    let said = site
        .post(format!("{room}/messages"))
        .by(&bob)
        .json(&json!({"text": "You are all stupid."}));
    let seq = said.await.expect(201).json()["seq"].as_i64().unwrap();
    let about = json!({"kind": "message", "id": id, "seq": seq});
    take(&site, &judge, about, Value::Null).await;

    let list = site.get(format!("{room}/messages")).by(&bob).await;
    assert_eq!(
        list.expect(200).json()["items"][0]["retracted"],
        json!({"by": null, "reason": "Insults."})
    );
    let stretches = [
        format!("{room}/messages"),
        format!("{room}/events?after=0"),
        format!("/rooms/{id}"),
        "/api/v1/me/events".to_owned(),
        "/me/history".to_owned(),
    ];
    for path in stretches {
        let told = site.get(&path).by(&bob).await.expect(200);
        let told = told.text();
        assert!(
            !told.contains(&judge.id) && !told.contains("Judge"),
            "{path}: {told}"
        );
    }
    let retracted: i64 = sqlx::query_scalar(
        "select position from log.events where event_type = 'room.message_retracted'",
    )
    .fetch_one(&site.pool)
    .await
    .unwrap();
    let receipt = format!("/api/v1/me/events/{retracted}/receipt");
    site.get(&receipt).by(&bob).await.expect(404);
    site.end().await;
}
