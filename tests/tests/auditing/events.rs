//! `/api/v1/audit/events`.

use serde_json::Value;
use tests::site::{Site, parasite};

use super::{is_proven, positions, town};

#[tokio::test(flavor = "multi_thread")]
async fn auditors_find_events_by_who_what_when_and_about_whom() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let (ann, ben, film) = (&town.ann.id, &town.ben.id, parasite());
    let review = &town.review;
    let about_ann = format!("'{ann}' in (payload ->> 'member', payload ->> 'author')");
    let of_film = format!("payload ->> 'film' = '{film}'");
    let head = site.events().await;
    for (query, condition) in [
        (String::new(), "true".to_owned()),
        (format!("actor={ann}"), format!("actor = '{ann}'")),
        (
            "type=review.posted".to_owned(),
            "event_type = 'review.posted'".to_owned(),
        ),
        (
            format!("stream=review-{review}"),
            format!("stream = 'review-{review}'"),
        ),
        (format!("film={film}"), of_film.clone()),
        (format!("member={ann}"), about_ann.clone()),
        (
            format!("member={ann}&film={film}"),
            format!("{about_ann} and {of_film}"),
        ),
        (
            format!("member={ann}&actor={ben}&type=like.liked"),
            format!("{about_ann} and actor = '{ben}' and event_type = 'like.liked'"),
        ),
        ("after=5".to_owned(), "position > 5".to_owned()),
        (
            format!("stream=review-{review}&after=1"),
            format!("stream = 'review-{review}'"),
        ),
    ] {
        let condition = format!("position <= {head} and {condition}");
        let expected = town.positions(&condition).await;
        assert!(!expected.is_empty(), "{query} finds nothing");
        // what is read now is recorded behind it
        let path = format!("/api/v1/audit/events?limit=100&{query}");
        let list = site.get(&path).by(cho).await.expect(200).json();
        let found: Vec<i64> = positions(&list)
            .into_iter()
            .filter(|position| *position <= head)
            .collect();
        assert_eq!(found, expected, "{query}");
        let newest = format!("{path}&order=newest");
        let list = site.get(newest).by(cho).await.expect(200).json();
        let mut turned: Vec<i64> = positions(&list);
        turned.retain(|position| *position <= head);
        turned.reverse();
        assert_eq!(turned, expected, "{query}, newest first");
    }
    for nothing in ["since=2999-01-01T00:00:00Z", "until=2000-01-01"] {
        let path = format!("/api/v1/audit/events?{nothing}");
        let list = site.get(path).by(cho).await.expect(200).json();
        assert_eq!(positions(&list), [0; 0], "{nothing}");
    }
    for wrong in [
        "since=yesterday",
        "order=best",
        "cursor=x",
        "limit=0",
        "actor=1",
        "type=what+ann+did",
        "stream=ann",
    ] {
        let path = format!("/api/v1/audit/events?{wrong}");
        let answer = site.get(path).by(cho).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{wrong}");
    }
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_event_once_in_both_orders() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let (ann, until) = (&town.ann.id, "until=2999-01-01");
    let about_ann = format!("'{ann}' in (payload ->> 'member', payload ->> 'author')");
    let expected = town.positions(&about_ann).await;
    for (order, limit) in [("oldest", 1), ("oldest", 2), ("newest", 1), ("newest", 3)] {
        let (mut turned, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!(
                "/api/v1/audit/events?member={ann}&order={order}&limit={limit}&{until}&cursor={cursor}"
            );
            let list = site.get(path).by(cho).await.expect(200).json();
            let page = positions(&list);
            assert!(page.len() <= limit);
            turned.extend(page);
            match list["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        if order == "newest" {
            turned.reverse();
        }
        assert_eq!(turned, expected, "{order}, {limit} at once");
    }
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_its_actors_name_its_words_and_a_receipt() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let path = "/api/v1/audit/events?type=review.posted&limit=1";
    let event = site.get(path).by(cho).await.expect(200).json()["items"][0].clone();
    assert_eq!(event["actor"]["name"], "Ann");
    assert_eq!(event["data"]["text"], "Stairs, everywhere.");
    assert_eq!(event["causation"], Value::Null);
    assert_eq!(event["hash"].as_str().unwrap().len(), 64);
    let renamed = serde_json::json!({"name": "Anna"});
    site.patch("/api/v1/me")
        .by(&town.ann)
        .json(&renamed)
        .await
        .expect(200);
    site.project().await;
    let again = site.get(path).by(cho).await.expect(200).json();
    assert_eq!(again["items"][0]["actor"]["name"], "Anna");

    let position = event["position"].as_i64().unwrap();
    site.signed_through(position).await;
    let place = event["receipt"].as_str().unwrap();
    let before = readings(site).await;
    let receipt = site.get(place).by(cho).await.expect(200).text();
    assert_eq!(readings(site).await, before + 1, "it is a reading, too");
    let key = town.public_key().await;
    assert!(is_proven(&receipt, &key), "{receipt}");
    let forged = receipt.replacen("review.posted", "review.rerated", 1);
    assert_ne!(forged, receipt);
    assert!(!is_proven(&forged, &key));
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_lines_holds_every_event_and_is_recorded_as_it_goes() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let head = site.events().await;
    let asked = site.get("/api/v1/audit/events").by(cho);
    let lines = asked
        .header("accept", "application/x-ndjson")
        .await
        .expect(200);
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert_eq!(lines.header("etag"), "");
    let text = lines.text();
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let streamed: Vec<i64> = text
        .lines()
        .map(|line| read(line)["position"].as_i64().unwrap())
        .collect();
    assert_eq!(streamed, (1..=head).collect::<Vec<_>>());
    assert!(text.contains("And rain."));
    assert_eq!(readings(site).await, 1);
    let asked = site.get("/api/v1/audit/events?limit=3").by(cho);
    let three = asked
        .header("accept", "application/x-ndjson")
        .await
        .expect(200);
    assert_eq!(three.text().lines().count(), 3);
    town.site.end().await;
}

/// How many readings the log has.
async fn readings(site: &Site) -> i64 {
    let sql = "select count(*) from log.events where event_type = 'audit.read'";
    sqlx::query_scalar(sql).fetch_one(&site.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_read_about_is_told_and_nobody_else() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let told = async |member| {
        site.project().await;
        let own = site.get("/api/v1/me/events?limit=100").by(member).await;
        let own = own.expect(200).json();
        let events = own["items"].as_array().unwrap().clone();
        let told = events
            .into_iter()
            .filter(|event| event["type"] == "audit.read");
        told.collect::<Vec<_>>()
    };
    let path = format!("/api/v1/audit/events?actor={}", town.ann.id);
    site.get(&path).by(cho).await.expect(200);
    let of_ann = told(&town.ann).await;
    assert_eq!(of_ann.len(), 1);
    assert_eq!(of_ann[0]["actor"]["name"], "Cho");
    // not what else was asked for, nor whom else it concerns
    assert_eq!(of_ann[0]["data"], serde_json::json!({"auditor": cho.id}));
    assert_eq!(told(&town.ben).await.len(), 0);

    // the same request sent again is one reading; what is nobody's is none
    let before = readings(site).await;
    for _ in 0..2 {
        let asked = site
            .get("/api/v1/audit/events?until=2999-01-01&type=like.liked")
            .by(cho);
        asked.header("idempotency-key", "one").await.expect(200);
    }
    site.get("/api/v1/audit/events?type=film.listed")
        .by(cho)
        .await
        .expect(200);
    assert_eq!(readings(site).await, before + 1);
    assert_eq!(told(&town.ben).await.len(), 1);
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_is_not_opened() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let leaving = serde_json::json!({"password": town.ann.password, "forget": "everything"});
    site.delete("/api/v1/me")
        .by(&town.ann)
        .json(&leaving)
        .await
        .expect(204);
    let path = format!("/api/v1/audit/streams/review-{}", town.review);
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        site.project().await;
        let shown = site.get(&path).by(cho).await.expect(200).json();
        let posted = &shown["events"][0];
        if posted["data"]["text"] == serde_json::json!({"forgotten": true}) {
            assert_eq!(posted["actor"]["name"], Value::Null);
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{shown}");
    }
    town.site.end().await;
}
