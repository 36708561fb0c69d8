//! Two members in a room: Ann on a wide screen in English, Bob on his phone in Korean. The server
//! is killed under their hands.

use reqwest::Method;
use serde_json::json;
use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::process::{DataDir, Process, free_port};
use tests::site::text;

use super::{House, Member, sign_in};

const LIVE: &str = "document.querySelector('#room').dataset.state === 'live'";

/// Where what was said is shown so often, and nothing is on its way.
fn says(text: &str, times: usize) -> String {
    format!(
        "[...document.querySelectorAll('.message[data-seq] .message-body')]\
         .filter(body => body.textContent.trim() === '{text}').length === {times} \
         && !document.querySelector('[data-pending]')"
    )
}

/// Types into the composer and presses Enter.
async fn say(browser: &Browser, text: &str) {
    browser
        .fill("#composer textarea", &format!("{text}\n"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_talk_and_lose_nothing_when_the_server_is_killed() {
    let data_dir = DataDir::new();
    let port = free_port();
    let process = Process::start_on(port, &data_dir, &[]).await;
    let mut house = House {
        url: process.url.clone(),
        process: Some(process),
        chromium: Chromium::start(),
        _data_dir: data_dir,
    };
    let (ann, bob) = (
        house.member("Ann", "en").await,
        house.member("밥", "ko").await,
    );
    let new = json!({"name": "Late show 심야 상영"});
    let room = house.write(Method::POST, "rooms", Some(&ann), &new).await;
    let room = format!("/rooms/{}", text(&room["id"]));
    let (anns, bobs) = enter(&house, &room, &ann, &bob).await;
    they_talk(&anns, &bobs).await;
    bob_reloads(&bobs).await;

    if let Some(process) = house.process.take() {
        process.kill();
    }
    anns.until("!document.querySelector('#room-status').hidden")
        .await;
    say(&anns, "Is anybody there?").await;
    anns.until("!!document.querySelector('[data-pending]')")
        .await;
    anns.fill("#composer textarea", "A word that is not sent")
        .await;
    house.process = Some(Process::start_on(port, &house._data_dir, &[]).await);
    for browser in [&anns, &bobs] {
        browser.until(&says("Is anybody there?", 1)).await;
        browser
            .until("document.querySelector('#room-status').hidden")
            .await;
    }
    let typed = anns
        .ask("document.querySelector('#composer textarea').value")
        .await;
    assert_eq!(typed, "A word that is not sent");

    bobs.offline(true).await;
    say(&bobs, "터널 안이에요").await;
    bobs.offline(false).await;
    for browser in [&anns, &bobs] {
        browser.until(&says("터널 안이에요", 1)).await;
    }
    for (browser, picture) in [(anns, "room-live-en"), (bobs, "room-live-ko")] {
        browser.picture(picture).await;
        // while the server was gone
        browser.complains_only_of("/api/v1/live").await;
        browser.close().await;
    }
}

async fn enter(house: &House, room: &str, ann: &Member, bob: &Member) -> (Browser, Browser) {
    let anns = house.open("en", DESKTOP).await;
    let bobs = house.open("ko", PHONE).await;
    for (browser, member) in [(&anns, ann), (&bobs, bob)] {
        sign_in(browser, member).await;
        browser.visit(room).await;
        browser.until(LIVE).await;
    }
    anns.until("document.querySelector('#present-count').textContent === '2'")
        .await;
    (anns, bobs)
}

async fn they_talk(anns: &Browser, bobs: &Browser) {
    say(anns, "Which one first?").await;
    bobs.until(&says("Which one first?", 1)).await;
    bobs.fill("#composer textarea", "기생").await;
    anns.until("document.querySelector('#typing').textContent.includes('밥')")
        .await;
    // Enter that ends a syllable is no Enter of ours
    bobs.ask(
        "document.querySelector('#composer textarea').dispatchEvent(new KeyboardEvent('keydown', \
         {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))",
    )
    .await;
    let typed = bobs
        .ask("document.querySelector('#composer textarea').value")
        .await;
    assert_eq!(typed, json!("기생"));
    say(bobs, "기생충 **먼저**요").await;
    anns.until(&says("기생충 먼저요", 1)).await;
    anns.until("!!document.querySelector('.message-body strong')")
        .await;
    anns.until("document.querySelector('#typing').textContent === ''")
        .await;
}

async fn bob_reloads(bobs: &Browser) {
    bobs.reload().await;
    bobs.until(LIVE).await;
    bobs.until(&says("Which one first?", 1)).await;
    bobs.until("document.querySelector('#present-count').textContent === '2'")
        .await;
}
