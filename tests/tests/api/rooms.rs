//! `/rooms`, `/notifications` and `/reports`.

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
async fn a_message_is_sent_edited_answered_and_retracted() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open(&site, &ann, "public").await;
    let new = json!({ "text": " Which *stairs*? " });
    let sent = say(&site, &room, &bob, &new).await.expect(201);
    let path = sent.header("location").to_owned();
    let message = sent.json();
    assert_eq!((&message["seq"], &message["n"]), (&json!(2), &json!(1)));
    assert_eq!(message["text"], "Which *stairs*?");
    assert!(text(&message["text_html"]).contains("<em>stairs</em>"));

    let answer = json!({ "text": "All.", "reply_to": 2, "spoiler": true });
    let answered = say(&site, &room, &ann, &answer).await.expect(201).json();
    assert_eq!(answered["reply_to"]["member"]["name"], "Bob");
    assert_eq!(answered["reply_to"]["excerpt"], "Which stairs?");

    let edit = json!({ "text": "Which ones?" });
    let edited = site
        .patch(&path)
        .by(&bob)
        .json(&edit)
        .await
        .expect(200)
        .json();
    assert_eq!(edited["text"], "Which ones?");
    assert!(edited["edited_at"].is_string());
    let events = site.events().await;
    site.patch(&path).by(&bob).json(&edit).await.expect(200);
    assert_eq!(site.events().await, events);
    let by_ann = site.patch(&path).by(&ann).json(&edit).await;
    assert_eq!(by_ann.problem(), (403, "not-your-message".to_owned()));

    let reaction = format!("{path}/reactions/%F0%9F%94%A5");
    let reacted = site.put(&reaction).by(&ann).await.expect(200).json();
    let fire = json!([{ "reaction": "🔥", "count": 1, "mine": true }]);
    assert_eq!(reacted["reactions"], fire);
    let unreacted = site.delete(&reaction).by(&ann).await.expect(200).json();
    assert_eq!(unreacted["reactions"], json!([]));
    let unknown = site.put(format!("{path}/reactions/x")).by(&ann).await;
    assert_eq!(unknown.problem(), not_found());

    let why = format!("{path}?reason=Off%20topic");
    let gone = site.delete(&why).by(&ann).await.expect(200).json();
    assert_eq!(gone["text"], json!(null));
    assert_eq!(
        gone["retracted"],
        json!({ "by": ann.id, "reason": "Off topic" })
    );
    let list = site
        .get(format!("{room}/messages"))
        .await
        .expect(200)
        .json();
    assert_eq!(texts(&list), ["", "All."]);
    assert_eq!(list["items"][1]["reply_to"]["excerpt"], json!(null));

    let wrongly = say(&site, &room, &bob, &json!({ "text": " " })).await;
    assert_eq!(wrongly.problem(), invalid());
    assert_eq!(wrongly.errors(), [wrong("text", "error-message-empty")]);
    site.end().await;
}

#[tokio::test]
async fn the_same_sending_is_one_message() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = open(&site, &ann, "public").await;
    let mut seqs = Vec::new();
    for _ in 0..2 {
        let asked = site.post(format!("{room}/messages")).by(&ann);
        let asked = asked
            .header("idempotency-key", "one")
            .json(&json!({ "text": "Rain." }));
        seqs.push(asked.await.expect(201).json()["seq"].clone());
    }
    assert_eq!(seqs[0], seqs[1]);
    let list = site
        .get(format!("{room}/messages"))
        .await
        .expect(200)
        .json();
    assert_eq!(texts(&list), ["Rain."]);
    site.end().await;
}

#[tokio::test]
async fn who_sends_too_fast_is_told_how_long_to_wait() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = open(&site, &ann, "public").await;
    for _ in 0..5 {
        said(&site, &room, &ann, "Rain.").await;
    }
    let sixth = say(&site, &room, &ann, &json!({ "text": "Rain." })).await;
    assert_eq!(sixth.problem(), (429, "too-fast".to_owned()));
    assert!(["1", "2", "3", "4", "5"].contains(&sixth.header("retry-after")));
    site.end().await;
}

#[tokio::test]
async fn history_is_read_in_stretches_and_searched() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let members = [&ann, &site.bob().await, &site.sign_up("Carl").await];
    let room = open(&site, &ann, "public").await;
    let mut seqs = Vec::new();
    for n in 0..12 {
        let words = format!("{n}: 기생충을 봤다, 100%");
        seqs.push(said(&site, &room, members[n % 3], &words).await);
    }
    let list = async |query: &str| {
        let path = format!("{room}/messages?{query}");
        let list = site.get(path).await.expect(200).json();
        let items = list["items"].as_array().unwrap().clone();
        let seqs: Vec<i64> = items
            .iter()
            .map(|item| item["seq"].as_i64().unwrap())
            .collect();
        (seqs, list["has_older"] == true, list["has_newer"] == true)
    };
    assert_eq!(list("limit=5").await, (seqs[7..].to_vec(), true, false));
    let before = format!("limit=5&before={}", seqs[7]);
    assert_eq!(list(&before).await, (seqs[2..7].to_vec(), true, true));
    let after = format!("limit=5&after={}", seqs[9]);
    assert_eq!(list(&after).await, (seqs[10..].to_vec(), true, false));
    let around = format!("limit=4&around={}", seqs[5]);
    assert_eq!(list(&around).await, (seqs[3..7].to_vec(), true, true));
    assert_eq!(
        list("limit=5&since=2020-01-01T00:00:00Z").await.0,
        seqs[..3].to_vec()
    );
    assert_eq!(
        list("q=%EA%B8%B0%EC%83%9D&limit=3").await.0,
        seqs[9..].to_vec()
    );
    assert_eq!(list("q=11%3A").await.0, seqs[11..].to_vec());
    assert_eq!(list("q=0%25").await.0.len(), 12);
    assert_eq!(list("q=0_").await.0.len(), 0);
    site.end().await;
}

#[tokio::test]
async fn unread_is_the_last_message_minus_the_marker() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open(&site, &ann, "public").await;
    for _ in 0..3 {
        said(&site, &room, &ann, "Rain.").await;
    }
    let marker = format!("{room}/read-marker");
    let read = async |n: i64| {
        let asked = site.put(&marker).by(&bob).json(&json!({ "n": n }));
        let me = asked.await.expect(200).json()["me"].clone();
        (me["read"].as_i64().unwrap(), me["unread"].as_i64().unwrap())
    };
    assert_eq!(read(2).await, (2, 1));
    assert_eq!(read(1).await, (2, 1));
    assert_eq!(read(99).await, (3, 0));
    said(&site, &room, &ann, "Snow.").await;
    let shown = site.get(&room).by(&bob).await.json();
    assert_eq!(shown["me"]["unread"], 1);
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
    let members = site.get(format!("{room}/members")).await.json();
    let members = members["items"].as_array().unwrap().clone();
    let told = |name: &str| {
        members
            .iter()
            .find(|row| row["member"]["name"] == name)
            .unwrap()
    };
    assert_eq!(told("Ann")["role"], "maker");
    assert_eq!(told("Bob")["role"], "moderator");
    assert_eq!(told("Carl")["banned"], true);
    let maker = site.put(of(&ann, "ban")).by(&bob).json(&none).await;
    assert_eq!(maker.problem(), (403, "keeps-order".to_owned()));
    site.end().await;
}

#[tokio::test]
async fn moderators_learn_who_was_there_when_something_was_said() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let carl = site.sign_up("Carl").await;
    let room = open(&site, &ann, "public").await;
    let presence = format!("{room}/presence");
    site.put(&presence).by(&bob).await.expect(200);
    site.put(&presence).by(&carl).await.expect(200);
    site.delete(&presence).by(&bob).await.expect(204);
    let seq = said(&site, &room, &ann, "Who is here?").await;
    site.put(&presence).by(&bob).await.expect(200);
    site.delete(&presence).by(&carl).await.expect(204);
    site.project().await;
    let present = format!("{room}/messages/{seq}/present");
    let there = site.get(&present).by(&ann).await.expect(200).json();
    assert_eq!(there["items"], json!([{ "id": carl.id, "name": "Carl" }]));
    assert_eq!(site.get(&present).by(&bob).await.problem().0, 403);
    site.end().await;
}

#[tokio::test]
async fn members_are_told_when_they_are_named_or_answered() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let minji = site.sign_up("민지").await;
    let room = open(&site, &ann, "public").await;
    let asked = said(&site, &room, &bob, "@민지가 봤대, @Nobody. @Bobby").await;
    let answer = json!({ "text": "Did you, @Bob?", "reply_to": asked });
    say(&site, &room, &ann, &answer).await.expect(201);
    let answer = json!({ "text": "Yes.", "reply_to": asked });
    say(&site, &room, &ann, &answer).await.expect(201);
    site.project().await;
    let told = async |member: &Member| {
        let list = site
            .get("/api/v1/notifications")
            .by(member)
            .await
            .expect(200);
        let items = list.json()["items"].as_array().unwrap().clone();
        let kinds: Vec<String> = items.iter().map(|item| text(&item["kind"])).collect();
        (kinds, items.first().map(|item| item["position"].clone()))
    };
    assert_eq!(told(&minji).await.0, ["mention"]);
    assert_eq!(told(&ann).await.0, [""; 0]);
    let (kinds, newest) = told(&bob).await;
    assert_eq!(kinds, ["reply", "mention"]);
    let seen = json!({ "position": newest });
    let asked = site.put("/api/v1/notifications/seen").by(&bob).json(&seen);
    assert_eq!(asked.await.expect(200).json()["unseen"], 0);
    let unseen = site
        .get("/api/v1/notifications/seen")
        .by(&minji)
        .await
        .json();
    assert_eq!(unseen["unseen"], 1);
    site.end().await;
}

#[tokio::test]
async fn an_edit_tells_whom_it_names_anew_and_a_name_leads_to_its_member() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let minji = site.sign_up("민지").await;
    let room = open(&site, &ann, "public").await;
    let seq = said(&site, &room, &ann, "@Bob, look!").await;
    let message = format!("{room}/messages/{seq}");
    for words in ["@Bob, @민지도, look!", "Look, @민지!"] {
        let edit = json!({ "text": words });
        site.patch(&message).by(&ann).json(&edit).await.expect(200);
    }
    site.project().await;
    for member in [&bob, &minji] {
        let list = site.get("/api/v1/notifications").by(member).await;
        let list = list.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(list["items"][0]["kind"], "mention");
    }
    let shown = site.get(&message).await.expect(200).json();
    assert_eq!(shown["mentions"], json!([minji.id]));
    let html = text(&shown["text_html"]);
    let link = format!("<a href=\"/members/{}\"", minji.id);
    assert!(html.contains(&link), "{html}");
    site.end().await;
}

#[tokio::test]
async fn a_report_goes_to_the_sites_moderators_and_nobody_else() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let judge = site.sign_up("Judge").await;
    site.grant(&judge, Role::Moderator).await;
    let room = open(&site, &ann, "public").await;
    let seq = said(&site, &room, &bob, "Buy now!").await;
    let head = site.get(&room).await.json()["seq"].clone();
    let path = format!("{room}/messages/{seq}/reports");
    for _ in 0..2 {
        let why = json!({ "reason": "Spam" });
        site.post(&path).by(&ann).json(&why).await.expect(204);
    }
    let own = site.post(&path).by(&bob).json(&json!({})).await;
    assert_eq!(own.problem(), (403, "own-message".to_owned()));
    site.project().await;
    assert_eq!(site.get(&room).await.json()["seq"], head);
    assert_eq!(
        site.get("/api/v1/reports").by(&ann).await.problem(),
        not_found()
    );
    let list = site
        .get("/api/v1/reports")
        .by(&judge)
        .await
        .expect(200)
        .json();
    let report = &list["items"][0];
    assert_eq!(
        (&report["text"], &report["reason"]),
        (&json!("Buy now!"), &json!("Spam"))
    );
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let closing = format!("/api/v1/reports/{}", text(&report["id"]));
    let upheld = json!({ "outcome": "upheld" });
    site.put(&closing)
        .by(&judge)
        .json(&upheld)
        .await
        .expect(204);
    site.project().await;
    let list = site.get("/api/v1/reports").by(&judge).await.json();
    assert_eq!(list["items"], json!([]));
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
