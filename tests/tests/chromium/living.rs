//! Living in a room: what one sees there without asking for it.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tests::chromium::PHONE;
use tests::until;

use super::chatting::{COMPOSER, LIVE, enter, open_room};
use super::house;
use super::rooms::{say, says};

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_words_are_never_unread() {
    let house = house().await;
    let member = house.member("Sol", "en").await;
    let room = open_room(&house, &member, "To myself 혼잣말").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    say(&browser, "Note to self.").await;
    browser.until(&says("Note to self.", 1)).await;
    browser.visit("/rooms").await;
    let address = format!("{}/api/v1/rooms/{room}", house.url);
    until("it is read", async || {
        let told = Client::new().get(&address).bearer_auth(&member.token);
        let told: Value = told.send().await.unwrap().json().await.unwrap();
        told["me"]["read"] == 1
    })
    .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_archived_meanwhile_says_so_and_keeps_what_is_typed() {
    let house = house().await;
    let (maker, guest) = (
        house.member("Ruth", "en").await,
        house.member("바람", "ko").await,
    );
    let room = open_room(&house, &maker, "Last call 마지막 잔").await;
    let browser = house.open("ko", PHONE).await;
    enter(&browser, &room, &guest).await;
    browser.fill(COMPOSER, "아직 안 보낸 말").await;
    let archive = format!("rooms/{room}/archive");
    let shown = |what: &str| format!("document.querySelector('{what}').offsetParent !== null");
    for (method, there, gone) in [
        (Method::PUT, ".room-reopen", "#composer"),
        (Method::DELETE, "#composer", ".room-reopen"),
    ] {
        house
            .write(method, &archive, Some(&maker), &json!({}))
            .await;
        let is_so = format!("{} && !({})", shown(there), shown(gone));
        browser.until(&is_so).await;
        browser.picture("room-archived-meanwhile").await;
    }
    let typed = browser.find(COMPOSER).await.prop("value").await;
    assert_eq!(typed.unwrap().as_deref(), Some("아직 안 보낸 말"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_wait_in_a_slow_room_sees_for_how_long() {
    let house = house().await;
    let (maker, guest) = (
        house.member("Solveig", "en").await,
        house.member("Hasty", "en").await,
    );
    let room = open_room(&house, &maker, "Take your time 천천히").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &guest).await;
    for (seconds, told) in [(90, "Slow: 90 s"), (60, "Slow: 1 min")] {
        let slow = json!({"slow_mode_seconds": seconds});
        house
            .write(Method::PATCH, &format!("rooms/{room}"), Some(&maker), &slow)
            .await;
        browser
            .until(&format!(
                "document.querySelector('#slow-mode').textContent === '{told}'"
            ))
            .await;
    }
    browser.reload().await;
    browser.until(LIVE).await;
    assert_eq!(browser.text("#slow-mode").await, "Slow: 1 min");
    say(&browser, "One thing.").await;
    browser.until(&says("One thing.", 1)).await;
    say(&browser, "And another.").await;
    let left = "document.querySelector('[data-pending] [role=timer]')?.textContent ?? ''";
    let counts = format!("/^Goes out in (0:\\d\\d|1:00)$/.test({left})");
    browser.until(&counts).await;
    let first = browser.ask(left).await;
    browser
        .until(&format!("{counts} && ({left}) !== {first}"))
        .await;
    browser.picture("room-slow").await;
    browser.press("[data-pending] .message-again").await;
    browser
        .until("document.querySelector('[data-pending]') === null")
        .await;
    browser.until(&says("And another.", 0)).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_one_stays_where_one_reads_and_every_message_has_its_address() {
    let house = house().await;
    let (maker, guest) = (
        house.member("Tora", "en").await,
        house.member("여름", "ko").await,
    );
    let room = open_room(&house, &maker, "Long talk 긴 이야기").await;
    let messages = format!("rooms/{room}/messages");
    let long = json!({"text": "on and on\n".repeat(40)});
    let said = house
        .write(Method::POST, &messages, Some(&maker), &long)
        .await;
    let browser = house.open("ko", PHONE).await;
    enter(&browser, &room, &guest).await;
    for words in ["하나", "둘"] {
        say(&browser, words).await;
        browser.until(&says(words, 1)).await;
    }
    let reads = "document.querySelector('.room-scroll').scrollTop";
    browser.ask(&format!("void ({reads} = -200)")).await;
    browser.until(&format!("{reads} === -200")).await;
    let side = "getComputedStyle(document.querySelector('#room-side')).display";
    for (pressed, display) in [(".room-count", "block"), (".room-side-close", "none")] {
        browser.press(pressed).await;
        browser.until(&format!("{side} === '{display}'")).await;
    }
    assert_eq!(browser.ask(reads).await, -200);

    for is_hidden in [false, true] {
        let jump = "document.querySelector('.room-jump').hidden";
        browser.until(&format!("{jump} === {is_hidden}")).await;
        if !is_hidden {
            browser.press(".room-jump").await;
        }
    }
    browser
        .press(".message[data-grouped] .message-menu summary")
        .await;
    browser.picture("room-own-menu").await;
    browser
        .follow(".message[data-grouped] .menu-list a[href*='around=']")
        .await;
    browser
        .until(
            "document.querySelector('.message:target .message-body')?.textContent.trim() === '둘'",
        )
        .await;
    browser.close().await;

    // who only looks can't answer by a sign, either
    let stranger = house.open("en", PHONE).await;
    stranger.visit(&format!("/rooms/{room}")).await;
    stranger.until(LIVE).await;
    let reaction = format!("{messages}/{}/reactions/%F0%9F%94%A5", said["seq"]);
    house
        .write(Method::PUT, &reaction, Some(&guest), &json!({}))
        .await;
    stranger
        .until("document.querySelector('.message-reactions button')?.ariaLabel === '🔥: 1'")
        .await;
    assert!(!stranger.has(".message-reactions button:enabled").await);
    stranger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_stays_covered_where_it_was() {
    let house = house().await;
    let member = house.member("Wim", "en").await;
    let room = open_room(&house, &member, "Who did it? 범인은").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    browser.fill(COMPOSER, "The butler").await;
    browser.press("#composer [name=spoiler]").await;
    browser.visit("/rooms").await;
    // who is in it is said by name
    browser
        .until(
            "[...document.querySelectorAll('.room-card-here')]\
             .some((here) => here.textContent === 'Wim')",
        )
        .await;
    assert_eq!(browser.too_wide().await, [""; 0]);
    browser.visit(&format!("/rooms/{room}")).await;
    browser.until(LIVE).await;
    browser.keys(COMPOSER, " did it.\n").await;
    browser
        .until("document.querySelector('.message[data-seq] details.spoiler') !== null")
        .await;
    let is_covered = "document.querySelector('#composer').elements.spoiler.checked";
    assert_eq!(browser.ask(is_covered).await, false);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_message_was_taken_back_is_read_at_once() {
    let house = house().await;
    let (maker, guest) = (
        house.member("Greta", "en").await,
        house.member("Loud", "en").await,
    );
    let room = open_room(&house, &maker, "Tidy 깔끔하게").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &guest).await;
    say(&browser, "Buy now!").await;
    browser.until(&says("Buy now!", 1)).await;
    let seq = browser
        .attribute(".message[data-seq]", "data-seq")
        .await
        .unwrap();
    let message = format!("rooms/{room}/messages/{seq}?reason=No%20ads%20here");
    house
        .write(Method::DELETE, &message, Some(&maker), &json!({}))
        .await;
    browser
        .until(&says("Message removed: No ads here", 1))
        .await;
    browser.reload().await;
    browser.until(LIVE).await;
    browser
        .until(&says("Message removed: No ads here", 1))
        .await;
    browser.close().await;
}
