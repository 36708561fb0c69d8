//! What is said in rooms, and what is read.

use commands::read_marker::{READ_EVERY, Read};
use domain::{MemberId, RoomId};
use tests::history;

use super::*;

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
    let soon = site.put(&marker).by(&bob).json(&json!({ "n": 3 })).await;
    assert_eq!(soon.problem(), (429, "too-fast".to_owned()));
    let member = MemberId(bob.id.parse().unwrap());
    let later = Read {
        room: RoomId(room.rsplit('/').next().unwrap().parse().unwrap()),
        member,
        n: 99,
        at: tests::now() + READ_EVERY,
    };
    let moved = commands::execute(&site.app.sequencer, history::asked(member), later);
    moved.await.unwrap();
    site.project().await;
    let shown = site.get(&room).by(&bob).await.json();
    let me = (&shown["me"]["read"], &shown["me"]["unread"]);
    assert_eq!(me, (&json!(3), &json!(0)));
    said(&site, &room, &ann, "Snow.").await;
    let shown = site.get(&room).by(&bob).await.json();
    assert_eq!(shown["me"]["unread"], 1);
    site.end().await;
}
