//! `/rooms`, `/notifications` and `/reports`.

mod order;
mod talking;
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::Role;
use serde_json::{Value, json};
use tests::site::{Answer, Member, Site, parasite, text};

use super::{invalid, not_found, unauthenticated, walk, wrong};

/// A room about Parasite by a member: its path in the API.
async fn open(site: &Site, maker: &Member, admission: &str) -> String {
    let new = json!({ "name": " The  stairs ", "film": parasite(), "admission": admission });
    let opened = site
        .post("/api/v1/rooms")
        .by(maker)
        .json(&new)
        .await
        .expect(201);
    opened.header("location").to_owned()
}

async fn say(site: &Site, room: &str, member: &Member, said: &Value) -> Answer {
    let path = format!("{room}/messages");
    site.post(path).by(member).json(said).await
}

/// Its sequence number.
async fn said(site: &Site, room: &str, member: &Member, words: &str) -> i64 {
    let answer = say(site, room, member, &json!({ "text": words })).await;
    answer.expect(201).json()["seq"].as_i64().unwrap()
}

/// The room's members by their names, as one of them or a stranger sees them.
async fn listed(site: &Site, room: &str, viewer: Option<&Member>) -> BTreeMap<String, Value> {
    let asked = site.get(format!("{room}/members"));
    let asked = match viewer {
        Some(viewer) => asked.by(viewer),
        None => asked,
    };
    let list = asked.await.expect(200).json();
    let rows = list["items"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["member"]["name"]), row.clone()))
        .collect()
}

fn texts(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| text(&item["text"])).collect()
}

#[tokio::test]
async fn a_room_is_opened_renamed_archived_and_opened_again_by_entering() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open(&site, &ann, "public").await;
    let shown = site.get(&room).await.expect(200).json();
    assert_eq!(shown["name"], "The stairs");
    assert_eq!(shown["film"]["title"]["ko"], "기생충");
    assert_eq!((&shown["seq"], &shown["messages"]), (&json!(1), &json!(0)));
    assert_eq!(shown["maker"], json!({ "id": ann.id, "name": "Ann" }));

    let renamed = json!({ "name": "The rain", "slow_mode_seconds": 30 });
    let answer = site.patch(&room).by(&ann).json(&renamed).await.expect(200);
    let answer = answer.json();
    assert_eq!(answer["name"], "The rain");
    assert_eq!(answer["slow_mode_seconds"], 30);
    let by_bob = site.patch(&room).by(&bob).json(&renamed).await;
    assert_eq!(by_bob.problem(), (403, "not-a-moderator".to_owned()));

    let presence = format!("{room}/presence");
    for _ in 0..2 {
        let there = site.put(&presence).by(&bob).await.expect(200).json();
        assert_eq!(there["present"], 1);
        assert_eq!(there["here"], json!([{ "id": bob.id, "name": "Bob" }]));
    }
    let archived = site
        .put(format!("{room}/archive"))
        .by(&ann)
        .await
        .expect(200);
    let archived = archived.json();
    assert_eq!(
        (&archived["archived"], &archived["present"]),
        (&json!(true), &json!(0))
    );
    let late = say(&site, &room, &bob, &json!({ "text": "Wait." })).await;
    assert_eq!(late.problem(), (409, "room-archived".to_owned()));
    let back = site.put(&presence).by(&bob).await.expect(200).json();
    assert_eq!(
        (&back["archived"], &back["present"]),
        (&json!(false), &json!(1))
    );
    site.delete(&presence).by(&bob).await.expect(204);
    site.end().await;
}

#[tokio::test]
async fn rooms_are_listed_by_who_is_there_by_age_by_film_and_by_whose_they_are() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let mut rooms = Vec::new();
    for maker in [&ann, &ann, &bob] {
        rooms.push(open(&site, maker, "public").await);
    }
    site.put(format!("{}/presence", rooms[1]))
        .by(&bob)
        .await
        .expect(200);
    site.put(format!("{}/presence", rooms[1]))
        .by(&ann)
        .await
        .expect(200);
    site.put(format!("{}/presence", rooms[0]))
        .by(&bob)
        .await
        .expect(200);
    site.project().await;
    let id = |room: &String| room.rsplit('/').next().unwrap().to_owned();
    let ids: Vec<String> = rooms.iter().map(id).collect();
    let [first, second, third] = [&ids[0], &ids[1], &ids[2]];
    let list = async |query: &str| walk(&site, &format!("/api/v1/rooms?{query}"), 1).await;
    assert_eq!(
        list("sort=busiest").await,
        [second, first, third].map(String::clone)
    );
    assert_eq!(
        list("sort=newest").await,
        [third, second, first].map(String::clone)
    );
    let film = format!("film={}", parasite());
    assert_eq!(list(&film).await.len(), 3);
    let mine = site
        .get("/api/v1/rooms?sort=mine")
        .by(&ann)
        .await
        .expect(200);
    let mine = mine.json();
    assert_eq!(mine["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        site.get("/api/v1/rooms?sort=mine").await.problem(),
        unauthenticated()
    );
    site.end().await;
}

#[tokio::test]
async fn a_room_by_invitation_is_found_by_nobody_else() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open(&site, &ann, "invitation").await;
    let seq = said(&site, &room, &ann, "@Bob, hush.").await;
    let none = json!({});
    let hidden = async |member: Option<&Member>| {
        for (method, path) in [
            ("GET", room.clone()),
            ("GET", format!("{room}/messages")),
            ("GET", format!("{room}/messages/{seq}")),
            ("GET", format!("{room}/members")),
            ("PUT", format!("{room}/presence")),
            ("DELETE", format!("{room}/presence")),
            (
                "PUT",
                format!("{room}/messages/{seq}/reactions/%F0%9F%94%A5"),
            ),
            ("POST", format!("{room}/messages/{seq}/reports")),
        ] {
            let mut asked = site.ask(method, &path);
            match member {
                Some(member) => asked = asked.by(member),
                None if method != "GET" => continue,
                None => {}
            }
            let answer = match method {
                "POST" => asked.json(&none).await,
                _ => asked.await,
            };
            assert_eq!(answer.problem(), not_found(), "{method} {path}");
        }
        let mut lists = Vec::new();
        for query in ["sort=newest", "sort=busiest"] {
            let mut asked = site.get(format!("/api/v1/rooms?{query}"));
            if let Some(member) = member {
                asked = asked.by(member);
            }
            lists.push(asked.await.json()["items"].as_array().unwrap().len());
        }
        assert_eq!(lists, [0, 0]);
    };
    hidden(None).await;
    hidden(Some(&bob)).await;
    let unseen = site.get("/api/v1/notifications/seen").by(&bob).await.json();
    assert_eq!(unseen["unseen"], 0);

    let invitation = format!("{room}/members/{}/invitation", bob.id);
    site.put(&invitation).by(&ann).await.expect(204);
    site.project().await;
    site.get(&room).by(&bob).await.expect(200);
    let told = site.get("/api/v1/notifications").by(&bob).await.json();
    assert_eq!(told["items"][0]["kind"], "invitation");
    site.delete(&invitation).by(&bob).await.expect(204);
    site.project().await;
    hidden(Some(&bob)).await;
    let told = site.get("/api/v1/notifications").by(&bob).await.json();
    assert_eq!(told["items"], json!([]));
    site.end().await;
}

#[tokio::test]
async fn order_is_kept_by_the_maker_and_the_moderators() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let room = open(&site, &ann, "public").await;
    let of = |member: &Member, act: &str| format!("{room}/members/{}/{act}", member.id);
    let none = json!({});
    site.put(of(&bob, "moderator")).by(&ann).await.expect(204);
    let by_carl = site.put(of(&bob, "mute")).by(&carl).json(&none).await;
    assert_eq!(by_carl.problem(), (403, "not-a-moderator".to_owned()));

    let term = json!({ "for_s": 600, "reason": "Loud" });
    site.put(of(&carl, "mute"))
        .by(&bob)
        .json(&term)
        .await
        .expect(204);
    let muted = say(&site, &room, &carl, &json!({ "text": "Hm." })).await;
    assert_eq!(muted.problem(), (403, "muted".to_owned()));
    site.delete(of(&carl, "mute")).by(&bob).await.expect(204);
    said(&site, &room, &carl, "Hm.").await;

    site.put(format!("{room}/presence"))
        .by(&carl)
        .await
        .expect(200);
    site.put(of(&carl, "ban"))
        .by(&bob)
        .json(&none)
        .await
        .expect(204);
    site.project().await;
    let shown = site.get(&room).await.json();
    assert_eq!(shown["present"], 0);
    let back = site.put(format!("{room}/presence")).by(&carl).await;
    assert_eq!(back.problem(), (403, "banned".to_owned()));
    let members = listed(&site, &room, Some(&bob)).await;
    assert_eq!(members["Ann"]["role"], "maker");
    assert_eq!(members["Bob"]["role"], "moderator");
    assert_eq!(members["Carl"]["banned"], true);
    let maker = site.put(of(&ann, "ban")).by(&bob).json(&none).await;
    assert_eq!(maker.problem(), (403, "keeps-order".to_owned()));
    site.end().await;
}

#[tokio::test]
async fn a_room_that_nobody_was_in_for_a_day_is_archived_by_itself() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let quiet = open(&site, &ann, "public").await;
    let left = open(&site, &ann, "public").await;
    let busy = open(&site, &ann, "public").await;
    for room in [&left, &busy] {
        site.put(format!("{room}/presence"))
            .by(&ann)
            .await
            .expect(200);
    }
    site.delete(format!("{left}/presence"))
        .by(&ann)
        .await
        .expect(204);
    site.project().await;
    let a_day_later: event_log::Clock = Arc::new(|| tests::now() + TimeDelta::hours(25));
    let often = Duration::from_millis(20);
    let _archiving = web::reactors::archive_idle_rooms(&site.app, a_day_later, often);
    let archived = async |room: &str| site.get(room).await.json()["archived"] == true;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !(archived(&quiet).await && archived(&left).await) {
        assert!(tokio::time::Instant::now() < deadline, "a room stays open");
        tokio::task::yield_now().await;
    }
    assert!(!archived(&busy).await);
    let archivings: i64 =
        sqlx::query_scalar("select count(*) from log.events where event_type = 'room.archived'")
            .fetch_one(&site.pool)
            .await
            .unwrap();
    assert_eq!(archivings, 2);
    site.end().await;
}

#[tokio::test]
async fn what_a_forgotten_member_said_and_named_is_gone_and_keeps_its_place() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open(&site, &ann, "public").await;
    let first = said(&site, &room, &ann, "Stairs.").await;
    let second = said(&site, &room, &bob, "Spam!").await;
    let retract = format!("{room}/messages/{second}?reason=No%20spam");
    site.delete(&retract).by(&ann).await.expect(200);
    let answer = json!({ "text": "Rain.", "reply_to": first });
    say(&site, &room, &bob, &answer).await.expect(201);
    let why = json!({ "reason": "Rude" });
    let report = format!("{room}/messages/{}/reports", second + 2);
    site.post(&report).by(&ann).json(&why).await.expect(204);

    let everything = json!({ "password": ann.password, "forget": "everything" });
    let gone = site.delete("/api/v1/me").by(&ann).json(&everything).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    site.project().await;
    let shown = site.get(&room).await.expect(200).json();
    assert_eq!(
        (&shown["name"], &shown["maker"]["name"]),
        (&json!(null), &json!(null))
    );
    let list = site
        .get(format!("{room}/messages"))
        .await
        .expect(200)
        .json();
    assert_eq!(texts(&list), ["", "", "Rain."]);
    assert_eq!(list["items"][0]["retracted"], json!(null));
    assert_eq!(list["items"][1]["retracted"]["reason"], json!(null));
    assert_eq!(list["items"][2]["reply_to"]["excerpt"], json!(null));
    site.end().await;
}
