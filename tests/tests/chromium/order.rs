//! Order in a room, while everybody looks: it is seen at once, by those whom it concerns.

use reqwest::{Client, Method};
use serde_json::json;
use tests::chromium::{DESKTOP, PHONE};
use tests::site::text;

use super::{house, sign_in};

const LIVE: &str = "document.querySelector('#room').dataset.state === 'live'";
const TAGGED: &str = "[...document.querySelectorAll('#room-side [data-member] .tag')]\
     .some(tag => tag.textContent === 'muted')";
const TOLD: &str = "!document.querySelector('#muted').hidden";

/// Keeps what the room's page says of its connection, for the page that follows it.
const REMEMBERED: &str =
    "void new MutationObserver(() => sessionStorage.setItem('told', JSON.stringify([
        ...JSON.parse(sessionStorage.getItem('told') ?? '[]'),
        document.querySelector('#room-status').textContent,
    ]))).observe(document.querySelector('#room-status'), { childList: true })";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_muted_sees_it_at_once_and_so_does_who_keeps_order() {
    let house = house().await;
    let (maker, loud) = (
        house.member("Marlow", "en").await,
        house.member("큰소리", "ko").await,
    );
    let new = json!({"name": "Quiet please 조용히"});
    let room = house.write(Method::POST, "rooms", Some(&maker), &new).await;
    let room = text(&room["id"]);
    let (makers, louds) = (
        house.open("en", DESKTOP).await,
        house.open("ko", PHONE).await,
    );
    for (browser, member) in [(&makers, &maker), (&louds, &loud)] {
        sign_in(browser, member).await;
        browser.visit(&format!("/rooms/{room}")).await;
        browser.until(LIVE).await;
    }
    makers
        .until("document.querySelector('#present-count').textContent === '2'")
        .await;
    let mute = format!("{}/api/v1/rooms/{room}/members/{}/mute", house.url, loud.id);
    let term = json!({"for_s": 600, "reason": "밤에는 조용히 해 주세요"});
    let muting = Client::new().put(&mute).bearer_auth(&maker.token);
    assert_eq!(muting.json(&term).send().await.unwrap().status(), 204);
    louds.until(TOLD).await;
    louds
        .until(
            "/까지 · 이유: 밤에는 조용히 해 주세요$/u\
             .test(document.querySelector('#muted-why').textContent)",
        )
        .await;
    makers.until(TAGGED).await;
    louds.picture("room-muted-ko").await;
    makers.picture("room-muted-en").await;
    let lifting = Client::new().delete(&mute).bearer_auth(&maker.token);
    assert_eq!(lifting.send().await.unwrap().status(), 204);
    louds.until(&format!("!({TOLD})")).await;
    makers.until(&format!("!({TAGGED})")).await;

    louds.ask(REMEMBERED).await;
    let ban = format!("{}/api/v1/rooms/{room}/members/{}/ban", house.url, loud.id);
    let banning = Client::new().put(&ban).bearer_auth(&maker.token);
    assert_eq!(banning.json(&term).send().await.unwrap().status(), 204);
    let is_told = "/차단됐어요 · .*까지 · 이유: 밤에는 조용히 해 주세요$/u.test";
    let status = "document.querySelector('#room-status').textContent";
    louds.until(&format!("{is_told}({status})")).await;
    louds.picture("room-banned-ko").await;
    // then the page says so, and stays
    let said = "document.querySelector('.composer-closed .room-status')?.textContent.trim()";
    louds.until(&format!("{is_told}({said})")).await;
    let last = "JSON.parse(sessionStorage.getItem('told')).at(-1)";
    assert_eq!(louds.ask(&format!("{is_told}({last})")).await, true);
    assert!(!louds.has(".room-acts form[action$='/enter']").await);
    assert!(!louds.has("script[src$='/room.js']").await);
    louds.picture("room-banned-page-ko").await;
    louds.close().await;
    makers.close().await;
}
