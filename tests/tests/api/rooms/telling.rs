//! Who is told of what was said: those who are named, and moderators.

use super::*;

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
    assert_eq!(own.problem(), (403, "own-thing".to_owned()));
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
